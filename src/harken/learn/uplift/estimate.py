"""Who gains from being contacted, learned from contacts drawn by lot, and whether contacting them pays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.folds import folds
from harken.learn.uplift.learner import CrossFitted, UpliftModel, cross_fit
from harken.learn.uplift.qini import qini_coefficient, qini_draws
from harken.learn.uplift.randomised import Balance, balance, midranks
from harken.learn.uplift.refusing import NotEstimable, refusal
from harken.learn.uplift.targeting import Targeting, mean_of, target, total_of
from harken.vocabulary.errors import DataError
from harken.vocabulary.estimates import Effect, Estimate, Evidence
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

METHOD = "uplift.dr_learner"
FOLDS = 5
GROUPS = 10
CURVE_POINTS = 101


@dataclass(frozen=True, slots=True)
class UpliftGroup:
    """A tenth of the customers by rank, highest first: mean `predicted` uplift and the `observed` one."""

    predicted: float
    observed: Estimate


@dataclass(frozen=True, slots=True)
class Uplift:
    """What a contact brings, to whom, and whether one can tell them apart.

    `average` is the effect on all `customers`, in units of the outcome, by lot; `contacted` of them were.
    `ranks` is the honest test of the ranking: the outcome gained per customer by contacting in order of rank
    instead of in any order, averaged over how many are contacted (half the area of the Qini curve in doubly robust
    terms); `told_apart` is True where its interval lies above zero, else nobody is to be preferred. `qini` is the
    Qini coefficient of the ranking (None unless the outcome is 0 or 1; the interval holds the ranking fixed).
    `tenths` by rank; `curve_shares` and `curve_gained` draw the outcome gained per customer against the share
    contacted. `expected_harm` is the effect on those whose expected uplift is below zero, None where fewer than 50
    a side are; they are better left alone where its interval lies below zero (`sleeping_dogs`). `targeting` is what
    contacting by worth brings. `uplift` (n,) is what is expected of each customer by models that did not see them,
    `model` says it of others. `balance` is the test of the lot. `headline` says the finding.
    """

    customers: int
    contacted: int
    average: Effect
    ranks: Estimate
    qini: Estimate | None
    tenths: tuple[UpliftGroup, ...]
    curve_shares: tuple[float, ...]
    curve_gained: tuple[float, ...]
    expected_harm: Estimate | None
    targeting: Targeting
    uplift: Floats
    model: UpliftModel
    balance: Balance
    headline: Message

    @property
    def told_apart(self) -> bool:
        """True where contacting by rank gains more than contacting anybody, beyond chance."""
        return bool(self.ranks.interval.lower > 0)

    @property
    def sleeping_dogs(self) -> bool:
        """True where some customers are better left alone, beyond chance."""
        return self.expected_harm is not None and bool(self.expected_harm.interval.upper < 0)


def estimate_uplift(
    covariates: Floats,
    contacted: NDArray[np.bool_],
    outcome: Floats,
    *,
    randomised: bool,
    propensity: Floats | None = None,
    value: Floats | float = 1.0,
    cost: Floats | float = 0.0,
    seed: int = 0,
) -> Uplift | NotEstimable:
    """Learns from a log of contacts drawn by lot who gains from one, or says why that cannot be known.

    `covariates` (n, p) as known before the contact, NaN where unknown; `contacted` bool (n,); `outcome` (n,), high
    is wanted (stayed 1, left 0; or money). `randomised` says that a lot decided on the contact; `propensity` are
    the lot's chances (n,) where they differed, else all had the same. `value` is the money that one unit of the
    outcome is worth, `cost` that of a contact, for all or each (n,). Ranking and gain are judged on customers whose
    outcomes the models never saw. Returns `NotEstimable` with its reason where nothing was drawn by lot, nobody
    was left alone, covariates tell who was contacted (so there was no lot), or customers are too few.

    Raises DataError where shapes do not fit or values are missing.

    >>> rng = np.random.default_rng(1)
    >>> x, t = rng.normal(size=(2000, 3)), rng.random(2000) < 0.5
    >>> stayed = (rng.random(2000) < 0.5 + 0.4 * t * (x[:, 0] > 0)).astype(float)
    >>> found = estimate_uplift(x, t, stayed, randomised=True)
    >>> found.told_apart, found.sleeping_dogs
    (True, False)
    >>> type(estimate_uplift(x, t, stayed, randomised=False)).__name__
    'NotEstimable'
    """
    x, t, y = np.asarray(covariates, dtype=np.float64), np.asarray(contacted, dtype=np.bool_), _floats(outcome)
    _check(x, t, y, propensity)
    worth, price = np.broadcast_to(_floats(value), y.shape), np.broadcast_to(_floats(cost), y.shape)
    lot = balance(x, t, propensity=propensity, seed=seed) if t.any() and not t.all() else None
    refused = refusal(t, y, lot, randomised=randomised)
    if refused is not None:
        return refused
    assert lot is not None
    chance = np.full(len(y), t.mean()) if propensity is None else np.asarray(propensity, dtype=np.float64)
    fold = folds(np.arange(len(y)), seed, FOLDS)
    fitted = cross_fit(x, t, y, chance, fold, seed=seed)
    rank = ranks_within(fitted.uplift, fold)
    ranks, expected_harm = _ranking(fitted, rank, fold), _expected_harm(fitted, t)
    average = Effect(mean_of(fitted.effect, METHOD), Evidence.EXPERIMENTAL)
    shares = np.linspace(0, 1, CURVE_POINTS)
    gained = np.concatenate([[0.0], np.cumsum(fitted.effect[np.argsort(rank, kind="stable")])]) / len(y)
    return Uplift(
        customers=len(y),
        contacted=int(t.sum()),
        average=average,
        ranks=ranks,
        qini=_qini(y, t, -rank, seed) if set(np.unique(y)) <= {0.0, 1.0} else None,
        tenths=_tenths(fitted, rank),
        curve_shares=tuple(shares.tolist()),
        curve_gained=tuple(gained[np.round(shares * len(y)).astype(int)].tolist()),
        expected_harm=expected_harm,
        targeting=target(fitted.uplift, fitted.effect, worth, price),
        uplift=fitted.uplift,
        model=UpliftModel(fitted.models),
        balance=lot,
        headline=_headline(average, ranks, expected_harm),
    )


def ranks_within(score: Floats, fold: NDArray[np.int64]) -> Floats:
    """Place of each customer among their fold's, highest score first, as a share from above 0 to 1 (n,).

    Ranking within folds: models of different folds differ a little in level, and that level knows the outcomes of
    the others.
    """
    place = np.empty(len(score))
    for k in np.unique(fold):
        rows = np.flatnonzero(fold == k)
        place[rows] = midranks(-score[rows]) / len(rows)
    return place


def _ranking(fitted: CrossFitted, rank: Floats, fold: NDArray[np.int64]) -> Estimate:
    """Mean over shares contacted of the outcome gained by rank beyond any order, with its influence function.

    It is the mean of effect x (1/2 - place); the second part of the influence function is that of places which
    are themselves counted among the sample.
    """
    gain, pull = fitted.effect * (0.5 - rank), np.empty(len(rank))
    for k in np.unique(fold):
        rows = np.flatnonzero(fold == k)
        order = rows[np.argsort(-rank[rows], kind="stable")]
        below = (np.cumsum(fitted.effect[order]) - fitted.effect[order]) / len(rows)
        pull[order] = below.mean() - below
    se = float((gain - gain.mean() + pull).std(ddof=1)) / np.sqrt(len(gain))
    return total_of(float(gain.mean()), se, len(gain), METHOD)


def _expected_harm(fitted: CrossFitted, contacted: NDArray[np.bool_]) -> Estimate | None:
    below = fitted.uplift < 0
    if min(int((below & contacted).sum()), int((below & ~contacted).sum())) < 50:
        return None
    return mean_of(fitted.effect[below], METHOD)


def _tenths(fitted: CrossFitted, rank: Floats) -> tuple[UpliftGroup, ...]:
    order = np.argsort(rank, kind="stable")
    return tuple(
        UpliftGroup(float(fitted.uplift[rows].mean()), mean_of(fitted.effect[rows], METHOD))
        for rows in np.array_split(order, GROUPS)
    )


def _qini(outcome: Floats, contacted: NDArray[np.bool_], score: Floats, seed: int) -> Estimate | None:
    value = qini_coefficient(outcome, contacted, score)
    draws = qini_draws(outcome, contacted, score, seed)
    if not np.isfinite(value) or not np.isfinite(draws).all():
        return None
    return Estimate.from_error(value, float(draws.std(ddof=1)), len(outcome), "uplift.qini")


def _headline(average: Effect, ranks: Estimate, expected_harm: Estimate | None) -> Message:
    if ranks.interval.lower > 0:
        if expected_harm is not None and expected_harm.interval.upper < 0:
            return Message(gettext_noop("Contacting helps some and harms others, and one can tell them apart."))
        return Message(gettext_noop("Some gain more from a contact than others, and one can tell them apart."))
    if average.estimate.interval.lower > 0:
        return Message(gettext_noop("Contacting helps; that some gain more than others is not shown."))
    if average.estimate.interval.upper < 0:
        return Message(gettext_noop("Contacting harms; that some gain from it is not shown."))
    return Message(gettext_noop("No effect of contacting is shown, on all or on some."))


def _check(x: Floats, t: NDArray[np.bool_], y: Floats, propensity: Floats | None) -> None:
    if x.ndim != 2 or not len(x) == len(t) == len(y):
        raise DataError(
            Message(
                gettext_noop("{rows} rows of covariates, {contacts} contacts and {outcomes} outcomes do not fit."),
                {"rows": len(x), "contacts": len(t), "outcomes": len(y)},
            )
        )
    if not np.isfinite(y).all():
        raise DataError(
            Message(gettext_noop("{n} outcomes are missing."), {"n": int((~np.isfinite(y)).sum())}),
            Message(gettext_noop("Leave these customers out, or wait until their outcome is known.")),
        )
    if propensity is not None and not ((propensity > 0) & (propensity < 1)).all():
        raise DataError(Message(gettext_noop("The lot's chances must lie between 0 and 1, without 0 and 1.")))


def _floats(values: Floats | float) -> Floats:
    return np.asarray(values, dtype=np.float64)
