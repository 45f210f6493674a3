"""Scores of many segments, each pulled towards the whole as far as its few answers demand.

Small segments are extreme by luck. A Dirichlet-multinomial model says how alike the segments truly are (its
precision A: large = alike); integrating over A instead of fixing it keeps the ranges honest when segments are
alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import betaincinv, gammaln, ndtri

from harken.learn.scores.answers import Floats, Integers
from harken.learn.scores.intervals import Bounds
from harken.learn.scores.tallies import Tally

GRID_POINTS = 60
DRAW_VALUES_MAX = 20_000_000
"""Random numbers drawn at most for the ranks; with very many segments there are fewer draws, never below 200."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is known about the true values of S segments (shares, net shares or scale units), each of shape (S,).

    `mean` and `variance` are posterior moments; `precision` (60,) the grid of A with its weights `belief` (60,);
    `pooled` (60, K) the common shares at each A with the worth of their evidence `pooled_n` (60,); `counts` (S, K)
    effective answers; `levels` (K,). On fine scales K = 0 and normal draws stand in. `spread` is the standard
    deviation of the true values between segments.
    """

    mean: Floats
    variance: Floats
    spread: float
    precision: Floats
    belief: Floats
    pooled: Floats
    pooled_n: Floats
    counts: Floats
    levels: Floats
    ends: tuple[float, float]

    def take(self, positions: Integers) -> Posterior:
        """What is known about the segments at these positions only."""
        return replace(
            self,
            mean=self.mean[positions],
            variance=self.variance[positions],
            counts=self.counts[positions],
        )

    def at(self, level: float) -> Bounds:
        """The range that holds each segment's true value with probability `level` (Beta with these moments)."""
        low, high = self.ends
        mean = np.clip((self.mean - low) / (high - low), 1e-9, 1.0 - 1e-9)
        variance = np.clip(self.variance / (high - low) ** 2, 1e-14, 0.999 * mean * (1.0 - mean))
        size = mean * (1.0 - mean) / variance - 1.0
        tail = (1.0 - level) / 2.0
        # Far from both ends a Beta with huge parameters is a normal; the inverse loses digits there.
        normal = size > 1e6
        safe = np.where(normal, 10.0, size)
        half = ndtri(1.0 - tail) * np.sqrt(variance)
        lower = np.where(normal, mean - half, betaincinv(mean * safe, (1.0 - mean) * safe, tail))
        upper = np.where(normal, mean + half, betaincinv(mean * safe, (1.0 - mean) * safe, 1.0 - tail))
        return low + (high - low) * np.clip(lower, 0, 1), low + (high - low) * np.clip(upper, 0, 1)

    def draw(self, draws: int, rng: np.random.Generator) -> Floats:
        """Plausible true values of all segments at once, shape (draws, S)."""
        segments, classes = self.counts.shape
        if classes == 0:
            return self.mean + np.sqrt(self.variance) * rng.standard_normal((draws, self.mean.size))
        values = np.empty((draws, segments))
        block = max(1, 2_000_000 // (segments * classes))
        chosen = rng.choice(self.precision.size, size=draws, p=self.belief)
        for start in range(0, draws, block):
            index = chosen[start : start + block]
            a = self.precision[index][:, None]
            shares = rng.standard_gamma(np.maximum(self.pooled[index] * self.pooled_n[index][:, None], 1e-9))
            shares = a * shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-300)
            gamma = rng.standard_gamma(self.counts + shares[:, None, :])
            total = np.maximum(gamma.sum(axis=2), 1e-300)
            values[start : start + block] = (gamma @ self.levels) / total
        return values


def posterior(sums: Tally) -> Posterior:
    """Shrink the segments of a tally (each with at least one answer) towards their common value.

    Source: hierarchical Dirichlet-multinomial on a 60-point grid over the precision A with a uniform prior on the
    shrinkage A / (A + mean n) (as Gelman et al. 2013, ch. 5), plus the uncertainty of the pooled mean.
    """
    n, counts, levels = sums.n_effective, sums.effective_counts, sums.levels
    shrinkage = (np.arange(GRID_POINTS) + 0.5) / GRID_POINTS
    precision = n.mean() * shrinkage / (1.0 - shrinkage)
    # Evidence of each segment about the pooled shares when true shares vary with precision A: shape (60, S).
    evidence = n * (1.0 + precision[:, None]) / (n + precision[:, None])
    pooled_n = evidence.sum(axis=1)
    if levels.size:
        pooled = evidence @ (counts / n[:, None]) / pooled_n[:, None]
        first, second = pooled @ levels, pooled @ levels**2
        raw_second = counts @ levels**2 / n
        log_belief = np.array(
            [_log_likelihood(counts, n, a, share) for a, share in zip(precision, pooled, strict=True)]
        )
    else:
        pooled = np.zeros((GRID_POINTS, 0))
        first = evidence @ sums.value / pooled_n
        raw_second = sums.variance + sums.value**2
        second = evidence @ raw_second / pooled_n
        gap, within = sums.value - first[:, None], np.maximum(second - first**2, 1e-300)[:, None] / evidence
        log_belief = -0.5 * (gap**2 / within + np.log(within)).sum(axis=1)
    belief = np.exp(log_belief - log_belief.max())
    belief /= belief.sum()

    own = n / (n + precision[:, None])
    mean = (1.0 - own) * first[:, None] + own * sums.value
    square = (1.0 - own) * second[:, None] + own * raw_second
    common = np.maximum(second - first**2, 0.0)
    variance = np.maximum(square - mean**2, 0.0) / (n + precision[:, None] + 1.0)
    variance += (1.0 - own) ** 2 * (common / pooled_n)[:, None]
    centre = belief @ mean
    return Posterior(
        mean=centre,
        variance=belief @ (variance + mean**2) - centre**2,
        spread=float(belief @ np.sqrt(common / (1.0 + precision))),
        precision=precision,
        belief=belief,
        pooled=pooled,
        pooled_n=pooled_n,
        counts=counts,
        levels=levels,
        ends=sums.ends if sums.levels.size == 0 else (float(levels.min()), float(levels.max())),
    )


def _log_likelihood(counts: Floats, n: Floats, precision: float, shares: Floats) -> float:
    """Log-likelihood of all segments' counts under a Dirichlet-multinomial (constants left out)."""
    seen = shares > 0
    prior = precision * shares[seen]
    per_class = gammaln(counts[:, seen] + prior).sum() - n.size * gammaln(prior).sum()
    return float(per_class + n.size * gammaln(precision) - gammaln(n + precision).sum())


def rank_bounds(posterior: Posterior, level: float, draws: int, seed: int, *, high_is_good: bool) -> Bounds:
    """The range of places (1 = best) each segment may truly hold, shape (S,), from simulated true values."""
    size = max(1, posterior.counts.size, posterior.mean.size)
    draws = min(draws, max(200, DRAW_VALUES_MAX // size))
    values = posterior.draw(draws, np.random.default_rng(seed))
    order = np.argsort(-values if high_is_good else values, axis=1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, order.shape[1] + 1)[None, :], axis=1)
    tail = (1.0 - level) / 2.0
    lower = np.quantile(ranks, tail, axis=0, method="inverted_cdf")
    upper = np.quantile(ranks, 1.0 - tail, axis=0, method="inverted_cdf")
    return lower.astype(np.float64), upper.astype(np.float64)
