"""How sure the shares of the drivers are, and which driver truly outranks which: resampled customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from harken.learn.importance.gram import (
    Floats,
    Integers,
    cluster_sums,
    complete_rows,
    gram_of,
    resampled_correlations,
    unit_diagonal,
)
from harken.learn.importance.lmg import (
    EXACT_PLAYERS_MAX,
    Groups,
    ImportanceShares,
    checked_groups,
    lmg,
    lmg_bundle,
    relative_weights,
)
from harken.vocabulary.estimates import Estimate, Estimates, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent

BLOCKS_MAX = 2000
"""Above this many customers, random blocks of customers are resampled instead of single ones."""
BLOCKS_MIN = 200
SUMS_MAX = 40_000_000
"""Numbers kept at most for all blocks; with very many columns the blocks become fewer and larger."""
REPLICATES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class ImportanceBootstrap:
    """Driver shares with their likely ranges, for P drivers (or families).

    `shares` are parts of the explained variance R2 (0 to 1, adding up to `r2.value`); `relative` the same in per
    cent of R2, adding up to 100. `outranks[i][j]` (0 to 1) is how often driver i had the larger share than driver j
    in resampled data: near .5 means that their order is not known. `n` customers used, `blank` left out because
    something was missing. `method` and `vif_max` as in `ImportanceShares`.
    """

    shares: Estimates
    relative: Estimates
    r2: Estimate
    outranks: tuple[tuple[float, ...], ...]
    n: int
    blank: int
    replicates: int
    method: str
    vif_max: float | None


def lmg_bootstrap(
    X: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    labels: Sequence[str] | None = None,
    groups: Groups | None = None,
    cluster_id: ArrayLike | None = None,
    replicates: int = 500,
    seed: int = 0,
    level: float = 0.95,
    progress: Progress = silent,
) -> ImportanceBootstrap:
    """Which drivers matter how much for a score, how sure that is, and which order of them is known.

    `X` (n, p) drivers and `y` (n,) outcome, NaN = missing (the row is left out and counted); `weights` (n,);
    `groups` column positions per driver family; `labels` one per driver or family; `cluster_id` (n,) so that
    several rows of one customer are drawn together. Sort rows by customer first: the draw goes by row order and
    `seed`. Raises `DataError` and `NotEnoughData` as `lmg` and `complete_rows` do.

    A share is never below zero and even a driver without any influence gets a little by chance: whether a driver
    matters at all is the question of its adjusted effect, not of this interval.

    Source: percentile bootstrap of LMG shares (Gromping 2006, Journal of Statistical Software 17(1)).

    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 2))
    >>> result = lmg_bootstrap(X, 2 * X[:, 0] + X[:, 1] + rng.normal(size=300), labels=["wait", "price"])
    >>> result.outranks[0][1], [round(share) for share in result.relative.values]
    (1.0, [80, 20])
    """
    rows = complete_rows(X, y, weights)
    p = rows.columns.shape[1] - 1
    players = checked_groups(groups, p)
    names = tuple(labels) if labels is not None else tuple(str(index) for index in range(len(players)))
    correlation = unit_diagonal(gram_of(rows.columns, rows.weight))
    point = lmg(correlation, players)
    blocks = _blocks(rows.kept, cluster_id, p + 1, seed)
    drawn = _replicates(rows.columns, rows.weight, blocks, players, replicates, seed, progress)
    return _collected(point, drawn, names, rows.kept.size, rows.blank, level)


def _blocks(kept: Integers, cluster_id: ArrayLike | None, columns: int, seed: int) -> Integers:
    """What is resampled: each customer, or random blocks of customers where there are many; codes (n,)."""
    if cluster_id is None:
        codes = np.arange(kept.size)
    else:
        codes = np.unique(np.asarray(cluster_id)[kept], return_inverse=True)[1].astype(np.int64)
    clusters = int(codes.max()) + 1
    blocks = min(BLOCKS_MAX, max(BLOCKS_MIN, SUMS_MAX // (columns * columns)))
    if clusters <= blocks:
        return codes
    return (np.random.default_rng([seed, 1]).permutation(clusters) % blocks)[codes]


def _replicates(
    columns: Floats,
    weight: Floats,
    blocks: Integers,
    players: Groups,
    replicates: int,
    seed: int,
    progress: Progress,
) -> Floats:
    """Shares of every resample, (P, B)."""
    number = int(blocks.max()) + 1
    rng = np.random.default_rng([seed, 2])
    counts = rng.multinomial(number, np.full(number, 1.0 / number), size=replicates).astype(np.float64)
    sums = cluster_sums(columns, weight, blocks)
    drawn = np.empty((len(players), replicates))
    for start in range(0, replicates, REPLICATES_AT_ONCE):
        progress(Message(gettext_noop("How sure the drivers are")), start / replicates)
        part = resampled_correlations(sums, counts[start : start + REPLICATES_AT_ONCE])
        if len(players) > EXACT_PLAYERS_MAX:
            shares = np.stack([relative_weights(matrix, players) for matrix in part], axis=1)
        else:
            shares = lmg_bundle(np.moveaxis(part, 0, -1), players)
        drawn[:, start : start + REPLICATES_AT_ONCE] = shares
    return np.maximum(drawn, 0.0)


def _collected(
    point: ImportanceShares, drawn: Floats, names: tuple[str, ...], n: int, blank: int, level: float
) -> ImportanceBootstrap:
    """Intervals and ranks from the resampled shares."""
    shares = np.array(point.shares)
    total = drawn.sum(axis=0)
    share_of_total = 100.0 * shares / point.r2 if point.r2 > 0 else np.zeros_like(shares)
    relative = 100.0 * drawn / np.where(total > 0, total, 1.0)
    r2_lower, r2_upper = percentile_bounds(np.array([point.r2]), total[None, :], level)
    method = f"importance.{point.method}"

    def columns(values: Floats, resampled: Floats) -> Estimates:
        lower, upper = percentile_bounds(values, resampled, level)
        ends = (tuple(values.tolist()), tuple(lower.tolist()), tuple(upper.tolist()))
        return Estimates(names, *ends, (n,) * len(names), method, level)

    wins = (drawn[:, None, :] > drawn[None, :, :]).mean(axis=2)
    ties = (drawn[:, None, :] == drawn[None, :, :]).mean(axis=2)
    return ImportanceBootstrap(
        shares=columns(shares, drawn),
        relative=columns(share_of_total, relative),
        r2=Estimate(point.r2, Interval(float(r2_lower[0]), float(r2_upper[0]), level), n, method),
        outranks=tuple(tuple(row) for row in (wins + ties / 2.0).tolist()),
        n=n,
        blank=blank,
        replicates=drawn.shape[1],
        method=point.method,
        vif_max=point.vif_max,
    )


def percentile_bounds(values: Floats, drawn: Floats, level: float) -> tuple[Floats, Floats]:
    """Percentile intervals: `values` (P,) and their resamples `drawn` (P, B) give bounds (P,) each.

    Widened where needed so that the value itself lies inside. In simulations (100 to 5,000 rows) they covered the
    true shares in 92-97%; the bias-corrected kind only in 87% where a share is small.
    """
    tail = (1.0 - level) / 2.0
    lower, upper = np.quantile(drawn, [tail, 1.0 - tail], axis=1)
    return np.minimum(lower, values), np.maximum(upper, values)
