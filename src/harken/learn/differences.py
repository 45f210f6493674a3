"""The difference of two estimates that come from two analyses, with a range for all that are looked at together."""

from __future__ import annotations

import math
from statistics import NormalDist

from harken.vocabulary.estimates import Estimate, Interval

LEVEL = 0.95
METHOD = "differences.mover"


def difference(a: Estimate, b: Estimate, looks: int = 1) -> Estimate:
    """`b` minus `a`, in their unit, as if both were independent.

    The range is put together from both intervals side by side (MOVER: Zou and Donner 2008), widened so that all
    of `looks` such ranges hold together 19 times out of 20 (Bonferroni). Where both rest in part on the same
    customers they move together, and the true range is narrower: what this one calls a difference is one then,
    but what it does not call one may still be one.

    >>> from harken.vocabulary.estimates import Interval
    >>> one = Estimate(10.0, Interval(7.0, 13.0), 200, "m")
    >>> found = difference(one, Estimate(20.0, Interval(16.0, 24.0), 150, "m"))
    >>> found.value, found.interval.lower, found.interval.upper, found.n
    (10.0, 5.0, 15.0, 150)
    """
    z = NormalDist().inv_cdf
    wider = z(1 - (1 - LEVEL) / (2 * max(looks, 1))) / z(1 - (1 - LEVEL) / 2)
    value = b.value - a.value
    below = math.hypot(b.value - b.interval.lower, a.interval.upper - a.value)
    above = math.hypot(b.interval.upper - b.value, a.value - a.interval.lower)
    level = 1 - (1 - LEVEL) / max(looks, 1)
    interval = Interval(value - wider * below, value + wider * above, level)
    return Estimate(value, interval, min(a.n, b.n), METHOD)
