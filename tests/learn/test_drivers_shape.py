"""Shape and pattern: a threshold is reported where there is one, not for smooth trends; penalty and reward."""

from __future__ import annotations

import numpy as np
import pytest

from harken.learn.drivers.breakpoints import bend_p_value, profile_interval
from harken.learn.drivers.penalty_reward import DriverKind, classify, penalty_reward
from harken.learn.drivers.shape import ShapeKind, candidate_places, find_shape
from harken.vocabulary.errors import DataError


def _centred(basis: np.ndarray) -> np.ndarray:
    return basis - basis.mean(axis=0)


def _shape(x: np.ndarray, y: np.ndarray, seed: int = 1):
    return find_shape(x, y - y.mean(), _centred, flat_p=0.0, seed=seed)


def test_a_bend_and_a_jump_are_found_in_place() -> None:
    rng = np.random.default_rng(1)
    x = rng.gamma(3, 4, 8_000)
    bend = _shape(x, 0.05 * np.maximum(x - 12, 0) + 0.4 * rng.normal(size=8_000))
    assert bend.kind is ShapeKind.THRESHOLD
    assert bend.threshold.jump is None
    assert bend.threshold.place.interval.lower < 12 < bend.threshold.place.interval.upper
    assert bend.threshold.slope_after.value == pytest.approx(0.05, abs=0.01)
    assert not bend.threshold.slope_before.interval.excludes(0.0)
    jump = _shape(x, 0.3 * (x > 10) + 0.4 * rng.normal(size=8_000))
    assert jump.kind is ShapeKind.THRESHOLD
    assert jump.threshold.jump.value == pytest.approx(0.3, abs=0.05)
    assert jump.threshold.place.value == pytest.approx(10, abs=0.7)


def test_smooth_trends_are_not_called_thresholds() -> None:
    # 6 smooth curves x 40 worlds of 1,500. Each may pass for a threshold at most 1 time in 20: more than 25 of 240
    # has a chance below 1 in 1,000.
    curves = {
        "line": lambda x: 0.10 * x,
        "parabola": lambda x: 0.012 * (x - 4) ** 2,
        "logarithm": lambda x: 0.5 * np.log1p(x),
        "root": lambda x: 0.4 * np.sqrt(x),
        "saturating": lambda x: 1.2 * (1 - np.exp(-x / 6)),
        "cubic": lambda x: 0.0006 * (x - 10) ** 3,
    }
    wrong = dict.fromkeys(curves, 0)
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x = rng.gamma(3, 3, 1_500)
        for name, curve in curves.items():
            y = curve(x) + 0.6 * rng.normal(size=1_500)
            wrong[name] += _shape(x, y, seed).kind is ShapeKind.THRESHOLD
    assert sum(wrong.values()) <= 25, wrong


def test_the_existence_test_keeps_its_level_with_unequal_variances() -> None:
    # 300 straight lines whose noise grows with x. Nominal 15 rejections; more than 28: a chance below 1 in 1,000.
    rejected = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        x = rng.uniform(0, 10, 400)
        y = 0.3 * x + (0.2 + 0.2 * x) * rng.normal(size=400)
        ramps = np.maximum(x[:, None] - np.linspace(1, 9, 20)[None, :], 0)
        rejected += bend_p_value(y, np.column_stack([np.ones(400), x]), ramps, seed=seed) < 0.05
    assert rejected <= 28


def test_the_interval_of_a_place_covers() -> None:
    # 60 bends of 1,200 customers; nominal .95 among those found: more than 9 misses is a chance below 1 in 1,000.
    hits = found = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        x = rng.uniform(0, 30, 1_200)
        shape = _shape(x, 0.1 * np.maximum(x - 12, 0) + 0.5 * rng.normal(size=1_200), seed)
        if shape.kind is ShapeKind.THRESHOLD:
            found += 1
            hits += shape.threshold.place.interval.lower <= 12 <= shape.threshold.place.interval.upper
    assert found >= 35
    assert hits >= found - 9


def test_flat_few_values_and_profile() -> None:
    rng = np.random.default_rng(2)
    x = rng.poisson(1.0, 2_000).astype(float)
    y = 0.3 * (x >= 2) + rng.normal(size=2_000)
    assert find_shape(x, y, _centred, flat_p=0.2, seed=1).kind is ShapeKind.FLAT
    assert _shape(x, y).kind is ShapeKind.STEPS
    assert len(candidate_places(x)) == 0
    assert len(candidate_places(rng.normal(size=5_000))) <= 40
    places = np.linspace(0, 1, 11)
    assert profile_interval(places, np.zeros(11))[1:] == (0.0, 1.0)  # no information: the whole range


def test_penalties_and_rewards_are_those_that_were_planted() -> None:
    rng = np.random.default_rng(3)
    n, penalties, rewards = 4_000, np.array([-1.2, -0.2, -0.6]), np.array([0.1, 0.9, 0.6])
    ratings = rng.integers(1, 6, (n, 3))
    ratings[:, 1:] = np.clip(ratings[:, 1:] + rng.integers(-1, 2, (n, 2)), 1, 5)
    bad, good = ratings <= 2, ratings == 5
    y = 6 + bad @ penalties + good @ rewards + rng.normal(size=n)
    patterns = penalty_reward(y, bad, good)
    for at, pattern in enumerate(patterns):
        assert pattern.penalty.interval.lower - 0.05 < penalties[at] < pattern.penalty.interval.upper + 0.05
        assert pattern.reward.value == pytest.approx(rewards[at], abs=0.15)
    assert patterns[0].kind is DriverKind.PUNISHES_ONLY
    assert all(pattern.reward.interval.lower > 0 for pattern in patterns[1:])


@pytest.mark.parametrize(
    ("penalty", "reward", "error", "kind"),
    [
        (-0.10, 0.01, 0.01, DriverKind.PUNISHES_ONLY),
        (-0.01, 0.10, 0.01, DriverKind.REWARDS_ONLY),
        (-0.10, 0.08, 0.01, DriverKind.BOTH),
        (0.001, 0.002, 0.004, DriverKind.NEITHER),
        (-0.10, 0.05, 0.04, DriverKind.UNCLEAR),
        (0.00, 0.00, 0.05, DriverKind.UNCLEAR),
    ],
)
def test_each_pattern_has_its_name(penalty: float, reward: float, error: float, kind: DriverKind) -> None:
    pattern = classify(np.array([penalty, reward]), np.eye(2) * error**2, 500, smallest_effect=0.02)
    assert pattern.kind is kind


def test_noise_has_no_pattern() -> None:
    # 100 worlds x 2 attributes without effect: "punishes" or "rewards" needs two rejections, far below 1 in 20.
    named = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        ratings = rng.integers(1, 6, (600, 2))
        for pattern in penalty_reward(rng.normal(size=600), ratings <= 2, ratings == 5):
            named += pattern.kind in (DriverKind.PUNISHES_ONLY, DriverKind.REWARDS_ONLY, DriverKind.BOTH)
    assert named <= 12


def test_few_customers_in_a_group_are_unclear_and_shapes_must_fit() -> None:
    rng = np.random.default_rng(4)
    bad = np.zeros((500, 1), dtype=bool)
    bad[:10] = True
    pattern = penalty_reward(rng.normal(size=500) - 5 * bad[:, 0], bad, ~bad & (rng.random((500, 1)) < 0.3))[0]
    assert pattern.kind is DriverKind.UNCLEAR
    with pytest.raises(DataError):
        penalty_reward(np.ones(3), bad, bad)
