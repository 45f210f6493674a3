"""How much money is at stake: risk times value, with how far the forecast can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.effects import LeverEffects, scaled
from harken.learn.retention.validation import Validation
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Effect, Estimate, EstimateKind
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

METHOD = "value.risk_times_value"


@dataclass(frozen=True, slots=True)
class FamilyValue:
    """Money that goes with the unfavourable part of one driver family's main lever.

    `money` is what goes with it among the customers in that part, all else equal, within the horizon;
    `evidence` is the effect it rests on; `affected` customers are in the part. Families overlap: their money does
    not add up to the total.
    """

    family: str
    column: str
    affected: int
    money: Estimate
    evidence: Effect


@dataclass(frozen=True, slots=True)
class ValueAtStake:
    """Money expected to be lost within the horizon, in the currency of the values.

    `total` is the sum over customers of risk x value x margin; its interval carries how wrong the forecast was
    in its test and the chance of single departures. `leavers` is the number of customers expected to leave, with
    the same interval. `base_value` is the value of all customers times the margin. Of `customers`, `with_value`
    have a value above zero; `without_value` have none and `zero_value` have zero or less: both count as nothing.
    `top_tenth_share` of the money at stake (0 to 1) lies with the tenth of the customers that carry most.
    """

    total: Estimate
    leavers: Estimate
    base_value: float
    customers: int
    with_value: int
    without_value: int
    zero_value: int
    top_tenth_share: float
    margin: float
    horizon_days: int | None
    by_family: tuple[FamilyValue, ...]
    notes: tuple[Message, ...]


def value_at_stake(
    risk: NDArray[np.float32] | Floats,
    value: Floats,
    *,
    validation: Validation,
    horizon_days: int | None = None,
    margin: float = 1.0,
    levers: LeverEffects | None = None,
) -> ValueAtStake:
    """Adds up risk times value over all customers and says how sure the sum is.

    `risk` are calibrated probabilities (n,), `value` money per customer (n,), NaN where unknown; `margin` is the
    part of the value that counts (0 to 1, as given; 1 = all). `validation` is the test of the forecast. Its error
    in the large, observed against predicted, is taken as one draw of how a forecast drifts from one window to
    the next: the interval's variance is total2 x (drift2 + its sampling variance) plus the variance of single
    departures, sum of value2 x risk x (1 - risk). `levers` (estimated with the same values) give the part of each
    driver family.

    Raises DataError where shapes or the margin do not fit, NotEnoughData where no customer has a value.

    >>> from harken.learn.retention.validation import ValidationKind, validate
    >>> risk = np.linspace(0.02, 0.3, 2000)
    >>> left = np.random.default_rng(1).random(2000) < risk
    >>> test = validate(risk, left, kind=ValidationKind.OUT_OF_TIME)
    >>> stake = value_at_stake(risk, np.full(2000, 100.0), validation=test, horizon_days=90)
    >>> round(stake.total.value), round(stake.leavers.value), stake.with_value
    (32000, 320, 2000)
    """
    p, v = np.asarray(risk, dtype=np.float64), np.asarray(value, dtype=np.float64)
    if p.shape != v.shape or not 0 < margin <= 1:
        raise DataError(
            Message(
                gettext_noop("{risks} risks, {values} values and a margin of {margin} do not fit together."),
                {"risks": len(p), "values": len(v), "margin": margin},
            )
        )
    known = np.isfinite(v)
    counted = np.where(known & (v > 0), v, 0.0) * margin
    if not counted.any():
        raise NotEnoughData(Message(gettext_noop("No customer has a value above zero.")))
    expected = p * counted
    total = float(expected.sum())
    drift, drift_error = validation.drift
    chance = float((counted**2 * p * (1 - p)).sum())
    heads = float(p.sum())
    order = np.sort(expected)[::-1]
    return ValueAtStake(
        total=_estimate(total, total**2 * (drift**2 + drift_error**2) + chance, len(p)),
        leavers=_estimate(heads, heads**2 * (drift**2 + drift_error**2) + float((p * (1 - p)).sum()), len(p)),
        base_value=float(counted.sum()),
        customers=len(p),
        with_value=int((known & (v > 0)).sum()),
        without_value=int((~known).sum()),
        zero_value=int((known & (v <= 0)).sum()),
        top_tenth_share=float(order[: max(len(order) // 10, 1)].sum() / total) if total > 0 else 0.0,
        margin=margin,
        horizon_days=horizon_days,
        by_family=_by_family(levers, margin),
        notes=_notes(known, v),
    )


def _by_family(levers: LeverEffects | None, margin: float) -> tuple[FamilyValue, ...]:
    rows = [
        FamilyValue(lever.family, lever.column, lever.affected, scaled(lever.money, margin), lever.effect.adjusted)
        for lever in (levers.levers if levers is not None else ())
        if lever.money is not None
    ]
    return tuple(sorted(rows, key=lambda row: (-row.money.value, row.family, row.column)))


def _notes(known: NDArray[np.bool_], value: Floats) -> tuple[Message, ...]:
    notes = []
    without, zero = int((~known).sum()), int((known & (value <= 0)).sum())
    if without:
        notes.append(
            Message(
                gettext_noop("{count} customers have no known value and count as nothing: more may be at stake."),
                {"count": without},
            )
        )
    if zero:
        notes.append(
            Message(gettext_noop("{count} customers are worth zero or less and count as nothing."), {"count": zero})
        )
    return tuple(notes)


def _estimate(value: float, variance: float, n: int) -> Estimate:
    error = float(np.sqrt(variance))
    return Estimate.from_error(value, error, n, METHOD, kind=EstimateKind.PREDICTED, lowest=0.0)
