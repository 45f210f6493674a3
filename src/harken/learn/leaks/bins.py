"""Counts of the outcome in the values of one column, fold by fold: all that the leak scan needs to know of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MISSING = 0
NUMBER_BINS = 48
PRIOR_CUSTOMERS = 2.0


@dataclass(frozen=True, slots=True)
class BinCounts:
    """How often the outcome happened in each value (or range of values) of one column.

    `events` and `customers` are float64 of shape (folds, bins); bin 0 holds the customers for whom the
    column is empty. `single_values` is True where each bin is one value, not a range.
    """

    events: NDArray[np.float64]
    customers: NDArray[np.float64]
    single_values: bool

    @property
    def present(self) -> BinCounts:
        """The same column seen only as empty (bin 0) or filled (bin 1)."""
        parts = [np.column_stack([t[:, 0], t[:, 1:].sum(axis=1)]) for t in (self.events, self.customers)]
        return BinCounts(parts[0], parts[1], True)


def bin_codes(values: NDArray[np.float32], *, category: bool) -> tuple[NDArray[np.int64], bool]:
    """Bin of each value: 0 where empty, then 1, 2, ... in ascending order, and whether a bin is one value.

    A category keeps every level; a number with at most 48 distinct values keeps each, any other is cut at its
    quantiles, so scaling a column changes nothing.

    >>> bin_codes(np.array([5.0, np.nan, 7.0, 5.0], dtype=np.float32), category=False)[0]
    array([1, 0, 2, 1])
    """
    codes = np.zeros(len(values), dtype=np.int64)
    known = np.isfinite(values)
    distinct, inverse = np.unique(values[known], return_inverse=True)
    if category or len(distinct) <= NUMBER_BINS:
        codes[known] = inverse + 1
        return codes, True
    ranks = np.cumsum(np.bincount(inverse)) / known.sum()
    # A value opens a new bin where the share of customers up to it passes the next quantile.
    cut = np.minimum((ranks * NUMBER_BINS - 1e-9).astype(np.int64), NUMBER_BINS - 1)
    _, bins = np.unique(cut, return_inverse=True)
    codes[known] = bins[inverse] + 1
    return codes, False


def count_bins(
    codes: NDArray[np.int64], y: NDArray[np.bool_], fold: NDArray[np.int64], *, folds: int, single_values: bool
) -> BinCounts:
    """Events and customers of each fold and bin; `codes`, `y`, `fold` have shape (n,)."""
    bins = int(codes.max()) + 1
    cell = fold * bins + codes
    customers = np.bincount(cell, minlength=folds * bins).reshape(folds, bins).astype(np.float64)
    events = np.bincount(cell[y], minlength=folds * bins).reshape(folds, bins).astype(np.float64)
    return BinCounts(events, customers, single_values)


def cross_fitted_auc(counts: BinCounts) -> float:
    """How well this column alone tells apart who left: the area under the ROC curve, 0.5 = not at all.

    Each fold's customers are ranked by the outcome rate of their bin among the other folds' customers (shrunk
    to the overall rate by two customers), so that a column of pure noise with many levels scores 0.5. The mean
    over folds is weighted by the number of pairs compared.

    >>> table = np.array([[0.0, 9.0, 1.0]]).repeat(2, axis=0)
    >>> round(cross_fitted_auc(BinCounts(table, np.full((2, 3), 10.0), True)), 2)
    0.95
    """
    all_events, all_customers = counts.events.sum(axis=0), counts.customers.sum(axis=0)
    area, pairs = 0.0, 0.0
    for events, customers in zip(counts.events, counts.customers, strict=True):
        other_events, other_customers = all_events - events, all_customers - customers
        rate = other_events.sum() / max(other_customers.sum(), 1.0)
        score = (other_events + PRIOR_CUSTOMERS * rate) / (other_customers + PRIOR_CUSTOMERS)
        order = np.argsort(score, kind="stable")
        _, rank = np.unique(score[order], return_inverse=True)
        happened = np.bincount(rank, weights=events[order])
        not_happened = np.bincount(rank, weights=(customers - events)[order])
        below = np.cumsum(not_happened) - not_happened
        area += float(happened @ (below + 0.5 * not_happened))
        pairs += float(happened.sum() * not_happened.sum())
    return area / pairs if pairs > 0 else 0.5


@dataclass(frozen=True, slots=True)
class CertainCalls:
    """What the column claims to know for sure about customers it was not fitted on.

    `customers` were called, `exceptions` of them wrongly; `coverage` is the share of all customers with that
    outcome who were called rightly (0 to 1); `bins` are the bins that called in any fold.
    """

    customers: int
    exceptions: int
    coverage: float
    bins: tuple[int, ...]


def certain_calls(
    counts: BinCounts, *, event: bool, least_customers: float, most_exceptions: float
) -> CertainCalls:
    """Customers whose outcome the column calls without mistake: bins pure in the other folds, judged in their own.

    A bin calls where the other folds hold at least `least_customers` of it and the share of exceptions among
    them is at most `most_exceptions`. `event` says which outcome is called. Judging in the fold that had
    no say keeps the best of many chance bins from looking certain.
    """
    hits = counts.events if event else counts.customers - counts.events
    other_hits = hits.sum(axis=0) - hits
    other = counts.customers.sum(axis=0) - counts.customers
    pure = (other >= least_customers) & (other - other_hits <= most_exceptions * other)
    called, right = float(counts.customers[pure].sum()), float(hits[pure].sum())
    return CertainCalls(
        customers=round(called),
        exceptions=round(called - right),
        coverage=right / max(float(hits.sum()), 1.0),
        bins=tuple(int(index) for index in np.flatnonzero(pure.any(axis=0))),
    )
