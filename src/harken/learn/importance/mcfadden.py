"""Shares of explained variation for yes-or-no outcomes: the Shapley value of McFadden's R2."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from harken.learn.importance.gram import Floats, Rows, complete_rows, gram_of, unit_diagonal
from harken.learn.importance.lmg import (
    Groups,
    ImportanceShares,
    checked_groups,
    largest_vif,
    lmg,
    shapley_of_subsets,
    subset_members,
)
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

EXACT_PLAYERS_MAX = 12
"""Up to this many drivers (or families) every subset gets its own logistic regression."""
EXACT_WORK_MAX = 1.5e9
"""Multiplications of one Newton step over all subsets; above it the approximation stands in."""
BATCH_VALUES = 4_000_000
STEPS_MAX = 40
CONVERGED = 1e-12
RIDGE = 1e-10
"""Part of the Hessian's diagonal added to it, so that a duplicated driver does not stop the fit."""


def mcfadden_shapley(
    X: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None, *, groups: Groups | None = None
) -> ImportanceShares:
    """How much each driver explains of who left and who stayed (or any other yes-or-no outcome).

    `X` (n, p) drivers, `y` (n,) 0 or 1, NaN = missing (row left out); `weights` (n,); `groups` column positions per
    driver family. Exact for up to 12 drivers or families on a few thousand rows: one logistic regression per
    subset. Above that LMG on the weighted Gram matrix of the full model, scaled to its McFadden R2
    ("mcfadden.wls_gram"; shares within about .02 of the exact ones). Raises `DataError` for other outcomes than 0
    and 1 and `NotEnoughData` where all outcomes are equal.

    Source: McFadden 1974; Shapley 1953; Azen and Traxel 2009, Journal of Educational and Behavioral Statistics 34.

    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(400, 2))
    >>> y = (X[:, 0] + 0.3 * X[:, 1] + rng.logistic(size=400) > 0).astype(float)
    >>> result = mcfadden_shapley(X, y)
    >>> result.method, result.shares[0] > result.shares[1]
    ('mcfadden.exact', True)
    """
    rows = complete_rows(X, y, weights)
    outcome = rows.columns[:, -1]
    if not np.all((outcome == 0) | (outcome == 1)):
        raise DataError(Message(gettext_noop("A yes-or-no outcome must be 0 or 1.")))
    if np.all(outcome == outcome[0]):
        raise NotEnoughData(Message(gettext_noop("All outcomes are equal, so nothing can explain them.")))
    players = checked_groups(groups, rows.columns.shape[1] - 1)
    design = _standardised(rows)
    vif = largest_vif(unit_diagonal(gram_of(rows.columns, rows.weight)))
    work = design.shape[0] * design.shape[1] ** 2 * 2.0 ** len(players)
    if len(players) > EXACT_PLAYERS_MAX or work > EXACT_WORK_MAX:
        shares, method = _gram_shares(design, outcome, rows.weight, players), "mcfadden.wls_gram"
    else:
        shares, method = _exact_shares(design, outcome, rows.weight, players), "mcfadden.exact"
    shares = np.maximum(shares, 0.0)
    return ImportanceShares(tuple(shares.tolist()), float(shares.sum()), method, vif)


def _standardised(rows: Rows) -> Floats:
    """A column of ones and the drivers with mean 0 and variance 1 (constant ones 0), (n, p + 1)."""
    drivers = rows.columns[:, :-1]
    centred = drivers - np.average(drivers, axis=0, weights=rows.weight)
    spread = np.sqrt(np.average(centred**2, axis=0, weights=rows.weight))
    varies = spread > 1e-12 * np.abs(drivers).max(axis=0, initial=0.0)
    scaled = np.where(varies, centred / np.where(spread > 0, spread, 1.0), 0.0)
    return np.column_stack([np.ones(drivers.shape[0]), scaled])


def _exact_shares(design: Floats, outcome: Floats, weight: Floats, players: Groups) -> Floats:
    """Shapley shares from one logistic regression per subset of players, (players,)."""
    member = subset_members(len(players))
    active = np.zeros((member.shape[0], design.shape[1]), dtype=bool)
    active[:, 0] = True
    for player, group in enumerate(players):
        active[:, [column + 1 for column in group]] = member[:, player, None]
    fitted = np.empty(member.shape[0])
    start = np.zeros((member.shape[0], design.shape[1]))
    # By size of subset, each starting where the same subset without its last player ended.
    size = member.sum(axis=1)
    batch = max(1, BATCH_VALUES // design.shape[0])
    for players_in in range(len(players) + 1):
        subsets = np.flatnonzero(size == players_in)
        if players_in:
            last = len(players) - 1 - np.argmax(member[subsets, ::-1], axis=1)
            start[subsets] = start[subsets ^ (1 << last)]
        for first in range(0, subsets.size, batch):
            chosen = subsets[first : first + batch]
            start[chosen], fitted[chosen] = logistic_fits(design, outcome, weight, active[chosen], start[chosen])
    return shapley_of_subsets(1.0 - fitted / fitted[0])


def logistic_fits(
    design: Floats, outcome: Floats, weight: Floats, active: NDArray[np.bool_], start: Floats
) -> tuple[Floats, Floats]:
    """Many weighted logistic regressions on the same rows: coefficients (B, q) and log-likelihoods (B,).

    `active` (B, q) says which columns of `design` (n, q) each one uses; `start` (B, q) are first guesses. Newton's
    method with step halving; separated data stop after 40 steps with the likelihood all but at its limit.
    """
    q = design.shape[1]
    upper = np.triu_indices(q)
    products = design[:, upper[0]] * design[:, upper[1]]
    beta = np.where(active, start, 0.0)
    linear = beta @ design.T
    likelihood = _log_likelihood(linear, outcome, weight)
    for _ in range(STEPS_MAX):
        probability = expit(linear)
        gradient = np.where(active, (weight * (outcome - probability)) @ design, 0.0)
        curvature = (weight * probability * (1.0 - probability)) @ products
        hessian = np.zeros((beta.shape[0], q, q))
        hessian[:, upper[0], upper[1]] = curvature
        hessian[:, upper[1], upper[0]] = curvature
        hessian *= active[:, :, None] & active[:, None, :]
        position = np.arange(q)
        diagonal = hessian[:, position, position]
        hessian[:, position, position] = np.where(active & (diagonal > 0), diagonal * (1.0 + RIDGE), 1.0)
        step = np.asarray(np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0], dtype=np.float64)
        improved = _halved(design, outcome, weight, beta, step, likelihood)
        gain = improved[2] - likelihood
        beta, linear, likelihood = improved
        if np.all(gain <= CONVERGED * np.abs(likelihood)):
            break
    return beta, likelihood


def _halved(
    design: Floats, outcome: Floats, weight: Floats, beta: Floats, step: Floats, likelihood: Floats
) -> tuple[Floats, Floats, Floats]:
    """The Newton step, halved for those fits it would make worse; new coefficients, predictors, likelihoods."""
    part = np.ones(beta.shape[0])
    for _ in range(12):
        trial = beta + part[:, None] * step
        linear = trial @ design.T
        reached = _log_likelihood(linear, outcome, weight)
        worse = ~(reached >= likelihood - 1e-9 * np.abs(likelihood))
        if not worse.any():
            return trial, linear, np.maximum(reached, likelihood)
        part = np.where(worse, part / 2.0, part)
    trial = np.where(worse[:, None], beta, trial)
    return trial, trial @ design.T, np.where(worse, likelihood, reached)


def _log_likelihood(linear: Floats, outcome: Floats, weight: Floats) -> Floats:
    """Weighted Bernoulli log-likelihood of linear predictors (B, n), shape (B,)."""
    return np.asarray((linear * outcome - np.logaddexp(0.0, linear)) @ weight)


def _gram_shares(design: Floats, outcome: Floats, weight: Floats, players: Groups) -> Floats:
    """LMG on the working response and weights of the full model, scaled to its McFadden R2, (players,)."""
    everything = np.array([[True] * design.shape[1], [True] + [False] * (design.shape[1] - 1)])
    beta, likelihood = logistic_fits(design, outcome, weight, everything, np.zeros(everything.shape))
    linear = design @ beta[0]
    probability = np.clip(expit(linear), 1e-9, 1.0 - 1e-9)
    variance = probability * (1.0 - probability)
    response = linear + (outcome - probability) / variance
    gram = gram_of(np.column_stack([design[:, 1:], response]), weight * variance)
    linear_shares = lmg(gram, players)
    total = 1.0 - likelihood[0] / likelihood[1]
    if linear_shares.r2 <= 0:
        return np.zeros(len(players))
    return np.array(linear_shares.shares) * float(total) / linear_shares.r2
