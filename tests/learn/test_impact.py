"""Did it work: each way of measuring, the choice between them, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from harken.learn.impact import (
    Advice,
    Comparison,
    Evaluation,
    Given,
    Way,
    callback_effect,
    evaluate,
    expected_by_itself,
    lot_effect,
    picked_for_worst,
    staggered_effects,
)
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Evidence

NEVER = np.inf


def panel(seed: int = 0, units: int = 120, effect: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    outcome = rng.normal(size=(units, 1)) + 0.2 * np.arange(6) + 0.7 * rng.normal(size=(units, 6))
    start = np.resize([2.0, 4.0, NEVER], units)
    outcome[np.arange(6) >= start[:, None]] += effect
    return outcome, start


def called(seed: int, n: int = 4000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Callbacks that do nothing: the angry leave sooner and are called later, and nobody is called who left."""
    rng = np.random.default_rng(seed)
    anger, value = rng.normal(size=n), rng.normal(size=n)
    left = rng.exponential(60 * np.exp(-0.9 * anger - 0.2 * value))
    reached = rng.exponential(18 * np.exp(0.5 * anger - 0.5 * value))
    reached[reached >= left] = NEVER
    return left, reached, np.column_stack([anger, value])


def test_a_lot_is_welch_and_what_was_before_takes_noise_away() -> None:
    rng = np.random.default_rng(3)
    before, treated = rng.normal(size=200), np.arange(200) % 3 == 0
    after = 0.9 * before + 0.4 * rng.normal(size=200) + treated * 0.5
    plain, sharp = lot_effect(after, treated), lot_effect(after, treated, before)
    from scipy.stats import ttest_ind

    oracle = ttest_ind(after[treated], after[~treated], equal_var=False)
    bounds = oracle.confidence_interval()
    interval = plain.effect.estimate.interval
    assert (interval.lower, interval.upper) == (pytest.approx(bounds.low), pytest.approx(bounds.high))
    assert sharp.plain == plain.effect.estimate
    assert sharp.effect.estimate.interval.half_width < 0.6 * interval.half_width
    gone = np.where(np.arange(200) < 30, np.nan, before)
    assert lot_effect(after, treated, gone).variance_left < 1
    with pytest.raises(NotEnoughData):
        lot_effect(after[:12], treated[:12])
    with pytest.raises(DataError):
        lot_effect(np.append(after[1:], np.nan), treated)


def test_staggered_effects_are_differences_of_mean_changes() -> None:
    outcome, start = panel(1, effect=1.0)
    found = staggered_effects(outcome, start)

    def by_hand(cohort: float, t: int) -> float:
        base = int(cohort) - 1 if t >= cohort else t - 1
        change = outcome[:, t] - outcome[:, base]
        return float(change[start == cohort].mean() - change[np.isinf(start)].mean())

    cells = [by_hand(2, t) for t in (2, 3, 4, 5)] + [by_hand(4, t) for t in (4, 5)]
    assert found.overall.value == pytest.approx(np.mean(cells))
    lags = {int(one.at): one.value for one in found.lags}
    assert lags[-1] == pytest.approx((by_hand(2, 1) + by_hand(4, 3)) / 2)
    assert lags[-2] == pytest.approx(by_hand(4, 2))
    assert found.overall.effect.evidence is Evidence.ADJUSTED
    order = np.random.default_rng(1).permutation(len(start))
    assert staggered_effects(outcome[order], start[order]).overall.se == pytest.approx(found.overall.se)


def test_standard_errors_are_those_of_resampled_units() -> None:
    outcome, start = panel(2, effect=1.0)
    found = staggered_effects(outcome, start)
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(80):
        rows = rng.integers(0, len(start), len(start))
        draws.append(staggered_effects(outcome[rows], start[rows]).overall.value)
    # 80 draws give a standard deviation to 8 %: four of its errors
    assert found.overall.se == pytest.approx(np.std(draws), rel=0.32)
    twice = staggered_effects(
        np.repeat(outcome, 2, axis=0), np.repeat(start, 2), cluster=np.repeat(np.arange(len(start)), 2)
    )
    assert (twice.overall.value, twice.overall.se) == (
        pytest.approx(found.overall.value),
        pytest.approx(found.overall.se),
    )


def test_units_that_cannot_count_are_left_out_or_refused() -> None:
    outcome, start = panel(3)
    start[:4], start[4:8], outcome[8, 2] = 0.0, 5.0, np.nan
    found = staggered_effects(outcome, start)
    assert found.left_out == 9
    assert 5.0 not in [one.at for one in found.cohorts]
    everybody = np.resize([2.0, 4.0], 120)
    later = staggered_effects(outcome, everybody)
    assert later.comparison is Comparison.NOT_YET
    assert [one.at for one in later.cohorts] == [2.0]
    with pytest.raises(NotEnoughData, match="had not started"):
        staggered_effects(outcome, np.full(120, 2.0))
    with pytest.raises(NotEnoughData, match="No start"):
        staggered_effects(outcome, np.full(120, NEVER))
    with pytest.raises(DataError, match="ascend"):
        staggered_effects(outcome, start, np.array([0.0, 2, 1, 3, 4, 5]))


def test_callbacks_that_do_nothing_look_large_until_landmark_and_weights() -> None:
    found = callback_effect(*called(1, 8000), landmark_days=14, horizon_days=90)
    assert found.naive < -0.3
    assert found.landmark_only.value < -0.06
    assert abs(found.effect.estimate.value) < 0.05
    assert not found.effect.shown
    assert found.imbalance > 0.5 > 0.1 > found.imbalance_weighted
    left, reached, x = called(1, 8000)
    followed = np.where(np.arange(8000) < 1000, 60.0, 200.0)
    recent = callback_effect(left, reached, x, landmark_days=14, horizon_days=90, followed_days=followed)
    assert recent.too_recent == 1000
    assert recent.called + recent.others + recent.gone_before == 7000
    with pytest.raises(NotEnoughData):
        callback_effect(left[:60], reached[:60], x[:60], landmark_days=14, horizon_days=90)
    with pytest.raises(DataError):
        callback_effect(left, reached, x, landmark_days=90, horizon_days=14)


def test_the_worst_get_better_by_themselves() -> None:
    rng = np.random.default_rng(5)
    true = rng.normal(size=600)
    earlier, before, after = (true + rng.normal(size=600) for _ in range(3))
    picked = before < np.quantile(before, 0.15)
    found = picked_for_worst(before, after, picked)
    assert found.changed > 0.6
    assert found.by_itself == pytest.approx(found.changed, abs=0.4)
    assert not found.effect.shown
    assert found.back == pytest.approx(0.5, abs=0.12)
    assert expected_by_itself(before, earlier, picked) == pytest.approx(found.by_itself, abs=0.3)
    helped = picked_for_worst(before, after + picked * 1.0, picked)
    assert helped.effect.shown
    with pytest.raises(NotEnoughData):
        picked_for_worst(before[picked], after[picked], picked[picked])


def given_worlds() -> dict[str, Callable[[int], Given]]:
    """One world a way, none with any effect."""

    def lot(seed: int) -> Given:
        rng = np.random.default_rng(seed)
        before, treated = rng.normal(size=300), rng.random(300) < 0.4
        return Given(outcome=before + rng.normal(size=300), treated=treated, randomised=True, before=before)

    def staggered(seed: int) -> Given:
        outcome, start = panel(seed)
        return Given(outcome=outcome, started=start)

    def callbacks(seed: int) -> Given:
        left, reached, x = called(seed)
        return Given(left_days=left, called_days=reached, covariates=x, names=("anger", "value"))

    def picked(seed: int) -> Given:
        rng = np.random.default_rng(seed)
        true = rng.normal(size=300)
        before, after = true + rng.normal(size=300), true + rng.normal(size=300)
        return Given(outcome=after, before=before, treated=before < np.quantile(before, 0.1), picked=True)

    return {"lot": lot, "staggered": staggered, "callbacks": callbacks, "picked": picked}


@pytest.mark.parametrize("way", list(given_worlds()))
def test_the_way_is_chosen_and_explained(way: str) -> None:
    answer = evaluate(given_worlds()[way](11))
    assert answer.way.value == way
    assert answer.effect is not None
    assert answer.effect.evidence is (Evidence.EXPERIMENTAL if way == "lot" else Evidence.ADJUSTED)
    assert answer.advice is Advice.UNDECIDED
    assert str(answer.headline).startswith("No effect is shown")
    assert answer.smallest_visible == pytest.approx(answer.effect.estimate.interval.half_width * 1.43, rel=0.03)
    assert answer.choice.id
    assert all("{" not in str(check.words) for check in answer.checks)


def test_an_effect_is_scaled_stopped_or_changed_by_its_range_alone() -> None:
    outcome, start = panel(1, effect=1.0)
    good = Given(outcome=outcome, started=start)
    answer = evaluate(good)
    assert (answer.way, answer.advice) == (Way.STAGGERED, Advice.SCALE)
    assert "goes with" in str(answer.headline)
    assert answer.pre_trend_p is not None
    assert [lag.lag for lag in answer.lags] == [-3, -2, -1, 0, 1, 2, 3]
    assert evaluate(Given(outcome=-outcome, started=start)).advice is Advice.STOP
    assert evaluate(Given(outcome=-outcome, started=start, higher_is_better=False)).advice is Advice.SCALE
    assert evaluate(Given(outcome=outcome, started=start, worthwhile=9.0)).advice is Advice.CHANGE


def test_what_moved_before_takes_advice_and_label_away() -> None:
    outcome, start = panel(4, effect=0.5)
    rising = outcome + np.arange(6) * 0.8 * np.isfinite(start)[:, None]
    answer = evaluate(Given(outcome=rising, started=start))
    assert answer.effect is not None
    assert answer.effect.evidence is Evidence.ASSOCIATIONAL
    assert answer.advice is Advice.UNDECIDED
    assert "already moved differently" in str(answer.checks[0].words)


def refused_worlds() -> dict[str, Given]:
    rng = np.random.default_rng(1)
    x, outcome = rng.normal(size=(400, 2)), rng.normal(size=400)
    chosen = x[:, 0] > 0.4
    return {
        "nothing was measured before": Given(outcome=outcome, treated=chosen, covariates=x, names=("age", "use")),
        "tells who was treated": Given(outcome=outcome, treated=chosen, randomised=True, before=x[:, 0]),
        "standard deviations away": Given(outcome=outcome, treated=chosen, before=x[:, 0]),
        "at least 10 of each": Given(outcome=outcome[:30], treated=np.arange(30) < 4, randomised=True),
        "had not started": Given(outcome=rng.normal(size=(50, 4)), started=np.full(50, 2.0)),
    }


@pytest.mark.parametrize("word", list(refused_worlds()))
def test_where_no_way_is_honest_it_refuses_and_says_what_would_help(word: str) -> None:
    answer: Evaluation = evaluate(refused_worlds()[word])
    assert answer.refused
    assert answer.way is Way.NONE
    assert word in str(answer.headline)
    assert answer.todo is not None
    assert answer.advice is Advice.UNDECIDED


def test_a_common_start_by_lot_is_measured_after_against_before() -> None:
    outcome, _ = panel(6)
    treated = np.random.default_rng(3).random(len(outcome)) < 0.5
    start = np.where(treated, 3.0, NEVER)
    outcome[treated, 3:] += 1.0
    answer = evaluate(Given(outcome=outcome, started=start, randomised=True))
    assert answer.way is Way.LOT
    assert answer.advice is Advice.SCALE
    assert "CUPED" in str(answer.choice)
    with pytest.raises(DataError, match="who was treated"):
        evaluate(Given(outcome=outcome))


def test_callbacks_without_covariates_stay_associational() -> None:
    left, reached, _ = called(2)
    answer = evaluate(Given(left_days=left, called_days=reached))
    assert answer.effect is not None
    assert answer.effect.evidence is Evidence.ASSOCIATIONAL


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "worlds"), [("lot", 1000), ("staggered", 600), ("callbacks", 400), ("picked", 1000)]
)
def test_no_effect_gives_no_more_alarms_than_promised(way: str, worlds: int) -> None:
    # nominal .05; the bound is passed by a method of exactly .05 less than once in a thousand
    from scipy.stats import binom

    alarms = scaled = 0
    for seed in range(worlds):
        answer = evaluate(given_worlds()[way](5000 + seed))
        assert answer.effect is not None
        alarms += answer.effect.shown
        scaled += answer.advice is Advice.SCALE
    assert alarms <= binom.ppf(0.999, worlds, 0.05)
    assert scaled <= binom.ppf(0.999, worlds, 0.025)
