"""The parts of the whole-base estimate against closed forms, other libraries and brute force."""

from __future__ import annotations

import numpy as np
import pytest

from harken.learn.encoding import fit_linear
from harken.learn.whole_base.benchmarks import leave_out_moves
from harken.learn.whole_base.calibration import (
    calibration_error,
    fit_band_calibrator,
    fit_score_calibrator,
)
from harken.learn.whole_base.conformal import plausible_bands
from harken.learn.whole_base.estimate import estimate_whole_base
from harken.learn.whole_base.heard import heard_groups
from harken.learn.whole_base.held_back import check_held_back
from harken.learn.whole_base.propensity import curvature_of, fit_propensity, refit_without
from harken.learn.whole_base.sensitivity import HiddenReason, Silent, assess, mood_gap, score_if
from harken.unify.features.catalogue import Feature, FeatureTable
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Estimate, Interval
from harken.vocabulary.messages import Message
from harken.vocabulary.scales import SCALES, Headline
from whole_base_world import world

NPS = SCALES["nps_0_10"]


def logistic_data(n: int = 3_000, q: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    X = rng.normal(size=(n, q)) + rng.normal(size=(n, 1))
    eta = -2 + 0.6 * X[:, 0] - 0.4 * X[:, 3]
    return np.asfortranarray(X, dtype=np.float32), rng.random(n) < 1 / (1 + np.exp(-eta))


def test_propensity_equals_scikit_learns_ridge_at_the_same_shrinkage():
    from sklearn.linear_model import LogisticRegression

    X, answered = logistic_data()
    weights = np.where(answered, 1.0, 2.5)
    curvature = curvature_of(X, answered, weights)
    fit = fit_propensity(X, answered, weights, curvature)
    peer = LogisticRegression(C=1 / fit.shrinkage, tol=1e-10, max_iter=5_000)
    peer.fit(X.astype(np.float64), answered, sample_weight=weights)
    assert fit.log_odds(X) == pytest.approx(peer.decision_function(X), abs=0.02)
    half = np.arange(len(X)) % 2 == 0
    refit = refit_without(fit, X, answered, weights, curvature, [half])[0]
    peer.fit(X[~half].astype(np.float64), answered[~half], sample_weight=weights[~half])
    assert refit.log_odds(X) == pytest.approx(peer.decision_function(X), abs=0.03)


def test_shrinkage_grows_when_nothing_influences_answering():
    X, answered = logistic_data()
    shuffled = np.random.default_rng(1).permutation(answered)
    weights = np.ones(len(X))
    real = fit_propensity(X, answered, weights, curvature_of(X, answered, weights))
    none = fit_propensity(X, shuffled, weights, curvature_of(X, shuffled, weights))
    assert none.shrinkage > 5 * real.shrinkage
    assert none.log_odds(X).std() < 0.2


def calibration_data(m: int = 4_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    raw = rng.dirichlet([2, 2, 3], m)
    true = raw**0.6 * np.exp([0.5, 0.0, -0.2])
    true /= true.sum(axis=1, keepdims=True)
    band = ((rng.random(m)[:, None] > true.cumsum(axis=1)).sum(axis=1) - 1).astype(np.int8)
    return raw, band, rng.uniform(1, 20, m)


def test_band_calibration_finds_the_distortion_and_meets_its_equations():
    raw, band, weights = calibration_data()
    calibrator = fit_band_calibrator(raw, band, weights)
    assert calibrator.slope == pytest.approx(0.6, abs=0.15)
    assert np.array(calibrator.offsets) - calibrator.offsets[1] == pytest.approx([0.5, 0, -0.2], abs=0.2)
    p = calibrator.apply(raw)
    assert p.sum(axis=1) == pytest.approx(np.ones(len(p)))
    for at in range(3):  # what makes customers add up to the total
        assert weights @ (p[:, at] - (band == at - 1)) == pytest.approx(0, abs=1e-6 * weights.sum())


def test_band_calibration_with_an_empty_band_and_with_upside_down_probabilities():
    raw, band, weights = calibration_data()
    two = np.where(band == 0, 1, band).astype(np.int8)
    p = fit_band_calibrator(raw, two, weights).apply(raw)
    assert (p[:, 1] == 0).all()
    assert np.average(p[:, 2], weights=weights) == pytest.approx(np.average(two == 1, weights=weights))
    backwards = fit_band_calibrator(raw[:, ::-1] ** 3, band, weights)
    assert backwards.slope >= 0


def test_score_calibration_is_a_weighted_line():
    rng = np.random.default_rng(6)
    expected = rng.normal(7, 1, 500)
    score = 2 + 0.7 * expected + rng.normal(size=500)
    weights = rng.uniform(1, 10, 500)
    calibrator = fit_score_calibrator(expected, score, weights)
    slope, offset = np.polyfit(expected, score, 1, w=np.sqrt(weights))
    assert calibrator.slope == pytest.approx(slope, abs=0.01)  # the prior pulls a little towards 1
    assert np.average(calibrator.apply(expected) - score, weights=weights) == pytest.approx(0, abs=1e-10)
    assert abs(calibrator.offset - offset) < 0.1


def test_calibration_error_against_a_plain_loop_and_its_chance_level():
    rng = np.random.default_rng(7)
    stated = rng.random(1_000)
    weights = np.ones(1_000)
    happened = rng.random(1_000) < 0.5
    groups = np.array_split(np.argsort(stated), 10)
    loop = sum(len(g) * abs(happened[g].mean() - stated[g].mean()) for g in groups) / 1_000
    assert calibration_error(stated, happened, weights)[0] == pytest.approx(loop, abs=1e-12)
    # a perfect model shows its chance level: mean over 200 draws within 4 standard errors
    draws = [calibration_error(stated, rng.random(1_000) < stated, weights) for _ in range(200)]
    errors, chance = np.array(draws).T
    assert errors.mean() == pytest.approx(chance.mean(), abs=4 * errors.std() / np.sqrt(200) + 0.001)


def test_plausible_bands_by_brute_force():
    rng = np.random.default_rng(9)
    n = 60
    bands, chance = rng.dirichlet([1, 1, 1], n), rng.uniform(0.05, 0.6, n)
    answered = rng.random(n) < 0.4
    band = rng.integers(-1, 2, n).astype(np.int8)
    sets = plausible_bands(bands, answered, band, chance, 0.8)
    got = np.column_stack([sets.unfavourable, sets.middle, sets.favourable])
    w = (1 - chance) / chance
    for i in range(n):
        scores = [(1 - bands[j, band[j] + 1], w[j]) for j in range(n) if answered[j]] + [(np.inf, w[i])]
        scores.sort()
        total, reached, limit = sum(x for _, x in scores), 0.0, np.inf
        for score, x in scores:
            reached += x
            if reached >= 0.8 * total - 1e-12:
                limit = score
                break
        assert got[i].tolist() == [bool(1 - p <= limit) for p in bands[i]]


def silent_example() -> Silent:
    bands = np.array([[0.2, 0.3, 0.5], [0.6, 0.2, 0.2]])
    return Silent(bands, np.array([1.0, 3.0]), np.array([-100.0, 0.0, 100.0]), 0.8, 0.75)


def test_mood_gap_by_hand():
    silent = silent_example()
    assert mood_gap(silent, 0.0) == pytest.approx(0)
    gap = 0.0
    for p, weight in zip(silent.bands, (0.25, 0.75), strict=True):
        tilted = [p[0] * np.exp(0.4 / 0.8), p[1], p[2] * np.exp(-0.4 / 0.8)]
        gap += weight * 100 * ((p[2] - p[0]) - (tilted[2] - tilted[0]) / sum(tilted))
    assert mood_gap(silent, 0.4) == pytest.approx(gap)
    assert mood_gap(silent, -0.4) < 0 < gap


@pytest.mark.parametrize("better", [True, False])
def test_sensitivity_tips_where_it_says(better):
    total = Estimate(20.0, Interval(15.0, 25.0), 500, "m")
    plain = Estimate(29.0, Interval(26.0, 32.0), 500, "m")
    values = np.array([-100.0, 0.0, 100.0])
    silent = silent_example()
    silent = silent if better else Silent(silent.bands, silent.weight, -values, 0.8, 0.75)
    moves, pulls = {"waiting": 4.0, "price": -6.0}, {"waiting": 0.3, "price": 0.1}
    s = assess(total, plain, Headline.NET, better, (-100, 100), silent, moves, pulls)
    assert score_if(20.0, s.tips_difference, 0.75, better) == pytest.approx(29.0)
    if better:
        assert score_if(20.0, s.tips_zero, 0.75) == pytest.approx(0.0)
    for point in s.grid:
        assert point.score == pytest.approx(score_if(20.0, point.less_satisfied, 0.75, better))
        worse = point.score < 20 if better else point.score > 20
        assert worse is (point.less_satisfied > 0) or point.less_satisfied == 0
    assert [b.family for b in s.benchmarks] == ["price", "waiting"]
    by_reason = {scenario.reason: scenario for scenario in s.scenarios}
    strongest = by_reason[HiddenReason.LIKE_STRONGEST_FAMILY].range
    assert (strongest.lower, strongest.upper) == pytest.approx((15 - 6, 25 + 6))
    again = by_reason[HiddenReason.AS_MUCH_AGAIN].range
    assert (again.lower, again.upper) == pytest.approx((15 - 9, 25 + 9))
    # odds that explain a gap give that gap back
    sign = 1 if better else -1
    back = mood_gap(silent, np.log(s.tips_difference_odds) / 2 * silent.spread)
    assert back == pytest.approx(sign * s.tips_difference, abs=1e-3)
    assert s.tips_difference_odds < 1 if better else s.tips_difference_odds > 1
    twice = by_reason[HiddenReason.TWICE_AS_READY]
    assert twice.gaps[1] == pytest.approx(sign * mood_gap(silent, np.log(2) * 0.4))
    assert "Waiting" in str(by_reason[HiddenReason.MOOD].statement)
    assert s.band.lower == min(x.range.lower for x in s.scenarios)
    assert s.band.upper == max(x.range.upper for x in s.scenarios)


def test_leaving_out_a_family_by_ordinary_least_squares():
    rng = np.random.default_rng(10)
    n = 6_000
    x = rng.normal(size=(n, 3)).astype(np.float32)
    features = tuple(Feature(name, name, Message(name)) for name in "abc")
    table = FeatureTable(np.arange(n), x, features, None)
    answered = rng.random(n) < 1 / (1 + np.exp(1.5 - x[:, 0]))
    value = 0.5 * x[:, 0] + 0.8 * x[:, 1] + 0.3 * rng.normal(size=n)
    encoding = fit_linear(table)
    moves = leave_out_moves(encoding, encoding.transform(x), answered, np.ones(n), value)

    def regression(columns):
        X = np.column_stack([np.ones(n), x[:, columns]]).astype(float)
        return X.mean(axis=0) @ np.linalg.lstsq(X[answered], value[answered], rcond=None)[0]

    for name, rest in (("a", [1, 2]), ("b", [0, 2]), ("c", [0, 1])):
        assert moves[name] == pytest.approx(regression(rest) - regression([0, 1, 2]), abs=0.01)
    assert moves["a"] > 0.3  # who answers depends on a, and so does the value: leaving it out hides that
    assert abs(moves["c"]) < 0.02


def test_heard_groups_name_who_is_silent():
    w = world(20_000, seed=2)
    groups = heard_groups(w.table, w.answered)
    named = {str(group.label): group for group in groups}
    assert named["digital: 1.0"].heard > 1.1
    assert named["digital: 0.0"].heard < 0.9
    assert {group.feature for group in groups} <= {"usage", "digital", "tickets", "wait"}
    assert len({(group.family, group.heard > 1) for group in groups}) == len(groups)
    shuffled = np.random.default_rng(0).permutation(w.answered)
    # at most one false name is expected in 1 of 20 shuffles; this one is frozen
    assert len(heard_groups(w.table, shuffled)) == 0


def test_held_back_answers_are_foreseen_and_misuse_is_refused():
    w = world(12_000, seed=21)
    rng = np.random.default_rng(5)
    held = w.answered & (rng.random(12_000) < 0.3)
    learned = w.answered & ~held
    result = estimate_whole_base(w.table, learned, np.where(learned, w.score, np.nan), NPS, seed=2)
    check = check_held_back(result, held, w.truth, NPS)
    assert check.answers == held.sum()
    assert check.passed
    assert abs(check.predicted - check.observed) < 3.3 * check.gap.interval.half_width / 1.96
    assert check.coverage_range.upper > 0.9
    assert check.coverage_range.lower < 0.97
    assert "of those who never answer it says nothing" in str(check.message)
    # a mistaken analysis is caught: favourable and unfavourable exchanged
    wrong = check_held_back(result, held, 10 - w.truth, NPS)
    assert not wrong.passed
    with pytest.raises(DataError, match="also used to learn from"):
        check_held_back(result, learned, w.truth, NPS)
    with pytest.raises(NotEnoughData, match="at least 30"):
        check_held_back(result, held & (np.cumsum(held) <= 5), w.truth, NPS)
