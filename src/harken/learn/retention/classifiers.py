"""The two kinds of model that say how likely each customer is to leave, and the constant they must beat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from harken.learn.encoding import LinearEncoding, TreeEncoding, fit_linear, fit_tree, with_gaps_filled
from harken.unify.features.catalogue import FeatureTable

Kind = Literal["base_rate", "logistic", "boosted_trees"]

CHUNK_CUSTOMERS = 50_000
TREES_MAX = 80
TREES_MIN = 30
LEAVES = 15
BINS = 63
LEARNING_RATE = 0.1
TREE_COLUMNS_MAX = 100
SCREEN_BINS = 16
RISK_FLOOR = 1e-5


class RiskModel(Protocol):
    """Anything that turns feature values, float32 (m, p), into probabilities of the event, float64 (m,)."""

    def risk(self, values: NDArray[np.float32]) -> NDArray[np.float64]: ...

    def risk_of_rows(self, designs: Designs, rows: NDArray[np.bool_]) -> NDArray[np.float64]: ...


@dataclass(frozen=True, slots=True)
class Designs:
    """A feature table encoded once for all models and folds; the encoding sees no outcome.

    `linear_values` is float32 (n, q), `tree_values` float32 (n, t); `bins` holds the coarse bins, int8 (n,),
    of each tree column for screening (empty where there are few columns).
    """

    linear: LinearEncoding
    linear_values: NDArray[np.float32]
    tree: TreeEncoding
    tree_values: NDArray[np.float32]
    bins: tuple[NDArray[np.int8], ...]


def encode(table: FeatureTable) -> Designs:
    """Both forms of the table's features that the models read."""
    linear, tree = fit_linear(table), fit_tree(table)
    tree_values = tree.transform(table.values)
    wide_columns = tree_values.T if tree_values.shape[1] > TREE_COLUMNS_MAX else ()
    bins = tuple(_coarse_bins(column) for column in wide_columns)
    return Designs(linear, linear.transform(table.values), tree, tree_values, bins)


def _coarse_bins(column: NDArray[np.float32]) -> NDArray[np.int8]:
    known = np.isfinite(column)
    edges = np.unique(np.quantile(column[known], np.linspace(0, 1, SCREEN_BINS + 1)[1:-1]))
    codes = np.searchsorted(edges, column, side="right") + 1
    return np.where(known, codes, 0).astype(np.int8)


@dataclass(frozen=True, slots=True)
class BaseRate:
    """The same probability for everybody: what any model must beat."""

    rate: float

    def risk(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """The overall rate for each of the (m, p) rows, shape (m,)."""
        return np.full(len(values), self.rate)

    def risk_of_rows(self, designs: Designs, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The overall rate for `rows` of an encoded table."""
        return np.full(int(rows.sum()), self.rate)


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression with ridge penalty on the standardised design matrix."""

    encoding: LinearEncoding
    weights: NDArray[np.float64]
    intercept: float

    def risk(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability of the event for each of the (m, p) rows, shape (m,)."""
        return expit(self.encoding.transform(values) @ self.weights + self.intercept)

    def risk_of_rows(self, designs: Designs, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Probability of the event for `rows` of an encoded table."""
        return expit(designs.linear_values[rows] @ self.weights + self.intercept)


@dataclass(frozen=True, slots=True)
class BoostedTrees:
    """Histogram gradient boosting of small trees on `columns` of the tree matrix."""

    encoding: TreeEncoding
    columns: NDArray[np.intp]
    model: Any

    def risk(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability of the event for each of the (m, p) rows, shape (m,)."""
        narrow = TreeEncoding(
            features=tuple(self.encoding.features[at] for at in self.columns),
            categorical=self.encoding.categorical[self.columns],
            codes=tuple(self.encoding.codes[at] for at in self.columns),
            max_levels=self.encoding.max_levels,
            dropped=(),
        )
        return np.asarray(self.model.predict_proba(narrow.transform(values))[:, 1], dtype=np.float64)

    def risk_of_rows(self, designs: Designs, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Probability of the event for `rows` of an encoded table."""
        values = designs.tree_values[np.ix_(np.flatnonzero(rows), self.columns)]
        return np.asarray(self.model.predict_proba(values)[:, 1], dtype=np.float64)


def fit_classifiers(
    kinds: Sequence[tuple[Kind, float]],
    designs: Designs,
    y: NDArray[np.bool_],
    rows: NDArray[np.bool_],
    *,
    seed: int,
) -> list[RiskModel]:
    """Fit several kinds of model on `rows` (bool (n,)) of an encoded table; `y` is bool (n,), True = the event.

    Each kind comes with its ridge penalty per customer (for the logistic; ignored by the others). Where only one
    outcome occurs, or no feature varies, the model is the base rate.
    """
    target = y[rows]
    rate = BaseRate(float(np.clip(target.mean(), RISK_FLOOR, 1 - RISK_FLOOR)))
    if target.all() or not target.any():
        return [rate for _ in kinds]
    penalties = [penalty for kind, penalty in kinds if kind == "logistic"]
    logistics = iter(_fit_logistics(designs, target, rows, penalties) if penalties else ())
    models: list[RiskModel] = []
    for kind, _ in kinds:
        if kind == "logistic":
            models.append(next(logistics, rate))
        elif kind == "boosted_trees":
            models.append(_fit_boosted(designs, target, rows, seed) or rate)
        else:
            models.append(rate)
    return models


def _fit_logistics(
    designs: Designs, target: NDArray[np.bool_], rows: NDArray[np.bool_], penalties: Sequence[float]
) -> list[RiskModel]:
    """One model per penalty on one design matrix, strongest penalty first, each started from the one before."""
    from sklearn.linear_model import LogisticRegression

    if not designs.linear.columns:
        return []
    design = designs.linear_values[rows]
    models: dict[float, RiskModel] = {}
    model = LogisticRegression(solver="lbfgs", max_iter=100, tol=1e-3, warm_start=True)
    for penalty in sorted(penalties, reverse=True):
        model.C = 1.0 / (penalty * len(target))
        model.fit(design, target)
        weights = np.array(model.coef_[0], dtype=np.float64)
        models[penalty] = Logistic(designs.linear, weights, float(model.intercept_[0]))
    return [models[penalty] for penalty in penalties]


def _fit_boosted(
    designs: Designs, target: NDArray[np.bool_], rows: NDArray[np.bool_], seed: int
) -> RiskModel | None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    if not designs.tree.features:
        return None
    columns = _strongest(designs, target, rows)
    categorical = designs.tree.categorical[columns]
    rare = min(int(target.sum()), int((~target).sum()))
    model = HistGradientBoostingClassifier(
        max_iter=int(np.clip(rare // 40, TREES_MIN, TREES_MAX)),
        learning_rate=LEARNING_RATE,
        max_leaf_nodes=LEAVES if rare >= 500 else 6,
        min_samples_leaf=max(20, len(target) // 1000),
        l2_regularization=1.0,
        max_bins=BINS,
        categorical_features=categorical if categorical.any() else None,
        early_stopping=False,
        random_state=seed,
    )
    model.fit(with_gaps_filled(designs.tree_values[np.ix_(np.flatnonzero(rows), columns)]), target)
    return BoostedTrees(designs.tree, columns, model)


def _strongest(designs: Designs, target: NDArray[np.bool_], rows: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The 100 columns whose coarse bins differ most in the outcome among these rows; all where there are no more.

    Trees take time in proportion to columns, and a column that says nothing alone rarely says much with others.
    """
    count = designs.tree_values.shape[1]
    if count <= TREE_COLUMNS_MAX:
        return np.arange(count)
    rate, strength = float(target.mean()), np.empty(count)
    for at, bins in enumerate(designs.bins):
        codes = bins[rows]
        customers = np.bincount(codes)
        events = np.bincount(codes, weights=target)
        held = customers > 0
        gaps = (events[held] - rate * customers[held]) ** 2 / customers[held]
        strength[at] = float(gaps.sum()) / (rate * (1 - rate)) - (int(held.sum()) - 1)
    return np.sort(np.argsort(-strength, kind="stable")[:TREE_COLUMNS_MAX])


def predict_in_chunks(
    model: RiskModel, values: NDArray[np.float32], columns: Sequence[int] | None = None
) -> NDArray[np.float64]:
    """Risks of any number of rows, 50,000 at a time, so that memory stays level; float32 (m, p) in, (m,) out.

    `columns` picks the positions the model reads; all where None.
    """
    risks = np.empty(len(values))
    everything = columns is None or len(columns) == values.shape[1]
    for start in range(0, len(values), CHUNK_CUSTOMERS):
        chunk = values[start : start + CHUNK_CUSTOMERS]
        risks[start : start + CHUNK_CUSTOMERS] = model.risk(chunk if everything else chunk[:, list(columns or ())])
    return held_off(risks)


def held_off(risk: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities kept a hair off 0 and 1, so that log odds exist."""
    return np.clip(risk, RISK_FLOOR, 1 - RISK_FLOOR)


def expit(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds to probabilities, without overflow.

    >>> expit(np.array([0.0, -800.0]))
    array([0.5, 0. ])
    """
    half = np.tanh(0.5 * np.asarray(logit, dtype=np.float64))
    return 0.5 * (1.0 + half)


def logit(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities to log odds, held off 0 and 1.

    >>> logit(np.array([0.5])).round(3)
    array([0.])
    """
    p = np.clip(probability, RISK_FLOOR, 1 - RISK_FLOOR)
    return np.log(p / (1 - p))
