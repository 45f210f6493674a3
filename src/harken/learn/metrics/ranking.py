"""How well one score ranks customers by what they did later, and whether another ranks the same ones better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.retention.validation import auc_components
from harken.vocabulary.estimates import Estimate, EstimateKind, Interval

Floats = NDArray[np.float64]
LEVEL = 0.95
POWER = 0.8


@dataclass(frozen=True, slots=True)
class Ranked:
    """How often a score orders two customers as the outcome does, and what each customer adds to its error.

    `value` is 0 to 1 (0.5: no better than chance). `components` are groups of independent terms: for yes or no
    those of each side (m,) and (k,), for an amount one of all customers (n,); the variance of the value is the sum
    of their variances over their lengths.
    """

    value: float
    components: tuple[Floats, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """First minus second on the same customers: estimate, standard `error`, two-sided `p`, and what could be seen.

    `detectable` is the true difference that would be called one in 8 of 10 cases at the level used.
    """

    estimate: Estimate
    error: float
    p: float
    detectable: float


def ranked(outcome: Floats, score: Floats) -> Ranked:
    """How well `score` (n,) ranks `outcome` (n,), both higher = better and finite, the outcome not constant.

    Yes or no (two values): area under the ROC curve with the placements of DeLong, DeLong and Clarke-Pearson 1988.
    Amounts: the share of pairs with different amounts that are ordered alike, ties of the score counting half
    (Somers 1962), with the influence of each customer on this ratio of U-statistics.

    >>> ranked(np.array([0.0, 0, 1, 1]), np.array([1.0, 5, 4, 9])).value
    0.75
    >>> ranked(np.array([10.0, 20, 30]), np.array([1.0, 2, 2])).value.__round__(3)
    0.833
    """
    levels = np.unique(outcome)
    if len(levels) == 2:
        value, of_events, of_others = auc_components(outcome == levels[1], score)
        return Ranked(value, (of_events, of_others))
    n = len(outcome)
    agree, untied = _agreements(outcome, score)
    ratio = float(agree.sum() / untied.sum())
    influence = 2 * (agree - ratio * untied) / untied.mean()
    return Ranked((ratio + 1) / 2, (influence / 2 * np.sqrt(n / max(n - 1, 1)),))


def _agreements(outcome: Floats, score: Floats) -> tuple[Floats, Floats]:
    """For each customer the others ordered alike minus those ordered against, and those with another outcome."""
    ordered = np.sort(outcome)
    below = np.searchsorted(ordered, outcome, "left")
    above = len(outcome) - np.searchsorted(ordered, outcome, "right")
    balance = (below - above).astype(np.float64)
    passed, agree = np.zeros(len(outcome)), np.zeros(len(outcome))
    order = np.argsort(score, kind="stable")
    for at_level in np.split(order, np.flatnonzero(np.diff(score[order])) + 1):
        inside = np.sort(outcome[at_level])
        of_level = (
            np.searchsorted(inside, outcome, "left")
            + np.searchsorted(inside, outcome, "right")
            - float(len(inside))
        )
        # others of a lower score agree where their outcome is lower, others of a higher one where it is higher
        lower, rest = passed[at_level], (balance - passed - of_level)[at_level]
        agree[at_level] = lower - rest
        passed += of_level
    return agree, (below + above).astype(np.float64)


def level_estimate(found: Ranked, n: int) -> Estimate:
    """The value with its interval."""
    error, quantile = _error(found.components)
    low, high = max(found.value - quantile * error, 0.0), min(found.value + quantile * error, 1.0)
    return Estimate(found.value, Interval(low, high), n, "metrics.concordance", kind=EstimateKind.PREDICTED)


def chance_p(found: Ranked) -> float:
    """Two-sided p of ranking no better or worse than chance."""
    return _p(found.value - 0.5, found.components)


def difference(first: Ranked, second: Ranked, n: int, looks: int = 1) -> Difference:
    """Whether `first` ranks the same customers better than `second`, as one of `looks` comparisons made together.

    DeLong's paired test; its error is itself estimated from the smaller side, so it is held against Student's t
    with Satterthwaite's degrees of freedom instead of the normal. `detectable` takes the strictest level that the
    comparisons can ask for (5% over `looks`).
    """
    from scipy.stats import norm

    components = tuple(a - b for a, b in zip(first.components, second.components, strict=True))
    error, quantile = _error(components)
    value = first.value - second.value
    seen = float(norm.isf((1 - LEVEL) / 2 / max(looks, 1)) + norm.ppf(POWER)) * error
    interval = Interval(value - quantile * error, value + quantile * error)
    return Difference(Estimate(value, interval, n, "metrics.delong_paired"), error, _p(value, components), seen)


def _p(value: float, components: tuple[Floats, ...]) -> float:
    from scipy.stats import t

    error, freedom = _spread(components)
    if error <= 1e-12:
        return 1.0 if abs(value) <= 1e-12 else 0.0
    return float(2 * t.sf(abs(value) / error, freedom))


def _error(components: tuple[Floats, ...]) -> tuple[float, float]:
    """Standard error, and the quantile that its interval takes."""
    from scipy.stats import t

    error, freedom = _spread(components)
    return error, float(t.ppf((1 + LEVEL) / 2, freedom))


def _spread(components: tuple[Floats, ...]) -> tuple[float, float]:
    parts = np.array([part.var(ddof=1) / len(part) if len(part) > 1 else 0.25 for part in components])
    total = float(parts.sum())
    if total <= 0:
        return 0.0, 1.0
    freedom = total**2 / float(
        sum(each**2 / max(len(part) - 1, 1) for each, part in zip(parts, components, strict=True))
    )
    return float(np.sqrt(total)), freedom
