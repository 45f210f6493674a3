"""What if silence has a reason that no data show: how far the score would move, and where conclusions flip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.vocabulary.estimates import Estimate, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import Headline

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SensitivityPoint:
    """If silent customers are `less_satisfied` (headline units) below look-alikes who answered, the score is
    `score`.

    `lower` and `upper` are its 95% range from chance alone.
    """

    less_satisfied: float
    score: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Benchmark:
    """How strongly one observed family of reasons pulls at answering, and what mood would do if it pulled as hard.

    `odds_ratio`: how many times likelier an answer is one standard deviation up in this family, all else equal.
    `less_satisfied`: how far silent customers would be below look-alikes if mood had that odds ratio;
    `moves_score_by` what that does to the score; both in headline units.
    """

    family: str
    odds_ratio: float
    less_satisfied: float
    moves_score_by: float


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What a hidden reason for silence would do to the score of the whole base.

    `silent_share` of all customers (0 to 1, weighted); `grid` the score for a range of assumptions;
    `tips_difference` and `tips_zero` are the gap between silent customers and look-alikes (headline units) at
    which answered only and whole base agree, and at which a net score reaches zero (None where that cannot
    happen); `benchmarks` by observed family, strongest first; `band` the default range: chance, and mood pulling
    at answering as hard as the strongest observed family, either way; `band_gap` the gap assumed there.
    """

    silent_share: float
    grid: tuple[SensitivityPoint, ...]
    tips_difference: float | None
    tips_zero: float | None
    benchmarks: tuple[Benchmark, ...]
    band: Interval
    band_gap: tuple[float, float]
    statement: Message


@dataclass(frozen=True, slots=True)
class Silent:
    """The silent customers: calibrated `bands` (m, 3), `weight` (m,), the headline value of each band (3,) in its
    unit, the spread (standard deviation) of the band -1, 0, 1 over the base, and their weighted share of the
    base."""

    bands: Floats
    weight: Floats
    values: Floats
    spread: float
    share: float


def mood_gap(silent: Silent, log_odds: float) -> float:
    """How far silent customers fall below look-alikes if answering depends on mood itself.

    `log_odds` is the change in the log-odds of answering per standard deviation of mood (the band -1, 0, 1),
    given everything observed. Then the silent follow p(band) x exp(-log_odds x band / spread), normalised:
    exponential tilting (Scharfstein, Rotnitzky and Robins 1999; Kim and Yu 2011, eq. 4). Positive = less
    satisfied; in the unit of `silent.values`, which run from unfavourable to favourable.
    """
    tilt = np.exp(-log_odds * np.array([-1.0, 0.0, 1.0]) / silent.spread)
    tilted = silent.bands * tilt
    tilted /= tilted.sum(axis=1, keepdims=True)
    gap = (silent.bands - tilted) @ silent.values
    return float(silent.weight @ gap / silent.weight.sum())


def assess(
    total: Estimate,
    answered_only: Estimate,
    headline: Headline,
    higher_is_better: bool,
    ends: tuple[float, float],
    silent: Silent,
    family_log_odds: Mapping[str, float],
) -> Sensitivity:
    """The sensitivity of the whole-base score.

    `total` and `answered_only` in headline units within `ends`; `family_log_odds` gives each family's standard
    deviation in the log-odds of answering.
    """
    sign = 1.0 if higher_is_better else -1.0

    def moved(gap: float) -> SensitivityPoint:
        shift = -sign * gap * silent.share
        numbers = (float(np.clip(value + shift, *ends)) for value in (total.value, *_ends(total.interval)))
        return SensitivityPoint(gap, *numbers)

    benchmarks = tuple(
        Benchmark(family, float(np.exp(size)), gap := sign * mood_gap(silent, size), -sign * gap * silent.share)
        for family, size in sorted(family_log_odds.items(), key=lambda item: (-item[1], item[0]))
    )
    strongest = max(family_log_odds.values(), default=0.0)
    gaps = sorted(sign * mood_gap(silent, size) for size in (strongest, -strongest))
    edges = [moved(gap) for gap in gaps]
    band = Interval(min(edge.lower for edge in edges), max(edge.upper for edge in edges), total.interval.level)
    reach = max(*(abs(gap) for gap in gaps), total.interval.half_width) * 2
    tips_difference = sign * (total.value - answered_only.value) / silent.share
    tips_zero = total.value / silent.share if headline is Headline.NET else None
    return Sensitivity(
        silent_share=silent.share,
        grid=tuple(moved(float(gap)) for gap in np.linspace(-reach, reach, 9)),
        tips_difference=tips_difference,
        tips_zero=tips_zero,
        benchmarks=benchmarks,
        band=band,
        band_gap=(gaps[0], gaps[-1]),
        statement=_statement(benchmarks, band),
    )


def _ends(interval: Interval) -> tuple[float, float]:
    return interval.lower, interval.upper


def _statement(benchmarks: tuple[Benchmark, ...], band: Interval) -> Message:
    if not benchmarks:
        return Message(
            gettext_noop("Nothing observed influences who answers, so nothing can be compared with mood.")
        )
    return Message(
        gettext_noop(
            "If mood itself made customers answer as strongly as {family} does (odds {odds_ratio} to 1 per "
            "standard deviation), the score of all customers would still lie between {lower} and {upper}."
        ),
        {
            "family": benchmarks[0].family,
            "odds_ratio": round(benchmarks[0].odds_ratio, 2),
            "lower": round(band.lower, 1),
            "upper": round(band.upper, 1),
        },
    )
