"""From a feature table to the matrices that models read, the same way in every analysis.

Two forms: `fit_linear` for linear and logistic models (numbers standardised, missing values marked, categories
spread over columns) and `fit_tree` for gradient-boosted trees (float32 as it is, categories pooled to few codes).
Both learn from the rows they are given, forget the data, and then encode any rows, in chunks if need be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harken.learn.folds import sample_mask
from harken.unify.features.catalogue import Feature, FeatureTable

Floats = NDArray[np.float32]

STATISTICS_ROWS = 50_000
"""Medians, spreads and levels are learned from at most this many rows: more would cost time and change nothing."""
FARTHEST = 6.0
"""Standardised values are held within this many standard deviations: one wild value cannot steer a model."""
MARKED_FROM = 5
"""A level or a missing value seen in fewer rows than this gets no column of its own."""


@dataclass(frozen=True, slots=True)
class EncodedColumn:
    """One column of a design matrix and the feature it came from.

    `name` is the feature's name with its form: `wait_minutes`, `wait_minutes:missing`, `wait_minutes^2`,
    `wait_minutes>12.5` (kink), `plan=gold`, `plan=(other)`, `plan:missing`. `feature` is the position in the
    feature table, `family` its driver family.
    """

    name: str
    feature: int
    family: str
    kind: Literal["value", "missing", "level", "square", "kink"]


@dataclass(frozen=True, slots=True)
class _NumberPlan:
    """How one numeric feature becomes columns: fill, logarithm, centre, spread, square, kinks, missing mark."""

    feature: int
    fill: float
    logarithm: bool
    centre: float
    spread: float
    missing: bool
    square: bool
    kinks: tuple[float, ...]

    @property
    def width(self) -> int:
        return 1 + self.square + len(self.kinks) + self.missing

    def standardised(self, column: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        known = np.isfinite(column)
        values = np.where(known, column, np.float32(self.fill))
        if self.logarithm:
            values = np.log1p(np.maximum(values, 0))
        values -= np.float32(self.centre)
        values /= np.float32(self.spread)
        return np.clip(values, -FARTHEST, FARTHEST, out=values), known

    def write(self, column: Floats, out: Floats) -> None:
        values, known = self.standardised(column)
        out[:, 0] = values
        at = 1
        if self.square:
            # centred at 1, the mean square of a standardised column, so that the intercept keeps its meaning
            out[:, at] = values * values - np.float32(1)
            at += 1
        for kink in self.kinks:
            np.maximum(values - np.float32(kink), 0, out=out[:, at])
            at += 1
        if self.missing:
            out[:, at] = ~known


@dataclass(frozen=True, slots=True)
class _CategoryPlan:
    """How one category becomes columns: `codes` with a column each, `other` pooled, `missing` marked."""

    feature: int
    codes: tuple[int, ...]
    known: tuple[int, ...]
    other: bool
    missing: bool

    @property
    def width(self) -> int:
        return len(self.codes) + self.other + self.missing

    def write(self, column: Floats, out: Floats) -> None:
        for at, code in enumerate(self.codes):
            out[:, at] = column == code
        at = len(self.codes)
        known = np.isfinite(column)
        if self.other:
            out[:, at] = known & ~np.isin(column, np.asarray(self.known, dtype=np.float32))
            at += 1
        if self.missing:
            out[:, at] = ~known


@dataclass(frozen=True, slots=True)
class LinearEncoding:
    """What turns feature values into a design matrix for linear and logistic models.

    `columns` describes the q columns; `dropped` names the features left out because they never vary.
    There is no intercept column.
    """

    columns: tuple[EncodedColumn, ...]
    dropped: tuple[str, ...]
    plans: tuple[_NumberPlan | _CategoryPlan, ...]

    @property
    def families(self) -> dict[str, tuple[int, ...]]:
        """Column positions of each driver family, families in alphabetical order."""
        positions: dict[str, list[int]] = {}
        for index, column in enumerate(self.columns):
            positions.setdefault(column.family, []).append(index)
        return {family: tuple(positions[family]) for family in sorted(positions)}

    def transform(self, values: Floats) -> Floats:
        """The design matrix of these rows: float32 (m, p) in, float32 (m, q) out, finite everywhere."""
        out = np.empty((len(values), len(self.columns)), dtype=np.float32, order="F")
        values = np.asfortranarray(values)
        at = 0
        for plan in self.plans:
            plan.write(values[:, plan.feature], out[:, at : at + plan.width])
            at += plan.width
        return out


def fit_linear(
    table: FeatureTable,
    rows: NDArray[np.bool_] | None = None,
    *,
    squares: bool = False,
    kinks: int = 0,
    rare_share: float = 0.01,
    max_levels: int = 20,
    reference: bool = True,
) -> LinearEncoding:
    """Learn how the features of `rows` (bool (n,); all where None) become columns of a linear model.

    Numbers: missing values become the median and are marked in a column of their own (equal marks once);
    never negative and very skewed ones (skewness above 2) enter as log(1 + x); all are standardised and held within
    6 standard deviations; `squares` adds their squares, `kinks` that many bends at even quantiles.
    Categories: one column for each level held by at least `rare_share` of the rows (at most `max_levels`), the
    rest pooled; with `reference` the commonest level has no column, so that the matrix keeps full rank.
    Features that never vary are dropped and named.

    >>> from harken.vocabulary.messages import Message
    >>> features = (Feature("plan", "plan", Message("Plan"), "category", levels=("basic", "gold")),)
    >>> values = np.array([[0], [0], [1], [1], [0], [1], [1], [1], [0], [0], [1]], dtype=np.float32)
    >>> table = FeatureTable(np.arange(11), values, features, None)
    >>> fit_linear(table).transform(values[:3])[:, 0]
    array([1., 1., 0.], dtype=float32)
    """
    values = _statistics_values(table, rows)
    plans: list[_NumberPlan | _CategoryPlan] = []
    columns: list[EncodedColumn] = []
    dropped: list[str] = []
    marks: set[bytes] = set()
    for index, feature in enumerate(table.features):
        column = values[:, index]
        plan: _NumberPlan | _CategoryPlan | None
        if feature.type == "category":
            plan = _plan_category(index, column, rare_share, max_levels, reference, marks)
        else:
            plan = _plan_number(index, column, squares, kinks, marks)
        if plan is None or plan.width == 0:
            dropped.append(feature.name)
            continue
        plans.append(plan)
        columns.extend(_describe(plan, feature))
    return LinearEncoding(tuple(columns), tuple(dropped), tuple(plans))


@dataclass(frozen=True, slots=True)
class TreeEncoding:
    """What turns feature values into a matrix for histogram gradient boosting.

    `features` are the positions of the kept features, `categorical` (bool (q,)) marks categories,
    `max_levels` bounds their codes (0 to max_levels - 1; missing stays NaN), `dropped` names the features
    that never vary.
    """

    features: tuple[int, ...]
    categorical: NDArray[np.bool_]
    codes: tuple[tuple[int, ...] | None, ...]
    max_levels: int
    dropped: tuple[str, ...]

    def transform(self, values: Floats) -> Floats:
        """The matrix of these rows: float32 (m, p) in, float32 (m, q) out, NaN where nothing is known."""
        out = values[:, list(self.features)]
        for at, codes in enumerate(self.codes):
            if codes is not None:
                column = out[:, at]
                pooled = np.full(len(out), np.float32(len(codes)))
                for new, code in enumerate(codes):
                    pooled[column == code] = new
                pooled[~np.isfinite(column)] = np.nan
                out[:, at] = pooled
        out[np.isinf(out)] = np.nan
        return out


def fit_tree(table: FeatureTable, rows: NDArray[np.bool_] | None = None, *, max_levels: int = 48) -> TreeEncoding:
    """Learn how the features of `rows` become the matrix of a `HistGradientBoosting` model.

    Numbers stay as they are. A category keeps its `max_levels` - 1 commonest levels as codes 0, 1, ... (commonest
    first) and pools the rest in one further code. Features that never vary are dropped.
    Use with `categorical_features=encoding.categorical` and `max_bins` at least `max_levels`.
    """
    values = _statistics_values(table, rows)
    kept: list[int] = []
    codes: list[tuple[int, ...] | None] = []
    dropped: list[str] = []
    for index, feature in enumerate(table.features):
        column = values[:, index]
        known = column[np.isfinite(column)]
        missing = len(known) < len(column)
        if len(known) == 0 or ((known[0] == known).all() and not missing):
            dropped.append(feature.name)
            continue
        kept.append(index)
        if feature.type == "category":
            levels, counts = np.unique(known, return_counts=True)
            order = np.argsort(-counts, kind="stable")[: max_levels - 1]
            codes.append(tuple(int(level) for level in levels[order]))
        else:
            codes.append(None)
    categorical = np.array([table.features[index].type == "category" for index in kept], dtype=np.bool_)
    return TreeEncoding(tuple(kept), categorical, tuple(codes), max_levels, tuple(dropped))


def with_gaps_filled(matrix: Floats) -> Floats:
    """A training matrix for trees whose columns without any value hold zero: trees cannot bin an empty column.

    Returns the matrix itself where every column has a value. A model fitted so never splits on such a column.

    >>> with_gaps_filled(np.array([[np.nan, 1.0], [np.nan, np.nan]], dtype=np.float32)).tolist()
    [[0.0, 1.0], [0.0, nan]]
    """
    empty = np.flatnonzero(np.isnan(matrix).all(axis=0))
    if not len(empty):
        return matrix
    filled = matrix.copy()
    filled[:, empty] = 0
    return filled


def _statistics_values(table: FeatureTable, rows: NDArray[np.bool_] | None) -> Floats:
    everybody = rows is None or bool(rows.all())
    if everybody and len(table.customer_id) <= STATISTICS_ROWS:
        return np.asfortranarray(table.values)  # no copy where columns lie one after the other already
    chosen = np.arange(len(table.customer_id)) if rows is None else np.flatnonzero(rows)
    if len(chosen) > STATISTICS_ROWS:
        chosen = chosen[sample_mask(table.customer_id[chosen], 0, STATISTICS_ROWS)]
    return np.asfortranarray(table.values[chosen])


def _plan_number(
    index: int, column: Floats, squares: bool, kinks: int, marks: set[bytes]
) -> _NumberPlan | _CategoryPlan | None:
    known = np.isfinite(column)
    missing = _new_mark(known, marks)
    values = column[known].astype(np.float64)
    if len(values) == 0 or values.min() == values.max():
        # the value says nothing, but whether there is one may
        return _CategoryPlan(index, (), (), False, True) if missing and len(values) else None
    fill = float(np.median(values))
    logarithm = bool(values.min() >= 0 and _skewness(values) > 2)
    shown = np.where(known, column, fill).astype(np.float64)
    if logarithm:
        shown = np.log1p(shown)
    centre, spread = float(shown.mean()), float(shown.std())
    if not spread > 1e-7 * max(1.0, abs(centre)):
        return None
    standardised = np.clip((shown - centre) / spread, -FARTHEST, FARTHEST)
    graded = _graded(standardised[:5_000])
    places: tuple[float, ...] = ()
    if kinks and graded:
        quantiles = np.quantile(standardised, np.arange(1, kinks + 1) / (kinks + 1))
        inside = (quantiles > standardised.min()) & (quantiles < standardised.max())
        places = tuple(float(place) for place in np.unique(quantiles[inside]))
    return _NumberPlan(index, fill, logarithm, centre, spread, missing, squares and graded, places)


def _skewness(values: NDArray[np.float64]) -> float:
    spread = float(values.std())
    if spread == 0:
        return 0.0
    standardised = (values - values.mean()) / spread
    # products, not a power: three times as fast, and this runs for every column of every model
    return float((standardised * standardised * standardised).mean())


def _graded(values: NDArray[np.float64]) -> bool:
    """True where there are more than two different values, so that a square or a bend can say something."""
    return bool(((values != values.min()) & (values != values.max())).any())


def _plan_category(
    index: int, column: Floats, rare_share: float, max_levels: int, reference: bool, marks: set[bytes]
) -> _CategoryPlan | None:
    known = np.isfinite(column)
    missing = _new_mark(known, marks)
    levels, counts = np.unique(column[known], return_counts=True)
    if len(levels) < 2 and not missing:
        return None
    order = np.argsort(-counts, kind="stable")
    common = [at for at in order if counts[at] >= max(rare_share * len(column), MARKED_FROM)][:max_levels]
    kept = [int(levels[at]) for at in common]
    pooled = int(counts.sum() - sum(counts[at] for at in common))
    # without a pooled or missing column beside it the commonest level would be the sum of the others
    own = kept[1:] if reference and kept else kept
    return _CategoryPlan(index, tuple(own), tuple(kept), pooled >= MARKED_FROM and bool(kept), missing)


def _new_mark(known: NDArray[np.bool_], marks: set[bytes]) -> bool:
    """True where missing values deserve a column: often enough, and not the same rows as an earlier mark."""
    missing = int(len(known) - known.sum())
    if missing < MARKED_FROM or len(known) - missing < MARKED_FROM:
        return False
    pattern = np.packbits(known).tobytes()
    if pattern in marks:
        return False
    marks.add(pattern)
    return True


def _describe(plan: _NumberPlan | _CategoryPlan, feature: Feature) -> list[EncodedColumn]:
    def column(form: str, kind: Literal["value", "missing", "level", "square", "kink"]) -> EncodedColumn:
        return EncodedColumn(feature.name + form, plan.feature, feature.family, kind)

    described: list[EncodedColumn] = []
    if isinstance(plan, _NumberPlan):
        described.append(column("", "value"))
        if plan.square:
            described.append(column("^2", "square"))
        for kink in plan.kinks:
            place = kink * plan.spread + plan.centre
            described.append(column(f">{np.expm1(place) if plan.logarithm else place:.6g}", "kink"))
    else:
        for code in plan.codes:
            name = feature.levels[code] if 0 <= code < len(feature.levels) else str(code)
            described.append(column(f"={name}", "level"))
        if plan.other:
            described.append(column("=(other)", "level"))
    if plan.missing:
        described.append(column(":missing", "missing"))
    return described
