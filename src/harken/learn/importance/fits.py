"""Shapley shares from one maximum-likelihood fit per subset of drivers, all subsets fitted side by side."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from harken.learn.importance.gram import Floats, Rows, gram_of
from harken.learn.importance.lmg import Groups, lmg, shapley_of_subsets, subset_members

EXACT_PLAYERS_MAX = 12
"""Up to this many drivers (or families) every subset gets its own fit."""
EXACT_WORK_MAX = 1.5e9
"""Multiplications of one Newton step over all subsets; above it the approximation stands in."""
BATCH_VALUES = 4_000_000
STEPS_MAX = 40
CONVERGED = 1e-12
RIDGE = 1e-10
"""Part of the Hessian's diagonal added to it, so that a duplicated driver does not stop the fit."""

Fit = Callable[[NDArray[np.bool_], Floats], tuple[Floats, Floats]]


def standardised(rows: Rows) -> Floats:
    """The drivers with mean 0 and variance 1 (constant ones 0), (n, p)."""
    drivers = rows.columns[:, :-1]
    centred = drivers - np.average(drivers, axis=0, weights=rows.weight)
    spread = np.sqrt(np.average(centred**2, axis=0, weights=rows.weight))
    varies = spread > 1e-12 * np.abs(drivers).max(axis=0, initial=0.0)
    return np.where(varies, centred / np.where(spread > 0, spread, 1.0), 0.0)


def too_much(rows: int, parameters: int, players: Groups) -> bool:
    """True where fitting every subset would take too long, so that an approximation has to stand in."""
    return len(players) > EXACT_PLAYERS_MAX or rows * parameters**2 * 2.0 ** len(players) > EXACT_WORK_MAX


def shares_of_fits(fit: Fit, players: Groups, start: Floats, rows: int) -> Floats:
    """Shapley shares of McFadden's R2, (players,), from one fit per subset of players.

    `start` (q,) are the parameters of the model without drivers: first those that every model has, then one per
    driver. `fit` takes which parameters each of B models uses (B, q) and first guesses (B, q), and gives
    coefficients (B, q) and log-likelihoods (B,). `rows` bounds how many models are fitted at once.
    """
    always = start.size - sum(len(group) for group in players)
    member = subset_members(len(players))
    active = np.zeros((member.shape[0], start.size), dtype=bool)
    active[:, :always] = True
    for player, group in enumerate(players):
        active[:, [column + always for column in group]] = member[:, player, None]
    fitted = np.empty(member.shape[0])
    guess = np.tile(start, (member.shape[0], 1))
    # By size of subset, each starting where the same subset without its last player ended.
    size = member.sum(axis=1)
    batch = max(1, BATCH_VALUES // rows)
    for players_in in range(len(players) + 1):
        subsets = np.flatnonzero(size == players_in)
        if players_in:
            last = len(players) - 1 - np.argmax(member[subsets, ::-1], axis=1)
            guess[subsets] = guess[subsets ^ (1 << last)]
        for first in range(0, subsets.size, batch):
            chosen = subsets[first : first + batch]
            guess[chosen], fitted[chosen] = fit(active[chosen], guess[chosen])
    return shapley_of_subsets(1.0 - fitted / fitted[0])


def newton_step(gradient: Floats, hessian: Floats, active: NDArray[np.bool_]) -> Floats:
    """Steps (B, q) from gradients (B, q) and minus the second derivatives (B, q, q); inactive parameters stay."""
    hessian = hessian * (active[:, :, None] & active[:, None, :])
    position = np.arange(active.shape[1])
    diagonal = hessian[:, position, position]
    hessian[:, position, position] = np.where(active & (diagonal > 0), diagonal * (1.0 + RIDGE), 1.0)
    right = np.where(active, gradient, 0.0)
    return np.asarray(np.linalg.solve(hessian, right[:, :, None])[:, :, 0], dtype=np.float64)


def halved(
    evaluate: Callable[[Floats], tuple[Floats, Floats]], beta: Floats, step: Floats, likelihood: Floats
) -> tuple[Floats, Floats, Floats]:
    """The Newton step, halved for those fits it would make worse; new coefficients, predictors, likelihoods.

    `evaluate` gives the linear predictors and the log-likelihoods of coefficients.
    """
    part = np.ones(beta.shape[0])
    for _ in range(12):
        trial = beta + part[:, None] * step
        linear, reached = evaluate(trial)
        worse = ~(reached >= likelihood - 1e-9 * np.abs(likelihood))
        if not worse.any():
            return trial, linear, np.maximum(reached, likelihood)
        part = np.where(worse, part / 2.0, part)
    trial = np.where(worse[:, None], beta, trial)
    return trial, evaluate(trial)[0], np.where(worse, likelihood, reached)


def gram_shares(drivers: Floats, response: Floats, weight: Floats, total: float, players: Groups) -> Floats:
    """LMG on the working response and weights of the full model, scaled to its R2 `total`, (players,)."""
    linear = lmg(gram_of(np.column_stack([drivers, response]), weight), players)
    if linear.r2 <= 0:
        return np.zeros(len(players))
    return np.array(linear.shares) * total / linear.r2
