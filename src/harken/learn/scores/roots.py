"""Many equations solved at once: one root per element, between two bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def bracketed_roots(
    function: Callable[[Floats], Floats],
    lower: Floats,
    upper: Floats,
    *,
    tolerance: float = 1e-12,
    iterations: int = 80,
) -> Floats:
    """Where each of many curves crosses zero.

    `function` maps an array to an array of the same shape, element by element; at `lower` and `upper` its
    values have opposite signs (or are zero). Returns the roots to `tolerance` (absolute). Elements whose values
    do not change sign return a point of the bracket and are the caller's duty.

    Source: Chandrupatla 1997, Advances in Engineering Software 28, 145-149 (inverse quadratic interpolation where
    it is safe, bisection elsewhere).

    >>> bracketed_roots(lambda x: x * x - 2.0, np.array([0.0]), np.array([2.0])).round(9).tolist()
    [1.414213562]
    """
    newest, f_newest = upper.astype(np.float64), function(upper)
    opposite, f_opposite = lower.astype(np.float64), function(lower)
    step = np.full_like(newest, 0.5)
    for _ in range(iterations):
        trial = newest + step * (opposite - newest)
        f_trial = function(trial)
        same = np.sign(f_trial) == np.sign(f_newest)
        dropped, f_dropped = np.where(same, newest, opposite), np.where(same, f_newest, f_opposite)
        opposite, f_opposite = np.where(same, opposite, newest), np.where(same, f_opposite, f_newest)
        newest, f_newest = trial, f_trial
        width = np.abs(opposite - newest)
        if np.all((width < tolerance) | (f_newest == 0.0)):
            break
        step = _next_step(newest, f_newest, opposite, f_opposite, dropped, f_dropped)
        margin = np.clip(0.5 * tolerance / np.maximum(width, tolerance), 0.0, 0.5)
        step = np.clip(step, margin, 1.0 - margin)
        # An exact hit stays where it is: interpolating from it would only add rounding noise.
        step = np.where(f_newest == 0.0, 0.0, step)
    return np.where(np.abs(f_newest) <= np.abs(f_opposite), newest, opposite)


def _next_step(x1: Floats, f1: Floats, x2: Floats, f2: Floats, x3: Floats, f3: Floats) -> Floats:
    """Share of the way from x1 to x2 for the next trial: interpolated where Chandrupatla's test allows it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        xi = (x1 - x2) / (x3 - x2)
        phi = (f1 - f2) / (f3 - f2)
        safe = (phi**2 < xi) & ((1.0 - phi) ** 2 < 1.0 - xi)
        interpolated = f1 / (f2 - f1) * f3 / (f2 - f3) + (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
    return np.where(safe & np.isfinite(interpolated), interpolated, 0.5)
