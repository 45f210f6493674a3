"""How long customers of each group stay, beside all customers: curves, figures at marks, and how much faster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harken.learn.scores.intervals import false_discovery_adjusted
from harken.learn.survival.cox import proportional_hazards
from harken.learn.survival.estimate import (
    Floats,
    Ints,
    SurvivalCurve,
    Tenures,
    compare_groups,
    first_sound_moment,
    survival_curve,
)
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.estimates import COUNTS_ONLY_BELOW, Z95, Estimate, Interval
from harken.vocabulary.messages import Message

MARKS_DAYS = (7, 30, 90, 180, 365, 730, 1825, 3650)
MARKS = 4
POINTS = 32
FALSE_DISCOVERY_RATE = 0.05
RATIO_COLUMNS_MAX = 30
LEAST_LEFT_FOR_RATIO = 10
RATIO_METHOD = "survival.hazard_ratio"


@dataclass(frozen=True, slots=True)
class Stay:
    """How long one group stays: at most 32 points of its curve, and its figures.

    `n` customers were seen, `left` of them left. `days`, `share`, `lower`, `upper` (k,) are the curve;
    `after` holds the share still there at each mark and `at_risk` how many are in view then, None and 0 beyond
    what was seen. `half_days` is the tenure at which half have left, with its interval, None where not reached.
    `ratio` says how many times as fast they leave as customers of the group's `reference`, all other columns
    equal; None for the reference itself and where it cannot be told.
    """

    label: str
    n: int
    left: int
    days: tuple[float, ...]
    share: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    after: tuple[Estimate | None, ...]
    at_risk: tuple[int, ...]
    half_days: tuple[float | None, float | None, float | None]
    ratio: Estimate | None = None


@dataclass(frozen=True, slots=True)
class StayByGroup:
    """Curves of the groups of one column, largest first, and whether they differ.

    `p` of the log-rank test, `adjusted_p` among all columns looked at (Benjamini and Hochberg 1995); `differs`
    where that is below 0.05. `reference` is the group that ratios compare with, the largest one; `few` groups had
    fewer than ten customers and are not drawn.
    """

    column: str
    label: Message
    groups: tuple[Stay, ...]
    reference: str
    chi2: float
    df: int
    p: float
    adjusted_p: float
    few: int

    @property
    def differs(self) -> bool:
        """True where the groups leave at different speed beyond chance, all columns considered."""
        return self.adjusted_p < FALSE_DISCOVERY_RATE


@dataclass(frozen=True, slots=True)
class Survival:
    """How long customers stay: all of them, and by each column that divides them.

    `marks_days` are the tenures that figures are told at. Curves begin at `start_days`: before it, fewer than 30
    customers were in view. `late` customers joined before departures were recorded and are counted from then on.
    `counted_from` says where tenure begins; `adjusted_for` names the columns that ratios hold equal.
    """

    whole: Stay
    by_column: tuple[StayByGroup, ...]
    marks_days: tuple[int, ...]
    start_days: float
    late: int
    counted_from: Message
    adjusted_for: tuple[str, ...]
    notes: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that divides customers: `codes` (n,), -1 = not known, and what the codes mean."""

    name: str
    label: Message
    codes: Ints
    levels: tuple[str, ...]


def how_long(
    seen: Tenures, columns: Sequence[Column], *, counted_from: Message, notes: tuple[Message, ...] = ()
) -> Survival:
    """Curves of all customers and of every group, tested for differences; tenures in days.

    `columns` have one code for each row that `tenures` was given. Groups are compared with the log-rank test,
    adjusted for the number of columns; ratios come from one proportional-hazards model with all columns that fit
    in. Raises NotEnoughData where nobody was seen.
    """
    start = first_sound_moment(seen)
    whole = survival_curve(seen, start=start)
    marks = _marks(seen, start)
    told = [one for column in columns if (one := _by_group(seen, column, start, marks)) is not None]
    if told:
        adjusted = false_discovery_adjusted([one.p for one in told])
        told = [replace(one, adjusted_p=float(p)) for one, p in zip(told, adjusted, strict=True)]
    # where two columns say the same, the one that tells more keeps its place
    strength = {one.column: (one.p, -one.chi2, one.column) for one in told}
    known = [column for column in columns if column.name in strength]
    design, used = _ratio_design(seen, sorted(known, key=lambda column: strength[column.name]))
    ratios = _ratios(seen, design, used)
    told = [_with_ratios(one, ratios) for one in told]
    late = int((seen.entry > 0).sum())
    names = tuple(column.name for column, _ in used) if ratios else ()
    return Survival(_stay("", whole, seen, marks), tuple(told), marks, start, late, counted_from, names, notes)


def _with_ratios(one: StayByGroup, ratios: dict[tuple[str, str], Estimate]) -> StayByGroup:
    groups = tuple(replace(stay, ratio=ratios.get((one.column, stay.label))) for stay in one.groups)
    return replace(one, groups=groups)


def _marks(seen: Tenures, start: float) -> tuple[int, ...]:
    """The last four usual tenures at which at least 30 customers are in view."""
    at_risk = seen.at_risk(np.array(MARKS_DAYS, dtype=np.float64))
    usable = [days for days, n in zip(MARKS_DAYS, at_risk, strict=True) if n >= 30 and days > start]
    return tuple(usable[-MARKS:])


def _by_group(seen: Tenures, column: Column, start: float, marks: tuple[int, ...]) -> StayByGroup | None:
    """The groups of one column, None where they cannot be compared."""
    own = column.codes[seen.rows]
    try:
        test = compare_groups(seen, column.codes, start=start)
    except NotEnoughData:
        return None
    stays, few = [], 0
    for code, level in enumerate(column.levels):
        chosen = seen.of((own == code) & (seen.duration > start))
        if len(chosen.duration) < COUNTS_ONLY_BELOW:
            few += bool(len(chosen.duration))
            continue
        stays.append(_stay(level, survival_curve(chosen, start=start), chosen, marks))
    if len(stays) < 2:
        return None
    stays.sort(key=lambda stay: (-stay.n, stay.label))
    reference = column.levels[_reference(column, seen)]
    return StayByGroup(column.name, column.label, tuple(stays), reference, test.chi2, test.df, test.p, test.p, few)


def _stay(label: str, curve: SurvivalCurve, seen: Tenures, marks: tuple[int, ...]) -> Stay:
    at_risk = seen.at_risk(np.array(marks, dtype=np.float64)) if marks else np.zeros(0, dtype=np.int64)
    enough = np.flatnonzero(curve.at_risk >= COUNTS_ONLY_BELOW)
    last = int(enough[-1]) + 1 if len(enough) else 0
    every = np.unique(np.linspace(0, last - 1, POINTS - 1).round().astype(int)) if last else np.zeros(0, dtype=int)
    first = (curve.start, 1.0, 1.0, 1.0)
    points = [first, *zip(curve.times[every], curve.survival[every], curve.lower[every], curve.upper[every],
                          strict=True)]  # fmt: skip
    days, share, lower, upper = (
        tuple(round(float(value), 5) for value in column) for column in zip(*points, strict=True)
    )
    after = tuple(
        curve.at(float(mark)) if n >= COUNTS_ONLY_BELOW else None for mark, n in zip(marks, at_risk, strict=True)
    )
    half = curve.median()
    return Stay(
        label, curve.n, curve.events, days, share, lower, upper, after, tuple(int(n) for n in at_risk), half
    )


def _reference(column: Column, seen: Tenures) -> int:
    """The group that others are compared with: the one with most customers."""
    known = column.codes[seen.rows]
    return int(np.bincount(known[known >= 0], minlength=len(column.levels)).argmax())


def _ratio_design(seen: Tenures, columns: Sequence[Column]) -> tuple[Floats, list[tuple[Column, list[int]]]]:
    """Columns of zeros and ones for every group with enough departures but the reference, as many as fit in."""
    room = min(RATIO_COLUMNS_MAX, int(seen.left.sum()) // 10)
    rows = int(seen.rows.max()) + 1 if len(seen.rows) else 0
    parts: list[NDArray[np.float64]] = []
    used: list[tuple[Column, list[int]]] = []
    for column in columns:
        own = column.codes[seen.rows]
        left = np.bincount(own[seen.left & (own >= 0)], minlength=len(column.levels))
        stayed = np.bincount(own[~seen.left & (own >= 0)], minlength=len(column.levels))
        reference = _reference(column, seen)
        told = [
            code for code in range(len(column.levels))
            if code != reference and left[code] >= LEAST_LEFT_FOR_RATIO and stayed[code]
        ]  # fmt: skip
        rest = ~np.isin(own, [*told, reference])
        width = len(told) + bool(rest.any())
        if not told or len(parts) + width > room:
            continue
        added = [(column.codes[:rows] == code).astype(np.float64) for code in told]
        if rest.any():
            added.append((~np.isin(column.codes[:rows], [*told, reference])).astype(np.float64))
        if not _independent([*parts, *added], seen.rows):
            continue
        parts += added
        used.append((column, [*told, -1] if rest.any() else told))
    design = np.column_stack(parts) if parts else np.zeros((rows, 0))
    return design, used


def _independent(parts: Sequence[Floats], rows: NDArray[np.intp]) -> bool:
    """Whether no column says what others say already, as a language does that is spoken in one region alone."""
    design = np.column_stack(parts)[rows]
    design = design - design.mean(axis=0)
    correlated = design.T @ design / len(design)
    return bool(np.linalg.eigvalsh(correlated)[0] > 1e-6)


def _ratios(seen: Tenures, design: Floats, used: list[tuple[Column, list[int]]]) -> dict[tuple[str, str], Estimate]:
    """The hazard ratio of each group by (column, level); empty where the model cannot be fitted."""
    if not used:
        return {}
    try:
        fitted = proportional_hazards(seen, design)
    except NotEnoughData:
        return {}
    keys = [(column, code) for column, codes in used for code in codes]
    ratios = {}
    for at, (column, code) in enumerate(keys):
        if code < 0:
            continue
        weight, error = float(fitted.weights[at]), float(fitted.errors[at])
        ends = Interval(float(np.exp(weight - Z95 * error)), float(np.exp(weight + Z95 * error)))
        ratios[column.name, column.levels[code]] = Estimate(float(np.exp(weight)), ends, fitted.n, RATIO_METHOD)
    return ratios
