"""Rows of units and periods as the table that staggered effects are read from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Panel:
    """`outcome` (units, periods), NaN where no row tells; each unit's `started` (units,), infinite for never; the
    `periods` (T,). Rows of `contradicting` units name several starts."""

    outcome: Floats
    started: Floats
    periods: Floats
    contradicting: int


def panel(unit: NDArray[np.generic], period: Floats, outcome: Floats, started: Floats) -> Panel:
    """Units in their order by periods in theirs, the mean where a unit has several rows in a period.

    All columns are (n,): `unit` of any kind, `started` infinite where never; rows without an outcome or a period
    are left out.

    >>> made = panel(
    ...     np.array(["b", "a", "a"]), np.array([1.0, 1.0, 1.0]), np.array([5.0, 2.0, 4.0]), np.full(3, 1.0)
    ... )
    >>> made.outcome.tolist(), made.contradicting
    ([[3.0], [5.0]], 0)
    """
    kept = np.isfinite(outcome) & np.isfinite(period)
    units, place = np.unique(unit[kept], return_inverse=True)
    periods, at = np.unique(period[kept], return_inverse=True)
    table = means(place * len(periods) + at, outcome[kept], len(units) * len(periods)).reshape(len(units), -1)
    first, last = np.full(len(units), np.inf), np.full(len(units), -np.inf)
    np.minimum.at(first, place, started[kept])
    np.maximum.at(last, place, started[kept])
    return Panel(table, first, periods, int((first != last).sum()))


def means(place: NDArray[np.int64], values: Floats, count: int | None = None) -> Floats:
    """Mean of the known values at each place (m,), NaN where there are none."""
    size = count or int(place.max(initial=-1)) + 1
    known = np.isfinite(values)
    n = np.bincount(place[known], minlength=size)
    total = np.bincount(place[known], weights=values[known], minlength=size)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)
