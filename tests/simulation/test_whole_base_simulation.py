"""Bases whose silent customers' scores are known: is the whole-base estimate right as often as it says?

Bounds are binomial: a method whose 95% intervals are right fails each assertion less than once in a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import binom

from harken.learn.whole_base.estimate import estimate_whole_base
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.scales import SCALES
from whole_base_world import world

NPS = SCALES["nps_0_10"]


@dataclass(frozen=True)
class Trials:
    """One row per repetition; errors in points."""

    error: np.ndarray
    covered: np.ndarray
    plain_error: np.ndarray
    plain_covered: np.ndarray
    no_difference: np.ndarray
    in_band: np.ndarray
    predicted_error: np.ndarray
    sets_right: np.ndarray
    segments_covered: np.ndarray

    def told(self, name: str) -> None:
        print(
            f"\n{name}, {len(self.error)} repetitions: whole base bias {self.error.mean():+.2f} rmse "
            f"{np.sqrt((self.error**2).mean()):.2f} coverage {self.covered.mean():.3f}; answered only bias "
            f"{self.plain_error.mean():+.2f} coverage {self.plain_covered.mean():.3f}; difference holds 0 "
            f"{self.no_difference.mean():.3f}; band holds the truth {self.in_band.mean():.3f}; segments "
            f"{self.segments_covered.mean():.3f}; plausible bands hold {self.sets_right.mean():.3f} of the silent"
        )


def holds(estimate: Estimate, truth: float) -> bool:
    return not estimate.interval.excludes(truth)


def fewest(repetitions: int, level: float = 0.95) -> int:
    """The fewest hits a right method has, but for one time in a thousand."""
    return int(binom.ppf(0.001, repetitions, level))


def run(n: int, repetitions: int, seed: int, *, mood: float = 0.0, at_random: bool = False) -> Trials:
    rows = []
    for repetition in range(repetitions):
        w = world(n, seed + repetition, mood=mood, at_random=at_random)
        region = w.table.column("region").astype(int)
        result = estimate_whole_base(
            w.table, w.answered, w.score, NPS, seed=repetition, segments={"region": (region, tuple("NESW"))}
        )
        total, columns, silent = result.total, result.columns, ~w.answered
        sets = np.column_stack(
            [columns.plausible_unfavourable, columns.plausible_middle, columns.plausible_favourable]
        )
        rows.append(
            (
                total.whole_base.value - w.nps,
                holds(total.whole_base, w.nps),
                total.answered_only.value - w.nps,
                holds(total.answered_only, w.nps),
                holds(total.difference, 0.0),
                not result.sensitivity.band.excludes(w.nps),
                columns.expected[silent].mean() - 100 * w.band[silent].mean(),
                sets[silent, w.band[silent] + 1].mean(),
                np.mean(
                    [
                        holds(row.whole_base, 100 * w.band[region == at].mean())
                        for at, row in enumerate(result.segments[0].rows)
                    ]
                ),
            )
        )
    return Trials(*np.array(rows, dtype=float).T)


def check_answering_by_what_is_known(trials: Trials, most_plain: int) -> None:
    n = len(trials.error)
    spread = trials.error.std(ddof=1) / np.sqrt(n)
    assert trials.covered.sum() >= fewest(n)
    assert abs(trials.error.mean()) < 3.3 * spread + 0.1 * trials.plain_error.mean()
    assert np.sqrt((trials.error**2).mean()) < 0.6 * np.sqrt((trials.plain_error**2).mean())
    assert trials.plain_covered.sum() <= most_plain
    assert 4 * trials.segments_covered.sum() >= fewest(4 * n, 0.92)
    # 90% promised for silent customers; the mean over repetitions varies by about .01
    assert trials.sets_right.mean() == pytest.approx(0.9, abs=0.03)


def test_a_few_bases_of_5000():
    trials = run(5_000, 8, seed=100)
    trials.told("N = 5,000, answering by what is known")
    check_answering_by_what_is_known(trials, most_plain=5)


def test_answers_at_random_leave_no_difference():
    trials = run(5_000, 8, seed=300, at_random=True)
    trials.told("N = 5,000, answering at random")
    assert trials.no_difference.sum() >= fewest(8)
    assert trials.covered.sum() >= fewest(8)


def test_when_mood_decides_the_estimate_is_wrong_and_the_band_is_the_claim():
    """Mood adds .45 (favourable) and .175 (unfavourable) to the log-odds of answering: no weighting mends that."""
    trials = run(20_000, 3, seed=500, mood=0.5)
    trials.told("N = 20,000, answering by mood too")
    assert trials.covered.sum() == 0
    assert trials.error.mean() > 5
    assert (trials.error < trials.plain_error).all()
    assert trials.in_band.all()


@pytest.mark.slow
def test_many_bases_of_5000():
    trials = run(5_000, 120, seed=1_000)
    trials.told("N = 5,000, answering by what is known")
    check_answering_by_what_is_known(trials, most_plain=36)
    assert abs(trials.error.mean()) < 1.6


@pytest.mark.slow
def test_many_bases_answering_at_random():
    trials = run(5_000, 120, seed=2_000, at_random=True)
    trials.told("N = 5,000, answering at random")
    assert trials.no_difference.sum() >= fewest(120)
    assert trials.covered.sum() >= fewest(120)


@pytest.mark.slow
def test_a_few_bases_of_100000():
    trials = run(100_000, 12, seed=3_000)
    trials.told("N = 100,000, answering by what is known")
    check_answering_by_what_is_known(trials, most_plain=0)
    assert abs(trials.predicted_error.mean()) < 1.0


@pytest.mark.slow
def test_many_bases_where_mood_decides():
    trials = run(20_000, 24, seed=4_000, mood=0.5)
    trials.told("N = 20,000, answering by mood too")
    assert trials.covered.sum() == 0
    assert trials.in_band.sum() >= fewest(24)
