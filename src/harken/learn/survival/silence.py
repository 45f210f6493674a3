"""Tenures where nobody says good-bye: leaving is a silence that lasted, seen only once it has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harken.learn.survival.estimate import Tenures, tenures

Ints = NDArray[np.int64]


def departures_by_silence(
    customer: Ints, day: Ints, *, silent_days: int, until_day: int
) -> tuple[Ints, NDArray[np.int64], Tenures]:
    """Joining and leaving of customers who are gone after `silent_days` without an event.

    `customer` and `day` (m,) name events, ordered by both; only days before `until_day` count. A customer joins
    at the first event and leaves `silent_days` after the one that such a silence follows for the first time.
    Leaving is dated when it shows, not when it began: dated at its beginning, nobody could leave within the last
    `silent_days`, and the curve would be too high there. Gives (customers (n,), first day (n,), their tenures).

    >>> ids, days = np.array([1, 1, 2]), np.array([0, 5, 18])
    >>> departures_by_silence(ids, days, silent_days=10, until_day=20)[2].duration.tolist()
    [15.0, 2.0]
    """
    past = day < until_day
    ids, days = customer[past], day[past]
    first = np.r_[True, ids[1:] != ids[:-1]] if len(ids) else np.zeros(0, bool)
    people, start = ids[first], days[first]
    following = np.append(days[1:], until_day)
    following[np.append(first[1:], True)] = until_day
    silent = following - days >= silent_days
    ends = np.full(len(people), until_day, dtype=np.int64)
    np.minimum.at(ends, np.cumsum(first)[silent] - 1, days[silent] + silent_days)
    gone = np.zeros(len(people), dtype=np.bool_)
    gone[np.cumsum(first)[silent] - 1] = True
    return people, start, tenures((ends - start).astype(np.float64), gone)
