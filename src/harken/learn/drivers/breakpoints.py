"""Where a line bends: first whether it bends at all, then where, with an honest interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.vocabulary.estimates import Estimate, Interval

Floats = NDArray[np.float64]

CHI2_95 = 3.841458820694124
STEP_95 = 7.352
"""95 % point of the likelihood ratio for the place of a step (Hansen 2000, Econometrica 68, table 1)."""
DRAWS = 4_000


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """A bend or a jump: `place` in units of the exposure with its interval, and the slopes before and after it.

    `jump` is the height of the step at the place, None where the line only bends. Slopes are per unit of exposure.
    """

    place: Estimate
    slope_before: Estimate
    slope_after: Estimate
    jump: Estimate | None = None


def bend_p_value(residual: Floats, null_basis: Floats, hinges: Floats, *, seed: int) -> float:
    """The chance of so strong a bend if the outcome ran along the null curve: the existence test, before any place.

    `residual` (n,) is the outcome with everything else taken out, `null_basis` (n, k) the curve under the null
    (a line; or a parabola, so that a smooth curve does not pass for a threshold), `hinges` (n, g) the ramps
    max(x - place, 0) at the candidate places, treated like the basis. The largest squared score over the places
    is compared with its distribution under the null, simulated from the scores' own covariance (a score
    bootstrap: the multiplier form of Hansen 1996 for the problem of Davies 1987), so unequal variances do no harm.
    """
    weights, *_ = np.linalg.lstsq(null_basis, np.column_stack([residual, hinges]), rcond=None)
    left = np.column_stack([residual, hinges]) - null_basis @ weights
    error, ramps = left[:, 0], left[:, 1:]
    scores = ramps * error[:, None]
    covariance = scores.T @ scores
    spread = np.sqrt(np.diag(covariance))
    alive = spread > 1e-9 * max(float(spread.max(initial=0.0)), 1e-300)
    if not alive.any():
        return 1.0
    statistic = float(np.max((scores.sum(axis=0)[alive] / spread[alive]) ** 2))
    correlation = covariance[np.ix_(alive, alive)] / np.outer(spread[alive], spread[alive])
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    draws = np.random.default_rng(seed).standard_normal((DRAWS, len(root))) @ root.T
    return float((1 + int(((draws**2).max(axis=1) >= statistic).sum())) / (DRAWS + 1))


def profile_interval(
    places: Floats, deviance: Floats, *, limit: float = CHI2_95, refine: bool = True
) -> tuple[float, float, float]:
    """The best place and the 95 % interval of places not much worse: deviance within `limit` of the least.

    `places` ascending (g,), `deviance` (g,) is minus twice the log likelihood at each. The bottom is refined by the
    parabola through the three lowest neighbours; ends are interpolated; one that runs to the edge ends there.

    >>> places = np.linspace(0, 10, 101)
    >>> [round(end, 2) for end in profile_interval(places, (places - 4.03) ** 2)]
    [4.03, 2.07, 5.99]
    """
    lowest = int(np.argmin(deviance))
    best, bottom = float(places[lowest]), float(deviance[lowest])
    if refine and 0 < lowest < len(places) - 1:
        around = slice(lowest - 1, lowest + 2)
        a, b, c = np.polyfit(places[around] - best, deviance[around], 2)
        shift = -b / (2 * a) if a > 0 else 0.0
        if places[lowest - 1] <= best + shift <= places[lowest + 1]:
            best, bottom = best + float(shift), float(c - b * b / (4 * a)) if a > 0 else bottom
    inside = deviance - bottom <= limit
    first, last = int(np.argmax(inside)), len(inside) - 1 - int(np.argmax(inside[::-1]))
    rise = deviance - bottom
    return best, _crossing(places, rise, first, -1, limit), _crossing(places, rise, last, 1, limit)


def _crossing(places: Floats, rise: Floats, at: int, step: int, limit: float) -> float:
    beyond = at + step
    if not 0 <= beyond < len(places):
        return float(places[at])
    part = (limit - rise[at]) / (rise[beyond] - rise[at])
    return float(places[at] + part * (places[beyond] - places[at]))


def binomial_breakpoint(x: Floats, events: Floats, trials: Floats, *, places: Floats | None = None) -> Breakpoint:
    """The bend of a logistic line through counts: `events` of `trials` at each value of `x`, all float (n,).

    Profile likelihood over `places` (by default 400 even steps within the middle 90 % of the range); slopes are on
    the log odds. A place is always found: ask `bend_p_value` first whether there is one.

    Source: the model of Muggeo 2003, Statistics in Medicine 22; the interval is the profile likelihood's.
    """
    low, high = np.quantile(x, [0.05, 0.95])
    grid = np.linspace(low, high, 400) if places is None else places
    deviance = np.array([_logistic_deviance(_ramp_design(x, place), events, trials)[0] for place in grid])
    best, lower, upper = profile_interval(grid, deviance)
    _, weights, covariance = _logistic_deviance(_ramp_design(x, best), events, trials)
    n = int(trials.sum())
    return Breakpoint(
        place=Estimate(best, Interval(min(lower, best), max(upper, best)), n, "breakpoint.profile"),
        slope_before=_slope(weights, covariance, np.array([0.0, 1.0, 0.0]), n),
        slope_after=_slope(weights, covariance, np.array([0.0, 1.0, 1.0]), n),
    )


def _ramp_design(x: Floats, place: float) -> Floats:
    return np.column_stack([np.ones_like(x), x - place, np.maximum(x - place, 0.0)])


def _slope(weights: Floats, covariance: Floats, direction: Floats, n: int) -> Estimate:
    value = float(direction @ weights)
    return Estimate.from_error(value, float(np.sqrt(direction @ covariance @ direction)), n, "breakpoint.slope")


def _logistic_deviance(design: Floats, events: Floats, trials: Floats) -> tuple[float, Floats, Floats]:
    """Minus twice the log likelihood (up to a constant), weights and covariance of a grouped logistic fit."""

    def deviance(weights: Floats) -> float:
        linear = design @ weights
        return -2 * float((events * linear - trials * np.logaddexp(0.0, linear)).sum())

    rate = events.sum() / trials.sum()
    weights: Floats = np.zeros(design.shape[1])
    weights[0] = np.log(rate / (1 - rate))
    covariance: Floats = np.eye(design.shape[1])
    lowest = deviance(weights)
    for _ in range(100):
        p = 0.5 * (1 + np.tanh(0.5 * (design @ weights)))
        covariance = np.asarray(
            np.linalg.pinv((design * (trials * p * (1 - p))[:, None]).T @ design), dtype=np.float64
        )
        step = covariance @ (design.T @ (events - trials * p))
        size = 1.0
        # Newton overshoots where rates are small: halve until the fit improves.
        while (tried := deviance(weights + size * step)) > lowest + 1e-9 and size > 1e-6:
            size /= 2
        weights, gained, lowest = weights + size * step, lowest - tried, tried
        if gained < 1e-10:
            break
    return lowest, weights, covariance
