"""Whether a driver punishes when bad, rewards when good, or both (Kano's must-be and attractive qualities)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

METHOD = "drivers.penalty_reward"
LEAST_IN_GROUP = 30


class DriverKind(StrEnum):
    """What a driver does to customers."""

    PUNISHES_ONLY = "punishes_only"
    REWARDS_ONLY = "rewards_only"
    BOTH = "both"
    NEITHER = "neither"
    UNCLEAR = "unclear"


KIND_LABELS = {
    DriverKind.PUNISHES_ONLY: gettext_noop("Punishes when bad, hardly rewards when good: keep it off the floor."),
    DriverKind.REWARDS_ONLY: gettext_noop("Rewards when good, hardly punishes when bad: a way to stand out."),
    DriverKind.BOTH: gettext_noop("Punishes when bad and rewards when good: every step counts."),
    DriverKind.NEITHER: gettext_noop("Neither punishes nor rewards by as much as would matter."),
    DriverKind.UNCLEAR: gettext_noop("These customers are too few, or too alike, to tell what it does."),
}


@dataclass(frozen=True, slots=True)
class PenaltyReward:
    """What bad and good cost and bring, beside the middle, in units of the outcome (good = up).

    `penalty` (at most zero where bad hurts) compares the unfavourable part with the middle, `reward` the
    favourable part with the middle; `asymmetry` is |penalty| - |reward|. `kind` names the pattern.
    """

    penalty: Estimate
    reward: Estimate
    asymmetry: Estimate
    kind: DriverKind


def classify(values: Floats, covariance: Floats, n: int, *, smallest_effect: float) -> PenaltyReward:
    """Names the pattern from a penalty and a reward (`values`, shape (2,)) and their covariance (2, 2).

    "Punishes only" asks for three things: a penalty beyond chance, no reward beyond chance, and |penalty| larger
    than |reward| beyond chance; "rewards only" likewise. "Neither" asks that both intervals lie within
    +-`smallest_effect`, the effect one would act on; a wide interval is "unclear", not "neither".

    >>> pattern = classify(np.array([-0.10, 0.01]), np.diag([1e-4, 1e-4]), 900, smallest_effect=0.02)
    >>> pattern.kind.value
    'punishes_only'
    """
    errors = np.sqrt(np.diag(covariance))
    penalty, reward = (_estimate(float(v), float(e), n) for v, e in zip(values, errors, strict=True))
    signs = np.array([-1.0 if values[0] < 0 else 1.0, -1.0 if values[1] > 0 else 1.0])
    gap_error = float(np.sqrt(max(signs @ covariance @ signs, 0.0)))
    gap = _estimate(float(abs(values[0]) - abs(values[1])), gap_error, n)
    punishes, rewards = penalty.interval.upper < 0, reward.interval.lower > 0
    if punishes and rewards:
        kind = DriverKind.BOTH
    elif punishes and gap.interval.lower > 0:
        kind = DriverKind.PUNISHES_ONLY
    elif rewards and gap.interval.upper < 0:
        kind = DriverKind.REWARDS_ONLY
    elif all(
        abs(end) <= smallest_effect for e in (penalty, reward) for end in (e.interval.lower, e.interval.upper)
    ):
        kind = DriverKind.NEITHER
    else:
        kind = DriverKind.UNCLEAR
    return PenaltyReward(penalty, reward, gap, kind)


def penalty_reward(
    y: Floats,
    bad: NDArray[np.bool_],
    good: NDArray[np.bool_],
    *,
    controls: Floats | None = None,
    smallest_effect: float | None = None,
) -> tuple[PenaltyReward, ...]:
    """Penalty and reward of several attributes at once, each with the others held equal.

    `y` is float (n,), good = up; `bad` and `good` are bool (n, k): the attribute was unfavourable (such as 1-2
    on a five-point scale) or favourable (such as 5); neither = middle. `controls` (n, c) enter too. Least squares
    with a dummy each (Brandt 1987, the penalty-reward contrast) and intervals that allow unequal variances (White
    1980, HC1). `smallest_effect` defaults to a tenth of the outcome's standard deviation. An attribute without 30
    customers in each of the three groups is unclear.

    Raises DataError where shapes do not fit, NotEnoughData below 30 customers per dummy.
    """
    n, k = bad.shape
    if good.shape != (n, k) or y.shape != (n,):
        raise DataError(Message(gettext_noop("Outcome and attributes are not of the same customers.")))
    extra = np.empty((n, 0)) if controls is None else controls
    design = np.column_stack([np.ones(n), bad, good, extra]).astype(np.float64)
    if n < LEAST_IN_GROUP * design.shape[1] // 3:
        raise NotEnoughData(
            Message(
                gettext_noop("{n} customers are too few for {attributes} attributes."), {"n": n, "attributes": k}
            )
        )
    inverse = np.linalg.pinv(design.T @ design)
    weights = inverse @ (design.T @ y)
    error = y - design @ weights
    meat = (design * error[:, None] ** 2).T @ design
    covariance = inverse @ meat @ inverse * (n / max(n - design.shape[1], 1))
    margin = 0.1 * float(y.std()) if smallest_effect is None else smallest_effect
    patterns = []
    for at in range(k):
        pair = [1 + at, 1 + k + at]
        pattern = classify(weights[pair], covariance[np.ix_(pair, pair)], n, smallest_effect=margin)
        groups = (bad[:, at], good[:, at], ~bad[:, at] & ~good[:, at])
        if min(int(group.sum()) for group in groups) < LEAST_IN_GROUP:
            pattern = PenaltyReward(pattern.penalty, pattern.reward, pattern.asymmetry, DriverKind.UNCLEAR)
        patterns.append(pattern)
    return tuple(patterns)


def _estimate(value: float, error: float, n: int) -> Estimate:
    return Estimate.from_error(value, error, n, METHOD)
