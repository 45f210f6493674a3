"""Weeks, months, quarters and years as numbers, so that answers fall into them by arithmetic."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

MONTHS = {"month": 1, "quarter": 3, "year": 12}
FIRST_MONDAY = date(1970, 1, 5)


def numbers_of(day: NDArray[np.datetime64], length: str) -> NDArray[np.int64]:
    """Number of the week (from Monday), month, quarter or year of each day.

    >>> numbers_of(np.array(["2026-06-30", "2026-07-01"], "datetime64[D]"), "quarter").tolist()
    [225, 226]
    """
    if length == "week":
        return (day.astype(np.int64) - 4) // 7
    return day.astype("datetime64[M]").astype(np.int64) // MONTHS[length]


def start_of(length: str, number: int) -> date:
    """The first day of a numbered week, month, quarter or year.

    >>> start_of("quarter", 226)
    datetime.date(2026, 7, 1)
    """
    if length == "week":
        return FIRST_MONDAY + timedelta(days=7 * number)
    month = number * MONTHS[length]
    return date(1970 + month // 12, month % 12 + 1, 1)
