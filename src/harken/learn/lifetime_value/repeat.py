"""What customers without a contract will bring: purchases still to come times money, tested on what they bought."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.lifetime_value.estimate import DISCOUNT, YEARS, YearsValue
from harken.learn.lifetime_value.purchases import (
    Histories,
    PurchaseModel,
    SpendModel,
    fit_purchases,
    fit_spend,
    purchase_histories,
)
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.estimates import Estimate, EstimateKind
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

METHOD = "lifetime_value.bg_nbd_gamma_gamma"
WEEKS_A_YEAR = 365.25 / 7
QUARTER_WEEKS = WEEKS_A_YEAR / 4
SLOPE_CUSTOMERS = 4000
HELD_WEEKS_MAX = 52
HELD_WEEKS_MIN = 4
ERROR_MOST = 0.5
TOGETHER_MOST = 0.3


@dataclass(frozen=True, slots=True)
class RepeatCheck:
    """The forecast of the last `weeks`, made from what was known before them, against what was bought.

    `customers` had bought before; they were expected to buy on `predicted` days and did on `actual` ones, for
    `predicted_money` and `actual_money`. `by_repeats` lists (repeat purchases before, at least this many in the
    last row; customers; mean predicted; mean actual).
    """

    weeks: float
    customers: int
    predicted: float
    actual: float
    predicted_money: float
    actual_money: float
    by_repeats: tuple[tuple[int, int, float, float], ...]

    @property
    def error(self) -> float:
        """Predicted over actual money, minus one."""
        return self.predicted_money / self.actual_money - 1 if self.actual_money > 0 else float("inf")


@dataclass(frozen=True, slots=True)
class RepeatValue:
    """What buyers will bring within one and three years by repeat purchase, discounted, times the margin.

    `per_customer` float32 (n, number of years) and `alive` float32 (n,) are in the order of `customer` (n,).
    `check` tells how the same forecast did on time that is over.
    """

    years: tuple[YearsValue, ...]
    customers: int
    expected_alive: float
    purchases: PurchaseModel
    spend: SpendModel
    check: RepeatCheck
    margin: float
    discount: float
    notes: tuple[Message, ...]
    customer: Ints
    per_customer: NDArray[np.float32]
    alive: NDArray[np.float32]


def repeat_value(
    customer: Ints,
    day: Ints,
    amount: Floats,
    *,
    until_day: int,
    margin: float = 1.0,
    discount: float = DISCOUNT,
) -> RepeatValue:
    """Money expected of everybody who bought, by BG/NBD purchases and gamma-gamma money.

    `customer`, `day` and `amount` (m,) have one row for each customer and day, ordered by both; days before
    `until_day` count. The last part of the records is held out first: what would have been foreseen against what
    was bought. Raises NotEnoughData where there are too few to foresee (see `fit_purchases`, `fit_spend`), where
    history is too short to hold any out, and where the forecast was wrong by more than half.
    """
    past = day < until_day
    first_day = int(day[past].min(initial=until_day))
    held_weeks = min((until_day - first_day) / 7 / 3, HELD_WEEKS_MAX)
    if held_weeks < HELD_WEEKS_MIN:
        raise NotEnoughData(
            Message(
                gettext_noop("Purchases of {days} days are too short a history to foresee the next ones."),
                {"days": until_day - first_day},
            )
        )
    check = holdout(customer[past], day[past], amount[past], until_day=until_day, weeks=int(held_weeks))
    if not abs(check.error) <= ERROR_MOST:
        raise NotEnoughData(
            Message(
                gettext_noop(
                    "Tested on the last {weeks} weeks, the forecast of purchases was wrong by {share}: no value is "
                    "told on such a ground."
                ),
                {"weeks": int(check.weeks), "share": f"{abs(check.error):.0%}"},
            )
        )
    held = purchase_histories(customer, day, amount, until_day=until_day)
    bought, spent = fit_purchases(held.repeats, held.recency, held.age), fit_spend(held.repeats, held.spend)
    money = _expected_money(held, bought, spent, discount) * margin
    totals = money.sum(axis=0)
    spread = _sampling_variance(held, bought, spent, discount) * margin**2
    alive = bought.alive(held.repeats, held.recency, held.age)
    drift = 1 / (1 + check.error) - 1
    n = len(held.customer)
    variances = spread + (totals * drift) ** 2
    return RepeatValue(
        tuple(
            YearsValue(years, _estimate(total, variance, n), _estimate(total / n, variance / n**2, n))
            for years, total, variance in zip(YEARS, totals, variances, strict=True)
        ),
        n,
        float(alive.sum()),
        bought,
        spent,
        check,
        margin,
        discount,
        _notes(held),
        held.customer,
        money.astype(np.float32),
        alive.astype(np.float32),
    )


def holdout(customer: Ints, day: Ints, amount: Floats, *, until_day: int, weeks: int) -> RepeatCheck:
    """What the models, fitted on all but the last `weeks`, foresaw for them, against what was bought.

    Columns as in `repeat_value`. Raises NotEnoughData where too few bought before.
    """
    cut = until_day - 7 * weeks
    before = purchase_histories(customer, day, amount, until_day=cut)
    bought, spent = (
        fit_purchases(before.repeats, before.recency, before.age),
        fit_spend(before.repeats, before.spend),
    )
    predicted = bought.expected(before.repeats, before.recency, before.age, float(weeks))
    money = predicted * spent.expected(before.repeats, before.spend)
    place = np.searchsorted(before.customer, customer)
    known = np.append(before.customer, -1)[place] == customer
    inside = known & (day >= cut) & (day < until_day)
    n = len(before.customer)
    actual = np.bincount(place[inside], minlength=n).astype(float)
    got = np.bincount(place[inside], weights=amount[inside], minlength=n)
    rows = []
    for repeats in range(8):
        like = before.repeats >= repeats if repeats == 7 else before.repeats == repeats
        if like.any():
            rows.append((repeats, int(like.sum()), float(predicted[like].mean()), float(actual[like].mean())))
    return RepeatCheck(
        float(weeks), n, float(predicted.sum()), float(actual.sum()), float(money.sum()), float(got.sum()),
        tuple(rows),
    )  # fmt: skip


def _expected_money(held: Histories, bought: PurchaseModel, spent: SpendModel, discount: float) -> Floats:
    """Discounted money of each customer within one and three years, (n, 2), counted by quarters."""
    each = spent.expected(held.repeats, held.spend)
    total, before = np.zeros(len(each)), np.zeros(len(each))
    columns = []
    for quarter in range(1, 4 * YEARS[-1] + 1):
        so_far = bought.expected(held.repeats, held.recency, held.age, quarter * QUARTER_WEEKS)
        total = total + (so_far - before) * each * (1 + discount) ** (-(quarter - 0.5) / 4)
        before = so_far
        if quarter in (4 * years for years in YEARS):
            columns.append(total)
    return np.column_stack(columns)


def _sampling_variance(held: Histories, bought: PurchaseModel, spent: SpendModel, discount: float) -> Floats:
    """Variance of the totals by how uncertain the seven parameters are (2,): delta method on their logarithms."""
    every = max(1, -(-len(held.customer) // SLOPE_CUSTOMERS))
    some = Histories(*(getattr(held, name)[::every] for name in Histories.__dataclass_fields__))
    step, scale = 1e-3, len(held.customer) / len(some.customer)

    def slopes(model: PurchaseModel | SpendModel, total: object) -> Floats:
        assert callable(total)
        moved = np.eye(len(model.logs)) * step
        found = [total(model.with_logs(model.logs + by)) - total(model.with_logs(model.logs - by)) for by in moved]
        return np.stack(found) * scale / (2 * step)

    by_rate = slopes(bought, lambda model: _expected_money(some, model, spent, discount).sum(axis=0))
    by_money = slopes(spent, lambda model: _expected_money(some, bought, model, discount).sum(axis=0))
    variance = np.einsum("pk,pq,qk->k", by_rate, bought.covariance, by_rate)
    variance += np.einsum("pk,pq,qk->k", by_money, spent.covariance, by_money)
    return np.asarray(variance, dtype=np.float64)


def _notes(held: Histories) -> tuple[Message, ...]:
    again = (held.repeats > 0) & np.isfinite(held.spend)
    if int(again.sum()) < 3 or np.ptp(held.repeats[again]) == 0 or np.ptp(held.spend[again]) == 0:
        return ()
    together = float(np.corrcoef(held.repeats[again], held.spend[again])[0, 1])
    if abs(together) <= TOGETHER_MOST:
        return ()
    text = gettext_noop(
        "How often customers buy goes with how much they spend (correlation {value}); the model takes the two as "
        "unrelated."
    )
    return (Message(text, {"value": round(together, 2)}),)


def _estimate(value: float, variance: float, n: int) -> Estimate:
    error = float(np.sqrt(variance))
    return Estimate.from_error(value, error, n, METHOD, kind=EstimateKind.PREDICTED, lowest=0.0)
