"""Likely ranges of mean answers: the score interval on scales of a few answers, Student's t on fine ones.

The usual t interval is too narrow where most answers are alike: over populations like real ratings its coverage
falls to .82-.85 with 5 to 20 answers. Inverting the score test of the mean on the known scale (the same idea that
is Wilson's interval on two answers and Tango's on three) covers .944 and more there, and is narrower.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from harken.learn.scores.intervals import Bounds, standard_errors, wilson_bounds, z_of
from harken.learn.scores.roots import bracketed_roots

Floats = NDArray[np.float64]

TILT_STEPS_MAX = 60
LEVELS_MAX = 25
"""Scales with more different answers than this use Student's t interval."""


def mean_interval(
    counts: ArrayLike, answers: ArrayLike, ends: tuple[float, float], level: ArrayLike = 0.95
) -> Bounds:
    """How sure a mean answer is: `counts` (..., K) of the K different `answers` on a scale between two `ends`.

    Counts may be fractional. Returns (lower, upper) in units of the scale, shape (...); without any answer the
    whole scale. Keeps a width when all answers are equal: unseen answers may lie elsewhere.

    Source: score test of a mean on a known finite scale, with the multinomial fitted under the hypothesis (as Tango
    1998 does for three answers and Wilson 1927 for two; fitted shares as in Owen 1988, Biometrika 75, 237-249).

    >>> lower, upper = mean_interval([0, 0, 1, 3, 6], [1, 2, 3, 4, 5], (1, 5))
    >>> round(float(lower), 3), round(float(upper), 3)
    (3.529, 4.793)
    """
    histogram = np.asarray(counts, dtype=np.float64)
    quantile = np.broadcast_to(z_of(level), histogram.shape[:-1])
    return mean_score_bounds(histogram, np.asarray(answers, dtype=np.float64), ends, quantile)


def mean_score_bounds(histogram: Floats, answers: Floats, ends: tuple[float, float], z: Floats) -> Bounds:
    """The score interval of a mean at normal quantiles `z` of shape (...); see `mean_interval`."""
    low, high = ends
    size = histogram.sum(axis=-1)
    known = size > 0
    shares = histogram / np.where(known, size, 1.0)[..., None]
    # In shares of the scale; the upper end is the mirrored lower end on the mirrored scale.
    place = (answers - low) / (high - low)
    both_shares = np.stack([shares, shares])
    both_places = np.stack([np.broadcast_to(place, shares.shape), np.broadcast_to(1.0 - place, shares.shape)])
    lowest = _lower_mean(both_shares, both_places, np.stack([size, size]), np.stack([z, z]))
    lower = np.where(known, low + (high - low) * lowest[0], low)
    upper = np.where(known, high - (high - low) * lowest[1], high)
    return lower, upper


def mean_score_distance(histogram: Floats, answers: Floats, ends: tuple[float, float], value: Floats) -> Floats:
    """How many standard errors the mean is away from a hypothetical true `value` (the score statistic, >= 0)."""
    low, high = ends
    size = histogram.sum(axis=-1)
    shares = histogram / np.where(size > 0, size, 1.0)[..., None]
    place, true = (answers - low) / (high - low), (value - low) / (high - low)
    inside = np.clip(true, 0.0, 1.0)
    observed: Floats = (shares * place).sum(axis=-1)
    # A true mean above the observed one is a true mean below it on the mirrored scale.
    below = inside <= observed
    places = np.where(below[..., None], place, 1.0 - place)
    variance = _restricted_variance(shares, places, np.where(below, inside, 1.0 - inside))
    gap = np.where(size > 0, np.abs(observed - inside), 0.0)
    return standard_errors(gap, np.sqrt(variance / np.where(size > 0, size, 1.0)), true == inside)


def _lower_mean(shares: Floats, place: Floats, size: Floats, z: Floats) -> Floats:
    """The smallest mean in [0, 1] that the score test does not reject, for answers at `place` in [0, 1]."""
    value: Floats = (shares * place).sum(axis=-1)
    reach: Floats = z / np.sqrt(np.where(size > 0, size, 1.0))

    def excess(mean: Floats) -> Floats:
        return value - mean - reach * np.sqrt(_restricted_variance(shares, place, mean))

    # At the observed mean of equal answers the excess is zero by itself; just below it is negative.
    root = bracketed_roots(excess, np.zeros_like(value), np.maximum(value - 1e-12, 0.0), tolerance=1e-11)
    return np.where((value <= 1e-12) | (z <= 0) | (size <= 0), value, root)


def _restricted_variance(shares: Floats, place: Floats, mean: Floats) -> Floats:
    """Variance of one answer when the true mean is `mean` (at most the observed one) and the shares fit best.

    The fitted shares are shares / (1 + u (place - mean) / mean) with u in [0, 1]; where even u = 1 leaves the mean
    too high, the missing share lies at the scale's end 0 although nobody answered so.
    """
    floor = np.where(mean > 0, mean, 1.0)
    tilt = (place - mean[..., None]) / floor[..., None]
    seen = shares > 0
    u = _fitted_tilt(np.where(seen, shares, 0.0), tilt)
    with np.errstate(divide="ignore", invalid="ignore"):
        fitted = np.where(seen, shares / (1.0 + u[..., None] * tilt), 0.0)
    missing = np.maximum(1.0 - fitted.sum(axis=-1), 0.0)
    variance = (fitted * (place - mean[..., None]) ** 2).sum(axis=-1) + missing * mean**2
    return np.where(mean > 0, variance, 0.0)


def _fitted_tilt(shares: Floats, tilt: Floats) -> Floats:
    """The u in [0, 1] where the falling sum of shares x tilt / (1 + u tilt) is zero; 1 where it stays above.

    Newton's steps, halving the bracket where one would leave it: the innermost loop of every interval of a mean.
    """
    low, high = np.zeros(tilt.shape[:-1]), np.ones(tilt.shape[:-1])
    u = high
    for _ in range(TILT_STEPS_MAX):
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.where(shares > 0, tilt / (1.0 + u[..., None] * tilt), 0.0)
            terms = shares * slope
            height = terms.sum(axis=-1)
            newton = u + height / (terms * slope).sum(axis=-1)
        above = height >= 0
        low, high = np.where(above, u, low), np.where(above, high, u)
        following = np.where((newton >= low) & (newton <= high), newton, (low + high) / 2.0)
        following = np.where(height == 0.0, u, following)
        step = np.abs(following - u)
        u = following
        if np.all(step < 1e-14):
            break
    return u


def mean_t_bounds(
    mean: ArrayLike, variance: ArrayLike, n_effective: ArrayLike, ends: tuple[float, float], z: ArrayLike
) -> Bounds:
    """How sure a mean on a fine scale is: Student's t interval, cut at the ends of the scale.

    `variance` is the plain (divided by n) variance of the answers, `n_effective` the number of answers they are
    worth. Where all answers are equal Student's interval would have no width; there, as in `mean_interval`, at most
    Wilson's upper share for 0 of n of the answers lie elsewhere, at worst at an end of the scale.
    """
    value, spread, size, quantile = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (mean, variance, n_effective, z))
    )
    low, high = ends
    known = size > 0
    freedom = np.maximum(size - 1.0, 1e-9)
    with np.errstate(over="ignore", invalid="ignore"):
        half = -stdtrit(freedom, ndtr(-quantile)) * np.sqrt(spread / freedom)
    unseen = wilson_bounds(np.zeros_like(size), size, quantile)[1]
    alike = spread <= 1e-12 * (high - low) ** 2
    lower = np.where(alike, value - unseen * (value - low), value - half)
    upper = np.where(alike, value + unseen * (high - value), value + half)
    return (
        np.where(known, np.clip(lower, low, high), low),
        np.where(known, np.clip(upper, low, high), high),
    )


def mean_t_distance(
    mean: ArrayLike, variance: ArrayLike, n_effective: ArrayLike, ends: tuple[float, float], value: ArrayLike
) -> Floats:
    """The normal quantile at which the interval of `mean_t_bounds` just reaches a hypothetical true `value`."""
    observed, spread, size, true = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (mean, variance, n_effective, value))
    )
    low, high = ends
    inside = np.clip(true, low, high)
    gap = np.where(size > 0, np.abs(observed - inside), 0.0)
    freedom = np.maximum(size - 1.0, 1e-9)
    room = np.where(inside < observed, observed - low, high - observed)
    with np.errstate(divide="ignore", invalid="ignore"):
        student = -ndtri(stdtr(freedom, -gap / np.sqrt(spread / freedom)))
        unseen = gap / room
        elsewhere = np.sqrt(size * unseen / (1.0 - unseen))
    distance = np.where(spread <= 1e-12 * (high - low) ** 2, elsewhere, student)
    return np.where(true == inside, np.where(gap > 0, distance, 0.0), np.inf)
