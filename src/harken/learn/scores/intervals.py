"""Likely ranges of shares and net scores, and of the difference between two scores of any kind.

Everything here is vectorised: counts, weights and levels may be arrays of one shape (or broadcast to one), so that
thousands of segments cost little more than one. Shares run from 0 to 1 and net scores from -1 to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from harken.learn.scores.roots import bracketed_roots

Floats = NDArray[np.float64]
Bounds = tuple[Floats, Floats]
"""Lower and upper ends, arrays of one shape."""

SECANT_STEPS = 8
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

    def excess(delta: Floats, some: Any = ...) -> Floats:
        own = up[some], down[some], size[some]
        spread: Floats = np.sqrt(own[2] * _restricted_variance(*own, delta))
        gap: Floats = own[0] - own[1] - own[2] * delta - z[some] * spread
        return gap

    value = np.clip(np.where(known, (up - down) / size, -1.0), -1.0, 1.0)
    # Where all answers are alike the excess is zero by itself; just below it is negative, as a bracket needs.
    highest = np.where(up + down > 0, np.minimum(value, 1.0 - 1e-12), value - 1e-12)
    root, sure = _near_roots(excess, highest, _adjusted_lower(value, up + down, size, z))
    slow = np.nonzero(~sure & (z > 0) & (value > -1.0) & known)
    if slow[0].size:
        root[slow] = bracketed_roots(lambda delta: excess(delta, slow), np.full(slow[0].size, -1.0), highest[slow])
    root = np.where((z <= 0) | (value <= -1.0), value, root)
    return np.clip(np.where(known, root, -1.0), -1.0, 1.0)


def _adjusted_lower(value: Floats, either: Floats, n: Floats, z: Floats) -> Floats:
    """Roughly the lower end: Wald's, with half an answer more in both bands (Agresti and Min 2005)."""
    larger = n + 2.0
    centre = value * n / larger
    spread = np.sqrt(np.maximum(((either + 1.0) / larger - centre**2) / larger, 0.0))
    return np.clip(centre - z * spread, -1.0 + 1e-9, value)


def _near_roots(
    function: Callable[[Floats], Floats], first: Floats, second: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """Secant steps for many curves at once, and where they surely ended below `first`; same shapes."""
    x_old, x = first, second
    f_old = function(x_old)
    sure = np.zeros(x.shape, dtype=bool)
    for _ in range(SECANT_STEPS):
        f = function(x)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = f * (x - x_old) / (f - f_old)
        step = np.where(f == 0.0, 0.0, step)
        following = np.where(sure, x, np.clip(x - step, -1.0, first))
        # At `first`, where all answers are alike, a curve is zero without crossing: that is no end.
        sure |= (np.abs(step) < 1e-13) & (following < first - 1e-9)
        x_old, f_old, x = x, f, following
        if sure.all():
            break
    return x, sure


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


def net_distance(promoters: ArrayLike, detractors: ArrayLike, n: ArrayLike, value: ArrayLike) -> Floats:
    """How many standard errors the net share is away from a hypothetical true `value` (Tango's statistic, >= 0).

    The interval of `net_bounds` at quantile z is where this is at most z; infinite outside -1 to 1.
    """
    up, down, size, delta = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (promoters, detractors, n, value))
    )
    inside = np.clip(delta, -1.0, 1.0)
    gap = np.abs(up - down - size * inside)
    spread = np.sqrt(size * _restricted_variance(up, down, np.maximum(size, 1e-300), inside))
    return standard_errors(gap, spread, delta == inside)


def standard_errors(gap: Floats, spread: Floats, possible: NDArray[np.bool_]) -> Floats:
    """gap / spread: 0 without a gap, infinite where a gap has no spread or the value is impossible."""
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(gap > 0, gap / spread, 0.0)
    return np.where(possible, distance, np.inf)


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


def wilson_distance(count: ArrayLike, n: ArrayLike, value: ArrayLike) -> Floats:
    """How many standard errors a share is away from a hypothetical true `value` (the score statistic, >= 0)."""
    hits, size, share = np.broadcast_arrays(*(np.asarray(part, dtype=np.float64) for part in (count, n, value)))
    inside = np.clip(share, 0.0, 1.0)
    return standard_errors(np.abs(hits - size * inside), np.sqrt(size * inside * (1.0 - inside)), share == inside)


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
    before_distance: Callable[[Floats], Floats],
    after: ArrayLike,
    after_distance: Callable[[Floats], Floats],
    correlation: ArrayLike = 0.0,
) -> Floats:
    """How often chance alone would show such a difference: 1 minus the level at which its range touches zero.

    `before_distance` and `after_distance` tell for hypothetical true values how many standard errors away they are,
    that is the quantile z at which the interval just reaches them; so the p-value and the interval of a difference
    never contradict each other. Two-sided, from 2e-19 to 1.

    >>> p = mover_p_value(
    ...     0.15,
    ...     lambda value: net_distance(45, 30, 100, value),
    ...     0.2825,
    ...     lambda value: net_distance(200, 87, 400, value),
    ... )
    >>> round(float(p), 4)
    0.1517
    """
    first, second, rho = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (before, after, correlation))
    )
    gap, sign = np.abs(second - first), np.sign(second - first)
    slant = rho / np.sqrt(1.0 - rho**2)

    def distances(angle: Floats) -> Bounds:
        # All pairs of margins for which the range of the difference just touches zero lie on this ellipse.
        margin_after = gap * (np.cos(angle) + slant * np.sin(angle))
        margin_before = gap * np.sin(angle) / np.sqrt(1.0 - rho**2)
        return before_distance(first + sign * margin_before), after_distance(second - sign * margin_after)

    def imbalance(angle: Floats) -> Floats:
        z_before, z_after = (np.minimum(z, 1e6) for z in distances(angle))
        return z_after - z_before

    # From "the second value carries the whole gap" to "the first one does"; both are as sure at the root.
    start, end = np.zeros_like(gap), np.pi / 2.0 + np.arctan(slant)
    angle = bracketed_roots(imbalance, start, end, tolerance=1e-11)
    z = np.minimum(np.minimum(*distances(angle)), Z_MAX)
    return np.where(gap == 0.0, 1.0, np.minimum(2.0 * ndtr(-z), 1.0))


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
