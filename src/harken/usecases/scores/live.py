"""The score of the running month, quarter or year: a tile that may be looked at every day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from harken.learn.scores import LiveBand, business_threshold, live_band, summary_of, usable_answers
from harken.learn.scores.calendar import numbers_of, start_of
from harken.learn.scores.intervals import mover
from harken.learn.scores.summary import unit_of
from harken.learn.scores.wording import amount_message
from harken.usecases.scores.answers import QuestionAnswers
from harken.vocabulary.estimates import NO_ARROW_BELOW, Estimate
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.periods import Period
from harken.vocabulary.scales import Scale

EARLIER_PERIODS = 12


@dataclass(frozen=True, slots=True)
class LiveScore:
    """The score since the running period began.

    `period` ends with the last day that has answers; `days` align with the band's estimates. `before` is the score
    of the last earlier period with 30 customers (None without one), `beyond` True where the difference from it is
    more than daily looks bring by chance and worth acting on.
    """

    period: Period
    days: tuple[date, ...]
    band: LiveBand
    answers: int
    before: Estimate | None
    beyond: bool
    finding: Message

    @property
    def now(self) -> Estimate | None:
        """The latest score with its band; None before 30 customers answered."""
        return self.band.estimates[-1] if self.band.estimates else None


def live_score(asked: QuestionAnswers, rows: NDArray[np.bool_]) -> LiveScore | None:
    """The score so far of the month, quarter or year of the last answer: the shortest with 30 customers.

    None where answers are undated or there are none.
    """
    if asked.day is None or not rows.any():
        return None
    day = asked.day
    last = day[rows].max()
    for length in ("month", "quarter", "year"):
        number = int(numbers_of(last[None], length)[0])
        start = start_of(length, number)
        inside = rows & (day >= np.datetime64(start)) & (day <= last)
        if np.unique(asked.customer[inside]).size >= NO_ARROW_BELOW:
            break
    began = np.datetime64(start)
    band = live_band(
        asked.score[inside], (day[inside] - began).astype(np.int64), asked.scale,
        weights=_weights(asked, inside), customer_id=asked.customer[inside],
    )  # fmt: skip
    before = _before(asked, rows, length, number)
    now = band.estimates[-1] if band.estimates else None
    beyond = now is not None and before is not None and _beyond(before, now, asked.scale)
    return LiveScore(
        period=Period(start, last.astype(object) + timedelta(days=1)),
        days=tuple(start + timedelta(days=moment) for moment in band.moments),
        band=band,
        answers=int(inside.sum()),
        before=before,
        beyond=beyond,
        finding=_finding(start, int(inside.sum()), before, now, asked.scale, beyond=beyond),
    )


def _before(asked: QuestionAnswers, rows: NDArray[np.bool_], length: str, number: int) -> Estimate | None:
    """The score of the last earlier period of this length with 30 customers, waves with pauses in between too."""
    assert asked.day is not None  # the caller has looked
    numbers = numbers_of(asked.day, length)
    for earlier in range(number - 1, number - 1 - EARLIER_PERIODS, -1):
        inside = rows & (numbers == earlier)
        if np.unique(asked.customer[inside]).size >= NO_ARROW_BELOW:
            period = Period(start_of(length, earlier), start_of(length, earlier + 1))
            answers = usable_answers(
                asked.score[inside], asked.scale, _weights(asked, inside), asked.customer[inside]
            )
            headline = summary_of(answers, asked.scale, period=period).headline
            return headline if headline is not None and headline.may_show_arrow else None
    return None


def _weights(asked: QuestionAnswers, rows: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    weighted = asked.weight is not None and bool(np.isfinite(asked.weight[rows]).any())
    return asked.weight[rows] if weighted and asked.weight is not None else None


def _beyond(before: Estimate, now: Estimate, scale: Scale) -> bool:
    """True where the range of the difference, by the band that holds at all looks, leaves out 0."""
    ends = [(np.array(one.interval.lower), np.array(one.interval.upper)) for one in (before, now)]
    lower, upper = mover(before.value, ends[0], now.value, ends[1])
    outside = float(lower) > 0 or float(upper) < 0
    return outside and abs(now.value - before.value) >= business_threshold(scale)


def _finding(
    start: date, answers: int, before: Estimate | None, now: Estimate | None, scale: Scale, *, beyond: bool
) -> Message:
    if now is None:
        return Message(
            gettext_noop(
                "{n} answers since {start}: a score that may be looked at daily needs {needed} customers."
            ),
            {"n": answers, "start": start, "needed": NO_ARROW_BELOW},
        )
    unit = unit_of(scale)
    if before is None:
        return Message(
            gettext_noop("Since {start}: {value}."), {"start": start, "value": amount_message(now.value, unit)}
        )
    texts = {
        True: gettext_noop(
            "Since {start}: {value}. From {first} to {last} it was {before}: the change is more than chance "
            "brings, however often one looks."
        ),
        False: gettext_noop(
            "Since {start}: {value}. From {first} to {last} it was {before}: the change can be chance, "
            "however often one looks."
        ),
    }
    assert before.period is not None  # it is the score of a period
    values = {"start": start, "first": before.period.start, "last": before.period.last_day}
    told = {"value": amount_message(now.value, unit), "before": amount_message(before.value, unit)}
    return Message(texts[beyond], {**values, **told})
