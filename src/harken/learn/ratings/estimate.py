"""Touchpoint ratings as drivers of the overall score: exact shares of what they explain together.

A rating that a customer did not give is no answer of zero: it stands at the mean of the others and is marked, and
the mark enters together with its rating as one player, so that touchpoints few people met keep all their answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.importance.lmg import lmg_bundle
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.estimates import Effect, Estimate, Evidence, Interval
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

ANSWERS_MIN = 100
"""Fewer overall scores than this cannot rank a dozen ratings."""
RATING_ANSWERS_MIN = 30
"""A touchpoint that fewer people rated is listed, not ranked."""
PLAYERS_MAX = 16
"""More ratings than this are ranked for the most answered ones only; the rest is listed."""
REPLICATES = 400
BLOCK = 50
CELLS = 1_000


@dataclass(frozen=True, slots=True)
class RatingDriver:
    """One touchpoint: how much of the overall score goes with it, and how it is rated.

    `share` is its part of the explained variance in per cent (all shares add up to 100), `slope` the difference in
    the overall score (headline points) between customers who differ by one step in this rating only; associational.
    `outranks_next` is the probability (0 to 1) that it truly stands above the next one.
    """

    question: str
    n: int
    mean_rating: float
    share: Estimate
    slope: Effect
    outranks_next: float | None


@dataclass(frozen=True, slots=True)
class RatingDrivers:
    """Touchpoints ranked by share, largest first; `not_ranked` names those with too few answers, with their n.

    `r2` (0 to 1) is what all ratings explain of the overall score together; `n` counts the overall scores.
    """

    n: int
    r2: Estimate
    drivers: tuple[RatingDriver, ...]
    not_ranked: tuple[tuple[str, int], ...]


def rank_ratings(score: Floats, ratings: Floats, questions: Sequence[str], *, seed: int) -> RatingDrivers:
    """Rank touchpoint ratings by their share in the overall score, with bootstrap intervals.

    `score` of shape (n,) is the overall answer as it counts in the headline (such as -100, 0, 100 for NPS);
    `ratings` of shape (n, k) holds NaN where a customer gave none; `questions` names the k columns.
    Raises NotEnoughData below 100 overall scores, where they do not vary, or without a rated touchpoint.
    Shares: Lindeman, Merenda and Gold 1980 (LMG) over groups of (rating, its missing mark).

    >>> rng = np.random.default_rng(1)
    >>> ratings = rng.integers(1, 6, size=(600, 2)).astype(float)
    >>> score = 20 * ratings[:, 0] + 5 * ratings[:, 1] + rng.normal(0, 20, 600)
    >>> result = rank_ratings(score, ratings, ["cleanliness", "signs"], seed=1)
    >>> [driver.question for driver in result.drivers], round(result.drivers[0].slope.estimate.value)
    (['cleanliness', 'signs'], 21)
    """
    known = np.isfinite(score)
    score, ratings = score[known], ratings[known]
    n = len(score)
    if n < ANSWERS_MIN or np.ptp(score) == 0:
        raise NotEnoughData(
            Message(gettext_noop("{n} overall scores that differ are too few to rank ratings; {least} are needed."),
                    {"n": n if n < ANSWERS_MIN else 0, "least": ANSWERS_MIN}),
        )  # fmt: skip
    counts = np.isfinite(ratings).sum(axis=0)
    varied = np.array([len(np.unique(column[np.isfinite(column)])) > 1 for column in ratings.T], dtype=bool)
    ranked = [k for k in np.argsort(-counts, kind="stable") if counts[k] >= RATING_ANSWERS_MIN and varied[k]]
    ranked = sorted(ranked[:PLAYERS_MAX])
    if not ranked:
        raise NotEnoughData(
            Message(gettext_noop("No touchpoint has {least} ratings that differ."), {"least": RATING_ANSWERS_MIN})
        )
    columns, groups = _columns(ratings[:, ranked])
    data = np.column_stack([columns, score])
    moments = _cell_moments(data, seed)
    point = _from_grams(_centred_grams(moments, np.ones((1, len(moments[0])))), groups)
    shares, slopes = point[0][0], point[1][0]
    r2 = float(shares.sum())
    drawn = _bootstrap(moments, groups, seed)
    share_draws = 100 * drawn.shares / drawn.shares.sum(axis=1, keepdims=True)
    order = np.argsort(-shares, kind="stable")
    drivers = []
    for place, g in enumerate(order):
        column = ratings[:, ranked[g]]
        answers = int(counts[ranked[g]])
        part, step = float(100 * shares[g] / r2), float(slopes[g])
        share = Estimate(part, _percentile(share_draws[:, g], part), answers, "lmg.exact")
        slope = Estimate(step, _percentile(drawn.slopes[:, g], step), answers, "ols.bootstrap")
        next_g = order[place + 1] if place + 1 < len(order) else None
        drivers.append(
            RatingDriver(
                question=questions[ranked[g]],
                n=answers,
                mean_rating=float(np.nanmean(column)),
                share=share,
                slope=Effect(slope, Evidence.ASSOCIATIONAL),
                outranks_next=None
                if next_g is None
                else float((drawn.shares[:, g] > drawn.shares[:, next_g]).mean()),
            )
        )
    left = tuple((questions[k], int(counts[k])) for k in range(len(questions)) if k not in ranked)
    return RatingDrivers(n, Estimate(r2, _percentile(drawn.r2, r2), n, "lmg.exact"), tuple(drivers), left)


@dataclass(frozen=True, slots=True)
class _Draws:
    shares: Floats
    slopes: Floats
    r2: Floats


def _columns(ratings: Floats) -> tuple[Floats, tuple[tuple[int, ...], ...]]:
    """Ratings at their mean where missing, each followed by its missing mark where some but not all are missing."""
    columns: list[Floats] = []
    groups: list[tuple[int, ...]] = []
    for column in ratings.T:
        missing = ~np.isfinite(column)
        first = len(columns)
        columns.append(np.where(missing, np.nanmean(column), column))
        if missing.any():
            columns.append(missing.astype(np.float64))
        groups.append(tuple(range(first, len(columns))))
    return np.column_stack(columns), tuple(groups)


def _cell_moments(data: Floats, seed: int) -> tuple[Floats, Floats, Floats]:
    """Rows in at most 1,000 random cells: their counts (c,), sums (c, p) and products (c, p, p).

    Drawing cells instead of rows gives the same spread and needs no row again, however many answers there are.
    """
    n, p = data.shape
    cells = min(n, CELLS)
    cell = np.random.default_rng(seed).permutation(n) % cells
    ordered = data[np.argsort(cell, kind="stable")]
    starts = np.r_[0, np.cumsum(np.bincount(cell, minlength=cells))[:-1]]
    counts = np.bincount(cell, minlength=cells).astype(np.float64)
    sums = np.add.reduceat(ordered, starts)
    products = np.empty((cells, p, p))
    for column in range(p):
        products[:, column, :] = np.add.reduceat(ordered * ordered[:, [column]], starts)
    return counts, sums, products


def _centred_grams(moments: tuple[Floats, Floats, Floats], weights: Floats) -> Floats:
    """Covariance matrices under each row of cell weights (R, c): shape (R, p, p)."""
    counts, sums, products = moments
    total = weights @ counts
    means = weights @ sums / total[:, None]
    flat = weights @ products.reshape(len(products), -1) / total[:, None]
    grams: Floats = flat.reshape(-1, *products.shape[1:]) - means[:, :, None] * means[:, None, :]
    return grams


def _from_grams(grams: Floats, groups: tuple[tuple[int, ...], ...]) -> tuple[Floats, Floats]:
    spread = np.sqrt(np.einsum("rii->ri", grams))
    spread[spread == 0] = 1.0
    correlations = grams / spread[:, :, None] / spread[:, None, :]
    index = np.arange(grams.shape[1])
    correlations[:, index, index] = 1.0
    shares = lmg_bundle(np.ascontiguousarray(np.moveaxis(correlations, 0, 2)), groups).T
    p = grams.shape[1] - 1
    ridge = 1e-9 * np.einsum("rii->r", grams[:, :p, :p])[:, None, None] / p * np.eye(p)
    coefficients = np.linalg.solve(grams[:, :p, :p] + ridge, grams[:, :p, p:])[:, :, 0]
    return np.maximum(shares, 0.0), coefficients[:, [group[0] for group in groups]]


def _bootstrap(moments: tuple[Floats, Floats, Floats], groups: tuple[tuple[int, ...], ...], seed: int) -> _Draws:
    rng = np.random.default_rng(seed)
    cells = len(moments[0])
    weights = rng.multinomial(cells, np.full(cells, 1 / cells), size=REPLICATES).astype(np.float64)
    blocks = [
        _from_grams(_centred_grams(moments, block), groups)
        for block in np.array_split(weights, REPLICATES // BLOCK)
    ]
    shares = np.concatenate([block[0] for block in blocks])
    return _Draws(shares, np.concatenate([block[1] for block in blocks]), shares.sum(axis=1))


def _percentile(draws: Floats, value: float) -> Interval:
    """The middle 95% of the draws; small shares are drawn too high, so the interval is opened to hold the value."""
    lower, upper = np.percentile(draws, [2.5, 97.5])
    return Interval(float(min(lower, value)), float(max(upper, value)))
