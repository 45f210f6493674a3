"""Scores of groups of customers from the same contributions as the total, so that groups add up to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from harken.learn.scores.answers import usable_answers
from harken.learn.scores.intervals import Bounds, net_bounds, wilson_bounds, z_of
from harken.learn.scores.means import mean_t_bounds
from harken.learn.scores.tallies import tally
from harken.learn.whole_base.directions import Directions
from harken.learn.whole_base.inputs import headline_ends
from harken.learn.whole_base.result import CustomerColumns, GroupScore
from harken.vocabulary.estimates import NO_ARROW_BELOW, Estimate, EstimateKind, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import Headline, Scale

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

METHOD = "whole_base.aipw"
METHOD_DIFFERENCE = "whole_base.difference"
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Contributions:
    """All that group scores are summed from; arrays of shape (n,) in units of a share (-1 to 1), or of the scale.

    `value` is what the answer adds to the headline (0 where silent), `score` the answer itself (NaN where
    silent), `chance` the chance of answering, `expected` the calibrated expectation, `residual` = answered x
    (value - expected) / chance, `favourable` the doubly robust contribution to the share of the favourable band;
    `weight` positive. The contribution to the headline is `expected + residual`.
    """

    scale: Scale
    headline: Headline
    answered: NDArray[np.bool_]
    value: Floats
    score: Floats
    chance: Floats
    expected: Floats
    residual: Floats
    favourable: Floats
    weight: Floats
    directions: Directions

    @property
    def unit(self) -> float:
        """100 for points and per cent, 1 for scale units."""
        return 1.0 if self.headline is Headline.MEAN else 100.0

    @property
    def ends(self) -> tuple[float, float]:
        """The range of the headline: of the scale, of a share or of a net share."""
        if self.headline is Headline.MEAN:
            return (self.scale.minimum, self.scale.maximum)
        return (0.0, 1.0) if self.headline is Headline.TOP_SHARE else (-1.0, 1.0)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Per-group sums, arrays of shape (groups,)."""

    customers: Integers
    answers: Integers
    weight: Floats
    answer_weight: Floats
    expected: Floats
    total: Floats
    favourable: Floats
    variance: Floats
    difference_variance: Floats
    spread: Floats
    kish: Floats


def group_scores(parts: Contributions, codes: Integers, labels: Sequence[str]) -> tuple[GroupScore, ...]:
    """The scores of the groups 0 to len(labels) - 1 named by `codes` (n,).

    Whole base: the weighted mean of the contributions (Robins, Rotnitzky and Zhao 1994; cross-fitted as in
    Chernozhukov et al. 2018). Its variance is that of the corrected part given who is in the base (finite
    population, Poisson sampling: Sarndal, Swensson and Wretman 1992, eq. 6.6.4), the interval has the shape of
    the plain score's, at the effective number of answers with that variance. The difference's variance is that of
    the difference of both influence functions, because the same answers are in both.
    """
    sums = _sum(parts, codes, len(labels))
    lower, upper, worth = _whole_base_bounds(parts, sums)
    answered = np.flatnonzero(parts.answered)
    answers = usable_answers(parts.score[answered], parts.scale, parts.weight[answered])
    tallied = tally(answers, parts.scale, parts.headline, codes[answered][answers.kept], len(labels))
    plain_lower, plain_upper = tallied.at(LEVEL)
    unit, rows = parts.unit, []
    for at, label in enumerate(labels):
        n = int(sums.answers[at])
        share_customers = float(sums.weight[at] / sums.weight.sum())
        share_answers = float(sums.answer_weight[at] / sums.answer_weight.sum())
        only = whole = difference = None
        if n > 0:
            low, high = parts.ends
            only = Estimate(
                float(tallied.value[at]) * unit,
                Interval(float(plain_lower[at]) * unit, float(plain_upper[at]) * unit, LEVEL),
                n,
                tallied.method,
                n_effective=float(tallied.n_effective[at]),
            )
            value = float(np.clip(sums.total[at] / sums.weight[at], low, high))
            whole = Estimate(
                value * unit,
                Interval(min(float(lower[at]), value) * unit, max(float(upper[at]), value) * unit, LEVEL),
                n,
                METHOD,
                kind=EstimateKind.PREDICTED,
                n_effective=float(worth[at]),
            )
            gap = only.value - whole.value
            half = unit * _quantile(float(sums.kish[at])) * float(np.sqrt(sums.difference_variance[at]))
            difference = Estimate(
                gap, Interval(gap - half, gap + half, LEVEL), n, METHOD_DIFFERENCE, kind=EstimateKind.PREDICTED
            )
        rows.append(
            GroupScore(
                label=label,
                customers=int(sums.customers[at]),
                answers=n,
                share_of_customers=share_customers,
                share_of_answers=share_answers,
                heard=share_answers / share_customers if share_customers > 0 else 0.0,
                silent_share=1 - float(sums.answer_weight[at] / sums.weight[at]) if sums.customers[at] else 0.0,
                predicted=unit * float(sums.expected[at] / sums.weight[at]) if sums.customers[at] else 0.0,
                answered_only=only,
                whole_base=whole,
                difference=difference,
                reason=None if n else _why_not(int(sums.customers[at])),
            )
        )
    return tuple(rows)


def _why_not(customers: int) -> Message:
    if customers == 0:
        return Message(gettext_noop("No customer is in this group."))
    return Message(
        gettext_noop(
            "None of the {customers} customers in this group answered, so there is nothing to estimate from."
        ),
        {"customers": customers},
    )


def _sum(parts: Contributions, codes: Integers, groups: int) -> _Sums:
    w = parts.weight
    r = np.flatnonzero(parts.answered)
    group, weight, value, chance = codes[r], w[r], parts.value[r], parts.chance[r]

    def total(values: Floats) -> Floats:
        return np.bincount(codes, values, groups).astype(np.float64)

    def over_answers(values: Floats) -> Floats:
        return np.bincount(group, values, groups).astype(np.float64)

    all_weight, answer_weight = total(w), over_answers(weight)
    safe_all, safe_answers = np.maximum(all_weight, 1e-300), np.maximum(answer_weight, 1e-300)
    corrected = weight * parts.residual[r] / safe_all[group]
    plain_mean = over_answers(weight * value) / safe_answers
    plain = weight * (value - plain_mean[group]) / safe_answers[group]
    # chances are estimated from these very answers: that evens out chance imbalances in the whole base, not in the
    # plain mean, and so belongs to the variance of their difference (it would only narrow the whole base's own)
    moment = weight * parts.residual[r] * (1 - chance)
    learned = parts.directions.projected(moment, group, groups) / safe_all[group]
    inverse = weight / chance
    inverse_weight = np.maximum(over_answers(inverse), 1e-300)
    weighted_mean = over_answers(inverse * value) / inverse_weight
    return _Sums(
        customers=np.bincount(codes, minlength=groups).astype(np.int64),
        answers=np.bincount(group, minlength=groups).astype(np.int64),
        weight=all_weight,
        answer_weight=answer_weight,
        expected=total(w * parts.expected),
        total=total(w * (parts.expected + parts.residual)),
        favourable=total(w * parts.favourable),
        variance=over_answers(corrected**2 * (1 - chance)),
        difference_variance=over_answers((plain - corrected + learned) ** 2 * (1 - chance)),
        spread=over_answers(inverse * (value - weighted_mean[group]) ** 2) / inverse_weight,
        kish=inverse_weight**2 / np.maximum(over_answers(inverse**2), 1e-300),
    )


def _whole_base_bounds(parts: Contributions, sums: _Sums) -> tuple[Floats, Floats, Floats]:
    """Intervals and effective numbers of answers of all groups, arrays of shape (groups,)."""
    low, high = parts.ends
    weight = np.maximum(sums.weight, 1e-300)
    value = np.clip(sums.total / weight, low, high)
    # the two outer bands' shares: their difference is the value, their sum as the contributions say, if possible
    outer = np.clip(2 * sums.favourable / weight - value, np.abs(value), 1.0)
    if parts.headline is Headline.MEAN:
        spread = sums.spread
    elif parts.headline is Headline.TOP_SHARE:
        spread = value * (1 - value)
    else:
        spread = outer - value**2
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = spread / sums.variance
    usable = np.isfinite(worth) & (worth > 0)
    worth = np.where(usable, worth, np.minimum(sums.kish, sums.answers))
    # with few answers a variance is too easily small by luck: never worth more than the answers themselves
    worth = np.where(sums.answers < NO_ARROW_BELOW, np.minimum(worth, sums.answers), worth)
    z = np.full(worth.shape, float(z_of(LEVEL)))
    bounds: Bounds
    if parts.headline is Headline.MEAN:
        bounds = mean_t_bounds(value, spread, worth, parts.ends, z)
    elif parts.headline is Headline.TOP_SHARE:
        bounds = wilson_bounds(value * worth, worth, z)
    else:
        bounds = net_bounds(worth * (outer + value) / 2, worth * (outer - value) / 2, worth, z)
    return bounds[0], bounds[1], worth


def _quantile(n_effective: float) -> float:
    """Student's quantile at the effective number of answers."""
    return float(stdtrit(max(n_effective - 1.0, 1.0), 0.5 + LEVEL / 2))


def score_of_group(columns: CustomerColumns, rows: NDArray[np.bool_], scale: Scale) -> Estimate | None:
    """The whole-base score of any group of customers, from an analysis's stored columns, without fitting again.

    `rows` bool (n,) picks the group. The value is exactly that of `group_scores`; the interval is the plain one,
    value +- t x standard error, cut at the ends of the scale. None where nobody in the group answered.
    """
    chosen = rows & columns.answered
    n = int(chosen.sum())
    if n == 0:
        return None
    weight = float(columns.weight[rows].sum())
    value = float(columns.weight[rows] @ columns.contribution[rows]) / weight
    corrected = columns.weight[chosen] * columns.residual[chosen] / weight
    error = float(np.sqrt(corrected**2 @ (1 - columns.answer_chance[chosen])))
    inverse = columns.weight[chosen] / columns.answer_chance[chosen]
    worth = float(inverse.sum() ** 2 / (inverse @ inverse))
    low, high = headline_ends(scale)
    value = float(np.clip(value, low, high))
    half = _quantile(worth) * error
    reach = Interval(max(value - half, low), min(value + half, high), LEVEL)
    return Estimate(value, reach, n, METHOD, kind=EstimateKind.PREDICTED, n_effective=worth)
