"""All metrics together as one score, every customer judged by weights that were fitted without that customer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harken.learn.folds import folds

Floats = NDArray[np.float64]
FOLDS = 5
RIDGE = 1.0
STEPS = 25


def combined(customer_id: NDArray[np.int64], outcome: Floats, scores: Floats, seed: int) -> Floats:
    """Out-of-fold score (n,) from `scores` (n, k) for `outcome` (n,), all finite.

    Yes or no: logistic regression with a slight ridge; amounts: least squares on their ranks. The intercepts of the
    folds are left out, as their differences would only blur the ranking of customers from different folds.
    """
    from scipy.stats import rankdata

    yes_no = len(np.unique(outcome)) == 2
    target = (outcome == outcome.max()).astype(float) if yes_no else rankdata(outcome) / len(outcome)
    fold = folds(customer_id, seed, FOLDS)
    out = np.zeros(len(target))
    for one in range(FOLDS):
        held = fold == one
        train = ~held
        if not held.any() or not train.any():
            continue
        mean, spread = scores[train].mean(axis=0), scores[train].std(axis=0)
        spread = np.where(spread > 0, spread, 1.0)
        x = (scores - mean) / spread
        weights = _logistic(x[train], target[train]) if yes_no else _least_squares(x[train], target[train])
        out[held] = x[held] @ weights
    return np.round(out, 9)


def _least_squares(x: Floats, y: Floats) -> Floats:
    found: Floats = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ (y - y.mean()))
    return found


def _logistic(x: Floats, y: Floats) -> Floats:
    """Newton's steps; the intercept bears no ridge."""
    design = np.column_stack([np.ones(len(x)), x])
    penalty = np.diag([1e-9] + [RIDGE] * x.shape[1])
    beta = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (y - p) - penalty @ beta
        curvature = (design * np.maximum(p * (1 - p), 1e-9)[:, None]).T @ design + penalty
        step = np.linalg.solve(curvature, gradient)
        beta += step
        if np.abs(step).max() < 1e-10:
            break
    return np.asarray(beta[1:])
