"""Likely ranges of shares, net scores and means, and of the difference between two of them.

Everything here is vectorised: counts, weights and levels may be arrays of one shape (or broadcast to one), so that
thousands of segments cost little more than one. Shares run from 0 to 1 and net scores from -1 to 1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtrit

from harken.learn.scores.roots import bracketed_roots

Floats = NDArray[np.float64]
Bounds = tuple[Floats, Floats]
"""Lower and upper ends, arrays of one shape."""

Z_MAX = 9.0
"""Largest distance searched when a difference is turned into a p-value: p below 2e-19 is not told apart."""


def z_of(level: ArrayLike) -> Floats:
    """The two-sided normal quantile of a confidence level, such as 1.96 for 0.95.

    >>> float(z_of(0.95).round(4))
    1.96
    """
    return np.asarray(ndtri(0.5 + np.asarray(level, dtype=np.float64) / 2.0))


def net_interval(
    detractors: ArrayLike, passives: ArrayLike, promoters: ArrayLike, level: ArrayLike = 0.95
) -> Bounds:
    """How sure a Net Promoter Score is: the range of scores the answers do not contradict.

    Counts may be fractional (effective counts of weighted answers). Returns (lower, upper) as net shares from -1 to
    1; without any answer the whole range. Stays inside the range and keeps a width when everybody agrees.

    Source: Tango 1998, Statistics in Medicine 17, 891-908: the score interval of a paired difference of
    proportions, which a net score is, with promoters and detractors as the discordant cells.

    >>> lower, upper = net_interval(30, 25, 45)
    >>> round(100 * float(lower), 2), round(100 * float(upper), 2)
    (-1.98, 31.05)
    """
    down, mid, up = (np.asarray(count, dtype=np.float64) for count in (detractors, passives, promoters))
    return net_bounds(up, down, up + mid + down, z_of(level))


def net_bounds(promoters: ArrayLike, detractors: ArrayLike, n: ArrayLike, z: ArrayLike) -> Bounds:
    """The score interval of a net share at normal quantiles `z` (see `net_interval`), element by element."""
    up, down, total, quantile = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (promoters, detractors, n, z))
    )
    # The upper end is the mirrored lower end with the two bands exchanged, so one search finds both.
    ends = _net_lower(
        np.stack([up, down]), np.stack([down, up]), np.stack([total, total]), np.stack([quantile] * 2)
    )
    return ends[0], -ends[1]


def _net_lower(up: Floats, down: Floats, n: Floats, z: Floats) -> Floats:
    """The smallest net share D with (up - down - n D) <= z * sqrt(n * variance of the restricted fit at D)."""
    known = n > 0
    size = np.where(known, n, 1.0)

    def excess(delta: Floats) -> Floats:
        return up - down - size * delta - z * np.sqrt(size * _restricted_variance(up, down, size, delta))

    value = np.clip(np.where(known, (up - down) / size, -1.0), -1.0, 1.0)
    # At 1 the excess is zero by itself (everybody promotes); just below it is negative, as a bracket needs.
    root = bracketed_roots(excess, np.full_like(value, -1.0), np.minimum(value, 1.0 - 1e-12))
    root = np.where((z <= 0) | (value <= -1.0), value, root)
    return np.clip(np.where(known, root, -1.0), -1.0, 1.0)


def _restricted_variance(up: Floats, down: Floats, n: Floats, delta: Floats) -> Floats:
    """n times the variance of the net share when its true value is `delta` and the rest is fitted (Tango eq. 5)."""
    a = 2.0 * n
    b = -up - down + (2.0 * n - up + down) * delta
    c = -down * delta * (1.0 - delta)
    root = np.sqrt(np.maximum(b * b - 4.0 * a * c, 0.0))
    # Two forms of the same solution; each is free of cancellation where it is used.
    with np.errstate(divide="ignore", invalid="ignore"):
        share_down = np.where(b > 0, -2.0 * c / (b + root), (root - b) / (2.0 * a))
    share_down = np.maximum(share_down, np.maximum(0.0, -delta))
    return np.maximum(2.0 * share_down + delta * (1.0 - delta), 0.0)


def wilson_interval(count: ArrayLike, n: ArrayLike, level: ArrayLike = 0.95) -> Bounds:
    """How sure a share is, such as the share of satisfied customers: `count` of `n`, both may be fractional.

    Returns (lower, upper) from 0 to 1; without any answer the whole range.

    Source: Wilson 1927; Newcombe 1998, Statistics in Medicine 17, 857-872, method 3.

    >>> lower, upper = wilson_interval(81, 263)
    >>> round(float(lower), 4), round(float(upper), 4)
    (0.2553, 0.3662)
    """
    return wilson_bounds(count, n, z_of(level))


def wilson_bounds(count: ArrayLike, n: ArrayLike, z: ArrayLike) -> Bounds:
    """Wilson's interval at normal quantiles `z` (see `wilson_interval`), element by element."""
    hits, total, quantile = np.broadcast_arrays(*(np.asarray(part, dtype=np.float64) for part in (count, n, z)))
    known = total > 0
    size = np.where(known, total, 1.0)
    share = np.clip(hits / size, 0.0, 1.0)
    square = quantile**2
    centre = (share + square / (2.0 * size)) / (1.0 + square / size)
    half = quantile * np.sqrt(share * (1.0 - share) / size + square / (4.0 * size**2)) / (1.0 + square / size)
    lower = np.where(known & (share > 0), centre - half, 0.0)
    upper = np.where(known & (share < 1), centre + half, 1.0)
    return np.clip(lower, 0.0, 1.0), np.clip(upper, 0.0, 1.0)


def mean_bounds(
    mean: ArrayLike, variance: ArrayLike, n_effective: ArrayLike, ends: tuple[float, float], z: ArrayLike
) -> Bounds:
    """How sure a mean answer is: Student's t interval, cut at the ends of the scale.

    `variance` is the plain (divided by n) variance of the answers, `n_effective` the number of answers they are
    worth, `ends` the scale's minimum and maximum. Where all answers are equal, Student's interval would have no
    width; there the range is what unseen answers could do: at most Wilson's upper share for 0 of n of them lie
    elsewhere, at worst at an end of the scale (which is exactly Tango's interval on a three-point scale).
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


def mover(
    before: ArrayLike,
    before_bounds: Bounds,
    after: ArrayLike,
    after_bounds: Bounds,
    correlation: ArrayLike = 0.0,
) -> Bounds:
    """How sure the difference after minus before is, from the two ranges (method of variance estimates recovery).

    `correlation` is that of the two estimates: 0 for different respondents, above 0 where the same customers
    answered twice (which makes the range of the difference narrower).

    Source: Zou and Donner 2008, Statistics in Medicine 27, 1693-1702; Newcombe 1998, method 10.

    >>> low, high = mover(0.15, net_interval(30, 25, 45), 0.2825, net_interval(87, 113, 200))
    >>> round(float(low), 4), round(float(high), 4)
    (-0.0469, 0.3185)
    """
    first, second = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    rho = np.asarray(correlation, dtype=np.float64)
    down_first, up_first = first - before_bounds[0], before_bounds[1] - first
    down_second, up_second = second - after_bounds[0], after_bounds[1] - second
    difference = second - first
    lower = difference - np.sqrt(np.maximum(down_second**2 + up_first**2 - 2 * rho * down_second * up_first, 0.0))
    upper = difference + np.sqrt(np.maximum(up_second**2 + down_first**2 - 2 * rho * up_second * down_first, 0.0))
    return lower, upper


def mover_p_value(
    before: ArrayLike,
    before_bounds: Callable[[Floats], Bounds],
    after: ArrayLike,
    after_bounds: Callable[[Floats], Bounds],
    correlation: ArrayLike = 0.0,
) -> Floats:
    """How often chance alone would show such a difference: 1 minus the level at which its range touches zero.

    `before_bounds` and `after_bounds` give the two ranges at any array of normal quantiles; so the p-value and the
    interval of a difference can never contradict each other. Two-sided, from 2e-19 to 1.
    """
    first, second, rho = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (before, after, correlation))
    )
    rising = second >= first

    def reach(z: Floats) -> Floats:
        lower, upper = mover(first, before_bounds(z), second, after_bounds(z), rho)
        return np.where(rising, -lower, upper)

    z = bracketed_roots(reach, np.zeros_like(first), np.full_like(first, Z_MAX), tolerance=1e-10)
    # A range that never reaches zero within the search is as significant as can be told.
    z = np.where(reach(np.full_like(first, Z_MAX)) < 0, Z_MAX, z)
    return np.where(first == second, 1.0, np.minimum(2.0 * ndtr(-z), 1.0))


def false_discovery_adjusted(p_values: ArrayLike) -> Floats:
    """P-values after looking at many things at once (Benjamini and Hochberg 1995); shape and order are kept.

    Reporting those at or below q keeps the expected share of false alarms among the reported at or below q.

    >>> false_discovery_adjusted([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    p = np.asarray(p_values, dtype=np.float64)
    flat = p.ravel()
    if flat.size == 0:
        return p.copy()
    order = np.argsort(-flat, kind="stable")
    ranks = np.arange(flat.size, 0, -1)
    adjusted = np.empty_like(flat)
    adjusted[order] = np.minimum(np.minimum.accumulate(flat[order] * flat.size / ranks), 1.0)
    return adjusted.reshape(p.shape)
