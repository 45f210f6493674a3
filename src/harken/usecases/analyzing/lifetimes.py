"""The parts of a run that look beyond the horizon: how long customers stay, and what they will bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from harken.lake import tenures as lake_tenures
from harken.lake.facts import DAY_US, align
from harken.learn.lifetime_value import (
    RepeatCheck,
    YearsValue,
    lifetime_value,
    outlook,
    repeat_value,
)
from harken.learn.survival import (
    Column,
    HazardTest,
    Survival,
    fit_hazard,
    how_long,
    person_periods,
    tried_on_later,
)
from harken.unify.features.catalogue import FeatureTable
from harken.usecases.analyzing.actions import Leaving, risk_of
from harken.usecases.analyzing.context import Context
from harken.usecases.analyzing.retention import RetentionData
from harken.usecases.analyzing.stays import Stays, divisions, stays
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

MONTH_DAYS = 365.25 / 12
TEST_MONTHS_MAX = 12
TEST_MONTHS_MIN = 3
DESIGN_COLUMNS_MAX = 30


@dataclass(frozen=True, slots=True)
class GroupValue:
    """What one customer of a group is expected to bring within one and three years, on average."""

    label: str
    customers: int
    mean: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ValueByGroup:
    """The groups of one column, largest first."""

    column: str
    label: Message
    groups: tuple[GroupValue, ...]


@dataclass(frozen=True, slots=True)
class CustomersValue:
    """What the customers of today will bring within one and three years.

    `basis` is "contract" (chance of still being there times value per year) or "purchases" (purchases still to
    come times money of each). Money is discounted by `discount` a year and counted by `margin`. `test` or `check`
    say how the same forecast did on the last part of the records. `per_customer` float32 (n, years) is in
    customers.parquet.
    """

    basis: Literal["contract", "purchases"]
    years: tuple[YearsValue, ...]
    customers: int
    with_value: int
    margin: float
    discount: float
    test: HazardTest | None
    check: RepeatCheck | None
    by_column: tuple[ValueByGroup, ...]
    notes: tuple[Message, ...]
    per_customer: NDArray[np.float32]


def speak_of_lifetimes(
    context: Context,
    attempt: Callable[[str, Callable[[], Any]], Any],
    data: RetentionData,
    everyone: FeatureTable,
    leaving: Leaving,
) -> None:
    """Both parts, each for all customers and by the columns that divide them."""
    made: list[tuple[Stays, tuple[Column, ...]]] = []

    def survival() -> Survival:
        held = stays(context, data.source)
        columns = divisions(context, held.customer_id, tuple(context.segments(everyone)))
        made.append((held, columns))
        return how_long(held.seen, columns, counted_from=held.counted_from, notes=held.notes)

    def value() -> CustomersValue:
        if data.source.choice.kind == "no_order":
            return _by_purchases(context, everyone)
        if not made:
            raise NotEnoughData(Message(gettext_noop("Without how long customers stay no value is told.")))
        return _by_contract(context, *made[0], data, everyone, leaving)

    attempt("survival", survival)
    attempt("lifetime_value", value)


def _by_contract(
    context: Context,
    held: Stays,
    columns: tuple[Column, ...],
    data: RetentionData,
    everyone: FeatureTable,
    leaving: Leaving,
) -> CustomersValue:
    if leaving.value is None:
        raise NotEnoughData(
            Message(gettext_noop("Nothing tells what a customer is worth.")),
            Message(gettext_noop("Declare a value column in a mapping, or import orders with amounts.")),
        )
    design = _one_hot(columns, len(held.duration))
    rows = (held.duration, held.left, held.entry, held.until)
    model = fit_hazard(person_periods(*rows, MONTH_DAYS), design)
    test, notes = _tested(held, design)
    here = ~held.left & np.isin(held.customer_id, everyone.customer_id, assume_unique=True)
    ids = held.customer_id[here]
    risk = (
        None
        if leaving.fit is None
        else align(ids, everyone.customer_id, risk_of(everyone, leaving.fit.result), np.nan)
    )
    days = data.source.choice.horizon_days or 0
    ahead = outlook(
        model,
        design[here],
        np.floor(held.until[here] / MONTH_DAYS).astype(np.int64),
        risk=risk,
        risk_months=0 if risk is None else max(round(days / MONTH_DAYS), 1),
    )
    yearly = align(ids, everyone.customer_id, leaving.value, np.nan)
    found = lifetime_value(
        ahead,
        yearly,
        margin=context.plan.margin,
        forecast_drift=(0.0, 0.0) if leaving.fit is None else leaving.fit.result.validation.drift,
        hazard_drift=(0.0, 0.0) if test is None else test.drift,
    )
    return CustomersValue(
        "contract", found.years, found.customers, found.with_value, found.margin, found.discount, test, None,
        _by_group(ids, found.per_customer, held.customer_id, columns), notes,
        _laid(everyone.customer_id, ids, found.per_customer),
    )  # fmt: skip


def _tested(held: Stays, design: Floats) -> tuple[HazardTest | None, tuple[Message, ...]]:
    """The hazards on the last third of the records, at most a year; a note where there is no such test."""
    recorded = float((held.until - np.maximum(held.entry, 0.0)).max())
    months = min(int(recorded / MONTH_DAYS / 3), TEST_MONTHS_MAX)
    untested = Message(
        gettext_noop("The records are too short to test this on a later time: the range may be too narrow.")
    )
    if months < TEST_MONTHS_MIN:
        return None, (untested,)
    try:
        test = tried_on_later(
            held.duration, held.left, held.entry, held.until, design, period=MONTH_DAYS, periods=months
        )
    except NotEnoughData:
        return None, (untested,)
    return test, ()


def _by_purchases(context: Context, everyone: FeatureTable) -> CustomersValue:
    assert context.plan.as_of_us is not None
    ids, day, amount = lake_tenures.daily_amounts(context.connection, "order", context.plan.as_of_us)
    if not len(ids):
        raise NotEnoughData(Message(gettext_noop("No order has an amount: what customers bring is not known.")))
    found = repeat_value(
        ids, day, amount, until_day=int(context.plan.as_of_us // DAY_US), margin=context.plan.margin
    )
    columns = divisions(context, found.customer, tuple(context.segments(everyone)))
    return CustomersValue(
        "purchases", found.years, found.customers, found.customers, found.margin, found.discount, None, found.check,
        _by_group(found.customer, found.per_customer, found.customer, columns), found.notes,
        _laid(everyone.customer_id, found.customer, found.per_customer),
    )  # fmt: skip


def _laid(
    customer_id: NDArray[np.int64], ids: NDArray[np.int64], values: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Columns of ascending `ids` in the order of `customer_id`, NaN where there is none."""
    columns = [align(customer_id, ids, column.astype(np.float64), np.nan) for column in values.T]
    return np.column_stack(columns).astype(np.float32)


def _by_group(
    ids: NDArray[np.int64],
    values: NDArray[np.float32],
    known: NDArray[np.int64],
    columns: tuple[Column, ...],
) -> tuple[ValueByGroup, ...]:
    place = np.searchsorted(known, ids)
    found = []
    for column in columns:
        codes = column.codes[place]
        kept = codes >= 0
        n = np.bincount(codes[kept], minlength=len(column.levels))
        sums = [np.bincount(codes[kept], weights=one[kept], minlength=len(n)) for one in values.T]
        groups = [
            GroupValue(level, int(n[code]), tuple(float(total[code] / n[code]) for total in sums))
            for code, level in enumerate(column.levels)
            if n[code]
        ]
        groups.sort(key=lambda group: (-group.customers, group.label))
        if len(groups) > 1:
            found.append(ValueByGroup(column.name, column.label, tuple(groups)))
    return tuple(found)


def _one_hot(columns: tuple[Column, ...], n: int) -> Floats:
    """A column of zeros and ones for every group, as many as fit in."""
    parts: list[Floats] = []
    for column in columns:
        if len(parts) + len(column.levels) <= DESIGN_COLUMNS_MAX:
            parts += [(column.codes == code).astype(np.float64) for code in range(len(column.levels))]
    return np.column_stack(parts) if parts else np.zeros((n, 0))
