"""Satisfied customers who leave and unhappy ones who stay: how many, where, and what sets them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.retention.validation import wilson_share
from harken.learn.scores.intervals import false_discovery_adjusted
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message

Bools = NDArray[np.bool_]
LEVEL_LEAST = 30
LEAVERS_LEAST = 10
ALPHA = 0.05
KEPT = 6


@dataclass(frozen=True, slots=True)
class BandShare:
    """Customers of one band of answers (1 favourable, 0 between, -1 unfavourable): `left` of `n`, and the share."""

    band: int
    n: int
    left: int
    share: Estimate | None


@dataclass(frozen=True, slots=True)
class LeavingSegment:
    """A segment in which customers of the favourable band leave at another rate than the rest, beyond chance."""

    division: Message | str
    label: str
    left: int
    share: Estimate
    rest: float
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class SetsApart:
    """A measure that differs between satisfied leavers and satisfied stayers beyond chance.

    `higher` is the chance (0 to 1) that a leaver has more of it than a stayer; medians are of both.
    """

    label: Message | str
    higher: float
    leavers: float
    stayers: float
    n: int
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class Bands:
    """What customers of each band did, and the satisfied who left: where, and what sets them apart."""

    bands: tuple[BandShare, ...]
    segments: tuple[LeavingSegment, ...]
    segments_tested: int
    apart: tuple[SetsApart, ...]
    apart_tested: int


def satisfied_leavers(
    band: NDArray[np.int64],
    left: Bools,
    segments: Mapping[str, tuple[NDArray[np.int64], Sequence[str]]],
    measures: Mapping[str, NDArray[np.float64]],
    labels: Mapping[str, Message | str],
) -> Bands:
    """Who left in each band, of customers with `band` (n,) 1, 0 or -1 and `left` (n,).

    `segments` maps a division to codes (n,), -1 where unknown, and level names; levels with 30 satisfied customers
    are held against the other satisfied ones (Fisher's exact test). `measures` (n,) are held against each other by
    the rank test of Mann and Whitney 1947. Both lists are after Benjamini and Hochberg; `labels` name them.

    >>> band, left = np.array([1] * 20 + [-1] * 10), np.arange(30) % 5 == 0
    >>> [(one.band, one.left, one.n) for one in satisfied_leavers(band, left, {}, {}, {}).bands]
    [(1, 4, 20), (0, 0, 0), (-1, 2, 10)]
    """
    bands = []
    for one in (1, 0, -1):
        inside = band == one
        n, gone = int(inside.sum()), int((left & inside).sum())
        bands.append(BandShare(one, n, gone, wilson_share(gone, n) if n else None))
    satisfied = band == 1
    gone = left[satisfied]
    found, tested = _by_segment(
        gone, {name: (codes[satisfied], names) for name, (codes, names) in segments.items()}, labels
    )
    apart, measured = _apart(gone, {name: column[satisfied] for name, column in measures.items()}, labels)
    return Bands(tuple(bands), found, tested, apart, measured)


def _by_segment(
    gone: Bools,
    segments: Mapping[str, tuple[NDArray[np.int64], Sequence[str]]],
    labels: Mapping[str, Message | str],
) -> tuple[tuple[LeavingSegment, ...], int]:
    from scipy.stats import fisher_exact

    rows = []
    for name, (codes, names) in segments.items():
        for level, label in enumerate(names):
            inside, rest = codes == level, (codes != level) & (codes >= 0)
            n, others = int(inside.sum()), int(rest.sum())
            if min(n, others) < LEVEL_LEAST:
                continue
            a, b = int(gone[inside].sum()), int(gone[rest].sum())
            p = float(fisher_exact(np.array([[a, n - a], [b, others - b]])).pvalue)
            rows.append((name, label, a, n, b / others, p))
    adjusted = false_discovery_adjusted([row[-1] for row in rows])
    kept = sorted(((p, row) for p, row in zip(adjusted.tolist(), rows, strict=True) if p <= ALPHA))[:KEPT]
    found = tuple(
        LeavingSegment(labels.get(name, name), label, a, wilson_share(a, n), rest, p)
        for p, (name, label, a, n, rest, _) in kept
    )
    return found, len(rows)


def _apart(
    gone: Bools, measures: Mapping[str, NDArray[np.float64]], labels: Mapping[str, Message | str]
) -> tuple[tuple[SetsApart, ...], int]:
    from scipy.stats import mannwhitneyu

    rows = []
    for name, column in measures.items():
        known = np.isfinite(column)
        leavers, stayers = column[known & gone], column[known & ~gone]
        if min(len(leavers), len(stayers)) < LEAVERS_LEAST or np.ptp(column[known]) == 0:
            continue
        test = mannwhitneyu(leavers, stayers, method="asymptotic")
        higher = float(test.statistic) / (len(leavers) * len(stayers))
        rows.append(
            (
                float(test.pvalue),
                name,
                higher,
                float(np.median(leavers)),
                float(np.median(stayers)),
                int(known.sum()),
            )
        )
    adjusted = false_discovery_adjusted([row[0] for row in rows])
    kept = sorted((p, row) for p, row in zip(adjusted.tolist(), rows, strict=True) if p <= ALPHA)[:KEPT]
    found = tuple(
        SetsApart(labels.get(name, name), higher, leavers, stayers, n, p)
        for p, (_, name, higher, leavers, stayers, n) in kept
    )
    return found, len(rows)
