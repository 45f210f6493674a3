"""What an analysis will do: settings where the company made them, the data's own answer where it did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from harken.lake.facts import DAY_US, OutcomeName, Question, Span
from harken.usecases.scores.waves import WAVE_PAUSE_DAYS
from harken.usecases.workspaces import Settings
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop

ENOUGH_ANSWERS = 100
WINDOWS_DAYS = (90, 180, 365)
DEFAULT_HORIZON_DAYS = 90
NO_ORDER = "no_order"


@dataclass(frozen=True, slots=True)
class OutcomeChoice:
    """Which event means leaving, and how it is found.

    `kind` is "event" (dated rows: happened within the horizon), "verdict" (dated rows that list both yes and no:
    only customers with a row in the window count), "snapshot" (undated rows) or "no_order" (silence of orders).
    `good` is True where the event is wanted, so that leaving is its absence.
    """

    name: str
    kind: Literal["event", "verdict", "snapshot", "no_order"]
    good: bool
    horizon_days: int | None


@dataclass(frozen=True, slots=True)
class AnalysisPlan:
    """The moments and measures of one analysis; None where the data hold no such thing.

    `as_of_us` is the moment (epoch microseconds UTC) before which everything is known; `score_from_us` starts the
    score window, features for the whole base are as of that moment. `notes` tell what the reader should know.
    """

    as_of: date | None
    as_of_us: int | None
    score: Question | None
    score_from_us: int | None
    score_window_days: int | None
    outcome: OutcomeChoice | None
    segments: tuple[str, ...] | None
    value_column: str | None
    margin: float
    seed: int
    notes: tuple[Message, ...]


def local_midnight_us(day: date, zone: str) -> int:
    """Epoch microseconds UTC at which a local day begins.

    >>> local_midnight_us(date(1970, 1, 2), "UTC")
    86400000000
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return int(midnight.timestamp()) * 1_000_000


def choose_question(settings: Settings, questions: Sequence[Question]) -> Question | None:
    """The score that stands for the company: as set, else the most answered one; a net score wins a near tie.

    Raises SettingsError where the set name is not among the questions.
    """
    if settings.score is not None:
        for question in questions:
            if settings.score in (question.name, question.question):
                return question
        raise _unknown(gettext_noop("a score"), settings.score, [question.name for question in questions])
    if not questions:
        return None
    most = questions[0].answers
    near = [question for question in questions if question.answers >= 0.5 * most]
    net = [question for question in near if question.scale.startswith("nps")]
    return (net or near)[0]


def choose_outcome(
    settings: Settings, outcomes: Sequence[OutcomeName], orders: int, good: frozenset[str] = frozenset()
) -> OutcomeChoice | None:
    """The outcome of the retention analysis: as set, else the one with most rows, else orders that stop.

    `orders` counts dated orders; `good` names outcomes that mappings declare as wanted, such as renewals. Raises
    SettingsError where the set name is not among the outcomes.
    """
    horizon = settings.horizon_days
    if settings.outcome is not None and settings.outcome != NO_ORDER:
        chosen = [outcome for outcome in outcomes if outcome.name == settings.outcome]
        if not chosen:
            known = [outcome.name for outcome in outcomes] + ([NO_ORDER] if orders else [])
            raise _unknown(gettext_noop("an outcome"), settings.outcome, known)
    else:
        chosen = [] if settings.outcome == NO_ORDER else list(outcomes)
    if not chosen:
        return OutcomeChoice(NO_ORDER, NO_ORDER, False, horizon) if orders else None
    outcome = chosen[0]
    wanted = settings.outcome_is_good or outcome.name in good
    if not outcome.dated:
        return OutcomeChoice(outcome.name, "snapshot", wanted, None)
    kind: Literal["event", "verdict"] = "verdict" if outcome.lists_zeros else "event"
    return OutcomeChoice(outcome.name, kind, wanted, horizon or DEFAULT_HORIZON_DAYS)


def choose_as_of(settings: Settings, span: Span) -> tuple[date | None, int | None]:
    """The analysis date and its moment: as set, else the day after the last dated signal; None without dates."""
    day = settings.as_of
    if day is None:
        if span.last_day is None:
            return None, None
        day = span.last_day + timedelta(days=1)
    return day, local_midnight_us(day, settings.time_zone)


def choose_window(
    settings: Settings, as_of_us: int | None, question: Question | None, answered_us: NDArray[np.int64]
) -> tuple[int | None, int | None]:
    """Days of the score window and its start: as set, else the latest wave, else 90, 180 or 365 days.

    A wave is a run of answers with no pause over 14 days; the latest one stands alone where it has 100 answers.
    Otherwise the window is the shortest one with 100 answers. The window begins with its first answer, so that
    what happened shortly before it was asked still counts as known.

    `answered_us` holds the moments of all answers in any order. (None, None) where nothing is dated.
    """
    if as_of_us is None or question is None or not question.dated:
        return None, None
    past = np.sort(answered_us[answered_us < as_of_us])
    if not len(past):
        return None, None
    days = settings.score_window_days
    if days is None:
        pauses = np.flatnonzero(np.diff(past) > WAVE_PAUSE_DAYS * DAY_US)
        start = past[pauses[-1] + 1] if len(pauses) else past[0]
        within_year = start >= as_of_us - WINDOWS_DAYS[-1] * DAY_US
        if within_year and np.count_nonzero(past >= start) >= ENOUGH_ANSWERS and len(pauses):
            return _window(int(start), as_of_us)
        enough = (d for d in WINDOWS_DAYS if np.count_nonzero(past >= as_of_us - d * DAY_US) >= ENOUGH_ANSWERS)
        days = next(enough, WINDOWS_DAYS[-1])
    inside = past[past >= as_of_us - days * DAY_US]
    return _window(int(inside[0]), as_of_us) if len(inside) else (None, None)


def _window(first_us: int, as_of_us: int) -> tuple[int, int]:
    """Whole days up to the analysis moment that hold the first answer: their number and their start."""
    days = -((first_us - as_of_us) // DAY_US)
    return days, as_of_us - days * DAY_US


def _unknown(what: str, value: str, known: list[str]) -> SettingsError:
    return SettingsError(
        Message(gettext_noop("{value} is not {what} in the data."), {"value": value, "what": Message(what)}),
        Message(gettext_noop("Known are: {known}. Change harken.toml or import the missing data."),
                {"known": ", ".join(known) or "–"}),
    )  # fmt: skip
