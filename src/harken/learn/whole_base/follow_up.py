"""Random silent customers asked after all: how many to draw, and what their answers settle."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from harken.learn.folds import hash_ids
from harken.learn.scores.answers import bands as bands_of
from harken.learn.whole_base.inputs import headline_ends, headline_values
from harken.learn.whole_base.sensitivity import Silent, mood_gap
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Estimate, EstimateKind, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import Headline, Scale

Floats = NDArray[np.float64]

METHOD = "whole_base.follow_up"
LEVEL = 0.95
FOLLOW_UP_STREAM = 3
FEWEST_REACHED = 30
REACH_NEEDED = 0.6
"""Below this share reached, a random draw says no more than a survey does: only the band is a claim."""
READINESS_ODDS = 2.0
"""The unreached are supposed to differ as if one side were reached with up to twice the odds of the other."""


@dataclass(frozen=True, slots=True)
class FollowUpPlan:
    """How many silent customers to draw so that the range is at most +- `half_width` (headline units).

    `reach` the share of them expected to be reached and to answer (0 to 1); `reached` answers needed, `draw`
    customers to draw, out of `silent`; `possible` is False where there are too few silent customers for it.
    """

    half_width: float
    reach: float
    reached: int
    draw: int
    silent: int
    possible: bool


def plan_follow_up(
    spread: float, silent: int, customers: int, half_width: float, reach: float = 0.7
) -> FollowUpPlan:
    """How many silent customers to draw at random for a range of at most +- `half_width` around the score of all.

    `spread` is the standard deviation of one silent customer's answer in headline units (for a net score at most
    100), `silent` of all `customers` have not answered. Simple random sampling of the silent with the correction
    for a finite number of them (Cochran 1977, sections 4.6 and 13.6); those who answered are counted, not sampled.
    The range for the unreached comes on top and cannot be planned away.

    >>> plan_follow_up(80.0, silent=9_000, customers=10_000, half_width=8.0, reach=0.7).draw
    435
    """
    if not (half_width > 0 and 0 < reach <= 1 and spread >= 0 and 0 < silent <= customers):
        raise ValueError(f"no plan for +-{half_width} at reach {reach} with {silent} of {customers} silent")
    needed = float(FEWEST_REACHED)
    for _ in range(3):  # Student's quantile depends a little on the number itself
        wished = (_quantile(needed - 2) * silent / customers * spread / half_width) ** 2
        needed = max(wished / (1 + wished / silent), float(FEWEST_REACHED))
    reached = ceil(needed - 1e-9)
    draw = ceil(reached / reach - 1e-9)
    return FollowUpPlan(half_width, reach, min(reached, silent), min(draw, silent), silent, draw <= silent)


def draw_by_lot(customer_id: NDArray[np.int64], seed: int, count: int) -> NDArray[np.intp]:
    """Positions of at most `count` of the silent customers `customer_id` (n,), in the order of drawing.

    A simple random sample without replacement; a longer list begins with a shorter one of the same seed, and the
    order depends on the customers' numbers and the seed alone.
    """
    return np.argsort(hash_ids(customer_id, seed, FOLLOW_UP_STREAM), kind="stable")[:count]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The score of all customers from those who answered and a random draw of those who had not.

    `drawn` customers of `silent` (out of `customers`) were to be asked, `reached` answered. `total` is the score of
    all and `silent_score` that of the silent, with their 95% ranges by chance, as if those not reached were like
    those reached. `gap` is how much less satisfied the silent are than their like who answered (None where no
    expectations were given); `claimed` the range to speak of: that of `total` where all were reached, else wider
    for those who were not; `bounds` the range whatever the unreached feel. All in headline units. `random` is False
    below 60% reached: then `total` is no more than a survey, and only `claimed` and `bounds` stand. `statement`
    says it in one sentence, `open_question` what the unreached leave open (None where all were reached).
    """

    drawn: int
    reached: int
    silent: int
    customers: int
    total: Estimate
    silent_score: Estimate
    gap: Estimate | None
    claimed: Interval
    bounds: Interval
    random: bool
    statement: Message
    open_question: Message | None

    @property
    def reach(self) -> float:
        """The share of the drawn customers who answered, 0 to 1."""
        return self.reached / self.drawn


def estimate_follow_up(
    answered_value: float,
    answers: int,
    silent: int,
    drawn_score: ArrayLike,
    scale: Scale,
    *,
    expected: ArrayLike | None = None,
    silent_expected: float | None = None,
) -> FollowUp:
    """Two-phase estimate (Hansen and Hurwitz 1946): those who answered count themselves, the drawn the silent.

    `answered_value` is the plain score of the `answers` customers who answered; `drawn_score` (m,) on `scale` of
    customers drawn at random from `silent` others, NaN = not reached. With what a model that never saw these
    answers expected of the drawn (`expected` (m,), headline units) and of all silent on average
    (`silent_expected`), the estimate is a regression estimator (Sarndal, Swensson and Wretman 1992, section 9.8):
    right whatever the model, narrower where it foresees something. The variance counts two answers more, one at
    each end of the scale, so that equal answers do not look certain.

    Where all are reached nothing is assumed about the silent. Else `claimed` is widened for the unreached: as if
    satisfied customers were reached with twice the odds of dissatisfied ones, or the reverse, or as if the
    unreached differed from the reached by as much again as the silent differ from their like who answered.

    Raises `NotEnoughData` below 30 reached, `DataError` for scores outside the scale.
    """
    score = np.asarray(drawn_score, dtype=np.float64)
    known = np.isfinite(score)
    _check(score[known], scale, len(score), silent)
    ends = headline_ends(scale)
    value = headline_values(score[known], bands_of(score[known], scale), scale)
    reached, drawn, customers = len(value), len(score), answers + silent
    weight, unreached = silent / customers, 1 - reached / drawn
    g = None if expected is None or silent_expected is None else np.asarray(expected, dtype=np.float64)[known]
    slope = 0.0 if g is None else _slope(g, value)
    of_silent, error = _mean_of_silent(value, g, slope, silent_expected, silent, ends)
    half = _quantile(reached - 2) * error
    total_value = (1 - weight) * answered_value + weight * of_silent
    total = _estimate(total_value, weight * half, reached + answers, ends)
    sign = 1.0 if scale.high_is_good or scale.headline is not Headline.MEAN else -1.0
    gap = None
    if g is not None:
        raw, raw_error = _mean_of_silent(value - g, None, 0.0, None, silent, ends)
        reach_of_gap = _quantile(reached - 2) * raw_error
        gap = _around(-sign * raw, reach_of_gap, reached)
    apart = max(_unreached_apart(value, score[known], scale), 0.0 if gap is None else abs(gap.value))
    wider = weight * (half + unreached * apart)
    plain_half = _quantile(reached - 2) * float(np.std(value, ddof=1)) / sqrt(reached)
    low, high = (
        (1 - weight) * answered_value
        + weight * ((1 - unreached) * (value.mean() + side * plain_half) + unreached * end)
        for side, end in zip((-1.0, 1.0), ends, strict=True)
    )
    claimed = _clipped(total_value - wider, total_value + wider, ends) if unreached else total.interval
    bounds = _clipped(min(low, total.interval.lower), max(high, total.interval.upper), ends)
    random = reached >= REACH_NEEDED * drawn
    return FollowUp(
        drawn=drawn,
        reached=reached,
        silent=silent,
        customers=customers,
        total=total,
        silent_score=_estimate(of_silent, half, reached, ends),
        gap=gap,
        claimed=claimed,
        bounds=bounds if unreached else total.interval,
        random=random,
        statement=_statement(drawn, reached, total, claimed, random),
        open_question=_open_question(drawn - reached, bounds) if unreached else None,
    )


def _check(score: Floats, scale: Scale, drawn: int, silent: int) -> None:
    outside = (score < scale.minimum) | (score > scale.maximum)
    if outside.any():
        raise DataError(
            Message(
                gettext_noop("{count} scores are not between {minimum} and {maximum}, the first is {value}"),
                {
                    "count": int(outside.sum()),
                    "minimum": scale.minimum,
                    "maximum": scale.maximum,
                    "value": float(score[outside][0]),
                },
            )
        )
    if drawn > silent:
        raise DataError(
            Message(
                gettext_noop("{drawn} customers are said to be drawn from {silent} silent ones."),
                {"drawn": drawn, "silent": silent},
            )
        )
    if len(score) < FEWEST_REACHED:
        raise NotEnoughData(
            Message(
                gettext_noop(
                    "{reached} of the {drawn} customers drawn have answered; at least {needed} are needed."
                ),
                {"reached": len(score), "drawn": drawn, "needed": FEWEST_REACHED},
            ),
            Message(gettext_noop("Go on asking those on the list who are not reached yet.")),
        )


def _slope(g: Floats, value: Floats) -> float:
    """How much of the model's differences the answers bear out: least squares, between 0 and 1.5."""
    centred = g - g.mean()
    spread = float(centred @ centred)
    return 0.0 if spread <= 1e-12 else float(np.clip(centred @ (value - value.mean()) / spread, 0.0, 1.5))


def _mean_of_silent(
    value: Floats, g: Floats | None, slope: float, expected: float | None, silent: int, ends: tuple[float, float]
) -> tuple[float, float]:
    """Mean over the silent and its standard error, for exactly these customers."""
    n = len(value)
    residual = value - value.mean()
    mean = float(value.mean())
    if g is not None and expected is not None:
        residual = residual - slope * (g - g.mean())
        mean += slope * (expected - float(g.mean()))
    end = (ends[1] - ends[0]) / 2
    variance = (float(residual @ residual) + 2 * end**2) / (n - 2)
    return mean, sqrt(variance / n * (1 - n / silent))


def _unreached_apart(value: Floats, score: Floats, scale: Scale) -> float:
    """How far the unreached are from the reached if one side is reached with twice the odds of the other."""
    band = bands_of(score, scale)
    count = np.bincount(band + 1, minlength=3).astype(np.float64)
    values = np.bincount(band + 1, value, 3) / np.maximum(count, 1.0)
    reached = Silent(count[None, :] / count.sum(), np.ones(1), values, 1.0, 1.0)
    half = log(READINESS_ODDS) / 2
    return max(abs(mood_gap(reached, half)), abs(mood_gap(reached, -half)))


def _quantile(freedom: float) -> float:
    return float(stdtrit(max(freedom, 1.0), 0.5 + LEVEL / 2))


def _clipped(low: float, high: float, ends: tuple[float, float]) -> Interval:
    lower, upper = np.clip((low, high), *ends)
    return Interval(float(lower), float(upper), LEVEL)


def _estimate(value: float, half: float, n: int, ends: tuple[float, float]) -> Estimate:
    inside = float(np.clip(value, *ends))
    return Estimate(inside, _clipped(inside - half, inside + half, ends), n, METHOD)


def _around(value: float, half: float, n: int) -> Estimate:
    return Estimate(value, Interval(value - half, value + half, LEVEL), n, METHOD, kind=EstimateKind.PREDICTED)


def _statement(drawn: int, reached: int, total: Estimate, claimed: Interval, random: bool) -> Message:
    values = {
        "drawn": drawn,
        "reached": reached,
        "value": round(total.value, 1),
        "lower": round(claimed.lower, 1),
        "upper": round(claimed.upper, 1),
    }
    if reached == drawn:
        text = gettext_noop(
            "All {drawn} customers drawn by lot were reached: the score of all customers is {value}, likely "
            "between "
            "{lower} and {upper}, and nothing is assumed about the silent."
        )
    elif random:
        text = gettext_noop(
            "{reached} of {drawn} customers drawn by lot were reached: the score of all customers lies between "
            "{lower} and {upper}; the range allows for those not reached."
        )
    else:
        text = gettext_noop(
            "Only {reached} of {drawn} customers drawn by lot were reached: that is a survey once more. All that "
            "can "
            "be said is a range for the score of all customers, {lower} to {upper}."
        )
    return Message(text, values)


def _open_question(unreached: int, bounds: Interval) -> Message:
    return Message(
        gettext_noop(
            "{unreached} were not reached. The range supposes that they differ from those reached by mood, with "
            "odds "
            "of up to 2 to 1, or by as much again as the silent differ from their like. Whatever they feel, the "
            "score of all lies between {lower} and {upper}."
        ),
        {"unreached": unreached, "lower": round(bounds.lower, 1), "upper": round(bounds.upper, 1)},
    )
