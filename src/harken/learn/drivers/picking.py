"""Which lever speaks for a driver family, picked on customers that are not used to judge it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.adjust import SELECTED_COLUMNS, Controls, absolute_correlations
from harken.learn.drivers.ridge import FoldedRidge
from harken.learn.folds import hash_ids
from harken.unify.features.catalogue import Feature, FeatureTable

Floats = NDArray[np.float64]

PICKING_ONE_IN = 4
PICKING_STREAM = 17
VARIANT_LIKENESS = 0.6
ROWS_TO_COMPARE = 20_000
DERIVED_COUNTS = 0.75


@dataclass(frozen=True, slots=True)
class Picked:
    """The column of one lever, the customers (bool (n,)) who judge it, and those who choose its bad part."""

    column: int
    judges: NDArray[np.bool_]
    choosers: NDArray[np.bool_]


def pick_levers(
    table: FeatureTable,
    y: Floats,
    fold: NDArray[np.int64],
    controls: Controls,
    *,
    families: Sequence[str] | None,
    per_family: int,
    seed: int,
) -> list[Picked]:
    """The main levers of each family, picked and judged by different customers.

    Twenty variants of one count would give a strong one by luck. So one customer in four, drawn by number, picks
    and the others judge. Variants that move together (absolute correlation of 0.6 and more) form a group, which
    is measured by its most central variant; of the best groups the best variant is taken. What counts is the link
    with the outcome times the part of the lever that other families do not already explain; shares and trends,
    which are harder to act on than the measure itself, count three quarters. Where a family has no more levers
    than are wanted, nothing is picked and all judge.
    """
    pickers = hash_ids(table.customer_id, seed, PICKING_STREAM) % np.uint64(PICKING_ONE_IN) == 0
    everybody = np.ones(len(y), dtype=np.bool_)
    wanted = sorted(set(controls.families)) if families is None else list(families)
    links = absolute_correlations(controls.linear, controls.spread, y[pickers], pickers)
    varies = set(controls.linear_features[~controls.missing_mark].tolist())
    picked = []
    for family in wanted:
        levers = [
            at
            for at, feature in enumerate(table.features)
            if feature.lever and feature.family == family and controls.usable[at] and at in varies
        ]
        if len(levers) <= per_family:
            picked += [Picked(column, everybody, pickers) for column in levers]
            continue
        own = np.flatnonzero(np.isin(controls.linear_features, levers) & ~controls.missing_mark)
        strength = dict.fromkeys(levers, 0.0)
        for at, share in zip(own, own_shares(own, family, fold, controls), strict=True):
            lever = int(controls.linear_features[at])
            plain = DERIVED_COUNTS if _derived(table.features[lever]) else 1.0
            strength[lever] = max(strength[lever], float(links[at]) * float(share) * plain)
        groups = variant_groups(levers, controls)
        best = sorted(groups, key=lambda group: (-strength[group[0]], table.features[group[0]].name))[:per_family]
        for group in best:
            column = min(group, key=lambda lever: (-strength[lever], table.features[lever].name))
            picked.append(Picked(column, ~pickers, pickers))
    return picked


def _derived(feature: Feature) -> bool:
    return feature.unit == "share" or "_trend_" in feature.name


def own_shares(columns: NDArray[np.intp], family: str, fold: NDArray[np.int64], controls: Controls) -> Floats:
    """The part of each linear column's variance (0 to 1) that the other families do not explain."""
    outside = controls.usable & np.array([name != family for name in controls.families])
    relevance = np.where(outside[controls.linear_features], controls.outcome_link, -1.0)
    held = [int(at) for at in np.argsort(-relevance, kind="stable")[:SELECTED_COLUMNS] if relevance[at] >= 0]
    if not held:
        return np.ones(len(columns))
    step = max(len(fold) // ROWS_TO_COMPARE, 1)
    targets = controls.linear[::step][:, columns].astype(np.float64)
    ridge = FoldedRidge(controls.linear[::step][:, np.asarray(held, dtype=np.intp)], fold[::step])
    left = (targets - ridge.left_out(targets)).var(axis=0)
    shares: Floats = np.clip(left / np.maximum(targets.var(axis=0), 1e-12), 0.0, 1.0)
    return shares


def variant_groups(levers: list[int], controls: Controls) -> list[list[int]]:
    """Levers in groups of variants of the same thing, in each the most central one first."""
    first: dict[int, int] = {}
    for at in np.flatnonzero(~controls.missing_mark):
        first.setdefault(int(controls.linear_features[at]), int(at))
    step = max(len(controls.linear) // ROWS_TO_COMPARE, 1)
    columns = np.array([first[lever] for lever in levers], dtype=np.intp)
    values = controls.linear[::step][:, columns].astype(np.float64)
    centred = (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-9)
    likeness = np.abs(centred.T @ centred) / len(centred)
    left, groups = list(range(len(levers))), []
    while left:
        among = likeness[np.ix_(left, left)]
        central = left[int(np.argmax((among >= VARIANT_LIKENESS).sum(axis=1) + among.mean(axis=1)))]
        alike = [at for at in left if at != central and likeness[central, at] >= VARIANT_LIKENESS]
        groups.append([levers[central], *(levers[at] for at in alike)])
        left = [at for at in left if at != central and at not in alike]
    return groups
