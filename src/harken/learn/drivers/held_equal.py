"""One exposure of many customers with everything else held equal: what the other families say is taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.adjust import Chosen, Controls, choose_controls, encode_controls, left_out_outcome
from harken.learn.drivers.bins import ExposureBins, bins_of, level_bins, number_bins
from harken.learn.drivers.contrast import Groups
from harken.learn.drivers.curve import AdjustedCurve, adjusted_curve, dummies
from harken.learn.drivers.ridge import FoldedRidge
from harken.learn.drivers.windows import Rows, rows_of_windows
from harken.learn.folds import folds
from harken.unify.features.catalogue import Feature, FeatureTable
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

FOLDS = 3
EFFECT_CUSTOMERS_MAX = 60_000
LEAST_CUSTOMERS = 200
LEAST_KNOWN = 100
LEAST_ADJUSTED = 40
LEAST_OF_EACH_OUTCOME = 20
OWN_SHARE_MIN = 0.02


@dataclass(frozen=True, slots=True)
class Setting:
    """What all levers of one call share; arrays by the rows of the sampled table."""

    table: FeatureTable
    y: Floats
    value: Floats | None
    fold: NDArray[np.int64]
    controls: Controls
    binary: bool
    bad_is_high: bool
    seed: int


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One lever with the controls' part taken out, for some customers; arrays by those customers."""

    y: Floats
    value: Floats | None
    fold: NDArray[np.int64]
    chosen: Chosen
    ridge: FoldedRidge
    expected_y: Floats
    groups: Groups

    def residuals_of(self, basis: Floats) -> Floats:
        """Functions of the lever (n, g) without what the controls say of them."""
        residuals: Floats = basis - self.ridge.left_out(basis)
        return residuals


def setting_of(rows: Rows, without: set[str], seed: int, bad_is_high: bool) -> Setting:
    """Outcome, folds and encoded controls of all levers; raises NotEnoughData as `lever_effects` does."""
    y, n = rows.y, len(rows.y)
    binary = bool(np.isin(y, (0.0, 1.0)).all())
    few = min(int(y.sum()), int((1 - y).sum())) < LEAST_OF_EACH_OUTCOME if binary else False
    if n < LEAST_CUSTOMERS or few or float(np.ptp(y)) == 0:
        raise NotEnoughData(
            Message(
                gettext_noop("Levers need {least} customers with {each} of either outcome; here are {n}."),
                {"least": LEAST_CUSTOMERS, "each": LEAST_OF_EACH_OUTCOME, "n": n},
            )
        )
    return Setting(
        table=rows.table,
        y=y,
        value=rows.value,
        fold=folds(rows.table.customer_id, seed, FOLDS),
        controls=encode_controls(rows.table, y, without, rows.earlier),
        binary=binary,
        bad_is_high=bad_is_high,
        seed=seed,
    )


def adjust(
    setting: Setting,
    feature: Feature,
    x: Floats,
    bins: ExposureBins,
    known: NDArray[np.bool_],
    rows: NDArray[np.bool_],
) -> Adjusted | Message:
    """The controls' part taken out for `rows` (of those for whom the lever is `known`)."""
    among = known.copy()
    among[known] = rows
    y, fold, x = setting.y[among], setting.fold[among], x[rows]
    if len(y) < LEAST_ADJUSTED or float(np.ptp(y)) == 0 or len(np.unique(fold)) < FOLDS:
        return Message(gettext_noop("Too few customers have a value here."))
    bins = bins_of(bins, rows)
    exposure = bins.codes.astype(np.float64) if feature.type == "category" else x
    chosen = choose_controls(setting.controls, feature.family, exposure, among)
    if chosen.twin is not None:
        twin = setting.table.features[chosen.twin].label
        text = gettext_noop("It moves in step with {twin}: what is due to which cannot be told.")
        return Message(text, {"twin": twin})
    ridge = FoldedRidge(chosen.linear, fold)
    members = dummies(bins)[0]
    residual_members = members - ridge.left_out(members)
    if float(residual_members.var(axis=0).sum()) < OWN_SHARE_MIN * float(members.var(axis=0).sum()):
        return Message(gettext_noop("The other families all but determine it: its own part cannot be told."))
    expected = left_out_outcome(chosen, ridge, y, seed=setting.seed)
    return Adjusted(
        y=y,
        value=None if setting.value is None else setting.value[among],
        fold=fold,
        chosen=chosen,
        ridge=ridge,
        expected_y=expected,
        groups=Groups(x, bins, y - expected, residual_members),
    )


def curve_of(setting: Setting, feature: Feature, adjusted: Adjusted) -> AdjustedCurve:
    """How the outcome runs along the lever among the customers it was adjusted for."""
    groups = adjusted.groups
    return adjusted_curve(
        groups.bins,
        adjusted.y,
        groups.residual_y,
        groups.residual_dummies,
        column=feature.name,
        labels=_labels(feature, groups.bins),
        bounds=(0.0, 1.0) if setting.binary else None,
    )


def adjusted_curves(
    table: FeatureTable,
    y: NDArray[np.float64] | NDArray[np.bool_],
    columns: Sequence[str],
    *,
    seed: int,
) -> dict[str, AdjustedCurve]:
    """How an outcome runs along each of the named columns with the other families held equal, by column.

    The columns were picked for another outcome, so every customer of the (declared) sample tells. Columns of which
    too little is known are left out. Raises as `lever_effects` does.
    """
    rows = rows_of_windows(table, y, None, None, seed=seed, limit=EFFECT_CUSTOMERS_MAX)
    setting = setting_of(rows, set(), seed, bad_is_high=True)
    found: dict[str, AdjustedCurve] = {}
    for name in columns:
        if name not in table.names:
            continue
        feature = table.features[table.names.index(name)]
        values = setting.table.column(name)
        known = np.isfinite(values)
        x = values[known].astype(np.float64)
        if len(x) < LEAST_KNOWN:
            continue
        bins = level_bins(x) if feature.type == "category" else number_bins(x)
        everybody = np.ones(len(x), dtype=np.bool_)
        adjusted = adjust(setting, feature, x, bins, known, everybody) if len(bins.n) > 1 else None
        if isinstance(adjusted, Adjusted):
            found[name] = curve_of(setting, feature, adjusted)
    return found


def _labels(feature: Feature, bins: ExposureBins) -> tuple[str, ...]:
    if feature.type == "number":
        return ("",) * len(bins.n)
    names = feature.levels
    return tuple(
        "…" if np.isnan(code) else names[int(code)] if int(code) < len(names) else str(int(code))
        for code in bins.lowest
    )
