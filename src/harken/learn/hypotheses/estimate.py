"""Verdicts on hypotheses: each effect against the side that was expected, all tested together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from harken.learn.scores.intervals import false_discovery_adjusted
from harken.vocabulary.estimates import Z95

Q = 0.05
Z80 = 0.8416212335729143
SHARE_ERROR_FACTOR = 1.25
"""Shares come from indices learned on the same customers, which their intervals do not hold: the error is this
much larger in the tails, so that of 2,000 families of noise no more than the nominal share passes any level."""


class Side(StrEnum):
    """What a hypothesis expects of an effect: above zero, below zero, or either."""

    MORE = "more"
    LESS = "less"
    EITHER = "either"


class Verdict(StrEnum):
    """What came of a hypothesis."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    NOT_SHOWN = "not_shown"
    CANNOT_BE_TESTED = "cannot_be_tested"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One verdict. `p` is two-sided, `p_adjusted` after looking at all hypotheses tested together (None untested).

    `could_show` is the smallest effect, in the effect's unit, that these data would have told from zero 8 times
    out of 10, had it been the only question.
    """

    verdict: Verdict
    p: float | None = None
    p_adjusted: float | None = None
    could_show: float | None = None


def judge(
    values: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    sides: Sequence[Side | str],
    *,
    p: ArrayLike | None = None,
    q: float = Q,
) -> tuple[Judgement, ...]:
    """Judges many hypotheses of one analysis together, the false discovery rate held to `q`.

    `values` are effects (n,), `lower` and `upper` their 95 % intervals (n,), NaN where nothing could be measured;
    `sides` says which sign each hypothesis expects. A two-sided p follows from the end of the interval that is
    nearer zero, unless `p` (n,) gives it (NaN: from the interval). The p-values of all that were measured are
    adjusted together (Benjamini and Hochberg 1995): at most `q` an effect counts as shown, supporting the
    hypothesis where its sign is the expected one and contradicting it otherwise. An effect that is not shown is
    not shown to be absent.

    >>> found = judge(
    ...     [4.0, 4.0, 1.0, float("nan")], [2.0, 2.0, -3.0, 0], [6.0, 6.0, 5.0, 0], ["more", "less", "more", "more"]
    ... )
    >>> [str(one.verdict) for one in found]
    ['supported', 'contradicted', 'not_shown', 'cannot_be_tested']
    >>> round(found[2].could_show, 1)
    5.7
    """
    value, low, high = (np.asarray(column, dtype=np.float64) for column in (values, lower, upper))
    expected = [Side(side) for side in sides]
    if not value.shape == low.shape == high.shape == (len(expected),):
        raise ValueError(f"one value, interval and side each, got {value.shape}, {low.shape}, {len(expected)}")
    measured = np.isfinite(value) & np.isfinite(low) & np.isfinite(high)
    if np.any(measured & ((value < low) | (value > high))):
        raise ValueError("a value lies in its interval")
    chance = _two_sided(value, low, high)
    if p is not None:
        given = np.asarray(p, dtype=np.float64)
        chance = np.where(np.isfinite(given), given, chance)
    adjusted = np.full(len(value), np.nan)
    adjusted[measured] = false_discovery_adjusted(chance[measured])
    return tuple(
        _one(value[i], high[i] - low[i], expected[i], float(chance[i]), float(adjusted[i]), q)
        if measured[i]
        else Judgement(Verdict.CANNOT_BE_TESTED)
        for i in range(len(value))
    )


def p_from_share(value: float, lower: float, upper: float) -> float:
    """The p-value of a share of explained variation, from 0 to 1, with its 95 % interval.

    Such a share is a square: its root is what varies like a normal number, and the interval of the root gives its
    standard error, made a quarter larger for what the interval does not hold. Where the interval begins at zero
    the share is not told from chance, and 1 is given.

    >>> p_from_share(0.04, 0.0, 0.09), round(p_from_share(0.04, 0.01, 0.09), 4)
    (1.0, 0.0017)
    """
    if lower <= 0 or value <= 0:
        return 1.0
    error = max(SHARE_ERROR_FACTOR * float(np.sqrt(upper) - np.sqrt(lower)) / (2 * Z95), 1e-12)
    return float(2 * ndtr(-np.sqrt(value) / error))


def _two_sided(value: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    reach = np.where(value > 0, value - low, high - value) / Z95
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(value == 0, 0.0, np.abs(value) / reach)
    chance: np.ndarray = 2 * ndtr(-distance)
    return chance


def _one(value: float, width: float, side: Side, p: float, adjusted: float, q: float) -> Judgement:
    could_show = float((Z95 + Z80) * width / 2 / Z95)
    if adjusted > q or value == 0:
        verdict = Verdict.NOT_SHOWN
    elif side is Side.EITHER or (value > 0) == (side is Side.MORE):
        verdict = Verdict.SUPPORTED
    else:
        verdict = Verdict.CONTRADICTED
    return Judgement(verdict, p, adjusted, could_show)
