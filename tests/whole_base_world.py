"""An imaginary base whose silent customers' scores are known, for the proofs of the whole-base estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.unify.features.catalogue import Feature, FeatureTable
from harken.vocabulary.messages import Message

NAMES = ("usage", "tenure", "tickets", "wait", "region", "digital", "age")


@dataclass(frozen=True)
class World:
    """`score` is NaN where silent; `truth` holds everybody's score, `band` everybody's band -1, 0, 1."""

    table: FeatureTable
    answered: NDArray[np.bool_]
    score: NDArray[np.float64]
    truth: NDArray[np.float64]
    band: NDArray[np.int8]

    @property
    def nps(self) -> float:
        return 100 * float(self.band.mean())


def world(n: int, seed: int, *, mood: float = 0.0, at_random: bool = False, noise_features: int = 0) -> World:
    """About 8 to 10% answer, by usage, tickets, channel and wait; waits hurt from 15 and again from 25 minutes on.

    `mood` adds .9 x mood (favourable) and .35 x mood (unfavourable) to the log-odds of answering: at .5 about
    what biases every estimate by some ten points.
    """
    r = np.random.default_rng(seed)
    usage, tenure, tickets = r.gamma(2, 1, n), r.exponential(3, n), r.poisson(0.8, n)
    wait, region, digital, age = r.gamma(4, 4, n), r.integers(0, 4, n), r.random(n) < 0.5, r.normal(45, 14, n)
    liking = 8.02 + 0.7 * np.log1p(usage) + 0.04 * np.minimum(tenure, 8) - 0.55 * tickets
    liking += 0.2 * (region == 1) + 0.3 * digital - 0.1 * np.maximum(wait - 15, 0) - 0.15 * np.maximum(wait - 25, 0)
    truth = np.clip(np.round(liking + 2 * r.normal(size=n)), 0, 10)
    band = np.where(truth >= 9, 1, np.where(truth >= 7, 0, -1)).astype(np.int8)
    log_odds = -2.4 + 0.28 * (usage - 2) - 0.25 * tickets + 0.5 * digital - 0.02 * (wait - 16)
    if at_random:
        log_odds = np.full(n, np.log(0.1 / 0.9))
    log_odds = log_odds + mood * (0.9 * (band == 1) + 0.35 * (band == -1))
    answered = r.random(n) < 1 / (1 + np.exp(-log_odds))
    columns = [usage, tenure, tickets, wait, region, digital, age, *r.normal(size=(noise_features, n))]
    features = [
        Feature(name, name, Message(name), "category", levels=tuple("NESW"))
        if name == "region"
        else Feature(name, name, Message(name))
        for name in NAMES
    ]
    features += [Feature(f"noise_{k}", f"noise_{k % 8}", Message(f"noise {k}")) for k in range(noise_features)]
    table = FeatureTable(
        np.arange(n, dtype=np.int64) * 3 + 1, np.column_stack(columns).astype(np.float32), tuple(features), None
    )
    return World(table, answered, np.where(answered, truth, np.nan), truth, band)
