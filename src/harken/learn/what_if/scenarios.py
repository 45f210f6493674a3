"""What-if answers on a grid of targets, so that a page can answer without looking at customers again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.curve import AdjustedCurve
from harken.learn.drivers.effects import LeverEffect, LeverEffects
from harken.learn.drivers.levers import METHOD, support, what_if
from harken.unify.features.catalogue import FeatureTable
from harken.unify.features.families import FEWER_FAMILIES
from harken.vocabulary.estimates import Effect, Estimate, EstimateKind
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

TARGETS_MAX = 60
LEAST_MOVED = 30
BURDEN_UNITS = frozenset({"minutes", "hours", "days", "count"})
HISTOGRAM_BARS = 30
HISTOGRAM_REACH = 0.99


@dataclass(frozen=True, slots=True)
class Change:
    """What a change brings at each target: `value` and its standard `error`, tuples of numbers."""

    value: tuple[float, ...]
    error: tuple[float, ...]

    def at(self, index: int, n: int) -> Estimate:
        """The change at one target, with its likely range (pointwise: for this target alone)."""
        return Estimate.from_error(self.value[index], self.error[index], n, METHOD, kind=EstimateKind.PREDICTED)


@dataclass(frozen=True, slots=True)
class Today:
    """How a number is spread now among the customers for whom it is known.

    `counts` are customers in bars of equal width from `lowest` to `reach` (99 of 100 lie below it); `beyond` lie
    above. `median` is the middle customer, `highest` the last.
    """

    lowest: float
    median: float
    reach: float
    highest: float
    counts: tuple[int, ...]
    beyond: int
    known: int


@dataclass(frozen=True, slots=True)
class LeverScenario:
    """What would come of moving one lever, at each target on a grid over what customers have today.

    `targets` ascend (levels of a category: commonest first) and cover the range that can be answered; tuples have
    one entry per target: `moved` customers would be changed, `at_or_better` (0 to 1) are there already,
    `leaving` is the change of the outcome summed over the moved customers (negative = fewer leave), `money` what
    that keeps with each customer's value times the margin, `score` the change of the mean score of the moved
    customers in points (None where it is not known). `effect` is the lever's adjusted effect, whose evidence and
    robustness hold for every answer. `step` parts the targets. All intervals are pointwise. `today` is None for a
    category.
    """

    family: str
    column: str
    label: Message
    unit: str
    category: bool
    lower_is_better: bool | None
    targets: tuple[float | str, ...]
    step: float
    moved: tuple[int, ...]
    at_or_better: tuple[float, ...]
    leaving: Change
    money: Change | None
    score: Change | None
    effect: Effect
    today: Today | None
    curve: AdjustedCurve
    score_n: int | None = None


@dataclass(frozen=True, slots=True)
class Scenarios:
    """The levers that can be asked what if, and for the others the reason.

    `horizon_days` is what leaving refers to (None where undated), `customers` the base, `margin` the part of each
    value that counts, `score_reason` why no effect on the score is told (None where one is).
    """

    levers: tuple[LeverScenario, ...]
    not_judged: tuple[tuple[str, Message], ...]
    customers: int
    horizon_days: int | None
    margin: float
    score_reason: Message | None = None

    def lever(self, name: str) -> LeverScenario | None:
        """The lever whose column, or family, is called so."""
        named = [lever for lever in self.levers if name in (lever.column, lever.family)]
        return named[0] if named else None


def scenarios(
    effects: LeverEffects,
    everyone: FeatureTable,
    *,
    value: Floats | None = None,
    margin: float = 1.0,
    horizon_days: int | None = None,
    on_score: Mapping[str, AdjustedCurve] | None = None,
    score_reason: Message | None = None,
) -> Scenarios:
    """Answers every judged lever's what-if question on a grid of targets.

    `everyone` holds the features of today, `value` money per customer (n,), NaN = nothing, `margin` the part of it
    that counts. `on_score` are the same columns' curves of a score. The targets are round numbers over the
    range that can be answered: from where 5 % of customers are at the target or better, to where fewer than 30
    would move.
    """
    asked: list[LeverScenario] = []
    refused = list(effects.not_judged)
    points = on_score or {}
    for lever in effects.levers:
        x = everyone.column(lever.column).astype(np.float64)
        worth = None if value is None else np.nan_to_num(np.asarray(value, dtype=np.float64)) * margin
        score = points.get(lever.column)
        made = _levels(lever, x, worth, score) if lever.curve.category else _numbers(lever, x, worth, score)
        if made is None:
            refused.append((lever.column, Message(gettext_noop("No target can be reached from where others are."))))
        else:
            asked.append(made)
    return Scenarios(
        levers=tuple(asked),
        not_judged=tuple(refused),
        customers=len(everyone.customer_id),
        horizon_days=horizon_days,
        margin=margin,
        score_reason=score_reason if on_score is None else None,
    )


def targets_over(low: float, high: float, *, whole: bool) -> tuple[tuple[float, ...], float]:
    """At most 60 round targets from `low` to `high` and the step between them.

    >>> targets_over(5.2, 12.9, whole=True)
    ((6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0), 1.0)
    >>> targets_over(0.0, 0.55, whole=False)[1]
    0.01
    """
    if not high > low:
        return (low,), 1.0
    raw = (high - low) / TARGETS_MAX
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(float(f"{size * power:.12g}") for size in (1, 2, 5, 10) if raw <= size * power * (1 + 1e-9))
    step = max(step, 1.0) if whole else step
    first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
    found = tuple(float(f"{index * step:.12g}") for index in range(first, last + 1))
    return (found, step) if found else ((low,), step)


class _Sums:
    """Counts, values and worth of customers by ranges of one number, from sums laid up once."""

    def __init__(self, x: Floats, worth: Floats | None) -> None:
        known = np.isfinite(x)
        order = np.argsort(x[known], kind="stable")
        self.x = x[known][order]
        weights = [np.ones(len(self.x))] + ([] if worth is None else [worth[known][order]])
        self.plain = [np.concatenate([[0.0], np.cumsum(weight)]) for weight in weights]
        self.along = [np.concatenate([[0.0], np.cumsum(weight * self.x)]) for weight in weights]

    def between(self, first: int, last: int) -> tuple[Floats, Floats]:
        """Sums of weights and of weight times value over the customers from rank `first` up to `last`."""
        plain = np.array([sums[last] - sums[first] for sums in self.plain])
        along = np.array([sums[last] - sums[first] for sums in self.along])
        return plain, along


def _numbers(
    lever: LeverEffect, x: Floats, worth: Floats | None, score: AdjustedCurve | None
) -> LeverScenario | None:
    lower_is_better = _fewer_is_wanted(lever)
    if not np.isfinite(x).any():
        return None
    low, high = support(lever.curve, x, lower_is_better=lower_is_better)
    # beyond the last centre the curve is level: nothing could be told apart there
    ends = lever.curve.centres[0], lever.curve.centres[-1]
    low, high = (low, min(high, ends[1])) if lower_is_better else (max(low, ends[0]), high)
    sums = _Sums(x, worth)
    whole = bool((sums.x == np.round(sums.x)).all())
    found, step = targets_over(low, high, whole=whole)
    targets, ranks = [], []
    for target in found:
        better = int(np.searchsorted(sums.x, target, side="right" if lower_is_better else "left"))
        moved = (better, len(sums.x)) if lower_is_better else (0, better)
        told = target < ends[1] if lower_is_better else target > ends[0]
        if told and moved[1] - moved[0] >= LEAST_MOVED:
            targets.append(target)
            ranks.append(moved)
    if not targets:
        return None
    weights = [_weights(lever.curve, sums, target, moved) for target, moved in zip(targets, ranks, strict=True)]
    counts = [last - first for first, last in ranks]
    return _scenario(
        lever, tuple(targets), step, counts, len(sums.x), weights, score,
        None if score is None else [
            _weights(score, sums, target, moved) for target, moved in zip(targets, ranks, strict=True)],
        _today(sums.x),
    )  # fmt: skip


def _fewer_is_wanted(lever: LeverEffect) -> bool:
    """Which way an owner would move the lever: waits, counts and burdens down, else out of its bad part.

    Chance alone can make a burden look good; nobody would aim for more of it.
    """
    if lever.unit in BURDEN_UNITS or lever.family in FEWER_FAMILIES:
        return True
    return bool(lever.part.high_is_unfavourable)


def _weights(curve: AdjustedCurve, sums: _Sums, target: float, moved: tuple[int, int]) -> Floats:
    """Summed weights of the curve's groups, (1 or 2, groups): the curve at the target less where the moved stand.

    The moved customers are those from rank `moved[0]` up to `moved[1]`. As in `what_if`, they leave the level of
    their group, and in the target's own group the curve, linear between centres.
    """
    ends, centres = np.asarray(curve.highest), np.asarray(curve.centres)
    last, goal = len(ends) - 1, min(int(np.searchsorted(ends, target)), len(ends) - 1)
    edges = np.searchsorted(sums.x, ends[:-1], side="right")
    stood = np.zeros((len(sums.plain), len(ends)))
    for group in range(last + 1):
        first = max(int(edges[group - 1]) if group else 0, moved[0])
        stop = min(int(edges[group]) if group < last else len(sums.x), moved[1])
        if stop <= first:
            continue
        if group != goal:
            stood[:, group] += sums.between(first, stop)[0]
            continue
        cuts = np.clip(np.searchsorted(sums.x, centres, side="right"), first, stop)
        marks = [first, *(int(cut) for cut in cuts), stop]
        for piece, (start, end) in enumerate(pairwise(marks)):
            if end > start:
                stood += _piece(centres, piece, *sums.between(start, end))
    reached = _piece(centres, int(np.searchsorted(centres, target)), np.ones(1), np.full(1, target))
    total = sums.between(*moved)[0]
    weights: Floats = total[:, None] * reached - stood
    return weights


def _piece(centres: Floats, piece: int, plain: Floats, along: Floats) -> Floats:
    """Weights of the groups for values between centre `piece` - 1 and `piece`: linear inside, level beyond."""
    weights = np.zeros((len(plain), len(centres)))
    if piece == 0 or piece == len(centres):
        weights[:, min(piece, len(centres) - 1)] = plain
        return weights
    left, right = centres[piece - 1], centres[piece]
    part = (along - left * plain) / (right - left)
    weights[:, piece], weights[:, piece - 1] = part, plain - part
    return weights


def _levels(
    lever: LeverEffect, x: Floats, worth: Floats | None, score: AdjustedCurve | None
) -> LeverScenario | None:
    known = np.isfinite(x)
    codes = np.asarray(lever.curve.lowest)
    group = np.full(len(x), len(codes) - 1)
    for at, code in enumerate(codes):
        group[x == code] = at
    weights, targets, counts = [], [], []
    score_weights: list[Floats] | None = [] if score is not None and _same_groups(lever, score) else None
    for at, label in enumerate(lever.curve.labels):
        if np.isnan(codes[at]) or what_if(lever.curve, x, label).refused is not None:
            continue
        moved = known & (group != at)
        own = np.bincount(group[moved], minlength=len(codes)).astype(np.float64)
        rows = [own] if worth is None else [own, np.bincount(group[moved], worth[moved], minlength=len(codes))]
        eye = np.eye(len(codes))[at]
        weights.append(np.stack([row.sum() * eye - row for row in rows]))
        targets.append(label)
        counts.append(int(moved.sum()))
        if score_weights is not None and score is not None:
            score_weights.append(_matched(lever.curve, score, weights[-1]))
    if not targets:
        return None
    return _scenario(
        lever, tuple(targets), 1.0, counts, int(known.sum()), weights, score, score_weights, None
    )  # fmt: skip


def _same_groups(lever: LeverEffect, score: AdjustedCurve) -> bool:
    return set(lever.curve.labels) == set(score.labels)


def _matched(curve: AdjustedCurve, other: AdjustedCurve, weights: Floats) -> Floats:
    """Weights of one curve's levels in the order of another curve with the same levels."""
    place = [curve.labels.index(label) for label in other.labels]
    return weights[:, place]


def _scenario(
    lever: LeverEffect,
    targets: tuple[float | str, ...],
    step: float,
    moved: list[int],
    known: int,
    weights: list[Floats],
    score: AdjustedCurve | None,
    score_weights: list[Floats] | None,
    today: Today | None,
) -> LeverScenario:
    leaving = _change(lever.curve, [row[0] for row in weights])
    kept = -1.0 if lever.bad_is_high else 1.0
    money = _change(lever.curve, [kept * row[1] for row in weights]) if weights[0].shape[0] > 1 else None
    on_score = None
    if score is not None and score_weights is not None:
        on_score = _change(score, [row[0] / max(count, 1) for row, count in zip(score_weights, moved, strict=True)])
    return LeverScenario(
        family=lever.family,
        column=lever.column,
        label=lever.label,
        unit=lever.unit,
        category=lever.curve.category,
        lower_is_better=None if lever.curve.category else _fewer_is_wanted(lever),
        targets=targets,
        step=step,
        moved=tuple(moved),
        at_or_better=tuple(1 - count / known for count in moved),
        leaving=leaving,
        money=money,
        score=on_score,
        effect=lever.effect.adjusted,
        today=today,
        curve=lever.curve,
        score_n=None if on_score is None or score is None else sum(score.n),
    )


def _change(curve: AdjustedCurve, weights: list[Floats]) -> Change:
    pairs = [curve.contrast(row) for row in weights]
    return Change(tuple(value for value, _ in pairs), tuple(error for _, error in pairs))


def _today(x: Floats) -> Today:
    """The spread of a sorted number in bars of equal width."""
    reach = float(x[min(int(HISTOGRAM_REACH * len(x)), len(x) - 1)])
    inside = x[x <= reach]
    values = np.unique(inside)
    bars = min(HISTOGRAM_BARS, max(len(values), 1))
    counts, _ = np.histogram(inside, bins=bars, range=(float(x[0]), max(reach, float(x[0]) + 1e-9)))
    return Today(
        lowest=float(x[0]),
        median=float(np.median(x)),
        reach=reach,
        highest=float(x[-1]),
        counts=tuple(int(count) for count in counts),
        beyond=len(x) - len(inside),
        known=len(x),
    )
