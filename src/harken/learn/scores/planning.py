"""How many answers a question needs before its score can show what one wants to see."""

from __future__ import annotations

from math import ceil, sqrt

from scipy.special import ndtri

from harken.learn.scores.intervals import net_interval

POWER = 0.8
"""Share of true changes of the wanted size that would be noticed."""


def answers_needed(change: float, deviation: float, *, power: float = POWER, level: float = 0.95) -> int:
    """Answers per period needed to notice a true change between two periods with probability `power`.

    `change` above 0 and `deviation` (standard deviation of one answer's contribution) share a unit: for a net score
    in points `deviation` is 100 sqrt(promoters + detractors - net^2) of shares.

    Source: two-sample normal formula n = 2 (z_level + z_power)^2 deviation^2 / change^2.

    >>> answers_needed(10.0, 78.1)
    958
    """
    if change <= 0:
        raise ValueError(f"a change to notice is above 0, got {change}")
    return ceil(2.0 * (float(ndtri(0.5 + level / 2.0)) + float(ndtri(power))) ** 2 * (deviation / change) ** 2)


def noticeable_change(n: float, deviation: float, *, power: float = POWER, level: float = 0.95) -> float:
    """The smallest true change between two periods of `n` answers each that is noticed with probability `power`.

    For two different numbers give their harmonic mean.

    >>> round(noticeable_change(100, 78.1), 1)
    30.9
    """
    if n <= 0:
        raise ValueError(f"a number of answers is above 0, got {n}")
    return (float(ndtri(0.5 + level / 2.0)) + float(ndtri(power))) * deviation * sqrt(2.0 / n)


def net_half_width(n: int, detractors: float, promoters: float, *, level: float = 0.95) -> float:
    """Half the width in points of a net score's range with `n` answers of these shares (0 to 1).

    >>> round(net_half_width(100, 0.2, 0.5), 1)
    15.2
    """
    lower, upper = net_interval(n * detractors, n * (1.0 - detractors - promoters), n * promoters, level)
    return 50.0 * float(upper - lower)
