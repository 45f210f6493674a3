"""Who is still a customer after how long: Kaplan-Meier curves, and whether groups differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Z95, Estimate, Interval
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEAST_AT_RISK = 30
METHOD = "survival.kaplan_meier"


@dataclass(frozen=True, slots=True)
class Tenures:
    """How long each customer was seen: rows of equal length (n,), only those that can be used.

    `entry` is the tenure at which a customer came into view (minus infinity where seen from joining on),
    `duration` the tenure at leaving or at the last look, `left` whether it ended by leaving. A customer whose
    group changes has one row for each stretch. `rows` (n,) are the places in what was given. Left out were
    `unknown` rows without a duration and `never_seen` ones that ended before they came into view.
    """

    duration: Floats
    left: Bools
    entry: Floats
    rows: NDArray[np.intp]
    unknown: int
    never_seen: int

    def at_risk(self, times: Floats) -> Ints:
        """How many are in view and still customers just before each of `times` (k,), shape (k,)."""
        came = np.searchsorted(np.sort(self.entry), times, side="left")
        gone = np.searchsorted(np.sort(self.duration), times, side="left")
        return np.asarray(came - gone, dtype=np.int64)

    def of(self, chosen: Bools) -> Tenures:
        """The rows that `chosen` (n,) names."""
        return Tenures(self.duration[chosen], self.left[chosen], self.entry[chosen], self.rows[chosen], 0, 0)


def tenures(
    duration: NDArray[np.generic], left: NDArray[np.generic], entry: NDArray[np.generic] | None = None
) -> Tenures:
    """Checks durations and sets aside what cannot be used.

    `duration` (n,) in any unit of time from joining on, NaN where unknown; `left` (n,) True where it ended by
    leaving; `entry` (n,) the tenure from which on a customer is in view: zero, less or NaN where from joining on.
    Customers who joined before the records begin come into view late: without `entry` those who left before
    would be missing, and all would seem to stay longer than they do. Raises DataError for shapes that do not fit
    and for negative durations.

    >>> tenures(np.array([3.0, np.nan, 2.0]), np.array([1, 0, 1]), np.array([0.0, 0.0, 2.5])).never_seen
    1
    """
    end, gone = np.asarray(duration, dtype=np.float64), np.asarray(left).astype(np.bool_)
    start = np.zeros(len(end)) if entry is None else np.asarray(entry, dtype=np.float64)
    if not end.shape == gone.shape == start.shape:
        raise DataError(
            Message(
                gettext_noop("{durations} durations, {ends} ends and {entries} entries do not fit together."),
                {"durations": len(end), "ends": len(gone), "entries": len(start)},
            )
        )
    if (end < 0).any():
        raise DataError(
            Message(gettext_noop("{count} customers left before they joined."), {"count": int((end < 0).sum())}),
            Message(gettext_noop("Correct the dates, or leave these customers out.")),
        )
    start = np.where(np.nan_to_num(start) <= 0, -np.inf, start)
    known = np.isfinite(end)
    seen = known & (end > start)
    return Tenures(end[seen], gone[seen], start[seen], np.flatnonzero(seen), int((~known).sum()),
                   int((known & ~seen).sum()))  # fmt: skip


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """The share still there after each time at which somebody left; columns of equal length (k,).

    `survival`, `lower`, `upper` are shares (0 to 1) of those who reached `start`; `at_risk` counts customers in
    view just before each time, `left` those who left at it. `n` customers were seen, `events` of them left.
    `last` is the longest time seen. `interval` says how the interval was made.
    """

    times: Floats
    survival: Floats
    lower: Floats
    upper: Floats
    at_risk: Ints
    left: Ints
    n: int
    events: int
    start: float
    last: float
    interval: str
    level: float

    def at(self, time: float) -> Estimate | None:
        """The share still there after `time`, with its interval; None where nobody was seen that long."""
        if time > self.last or time < self.start:
            return None
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if place < 0:
            lower = _nobody_left(self.n, self.level)
            return Estimate(1.0, Interval(lower, 1.0, self.level), self.n, METHOD)
        ends = Interval(float(self.lower[place]), float(self.upper[place]), self.level)
        return Estimate(float(self.survival[place]), ends, self.n, METHOD)

    def median(self) -> tuple[float | None, float | None, float | None]:
        """The time after which half are gone, and its interval (Brookmeyer and Crowley 1982); None: not reached."""
        return (
            _first_below(self.times, self.survival),
            _first_below(self.times, self.lower),
            _first_below(self.times, self.upper),
        )


def survival_curve(
    seen: Tenures,
    *,
    start: float = -np.inf,
    interval: Literal["log-log", "greenwood"] = "log-log",
    level: float = 0.95,
) -> SurvivalCurve:
    """The share still there after each time (Kaplan and Meier 1958), open ends and late entries allowed for.

    `start` conditions on having reached a tenure: with late entries, few may be in view at first (see
    `first_sound_moment`). Variance by Greenwood (1926); the interval is made on log(-log S), so that it stays
    between 0 and 1, or is plain "greenwood". Where nobody has left yet, the lower bound is exact binomial. Raises
    NotEnoughData where nobody can be seen.

    >>> curve = survival_curve(tenures(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 0, 1, 0])))
    >>> curve.survival.tolist(), curve.at_risk.tolist()
    ([0.75, 0.375], [4, 2])
    """
    used = seen.of(seen.duration > start) if np.isfinite(start) else seen
    if not len(used.duration):
        raise NotEnoughData(Message(gettext_noop("Nobody was seen for any time.")))
    times, left = np.unique(used.duration[used.left], return_counts=True)
    at_risk = used.at_risk(times)
    share: Floats = np.asarray(np.cumprod(1 - left / at_risk), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.asarray(np.cumsum(left / (at_risk * (at_risk - left))), dtype=np.float64)
        lower, upper = _bounds(share, greenwood, at_risk, interval, level)
    return SurvivalCurve(
        times, share, lower, upper, at_risk, left.astype(np.int64), len(used.duration), int(used.left.sum()),
        max(start, 0.0), float(used.duration.max()), interval, level,
    )  # fmt: skip


def _bounds(share: Floats, greenwood: Floats, at_risk: Ints, interval: str, level: float) -> tuple[Floats, Floats]:
    z = _z(level)
    if interval == "greenwood":
        half = z * share * np.sqrt(greenwood)
        lower, upper = share - half, share + half
    else:
        width = np.exp(z * np.sqrt(greenwood) / np.abs(np.log(share)))
        lower, upper = share**width, share ** (1 / width)
    # at zero the variance does not exist: nobody is left, and the last upper bound before it still stands
    none = share <= 0
    before = upper[~none][-1] if (~none).any() else 1.0
    lower, upper = np.where(none, 0.0, lower), np.where(none, before, upper)
    return np.clip(lower, 0.0, 1.0), np.clip(upper, 0.0, 1.0)


def _nobody_left(n: int, level: float) -> float:
    return float(((1 - level) / 2) ** (1 / max(n, 1)))


def _z(level: float) -> float:
    from scipy.stats import norm

    return Z95 if level == 0.95 else float(norm.ppf(0.5 + level / 2))


def _first_below(times: Floats, share: Floats) -> float | None:
    below = np.flatnonzero(share <= 0.5)
    return float(times[below[0]]) if len(below) else None


def first_sound_moment(seen: Tenures, least: int = LEAST_AT_RISK) -> float:
    """The tenure from which on a curve may be told: before it, fewer than `least` customers were in view.

    Where most joined before the records begin, few are in view at short tenures, and one who leaves would pull
    the whole curve down. Zero where there are enough from the start.
    """
    times = np.unique(seen.duration[seen.left])
    if not len(times):
        return 0.0
    at_risk = seen.at_risk(times)
    rising = int(np.argmax(at_risk))
    few = np.flatnonzero(at_risk[:rising] < least)
    return float(times[few[-1]]) if len(few) else 0.0


@dataclass(frozen=True, slots=True)
class GroupTest:
    """Whether groups leave at different speed (log-rank): `chi2` on `df` degrees of freedom, its `p`.

    `observed` and `expected` departures per group, shape (g,), in the order of the codes.
    """

    chi2: float
    df: int
    p: float
    observed: Floats
    expected: Floats


def compare_groups(seen: Tenures, group: Ints, *, start: float = -np.inf) -> GroupTest:
    """The log-rank test (Mantel 1966; Peto and Peto 1972) of equal hazards in all groups.

    `group` (n,) holds a code from 0 on for each row of what `tenures` was given, negative where not known: these
    are left out. A group must be known when the customer comes into view; where it is earned by staying ("ordered
    ten times"), staying explains the group and not the other way: give one row for each stretch instead. Raises
    NotEnoughData where fewer than two groups are seen or nobody left.

    >>> seen = tenures(np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4))
    >>> round(compare_groups(seen, np.array([0, 0, 1, 1])).chi2, 3)
    2.882
    """
    from scipy.stats import chi2 as chi2_law

    codes = np.asarray(group)[seen.rows]
    kept = (codes >= 0) & (seen.duration > start)
    used, codes = seen.of(kept), codes[kept]
    groups = int(codes.max()) + 1 if len(codes) else 0
    times = np.unique(used.duration[used.left])
    if len(np.unique(codes)) < 2 or not len(times):
        raise NotEnoughData(Message(gettext_noop("Two groups and some who left are needed to compare.")))
    at_risk = np.column_stack([used.of(codes == code).at_risk(times) for code in range(groups)]).astype(float)
    place = np.searchsorted(times, used.duration[used.left])
    left = np.zeros((len(times), groups))
    np.add.at(left, (place, codes[used.left]), 1.0)
    everybody, gone = at_risk.sum(axis=1), left.sum(axis=1)
    part = at_risk / everybody[:, None]
    expected = (gone[:, None] * part).sum(axis=0)
    spread = gone * np.where(everybody > 1, (everybody - gone) / np.maximum(everybody - 1, 1), 0.0)
    variance = np.diag((spread[:, None] * part).sum(axis=0)) - (part * spread[:, None]).T @ part
    gap = left.sum(axis=0) - expected
    df = int(np.linalg.matrix_rank(variance, tol=1e-9))
    statistic = float(gap @ np.linalg.pinv(variance, rcond=1e-10, hermitian=True) @ gap) if df else 0.0
    p = float(chi2_law.sf(statistic, df)) if df else 1.0
    return GroupTest(statistic, df, p, left.sum(axis=0), expected)
