"""Difference-in-differences where units start at different times (Callaway and Sant'Anna 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from harken.learn.impact.aggregating import Aggregate, GroupTime, by_cohort, by_lag, by_period, overall
from harken.learn.impact.pre_trends import PreTrend, band, pre_trend
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

FEWEST_STARTED = 5
FEWEST_COMPARED = 5


class Comparison(StrEnum):
    """Whom those who started are compared with."""

    NEVER = "never"
    """Units that never start."""
    NOT_YET = "not_yet"
    """Units that have not started by then, the never-starters among them."""


@dataclass(frozen=True, slots=True)
class Staggered:
    """What starting goes with, against units that had not started.

    `overall` weighs every cohort and period since its start by its units; `cohorts` by start (their `at` is the
    period), `cohort_overall` their mean weighted by units; `lags` by periods since the start (negative: before it,
    against the period before), `lag_overall` the plain mean from 0 on; `periods` by calendar, `period_overall`
    their plain mean. `pre_trend` tests that nothing moved before, None where no period allows it. `band` is the
    number of standard errors with which the ranges of all lags hold together, None unless asked for. `started` and
    `never` count units used; `left_out` those that had started by the first period, lack one, or belong to a cohort
    below 5 units. Effects are adjusted, never experimental: they hold if both sides would have moved alike.
    """

    overall: Aggregate
    cohorts: tuple[Aggregate, ...]
    cohort_overall: Aggregate
    lags: tuple[Aggregate, ...]
    lag_overall: Aggregate
    periods: tuple[Aggregate, ...]
    period_overall: Aggregate
    pre_trend: PreTrend | None
    band: float | None
    comparison: Comparison
    started: int
    never: int
    left_out: int


def staggered_effects(
    outcome: Floats,
    started: Floats,
    periods: Floats | None = None,
    *,
    comparison: Comparison | None = None,
    cluster: NDArray[np.int64] | None = None,
    band_draws: int = 0,
    seed: int = 0,
) -> Staggered:
    """Estimates effects of a staggered start from a panel.

    `outcome` (n, T), one row a unit and one column a period, NaN where missing (such units are left out);
    `started` (n,) the period of each unit's start, infinite or NaN for never; `periods` (T,) ascending, 0 to T - 1
    where None. Each cohort's change since its last period before the start is compared with that of units which had
    not started; before the start, period on period. `comparison` is with never-starters where there are 5 of them,
    else with those not yet started, unless given. Standard errors come from influence functions, added up within
    `cluster` (n,) where units belong together; ranges from Student's t with the smaller side's units less one.
    `band_draws` (such as 999) of a bootstrap give `band`.

    Raises DataError where shapes do not fit, NotEnoughData where no cohort or nobody to compare with is left.

    >>> rng = np.random.default_rng(2)
    >>> y = rng.normal(size=(600, 1)) + np.arange(6) * 0.3 + rng.normal(size=(600, 6)) * 0.5
    >>> start = rng.choice([2.0, 4.0, np.inf], 600)
    >>> y[np.arange(6) >= start[:, None]] += 1.0
    >>> round(staggered_effects(y, start).overall.value, 1)
    1.0
    """
    y, times, place = _panel(outcome, started, periods)
    whole = np.isfinite(y).all(axis=1) & (place > 0)
    sizes = {one: int((place[whole] == one).sum()) for one in np.unique(place[whole])}
    kept = whole & np.array([np.isinf(one) or sizes.get(one, 0) >= FEWEST_STARTED for one in place])
    never = int(np.isinf(place[kept]).sum())
    if comparison is None:
        comparison = Comparison.NEVER if never >= FEWEST_COMPARED else Comparison.NOT_YET
    members = None if cluster is None else np.unique(np.asarray(cluster)[kept], return_inverse=True)[1]
    cells = group_times(y[kept], place[kept], comparison, members)
    if cells is None:
        _refuse(kept, place)
    assert cells is not None
    cohorts, cohort_overall = by_cohort(cells)
    lags, lag_overall = by_lag(cells)
    each_period, period_overall = by_period(cells)
    return Staggered(
        overall=overall(cells),
        cohorts=tuple(_named(one, times) for one in cohorts),
        cohort_overall=cohort_overall,
        lags=lags,
        lag_overall=lag_overall,
        periods=tuple(_named(one, times) for one in each_period),
        period_overall=period_overall,
        pre_trend=pre_trend(cells),
        band=band(lags, cells, draws=band_draws, seed=seed) if band_draws else None,
        comparison=comparison,
        started=int(kept.sum()) - never,
        never=never,
        left_out=int((~kept).sum()),
    )


def group_times(
    outcome: Floats, place: Floats, comparison: Comparison, cluster: NDArray[np.int64] | None = None
) -> GroupTime | None:
    """The effect of each cohort in each period from the second on, None where there is none to compare.

    `outcome` (n, T) complete, `place` (n,) the place of each unit's start among the periods, 1 or more, infinite
    for never. Before its start a cohort is compared with the period before (so every difference is one period's),
    from it on with the last period before the start.
    """
    n, count = outcome.shape
    cohort, at, att, influence = [], [], [], []
    for start in np.unique(place[np.isfinite(place)]).astype(int):
        own = place == start
        for t in range(1, count):
            base = start - 1 if t >= start else t - 1
            if comparison is Comparison.NEVER:
                others = np.isinf(place)
            else:
                others = (place > max(t, base)) & ~own
            if int(others.sum()) < FEWEST_COMPARED:
                continue
            change = outcome[:, t] - outcome[:, base]
            gained, usual = float(change[own].mean()), float(change[others].mean())
            pull = np.zeros(n)
            pull[own] += (change[own] - gained) * n / own.sum()
            pull[others] -= (change[others] - usual) * n / others.sum()
            cohort.append(start)
            at.append(t)
            att.append(gained - usual)
            influence.append(pull)
    if not any(t >= start for t, start in zip(at, cohort, strict=True)):
        return None
    with_effect = {start for t, start in zip(at, cohort, strict=True) if t >= start}
    chosen = [index for index, start in enumerate(cohort) if start in with_effect]
    return GroupTime(
        np.array(cohort)[chosen],
        np.array(at)[chosen],
        np.array(att)[chosen],
        np.column_stack(influence)[:, chosen],
        place,
        cluster,
    )


def _panel(outcome: Floats, started: Floats, periods: Floats | None) -> tuple[Floats, Floats, Floats]:
    """The panel, its periods and the place of each start among them: infinite for never or after the last."""
    y, start = np.asarray(outcome, dtype=np.float64), np.asarray(started, dtype=np.float64)
    if y.ndim != 2 or start.shape != y.shape[:1]:
        raise DataError(Message(gettext_noop("A panel has one row a unit, one column a period and a start each.")))
    times = np.arange(y.shape[1], dtype=np.float64) if periods is None else np.asarray(periods, dtype=np.float64)
    if times.shape != y.shape[1:] or not (np.diff(times) > 0).all():
        raise DataError(Message(gettext_noop("The periods of a panel ascend, one for each column.")))
    ended = np.isnan(start) | (start > times[-1])
    return y, times, np.where(ended, np.inf, np.searchsorted(times, np.where(ended, 0.0, start)))


def _refuse(kept: NDArray[np.bool_], place: Floats) -> None:
    started = int(np.isfinite(place[kept]).sum())
    if started:
        what = gettext_noop("{n} units started, but fewer than {least} had not started to compare them with.")
        todo = gettext_noop("Add units that have not started, or started later, over the same periods.")
        raise NotEnoughData(Message(what, {"n": started, "least": FEWEST_COMPARED}), Message(todo))
    raise NotEnoughData(
        Message(
            gettext_noop("No start has {least} units or more with every period and one before the start."),
            {"least": FEWEST_STARTED},
        ),
        Message(gettext_noop("Give at least one period before the start of each unit.")),
    )


def _named(one: Aggregate, times: Floats) -> Aggregate:
    return Aggregate(float(times[int(one.at)]), one.effect, one.se, one.influence)
