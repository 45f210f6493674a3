"""Shares of explained variation for outcomes in ordered steps, such as three bands or answers from 1 to 5."""

from __future__ import annotations

from itertools import pairwise

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
from harken.learn.importance.gram import Floats, Integers, complete_rows, gram_of, unit_diagonal
from harken.learn.importance.lmg import Groups, ImportanceShares, checked_groups, largest_vif
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

LEVELS_MAX = 12
"""More steps than this are a number, not an ordered answer."""


def ordinal_shapley(
    X: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None, *, groups: Groups | None = None
) -> ImportanceShares:
    """How much each driver explains of an answer in ordered steps, of which only the order counts.

    `X` (n, p) drivers, `y` (n,) an outcome of 2 to 12 different values, NaN = missing (row left out); `weights`
    (n,); `groups` column positions per driver family. Each subset of drivers gets a proportional-odds model, and
    McFadden's R2 of it is shared out by Shapley: exact for up to 12 drivers or families on a few thousand rows
    ("ordinal.exact"). Above that LMG on the weighted Gram matrix of the full model, scaled to its R2
    ("ordinal.wls_gram"), says so. With two values it is `mcfadden_shapley`. Raises `DataError` for more than 12
    values, `NotEnoughData` where all outcomes are equal.

    Source: McCullagh 1980, Journal of the Royal Statistical Society B 42; McFadden 1974; Shapley 1953.

    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(400, 2))
    >>> y = np.digitize(X[:, 0] + 0.3 * X[:, 1] + rng.logistic(size=400), [-1.0, 1.0])
    >>> result = ordinal_shapley(X, y)
    >>> result.method, result.shares[0] > result.shares[1]
    ('ordinal.exact', True)
    """
    rows = complete_rows(X, y, weights)
    levels, code = np.unique(rows.columns[:, -1], return_inverse=True)
    if levels.size == 1:
        raise NotEnoughData(Message(gettext_noop("All outcomes are equal, so nothing can explain them.")))
    if levels.size > LEVELS_MAX:
        raise DataError(
            Message(
                gettext_noop("The outcome has {count} different values; ordered steps are {most} at most."),
                {"count": int(levels.size), "most": LEVELS_MAX},
            ),
            Message(gettext_noop("Group them into bands, or explain the outcome as a number.")),
        )
    players = checked_groups(groups, rows.columns.shape[1] - 1)
    vif = largest_vif(unit_diagonal(gram_of(rows.columns, rows.weight)))
    model = _Steps(standardised(rows), code.astype(np.int64), rows.weight, int(levels.size))
    if too_much(code.size, model.parameters, players):
        shares, method = model.gram_shares(players), "ordinal.wls_gram"
    else:
        shares, method = shares_of_fits(model.fits, players, model.start, code.size), "ordinal.exact"
    shares = np.maximum(shares, 0.0)
    return ImportanceShares(tuple(shares.tolist()), float(shares.sum()), method, vif)


class _Steps:
    """Proportional-odds models on the same rows: P(outcome <= k) = expit(threshold_k - x b).

    `drivers` (n, p), `code` (n,) 0 to levels - 1, each at least once, `weight` (n,). The parameters are the
    levels - 1 thresholds, ascending, then one per driver. Rows are kept in the order of their level, so that sums
    over a level are sums over a slice.
    """

    def __init__(self, drivers: Floats, code: Integers, weight: Floats, levels: int) -> None:
        order = np.argsort(code, kind="stable")
        self.x, self.code, self.weight = drivers[order], code[order], weight[order]
        self.cuts, self.parameters = levels - 1, levels - 1 + drivers.shape[1]
        ends = np.searchsorted(self.code, np.arange(levels + 1))
        self.slices = [slice(a, b) for a, b in pairwise(ends.tolist())]
        self.upper = np.triu_indices(drivers.shape[1])
        self.products = self.x[:, self.upper[0]] * self.x[:, self.upper[1]]
        below = np.cumsum(np.bincount(self.code, weights=self.weight))[:-1] / self.weight.sum()
        self.start = np.concatenate([np.log(below / (1 - below)), np.zeros(drivers.shape[1])])

    def evaluate(self, beta: Floats) -> tuple[Floats, Floats]:
        """Linear predictors (B, n) and log-likelihoods (B,); thresholds out of order have none (NaN)."""
        linear = beta[:, self.cuts :] @ self.x.T
        with np.errstate(invalid="ignore", divide="ignore"):
            chance = self._chances(beta, linear)[2]
            return linear, np.asarray(np.log(chance) @ self.weight)

    def _chances(self, beta: Floats, linear: Floats) -> tuple[Floats, Floats, Floats]:
        """expit at the thresholds above and below each row's level, and the chance of the level, (B, n) each."""
        endless = np.full((beta.shape[0], 1), np.inf)
        thresholds = np.concatenate([-endless, beta[:, : self.cuts], endless], axis=1)
        above, below = thresholds[:, self.code + 1] - linear, thresholds[:, self.code] - linear
        # this product keeps its digits where both ends lie far out on the same side
        chance = expit(above) * expit(-below) * -np.expm1(below - above)
        return expit(above), expit(below), chance

    def _pulls(self, beta: Floats, linear: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Derivatives of each row's log chance by its upper (a) and lower (b) threshold; second ones negated."""
        high, low, chance = self._chances(beta, linear)
        dense_high, dense_low = high * (1 - high) / chance, low * (1 - low) / chance
        return (
            dense_high,
            -dense_low,
            dense_high**2 - dense_high * (1 - 2 * high),
            dense_low**2 + dense_low * (1 - 2 * low),
            -dense_high * dense_low,
        )

    def _derivatives(self, beta: Floats, linear: Floats) -> tuple[Floats, Floats]:
        """Gradients (B, q) and minus the second derivatives (B, q, q)."""
        w, cuts, q = self.weight, self.cuts, self.parameters
        a, b, aa, bb, ab = (w * pull for pull in self._pulls(beta, linear))
        gradient, hessian = np.zeros((beta.shape[0], q)), np.zeros((beta.shape[0], q, q))
        gradient[:, cuts:] = -(a + b) @ self.x
        curvature = (aa + bb + 2 * ab) @ self.products
        hessian[:, cuts + self.upper[0], cuts + self.upper[1]] = curvature
        hessian[:, cuts + self.upper[1], cuts + self.upper[0]] = curvature
        for level, rows in enumerate(self.slices):
            for cut, first, second in ((level, a, aa), (level - 1, b, bb)):
                if not 0 <= cut < cuts:
                    continue
                gradient[:, cut] += first[:, rows].sum(axis=1)
                hessian[:, cut, cut] += second[:, rows].sum(axis=1)
                cross = -(second[:, rows] + ab[:, rows]) @ self.x[rows]
                hessian[:, cut, cuts:] += cross
                hessian[:, cuts:, cut] += cross
            if 0 < level < cuts:
                both = ab[:, rows].sum(axis=1)
                hessian[:, level, level - 1] += both
                hessian[:, level - 1, level] += both
        return gradient, hessian

    def fits(self, active: NDArray[np.bool_], start: Floats) -> tuple[Floats, Floats]:
        """Parameters (B, q) and log-likelihoods (B,) of B models that use the `active` (B, q) parameters."""
        beta = np.where(active, start, 0.0)
        linear, likelihood = self.evaluate(beta)
        for _ in range(STEPS_MAX):
            step = newton_step(*self._derivatives(beta, linear), active)
            improved = halved(self.evaluate, beta, step, likelihood)
            gain = improved[2] - likelihood
            beta, linear, likelihood = improved
            if np.all(gain <= CONVERGED * np.abs(likelihood)):
                break
        return beta, likelihood

    def gram_shares(self, players: Groups) -> Floats:
        """LMG on the working response and weights of the full model, scaled to its McFadden R2."""
        active = np.ones((2, self.parameters), dtype=bool)
        active[1, self.cuts :] = False
        beta, likelihood = self.fits(active, np.tile(self.start, (2, 1)))
        linear = beta[:1, self.cuts :] @ self.x.T
        a, b, aa, bb, ab = (pull[0] for pull in self._pulls(beta[:1], linear))
        certainty = np.maximum(aa + bb + 2 * ab, 1e-9)
        response = linear[0] - (a + b) / certainty
        total = float(1.0 - likelihood[0] / likelihood[1])
        return gram_shares(self.x, response, self.weight * certainty, total, players)
