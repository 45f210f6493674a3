"""Who buys again, and for how much: the BG/NBD model of purchases and the gamma-gamma model of their value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_CUSTOMERS = 100
LEAST_REPEATING = 50
WORTHLESS_BEYOND = 1e4


@dataclass(frozen=True, slots=True)
class Histories:
    """Purchases of each customer who bought, columns (n,): `customer` ascending.

    `repeats` counts days of purchase after the first; `recency` is the time from the first to the last of them
    and `age` from the first to the last day of the records, in weeks; `spend` is the mean money of a repeat day,
    NaN without one.
    """

    customer: Ints
    repeats: Floats
    recency: Floats
    age: Floats
    spend: Floats


def purchase_histories(
    customer: Ints, day: Ints, amount: Floats, *, until_day: int, from_day: int | None = None
) -> Histories:
    """Purchases as repeat counts, from one row for each customer and day, ordered by both.

    Only days in [from_day, until_day) count. Several purchases of one day are one.

    >>> ids, days = np.array([1, 1, 2]), np.array([0, 14, 7])
    >>> held = purchase_histories(ids, days, np.array([5.0, 8.0, 3.0]), until_day=29)
    >>> held.repeats.tolist(), held.recency.tolist(), held.age.tolist()
    ([1.0, 0.0], [2.0, 0.0], [4.0, 3.0])
    """
    kept = (day < until_day) & (day >= (np.iinfo(np.int64).min if from_day is None else from_day))
    ids, days, money = customer[kept], day[kept], amount[kept]
    first = np.r_[True, ids[1:] != ids[:-1]] if len(ids) else np.zeros(0, bool)
    person = np.cumsum(first) - 1
    count = np.bincount(person) if len(ids) else np.zeros(0, int)
    start = days[first]
    last = days[np.flatnonzero(first) + count - 1] if len(ids) else start
    later = np.bincount(person[~first], weights=money[~first], minlength=len(count))
    with np.errstate(invalid="ignore"):
        spend = np.where(count > 1, later / np.maximum(count - 1, 1), np.nan)
    recency, age = (last - start) / 7, (until_day - 1 - start) / 7
    return Histories(ids[first], _floats(count - 1), _floats(recency), _floats(age), _floats(spend))


def _floats(values: NDArray[Any]) -> Floats:
    return np.asarray(values, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class PurchaseModel:
    """The BG/NBD model: customers buy at rates of their own, and drop out after a purchase with chances of theirs.

    Rates are gamma(`r`, `alpha`), chances of dropping out beta(`a`, `b`); time in weeks. `covariance` (4, 4) is of
    the logarithms of the four; `log_likelihood` is summed over `n` customers.
    """

    r: float
    alpha: float
    a: float
    b: float
    covariance: Floats
    log_likelihood: float
    n: int

    def with_logs(self, logs: Floats) -> PurchaseModel:
        """The same model with other parameters, given as logarithms (4,)."""
        r, alpha, a, b = (float(value) for value in np.exp(logs))
        return PurchaseModel(r, alpha, a, b, self.covariance, self.log_likelihood, self.n)

    @property
    def logs(self) -> Floats:
        """Logarithms of r, alpha, a and b."""
        return _floats(np.log([self.r, self.alpha, self.a, self.b]))

    def alive(self, repeats: Floats, recency: Floats, age: Floats) -> Floats:
        """The chance that each customer will still buy (n,); one without a repeat purchase has had no chance to go.

        >>> model = PurchaseModel(0.243, 4.414, 0.793, 2.426, np.eye(4), 0.0, 1)
        >>> model.alive(np.array([2.0]), np.array([30.43]), np.array([38.86])).round(3)
        array([0.727])
        """
        x = repeats
        late = np.log(self.a / (self.b + np.maximum(x, 1) - 1)) + (self.r + x) * np.log(
            (self.alpha + age) / (self.alpha + recency)
        )
        return np.where(x > 0, 1 / (1 + np.exp(np.minimum(late, 700))), 1.0)

    def expected(self, repeats: Floats, recency: Floats, age: Floats, weeks: float) -> Floats:
        """Purchases expected of each customer in the coming `weeks`, given the history (n,).

        Fader, Hardie and Lee 2005, equation 10.

        >>> model = PurchaseModel(0.243, 4.414, 0.793, 2.426, np.eye(4), 0.0, 1)
        >>> model.expected(np.array([2.0]), np.array([30.43]), np.array([38.86]), 39.0).round(3)
        array([1.226])
        """
        from scipy.special import hyp2f1

        x, ahead = repeats, self.alpha + age + weeks
        z = weeks / ahead
        # Euler's transformation keeps the series short where z comes near one
        series = hyp2f1(self.r + x, self.b + x, self.a + self.b + x - 1, z)
        ratio = ((self.alpha + age) / ahead) ** (self.r + x)
        fresh = (self.a + self.b + x - 1) / (self.a - 1) * (1 - ratio * series)
        return np.asarray(fresh * self.alive(repeats, recency, age), dtype=np.float64)


def fit_purchases(repeats: Floats, recency: Floats, age: Floats) -> PurchaseModel:
    """Fits the BG/NBD model by maximum likelihood (Fader, Hardie and Lee 2005).

    Columns (n,): repeat purchases, and weeks from the first purchase to the last and to the end of the records.
    Customers with equal columns are counted together. Raises NotEnoughData below 100 customers or 50 who bought
    again, and where the model finds no end: then purchases are too regular or nobody ever drops out.
    """
    from scipy.optimize import minimize

    if len(repeats) < LEAST_CUSTOMERS or int((repeats > 0).sum()) < LEAST_REPEATING:
        raise NotEnoughData(
            Message(
                gettext_noop(
                    "{customers} customers bought, {repeating} of them again: too few to foresee purchases."
                ),
                {"customers": len(repeats), "repeating": int((repeats > 0).sum())},
            )
        )
    alike, count = np.unique(np.column_stack([repeats, recency, age]), axis=0, return_counts=True)
    x, recent, until = alike.T

    def cost(logs: Floats) -> float:
        return -float(count @ _log_likelihood(logs, x, recent, until)) / len(repeats)

    start = np.log(np.array([0.5, float(np.median(age)) / 4 + 0.1, 0.7, 2.5]))
    found = minimize(cost, start, method="Nelder-Mead", options={"maxiter": 600, "xatol": 1e-3, "fatol": 1e-7})
    found = minimize(cost, found.x, method="L-BFGS-B", options={"gtol": 1e-8, "ftol": 1e-14})
    logs = np.asarray(found.x, dtype=np.float64)
    hessian = len(repeats) * _hessian(cost, logs)
    values = np.linalg.eigvalsh(hessian)
    if not np.isfinite(found.fun) or np.exp(logs).max() > WORTHLESS_BEYOND or values[0] <= 1e-8 * values[-1]:
        raise NotEnoughData(
            Message(gettext_noop("Purchases do not follow the usual pattern of random buying and dropping out.")),
            Message(gettext_noop("Use a contract or a subscription as the outcome where there is one.")),
        )
    r, alpha, a, b = (float(value) for value in np.exp(logs))
    return PurchaseModel(
        r, alpha, a, b, _floats(np.linalg.inv(hessian)), -float(found.fun) * len(repeats), len(repeats)
    )


def _log_likelihood(logs: Floats, x: Floats, recency: Floats, age: Floats) -> Floats:
    from scipy.special import betaln, gammaln

    r, alpha, a, b = np.exp(logs)
    shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    stays = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
    drops = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + recency)
    return np.asarray(shared + np.where(x > 0, np.logaddexp(stays, drops), stays), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class SpendModel:
    """The gamma-gamma model: each purchase varies around a customer's own mean, the means around each other.

    Parameters `p`, `q` and `gamma` (Fader and Hardie 2013); `covariance` (3, 3) is of their logarithms.
    """

    p: float
    q: float
    gamma: float
    covariance: Floats
    log_likelihood: float
    n: int

    @property
    def logs(self) -> Floats:
        """Logarithms of p, q and gamma."""
        return _floats(np.log([self.p, self.q, self.gamma]))

    def with_logs(self, logs: Floats) -> SpendModel:
        """The same model with other parameters, given as logarithms (3,)."""
        p, q, gamma = (float(value) for value in np.exp(logs))
        return SpendModel(p, q, gamma, self.covariance, self.log_likelihood, self.n)

    def expected(self, repeats: Floats, spend: Floats) -> Floats:
        """Money expected of one future purchase of each customer: own mean, drawn towards the mean of all (n,)."""
        x, own = repeats, np.where(repeats > 0, np.nan_to_num(spend), 0.0)
        return (self.gamma + x * own) * self.p / (self.p * x + self.q - 1)


def fit_spend(repeats: Floats, spend: Floats) -> SpendModel:
    """Fits the gamma-gamma model by maximum likelihood to customers with a repeat purchase of positive mean.

    Raises NotEnoughData where fewer than 50 have one, and where spending varies too little or so wildly that no
    mean exists (q at most one).
    """
    from scipy.optimize import minimize
    from scipy.special import gammaln

    used = (repeats > 0) & (np.nan_to_num(spend) > 0)
    x, mean = repeats[used], spend[used]
    if len(x) < LEAST_REPEATING:
        raise NotEnoughData(
            Message(gettext_noop("Only {count} customers bought again for money."), {"count": len(x)})
        )
    scale = float(mean.mean())
    mean = mean / scale

    def cost(logs: Floats) -> float:
        p, q, gamma = np.exp(logs)
        found = (
            gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
            + (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * np.log(gamma + x * mean)
        )  # fmt: skip
        return -float(found.mean())

    found = minimize(cost, np.log([3.0, 3.0, 1.0]), method="Nelder-Mead", options={"maxiter": 600, "fatol": 1e-8})
    found = minimize(cost, found.x, method="L-BFGS-B", options={"gtol": 1e-8, "ftol": 1e-14})
    logs = np.asarray(found.x, dtype=np.float64)
    hessian = len(x) * _hessian(cost, logs)
    values = np.linalg.eigvalsh(hessian)
    if np.exp(logs).max() > WORTHLESS_BEYOND or np.exp(logs[1]) <= 1 or values[0] <= 1e-8 * values[-1]:
        raise NotEnoughData(
            Message(gettext_noop("What customers spend does not follow the usual pattern: no mean is foreseen."))
        )
    p, q, gamma = np.exp(logs)
    # the density of the mean in the given currency, not in units of the overall mean
    likelihood = -float(found.fun) * len(x) - len(x) * float(np.log(scale))
    return SpendModel(float(p), float(q), float(gamma) * scale, _floats(np.linalg.inv(hessian)), likelihood, len(x))


def _hessian(cost: Callable[[Floats], float], at: Floats, step: float = 1e-3) -> Floats:
    """Second derivatives by central differences, shape (k, k)."""
    size = len(at)
    found = np.empty((size, size))
    steps = np.eye(size) * step
    for i in range(size):
        for j in range(i, size):
            corners = [cost(at + s * steps[i] + t * steps[j]) * s * t for s in (1, -1) for t in (1, -1)]
            found[i, j] = found[j, i] = sum(corners) / (4 * step**2)
    return found
