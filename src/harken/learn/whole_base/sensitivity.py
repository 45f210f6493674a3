"""What if silence has a reason that no data show: how far the score would move, and where conclusions flip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from harken.unify.features.families import family_label
from harken.vocabulary.estimates import Estimate, Interval
from harken.vocabulary.messages import Message, Parameter, gettext_noop
from harken.vocabulary.scales import Headline

Floats = NDArray[np.float64]

FARTHEST_LOG_ODDS = float(np.log(100))


@dataclass(frozen=True, slots=True)
class SensitivityPoint:
    """If silent customers are `less_satisfied` than look-alikes who answered, the score is `score`.

    `less_satisfied` and `score` are in headline units; `lower` to `upper` is the score's 95% range by chance alone.
    """

    less_satisfied: float
    score: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Benchmark:
    """How much one observed family of reasons matters: a yardstick for reasons that no data show.

    `moves_score_by`: how the score of all customers would change if this family had not been observed.
    `odds_ratio`: how many times likelier an answer is one standard deviation up in this family, all else equal.
    `mood_gap`: how far silent customers would be below look-alikes if mood itself had that odds ratio.
    `moves_score_by` and `mood_gap` are in headline units.
    """

    family: str
    moves_score_by: float
    odds_ratio: float
    mood_gap: float


class HiddenReason(StrEnum):
    """How strong a reason for silence is supposed that no data show."""

    LIKE_STRONGEST_FAMILY = "like_strongest_family"
    """It moves the score as much as the observed family that moves it most."""
    AS_MUCH_AGAIN = "as_much_again"
    """It moves the score as much as everything observed together did."""
    MOOD = "mood"
    """It is the mood itself, and pulls at answering as hard as the observed family that pulls hardest."""
    TWICE_AS_READY = "twice_as_ready"
    """It is the mood itself: one side answers with twice the odds of look-alikes on the other side."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """The range of the score under one supposition, either way, chance included.

    `gaps` are the lowest and highest gap between silent customers and look-alikes (positive = less satisfied).
    """

    reason: HiddenReason
    gaps: tuple[float, float]
    range: Interval
    statement: Message


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What a hidden reason for silence would do to the score of the whole base.

    `silent_share` of all customers (0 to 1, weighted); `grid` the score for a range of assumptions;
    `tips_difference` and `tips_zero` are the gap between silent customers and look-alikes (headline units;
    positive = the silent are less satisfied) at which answered only and whole base agree, and at which a net
    score reaches zero (None where there is no zero or the gap would be beyond the scale); `benchmarks` by
    observed family, strongest first; `scenarios` three suppositions; `band` the default range, the widest of
    them, and `statement` its sentence.
    """

    silent_share: float
    grid: tuple[SensitivityPoint, ...]
    tips_difference: float
    tips_zero: float | None
    tips_difference_odds: float | None
    tips_zero_odds: float | None
    benchmarks: tuple[Benchmark, ...]
    scenarios: tuple[Scenario, ...]
    band: Interval
    statement: Message


@dataclass(frozen=True, slots=True)
class Silent:
    """The silent customers: calibrated `bands` (m, 3), `weight` (m,), the headline value of each band (3,) in its
    unit, the `spread` (standard deviation) of the band -1, 0, 1 over the base, and their weighted share of the
    base."""

    bands: Floats
    weight: Floats
    values: Floats
    spread: float
    share: float


def mood_gap(silent: Silent, log_odds: float) -> float:
    """How far the silent customers' score lies below that of look-alikes if answering depends on mood itself.

    `log_odds` is the change in the log-odds of answering per standard deviation of mood (the band -1, 0, 1), given
    everything observed. Then the silent follow p(band) x exp(-log_odds x band / spread), normalised: exponential
    tilting (Scharfstein, Rotnitzky and Robins 1999; Kim and Yu 2011, eq. 4). In the unit of `silent.values`.
    """
    tilt = np.exp(-log_odds * np.array([-1.0, 0.0, 1.0]) / silent.spread)
    tilted = silent.bands * tilt
    tilted /= tilted.sum(axis=1, keepdims=True)
    gap = (silent.bands - tilted) @ silent.values
    return float(silent.weight @ gap / silent.weight.sum())


def mood_odds(silent: Silent, gap: float) -> float | None:
    """The odds of answering, favourable against unfavourable look-alikes, that would explain a `gap` (inverse of
    `mood_gap`); None beyond 100 to 1."""
    from scipy.optimize import brentq

    def excess(log_ratio: float) -> float:
        return mood_gap(silent, log_ratio / 2 * silent.spread) - gap

    if excess(-FARTHEST_LOG_ODDS) * excess(FARTHEST_LOG_ODDS) > 0:
        return None
    return float(np.exp(brentq(excess, -FARTHEST_LOG_ODDS, FARTHEST_LOG_ODDS, xtol=1e-6)))


def score_if(score: float, gap: float, silent_share: float, higher_is_better: bool = True) -> float:
    """The score of a group if its silent customers are `gap` less satisfied than look-alikes who answered.

    >>> score_if(30.0, 10.0, 0.9)
    21.0
    """
    return score - gap * silent_share if higher_is_better else score + gap * silent_share


def assess(
    total: Estimate,
    answered_only: Estimate,
    headline: Headline,
    higher_is_better: bool,
    ends: tuple[float, float],
    silent: Silent,
    moves: Mapping[str, float],
    log_odds: Mapping[str, float],
) -> Sensitivity:
    """The sensitivity of the whole-base score.

    `total` and `answered_only` in headline units within `ends`; `moves` gives, for each family, how the score would
    change without it (headline units), `log_odds` its standard deviation in the log-odds of answering.
    """
    sign = 1.0 if higher_is_better else -1.0

    def point(gap: float) -> SensitivityPoint:
        values = (total.value, total.interval.lower, total.interval.upper)
        moved = (score_if(value, gap, silent.share, higher_is_better) for value in values)
        return SensitivityPoint(gap, *(float(np.clip(value, *ends)) for value in moved))

    benchmarks = tuple(
        Benchmark(family, moves[family], float(np.exp(log_odds[family])), sign * mood_gap(silent, log_odds[family]))
        for family in sorted(moves, key=lambda name: (-abs(moves[name]), name))
    )
    observed = abs(answered_only.value - total.value) / silent.share
    strongest = max((abs(move) for move in moves.values()), default=0.0) / silent.share
    hardest = max(log_odds.values(), default=0.0)
    mood = (sign * mood_gap(silent, hardest), sign * mood_gap(silent, -hardest))
    double = float(np.log(2)) / 2 * silent.spread
    twice = (sign * mood_gap(silent, double), sign * mood_gap(silent, -double))
    suppositions = (
        (HiddenReason.LIKE_STRONGEST_FAMILY, (-strongest, strongest)),
        (HiddenReason.AS_MUCH_AGAIN, (-observed, observed)),
        (HiddenReason.MOOD, (min(mood), max(mood))),
        (HiddenReason.TWICE_AS_READY, (min(twice), max(twice))),
    )
    scenarios = []
    for reason, gaps in suppositions:
        edges = [point(gap) for gap in gaps]
        reach = Interval(min(e.lower for e in edges), max(e.upper for e in edges), total.interval.level)
        scenarios.append(Scenario(reason, gaps, reach, _statement(reason, reach, benchmarks, hardest, log_odds)))
    widest = max(scenarios, key=lambda scenario: scenario.range.half_width)
    reach_gap = 1.5 * max(*(abs(gap) for s in scenarios for gap in s.gaps), total.interval.half_width)
    tips_difference = sign * (total.value - answered_only.value) / silent.share
    tips_zero = total.value / silent.share
    possible = headline is Headline.NET and abs(tips_zero) <= ends[1] - ends[0]
    return Sensitivity(
        silent_share=silent.share,
        grid=tuple(point(float(gap)) for gap in np.linspace(-reach_gap, reach_gap, 13)),
        tips_difference=tips_difference,
        tips_zero=tips_zero if possible else None,
        tips_difference_odds=mood_odds(silent, sign * tips_difference),
        tips_zero_odds=mood_odds(silent, tips_zero) if possible else None,
        benchmarks=benchmarks,
        scenarios=tuple(scenarios),
        band=Interval(
            min(s.range.lower for s in scenarios), max(s.range.upper for s in scenarios), total.interval.level
        ),
        statement=widest.statement,
    )


def _statement(
    reason: HiddenReason,
    reach: Interval,
    benchmarks: tuple[Benchmark, ...],
    hardest: float,
    log_odds: Mapping[str, float],
) -> Message:
    ends: dict[str, Parameter | Message] = {"lower": round(reach.lower, 2), "upper": round(reach.upper, 2)}
    if reason is HiddenReason.AS_MUCH_AGAIN:
        text = gettext_noop(
            "If reasons that no data show move the score as much again as all observed reasons did, "
            "the score of all customers lies between {lower} and {upper}."
        )
        return Message(text, ends)
    if reason is HiddenReason.LIKE_STRONGEST_FAMILY:
        text = gettext_noop(
            "If a reason that no data show moves the score as much as {family} does, "
            "the score of all customers lies between {lower} and {upper}."
        )
        return Message(text, {"family": family_label(benchmarks[0].family if benchmarks else ""), **ends})
    if reason is HiddenReason.TWICE_AS_READY:
        text = gettext_noop(
            "If satisfied customers are twice as ready to answer as dissatisfied look-alikes, or half as ready, "
            "the score of all customers lies between {lower} and {upper}."
        )
        return Message(text, ends)
    text = gettext_noop(
        "If mood itself makes customers answer or stay silent as strongly as {family} does (odds {odds_ratio} to 1 "
        "for a standard deviation), the score of all customers lies between {lower} and {upper}."
    )
    family = max(sorted(log_odds), key=lambda name: log_odds[name], default="")
    ends |= {"family": family_label(family), "odds_ratio": round(float(np.exp(hardest)), 2)}
    return Message(text, ends)
