"""Whether an adjusted curve is flat, straight, gently bent, or has a threshold, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.breakpoints import CHI2_95, STEP_95, Breakpoint, bend_p_value, profile_interval
from harken.learn.drivers.curve import partially_linear
from harken.vocabulary.estimates import Estimate, Interval

Floats = NDArray[np.float64]

METHOD = "drivers.threshold_profile"
PLACES = 40
FINE_PLACES = 41
LEAST_VALUES = 8
LEAST_CUSTOMERS = 300
LEAST_BEYOND = 0.03
LEVEL = 0.05


class ShapeKind(StrEnum):
    """The form of a curve; "steps" where the exposure has too few values for more than its groups."""

    FLAT = "flat"
    STEPS = "steps"
    STRAIGHT = "straight"
    BENT = "bent"
    THRESHOLD = "threshold"


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of an adjusted curve and the tests behind it.

    `flat_p` tests whether there is any difference at all, `bend_p` whether a straight line suffices, `threshold_p`
    whether a smooth curve does; the last two None where the exposure has too few values. `threshold` is given only
    where the form is a threshold: a place where the line bends, or jumps.
    """

    kind: ShapeKind
    flat_p: float
    bend_p: float | None
    threshold_p: float | None
    threshold: Breakpoint | None


@dataclass(frozen=True, slots=True)
class _Form:
    """One curve with a place: smooth columns it keeps, and whether it has a ramp, its square, a step."""

    smooth: tuple[int, ...]
    ramp: bool
    square: bool
    step: bool

    @property
    def parameters(self) -> int:
        return len(self.smooth) + self.ramp + self.square + self.step + 1


LINE, PARABOLA, CUBIC, QUARTIC, LOGARITHM, ROOT = range(6)
SMOOTH_NULLS: tuple[tuple[int, ...], ...] = ((LINE, PARABOLA), (LINE, LOGARITHM), (LINE, ROOT))
SMOOTH_RIVALS: tuple[tuple[int, ...], ...] = ((LINE, PARABOLA, CUBIC), (LINE, PARABOLA, CUBIC, QUARTIC))
PLACED_FORMS = (
    _Form((LINE,), ramp=True, square=False, step=False),
    _Form((LINE,), ramp=True, square=True, step=False),
    _Form((), ramp=False, square=False, step=True),
    _Form((LINE,), ramp=False, square=False, step=True),
)


def find_shape(
    x: Floats, residual_y: Floats, residuals_of: Callable[[Floats], Floats], *, flat_p: float, seed: int
) -> Shape:
    """Decides the form of the curve of `residual_y` along `x`, both float (n,).

    `residuals_of` takes functions of x as columns (n, g) and returns them with the controls' part taken out.
    A threshold is reported only where all hold: the curve is not flat; there is a bend or jump beyond a straight
    line, and beyond a parabola, a logarithm and a root (score bootstrap, 5 % each), so that none of these smooth
    trends passes for a threshold more often than 1 in 20; and a form with a place (line and ramp, ramp that
    steepens, step, line and step) beats cubic and quartic by Akaike's criterion. Then the place is profiled.

    Source: existence before place after Davies 1987, Biometrika 74, and Hansen 1996, Econometrica 64.
    """
    if flat_p >= LEVEL:
        return Shape(ShapeKind.FLAT, flat_p, None, None, None)
    places = candidate_places(x)
    if len(x) < LEAST_CUSTOMERS or len(places) < 3:
        return Shape(ShapeKind.STEPS, flat_p, None, None, None)
    smooth = residuals_of(_smooth_basis(x))
    ramps, squares, steps = _placed(x, places, residuals_of)
    bends = np.column_stack([ramps, steps])
    bend_p = bend_p_value(residual_y, smooth[:, [LINE]], bends, seed=seed)
    if bend_p >= LEVEL:
        return Shape(ShapeKind.STRAIGHT, flat_p, bend_p, None, None)
    threshold_p = max(bend_p_value(residual_y, smooth[:, list(null)], bends, seed=seed) for null in SMOOTH_NULLS)
    bent = Shape(ShapeKind.BENT, flat_p, bend_p, threshold_p, None)
    if threshold_p >= LEVEL:
        return bent
    best, best_aic, at = PLACED_FORMS[0], np.inf, 0
    for form in PLACED_FORMS:
        errors = _errors(residual_y, smooth, ramps, squares, steps, form)
        aic = _aic(float(errors.min()), len(x), form.parameters)
        if aic < best_aic:
            best, best_aic, at = form, aic, int(np.argmin(errors))
    if best_aic >= min(_aic(_error(residual_y, smooth[:, list(c)]), len(x), len(c)) for c in SMOOTH_RIVALS):
        return bent
    low, high = places[max(at - 2, 0)], places[min(at + 2, len(places) - 1)]
    every = np.union1d(places, np.linspace(low, high, FINE_PLACES)) if not best.step else places
    threshold = _breakpoint(x, residual_y, smooth, residuals_of, every, best)
    return Shape(ShapeKind.THRESHOLD, flat_p, bend_p, threshold_p, threshold)


def candidate_places(x: Floats) -> Floats:
    """Up to 40 values of x, spread over its ranks, with at least 3 % of customers on either side."""
    values, counts = np.unique(x, return_counts=True)
    if len(values) < LEAST_VALUES:
        return np.empty(0)
    below = np.cumsum(counts) / len(x)
    inner = (below >= LEAST_BEYOND) & (1 - below >= LEAST_BEYOND)
    inner[0] = inner[-1] = False
    eligible, weight = values[inner], counts[inner]
    if len(eligible) <= PLACES:
        return eligible
    rank = (np.cumsum(weight) - weight[0]) / max(int(weight[1:].sum()), 1)
    at = np.searchsorted(rank, np.linspace(0, 1, PLACES))
    return np.unique(eligible[np.minimum(at, len(eligible) - 1)])


def _smooth_basis(x: Floats) -> Floats:
    """Powers one to four, logarithm and root of x, each standardised."""
    u = (x - x.mean()) / max(float(x.std()), 1e-12)
    raised = (x - x.min()) / max(float(x.std()), 1e-12)
    columns = np.column_stack([u, u**2, u**3, u**4, np.log1p(raised), np.sqrt(raised)])
    scaled: Floats = (columns - columns.mean(axis=0)) / np.maximum(columns.std(axis=0), 1e-12)
    return scaled


def _placed(x: Floats, places: Floats, residuals_of: Callable[[Floats], Floats]) -> tuple[Floats, Floats, Floats]:
    """Ramps, their squares and steps at each place, (n, places) each, with the controls' part taken out."""
    ramps = np.maximum(x[:, None] - places[None, :], 0.0) / max(float(x.std()), 1e-12)
    steps = (x[:, None] > places[None, :]).astype(np.float64)
    every = residuals_of(np.concatenate([ramps, ramps**2, steps], axis=1))
    g = len(places)
    return every[:, :g], every[:, g : 2 * g], every[:, 2 * g :]


def _aic(error: float, n: int, parameters: int) -> float:
    return n * float(np.log(error / n)) + 2.0 * parameters


def _error(residual_y: Floats, basis: Floats) -> float:
    weights, *_ = np.linalg.lstsq(basis, residual_y, rcond=None)
    return float(((residual_y - basis @ weights) ** 2).sum())


def _errors(
    residual_y: Floats, smooth: Floats, ramps: Floats, squares: Floats, steps: Floats, form: _Form
) -> Floats:
    """Squared error of one form at each place, from Gram matrices."""
    kept = smooth[:, list(form.smooth)]
    total = float(residual_y @ residual_y)
    errors = np.empty(ramps.shape[1])
    parts = [part for part, used in ((ramps, form.ramp), (squares, form.square), (steps, form.step)) if used]
    fixed, fixed_y = kept.T @ kept, kept.T @ residual_y
    for at in range(ramps.shape[1]):
        own = np.column_stack([part[:, at] for part in parts])
        cross = kept.T @ own
        gram = np.block([[fixed, cross], [cross.T, own.T @ own]])
        target = np.concatenate([fixed_y, own.T @ residual_y])
        errors[at] = total - float(target @ np.linalg.pinv(gram) @ target)
    return errors


def _unequal_variance(
    x: Floats,
    residual_y: Floats,
    residuals_of: Callable[[Floats], Floats],
    places: Floats,
    errors: Floats,
    form: _Form,
) -> float:
    """How much surer or less sure the place is than with equal variances (1): where it shows, errors may be larger.

    The likelihood ratio of the place is scaled by the variance of its score (Hansen 2000, equation 15).
    """
    place, scale = float(places[int(np.argmin(errors))]), max(float(x.std()), 1e-12)
    beyond = (x > place).astype(np.float64)
    ramp = np.maximum(x - place, 0.0) / scale
    columns = residuals_of(np.column_stack([x / scale, ramp, ramp**2, beyond]))
    kept = [bool(form.smooth), form.ramp, form.square, form.step]
    curve = columns[:, [at for at, used in enumerate(kept) if used]]
    weights, *_ = np.linalg.lstsq(curve, residual_y, rcond=None)
    error = residual_y - curve @ weights
    if form.step:
        near = np.abs(x - place) <= np.quantile(np.abs(x - place), 0.2)
        return float((error[near] ** 2).mean() / (error**2).mean())
    coefficients, *_ = np.linalg.lstsq(curve, columns[:, 3], rcond=None)
    score = columns[:, 3] - curve @ coefficients
    return float((score**2 * error**2).sum() / max(float((score**2).sum()) * float((error**2).mean()), 1e-300))


def _breakpoint(
    x: Floats,
    residual_y: Floats,
    smooth: Floats,
    residuals_of: Callable[[Floats], Floats],
    places: Floats,
    form: _Form,
) -> Breakpoint:
    n, scale = len(x), max(float(x.std()), 1e-12)
    errors = _errors(residual_y, smooth, *_placed(x, places, residuals_of), form)
    limit = (STEP_95 if form.step else CHI2_95) * _unequal_variance(
        x, residual_y, residuals_of, places, errors, form
    )
    best, lower, upper = profile_interval(places, n * np.log(errors / n), limit=limit, refine=not form.step)
    columns = [(x - best) / scale, np.maximum(x - best, 0.0) / scale, (x > best).astype(np.float64)]
    used = [bool(form.smooth), form.ramp, form.step]
    basis = residuals_of(np.column_stack([column for column, keep in zip(columns, used, strict=True) if keep]))
    weights, covariance = partially_linear(residual_y, basis)

    def part(direction: tuple[float, float, float], unit: float) -> Estimate:
        along = np.array([d for d, keep in zip(direction, used, strict=True) if keep])
        value = float(along @ weights) / unit
        return Estimate.from_error(value, float(np.sqrt(along @ covariance @ along)) / unit, n, METHOD)

    return Breakpoint(
        place=Estimate(best, Interval(min(lower, best), max(upper, best)), n, METHOD),
        slope_before=part((1.0, 0.0, 0.0), scale),
        slope_after=part((1.0, 1.0, 0.0), scale),
        jump=part((0.0, 0.0, 1.0), 1.0) if form.step else None,
    )
