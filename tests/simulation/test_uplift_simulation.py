"""Whom to contact where the truth is known: who gains is not who is at risk, and no gain names nobody."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from harken.learn.uplift import Uplift, estimate_uplift
from harken.learn.uplift.learner import outcome_model

pytestmark = pytest.mark.slow


def company(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Covariates, contact by lot, stayed, and what a contact truly adds: persuadables and sleeping dogs."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 6))
    risk = 1 / (1 + np.exp(1.2 - x[:, 0] - 0.5 * x[:, 1]))
    helps = 0.2 * (x[:, 2] > 0.3) + 0.1 * ((x[:, 3] > 0) & (x[:, 2] > 0))
    harms = 0.1 * (x[:, 4] > 0.5) + 0.08 * (x[:, 0] > 1)
    contacted = rng.random(n) < 0.5
    truth = risk - np.clip(risk - helps + harms, 0.01, 0.99)
    stayed = (rng.random(n) > risk - contacted * truth).astype(float)
    return x, contacted, stayed, truth


def test_who_gains_beats_chance_and_chance_beats_risk() -> None:
    # 4 companies of 40,000: learned from 20,000, a fifth of the other 20,000 contacted; customers truly saved.
    # The gaps between the five are many times their spread over companies (about 15).
    saved = dict.fromkeys(("random", "risk", "two models", "learner", "oracle"), 0.0)
    for seed in range(4):
        x, contacted, stayed, truth = company(seed, 40_000)
        taught, asked = slice(0, 20_000), slice(20_000, None)
        found = estimate_uplift(x[taught], contacted[taught], stayed[taught], randomised=True, seed=seed)
        assert isinstance(found, Uplift)
        assert found.told_apart
        assert found.sleeping_dogs
        with_contact, alone = (
            outcome_model(x[taught][side], stayed[taught][side], seed).predict(x[asked])
            for side in (contacted[taught], ~contacted[taught])
        )
        scores = {
            "random": np.random.default_rng(seed).random(20_000),
            "risk": -alone,
            "two models": with_contact - alone,
            "learner": found.model.uplift(x[asked]),
            "oracle": truth[asked],
        }
        for name, score in scores.items():
            saved[name] += truth[asked][np.argsort(-score)[:4000]].sum() / 4
    assert saved["risk"] < 0.6 * saved["random"]
    assert saved["random"] < 0.5 * saved["learner"]
    assert saved["two models"] < saved["learner"] < saved["oracle"]
    assert saved["learner"] > 0.9 * saved["oracle"]


def test_the_gain_promised_is_the_gain_there_is() -> None:
    # 30 companies of 6,000; the interval of the gain, nominal .95, judged by the truth of those chosen: fewer than
    # 23 hits of 30 has a chance below 1 in 1,000.
    hits = 0
    for seed in range(30):
        x, contacted, stayed, truth = company(900 + seed, 6_000)
        found = estimate_uplift(x, contacted, stayed, randomised=True, value=100.0, cost=4.0, seed=seed)
        assert isinstance(found, Uplift)
        real = float((100 * truth - 4)[found.targeting.chosen].sum())
        interval = found.targeting.gain.interval
        hits += interval.lower <= real <= interval.upper
    assert hits >= 23


def test_no_effect_names_nobody() -> None:
    # 120 logs of 1,500 without any effect: each claim is one-sided at .025 (the average two-sided at .05); the lot
    # itself is doubted once in a thousand
    claims, doubted = np.zeros(3), 0
    for seed in range(120):
        rng = np.random.default_rng(4000 + seed)
        x = rng.normal(size=(1500, 4))
        stayed = (rng.random(1500) < 1 / (1 + np.exp(-0.5 - x[:, 0]))).astype(float)
        found = estimate_uplift(x, rng.random(1500) < 0.5, stayed, randomised=True, seed=seed)
        if not isinstance(found, Uplift):
            doubted += 1
            continue
        claims += (found.told_apart, found.sleeping_dogs, found.average.shown)
    assert doubted <= binom.ppf(0.999, 120, 0.001)
    assert claims[0] <= binom.ppf(0.999, 120, 0.025)
    assert claims[1] <= binom.ppf(0.999, 120, 0.025)
    assert claims[2] <= binom.ppf(0.999, 120, 0.05)
