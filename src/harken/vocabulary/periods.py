"""Stretches of time that scores and trends speak about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """Local calendar days from `start` to before `end` (half open), in the company's own time zone.

    >>> Period(date(2026, 1, 1), date(2026, 4, 1)).days
    90
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a period ends after it starts, got {self.start} to {self.end}")

    @property
    def days(self) -> int:
        """Number of days in the period."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day that belongs to the period, for display."""
        return self.end - timedelta(days=1)

    def before(self) -> Period:
        """The period of equal length that ends where this one starts.

        >>> Period(date(2026, 1, 11), date(2026, 1, 21)).before()
        Period(start=datetime.date(2026, 1, 1), end=datetime.date(2026, 1, 11))
        """
        return Period(self.start - (self.end - self.start), self.start)

    def __str__(self) -> str:
        return f"{self.start.isoformat()} – {self.last_day.isoformat()}"
