"""Did both sides move alike before the start? One test for all differences, and ranges that hold together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, fdtrc

from harken.learn.impact.aggregating import Aggregate, Floats, GroupTime, per_cluster

DOUBTFUL_BELOW = 0.05


@dataclass(frozen=True, slots=True)
class PreTrend:
    """Whether all differences before the start could be chance: `p_value` of `statistic` with `df` degrees.

    A test that finds nothing proves nothing: with few units it could not have seen much.
    """

    statistic: float
    df: int
    p_value: float

    @property
    def doubtful(self) -> bool:
        """True where those who started moved differently before already."""
        return self.p_value < DOUBTFUL_BELOW


def pre_trend(cells: GroupTime) -> PreTrend | None:
    """Wald test that every cohort's differences before its start are zero; None where there is no period before.

    Compared with chi-square, with F where units or clusters are few.
    """
    before = np.flatnonzero(cells.lag < 0)
    if not len(before):
        return None
    influence = per_cluster(cells.influence[:, before], cells.cluster)
    covariance = influence.T @ influence / len(cells.influence) ** 2
    values, vectors = np.linalg.eigh(covariance)
    kept = values > 1e-10 * values.max()
    if not kept.any():
        return None
    along = (vectors.T @ cells.att[before])[kept]
    statistic, df = float((along**2 / values[kept]).sum()), int(kept.sum())
    free = len(influence) - df
    if free < 1:
        return None
    few = free < 200
    return PreTrend(statistic, df, float(fdtrc(df, free, statistic / df) if few else chdtrc(df, statistic)))


def band(shown: tuple[Aggregate, ...], cells: GroupTime, *, draws: int, seed: int) -> float:
    """The number of standard errors with which all ranges of `shown` hold together 19 times out of 20.

    Multiplier bootstrap with Mammen's (1993) two points on influence functions, summed within clusters.
    """
    influence = per_cluster(np.column_stack([one.influence for one in shown]), cells.cluster)
    se = np.array([one.se for one in shown]) * len(cells.influence)
    usable = se > 0
    rng, root = np.random.default_rng(seed), 5**0.5
    low, chance = (1 - root) / 2, (root + 1) / (2 * root)
    largest = np.empty(draws)
    for at in range(draws):
        weight: Floats = np.where(rng.random(len(influence)) < chance, low, 1 - low)
        largest[at] = np.abs(weight @ influence[:, usable] / se[usable]).max()
    return float(np.quantile(largest, 0.95))
