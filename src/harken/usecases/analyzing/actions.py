"""The parts of a run that speak of leaving and of what to do: forecast, drivers, levers, value, whom to act on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.act.next_actions import NextActions, next_actions
from harken.lake import facts
from harken.learn.drivers import (
    EarlierWindow,
    FamilyRanking,
    LeverEffects,
    leaving_by_segment,
    lever_effects,
    rank_families,
)
from harken.learn.retention import RetentionFit, RetentionResult
from harken.learn.value import ValueAtStake, value_at_stake
from harken.unify.features.catalogue import FeatureTable
from harken.usecases.analyzing import retention
from harken.usecases.analyzing.beside import Beside
from harken.usecases.analyzing.context import Context, part_of
from harken.usecases.analyzing.retention import Judged, RetentionData
from harken.vocabulary.errors import NotEnoughData, SettingsError
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]
Attempt = Callable[[str, Callable[[], Any]], Any]
ORDERS = "orders"


@dataclass(frozen=True, slots=True)
class Leaving:
    """What customers.parquet takes from these parts: the live forecast and money per customer, if any."""

    fit: RetentionFit | None
    value: Floats | None


def speak_of_leaving(context: Context, attempt: Attempt, data: RetentionData, everyone: FeatureTable) -> Leaving:
    """Every part about leaving, each standing on those before it; what stands on a missing part says so."""
    seed, leaks = context.plan.seed, context.leaks
    judged = data.judged
    all_judged = data.definition.choice.kind == "snapshot" and len(judged.left) == len(everyone.customer_id)
    made: list[RetentionFit] = []

    def forecast(context: Context) -> RetentionResult:
        predict = None if all_judged else everyone
        progress = part_of(context.progress, 0.64, 0.76)
        made.append(retention.forecast(context, data, predict, leaks, progress))
        return made[0].result

    value = customer_value(context, everyone.customer_id)
    own_value = None if value is None else customer_value(context, judged.table.customer_id)
    earlier = None if data.earlier is None else _earlier(context, data.earlier, own_value is not None)
    with Beside(context, lambda own: attempt("retention", lambda: forecast(own))):
        ranking = attempt("drivers", lambda: rank_families(
            judged.table, judged.left, seed=seed, without=leaks,
            progress=part_of(context.progress, 0.76, 0.82)))  # fmt: skip
        levers = attempt("levers", lambda: lever_effects(
            judged.table, judged.left, seed=seed, without=leaks, everyone=everyone, value=own_value,
            earlier=earlier, families=None if ranking is None else _families_in(ranking, judged.table),
            progress=part_of(context.progress, 0.82, 0.92)))  # fmt: skip
    fit = made[0] if made else None
    risk = None if fit is None else risk_of(everyone, fit.result)
    attempt("segments", lambda: leaving_by_segment(
        judged.table, judged.left, context.segments(judged.table), levers))  # fmt: skip
    attempt("value", lambda: _value(context, data, fit, risk, value, levers))
    context.progress(Message(gettext_noop("Finding whom to act on")), 0.93)
    attempt("actions", lambda: _actions(context, everyone, fit, risk, value, levers))
    return Leaving(fit, value)


def _earlier(context: Context, window: Judged, with_value: bool) -> EarlierWindow:
    """The window before, read together with the latest one: twice the departures, a surer answer."""
    value = customer_value(context, window.table.customer_id) if with_value else None
    if with_value and value is None:
        value = np.full(len(window.left), np.nan)
    return EarlierWindow(window.table, window.left, value)


def risk_of(everyone: FeatureTable, result: RetentionResult) -> Floats:
    """The forecast risk in the order of a table, NaN for customers without one."""
    return facts.align(everyone.customer_id, result.customer_id, result.risk.astype(np.float64), np.nan)


def _families_in(ranking: FamilyRanking, table: FeatureTable) -> list[str]:
    """Families strongest first, those pooled in the ranking after the others."""
    named = [row.family for row in ranking.families if row.family in table.families]
    return named + [family for family in table.families if family not in named]


def _value(
    context: Context,
    data: RetentionData,
    fit: RetentionFit | None,
    risk: Floats | None,
    value: Floats | None,
    levers: LeverEffects | None,
) -> ValueAtStake:
    if fit is None or risk is None:
        raise NotEnoughData(Message(gettext_noop("Without a forecast no value at stake can be told.")))
    if value is None:
        raise NotEnoughData(
            Message(gettext_noop("Nothing tells what a customer is worth.")),
            Message(gettext_noop("Declare a value column in a mapping, or import orders with amounts.")),
        )
    told = np.isfinite(risk)
    return value_at_stake(
        risk[told],
        value[told],
        validation=fit.result.validation,
        horizon_days=data.source.choice.horizon_days,
        margin=context.plan.margin,
        levers=levers,
    )


def _actions(
    context: Context,
    everyone: FeatureTable,
    fit: RetentionFit | None,
    risk: Floats | None,
    value: Floats | None,
    levers: LeverEffects | None,
) -> NextActions:
    if fit is None or risk is None:
        raise NotEnoughData(Message(gettext_noop("Without a forecast nobody can be named.")))
    return next_actions(
        everyone,
        np.nan_to_num(risk),
        fit.model,
        levers or LeverEffects((), (), 0),
        seed=context.plan.seed,
        value=value,
        eligible=np.isfinite(risk),
    )


def customer_value(context: Context, customer_id: NDArray[np.int64]) -> Floats | None:
    """Money per customer and year: the set or declared column, else the orders of the last year.

    NaN where a customer's is unknown, None where there is no money at all. Raises SettingsError where the set
    column is not declared.
    """
    declared = facts.value_columns(context.connection)
    wanted = context.plan.value_column
    if wanted is not None and wanted != ORDERS:
        declared = tuple(item for item in declared if item[1] == wanted)
        if not declared:
            raise SettingsError(
                Message(gettext_noop("{value} is not declared as a value in any mapping."), {"value": wanted}),
                Message(gettext_noop("Declare it with value = … in the snapshot part of the mapping.")),
            )
    if declared and wanted != ORDERS:
        source, name = declared[0]
        amount = facts.snapshot_amount(
            context.connection, customer_id, source=source, name=name, before_us=context.plan.as_of_us
        )
    elif context.plan.as_of_us is not None:
        amount = facts.yearly_amount(context.connection, customer_id, kind="order", until_us=context.plan.as_of_us)
    else:
        return None
    return amount if np.isfinite(amount).any() and np.nansum(np.abs(amount)) else None
