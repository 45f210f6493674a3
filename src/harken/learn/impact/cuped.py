"""The effect of what a lot decided, made sharper by what was known before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Effect, Estimate, Evidence, Interval
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

METHOD = "impact.cuped"
FEWEST_A_SIDE = 10


@dataclass(frozen=True, slots=True)
class LotEffect:
    """Mean outcome of those treated less that of the others, after a lot.

    `effect` uses what was known before (equal to `plain` where nothing was given); `plain` is the bare difference.
    `variance_left` is the part of the outcome's variance that is left, 1 - correlation2 (1 = nothing gained);
    `se` the standard error of `effect` and `df` its degrees of freedom. `treated` and `others` count units,
    `treated_mean` and `others_mean` are their plain mean outcomes.
    """

    effect: Effect
    plain: Estimate
    variance_left: float
    se: float
    df: float
    treated: int
    others: int
    treated_mean: float
    others_mean: float


def lot_effect(outcome: Floats, treated: NDArray[np.bool_], before: Floats | None = None) -> LotEffect:
    """The effect of a treatment drawn by lot: CUPED (Deng, Xu, Kohavi and Walker 2013) with Welch's interval.

    `outcome` (n,), `treated` bool (n,); `before` (n,) or (n, q) measured before the lot was drawn, NaN if unknown
    (counts as the mean). What it says of the outcome is taken off, pooled over both sides; because a lot decided,
    that moves nobody's effect and only takes noise away.

    Raises DataError where shapes do not fit, NotEnoughData below 10 units a side.

    >>> rng = np.random.default_rng(5)
    >>> before = rng.normal(size=20_000)
    >>> after = 0.7 * before + rng.normal(size=20_000) * 0.51**0.5
    >>> found = lot_effect(after, rng.random(20_000) < 0.5, before)
    >>> round(found.variance_left, 1), found.effect.evidence.value
    (0.5, 'experimental')
    """
    y, t = np.asarray(outcome, dtype=np.float64), np.asarray(treated, dtype=np.bool_)
    if y.ndim != 1 or y.shape != t.shape or not np.isfinite(y).all():
        raise DataError(Message(gettext_noop("Each unit needs one outcome and whether it was treated.")))
    if min(int(t.sum()), int((~t).sum())) < FEWEST_A_SIDE:
        raise NotEnoughData(
            Message(
                gettext_noop("{treated} were treated and {others} were not; at least {n} of each are needed."),
                {"treated": int(t.sum()), "others": int((~t).sum()), "n": FEWEST_A_SIDE},
            )
        )
    adjusted = y if before is None else y - _explained(y, t, np.asarray(before, dtype=np.float64))
    plain = welch(y, t, "impact.difference")
    estimate, se, df = plain if before is None else welch(adjusted, t, METHOD)
    within = _within(y, t)
    return LotEffect(
        effect=Effect(estimate, Evidence.EXPERIMENTAL),
        plain=plain[0],
        variance_left=_within(adjusted, t) / within if within > 0 else 1.0,
        se=se,
        df=df,
        treated=int(t.sum()),
        others=int((~t).sum()),
        treated_mean=float(y[t].mean()),
        others_mean=float(y[~t].mean()),
    )


def welch(outcome: Floats, treated: NDArray[np.bool_], method: str) -> tuple[Estimate, float, float]:
    """Difference of means with Welch's interval, its standard error and degrees of freedom."""
    a, b = outcome[treated], outcome[~treated]
    va, vb = float(a.var(ddof=1)) / len(a), float(b.var(ddof=1)) / len(b)
    se = float(np.sqrt(va + vb))
    df = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1)) if se > 0 else float(len(outcome) - 2)
    half = float(stdtrit(df, 0.975)) * se
    value = float(a.mean() - b.mean())
    return Estimate(value, Interval(value - half, value + half), len(outcome), method), se, df


def _explained(y: Floats, t: NDArray[np.bool_], before: Floats) -> Floats:
    """The part of the outcome that `before` explains within both sides, centred over all."""
    x = before if before.ndim == 2 else before[:, None]
    if len(x) != len(y):
        raise DataError(Message(gettext_noop("Each unit needs one outcome and whether it was treated.")))
    known = np.isfinite(x)
    mean = np.where(known, x, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    x = np.where(known, x, mean) - mean
    within_x, within_y = x.copy(), y.copy()
    for side in (t, ~t):
        within_x[side] -= x[side].mean(axis=0)
        within_y[side] -= y[side].mean()
    theta, *_ = np.linalg.lstsq(within_x, within_y, rcond=1e-9)
    return np.asarray((x - x.mean(axis=0)) @ theta)


def _within(y: Floats, t: NDArray[np.bool_]) -> float:
    off = y - np.where(t, y[t].mean(), y[~t].mean())
    return float((off**2).mean())
