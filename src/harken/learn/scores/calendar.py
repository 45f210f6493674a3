"""Days, weeks, months, quarters and years as numbers, so that answers fall into them by arithmetic."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7}
FIRST_DAY = {"day": date(1970, 1, 1), "week": date(1970, 1, 5)}
"""Days and weeks are counted from these; weeks begin on Mondays."""


def numbers_of(day: NDArray[np.datetime64], length: str) -> NDArray[np.int64]:
    """Number of the day, week (from Monday), month, quarter or year of each day.

    >>> numbers_of(np.array(["2026-06-30", "2026-07-01"], "datetime64[D]"), "quarter").tolist()
    [225, 226]
    """
    if length in DAYS:
        return (day.astype("datetime64[D]") - np.datetime64(FIRST_DAY[length])).astype(np.int64) // DAYS[length]
    return day.astype("datetime64[M]").astype(np.int64) // MONTHS[length]


def start_of(length: str, number: int) -> date:
    """The first day of a numbered day, week, month, quarter or year.

    >>> start_of("quarter", 226)
    datetime.date(2026, 7, 1)
    """
    if length in DAYS:
        return FIRST_DAY[length] + timedelta(days=DAYS[length] * number)
    month = number * MONTHS[length]
    return date(1970 + month // 12, month % 12 + 1, 1)
