"""Probabilities that mean what they say: of customers given 30 %, thirty in a hundred leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.retention.classifiers import expit, logit


@dataclass(frozen=True, slots=True)
class Calibration:
    """A straight line on log odds: calibrated = intercept + slope x raw (Platt 1999).

    Slope 1 and intercept 0 change nothing; `slope_error` and `intercept_error` are standard errors.
    """

    intercept: float
    slope: float
    intercept_error: float
    slope_error: float

    def apply(self, risk: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated probabilities of raw ones, shape (m,)."""
        return expit(self.intercept + self.slope * logit(risk))


IDENTITY = Calibration(0.0, 1.0, 0.0, 0.0)


def fit_calibration(risk: NDArray[np.float64], y: NDArray[np.bool_]) -> Calibration:
    """The line that best maps risks of customers the model never saw to what happened to them.

    `risk` float (n,) out-of-fold or later in time, `y` bool (n,). Logistic regression of y on the log odds by
    Newton steps, standard errors from the Fisher information (Cox 1958, "Two further applications of a model for
    binary regression"). Constant risks get slope 1. With a vague pull towards no change (one customer's worth),
    so that few events cannot turn the line over.

    >>> rng = np.random.default_rng(3)
    >>> true = rng.beta(2, 5, 20000)
    >>> fit_calibration(expit(2 * logit(true)), rng.random(20000) < true).slope.__round__(1)
    0.5
    """
    x = logit(risk)
    if len(x) == 0 or float(np.ptp(x)) < 1e-9:
        rate = (float(y.sum()) + 0.5) / (len(y) + 1.0)
        shift = float(logit(np.array([rate]))[0] - (x[0] if len(x) else 0.0))
        return Calibration(shift if len(x) else 0.0, 1.0, 1.0 / np.sqrt(len(y) * rate * (1 - rate) + 1e-9), 0.0)
    design = np.column_stack([np.ones_like(x), x])
    weights = np.array([0.0, 1.0])
    pull = np.diag([1e-6, 1.0])
    information = pull
    for _ in range(50):
        p = expit(design @ weights)
        gradient = design.T @ (y - p) - pull @ (weights - np.array([0.0, 1.0]))
        information = (design * (p * (1 - p))[:, None]).T @ design + pull
        step = np.linalg.solve(information, gradient)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-9:
            break
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    return Calibration(float(weights[0]), float(weights[1]), float(errors[0]), float(errors[1]))


def cross_calibrated(
    risk: NDArray[np.float64], y: NDArray[np.bool_], fold: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Out-of-fold risks, each fold calibrated by the line of the other folds; all of shape (n,)."""
    calibrated = np.empty_like(risk)
    for k in np.unique(fold):
        held_out = fold == k
        calibrated[held_out] = fit_calibration(risk[~held_out], y[~held_out]).apply(risk[held_out])
    return calibrated
