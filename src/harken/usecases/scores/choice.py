"""What a reader asks of the scores: question, period, segment, and the period to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.periods import Period

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""Open ends of a period: the first and the last day that can be."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader asks for; None leaves it to the run: its own score, its window, all customers.

    `question` is programme/question, `segment` a column and one of its values, `before` the period to compare
    with (None: the one before of equal length, or the wave before).
    """

    question: str | None = None
    period: Period | None = None
    segment: tuple[str, str] | None = None
    before: Period | None = None

    @property
    def made(self) -> bool:
        """True where anything was chosen."""
        return self != AS_ANALYSED

    def address(self) -> dict[str, str]:
        """The choice as parts of an address; `choice_from` reads it back."""
        parts: dict[str, str] = {}
        if self.question is not None:
            parts["question"] = self.question
        if self.period is not None:
            parts |= {"from": self.period.start.isoformat(), "to": self.period.last_day.isoformat()}
        if self.segment is not None:
            parts["segment"] = ":".join(self.segment)
        if self.before is not None:
            parts |= {"before": f"{self.before.start.isoformat()}_{self.before.last_day.isoformat()}"}
        return parts


AS_ANALYSED = Choice()
"""Nothing chosen: the run's own score, window and all customers."""
KEPT_IN_ADDRESSES = ("question", "from", "to", "segment", "before")


def choice_from(parts: Mapping[str, str]) -> Choice:
    """The choice in an address or on a command line: question, from, to (last day), segment, before.

    A segment is column:value; column=value, as analyses name it, is read too.
    A start without an end runs until the analysis, an end without a start from the first answer. Raises
    SettingsError for what is no day or no segment.

    >>> choice_from({"from": "2026-01-01", "to": "2026-03-31", "segment": "plan:Basic"}).period.days
    90
    """
    before = parts.get("before", "")
    return Choice(
        question=parts.get("question") or None,
        period=_period(parts.get("from", ""), parts.get("to", "")),
        segment=_segment(parts.get("segment", "")),
        before=_period(*before.split("_", 1)) if "_" in before else _period(before, before),
    )


def _period(first: str, last: str) -> Period | None:
    """A period from two days as text, either of which may be empty."""
    if not first.strip() and not last.strip():
        return None
    start = _day(first) if first.strip() else FIRST_DAY
    end = _day(last) if last.strip() else LAST_DAY
    if end < start:
        raise SettingsError(
            Message(
                gettext_noop("The period ends on {end}, before it starts on {start}."),
                {"start": start, "end": end},
            ),
            Message(gettext_noop("Choose a last day that is not before the first one.")),
        )
    return Period(start, end + timedelta(days=1))


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        day = date.max
    if not FIRST_DAY <= day <= LAST_DAY:
        raise SettingsError(
            Message(gettext_noop("{value} is not a day."), {"value": text[:40]}),
            Message(gettext_noop("Write days as year-month-day, such as 2026-06-30.")),
        )
    return day


def _segment(text: str) -> tuple[str, str] | None:
    if not text.strip():
        return None
    name, found, level = text.partition(":" if ":" in text else "=")
    if not found:
        raise SettingsError(
            Message(gettext_noop("{value} is not a segment."), {"value": text[:80]}),
            Message(gettext_noop("Name the column and the value: plan:SmartHome.")),
        )
    return name, level
