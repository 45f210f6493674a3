"""Time zones as SQL: the offset of a local or UTC moment, from the zone database of Python, without an extension.

A local time that a clock change skips is read with the offset before the change (so 02:30 in the gap becomes
03:30), one that stands twice is the first of the two (PEP 495, fold 0).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1900, 2100
STEP = timedelta(days=7)
SECOND_US = 1_000_000


@lru_cache(maxsize=16)
def offset_changes(zone: str) -> tuple[int, tuple[tuple[int, int], ...]]:
    """The offset at the start, then (moment, new offset) of every change; microseconds.

    >>> first, changes = offset_changes("Asia/Shanghai")
    >>> changes[-1][1] // 3_600_000_000
    8
    """
    tz = ZoneInfo(zone)
    moment = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    end = datetime(LAST_YEAR, 1, 1, tzinfo=UTC)
    first = offset = offset_us(moment, tz)
    changes: list[tuple[int, int]] = []
    while moment < end:
        later = moment + STEP
        if offset_us(later, tz) != offset:
            low, high = moment, later
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
                low, high = (low, middle) if offset_us(middle, tz) != offset else (middle, high)
            offset = offset_us(high, tz)
            changes.append((round((high - EPOCH).total_seconds()) * SECOND_US, offset))
            moment = high
        else:
            moment = later
    return first, tuple(changes)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def offset_us(moment: datetime, tz: ZoneInfo) -> int:
    """Offset from UTC in microseconds at a moment."""
    offset = moment.astimezone(tz).utcoffset()
    return round(offset.total_seconds()) * SECOND_US if offset is not None else 0


def offset_of_local_sql(zone: str, local_us: str) -> str:
    """SQL for the offset that belongs to a local time in microseconds; `local_us` is a column name."""
    first, changes = offset_changes(zone)
    before = first
    bounds = []
    for moment, after in changes:
        bounds.append((moment + max(before, after), after))
        before = after
    return decision_tree(local_us, first, tuple(bounds))


def offset_of_utc_sql(zone: str, utc_us: str) -> str:
    """SQL for the offset at a UTC moment in microseconds; `utc_us` is a column name."""
    return decision_tree(utc_us, *offset_changes(zone))


def decision_tree(column: str, first: int, bounds: tuple[tuple[int, int], ...]) -> str:
    """Nested CASE that finds the stretch a number lies in with few comparisons.

    >>> decision_tree("t", 0, ((10, 1), (20, 0)))
    'CASE WHEN t < 20 THEN CASE WHEN t < 10 THEN 0 ELSE 1 END ELSE 0 END'
    """
    if not bounds:
        return str(first)
    middle = len(bounds) // 2
    bound, value = bounds[middle]
    left = decision_tree(column, first, bounds[:middle])
    right = decision_tree(column, value, bounds[middle + 1 :])
    return f"CASE WHEN {column} < {bound} THEN {left} ELSE {right} END"
