"""From effects of each cohort in each period to the few numbers that are read, with their influence functions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from harken.vocabulary.estimates import Effect, Estimate, Evidence, Interval

Floats = NDArray[np.float64]

METHOD = "impact.staggered"
ADJUSTED_FOR = ("unit", "period")


@dataclass(frozen=True, slots=True)
class GroupTime:
    """Effects of c cells, each a cohort in a period, for n units.

    `cohort` (c,) the place of the cohort's start among the periods, `place` (c,) that of the period; `att` (c,) the
    effect; `influence` (n, c), whose mean square over n is the variance; `start` (n,) each unit's place of start,
    infinite for never; `cluster` (n,) units that belong together, None where each stands alone.
    """

    cohort: NDArray[np.int64]
    place: NDArray[np.int64]
    att: Floats
    influence: Floats
    start: Floats
    cluster: NDArray[np.int64] | None

    @property
    def lag(self) -> NDArray[np.int64]:
        """Periods since the start (c,), negative before it."""
        return self.place - self.cohort

    def share(self) -> Floats:
        """The part of all units that belongs to each cell's cohort (c,)."""
        return np.array([float((self.start == one).mean()) for one in self.cohort])


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One effect put together from cells: `at` says which (a cohort, a lag or a period; NaN over all).

    `se` is the standard error, `influence` (n,) what each unit contributes.
    """

    at: float
    effect: Effect
    se: float
    influence: Floats = field(repr=False)

    @property
    def value(self) -> float:
        """The effect, in units of the outcome."""
        return self.effect.estimate.value


def overall(cells: GroupTime) -> Aggregate:
    """All cells from the start on, weighted by units."""
    return _weighted(cells, np.flatnonzero(cells.lag >= 0), float("nan"))


def by_cohort(cells: GroupTime) -> tuple[tuple[Aggregate, ...], Aggregate]:
    """The mean over periods of each cohort since its start, and their mean weighted by units."""
    starts = np.unique(cells.cohort)
    each = tuple(
        _weighted(cells, np.flatnonzero((cells.cohort == one) & (cells.lag >= 0)), float(one), fixed=True)
        for one in starts
    )
    share = np.array([float((cells.start == one).mean()) for one in starts])
    weight = share / share.sum()
    influence = np.column_stack([one.influence for one in each]) @ weight
    values = np.array([one.value for one in each])
    influence += _weight_influence(cells.start, starts.astype(np.float64), share) @ values
    return each, _aggregate(cells, float("nan"), float(weight @ values), influence)


def by_lag(cells: GroupTime) -> tuple[tuple[Aggregate, ...], Aggregate]:
    """Each lag weighted by units, before the start too, and the plain mean of those from the start on."""
    each = tuple(_weighted(cells, np.flatnonzero(cells.lag == one), float(one)) for one in np.unique(cells.lag))
    return each, _mean(cells, [one for one in each if one.at >= 0])


def by_period(cells: GroupTime) -> tuple[tuple[Aggregate, ...], Aggregate]:
    """Each period over the cohorts that have started, weighted by units, and their plain mean."""
    after = cells.lag >= 0
    each = tuple(
        _weighted(cells, np.flatnonzero(after & (cells.place == one)), float(one))
        for one in np.unique(cells.place[after])
    )
    return each, _mean(cells, list(each))


def standard_error(influence: Floats, cluster: NDArray[np.int64] | None) -> Floats:
    """Standard errors from influence functions (n, k), summed within clusters first: (k,)."""
    return np.asarray(np.sqrt((per_cluster(influence, cluster) ** 2).sum(axis=0)) / len(influence))


def per_cluster(influence: Floats, cluster: NDArray[np.int64] | None) -> Floats:
    """Influence functions (n, k) added up within clusters: (clusters, k)."""
    if cluster is None:
        return influence
    summed = np.zeros((int(cluster.max()) + 1, influence.shape[1]))
    np.add.at(summed, cluster, influence)
    return summed


def _weighted(cells: GroupTime, chosen: NDArray[np.intp], at: float, *, fixed: bool = False) -> Aggregate:
    """Cells weighted by the size of their cohorts, which is estimated too unless `fixed`."""
    share = cells.share()[chosen]
    weight = share / share.sum()
    influence = cells.influence[:, chosen] @ weight
    if not fixed:
        moving = _weight_influence(cells.start, cells.cohort[chosen].astype(np.float64), share)
        influence = influence + moving @ cells.att[chosen]
    return _aggregate(cells, at, float(weight @ cells.att[chosen]), influence)


def _weight_influence(start: Floats, cohort: Floats, share: Floats) -> Floats:
    """How each unit moves the weights share / sum of shares: (n, k)."""
    total = share.sum()
    own = (start[:, None] == cohort) - share
    return np.asarray(own / total - own.sum(axis=1)[:, None] * share / total**2)


def _mean(cells: GroupTime, each: list[Aggregate]) -> Aggregate:
    influence = np.column_stack([one.influence for one in each]).mean(axis=1)
    return _aggregate(cells, float("nan"), float(np.mean([one.value for one in each])), influence)


def _aggregate(cells: GroupTime, at: float, value: float, influence: Floats) -> Aggregate:
    se = float(standard_error(influence[:, None], cells.cluster)[0])
    half = float(stdtrit(_degrees(cells), 0.975)) * se
    estimate = Estimate(value, Interval(value - half, value + half), len(influence), METHOD)
    return Aggregate(at, Effect(estimate, Evidence.ADJUSTED, ADJUSTED_FOR), se, influence)


def _degrees(cells: GroupTime) -> float:
    """Fewer of those who start and those who never do (or start later), or of their clusters, minus one."""
    first = np.isfinite(cells.start)
    names = np.arange(len(first)) if cells.cluster is None else cells.cluster
    sides = [len(np.unique(names[first])), len(np.unique(names[~first]))]
    return float(max(min([side for side in sides if side] or [2]) - 1, 1))
