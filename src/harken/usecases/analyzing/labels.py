"""Who left within a window: from outcome rows or silent orders to one yes or no per customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.lake.facts import DAY_US, UNDATED_US
from harken.usecases.analyzing.plan import OutcomeChoice

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OutcomeRows:
    """Rows of one outcome: `customer_id`, `ts_us` (UNDATED_US where undated) and `value`, sorted by customer."""

    customer_id: Ints
    ts_us: Ints
    value: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labels:
    """For the customers of a feature table, in its order: `counted` (n,) who is judged, `left` (n,) who left."""

    counted: Bools
    left: Bools


def label(customer_id: Ints, rows: OutcomeRows, outcome: OutcomeChoice, start_us: int | None) -> Labels:
    """Who left in the horizon after `start_us`, for ascending customer numbers.

    "event": an event in the window means leaving (staying, where the event is wanted); customers for whom an
    unwanted event happened before the window are not judged. "verdict": only customers with a row in the window
    are judged, by its value. "snapshot": customers with a row are judged by it, whatever the time.

    >>> rows = OutcomeRows(np.array([2, 3]), np.array([5, 49]) * DAY_US, np.ones(2))
    >>> labels = label(np.array([1, 2, 3]), rows, OutcomeChoice("churn", "event", False, 30), 20 * DAY_US)
    >>> labels.counted.tolist(), labels.left.tolist()
    ([True, False, True], [False, False, True])
    """
    if outcome.kind == "snapshot" or start_us is None:
        listed = _has(customer_id, rows.customer_id)
        happened = _has(customer_id, rows.customer_id[rows.value > 0])
        return Labels(listed, listed & (happened != outcome.good))
    assert outcome.horizon_days is not None
    end_us = start_us + outcome.horizon_days * DAY_US
    inside = (rows.ts_us >= start_us) & (rows.ts_us < end_us)
    happened = _has(customer_id, rows.customer_id[inside & (rows.value > 0)])
    if outcome.kind == "verdict":
        listed = _has(customer_id, rows.customer_id[inside])
        return Labels(listed, listed & (happened != outcome.good))
    if outcome.good:
        return Labels(np.ones(len(customer_id), bool), ~happened)
    gone = _has(
        customer_id, rows.customer_id[(rows.ts_us < start_us) & (rows.ts_us != UNDATED_US) & (rows.value > 0)]
    )
    return Labels(~gone, happened & ~gone)


def label_silence(customer_id: Ints, order_ids: Ints, order_days: Ints, start_day: int, days: int) -> Labels:
    """Customers with an order in the `days` before `start_day` who order nothing in the `days` from it on.

    `order_ids` and `order_days` (days since 1970) have one row per customer and day of ordering.

    >>> ids, days = np.array([1, 1, 2, 3]), np.array([5, 12, 6, 1])
    >>> labels = label_silence(np.array([1, 2, 3]), ids, days, 10, 7)
    >>> labels.counted.tolist(), labels.left.tolist()
    ([True, True, False], [False, True, False])
    """
    before = (order_days >= start_day - days) & (order_days < start_day)
    after = (order_days >= start_day) & (order_days < start_day + days)
    active = _has(customer_id, order_ids[before])
    return Labels(active, active & ~_has(customer_id, order_ids[after]))


def _has(customer_id: Ints, ids: Ints) -> Bools:
    found: Bools = np.isin(customer_id, ids)
    return found
