"""An exposure cut into at most twelve groups of customers, each big enough to speak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BINS_MAX = 12
LEAST_IN_BIN = 30
LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class ExposureBins:
    """Groups of customers by one exposure.

    `codes` (int64 (n,)) are 0, 1, ... in ascending order of the exposure; of group b, `lowest[b]` to `highest[b]`
    are its values and `centres[b]` their mean; `n[b]` counts its customers. Levels of a category keep their code
    in `lowest`, and the pooled rest has NaN there.
    """

    codes: NDArray[np.int64]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    centres: tuple[float, ...]
    n: tuple[int, ...]


def number_bins(x: Floats) -> ExposureBins:
    """At most 12 groups of a number, no value split: frequent values alone, the rest at even quantiles.

    `x` is float (n,) without gaps. Groups below 30 customers or 1 % join a neighbour.

    >>> number_bins(np.repeat([0.0, 1.0, 2.0, 3.0], [500, 80, 40, 5])).n
    (500, 80, 45)
    """
    values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    bins = _joined(values, counts, _cut(counts), max(LEAST_IN_BIN, LEAST_SHARE * len(x)))
    codes = bins[inverse]
    labels = np.arange(int(bins.max()) + 1)
    n = np.bincount(codes, minlength=len(labels))
    sums = np.bincount(codes, weights=x, minlength=len(labels))
    return ExposureBins(
        codes=codes,
        lowest=tuple(float(values[bins == b].min()) for b in labels),
        highest=tuple(float(values[bins == b].max()) for b in labels),
        centres=tuple(float(total / count) for total, count in zip(sums, n, strict=True)),
        n=tuple(int(count) for count in n),
    )


def _cut(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Group of each distinct value before small groups are joined."""
    if len(counts) <= BINS_MAX:
        return np.arange(len(counts))
    heavy = counts >= counts.sum() / BINS_MAX
    left = max(BINS_MAX - int(heavy.sum()), 1)
    size = counts[~heavy].sum() / left
    groups = np.empty(len(counts), dtype=np.int64)
    group, filled, fresh = -1, 0.0, True
    for at, count in enumerate(counts):
        if heavy[at]:
            group, fresh = group + 1, True
        else:
            if fresh or filled >= size:
                group, filled, fresh = group + 1, 0.0, False
            filled += float(count)
        groups[at] = group
    return groups


def _joined(
    values: Floats, counts: NDArray[np.int64], groups: NDArray[np.int64], least: float
) -> NDArray[np.int64]:
    """Groups with fewer than `least` customers joined to the smaller neighbour, and at most 12 in all."""
    groups = groups.copy()
    while True:
        n = np.bincount(groups, weights=counts)
        smallest = int(np.argmin(n))
        if len(n) == 1 or (n[smallest] >= least and len(n) <= BINS_MAX):
            return groups
        neighbours = [b for b in (smallest - 1, smallest + 1) if 0 <= b < len(n)]
        into = min(neighbours, key=lambda b: n[b])
        groups[groups == smallest] = into
        _, groups = np.unique(groups, return_inverse=True)


def level_bins(x: Floats) -> ExposureBins:
    """The levels of a category, commonest first, at most 11 and the rest pooled; `x` holds codes without gaps.

    >>> level_bins(np.repeat([2.0, 0.0, 1.0], [60, 50, 3])).n
    (60, 50, 3)
    """
    values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    least = max(LEAST_IN_BIN, LEAST_SHARE * len(x))
    kept = [int(at) for at in order if counts[at] >= least][: BINS_MAX - 1]
    code = np.full(len(values), len(kept), dtype=np.int64)
    code[kept] = np.arange(len(kept))
    codes = code[inverse]
    pooled = int((codes == len(kept)).sum())
    levels = [float(values[at]) for at in kept] + ([float("nan")] if pooled else [])
    n = [int(counts[at]) for at in kept] + ([pooled] if pooled else [])
    return ExposureBins(codes, tuple(levels), tuple(levels), tuple(levels), tuple(n))


def bins_of(bins: ExposureBins, rows: NDArray[np.bool_]) -> ExposureBins:
    """The same groups among some of the customers: `rows` is bool (n,). Centres and values stay those of all."""
    if rows.all():
        return bins
    codes = bins.codes[rows]
    n = np.bincount(codes, minlength=len(bins.n))
    return ExposureBins(codes, bins.lowest, bins.highest, bins.centres, tuple(int(count) for count in n))
