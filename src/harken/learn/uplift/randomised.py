"""Was the contact drawn by lot? What is known of customers must not tell who was contacted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr

from harken.learn.folds import folds

Floats = NDArray[np.float64]

DOUBTFUL_BELOW = 0.001
"""A lot drawn fairly is called doubtful once in a thousand times."""
TREES_FROM = 500
TREES_AT_MOST = 50_000


@dataclass(frozen=True, slots=True)
class Balance:
    """Whether those contacted and the others were alike before.

    `p_value` is the chance of differences as large as these if the contact was drawn by lot; `auc` how well the
    covariates tell the two apart for customers left out (0.5 = not at all; NaN where there were too few customers
    to try); `largest` the index of the covariate that differs most and `largest_difference` by how many of its
    standard deviations (both None without covariates).
    """

    p_value: float
    auc: float
    largest: int | None
    largest_difference: float | None

    @property
    def holds(self) -> bool:
        """True where nothing speaks against the lot."""
        return self.p_value >= DOUBTFUL_BELOW


def balance(
    covariates: Floats,
    contacted: NDArray[np.bool_],
    *,
    propensity: Floats | None = None,
    trees: bool = True,
    seed: int = 0,
) -> Balance:
    """Tests whether covariates known before predict who was contacted beyond chance.

    `covariates` (n, p), NaN where unknown; `contacted` bool (n,); `propensity` (n,) where the lot's chances were
    known and not the same for all. Two tests share the error equally: the score test of a linear link, chi-square
    with p degrees of freedom, and the AUC of boosted trees for the half left out against 0.5 (one-sided; the
    rank-sum's variance), which sees what is not linear; it is left out without `trees`.

    >>> rng = np.random.default_rng(3)
    >>> x = rng.normal(size=(2000, 3))
    >>> balance(x, rng.random(2000) < 0.5).holds, balance(x, x[:, 0] + rng.normal(size=2000) > 0).holds
    (True, False)
    """
    t = contacted.astype(np.float64)
    x = _design(covariates)
    if x.shape[1] == 0:
        return Balance(1.0, float("nan"), None, None)
    linear = _score_test(x, t, propensity)
    differences = standardised_differences(covariates, contacted)
    largest = int(np.argmax(np.abs(differences)))
    tried = trees and propensity is None
    auc, by_trees = _left_out_auc(covariates, contacted, seed) if tried else (float("nan"), 1.0)
    p = min(1.0, 2 * min(linear, by_trees)) if np.isfinite(auc) else linear
    return Balance(p, auc, largest, float(differences[largest]))


def standardised_differences(
    covariates: Floats, contacted: NDArray[np.bool_], weight: Floats | None = None
) -> Floats:
    """Mean of those contacted less that of the others, per covariate (p,), in standard deviations.

    The standard deviation is the root of the mean of both sides' variances, without weights (Austin 2009);
    `weight` (n,) weights the means. Unknown values are left out.

    >>> standardised_differences(np.array([[1.0], [3.0], [2.0], [4.0]]), np.array([0, 0, 1, 1], bool)).round(2)
    array([0.71])
    """
    w = np.ones(len(covariates)) if weight is None else weight
    known = np.isfinite(covariates)
    x = np.where(known, covariates, 0.0)

    def mean(rows: NDArray[np.bool_], weights: Floats) -> Floats:
        counted = (known & rows[:, None]) * weights[:, None]
        return np.asarray((x * counted).sum(axis=0) / np.maximum(counted.sum(axis=0), 1e-12))

    def variance(rows: NDArray[np.bool_]) -> Floats:
        n = (known & rows[:, None]).sum(axis=0)
        off = np.where(known & rows[:, None], x - mean(rows, np.ones(len(x))), 0.0)
        return np.asarray((off**2).sum(axis=0) / np.maximum(n - 1, 1))

    spread = np.sqrt((variance(contacted) + variance(~contacted)) / 2)
    gap = mean(contacted, w) - mean(~contacted, w)
    different = np.where(np.abs(gap) > 1e-9, np.copysign(np.inf, gap), 0.0)
    return np.divide(gap, spread, out=different, where=spread > 0)


def _design(covariates: Floats) -> Floats:
    """Standardised covariates with gaps at the mean, marks of gaps, and no column that is a sum of others."""
    known = np.isfinite(covariates)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, covariates, 0.0).sum(axis=0) / count
    filled = np.where(known, covariates, mean) - mean
    marks = (~known[:, ~known.all(axis=0) & known.any(axis=0)]).astype(np.float64)
    x = np.hstack([filled, marks - marks.mean(axis=0)])
    scale = x.std(axis=0)
    return np.asarray(x[:, scale > 1e-12] / scale[scale > 1e-12])


def _score_test(x: Floats, t: Floats, propensity: Floats | None) -> float:
    e = np.full(len(t), t.mean()) if propensity is None else propensity
    weight = e * (1 - e)
    centred = x - (weight @ x) / weight.sum() if propensity is None else x
    score = centred.T @ (t - e)
    variance = (centred * weight[:, None]).T @ centred
    values, vectors = np.linalg.eigh(variance)
    kept = values > 1e-9 * values.max()
    statistic = float((((vectors.T @ score)[kept] ** 2) / values[kept]).sum())
    return float(chdtrc(int(kept.sum()), statistic))


def _left_out_auc(covariates: Floats, contacted: NDArray[np.bool_], seed: int) -> tuple[float, float]:
    """AUC for the half left out and its one-sided p; NaN and 1 where it cannot be tried.

    One half teaches, the other tests: over several folds the tests would hang together and cry wolf.
    """
    n = len(contacted)
    few = min(int(contacted.sum()), int((~contacted).sum()))
    if n < TREES_FROM or few < 50:
        return float("nan"), 1.0
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows = np.arange(n) if n <= TREES_AT_MOST else np.random.default_rng(seed).permutation(n)[:TREES_AT_MOST]
    x, t = covariates[rows], contacted[rows]
    taught = folds(rows.astype(np.int64), seed, 2) == 0
    model = HistGradientBoostingClassifier(
        max_iter=30, max_leaf_nodes=8, learning_rate=0.1, min_samples_leaf=40, early_stopping=False, max_bins=64,
        random_state=seed,
    )  # fmt: skip
    said, true = model.fit(x[taught], t[taught]).decision_function(x[~taught]), t[~taught]
    a, b = int(true.sum()), int((~true).sum())
    above = float(midranks(said)[true].sum()) - a * (a + 1) / 2
    _, ties = np.unique(said, return_counts=True)
    m = a + b
    variance = a * b / 12 * (m + 1 - float((ties**3 - ties).sum()) / (m * (m - 1)))
    z = (above - a * b / 2) / np.sqrt(max(variance, 1e-12))
    return above / (a * b), float(ndtr(-z))


def midranks(values: Floats) -> Floats:
    """The rank of each value, smallest 1; equal values share the mean of theirs.

    >>> midranks(np.array([3.0, 1.0, 3.0]))
    array([2.5, 1. , 2.5])
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[inverse], dtype=np.float64)
