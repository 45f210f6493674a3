"""What came of some customers, read for them alone: rows of one outcome, or the days on which they ordered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from harken.lake.facts import UNDATED_US
from harken.lake.one_customer import kept_connection
from harken.lake.reading import Pinned

Ints = NDArray[np.int64]
HELD = 8
"""A list is asked for again at the same state of the lake when somebody comes back to it."""


def outcomes_of(lake: Pinned, customer_ids: Sequence[int], name: str) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Rows of one outcome as (customer_id, ts_us or UNDATED_US, value), ordered by customer and time."""
    return _outcomes(lake, tuple(sorted({int(one) for one in customer_ids})), name)


def order_days_of(lake: Pinned, customer_ids: Sequence[int]) -> tuple[Ints, Ints]:
    """Days since 1970 on which each of the customers ordered: (customer_id, day), both ascending."""
    return _order_days(lake, tuple(sorted({int(one) for one in customer_ids})))


@lru_cache(maxsize=HELD)
def _outcomes(lake: Pinned, customer_ids: tuple[int, ...], name: str) -> tuple[Ints, Ints, NDArray[np.float64]]:
    rows = kept_connection(lake).execute(
        f"""
        SELECT customer_id, coalesce(ts_us, ?), value FROM ({lake.view_sql("outcomes")})
        WHERE outcome = ? AND customer_id IN ({_listed(customer_ids)}) ORDER BY 1, 2, 3
        """,
        [int(UNDATED_US), name],
    )
    return _columns(rows.fetchall())


@lru_cache(maxsize=HELD)
def _order_days(lake: Pinned, customer_ids: tuple[int, ...]) -> tuple[Ints, Ints]:
    rows = kept_connection(lake).execute(
        f"""
        SELECT DISTINCT customer_id, CAST(local_date - DATE '1970-01-01' AS BIGINT), 0.0
        FROM ({lake.view_sql("signals")})
        WHERE kind = 'order' AND ts_us IS NOT NULL AND (amount IS NULL OR amount > 0)
          AND customer_id IN ({_listed(customer_ids)}) ORDER BY 1, 2
        """
    )
    ids, days, _ = _columns(rows.fetchall())
    return ids, days


def _listed(customer_ids: tuple[int, ...]) -> str:
    return ", ".join(map(str, customer_ids)) or "NULL"


def _columns(rows: list[tuple[int, int, float]]) -> tuple[Ints, Ints, NDArray[np.float64]]:
    ids, moments, values = zip(*rows, strict=True) if rows else ((), (), ())
    return np.array(ids, dtype=np.int64), np.array(moments, dtype=np.int64), np.array(values, dtype=np.float64)
