"""Whom to act on: customers by risk times value, with reasons an owner can change and what to do about them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from harken.act.next_actions.proposals import proposed_action
from harken.learn.drivers.effects import LeverEffect, LeverEffects
from harken.learn.folds import hash_ids
from harken.unify.features.catalogue import FeatureTable
from harken.vocabulary.errors import DataError
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

CANDIDATES = 2_000
REFERENCE_CUSTOMERS = 50_000
REASONS = 3
LEAST_DROP = 0.005
LEAST_DROP_SHARE = 0.03
HOLD_OUT_STREAM = 21
HOLD_OUT_ONE_IN = 10


class RiskOfValues(Protocol):
    """A model that turns rows of a full feature table, float32 (m, p), into probabilities (m,)."""

    def risk(self, values: NDArray[np.float32]) -> NDArray[np.float64]: ...


class GainStatus(StrEnum):
    """What is known about what contacting customers brings."""

    UNKNOWN = "unknown"
    """No contact was ever randomised, so nobody knows whether contacting helps, or whom."""
    ESTIMATED = "estimated"
    """A randomised hold-out was measured."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What an action is expected to bring; `estimate` only where the status is "estimated"."""

    status: GainStatus
    estimate: Estimate | None = None

    def __post_init__(self) -> None:
        if (self.estimate is None) is (self.status is GainStatus.ESTIMATED):
            raise ValueError("a gain is either unknown or has an estimate")


GAIN_UNKNOWN = Gain(GainStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing an owner can change that raises this customer's forecast risk.

    `value` is the lever's value of this customer, `favourable` what is usual among customers without the problem;
    `risk_change` (negative, in probability) is how the forecast moves when this family is set to the favourable. It
    is a statement about the forecast, not the promised effect of an action.
    """

    family: str
    column: str
    label: Message
    value: float
    favourable: float
    risk_change: float


@dataclass(frozen=True, slots=True)
class NextAction:
    """One customer to act on.

    `risk` is a probability, `value` money (NaN where unknown), `at_stake` their product (risk alone where no
    values are known). `reasons` come largest first and may be empty; `action` is what to do. `hold_out` marks one
    customer in ten, drawn by number, to be left alone so that the gain can be measured.
    """

    customer_id: int
    risk: float
    value: float
    at_stake: float
    reasons: tuple[Reason, ...]
    action: Message
    hold_out: bool
    gain: Gain


@dataclass(frozen=True, slots=True)
class NextActions:
    """Customers to act on, most at stake first; `considered` had their reasons looked for, of `customers`."""

    actions: tuple[NextAction, ...]
    considered: int
    customers: int
    gain: Gain
    notes: tuple[Message, ...]


def next_actions(
    everyone: FeatureTable,
    risk: NDArray[np.float32] | Floats,
    model: RiskOfValues,
    levers: LeverEffects,
    *,
    seed: int,
    value: Floats | None = None,
    eligible: NDArray[np.bool_] | None = None,
    limit: int = 200,
    gain: Gain = GAIN_UNKNOWN,
) -> NextActions:
    """Ranks customers by risk times value and finds, for those with most at stake, reasons an owner can change.

    `everyone` holds the features of today, `risk` their probabilities (n,) in the same order, `value` money (n,),
    NaN unknown; `eligible` (n,) leaves out customers who are gone already. Reasons are looked for among at
    most 2,000 customers: for each family whose lever has an adjusted effect beyond chance, customers in its
    unfavourable part are forecast again with the family at the usual values of customers outside it.
    `gain` stays unknown while no contact was randomised: ranking by risk is a list of whom to talk to, not a
    promise that talking helps (uplift needs a hold-out). One in ten is marked as hold-out to find out.

    Raises DataError where shapes do not fit.
    """
    p = np.asarray(risk, dtype=np.float64)
    money = np.full(len(p), np.nan) if value is None else np.asarray(value, dtype=np.float64)
    may = np.ones(len(p), dtype=np.bool_) if eligible is None else np.asarray(eligible, dtype=np.bool_)
    if not len(everyone.customer_id) == len(p) == len(money) == len(may):
        raise DataError(Message(gettext_noop("Features, risks and values are not of the same customers.")))
    valued = bool((np.isfinite(money) & (money > 0)).any())
    stake = p * np.where(np.isfinite(money), np.maximum(money, 0.0), 0.0) if valued else p
    order = np.argsort(-np.where(may & np.isfinite(stake), stake, -np.inf), kind="stable")
    chosen = order[: min(int((may & np.isfinite(stake)).sum()), CANDIDATES, max(limit, 0))]
    found = _reasons(everyone, chosen, p[chosen], model, levers)
    held = held_out(everyone.customer_id[chosen], seed)
    actions = tuple(
        NextAction(
            customer_id=int(everyone.customer_id[row]),
            risk=float(p[row]),
            value=float(money[row]),
            at_stake=float(stake[row]),
            reasons=reasons,
            action=proposed_action(reasons[0].family if reasons else None, reasons[0].label if reasons else None),
            hold_out=bool(hold_out),
            gain=gain,
        )
        for row, reasons, hold_out in zip(chosen, found, held, strict=True)
    )
    return NextActions(actions, len(chosen), len(p), gain, _notes(gain, valued, levers))


def held_out(customer_id: NDArray[np.int64], seed: int) -> NDArray[np.bool_]:
    """Who is left alone, one in ten, drawn by number (n,): the same customers however the list is sorted or cut.

    >>> int(held_out(np.arange(1000), 1).sum()) in range(60, 141)
    True
    """
    return np.asarray(hash_ids(customer_id, seed, HOLD_OUT_STREAM) % np.uint64(HOLD_OUT_ONE_IN) == 0)


def harmful(lever: LeverEffect) -> bool:
    """True where the unfavourable part makes the outcome worse beyond chance, everything else held equal."""
    interval = lever.effect.adjusted.estimate.interval
    return interval.lower > 0 if lever.bad_is_high else interval.upper < 0


def _reasons(
    everyone: FeatureTable, chosen: NDArray[np.intp], risk: Floats, model: RiskOfValues, levers: LeverEffects
) -> list[tuple[Reason, ...]]:
    if len(chosen) == 0:
        return []
    values = everyone.values[chosen]
    before = model.risk(values)
    found: list[list[Reason]] = [[] for _ in chosen]
    for lever in levers.levers:
        if not harmful(lever):
            continue
        column = everyone.names.index(lever.column)
        own = values[:, column].astype(np.float64)
        inside = np.flatnonzero(lever.part.holds(own))
        if len(inside) == 0:
            continue
        columns = list(everyone.families[lever.family])
        changed = values[inside].copy()
        changed[:, columns] = _usual_values(everyone, column, columns, lever)
        after = model.risk(changed)
        # the forecast of a customer may be a left-out one: move it in proportion
        change = risk[inside] * (after / np.maximum(before[inside], 1e-9) - 1)
        for at, drop in zip(inside, change, strict=True):
            if -drop >= max(LEAST_DROP, LEAST_DROP_SHARE * risk[at]):
                favourable = lever.part.favourable_value
                reason = Reason(lever.family, lever.column, lever.label, float(own[at]), favourable, float(drop))
                found[at].append(reason)
    return [tuple(sorted(reasons, key=lambda r: (r.risk_change, r.family))[:REASONS]) for reasons in found]


def _usual_values(
    everyone: FeatureTable, column: int, columns: list[int], lever: LeverEffect
) -> NDArray[np.float32]:
    """Median (or commonest level) of each of the family's columns among customers outside the part."""
    step = max(len(everyone.customer_id) // REFERENCE_CUSTOMERS, 1)
    sample = everyone.values[::step]
    own = sample[:, column].astype(np.float64)
    outside = sample[np.isfinite(own) & ~lever.part.holds(own)]
    usual = np.full(len(columns), np.nan, dtype=np.float32)
    for at, index in enumerate(columns):
        known = outside[np.isfinite(outside[:, index]), index]
        if len(known) * 2 < len(outside):
            continue
        if everyone.features[index].type == "category":
            levels, counts = np.unique(known, return_counts=True)
            usual[at] = levels[int(np.argmax(counts))]
        else:
            usual[at] = np.median(known)
    usual[columns.index(column)] = lever.part.favourable_value
    return usual


def _notes(gain: Gain, valued: bool, levers: LeverEffects) -> tuple[Message, ...]:
    notes = []
    if gain.status is GainStatus.UNKNOWN:
        notes.append(
            Message(
                gettext_noop(
                    "The gain is unknown: no contact was randomised. Leave the hold-out alone to measure it."
                )
            )
        )
    if not valued:
        notes.append(Message(gettext_noop("No values are known, so customers are ranked by risk alone.")))
    if not any(harmful(lever) for lever in levers.levers):
        notes.append(
            Message(
                gettext_noop("No lever was found that goes with leaving beyond chance, so no reasons are given.")
            )
        )
    return tuple(notes)
