"""Which driver families matter, in order, with how sure the order is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.indices import FamilyIndex, family_index
from harken.learn.drivers.windows import EarlierWindow, rows_of_windows
from harken.learn.folds import folds, hash_ids
from harken.learn.importance.lmg import largest_vif, lmg_bundle
from harken.unify.features.catalogue import FeatureTable
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Estimate, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent

Floats = NDArray[np.float64]

METHOD = "drivers.family_lmg"
FOLDS = 3
RANKING_CUSTOMERS_MAX = 100_000
RANKED_FAMILIES_MAX = 15
REPLICATES = 500
BLOCKS = 2_000
BLOCK_STREAM = 11
LEAST_CUSTOMERS = 50
HALO_VIF = 5.0
OTHER = "other"


@dataclass(frozen=True, slots=True)
class FamilyShare:
    """One driver family in the ranking.

    `share` is its part of everything the families explain (0 to 1; all add up to 1); `r2` the same in shares of
    the outcome's whole variance; `r2_alone` what it explains with no other family beside it, on customers left out.
    `rank` counts from 1; `rank_lower` to `rank_upper` is the 95 % interval of the rank. `columns` are its feature
    names; `has_lever` tells whether an owner in the company can change one of them. `members` names the families
    pooled in "other".
    """

    family: str
    share: Estimate
    r2: Estimate
    r2_alone: float
    rank: int
    rank_lower: int
    rank_upper: int
    columns: tuple[str, ...]
    has_lever: bool
    members: tuple[str, ...] = ()

    @property
    def shown(self) -> bool:
        """True where the family goes with the outcome beyond chance: its interval lies above zero."""
        return self.r2.interval.lower > 0


@dataclass(frozen=True, slots=True)
class FamilyRanking:
    """Driver families, strongest first.

    `r2` is what all families explain together; `outranks[a][b]` is the probability (0 to 1) that family a ranks
    above family b if other customers had been drawn; `vif_max` tells how entangled the families are (above 5
    they share a halo, and the split between them is weak; None where one copies others).
    """

    families: tuple[FamilyShare, ...]
    outranks: tuple[tuple[float, ...], ...]
    r2: Estimate
    vif_max: float | None
    n: int
    notes: tuple[Message, ...]

    def family(self, name: str) -> FamilyShare:
        """One family by its name."""
        return next(row for row in self.families if row.family == name)


def rank_families(
    table: FeatureTable,
    y: NDArray[np.float64] | NDArray[np.bool_],
    *,
    seed: int,
    without: Sequence[str] = (),
    earlier: EarlierWindow | None = None,
    progress: Progress = silent,
) -> FamilyRanking:
    """Ranks driver families by their fair share of what the data explain of an outcome, leaving or a score.

    `y` is bool or float (n,), no gaps. Each family becomes one index, its left-out prediction of the outcome
    (three folds), so that a family is as strong as its best curve and twenty variants of one count weigh no more
    than one. The indices share the explained variance by exact LMG (Lindeman, Merenda and Gold 1980): within a
    family anything goes, between families the split is fair and exact. Intervals, rank intervals and `outranks`
    come from 500 bootstrap draws of (blocks of) customers with the indices as they are; a family whose index does
    not rise with the outcome in a draw counts zero in it, so that noise does not look like a small share.
    `without` names columns left out (leaks). Above 15 families the weakest are pooled as "other". A share is
    association: what to change is a question for the levers. The rows of an `earlier` window are read together
    with the latest ones where given.

    Raises DataError where `y` does not fit, NotEnoughData below 50 customers or where the outcome never varies.
    """
    _check(table, np.asarray(y, dtype=np.float64))
    rows = rows_of_windows(table, y, None, earlier, seed=seed, limit=RANKING_CUSTOMERS_MAX)
    sample, outcome = rows.table, rows.y
    fold = folds(sample.customer_id, seed, FOLDS)
    groups = _families(sample, set(without))
    pooled: tuple[str, ...] = ()
    if len(groups) > RANKED_FAMILIES_MAX:
        groups, pooled = _pool(sample, groups, outcome, fold, seed)
    indices: dict[str, FamilyIndex] = {}
    for position, (family, columns) in enumerate(groups.items()):
        progress(Message(gettext_noop("Ranking the drivers")), position / len(groups))
        indices[family] = family_index(sample, columns, outcome, fold, seed=seed)
    return _ranking(sample, outcome, groups, pooled, indices, seed)


def _check(table: FeatureTable, y: Floats) -> None:
    if y.shape != table.customer_id.shape or not np.isfinite(y).all():
        raise DataError(
            Message(
                gettext_noop("{customers} customers need one outcome each, without gaps."),
                {"customers": len(table.customer_id)},
            )
        )
    if len(y) < LEAST_CUSTOMERS or float(np.ptp(y)) == 0:
        raise NotEnoughData(
            Message(
                gettext_noop("Drivers need {least} customers whose outcomes differ; here are {n}."),
                {"least": LEAST_CUSTOMERS, "n": len(y)},
            )
        )


def _families(table: FeatureTable, without: set[str]) -> dict[str, tuple[int, ...]]:
    kept = {
        family: tuple(index for index in columns if table.features[index].name not in without)
        for family, columns in table.families.items()
    }
    groups = {family: columns for family, columns in kept.items() if columns}
    if not groups:
        raise NotEnoughData(Message(gettext_noop("There is no column left to look for drivers in.")))
    return groups


def _pool(
    table: FeatureTable, groups: dict[str, tuple[int, ...]], y: Floats, fold: NDArray[np.int64], seed: int
) -> tuple[dict[str, tuple[int, ...]], tuple[str, ...]]:
    """Keeps the 14 families that explain most alone (ridge only, for speed) and pools the rest."""
    alone = {
        family: family_index(table, columns, y, fold, seed=seed, with_trees=False).r2
        for family, columns in groups.items()
    }
    strongest = sorted((family for family in groups if family != OTHER), key=lambda f: (-alone[f], f))
    kept = set(strongest[: RANKED_FAMILIES_MAX - 1])
    pooled = tuple(family for family in groups if family not in kept)
    columns = tuple(sorted(index for family in pooled for index in groups[family]))
    return {family: groups[family] for family in groups if family in kept} | {OTHER: columns}, pooled


def _ranking(
    table: FeatureTable,
    y: Floats,
    groups: dict[str, tuple[int, ...]],
    pooled: tuple[str, ...],
    indices: dict[str, FamilyIndex],
    seed: int,
) -> FamilyRanking:
    names = list(groups)
    data = np.column_stack([*(indices[name].values for name in names), y - y.mean()])
    draws = _replicated_grams(data, table.customer_id, seed)
    grams = np.concatenate([(data.T @ data)[None], draws])
    shares = _shares_of_r2(_correlations(grams))
    point, replicates = shares[:, 0], shares[:, 1:]
    order = sorted(range(len(names)), key=lambda i: (-point[i], names[i]))
    ranks = 1 + (replicates[None, :, :] > replicates[:, None, :]).sum(axis=1)
    total, totals = point.sum(), replicates.sum(axis=0)
    part = point / total if total > 0 else np.zeros(len(names))
    parts = replicates / np.where(totals > 0, totals, 1.0)
    correlation = _correlations(grams[:1])[:, :, 0]
    vif = largest_vif(correlation)
    rows = []
    for rank, i in enumerate(order, start=1):
        low, high = np.quantile(ranks[i], [0.025, 0.975])
        rows.append(
            FamilyShare(
                family=names[i],
                share=_estimate(part[i], parts[i], len(y)),
                r2=_estimate(point[i], replicates[i], len(y)),
                r2_alone=max(indices[names[i]].r2, 0.0),
                rank=rank,
                rank_lower=min(int(low), rank),
                rank_upper=max(int(np.ceil(high)), rank),
                columns=tuple(table.features[index].name for index in groups[names[i]]),
                has_lever=any(table.features[index].lever for index in groups[names[i]]),
                members=pooled if names[i] == OTHER else (),
            )
        )
    above = (replicates[order][:, None, :] > replicates[order][None, :, :]).mean(axis=2)
    ties = (replicates[order][:, None, :] == replicates[order][None, :, :]).mean(axis=2)
    chance = above + 0.5 * ties
    return FamilyRanking(
        families=tuple(rows),
        outranks=tuple(tuple(float(value) for value in row) for row in chance),
        r2=_estimate(total, totals, len(y)),
        vif_max=vif,
        n=len(y),
        notes=_notes(vif, pooled, rows),
    )


def _replicated_grams(data: Floats, customer_id: NDArray[np.int64], seed: int) -> Floats:
    """Gram matrices of 500 bootstrap draws: (500, k, k). Blocks of customers by number are drawn, not single rows.

    At most 2,000 blocks, each a random handful of customers: as good as drawing customers, for less work.
    """
    k = data.shape[1]
    blocks = min(BLOCKS, len(data))
    if blocks == len(data):
        order, starts = np.arange(len(data)), np.arange(len(data))
    else:
        member = (hash_ids(customer_id, seed, BLOCK_STREAM) % np.uint64(blocks)).astype(np.int64)
        order = np.argsort(member, kind="stable")
        starts = np.flatnonzero(np.diff(member[order], prepend=-1))
    ordered = data[order]
    rows, columns = np.triu_indices(k)
    products = np.empty((len(starts), len(rows)))
    for at, (i, j) in enumerate(zip(rows, columns, strict=True)):
        products[:, at] = np.add.reduceat(ordered[:, i] * ordered[:, j], starts)
    draws = np.random.default_rng([seed, BLOCK_STREAM]).multinomial(
        len(starts), np.full(len(starts), 1 / len(starts)), size=REPLICATES
    )
    flat = draws @ products
    grams = np.empty((REPLICATES, k, k))
    grams[:, rows, columns] = flat
    grams[:, columns, rows] = flat
    return grams


def _correlations(grams: Floats) -> Floats:
    """(R, k, k) Gram matrices to (k, k, R) correlations, an index that does not rise with the outcome silenced."""
    spread = np.sqrt(np.einsum("rii->ri", grams))
    scale = np.where(spread > 1e-12, 1 / np.where(spread > 1e-12, spread, 1.0), 0.0)
    correlation = grams * scale[:, :, None] * scale[:, None, :]
    silent_index = correlation[:, :, -1] <= 0
    silent_index[:, -1] = False
    correlation[silent_index] = 0.0
    correlation.transpose(0, 2, 1)[silent_index] = 0.0
    diagonal = np.arange(grams.shape[1])
    correlation[:, diagonal, diagonal] = 1.0
    return np.ascontiguousarray(correlation.transpose(1, 2, 0))


def _shares_of_r2(correlations: Floats) -> Floats:
    players = [(column,) for column in range(correlations.shape[0] - 1)]
    shares: Floats = np.maximum(lmg_bundle(correlations, players), 0.0)
    return shares


def _estimate(value: float, replicates: Floats, n: int) -> Estimate:
    low, high = np.quantile(replicates, [0.025, 0.975])
    return Estimate(
        float(value), Interval(min(float(low), float(value)), max(float(high), float(value))), n, METHOD
    )


def _notes(vif: float | None, pooled: tuple[str, ...], rows: list[FamilyShare]) -> tuple[Message, ...]:
    notes = []
    if vif is None or vif > HALO_VIF:
        notes.append(
            Message(
                gettext_noop(
                    "The driver families move together (a halo): their sum is sure, the split between them is not."
                )
            )
        )
    if pooled:
        notes.append(
            Message(gettext_noop("{count} weak families are shown together as other."), {"count": len(pooled)})
        )
    if not any(row.shown for row in rows):
        notes.append(Message(gettext_noop("No driver family goes with the outcome beyond chance.")))
    return tuple(notes)
