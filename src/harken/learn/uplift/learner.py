"""The DR-learner: who gains from a contact, learned so that nobody is judged by a model that saw them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OUTCOME_TREES = 40
OUTCOME_LEAVES = 8
OUTCOME_RATE = 0.1
UPLIFT_TREES = 60
UPLIFT_LEAVES = 6
UPLIFT_RATE = 0.08
LEAF_SHARE = 100
"""A leaf of the uplift's trees holds at least one in a hundred customers: their outcomes are mostly noise."""


@dataclass(frozen=True, slots=True)
class CrossFitted:
    """What models say of customers they never saw: columns (n,).

    `uplift` is the DR-learner's; `expected_contacted` and `expected_alone` the mean outcome with and without the
    contact; `effect` the doubly robust outcome difference of each customer, whose mean over any group is that
    group's effect. `models` are the uplift models of the folds.
    """

    uplift: Floats
    expected_contacted: Floats
    expected_alone: Floats
    effect: Floats
    models: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class UpliftModel:
    """Uplift of any customer: the mean of the folds' models."""

    models: tuple[Any, ...]

    def uplift(self, covariates: Floats) -> Floats:
        """Expected difference that a contact makes, (m,), for covariates (m, p) as learned from."""
        return np.asarray(np.mean([model.predict(covariates) for model in self.models], axis=0))


def doubly_robust(
    outcome: Floats, contacted: NDArray[np.bool_], propensity: Floats, with_contact: Floats, alone: Floats
) -> Floats:
    """The doubly robust outcome difference of each customer (n,): its mean is the effect.

    Robins and Rotnitzky 1995.

    >>> doubly_robust(np.array([1.0]), np.array([True]), np.array([0.5]), np.array([0.75]), np.array([0.5]))
    array([0.75])
    """
    t = contacted.astype(np.float64)
    missed = t * (outcome - with_contact) / propensity - (1 - t) * (outcome - alone) / (1 - propensity)
    return np.asarray(with_contact - alone + missed)


def cross_fit(
    covariates: Floats,
    contacted: NDArray[np.bool_],
    outcome: Floats,
    propensity: Floats,
    fold: NDArray[np.int64],
    *,
    seed: int,
) -> CrossFitted:
    """Fits the DR-learner (Kennedy 2023) once per fold on all other folds, and says what it says of the fold.

    `covariates` (n, p), NaN where unknown; `propensity` (n,) within 0 and 1; `fold` int (n,). The other folds are
    parted in two: outcome models of each part give the doubly robust differences of the other one, on which the
    uplift is regressed. So the fold's own outcomes reach nothing that is said of it.
    """
    n = len(outcome)
    uplift, with_contact, alone = np.empty(n), np.empty(n), np.empty(n)
    models = []
    for k in np.unique(fold):
        held, taught = np.flatnonzero(fold == k), np.flatnonzero(fold != k)
        pseudo = np.empty(len(taught))
        said = []
        for at, (fit, use) in enumerate(_halves(fold[taught])):
            rows = taught[fit]
            pair = [
                outcome_model(covariates[rows[side]], outcome[rows[side]], seed + at)
                for side in (contacted[rows], ~contacted[rows])
            ]
            target = taught[use]
            pseudo[use] = doubly_robust(
                outcome[target], contacted[target], propensity[target], *(predict(pair, covariates[target]))
            )
            said.append(predict(pair, covariates[held]))
        model = uplift_model(covariates[taught], pseudo, seed)
        models.append(model)
        uplift[held] = model.predict(covariates[held])
        with_contact[held] = (said[0][0] + said[1][0]) / 2
        alone[held] = (said[0][1] + said[1][1]) / 2
    effect = doubly_robust(outcome, contacted, propensity, with_contact, alone)
    return CrossFitted(uplift, with_contact, alone, effect, tuple(models))


def outcome_model(covariates: Floats, outcome: Floats, seed: int) -> Any:
    """Boosted trees of the mean outcome, small enough for some thousand customers."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(
        max_iter=OUTCOME_TREES, learning_rate=OUTCOME_RATE, max_leaf_nodes=OUTCOME_LEAVES,
        min_samples_leaf=max(20, len(outcome) // 200), l2_regularization=1.0, max_bins=64, early_stopping=False,
        random_state=seed,
    ).fit(covariates, outcome)  # fmt: skip


def uplift_model(covariates: Floats, pseudo: Floats, seed: int) -> Any:
    """Boosted trees of the doubly robust differences, with large leaves."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(
        max_iter=UPLIFT_TREES, learning_rate=UPLIFT_RATE, max_leaf_nodes=UPLIFT_LEAVES,
        min_samples_leaf=max(30, len(pseudo) // LEAF_SHARE), l2_regularization=1.0, max_bins=64,
        early_stopping=False, random_state=seed,
    ).fit(covariates, pseudo)  # fmt: skip


def predict(pair: list[Any], covariates: Floats) -> tuple[Floats, Floats]:
    """What the models of both sides say, (m,) each."""
    first, second = (np.asarray(model.predict(covariates), dtype=np.float64) for model in pair)
    return first, second


def _halves(fold: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """The rows parted in two by their fold: fit on one, use on the other, then the reverse."""
    names = np.unique(fold)
    first = np.isin(fold, names[: len(names) // 2])
    yield np.flatnonzero(first), np.flatnonzero(~first)
    yield np.flatnonzero(~first), np.flatnonzero(first)
