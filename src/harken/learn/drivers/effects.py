"""What the main lever of each driver family does to the outcome, with the other families held equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.adjust import left_out_propensity
from harken.learn.drivers.bins import ExposureBins, level_bins, number_bins
from harken.learn.drivers.contrast import Part, level_part, needs_choice, number_part
from harken.learn.drivers.curve import AdjustedCurve, partially_linear
from harken.learn.drivers.exposed import ExposedEffect, exposed_effect
from harken.learn.drivers.held_equal import (
    EFFECT_CUSTOMERS_MAX,
    LEAST_KNOWN,
    Adjusted,
    Setting,
    adjust,
    curve_of,
    setting_of,
)
from harken.learn.drivers.penalty_reward import PenaltyReward, classify
from harken.learn.drivers.picking import Picked, pick_levers
from harken.learn.drivers.robustness import robustness_value
from harken.learn.drivers.shape import LEVEL as SHAPE_LEVEL
from harken.learn.drivers.shape import Shape, find_shape
from harken.learn.drivers.windows import EarlierWindow, rows_of_windows
from harken.unify.features.catalogue import Feature, FeatureTable
from harken.vocabulary.errors import DataError
from harken.vocabulary.estimates import Effect, Estimate, Evidence, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent

Floats = NDArray[np.float64]

TAIL_SHARE = 0.20
SMALLEST_RISK = 0.01
WINSOR = (0.005, 0.995)


@dataclass(frozen=True, slots=True)
class LeverEffect:
    """What one lever does, with all other driver families held equal.

    `part` is its unfavourable part, with `affected` customers of the base (of `n` for whom the lever is known).
    `effect` holds raw and adjusted effect on a customer in that part, in units of the outcome (probability, or
    points of a score; its sign is the outcome's). `outcomes` is the effect times the affected customers that have
    a like outside the part (`effect.comparable_share` of them): leavers, or points; `money` likewise with each
    customer's value. `per_unit` is the adjusted slope per unit of a number. `curve`, `shape` and `pattern`
    (punishes or rewards; None where the lever has no middle) say how it acts.
    """

    family: str
    column: str
    label: Message
    unit: str
    part: Part
    affected: int
    n: int
    effect: ExposedEffect
    outcomes: Estimate
    money: Estimate | None
    per_unit: Effect | None
    curve: AdjustedCurve
    shape: Shape | None
    pattern: PenaltyReward | None
    binary: bool
    bad_is_high: bool


@dataclass(frozen=True, slots=True)
class LeverEffects:
    """The levers that could be judged, in the order of their families, and for the others the reason."""

    levers: tuple[LeverEffect, ...]
    not_judged: tuple[tuple[str, Message], ...]
    n: int

    def family(self, name: str) -> LeverEffect | None:
        """The main lever of one family, None where none could be judged."""
        return next((lever for lever in self.levers if lever.family == name), None)


def lever_effects(
    table: FeatureTable,
    y: NDArray[np.float64] | NDArray[np.bool_],
    *,
    seed: int,
    bad_is_high: bool = True,
    without: Sequence[str] = (),
    families: Sequence[str] | None = None,
    per_family: int = 1,
    value: NDArray[np.float64] | None = None,
    everyone: FeatureTable | None = None,
    earlier: EarlierWindow | None = None,
    progress: Progress = silent,
) -> LeverEffects:
    """Estimates what the main lever of each driver family does to an outcome with the other families held equal.

    `y` is bool (leaving) or float (a score) of shape (n,), `bad_is_high` says which way is bad (True for
    leaving). Levers are features marked as such; of each of `families` (all where None, in that order) the
    `per_family` main ones are judged, picked on a quarter of the customers and judged on the others. `value` is
    money per customer (n,), NaN counted as nothing. Everything is cross-fitted in three folds by customer on at
    most 60,000 rows (a declared sample), those of an `earlier` window among them where given, with the window
    held equal; the customers affected are counted in `everyone`, the base as it is now (the table itself where
    None). Effects are "adjusted": causal only if nothing outside the named families confounds them; the robustness
    value says how strong such a thing would have to be. Holding other families equal also takes out what a lever
    does through them.

    Raises DataError where shapes do not fit; NotEnoughData below 200 customers or 20 of either outcome.
    """
    base = table if everyone is None else everyone
    if base.names != table.names:
        raise DataError(Message(gettext_noop("The windows of the analysis do not have the same columns.")))
    rows = rows_of_windows(table, y, value, earlier, seed=seed, limit=EFFECT_CUSTOMERS_MAX)
    setting = setting_of(rows, set(without), seed, bad_is_high)
    levers: list[LeverEffect] = []
    not_judged: list[tuple[str, Message]] = []
    picked = pick_levers(
        setting.table,
        setting.y,
        setting.fold,
        setting.controls,
        families=families,
        per_family=per_family,
        seed=seed,
    )
    for position, lever in enumerate(picked):
        progress(Message(gettext_noop("Estimating what each lever does")), position / len(picked))
        judged = _judge(setting, base, lever)
        if isinstance(judged, Message):
            not_judged.append((table.features[lever.column].name, judged))
        else:
            levers.append(judged)
    return LeverEffects(tuple(levers), tuple(not_judged), len(setting.y))


def _judge(setting: Setting, base: FeatureTable, lever: Picked) -> LeverEffect | Message:
    feature = setting.table.features[lever.column]
    category = feature.type == "category"
    known = np.isfinite(setting.table.values[:, lever.column])
    x = setting.table.values[known, lever.column].astype(np.float64)
    if len(x) < LEAST_KNOWN:
        return Message(gettext_noop("Too few customers have a value here."))
    bins = level_bins(x) if category else number_bins(x)
    if len(bins.n) < 2:
        return Message(gettext_noop("Nearly all customers have the same value."))
    judges, choosers = lever.judges[known], None
    if needs_choice(bins, category=category):
        chooser_rows = lever.choosers[known]
        judges = judges & ~chooser_rows
        choosing = adjust(setting, feature, x, bins, known, chooser_rows)
        if isinstance(choosing, Message):
            return choosing
        choosers = choosing.groups
    adjusted = adjust(setting, feature, x, bins, known, judges)
    if isinstance(adjusted, Message):
        return adjusted
    groups = adjusted.groups
    curve = curve_of(setting, feature, adjusted)
    shape = None
    if not category:
        shape = _shape(setting, feature, x, bins, known, adjusted, curve.flat_p)
        place = None if shape.threshold is None else shape.threshold.place.value
        part = number_part(groups, choosers, threshold=place, bad_is_high=setting.bad_is_high)
    else:
        part = level_part(groups, choosers, curve.labels, bad_is_high=setting.bad_is_high)
    if part is None:
        return Message(gettext_noop("Too few customers are on one side of it."))
    return _effect(setting, base, lever.column, adjusted, part, curve, shape)


def _shape(
    setting: Setting,
    feature: Feature,
    x: Floats,
    bins: ExposureBins,
    known: NDArray[np.bool_],
    adjusted: Adjusted,
    flat_p: float,
) -> Shape:
    """The form of the curve: picking a lever by its link leaves the question of a bend open, so all tell."""
    seen = adjusted
    if flat_p < SHAPE_LEVEL and len(adjusted.y) < len(x):
        whole = adjust(setting, feature, x, bins, known, np.ones(len(x), dtype=np.bool_))
        seen = adjusted if isinstance(whole, Message) else whole
    groups = seen.groups
    return find_shape(groups.x, groups.residual_y, seen.residuals_of, flat_p=flat_p, seed=setting.seed)


def _effect(
    setting: Setting,
    base: FeatureTable,
    column: int,
    adjusted: Adjusted,
    part: Part,
    curve: AdjustedCurve,
    shape: Shape | None,
) -> LeverEffect | Message:
    feature = base.features[column]
    exposed = part.holds(adjusted.groups.x)
    effect = exposed_effect(
        adjusted.y,
        exposed,
        adjusted.expected_y,
        left_out_propensity(adjusted.chosen, exposed, adjusted.fold),
        adjusted_for=adjusted.chosen.families,
        binary=setting.binary,
        value=adjusted.value,
    )
    if effect is None:
        return Message(gettext_noop("Hardly anybody in its unfavourable part has a like outside it."))
    everywhere = base.values[:, column].astype(np.float64)
    affected = int(part.holds(everywhere).sum())
    comparable = affected * effect.comparable_share
    return LeverEffect(
        family=feature.family,
        column=feature.name,
        label=feature.label,
        unit=feature.unit,
        part=part,
        affected=affected,
        n=int(np.isfinite(everywhere).sum()),
        effect=effect,
        outcomes=scaled(effect.adjusted.estimate, comparable),
        money=None if effect.value_each is None else scaled(effect.value_each, comparable),
        per_unit=None if curve.category else _per_unit(adjusted),
        curve=curve,
        shape=shape,
        pattern=None if curve.category else _pattern(curve, part, setting),
        binary=setting.binary,
        bad_is_high=setting.bad_is_high,
    )


def scaled(estimate: Estimate, factor: float) -> Estimate:
    """An estimate times a positive number known without error, such as a count of customers.

    >>> scaled(Estimate(0.1, Interval(0.05, 0.15), 900, "m"), 200).interval
    Interval(lower=10.0, upper=30.0, level=0.95)
    """
    interval = Interval(estimate.interval.lower * factor, estimate.interval.upper * factor, estimate.interval.level)
    return Estimate(estimate.value * factor, interval, estimate.n, estimate.method, kind=estimate.kind)


def _per_unit(adjusted: Adjusted) -> Effect:
    """Adjusted slope per unit of a number, its wildest half per cents held in."""
    x = adjusted.groups.x
    low, high = np.quantile(x, WINSOR)
    spread = max(float(x.std()), 1e-12)
    held = np.clip(x, low, high) / spread if high > low else x / spread
    slope, covariance = partially_linear(adjusted.groups.residual_y, adjusted.residuals_of(held[:, None]))
    error = float(np.sqrt(covariance[0, 0]))
    estimate = Estimate.from_error(float(slope[0]) / spread, error / spread, len(x), "drivers.partially_linear")
    if not adjusted.chosen.families:
        return Effect(estimate, Evidence.ASSOCIATIONAL)
    robustness = robustness_value(float(slope[0]) / error if error > 0 else 0.0, len(x) - 2)
    return Effect(estimate, Evidence.ADJUSTED, adjusted.chosen.families, robustness)


def _pattern(curve: AdjustedCurve, part: Part, setting: Setting) -> PenaltyReward | None:
    """Penalty of the worst fifth and reward of the best fifth, both beside the middle; None without a middle."""
    n = np.asarray(curve.n, dtype=np.float64)
    share = n / n.sum()
    ends = [_tail(share), len(n) - 1 - _tail(share[::-1])]
    if ends[1] - ends[0] < 2 or share[ends[0] + 1 : ends[1]].sum() < TAIL_SHARE:
        return None
    low = np.where(np.arange(len(n)) <= ends[0], n, 0.0)
    high = np.where(np.arange(len(n)) >= ends[1], n, 0.0)
    middle = np.where((low == 0) & (high == 0), n, 0.0)
    bad, good = (high, low) if part.high_is_unfavourable else (low, high)
    contrasts = np.stack([tail / tail.sum() - middle / middle.sum() for tail in (bad, good)])
    sign = -1.0 if setting.bad_is_high else 1.0
    values = sign * contrasts @ np.asarray(curve.levels)
    covariance = contrasts @ np.asarray(curve.covariance) @ contrasts.T
    smallest = SMALLEST_RISK if setting.binary else 0.1 * float(setting.y.std())
    return classify(values, covariance, int(n.sum()), smallest_effect=smallest)


def _tail(share: Floats) -> int:
    """Last group of the tail from the left that holds at least a fifth of the customers."""
    return int(np.argmax(np.cumsum(share) >= TAIL_SHARE - 1e-9))
