"""Where leaving differs: levels of the base's divisions against everybody else, and who lives with which lever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.effects import LeverEffect, LeverEffects
from harken.learn.scores.intervals import (
    false_discovery_adjusted,
    mover,
    mover_p_value,
    wilson_distance,
    wilson_interval,
)
from harken.unify.features.catalogue import FeatureTable
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.estimates import Estimate, Interval
from harken.vocabulary.messages import Message, gettext_noop

Bools = NDArray[np.bool_]

METHOD = "drivers.segment_share"
LEVERS_MAX = 6
DIVISIONS_MAX = 6
LEAST_CUSTOMERS = 30
LEVEL = 0.05
SMALLEST_GAP = 0.02


@dataclass(frozen=True, slots=True)
class Against:
    """A share among the customers of one level beside that of all others.

    `share` and `rest` are shares (0 to 1) with intervals, `difference` is share minus rest; `differs` is True where
    the difference is beyond chance after looking at every cell (false discoveries held to 5 %) and at least 2
    percentage points.
    """

    share: Estimate
    rest: Estimate
    difference: Estimate
    differs: bool


@dataclass(frozen=True, slots=True)
class SegmentLevel:
    """One level of a division: `n` customers, who of them left, and how many are in each lever's bad part.

    `parts` follow the levers; None where too few customers have a value, or where the lever is the division.
    """

    label: str
    n: int
    leaving: Against
    parts: tuple[Against | None, ...]


@dataclass(frozen=True, slots=True)
class Division:
    """The base divided by one column, levels by size; `few` customers are in levels too small to speak of."""

    name: str
    label: Message
    levels: tuple[SegmentLevel, ...]
    few: int


@dataclass(frozen=True, slots=True)
class ColumnLever:
    """A lever as a column of the table: its family, measure and the words of its unfavourable part."""

    family: str
    column: str
    label: Message
    part: Message


@dataclass(frozen=True, slots=True)
class LeavingBySegment:
    """Divisions of the base, those that differ most first, beside the strongest levers, of `n` customers."""

    divisions: tuple[Division, ...]
    levers: tuple[ColumnLever, ...]
    n: int


def leaving_by_segment(
    table: FeatureTable,
    left: Bools,
    divisions: Mapping[str, tuple[NDArray[np.int64], tuple[str, ...]]],
    levers: LeverEffects | None,
) -> LeavingBySegment:
    """Leaving by level against the rest, and the share of each level in the unfavourable part of each lever.

    `left` is bool (n,) in the order of `table`; `divisions` give a code per row (-1 = unknown) and the labels.
    Shares have Wilson intervals, differences MOVER ones (Newcombe 1998) with p-values by its inversion, and the
    false discovery rate is held over all cells of a kind (Benjamini and Hochberg 1995). The share in the
    unfavourable part is plain description: where people live with it, not what it does there.

    Raises NotEnoughData where nothing divides the base into levels of 30 customers.
    """
    strongest = _strongest(levers)
    bad = [_part_of(table, lever) for lever in strongest]
    drafts = []
    for name, (codes, labels) in divisions.items():
        sizes = np.bincount(codes[codes >= 0], minlength=len(labels))
        kept = [int(at) for at in np.argsort(-sizes, kind="stable") if sizes[at] >= LEAST_CUSTOMERS]
        if len(kept) >= 2:
            drafts.append((name, codes, labels, kept, int(sizes.sum() - sizes[kept].sum())))
    if not drafts:
        raise NotEnoughData(
            Message(
                gettext_noop("No column divides the customers into groups of {least}."), {"least": LEAST_CUSTOMERS}
            )
        )
    everybody = np.ones(len(left), dtype=np.bool_)
    leaving = _compared([_tally(codes, at, left, everybody) for _, codes, _, kept, _ in drafts for at in kept])
    cells = [
        None if lever.column == name else _tally(codes, at, inside, known)
        for name, codes, _, kept, _ in drafts
        for at in kept
        for lever, (inside, known) in zip(strongest, bad, strict=True)
    ]
    parts = iter(_filled(cells))
    gone = iter(leaving)
    made = []
    for name, codes, labels, kept, few in drafts:
        levels = tuple(
            SegmentLevel(labels[at], int((codes == at).sum()), next(gone), tuple(next(parts) for _ in strongest))
            for at in kept
        )
        feature = table.features[table.names.index(name)]
        made.append(Division(name, feature.label, levels, few))
    made.sort(key=lambda division: (-_spread(division), division.name))
    named = tuple(ColumnLever(lever.family, lever.column, lever.label, lever.part.words) for lever in strongest)
    return LeavingBySegment(tuple(made[:DIVISIONS_MAX]), named, len(left))


def _strongest(levers: LeverEffects | None) -> list[LeverEffect]:
    """Levers whose unfavourable part goes with more leaving beyond chance, most leavers first."""
    found = [
        lever
        for lever in (() if levers is None else levers.levers)
        if lever.effect.adjusted.shown and lever.outcomes.value > 0
    ]
    return sorted(found, key=lambda lever: (-lever.outcomes.value, lever.column))[:LEVERS_MAX]


def _part_of(table: FeatureTable, lever: LeverEffect) -> tuple[Bools, Bools]:
    x = table.column(lever.column).astype(np.float64)
    return lever.part.holds(x), np.isfinite(x)


def _spread(division: Division) -> float:
    """How many customers' leaving stands out in a division, in leavers above or below what the rest would have."""
    return sum(abs(level.leaving.difference.value) * level.n for level in division.levels if level.leaving.differs)


def _tally(codes: NDArray[np.int64], at: int, hit: Bools, known: Bools) -> tuple[int, int, int, int]:
    """Hits and customers inside a level, and outside it."""
    own, other = known & (codes == at), known & (codes >= 0) & (codes != at)
    return int((hit & own).sum()), int(own.sum()), int((hit & other).sum()), int(other.sum())


def _filled(cells: list[tuple[int, int, int, int] | None]) -> list[Against | None]:
    """Cells compared, those with too few customers on either side left empty."""
    usable = [cell for cell in cells if cell is not None and min(cell[1], cell[3]) >= LEAST_CUSTOMERS]
    compared = iter(_compared(usable))
    return [
        next(compared) if cell is not None and min(cell[1], cell[3]) >= LEAST_CUSTOMERS else None for cell in cells
    ]


def _compared(tallies: list[tuple[int, int, int, int]]) -> list[Against]:
    """Every share against that of the rest, the false discovery rate held over all of them."""
    if not tallies:
        return []
    hits, n, rest_hits, rest_n = np.asarray(tallies, dtype=np.float64).T
    share, rest = hits / n, rest_hits / np.maximum(rest_n, 1)
    own, others = wilson_interval(hits, n), wilson_interval(rest_hits, rest_n)
    low, high = mover(rest, others, share, own)
    p = mover_p_value(
        rest,
        lambda value: wilson_distance(rest_hits, rest_n, value),
        share,
        lambda value: wilson_distance(hits, n, value),
    )
    differs = (false_discovery_adjusted(p) <= LEVEL) & (np.abs(share - rest) >= SMALLEST_GAP)

    def estimate(value: float, lower: float, upper: float, count: float) -> Estimate:
        return Estimate(float(value), Interval(float(lower), float(upper)), int(count), METHOD)

    return [
        Against(
            estimate(share[i], own[0][i], own[1][i], n[i]),
            estimate(rest[i], others[0][i], others[1][i], rest_n[i]),
            estimate(share[i] - rest[i], low[i], high[i], n[i]),
            bool(differs[i]),
        )
        for i in range(len(tallies))
    ]
