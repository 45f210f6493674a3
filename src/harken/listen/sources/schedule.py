"""When a source is read: every so often, or every day at a time of the company's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Unit = Literal["minutes", "hours", "days"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every `every` minutes or hours, or every day at `at` ("06:00") in `zone`; `every` counts for the first two.

    >>> Schedule("days", at="06:30", zone="Asia/Taipei").clock
    datetime.time(6, 30)
    """

    unit: Unit
    every: int = 1
    at: str = "06:00"
    zone: str = "UTC"

    @property
    def clock(self) -> time:
        """The time of day of a daily reading."""
        return time.fromisoformat(self.at)

    @property
    def step(self) -> timedelta:
        """From one reading to the next; a day for a daily one, whatever the clocks do that day."""
        return timedelta(days=1) if self.unit == "days" else timedelta(**{self.unit: self.every})


def next_slot(schedule: Schedule, after: datetime) -> datetime:
    """The first planned moment later than `after`, in UTC.

    A daily time that the clocks jump over stands for the moment they had not jumped; one that comes twice is read
    at its first. So every day of the company's calendar has exactly one moment.

    >>> berlin = Schedule("days", at="02:30", zone="Europe/Berlin")
    >>> next_slot(berlin, datetime(2026, 3, 28, 12, tzinfo=UTC)).isoformat()  # clocks jump from 2 to 3 that night
    '2026-03-29T01:30:00+00:00'
    """
    if schedule.unit != "days":
        return EPOCH + ((after - EPOCH) // schedule.step + 1) * schedule.step
    zone = ZoneInfo(schedule.zone)
    day = after.astimezone(zone).date() - timedelta(days=1)
    while True:
        moment = datetime.combine(day, schedule.clock, zone).astimezone(UTC)
        if moment > after:
            return moment
        day += timedelta(days=1)


def pause(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: five minutes, then three times longer each, six hours at
    most.

    >>> [str(pause(n)) for n in (1, 2, 3, 9)]
    ['0:05:00', '0:15:00', '0:45:00', '6:00:00']
    """
    return min(FIRST_PAUSE * int(3 ** min(failures - 1, 8)), LONGEST_PAUSE)


def next_reading(schedule: Schedule, *, created: datetime, tried: datetime | None, failures: int) -> datetime:
    """When the source is read next: at once where it never was, after a pause where the last readings failed.

    `tried` is when the last reading began. Moments missed meanwhile are made up by one reading, not by one each.
    """
    if tried is None:
        return created
    return tried + pause(failures) if failures else next_slot(schedule, tried)
