"""What calling back goes with: customers who were still there at one day, weighted so that both sides are alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.robustness import robustness_value
from harken.learn.folds import folds
from harken.learn.uplift.randomised import standardised_differences
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Effect, Estimate, Evidence
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

METHOD = "impact.landmark_weighting"
FOLDS = 5
PRODUCTS_OF = 10
CLIP = 0.02
FEWEST_A_SIDE = 50
FEWEST_EVENTS = 10


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Share that left by the horizon: those called by the landmark less the others, all still there on that day.

    `effect` is weighted and adjusted for the covariates (doubly robust); `landmark_only` has no weights; `naive`
    is "called less not called" over everybody, which is no effect: whoever leaves early cannot be called any more.
    `called` and `others` count customers at the landmark, `called_later` of the others were called after it;
    `gone_before` had left by the landmark, `too_recent` are not followed to the horizon yet. `imbalance` and
    `imbalance_weighted` are the largest standardised differences before and after weighting; `effective` is the
    number of customers the weights leave on the smaller side.
    """

    effect: Effect
    landmark_only: Estimate
    naive: float
    called: int
    others: int
    called_later: int
    gone_before: int
    too_recent: int
    imbalance: float
    imbalance_weighted: float
    effective: float
    landmark_days: float
    horizon_days: float


def callback_effect(
    left_days: Floats,
    called_days: Floats,
    covariates: Floats,
    *,
    landmark_days: float,
    horizon_days: float,
    followed_days: Floats | None = None,
    covariate_names: tuple[str, ...] = (),
    seed: int = 0,
) -> Callbacks:
    """Compares callbacks by a landmark day with none by then, among customers still there on that day.

    Days count from each customer's event (the bad answer, the complaint): `left_days` and `called_days` (n,),
    infinite where it never happened; `followed_days` (n,) how long each has been watched (for ever where None);
    `covariates` (n, p) as known at the event, NaN where unknown. Only customers followed to the horizon count. The
    chance of being called and of leaving are logistic in covariates, their bends and products, for customers left
    out (cross-fitted AIPW). Called after the landmark counts as not called, which pulls towards zero.

    Raises DataError where days do not fit, NotEnoughData where a side is too small, or both sides too unlike for
    weights to make them alike.
    """
    left, called = np.asarray(left_days, dtype=np.float64), np.asarray(called_days, dtype=np.float64)
    x = np.asarray(covariates, dtype=np.float64)
    if not len(left) == len(called) == len(x) or not 0 < landmark_days < horizon_days:
        raise DataError(
            Message(
                gettext_noop(
                    "The landmark, day {landmark}, must lie between the event and the horizon, {horizon}."
                ),
                {"landmark": landmark_days, "horizon": horizon_days},
            )
        )
    followed = np.full(len(left), np.inf) if followed_days is None else followed_days
    complete = followed >= horizon_days
    there = complete & (left > landmark_days)
    t, y = called[there] <= landmark_days, (left[there] <= horizon_days).astype(np.float64)
    _refuse_few(t, y)
    fitted = _fit(x[there], t, y, seed)
    weight = np.where(t, 1 / fitted.chance, 1 / (1 - fitted.chance))
    apart = _largest(standardised_differences(x[there], t))
    alike = _largest(standardised_differences(x[there], t, weight))
    effective = min(_effective(weight[t]), _effective(weight[~t]))
    return Callbacks(
        effect=_effect(fitted.difference, covariate_names or ("event",), x.shape[1]),
        landmark_only=_plain(t, y),
        naive=_naive(left[complete], called[complete], horizon_days),
        called=int(t.sum()),
        others=int((~t).sum()),
        called_later=int((np.isfinite(called[there]) & (called[there] <= horizon_days) & ~t).sum()),
        gone_before=int((complete & (left <= landmark_days)).sum()),
        too_recent=int((~complete).sum()),
        imbalance=apart,
        imbalance_weighted=alike,
        effective=effective,
        landmark_days=landmark_days,
        horizon_days=horizon_days,
    )


@dataclass(frozen=True, slots=True)
class _Fitted:
    chance: Floats
    difference: Floats


def _fit(x: Floats, t: NDArray[np.bool_], y: Floats, seed: int) -> _Fitted:
    """Chance of being called and the doubly robust difference of each customer, by models of the others."""
    design = _design(x)
    fold = folds(np.arange(len(t)), seed, FOLDS)
    chance, with_call, without = np.empty(len(t)), np.empty(len(t)), np.empty(len(t))
    for k in range(FOLDS):
        taught, held = fold != k, fold == k
        chance[held] = _logistic(design[taught], t[taught], design[held])
        for side, said in ((t, with_call), (~t, without)):
            rows = taught & side
            said[held] = _logistic(design[rows], y[rows] > 0, design[held])
    chance = np.clip(chance, CLIP, 1 - CLIP)
    missed = np.where(t, (y - with_call) / chance, -(y - without) / (1 - chance))
    return _Fitted(chance, with_call - without + missed)


def _logistic(x: Floats, happened: NDArray[np.bool_], ask: Floats) -> Floats:
    if happened.all() or not happened.any() or x.shape[1] == 0:
        return np.full(len(ask), happened.mean())
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, solver="newton-cholesky", max_iter=50)
    model.fit(x, happened)
    return np.asarray(model.predict_proba(ask)[:, 1], dtype=np.float64)


def _design(x: Floats) -> Floats:
    """Standardised covariates, bends at their quartiles, products of the first ten, marks of gaps."""
    known = np.isfinite(x)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, x, 0.0).sum(axis=0) / count
    off = np.where(known, x - mean, 0.0)
    spread = off.std(axis=0)
    off = off[:, spread > 0] / spread[spread > 0]
    bends = [np.maximum(off - knot, 0.0) for knot in np.quantile(off, (0.25, 0.5, 0.75), axis=0)]
    first, second = np.triu_indices(min(off.shape[1], PRODUCTS_OF), 1)
    marks = (~known[:, ~known.all(axis=0)]).astype(np.float64)
    columns = np.hstack([off, *bends, off[:, first] * off[:, second], marks])
    columns -= columns.mean(axis=0)
    scale = columns.std(axis=0)
    return np.asarray(columns[:, scale > 1e-9] / scale[scale > 1e-9])


def _effect(difference: Floats, names: tuple[str, ...], covariates: int) -> Effect:
    value, se = float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(len(difference)))
    estimate = Estimate.from_error(value, se, len(difference), METHOD)
    robust = robustness_value(value / se, len(difference) - covariates - 2) if se > 0 else None
    return Effect(estimate, Evidence.ADJUSTED, names, robust)


def _plain(t: NDArray[np.bool_], y: Floats) -> Estimate:
    value = float(y[t].mean() - y[~t].mean())
    error = float(np.sqrt(y[t].var(ddof=1) / t.sum() + y[~t].var(ddof=1) / (~t).sum()))
    return Estimate.from_error(value, error, len(y), "impact.landmark")


def _naive(left: Floats, called: Floats, horizon: float) -> float:
    reached = called <= horizon
    gone = left <= horizon
    return float(gone[reached].mean() - gone[~reached].mean()) if reached.any() and not reached.all() else 0.0


def _largest(differences: Floats) -> float:
    return float(np.abs(differences).max()) if len(differences) else 0.0


def _effective(weight: Floats) -> float:
    return float(weight.sum() ** 2 / (weight**2).sum())


def _refuse_few(t: NDArray[np.bool_], y: Floats) -> None:
    called, others = int(t.sum()), int((~t).sum())
    if min(called, others) < FEWEST_A_SIDE:
        text = gettext_noop(
            "On the landmark day {called} of those still there had been called and {others} had not; at least "
            "{n} of each are needed."
        )
        raise NotEnoughData(Message(text, {"called": called, "others": others, "n": FEWEST_A_SIDE}))
    if min(float(y.sum()), float((1 - y).sum())) < FEWEST_EVENTS:
        text = gettext_noop("After the landmark day only {n} left or stayed; at least {least} of both are needed.")
        raise NotEnoughData(Message(text, {"n": int(min(y.sum(), (1 - y).sum())), "least": FEWEST_EVENTS}))
