"""The two kinds of model that say how likely each customer is to leave, and the constant they must beat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from harken.learn.encoding import LinearEncoding, TreeEncoding, fit_linear, fit_tree
from harken.unify.features.catalogue import FeatureTable

Kind = Literal["base_rate", "logistic", "boosted_trees"]

CHUNK_CUSTOMERS = 50_000
TREES_MAX = 100
TREES_MIN = 30
LEAVES = 15
BINS = 63
LEARNING_RATE = 0.1
RISK_FLOOR = 1e-5


class RiskModel(Protocol):
    """Anything that turns feature values, float32 (m, p), into probabilities of the event, float64 (m,)."""

    def risk(self, values: NDArray[np.float32]) -> NDArray[np.float64]: ...


@dataclass(frozen=True, slots=True)
class BaseRate:
    """The same probability for everybody: what any model must beat."""

    rate: float

    def risk(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """The overall rate for each of the (m, p) rows, shape (m,)."""
        return np.full(len(values), self.rate)


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression with ridge penalty on the standardised design matrix."""

    encoding: LinearEncoding
    weights: NDArray[np.float64]
    intercept: float

    def risk(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability of the event for each of the (m, p) rows, shape (m,)."""
        return expit(self.encoding.transform(values) @ self.weights + self.intercept)


@dataclass(frozen=True, slots=True)
class BoostedTrees:
    """Histogram gradient boosting of small trees."""

    encoding: TreeEncoding
    model: Any

    def risk(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability of the event for each of the (m, p) rows, shape (m,)."""
        probabilities = self.model.predict_proba(self.encoding.transform(values))[:, 1]
        return np.asarray(probabilities, dtype=np.float64)


def fit_classifiers(
    kinds: Sequence[tuple[Kind, float]],
    table: FeatureTable,
    y: NDArray[np.bool_],
    rows: NDArray[np.bool_],
    *,
    seed: int,
) -> list[RiskModel]:
    """Fit several kinds of model on `rows` (bool (n,)) of the table; `y` is bool (n,), True = the event.

    Each kind comes with its ridge penalty per customer (for the logistic; ignored by the others). Where only one
    outcome occurs, or no feature varies, the model is the base rate.
    """
    target = y[rows]
    rate = BaseRate(float(np.clip(target.mean(), RISK_FLOOR, 1 - RISK_FLOOR)))
    if target.all() or not target.any():
        return [rate for _ in kinds]
    penalties = [penalty for kind, penalty in kinds if kind == "logistic"]
    logistics = iter(_fit_logistics(table, target, rows, penalties) if penalties else ())
    models: list[RiskModel] = []
    for kind, _ in kinds:
        if kind == "logistic":
            models.append(next(logistics, rate))
        elif kind == "boosted_trees":
            models.append(_fit_boosted(table, target, rows, seed) or rate)
        else:
            models.append(rate)
    return models


def _fit_logistics(
    table: FeatureTable, target: NDArray[np.bool_], rows: NDArray[np.bool_], penalties: Sequence[float]
) -> list[RiskModel]:
    """One model per penalty on one design matrix, each started from the one before."""
    from sklearn.linear_model import LogisticRegression

    encoding = fit_linear(table, rows)
    if not encoding.columns:
        return []
    design = encoding.transform(table.values[rows])
    models: list[RiskModel] = []
    model = LogisticRegression(solver="lbfgs", max_iter=200, tol=1e-4, warm_start=True)
    for penalty in penalties:
        model.C = 1.0 / (penalty * len(target))
        model.fit(design, target)
        weights = np.array(model.coef_[0], dtype=np.float64)
        models.append(Logistic(encoding, weights, float(model.intercept_[0])))
    return models


def _fit_boosted(
    table: FeatureTable, target: NDArray[np.bool_], rows: NDArray[np.bool_], seed: int
) -> RiskModel | None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    encoding = fit_tree(table, rows)
    if not encoding.features:
        return None
    rare = min(int(target.sum()), int((~target).sum()))
    model = HistGradientBoostingClassifier(
        max_iter=int(np.clip(rare // 40, TREES_MIN, TREES_MAX)),
        learning_rate=LEARNING_RATE,
        max_leaf_nodes=LEAVES if rare >= 500 else 6,
        min_samples_leaf=max(20, len(target) // 1000),
        l2_regularization=1.0,
        max_bins=BINS,
        categorical_features=encoding.categorical if encoding.categorical.any() else None,
        early_stopping=False,
        random_state=seed,
    )
    model.fit(encoding.transform(table.values[rows]), target)
    return BoostedTrees(encoding, model)


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
    return np.clip(risks, RISK_FLOOR, 1 - RISK_FLOOR)


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
