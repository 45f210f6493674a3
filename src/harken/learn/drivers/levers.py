"""What if a lever were moved: customers affected, leaving avoided, money, and what the change may cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.curve import AdjustedCurve
from harken.vocabulary.estimates import Effect, Estimate, EstimateKind, Evidence
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

METHOD = "levers.g_computation"
SUPPORT_SHARE_MIN = 0.05


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer to one what-if question, or the reason why it is refused.

    `target` is the value (or level) the lever would have; `moved` customers are changed, `supported_share` of
    customers (0 to 1) are at the target or better today. `effect` is the change of the outcome per customer moved,
    `outcomes` over all of them (negative = fewer leave), `money` what that is worth, `break_even_each` the cost
    per customer moved below which the change pays, `break_even` the same in all. Money is None without values.
    When `refused`, all figures are None.
    """

    column: str
    target: float | str
    moved: int
    supported_share: float
    effect: Effect | None
    outcomes: Estimate | None
    money: Estimate | None
    break_even_each: Estimate | None
    break_even: Estimate | None
    refused: Message | None


def what_if(
    curve: AdjustedCurve,
    x: NDArray[np.float32] | Floats,
    target: float | str,
    *,
    lower_is_better: bool | None = None,
    bad_is_high: bool = True,
    value: Floats | None = None,
    margin: float = 1.0,
    adjusted_for: tuple[str, ...] = (),
) -> WhatIf:
    """Moves every customer on the wrong side of `target` to it, and reads the change off the adjusted curve.

    `x` is the lever of all customers, float (n,), NaN where unknown (they are not moved); for a number
    `lower_is_better` says which side is wrong, for a category customers of any other level move to the level named
    `target`. `value` is money per customer lost or kept (n,), NaN = nothing; `margin` (0 to 1) is the part of it
    that counts. `adjusted_for` names the families the curve holds equal. G-computation (Robins 1986): customers
    leave the level of their group for the curve at the target, linear between group centres, so that the interval
    follows from the curve's covariance. Nothing is said beyond
    the data: where fewer than 5 % of customers are at the target or better, the question is refused.
    """
    values = np.asarray(x, dtype=np.float64)
    known = np.isfinite(values)
    if curve.category:
        return _to_level(curve, values, known, str(target), bad_is_high, value, margin, adjusted_for)
    if lower_is_better is None:
        raise ValueError("a number needs to know which side is better")
    goal = float(target)
    better = values <= goal if lower_is_better else values >= goal
    share = float(better[known].mean()) if known.any() else 0.0
    moved = known & ~better
    refused = _refusal(curve, goal, share, int(moved.sum()))
    if refused is not None:
        return _refused(curve, goal, int(moved.sum()), share, refused)
    weights = _between(curve, np.full(1, goal))[0] - _today(curve, values[moved], goal)
    return _answer(curve, goal, moved, share, weights, bad_is_high, value, margin, adjusted_for)


def support(curve: AdjustedCurve, x: NDArray[np.float32] | Floats, *, lower_is_better: bool) -> tuple[float, float]:
    """The range of targets that can be answered: from where 5 % of customers are, to where nobody would move.

    >>> two = (0.1, 0.2)
    >>> none = ((0.0, 0.0), (0.0, 0.0))
    >>> ends = ((0.0, 6.0), (5.0, 10.0), (2.5, 8.0))
    >>> curve = AdjustedCurve("clicks", False, ("", ""), *ends, (9, 9), two, two, two, two, none, 0.15, 0.5)
    >>> support(curve, np.arange(101.0) / 10, lower_is_better=True)
    (0.5, 10.0)
    """
    known = np.sort(np.asarray(x, dtype=np.float64)[np.isfinite(x)])
    if lower_is_better:
        at = int(np.ceil(SUPPORT_SHARE_MIN * len(known))) - 1
        return float(known[max(at, 0)]), float(min(known[-1], curve.highest[-1]))
    at = int(np.floor((1 - SUPPORT_SHARE_MIN) * len(known)))
    return float(max(known[0], curve.lowest[0])), float(known[min(at, len(known) - 1)])


def _refusal(curve: AdjustedCurve, goal: float, share: float, moved: int) -> Message | None:
    if share < SUPPORT_SHARE_MIN:
        return Message(
            gettext_noop(
                "Only {share} of customers are at {target} or better today: nobody knows what it would do."
            ),
            {"share": f"{share:.1%}", "target": goal},
        )
    if moved == 0:
        return Message(gettext_noop("All customers are at {target} or better already."), {"target": goal})
    return None


def _today(curve: AdjustedCurve, values: Floats, goal: float) -> Floats:
    """Weights (m, groups) of where customers stand: their group's level; in the target's own group the curve."""
    ends = np.asarray(curve.highest)
    last = len(ends) - 1
    group = np.minimum(np.searchsorted(ends, values), last)
    weights = np.eye(len(ends))[group]
    same = group == min(int(np.searchsorted(ends, goal)), last)
    weights[same] = _between(curve, values[same])
    return weights


def _between(curve: AdjustedCurve, values: Floats) -> Floats:
    """Weights (m, groups) that read the curve at each value: linear between centres, level beyond the ends."""
    centres = np.asarray(curve.centres)
    right = np.clip(np.searchsorted(centres, values), 1, len(centres) - 1)
    span = centres[right] - centres[right - 1]
    part = np.clip((values - centres[right - 1]) / span, 0.0, 1.0)
    weights = np.zeros((len(values), len(centres)))
    rows = np.arange(len(values))
    weights[rows, right] = part
    weights[rows, right - 1] = 1 - part
    return weights


def _to_level(
    curve: AdjustedCurve,
    values: Floats,
    known: NDArray[np.bool_],
    target: str,
    bad_is_high: bool,
    value: Floats | None,
    margin: float,
    adjusted_for: tuple[str, ...],
) -> WhatIf:
    if target not in curve.labels:
        unknown = Message(gettext_noop("Hardly any customer has {target}: nobody knows."), {"target": target})
        return _refused(curve, target, 0, 0.0, unknown)
    goal = curve.labels.index(target)
    codes = np.asarray(curve.lowest)
    group = np.full(len(values), len(codes) - 1 if np.isnan(codes[-1]) else goal)
    for at, code in enumerate(codes):
        group[values == code] = at
    share = float((group[known] == goal).mean())
    moved = known & (group != goal)
    if share < SUPPORT_SHARE_MIN or not moved.any():
        words = (
            gettext_noop("Hardly any customer has {target}: nobody knows.")
            if moved.any()
            else gettext_noop("All customers are at {target} or better already.")
        )
        return _refused(curve, target, int(moved.sum()), share, Message(words, {"target": target}))
    eye = np.eye(len(codes))
    weights = eye[goal] - eye[group[moved]]
    return _answer(curve, target, moved, share, weights, bad_is_high, value, margin, adjusted_for)


def _answer(
    curve: AdjustedCurve,
    target: float | str,
    moved: NDArray[np.bool_],
    share: float,
    weights: Floats,
    bad_is_high: bool,
    value: Floats | None,
    margin: float,
    adjusted_for: tuple[str, ...],
) -> WhatIf:
    count = int(moved.sum())
    change, error = curve.contrast(weights.mean(axis=0))
    each = _estimate(change, error, count)
    evidence = Evidence.ADJUSTED if adjusted_for else Evidence.ASSOCIATIONAL
    money = break_even_each = None
    if value is not None:
        worth = np.nan_to_num(np.asarray(value, dtype=np.float64)[moved]) * margin
        # money is kept where the outcome gets better, whichever way that is
        total, total_error = curve.contrast((weights * worth[:, None]).sum(axis=0) * (-1.0 if bad_is_high else 1.0))
        money = _estimate(total, total_error, count)
        break_even_each = _estimate(total / count, total_error / count, count)
    return WhatIf(
        column=curve.column,
        target=target,
        moved=count,
        supported_share=share,
        effect=Effect(each, evidence, adjusted_for),
        outcomes=_estimate(change * count, error * count, count),
        money=money,
        break_even_each=break_even_each,
        break_even=money,
        refused=None,
    )


def _refused(curve: AdjustedCurve, target: float | str, moved: int, share: float, words: Message) -> WhatIf:
    return WhatIf(curve.column, target, moved, share, None, None, None, None, None, words)


def _estimate(value: float, error: float, n: int) -> Estimate:
    return Estimate.from_error(value, error, n, METHOD, kind=EstimateKind.PREDICTED)
