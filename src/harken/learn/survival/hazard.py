"""The chance of leaving in the next month, by how long one has been a customer and by what is known of one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.retention.classifiers import expit
from harken.learn.survival.estimate import Bools, Floats, Ints
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.estimates import Z95
from harken.vocabulary.messages import Message, gettext_noop

BAND_ENDS = (1, 2, 3, 4, 6, 9, 12, 18, 24, 36, 48, 72, 96)
LEAST_IN_BAND = 20
LEAST_EVENTS = 30
PULL = 1.0


@dataclass(frozen=True, slots=True)
class PersonPeriods:
    """Every period of every customer that was seen whole, counted by stretches of tenure; columns (m,).

    `row` is the customer's row, `first` and `last` the periods of tenure (0 = the first one) of a stretch that
    was seen, both included; `left` says whether the customer left in `last`.
    """

    row: NDArray[np.intp]
    first: Ints
    last: Ints
    left: Bools


def person_periods(duration: Floats, left: Bools, entry: Floats, until: Floats, period: float) -> PersonPeriods:
    """Cuts tenures into whole periods.

    `duration` (n,) is the tenure at leaving (or the last look), `entry` where a customer came into view, `until`
    the tenure at the end of the records, left or not. A period counts where the customer was in view at its
    beginning and the records reach beyond its end. Whoever left within a period that is not over yet is left out
    with it: those who did not leave in it are not there to be counted either, and the hazard would be too high.

    >>> cut = person_periods(np.array([2.5, 2.5]), np.array([True, True]), np.zeros(2), np.array([2.6, 9.0]), 1.0)
    >>> cut.last.tolist(), cut.left.tolist()
    ([1, 2], [False, True])
    """
    first = np.ceil(np.maximum(np.nan_to_num(entry, neginf=0.0), 0.0) / period - 1e-9).astype(np.int64)
    whole = np.floor(until / period + 1e-9).astype(np.int64) - 1
    ended = np.where(left, np.floor(duration / period).astype(np.int64), np.iinfo(np.int64).max)
    last = np.minimum(whole, ended)
    seen = np.flatnonzero(last >= first)
    return PersonPeriods(seen, first[seen], last[seen], (ended == last)[seen])


@dataclass(frozen=True, slots=True)
class HazardModel:
    """Log odds of leaving within one period: one level for each band of tenure, plus what the columns add.

    `ends` (b - 1,) are the periods at which bands end, the last band is open: beyond what was seen, the hazard
    stays as it was last. `weights` (b + p,), bands first; `covariance` (b + p, b + p), robust to how periods of
    one customer go together. `customers` were seen over `periods`, `events` left.
    """

    ends: Ints
    weights: Floats
    covariance: Floats
    customers: int
    periods: int
    events: int

    def hazard(self, design: Floats, period: Ints) -> Floats:
        """Chance of leaving in `period` (n,) of tenure for customers with `design` (n, p), shape (n,)."""
        bands = len(self.ends) + 1
        band = np.searchsorted(self.ends, period, side="right")
        return expit(self.weights[band] + design @ self.weights[bands:])

    def survival(self, design: Floats, periods: int, start: int = 0) -> tuple[Floats, Floats, Floats]:
        """The expected curve of a group with `design` (n, p): share there after 1, 2, ... `periods`, and bounds.

        The mean over the group's customers, given that they reached period `start`; bounds by the delta method on
        log(-log S), 95 %. Three arrays (periods,).
        """
        share, slope = self.mean_survival(design, periods, start)
        error = np.sqrt(np.einsum("kp,pq,kq->k", slope, self.covariance, slope))
        with np.errstate(divide="ignore", invalid="ignore"):
            width = np.exp(Z95 * error / np.abs(share * np.log(share)))
        return share, share**width, share ** (1 / width)

    def mean_survival(self, design: Floats, periods: int, start: int = 0) -> tuple[Floats, Floats]:
        """Mean share there after each period (k,) and its derivative by the weights (k, b + p)."""
        bands = len(self.ends) + 1
        n, p = design.shape
        own = design @ self.weights[bands:]
        there = np.ones(n)
        slope_band, slope_own = np.zeros((n, bands)), np.zeros(n)
        share, slope = np.empty(periods), np.empty((periods, bands + p))
        for k in range(periods):
            band = int(np.searchsorted(self.ends, start + k, side="right"))
            hazard = expit(self.weights[band] + own)
            there = there * (1 - hazard)
            slope_band[:, band] -= hazard
            slope_own -= hazard
            share[k] = there.mean()
            slope[k, :bands] = there @ slope_band / n
            slope[k, bands:] = (there * slope_own) @ design / n
        return share, slope


def fit_hazard(periods: PersonPeriods, design: Floats) -> HazardModel:
    """Logistic regression over person-periods (Cox 1972; Singer and Willett 1993), with a small ridge on columns.

    `design` float (n, p) has one row per customer row, known at the beginning of the row's first period. Bands of
    tenure are as fine as at least 20 departures in each allow. Errors are clustered by customer. Raises
    NotEnoughData below 30 departures.

    >>> rng = np.random.default_rng(2)
    >>> stay = rng.geometric(0.1, 3000).astype(float) - 0.5
    >>> until = np.full(3000, 8.0)
    >>> cut = person_periods(np.minimum(stay, 8.0), stay < 8, np.zeros(3000), until, 1.0)
    >>> model = fit_hazard(cut, np.zeros((3000, 0)))
    >>> model.survival(np.zeros((1, 0)), 8)[0].round(1).tolist()
    [0.9, 0.8, 0.7, 0.7, 0.6, 0.5, 0.5, 0.4]
    """
    events = int(periods.left.sum())
    if events < LEAST_EVENTS:
        raise NotEnoughData(
            Message(gettext_noop("Only {count} departures were seen in whole periods."), {"count": events})
        )
    ends = _bands(periods)
    bands, p = len(ends) + 1, design.shape[1]
    starts, stops = np.concatenate([[0], ends]), np.concatenate([ends, [np.iinfo(np.int64).max]])
    size = np.stack([
        np.minimum(periods.last + 1, stop) - np.maximum(periods.first, start)
        for start, stop in zip(starts, stops, strict=True)
    ]).clip(min=0)  # fmt: skip
    band, place = np.nonzero(size)
    trials = size[band, place].astype(np.float64)
    left = periods.left[place] & (np.searchsorted(ends, periods.last[place], side="right") == band)
    own = design[periods.row[place]]
    cell, model = _cells(band, own)
    x = np.zeros((len(model), bands + p))
    x[np.arange(len(model)), band[model]] = 1.0
    x[:, bands:] = own[model]
    n, y = np.bincount(cell, weights=trials), np.bincount(cell, weights=left)
    weights, bread = _newton(x, n.astype(np.float64), y.astype(np.float64), bands)
    leftover = left - trials * expit(x @ weights)[cell]
    customer = periods.row[place]
    score = np.zeros((int(customer.max()) + 1, bands + p))
    np.add.at(score, (customer, band), leftover)
    for at in range(p):
        score[:, bands + at] = np.bincount(customer, weights=leftover * own[:, at], minlength=len(score))
    covariance = bread @ (score.T @ score) @ bread
    return HazardModel(ends, weights, covariance, len(np.unique(customer)), int(trials.sum()), events)


def _cells(band: NDArray[np.intp], own: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which rows are alike in band and columns: the cell of each row, and one row of each cell."""
    cell = band
    for at in range(own.shape[1]):
        values, code = np.unique(own[:, at], return_inverse=True)
        # renumbered after each column, so that the product never outgrows an integer
        cell = np.unique(cell * len(values) + code, return_inverse=True)[1]
    _, model, cell = np.unique(cell, return_index=True, return_inverse=True)
    return cell, model


def _newton(x: Floats, n: Floats, y: Floats, bands: int) -> tuple[Floats, Floats]:
    rate = float((y.sum() + 0.5) / (n.sum() + 1))
    weights = np.zeros(x.shape[1])
    weights[:bands] = np.log(rate / (1 - rate))
    pull = np.diag(np.concatenate([np.full(bands, 1e-6), np.full(x.shape[1] - bands, PULL)]))
    information = pull
    for _ in range(50):
        chance = expit(x @ weights)
        gradient = x.T @ (y - n * chance)
        gradient[bands:] -= PULL * weights[bands:]
        information = (x * (n * chance * (1 - chance))[:, None]).T @ x + pull
        step = np.linalg.solve(information, gradient)
        weights = weights + np.clip(step, -2.0, 2.0)
        if float(np.abs(step).max()) < 1e-10:
            break
    return weights, np.asarray(np.linalg.inv(information), dtype=np.float64)


def _bands(periods: PersonPeriods) -> Ints:
    """Where bands of tenure end: the usual ends that leave at least 20 departures on either side."""
    gone = np.sort(periods.last[periods.left])
    ends: list[int] = []
    taken = 0
    for end in BAND_ENDS:
        upto = int(np.searchsorted(gone, end, side="left"))
        if upto - taken >= LEAST_IN_BAND and len(gone) - upto >= LEAST_IN_BAND:
            ends.append(end)
            taken = upto
    return np.array(ends, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class HazardTest:
    """Departures in the last `periods`, forecast from what was known before: `predicted`, `observed` of `n`."""

    periods: int
    n: int
    predicted: float
    observed: int

    @property
    def drift(self) -> tuple[float, float]:
        """Observed over predicted minus one, and its standard error."""
        base = max(self.predicted, 1e-9)
        return self.observed / base - 1, float(np.sqrt(max(self.observed, 1.0))) / base


def tried_on_later(
    duration: Floats, left: Bools, entry: Floats, until: Floats, design: Floats, *, period: float, periods: int
) -> HazardTest:
    """Fits the hazard on all but the last `periods` and counts whom it expected to leave in them.

    Rows as in `person_periods`, `design` (n, p). Raises NotEnoughData where too little was known before.
    """
    then = until - periods * period
    known = then > np.maximum(np.nan_to_num(entry, neginf=0.0), 0.0)
    ended = left & (duration < then)
    cut = person_periods(np.minimum(duration, then)[known], ended[known], entry[known], then[known], period)
    model = fit_hazard(cut, design[known])
    there = known & (duration >= then)
    now = np.floor(then[there] / period).astype(np.int64)
    stays = np.ones(len(now))
    for ahead in range(periods):
        stays = stays * (1 - model.hazard(design[there], now + ahead))
    observed = int((left & (duration < until))[there].sum())
    return HazardTest(periods, len(now), float((1 - stays).sum()), observed)
