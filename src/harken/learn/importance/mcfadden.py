"""Shares of explained variation for yes-or-no outcomes: the Shapley value of McFadden's R2."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from harken.learn.importance.fits import (
    CONVERGED,
    STEPS_MAX,
    gram_shares,
    halved,
    newton_step,
    shares_of_fits,
    standardised,
    too_much,
)
from harken.learn.importance.gram import Floats, complete_rows, gram_of, unit_diagonal
from harken.learn.importance.lmg import Groups, ImportanceShares, checked_groups, largest_vif
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop


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
    design = np.column_stack([np.ones(outcome.size), standardised(rows)])
    vif = largest_vif(unit_diagonal(gram_of(rows.columns, rows.weight)))
    if too_much(outcome.size, design.shape[1], players):
        shares, method = _gram_shares(design, outcome, rows.weight, players), "mcfadden.wls_gram"
    else:
        shares = shares_of_fits(
            lambda active, start: logistic_fits(design, outcome, rows.weight, active, start),
            players,
            np.zeros(design.shape[1]),
            design.shape[0],
        )
        method = "mcfadden.exact"
    shares = np.maximum(shares, 0.0)
    return ImportanceShares(tuple(shares.tolist()), float(shares.sum()), method, vif)


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

    def evaluate(beta: Floats) -> tuple[Floats, Floats]:
        linear = beta @ design.T
        return linear, np.asarray((linear * outcome - np.logaddexp(0.0, linear)) @ weight)

    beta = np.where(active, start, 0.0)
    linear, likelihood = evaluate(beta)
    for _ in range(STEPS_MAX):
        probability = expit(linear)
        gradient = (weight * (outcome - probability)) @ design
        curvature = (weight * probability * (1.0 - probability)) @ products
        hessian = np.zeros((beta.shape[0], q, q))
        hessian[:, upper[0], upper[1]] = curvature
        hessian[:, upper[1], upper[0]] = curvature
        improved = halved(evaluate, beta, newton_step(gradient, hessian, active), likelihood)
        gain = improved[2] - likelihood
        beta, linear, likelihood = improved
        if np.all(gain <= CONVERGED * np.abs(likelihood)):
            break
    return beta, likelihood


def _gram_shares(design: Floats, outcome: Floats, weight: Floats, players: Groups) -> Floats:
    """LMG on the working response and weights of the full model, scaled to its McFadden R2, (players,)."""
    everything = np.array([[True] * design.shape[1], [True] + [False] * (design.shape[1] - 1)])
    beta, likelihood = logistic_fits(design, outcome, weight, everything, np.zeros(everything.shape))
    linear = design @ beta[0]
    probability = np.clip(expit(linear), 1e-9, 1.0 - 1e-9)
    variance = probability * (1.0 - probability)
    response = linear + (outcome - probability) / variance
    total = float(1.0 - likelihood[0] / likelihood[1])
    return gram_shares(design[:, 1:], response, weight * variance, total, players)
