"""Pills that choose the question, period and segment of the scores: links and small forms, no script needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from harken.usecases.scores import ScoreView
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.periods import Period

PRESETS_DAYS = (30, 90, 365)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: its label, its address, whether it is chosen now, how many answers it has."""

    label: Message | str
    url: str
    chosen: bool = False
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class Pills:
    """What the pills show and offer; `kept` are the parts of the address that each form carries on.

    `first` and `last` are the days in the forms; segments are (label, ((value, label, chosen, answers), ...)).
    """

    question: str
    questions: tuple[Option, ...]
    period: Period | None
    periods: tuple[Option, ...]
    waves: tuple[Option, ...]
    before: Period | None
    befores: tuple[Option, ...]
    segment: Message | None
    segments: tuple[tuple[Message, tuple[tuple[str, str, bool, int], ...]], ...]
    everybody: str
    kept: Mapping[str, tuple[tuple[str, str], ...]]


def pills(view: ScoreView, run: str, as_of: date | None) -> Pills:
    """The pills for a view of the run `run` (an id in the address, or "")."""
    parts = ({"run": run} if run else {}) | view.choice.address()

    def address(**changes: str | None) -> str:
        """This page with some parts of the address changed, None takes a part out."""
        changed = parts | changes
        return "?" + urlencode({name: value for name, value in changed.items() if value is not None})

    def without(*names: str) -> tuple[tuple[str, str], ...]:
        return tuple((name, value) for name, value in parts.items() if name not in names)

    asked, shown = view.overview.question, view.shown
    return Pills(
        question=f"{asked.programme} / {asked.question}",
        questions=tuple(
            Option(
                f"{one.programme} / {one.question}",
                address(question=one.name, before=None),
                one == asked,
                one.answers,
            )
            for one in view.options.questions
        ),
        period=shown.period,
        periods=_periods(view, as_of, address),
        waves=tuple(
            Option(_days(wave.period), address(**_from_to(wave.period)), wave.period == shown.period, wave.answers)
            for wave in view.options.waves
        ),
        before=shown.before,
        befores=_befores(view, address),
        segment=None if shown.segment is None else _named(view, *shown.segment),
        segments=tuple(
            (
                one.label,
                tuple(
                    (f"{one.name}:{level}", level, shown.segment == (one.name, level), answers)
                    for level, answers in one.levels
                ),
            )
            for one in view.options.segments
        ),
        everybody=address(segment=None),
        kept={
            "period": without("from", "to", "before"),
            "before": without("before"),
            "segment": without("segment"),
        },
    )


def _from_to(period: Period) -> dict[str, str | None]:
    return {"from": period.start.isoformat(), "to": period.last_day.isoformat(), "before": None}


def _days(period: Period) -> Message:
    return Message(gettext_noop("{start} to {end}"), {"start": period.start, "end": period.last_day})


def _named(view: ScoreView, name: str, level: str) -> Message:
    label = next((one.label for one in view.options.segments if one.name == name), Message(name))
    return Message(gettext_noop("{feature}: {level}"), {"feature": label, "level": level})


def _periods(view: ScoreView, as_of: date | None, address: Any) -> tuple[Option, ...]:
    """As analysed, the last 30, 90 and 365 days, this quarter, all; none for answers without dates."""
    span = view.options.span
    if span is None:
        return ()
    end = as_of or span.end
    last = end - timedelta(days=1)
    quarter = date(last.year, (last.month - 1) // 3 * 3 + 1, 1)
    found = [
        (Message(gettext_noop("Last {n} days"), {"n": days}), Period(end - timedelta(days=days), end))
        for days in PRESETS_DAYS
    ]
    found.append((Message(gettext_noop("This quarter")), Period(quarter, end)))
    found.append((Message(gettext_noop("All answers")), span))
    chosen = view.choice.period
    analysed = address(**{"from": None, "to": None, "before": None})
    return (
        Option(Message(gettext_noop("As analysed")), analysed, chosen is None),
        *(Option(label, address(**_from_to(period)), chosen == period) for label, period in found),
    )


def _befores(view: ScoreView, address: Any) -> tuple[Option, ...]:
    """What to compare with: the period before, and every other wave."""
    period = view.shown.period
    if period is None or view.options.span is None:
        return ()
    first = Option(Message(gettext_noop("The period before")), address(before=None), view.choice.before is None)
    others = [
        wave for wave in view.options.waves if wave.period.end <= period.start or wave.period.start >= period.end
    ]
    return (
        first,
        *(
            Option(
                _days(wave.period),
                address(before=f"{wave.period.start.isoformat()}_{wave.period.last_day.isoformat()}"),
                wave.period == view.choice.before,
                wave.answers,
            )
            for wave in others
        ),
    )
