"""Callbacks that do nothing at all: what three ways of comparing make of them."""

from __future__ import annotations

import numpy as np
import pytest

from harken.learn.impact import callback_effect

pytestmark = pytest.mark.slow


def test_only_landmark_and_weights_find_that_nothing_happened() -> None:
    # 20 worlds of 40,000 customers, no effect: 'called less not called' is far below -40 points, the landmark alone
    # below -8; with weights the mean of 20 is within .4 of zero (its Monte-Carlo error is about .13).
    naive, landmark, weighted, shown = [], [], [], 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        anger, value = rng.normal(size=(2, 40_000))
        left = rng.exponential(70 * np.exp(-1.1 * anger - 0.2 * value))
        called = rng.exponential(28 * np.exp(0.5 * anger - 0.5 * value))
        called[called >= left] = np.inf
        found = callback_effect(
            left, called, np.column_stack([anger, value]), landmark_days=14, horizon_days=90, seed=seed
        )
        naive.append(found.naive)
        landmark.append(found.landmark_only.value)
        weighted.append(found.effect.estimate.value)
        shown += found.effect.shown
    assert np.mean(naive) < -0.4
    assert np.mean(landmark) < -0.08
    assert abs(np.mean(weighted)) < 0.004
    assert shown <= 5
