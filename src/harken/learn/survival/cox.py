"""How much faster one group leaves than another, all else equal: proportional hazards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.survival.estimate import Floats, Ints, Tenures
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

STEPS_MAX = 40
RISK_CHUNK = 512


@dataclass(frozen=True, slots=True)
class HazardRatios:
    """What a proportional-hazards model found, one number per column of the design (p,).

    `weights` are log hazard ratios, `errors` their standard errors, `covariance` (p, p). `log_likelihood` is the
    partial one; `n` rows were used, `events` of them left.
    """

    weights: Floats
    errors: Floats
    covariance: Floats
    log_likelihood: float
    n: int
    events: int


@dataclass(frozen=True, slots=True)
class _RiskSets:
    """Which moments of leaving each row is at risk at: from `begins` up to before `ends`; events in order."""

    begins: Ints
    ends: Ints
    moments: int
    event_rows: NDArray[np.intp]
    event_moment: Ints
    tied_before: Floats

    def sums(self, weight: Floats) -> Floats:
        """Sum of `weight` (n,) over the customers at risk at each moment."""
        size = self.moments + 1
        came = np.bincount(self.begins, weights=weight, minlength=size)
        gone = np.bincount(self.ends, weights=weight, minlength=size)
        total: Floats = np.cumsum(came - gone)[: self.moments]
        return total

    def efron(self, weight: Floats) -> Floats:
        """The same for each event in turn, ties taken out one by one (Efron 1977), shape (events,)."""
        tied = np.bincount(self.event_moment, weights=weight[self.event_rows], minlength=self.moments)
        summed: Floats = self.sums(weight)[self.event_moment] - self.tied_before * tied[self.event_moment]
        return summed


def proportional_hazards(seen: Tenures, design: Floats) -> HazardRatios:
    """Cox's (1972) model with Efron's handling of ties and late entries.

    `design` float (n, p) has one row for each row that `tenures` was given; columns are read as they are. Raises
    NotEnoughData with fewer than ten departures per column, or where a column alone names who left.

    >>> rng = np.random.default_rng(1)
    >>> from harken.learn.survival.estimate import tenures
    >>> x = rng.normal(size=(4000, 1))
    >>> seen = tenures(rng.exponential(np.exp(-0.5 * x[:, 0])), np.ones(4000))
    >>> round(float(proportional_hazards(seen, x).weights[0]), 1)
    0.5
    """
    x = np.asarray(design, dtype=np.float64)[seen.rows]
    events, p = int(seen.left.sum()), x.shape[1]
    if events < 10 * max(p, 1):
        raise NotEnoughData(
            Message(
                gettext_noop("{events} departures are too few to hold {columns} columns equal."),
                {"events": events, "columns": p},
            )
        )
    x = x - x.mean(axis=0)
    sets = _risk_sets(seen)
    weights, information, likelihood = np.zeros(p), np.eye(p), -np.inf
    step = np.zeros(p)
    for _ in range(STEPS_MAX):
        found, gradient, curvature = _likelihood(sets, x, weights)
        if found < likelihood - 1e-10 * abs(likelihood):
            step = step / 2
            weights = weights - step
            continue
        done = found - likelihood < 1e-12 * abs(found)
        likelihood, information = found, curvature
        if done:
            break
        step = _newton(information, gradient)
        weights = weights + step
    if not np.isfinite(weights).all() or np.abs(weights * x.std(axis=0)).max() > 15:
        raise NotEnoughData(Message(gettext_noop("A column names exactly who left: no ratio can be told.")))
    covariance = np.asarray(np.linalg.pinv(information, hermitian=True), dtype=np.float64)
    return HazardRatios(weights, np.sqrt(np.diag(covariance)), covariance, likelihood, len(x), events)


def _newton(information: Floats, gradient: Floats) -> Floats:
    return np.asarray(np.linalg.lstsq(information, gradient, rcond=1e-12)[0], dtype=np.float64)


def _risk_sets(seen: Tenures) -> _RiskSets:
    moments = np.unique(seen.duration[seen.left])
    rows = np.flatnonzero(seen.left)
    moment = np.searchsorted(moments, seen.duration[rows])
    order = np.argsort(moment, kind="stable")
    rows, moment = rows[order], moment[order]
    tied = np.bincount(moment)
    place = np.arange(len(rows)) - np.concatenate([[0], np.cumsum(tied)[:-1]])[moment]
    return _RiskSets(
        np.searchsorted(moments, seen.entry, side="right"),
        np.searchsorted(moments, seen.duration, side="right"),
        len(moments),
        rows,
        moment,
        place / tied[moment],
    )


def _likelihood(sets: _RiskSets, x: Floats, weights: Floats) -> tuple[float, Floats, Floats]:
    """Partial log likelihood, its gradient (p,) and minus its second derivative (p, p)."""
    score = x @ weights
    risk = np.exp(score - score.max())
    total = sets.efron(risk)
    p = x.shape[1]
    means = np.column_stack([sets.efron(risk * x[:, at]) / total for at in range(p)])
    information = -means.T @ means
    for one in range(p):
        for other in range(one, p):
            cross = float((sets.efron(risk * x[:, one] * x[:, other]) / total).sum())
            information[one, other] += cross
            if other != one:
                information[other, one] += cross
    rows = sets.event_rows
    likelihood = float((score[rows] - score.max()).sum() - np.log(total).sum())
    return likelihood, (x[rows] - means).sum(axis=0), information


def concordance(seen: Tenures, risk: Floats) -> float:
    """How often, of two customers, the one with the higher `risk` leaves first (Harrell 1982); 0.5 is chance.

    `risk` (n,) has one entry for each row that `tenures` was given; equal risks count half.

    >>> from harken.learn.survival.estimate import tenures
    >>> concordance(tenures(np.array([1.0, 2.0, 3.0]), np.ones(3)), np.array([3.0, 2.0, 1.0]))
    1.0
    """
    score = np.asarray(risk, dtype=np.float64)[seen.rows]
    rows = np.flatnonzero(seen.left)
    agree = pairs = 0.0
    for start in range(0, len(rows), RISK_CHUNK):
        chunk = rows[start : start + RISK_CHUNK]
        later = seen.duration > seen.duration[chunk, None]
        later |= (seen.duration == seen.duration[chunk, None]) & ~seen.left
        later &= seen.entry < seen.duration[chunk, None]
        agree += float(
            (later & (score[chunk, None] > score)).sum() + 0.5 * (later & (score[chunk, None] == score)).sum()
        )
        pairs += float(later.sum())
    return agree / pairs if pairs else 0.5
