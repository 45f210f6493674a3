"""Probabilities that mean what they say for all customers, not only for those who answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

Floats = NDArray[np.float64]

SLOPE_PRECISION = 4.0
"""Prior precision of the slope around 1: with few answers the trees' own spread is kept."""
SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class BandCalibrator:
    """Calibrated probability of a band is proportional to p^slope x exp(offset of the band).

    `offsets` (3,) for unfavourable, middle, favourable; minus infinity for a band nobody chose.
    """

    slope: float
    offsets: tuple[float, float, float]

    def apply(self, probabilities: Floats) -> Floats:
        """Calibrated probabilities (n, 3) of raw ones (n, 3); each row sums to 1."""
        logs = np.log(np.maximum(probabilities, SMALLEST))
        return np.asarray(softmax(self.slope * logs + np.array(self.offsets), axis=1))


@dataclass(frozen=True, slots=True)
class ScoreCalibrator:
    """Calibrated expected score is offset + slope x raw, held on the scale by the caller's choice."""

    slope: float
    offset: float

    def apply(self, expected: Floats) -> Floats:
        """Calibrated expected scores (n,)."""
        return self.offset + self.slope * expected


def fit_band_calibrator(probabilities: Floats, band: NDArray[np.int8], weights: Floats) -> BandCalibrator:
    """Fit slope and offsets on answers, each weighted by how many customers it stands for.

    `probabilities` (m, 3) out-of-fold, `band` (m,) in -1, 0, 1, `weights` (m,) inverse chances of answering.
    The offsets satisfy their score equations exactly: the weighted mean of the calibrated probabilities equals
    the weighted share of each band. That is what makes the customers' expectations add up to the doubly robust
    total (Scharfstein, Rotnitzky and Robins 1999, rejoinder section 3.2.3; van der Laan and Rubin 2006).
    """
    present = np.array([(band == value).any() for value in (-1, 0, 1)])
    logs = np.log(np.maximum(probabilities[:, present], SMALLEST))
    target = np.stack([band == value for value in np.array((-1, 0, 1))[present]], axis=1).astype(np.float64)
    # effective rather than nominal weights, so that the prior on the slope is met by honest information
    w = weights * (weights.sum() / (weights @ weights))
    slope, free = _newton(logs, target, w, slope_free=True)
    if slope < 0:
        slope, free = _newton(logs, target, w, slope_free=False)
    offsets = np.full(3, -np.inf)
    offsets[present] = np.concatenate([[0.0], free])
    return BandCalibrator(slope, (float(offsets[0]), float(offsets[1]), float(offsets[2])))


def _newton(logs: Floats, target: Floats, w: Floats, slope_free: bool) -> tuple[float, Floats]:
    k = logs.shape[1]
    theta = np.zeros(k)
    theta[0] = 1.0 if slope_free else 0.0
    for _ in range(100):
        scores = theta[0] * logs + np.concatenate([[0.0], theta[1:]])
        p = softmax(scores, axis=1)
        mean_log = (p * logs).sum(axis=1)
        residual = target - p
        gradient = np.concatenate([[w @ (residual * logs).sum(axis=1)], w @ residual[:, 1:]])
        hessian = np.empty((k, k))
        hessian[0, 0] = w @ ((p * logs**2).sum(axis=1) - mean_log**2)
        hessian[0, 1:] = w @ (p[:, 1:] * (logs[:, 1:] - mean_log[:, None]))
        hessian[1:, 0] = hessian[0, 1:]
        weighted = p[:, 1:] * w[:, None]
        hessian[1:, 1:] = np.diag(weighted.sum(axis=0)) - weighted.T @ p[:, 1:]
        gradient[0] -= SLOPE_PRECISION * (theta[0] - 1.0)
        hessian[0, 0] += SLOPE_PRECISION
        if not slope_free:
            gradient, hessian = gradient[1:], hessian[1:, 1:]
        step = np.linalg.solve(hessian + 1e-10 * np.eye(len(gradient)), gradient)
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        theta[-len(step) :] += step
        if np.abs(step).max() < 1e-10:
            break
    return float(theta[0]), theta[1:]


def fit_score_calibrator(expected: Floats, score: Floats, weights: Floats) -> ScoreCalibrator:
    """Weighted straight line from expected (m,) to given scores (m,); the slope is held between 0 and 1.5.

    The offset's equation holds exactly, so that calibrated expectations add up to the doubly robust total.
    """
    w = weights / weights.sum()
    mean_x, mean_y = float(w @ expected), float(w @ score)
    x = expected - mean_x
    spread = float(w @ x**2)
    noise = float(w @ (score - mean_y) ** 2) * float(w @ w)
    prior = noise * SLOPE_PRECISION
    slope = (float(w @ (x * (score - mean_y))) + prior) / max(spread + prior, 1e-12)
    slope = float(np.clip(slope, 0.0, 1.5))
    return ScoreCalibrator(slope, mean_y - slope * mean_x)


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """How far stated probabilities of one band are from what happened, each answer weighted up to all customers.

    `before` and `after` calibration: the mean distance between stated and observed share over ten groups of equal
    weight (0.04 = four percentage points); `by_chance` is what a perfect model would show with so few answers.
    """

    band: int
    before: float
    after: float
    by_chance: float


def calibration_errors(
    raw: Floats, band: NDArray[np.int8], weights: Floats, fold: NDArray[np.int64]
) -> tuple[CalibrationError, ...]:
    """Errors of all three bands before and after; the calibrator judged on an answer never saw that answer's
    fold."""
    honest = np.array(raw)
    for k in np.unique(fold):
        others = fold != k
        if others.any() and len(np.unique(band[others])) > 1:
            honest[~others] = fit_band_calibrator(raw[others], band[others], weights[others]).apply(raw[~others])
    errors = []
    for at, value in enumerate((-1, 0, 1)):
        happened = band == value
        before, _ = calibration_error(raw[:, at], happened, weights)
        after, chance = calibration_error(honest[:, at], happened, weights)
        errors.append(CalibrationError(value, before, after, chance))
    return tuple(errors)


def calibration_error(stated: Floats, happened: NDArray[np.bool_], weights: Floats) -> tuple[float, float]:
    """Expected calibration error over ten groups of equal weight, and what it would be by chance alone.

    By chance: the mean absolute value of normal noise with each group's binomial variance, sqrt(2 / pi) x sd.

    >>> round(calibration_error(np.array([0.2, 0.8]), np.array([False, True]), np.ones(2))[0], 6)
    0.2
    """
    order = np.argsort(stated, kind="stable")
    reached = np.cumsum(weights[order]) - weights[order] / 2
    group = np.empty(len(stated), dtype=np.int64)
    group[order] = np.minimum((10 * reached / weights.sum()).astype(np.int64), 9)
    mass = np.bincount(group, weights, 10)
    gap = np.abs(np.bincount(group, weights * (happened - stated), 10))
    variance = np.bincount(group, weights**2 * stated * (1 - stated), 10)
    return float(gap.sum() / mass.sum()), float(np.sqrt(2 * variance / np.pi).sum() / mass.sum())
