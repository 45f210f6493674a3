"""Centred cross-products of drivers and outcome: all that linear importance needs to know about the customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Complete rows: `columns` (n, p + 1) drivers and, last, the outcome; `weight` (n,); `kept` positions (n,) in
    the input; `blank` rows left out because a value or weight is missing or the weight is 0."""

    columns: Floats
    weight: Floats
    kept: Integers
    blank: int


def complete_rows(X: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None) -> Rows:
    """Drivers `X` (n, p) and outcome `y` (n,) without the rows in which something is missing.

    Raises `DataError` where lengths differ or a weight is negative, `NotEnoughData` below p + 2 complete rows.
    """
    drivers, outcome = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    weight = np.ones_like(outcome) if weights is None else np.asarray(weights, dtype=np.float64)
    if drivers.ndim != 2 or outcome.shape != (drivers.shape[0],) or weight.shape != outcome.shape:
        raise DataError(
            Message(gettext_noop("Drivers, outcome and weights must have one row per customer.")),
            Message(gettext_noop("Give one outcome and one weight for each row of drivers.")),
        )
    if np.any(weight < 0):
        raise DataError(
            Message(gettext_noop("A survey weight is negative.")),
            Message(gettext_noop("Weights say how many customers an answer stands for: zero or more.")),
        )
    columns = np.column_stack([drivers, outcome])
    complete = np.all(np.isfinite(columns), axis=1) & np.isfinite(weight) & (weight > 0)
    kept = np.flatnonzero(complete)
    needed = drivers.shape[1] + 2
    if kept.size < needed:
        raise NotEnoughData(
            Message(
                gettext_noop("Only {count} customers have all drivers and the outcome; {needed} are needed."),
                {"count": int(kept.size), "needed": needed},
            ),
            Message(gettext_noop("Use fewer drivers, or drivers known for more customers.")),
        )
    return Rows(columns[kept], weight[kept], kept, int((~complete).sum()))


def gram_of(columns: Floats, weight: Floats) -> Floats:
    """Weighted centred cross-products (q, q) of the columns (n, q)."""
    mean = np.average(columns, axis=0, weights=weight)
    centred = columns - mean
    gram = np.asarray((centred * weight[:, None]).T @ centred)
    # What rounding of the mean leaves of a constant column must not pass for variation.
    constant = np.diagonal(gram) <= 1e-20 * mean**2 * weight.sum()
    gram[constant, :] = 0.0
    gram[:, constant] = 0.0
    return gram


def correlation_matrix(X: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Correlations (p + 1, p + 1) of the drivers `X` (n, p) and, last, the outcome `y` (n,), from complete rows.

    A driver that does not vary correlates 0 with everything. Raises as `complete_rows` does.

    >>> X = np.array([[1.0, 5.0], [2.0, 3.0], [3.0, 4.0], [4.0, 1.0]])
    >>> correlation_matrix(X, np.array([1.0, 2.0, 3.0, 4.0])).round(3)[:, -1].tolist()
    [1.0, -0.832, 1.0]
    """
    rows = complete_rows(X, y, weights)
    return unit_diagonal(gram_of(rows.columns, rows.weight))


def unit_diagonal(gram: Floats) -> Floats:
    """Gram matrices (..., q, q) scaled to correlations; columns that do not vary correlate 0, also with noise."""
    spread = np.diagonal(gram, axis1=-2, axis2=-1)
    varies = spread > 0
    scale = np.where(varies, 1.0 / np.sqrt(np.where(varies, spread, 1.0)), 0.0)
    correlation = np.array(gram * scale[..., :, None] * scale[..., None, :])
    position = np.arange(gram.shape[-1])
    correlation[..., position, position] = 1.0
    return correlation


def cluster_sums(columns: Floats, weight: Floats, clusters: Integers) -> Floats:
    """Per cluster the sums of weight, of weight x column and of weight x pairs of columns, (C, 1 + q + q (q+1)/2).

    `columns` (n, q), `clusters` (n,) holds 0 to C - 1, each at least once.
    """
    n, q = columns.shape
    # Centring and scaling once keeps the later subtraction of means from cancelling digits.
    centred = columns - np.average(columns, axis=0, weights=weight)
    spread = centred.std(axis=0)
    centred = centred / np.where(spread > 0, spread, 1.0)
    upper = np.triu_indices(q)
    order = np.argsort(clusters, kind="stable")
    starts = np.flatnonzero(np.diff(clusters[order], prepend=-1))
    sums = np.empty((starts.size, 1 + q + upper[0].size))
    for cluster, (start, end) in enumerate(zip(starts, np.append(starts[1:], n), strict=True)):
        rows = order[start:end]
        weighted = centred[rows] * weight[rows, None]
        sums[cluster, 0] = weight[rows].sum()
        sums[cluster, 1 : q + 1] = weighted.sum(axis=0)
        sums[cluster, q + 1 :] = (weighted.T @ centred[rows])[upper]
    return sums


def resampled_correlations(sums: Floats, counts: Floats) -> Floats:
    """Correlations (B, q, q) of B resamples of clusters: `counts` (B, C) says how often each cluster was drawn.

    `sums` as of `cluster_sums`. One matrix product makes all Gram matrices.
    """
    # 1 + q + q (q + 1) / 2 columns, solved for q.
    q = round((np.sqrt(8.0 * sums.shape[1] + 1.0) - 3.0) / 2.0)
    upper = np.triu_indices(q)
    drawn = counts @ sums
    total = drawn[:, :1]
    mean = drawn[:, 1 : q + 1] / total
    products = np.empty((counts.shape[0], q, q))
    products[:, upper[0], upper[1]] = drawn[:, q + 1 :]
    products[:, upper[1], upper[0]] = drawn[:, q + 1 :]
    gram = products - total[:, :, None] * mean[:, :, None] * mean[:, None, :]
    # What rounding leaves of a column that is constant in a resample must not pass for variation.
    position = np.arange(q)
    spread, raw = gram[:, position, position], products[:, position, position]
    gram[:, position, position] = np.where(spread > 1e-9 * raw, spread, 0.0)
    return unit_diagonal(gram)
