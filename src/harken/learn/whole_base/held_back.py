"""Predictions against answers that were kept back: an honest test, of customers who answer only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from harken.learn.scores.answers import bands as bands_of
from harken.learn.scores.answers import usable_answers
from harken.learn.scores.intervals import wilson_interval
from harken.learn.scores.tallies import tally
from harken.learn.whole_base.calibration import calibration_error
from harken.learn.whole_base.inputs import headline_values
from harken.learn.whole_base.result import CustomerColumns, WholeBase
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Estimate, EstimateKind, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import Scale

Floats = NDArray[np.float64]

METHOD = "whole_base.held_back"
FEWEST = 30
GROUP_ANSWERS = 15
"""A group of like expectation holds at least so many answers."""
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class HeldBackBand:
    """How well the probability of one band foresaw the answers kept back.

    `predicted` mean probability and `observed` share (0 to 1) with its 95% range `lower` to `upper`;
    `calibration_error` mean distance between stated and observed shares over ten groups, `by_chance` what a
    perfect model would show.
    """

    band: int
    predicted: float
    observed: float
    lower: float
    upper: float
    calibration_error: float
    by_chance: float


@dataclass(frozen=True, slots=True)
class HeldBackGroup:
    """Customers of like expectation: mean `predicted` and `observed` with its 95% range, in headline units."""

    answers: int
    predicted: float
    observed: Estimate


@dataclass(frozen=True, slots=True)
class HeldBackCheck:
    """Predictions for customers whose answers were kept back, beside what they said.

    `answers` kept back; `predicted` mean expectation and `observed` score, `gap` predicted minus observed with
    its 95% range by chance, in headline units; `passed` is True where that range holds zero; `bands` by band;
    `groups` at most ten of equal size by expectation, lowest first; `coverage` the share of answers inside the
    plausible bands promised at `coverage_level`, with its range; `message` what this check can and cannot say. Each
    answer counts for as many customers as it stands for (1 / chance; for coverage, as many silent ones), because
    that is what the predictions claim to be right for.
    """

    answers: int
    predicted: float
    observed: float
    gap: Estimate
    passed: bool
    bands: tuple[HeldBackBand, ...]
    groups: tuple[HeldBackGroup, ...]
    coverage: float
    coverage_range: Interval
    coverage_level: float
    message: Message


def check_held_back(
    whole_base: WholeBase, held_back: NDArray[np.bool_], score: Floats, scale: Scale
) -> HeldBackCheck:
    """Compare what was predicted for some customers with what they had answered.

    `whole_base` is an analysis in which these customers counted as silent; `held_back` bool (n,) and `score` (n,),
    read where held back, in the order of its `columns.customer_id`. The range of the gap holds the chance in both,
    the answers kept back and those learned from. Raises `DataError` where a customer kept back was learned from,
    `NotEnoughData` below 30 answers.
    """
    columns = whole_base.columns
    if (held_back & columns.answered).any():
        raise DataError(
            Message(gettext_noop("Answers kept back for the check were also used to learn from.")),
            Message(gettext_noop("Run the analysis again without the answers kept back.")),
        )
    n = int(held_back.sum())
    if n < FEWEST:
        raise NotEnoughData(
            Message(
                gettext_noop("Only {answers} answers were kept back; a check needs at least {needed}."),
                {"answers": n, "needed": FEWEST},
            )
        )
    stated = np.column_stack([columns.unfavourable, columns.middle, columns.favourable])[held_back]
    said = bands_of(score[held_back], scale)
    expected = columns.expected[held_back]
    value = headline_values(score[held_back], said, scale)
    chance = columns.answer_chance[held_back]
    weights = columns.weight[held_back] / chance
    inside = _inside(columns, held_back, said)
    coverage, coverage_range = _share(inside, weights * (1 - chance))
    gap = _weighted_gap(expected - value, weights, whole_base.standard_error)
    return HeldBackCheck(
        answers=n,
        predicted=float(np.average(expected, weights=weights)),
        observed=float(np.average(value, weights=weights)),
        gap=gap,
        passed=not gap.interval.excludes(0.0),
        bands=tuple(_band(at, stated[:, at], said == at - 1, weights) for at in range(3)),
        groups=_groups(expected, score[held_back], weights, scale),
        coverage=coverage,
        coverage_range=coverage_range,
        coverage_level=whole_base.plausible_level,
        message=Message(
            gettext_noop(
                "This compares predictions with {answers} answers that were kept back. "
                "It tests customers who answer; of those who never answer it says nothing."
            ),
            {"answers": n},
        ),
    )


def _groups(expected: Floats, score: Floats, weights: Floats, scale: Scale) -> tuple[HeldBackGroup, ...]:
    """The answers cut into tenths by expectation, into fewer groups where they are few; weighted scores of each."""
    count = min(10, len(score) // GROUP_ANSWERS)
    place = np.empty(len(score), dtype=np.int64)
    place[np.argsort(expected, kind="stable")] = np.arange(len(score)) * count // len(score)
    answers = usable_answers(score, scale, weights)
    sums = tally(answers, scale, scale.headline, place[answers.kept], count)
    lower, upper = sums.at(LEVEL)
    groups = []
    for at in range(count):
        rows = place == at
        interval = Interval(float(sums.unit * lower[at]), float(sums.unit * upper[at]), LEVEL)
        observed = Estimate(float(sums.unit * sums.value[at]), interval, int(sums.n[at]), sums.method)
        groups.append(
            HeldBackGroup(int(rows.sum()), float(np.average(expected[rows], weights=weights[rows])), observed)
        )
    return tuple(groups)


def _weighted_gap(errors: Floats, weights: Floats, learned: float) -> Estimate:
    """Weighted mean error with Student's interval from the linearised variance and that of what was learned."""
    gap = float(np.average(errors, weights=weights))
    share = weights / weights.sum()
    worth = 1.0 / float(share @ share)
    error = float(np.linalg.norm(share * (errors - gap))) * np.sqrt(worth / max(worth - 1.0, 1.0))
    half = float(stdtrit(max(worth - 1.0, 1.0), 0.5 + LEVEL / 2)) * float(np.hypot(error, learned))
    interval = Interval(gap - half, gap + half, LEVEL)
    return Estimate(gap, interval, len(errors), METHOD, kind=EstimateKind.PREDICTED, n_effective=worth)


def _share(happened: NDArray[np.bool_], weights: Floats) -> tuple[float, Interval]:
    """Weighted share and Wilson's interval at Kish's effective number."""
    share = float(np.average(happened, weights=weights))
    worth = float(weights.sum() ** 2 / (weights @ weights))
    low, high = wilson_interval(share * worth, worth, LEVEL)
    return share, Interval(float(low), float(high), LEVEL)


def _band(at: int, stated: Floats, happened: NDArray[np.bool_], weights: Floats) -> HeldBackBand:
    observed, reach = _share(happened, weights)
    error, chance = calibration_error(stated, happened, weights)
    predicted = float(np.average(stated, weights=weights))
    return HeldBackBand(at - 1, predicted, observed, reach.lower, reach.upper, error, chance)


def _inside(columns: CustomerColumns, held_back: NDArray[np.bool_], said: NDArray[np.int8]) -> NDArray[np.bool_]:
    sets = np.column_stack([columns.plausible_unfavourable, columns.plausible_middle, columns.plausible_favourable])
    return np.asarray(sets[held_back, said + 1])
