"""Qini and uplift curves: what contacting the highest-ranked first brings, beyond contacting anybody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DRAWS = 200


@dataclass(frozen=True, slots=True)
class RankCurve:
    """A curve over customers contacted in order of rank: `customers` (k,) from 0 to n, `gained` (k,) outcomes."""

    customers: Floats
    gained: Floats

    @property
    def area(self) -> float:
        """Area between the curve and the straight line to its end, in customers times outcomes."""
        line = 0.5 * (self.customers[-1] - self.customers[0]) * self.gained[-1]
        return float(np.trapezoid(self.gained, self.customers) - line)


def qini_curve(outcome: Floats, contacted: NDArray[np.bool_], score: Floats) -> RankCurve:
    """Outcomes gained by contacting the first k by rank, as counted among those contacted.

    `outcome` (n,), `contacted` bool (n,), `score` (n,): high is first; equal scores are one step. At k it is the
    outcomes of those contacted less those of the others, scaled to the same number (Radcliffe 2007).

    >>> curve = qini_curve(np.array([1.0, 0, 1, 0]), np.array([1, 0, 1, 0], bool), np.array([4.0, 3, 2, 1]))
    >>> curve.gained
    array([0., 1., 1., 2., 2.])
    """
    steps = _steps(outcome, contacted, score)
    return RankCurve(steps.customers, steps.reached - _ratio(steps.left * steps.contacts, steps.alone))


def uplift_curve(outcome: Floats, contacted: NDArray[np.bool_], score: Floats) -> RankCurve:
    """Difference of mean outcomes among the first k by rank, times k; arguments as for the Qini curve.

    >>> curve = uplift_curve(np.array([1.0, 0, 1, 0]), np.array([1, 0, 1, 0], bool), np.array([4.0, 3, 2, 1]))
    >>> curve.gained
    array([0., 1., 2., 3., 4.])
    """
    steps = _steps(outcome, contacted, score)
    gap = _ratio(steps.reached, steps.contacts) - _ratio(steps.left, steps.alone)
    return RankCurve(steps.customers, gap * steps.customers)


def qini_coefficient(outcome: Floats, contacted: NDArray[np.bool_], score: Floats) -> float:
    """Area under the Qini curve beyond the straight line, over that of a perfect ranking: 1 is perfect, 0 none.

    For outcomes of 0 and 1 only. The perfect ranking puts outcomes among those contacted first and outcomes among
    the others last, as scikit-uplift's `qini_auc_score` does. NaN where no ranking could gain anything.
    """
    t = contacted.astype(np.float64)
    perfect = qini_curve(outcome, contacted, outcome * t - outcome * (1 - t)).area
    return qini_curve(outcome, contacted, score).area / perfect if perfect > 0 else float("nan")


def uplift_coefficient(outcome: Floats, contacted: NDArray[np.bool_], score: Floats) -> float:
    """As the Qini coefficient, for the uplift curve (scikit-uplift's `uplift_auc_score`)."""
    t = contacted.astype(np.float64)
    kept, lost = int(((outcome == 1) & ~contacted).sum()), int(((outcome == 0) & contacted).sum())
    best = 2 * (outcome == t) + (outcome if kept > lost else t)
    perfect = uplift_curve(outcome, contacted, best).area
    return uplift_curve(outcome, contacted, score).area / perfect if perfect > 0 else float("nan")


def uplift_at(outcome: Floats, contacted: NDArray[np.bool_], score: Floats, share: float) -> float:
    """Mean outcome of those contacted less that of the others, among the first `share` (0 to 1) by rank.

    NaN where one of the two is missing there.
    """
    first = np.argsort(score, kind="stable")[::-1][: int(len(score) * share)]
    reached, left = outcome[first][contacted[first]], outcome[first][~contacted[first]]
    return float(reached.mean() - left.mean()) if len(reached) and len(left) else float("nan")


def qini_draws(outcome: Floats, contacted: NDArray[np.bool_], score: Floats, seed: int) -> Floats:
    """Qini coefficients of 200 resamples of the customers (Poisson weights), the ranking held fixed."""
    rng = np.random.default_rng(seed)
    found = np.empty(DRAWS)
    for at in range(DRAWS):
        rows = np.repeat(np.arange(len(outcome)), rng.poisson(1.0, len(outcome)))
        found[at] = qini_coefficient(outcome[rows], contacted[rows], score[rows])
    return found


@dataclass(frozen=True, slots=True)
class _Steps:
    customers: Floats
    contacts: Floats
    alone: Floats
    reached: Floats
    left: Floats


def _steps(outcome: Floats, contacted: NDArray[np.bool_], score: Floats) -> _Steps:
    """Counts and outcomes of both sides among the first k, at each k where the score changes, 0 first."""
    order = np.argsort(score, kind="stable")[::-1]
    y, t, s = outcome[order], contacted[order].astype(np.float64), score[order]
    ends = np.append(np.flatnonzero(np.diff(s)), len(s) - 1)

    def summed(values: Floats) -> Floats:
        return np.concatenate([[0.0], np.cumsum(values)[ends]])

    customers = np.concatenate([[0.0], ends + 1.0])
    contacts = summed(t)
    return _Steps(customers, contacts, customers - contacts, summed(y * t), summed(y * (1 - t)))


def _ratio(above: Floats, below: Floats) -> Floats:
    """`above` over `below`, 0 where `below` is 0."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
