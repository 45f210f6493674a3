"""Exact shares of explained variance: how much each driver contributes, averaged over all orders of entry.

LMG (Lindeman, Merenda and Gold 1980; Gromping 2006) is the Shapley value of R2. Instead of one regression per
subset, variables are eliminated one by one by Schur complements on a bundle of matrices that doubles at each step
(variable left out, variable held constant): all 2^p residual variances in O(2^p) work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import comb

import numpy as np
from numpy.typing import NDArray

from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]
Groups = Sequence[Sequence[int]]

EXACT_PLAYERS_MAX = 24
"""Above this many drivers (or families) 2^p subsets are too many; relative weights stand in."""
PIVOT_TOLERANCE = 1e-9
"""A column whose remaining variance (of 1) is below this is a copy of others and explains nothing more."""
BUNDLE_VALUES = 1 << 16
"""Subsets worked on at once: the bundle stays within the processor's cache."""


@dataclass(frozen=True, slots=True)
class ImportanceShares:
    """How much of the variation of an outcome goes with each driver.

    `shares` (one per driver or family, each zero or above) add up to `r2` (0 to 1); `method` is "lmg.exact",
    "relative_weights" (too many drivers), "mcfadden.exact" or "ordinal.exact", or for many drivers
    "mcfadden.wls_gram" or "ordinal.wls_gram". `vif_max` is the largest variance inflation factor of the columns
    (1 = unrelated drivers; above 10 the split between related drivers is weak), None where one column is a copy of
    others. A share is association, not cause: a driver of the score, not yet a lever.
    """

    shares: tuple[float, ...]
    r2: float
    method: str
    vif_max: float | None


def lmg(correlation: Floats, groups: Groups | None = None) -> ImportanceShares:
    """How much of an outcome's variance each driver explains, fairly split between related drivers.

    `correlation` is the (p + 1, p + 1) correlation or centred Gram matrix of the drivers and, LAST, the outcome
    (weighted where the answers are). `groups` lists the column positions of each family of drivers that enters as
    one; each column belongs to one group. A duplicated driver gets an equal half. Above 24 players the relative
    weights of Johnson 2000 (= Genizi 1993) stand in, and `method` says so.

    Raises `DataError` for a matrix that is no covariance matrix (such as one of pairwise deleted columns) and
    `NotEnoughData` where the outcome does not vary.

    Source: Lindeman, Merenda and Gold 1980; Gromping 2006, Journal of Statistical Software 17(1).

    >>> matrix = np.array([[1.0, 0.5, 0.6], [0.5, 1.0, 0.6], [0.6, 0.6, 1.0]])
    >>> result = lmg(matrix)
    >>> [round(share, 4) for share in result.shares], round(result.r2, 4)
    ([0.24, 0.24], 0.48)
    """
    matrix = checked_correlation(correlation)
    players = checked_groups(groups, matrix.shape[0] - 1)
    if len(players) > EXACT_PLAYERS_MAX:
        shares = relative_weights(matrix, players)
        method = "relative_weights"
    else:
        shares = lmg_bundle(matrix[:, :, None], players)[:, 0]
        method = "lmg.exact"
    return ImportanceShares(
        shares=tuple(float(share) for share in np.maximum(shares, 0.0)),
        r2=float(shares.sum()),
        method=method,
        vif_max=largest_vif(matrix),
    )


def lmg_bundle(matrices: Floats, groups: Groups) -> Floats:
    """Exact LMG shares of R correlation matrices at once: (p + 1, p + 1, R) in, (players, R) out.

    The outcome is the last row and column. No checks: `lmg` does them.
    """
    p = matrices.shape[0] - 1
    # Large families go first, while there are few matrices to carry them through.
    order = sorted(range(len(groups)), key=lambda player: (-len(groups[player]), player))
    columns = [column for player in order for column in groups[player]] + [p]
    rows = [np.ascontiguousarray(matrices[columns[i], columns[i:], :]) for i in range(p + 1)]
    sums = _member_sums(rows, tuple(len(groups[player]) for player in order), len(groups), 0)
    shares = np.empty((len(groups), matrices.shape[2]))
    shares[order] = sums[-1] - sums[:-2]
    return shares


def _member_sums(rows: list[Floats], sizes: tuple[int, ...], players: int, inside: int) -> Floats:
    """Weighted sums of residual variances f(S) over the subsets S of the players in `sizes`, per replicate.

    `rows` is the upper triangle (row i holds columns i and later, shape (q - i, R)) with `inside` players held
    constant already. Returns (len(sizes) + 2, R): for each player the sum of a(S) f(S) over subsets with it, then
    the sums of a f and of b f over all subsets (see `_weights`). Works depth first until what remains fits
    `BUNDLE_VALUES`, then breadth first.
    """
    if rows[0].shape[1] << len(sizes) <= BUNDLE_VALUES or len(sizes) <= 1:
        return _breadth_first(rows, sizes, players, inside)
    without = _member_sums(rows[sizes[0] :], sizes[1:], players, inside)
    within = _member_sums(_held_constant(rows, sizes[0]), sizes[1:], players, inside + 1)
    return np.concatenate([within[-2:-1], without + within])


def _breadth_first(rows: list[Floats], sizes: tuple[int, ...], players: int, inside: int) -> Floats:
    """`_member_sums` by doubling one bundle for every player."""
    replicates = rows[0].shape[1]
    for size in sizes:
        rows = _branch(rows, size)
    residual = rows[0].reshape(-1, replicates)
    a, b = _weights(players)
    held = inside + _set_sizes(len(sizes))
    weighted = a[held][:, None] * residual
    sums = np.empty((len(sizes) + 2, replicates))
    sums[-1] = b[held] @ residual
    # The last player is the highest bit: its subsets are the upper half; folding the halves removes it.
    for player in range(len(sizes) - 1, -1, -1):
        half = weighted.shape[0] // 2
        sums[player] = weighted[half:].sum(axis=0)
        weighted = weighted[:half] + weighted[half:]
    sums[-2] = weighted[0]
    return sums


def _branch(rows: list[Floats], size: int) -> list[Floats]:
    """The first `size` variables left out (first half of the last axis) and held constant (second half)."""
    if size > 1:
        held = _held_constant(rows, size)
        return [np.concatenate(pair, axis=1) for pair in zip(rows[size:], held, strict=True)]
    row, scaled = _pivot(rows)
    n = row.shape[1]
    bundle = []
    for i in range(1, len(rows)):
        both = np.empty((rows[i].shape[0], 2 * n))
        both[:, :n] = rows[i]
        inside = both[:, n:]
        np.multiply(row[i - 1 :], scaled[i - 1], out=inside)
        np.subtract(rows[i], inside, out=inside)
        bundle.append(both)
    return bundle


def _held_constant(rows: list[Floats], size: int) -> list[Floats]:
    """The first `size` variables held constant, one Schur complement after the other."""
    for _ in range(size):
        row, scaled = _pivot(rows)
        rows = [rows[i] - scaled[i - 1] * row[i - 1 :] for i in range(1, len(rows))]
    return rows


def _pivot(rows: list[Floats]) -> tuple[Floats, Floats]:
    """The first variable's covariances with the later ones, plain and divided by its variance (0 for a copy)."""
    pivot, row = rows[0][0], rows[0][1:]
    safe = pivot > PIVOT_TOLERANCE
    return row, row * np.where(safe, 1.0 / np.where(safe, pivot, 1.0), 0.0)


@cache
def _weights(players: int) -> tuple[Floats, Floats]:
    """Weights by subset size s = 0 ... players, with w(s) = s! (players - s - 1)! / players! (Shapley 1953).

    A player's share is the sum of b(s) f(S) over all S minus the sum of a(s) f(S) over the S with it, where
    b(s) = w(s), a(s) = w(s) + w(s - 1) and w(players) = 0.
    """
    w = np.array([1.0 / (players * comb(players - 1, s)) for s in range(players)] + [0.0])
    return w + np.concatenate([[0.0], w[:-1]]), w


@cache
def _set_sizes(players: int) -> NDArray[np.intp]:
    """Number of players in each of the 2^players subsets, in the order of their bits."""
    sizes = np.zeros(1, dtype=np.intp)
    for _ in range(players):
        sizes = np.concatenate([sizes, sizes + 1])
    return sizes


def relative_weights(correlation: Floats, groups: Groups) -> Floats:
    """Johnson's relative weights, a cheap stand-in for LMG: (p + 1, p + 1) correlations in, (players,) out.

    Families get the sum of their columns' weights. They too are zero or above and add up to R2.

    Source: Johnson 2000, Multivariate Behavioral Research 35, 1-19; the same as Genizi 1993.
    """
    values, vectors = np.linalg.eigh(correlation[:-1, :-1])
    values = np.where(values > PIVOT_TOLERANCE, values, 0.0)
    root = (vectors * np.sqrt(values)) @ vectors.T
    inverse = (vectors * np.where(values > 0, 1.0 / np.sqrt(np.where(values > 0, values, 1.0)), 0.0)) @ vectors.T
    weights = root**2 @ (inverse @ correlation[:-1, -1]) ** 2
    return np.array([float(weights[list(group)].sum()) for group in groups])


def checked_correlation(matrix: Floats) -> Floats:
    """The matrix scaled to unit diagonal, refused unless some data could have it; constant drivers correlate 0."""
    given = np.asarray(matrix, dtype=np.float64)
    if given.ndim != 2 or given.shape[0] != given.shape[1] or given.shape[0] < 2:
        raise DataError(
            Message(gettext_noop("Importance needs a square matrix of at least one driver and the outcome."))
        )
    if not np.all(np.isfinite(given)):
        raise DataError(
            Message(gettext_noop("The correlations of the drivers have gaps.")),
            Message(gettext_noop("Leave out customers with missing values first.")),
        )
    spread = np.diagonal(given)
    if spread[-1] <= 0:
        raise NotEnoughData(Message(gettext_noop("All outcomes are equal, so nothing can explain them.")))
    varies = spread > 0
    scale = np.where(varies, 1.0 / np.sqrt(np.where(varies, spread, 1.0)), 0.0)
    correlation: Floats = (given + given.T) / 2.0 * np.outer(scale, scale)
    np.fill_diagonal(correlation, 1.0)
    if np.linalg.eigvalsh(correlation)[0] < -1e-6:
        raise DataError(
            Message(
                gettext_noop("No customers can have these correlations: they were computed on different ones.")
            ),
            Message(gettext_noop("Use only customers for whom all drivers are known.")),
        )
    return correlation


def checked_groups(groups: Groups | None, p: int) -> tuple[tuple[int, ...], ...]:
    """The players as tuples of column positions: each of the p columns exactly once; None = every column alone."""
    if groups is None:
        return tuple((column,) for column in range(p))
    players = tuple(tuple(int(column) for column in group) for group in groups)
    if sorted(column for player in players for column in player) != list(range(p)) or not all(players):
        raise ValueError(f"groups name each of the {p} driver columns exactly once, got {players}")
    return players


def largest_vif(correlation: Floats) -> float | None:
    """The largest variance inflation factor of the drivers, None where one is a copy of others.

    >>> largest_vif(np.array([[1.0, 0.8, 0.0], [0.8, 1.0, 0.0], [0.0, 0.0, 1.0]]))
    2.7778
    """
    drivers = correlation[:-1, :-1]
    if np.linalg.eigvalsh(drivers)[0] < PIVOT_TOLERANCE:
        return None
    return round(float(np.diagonal(np.linalg.inv(drivers)).max()), 4)


def subset_members(players: int) -> NDArray[np.bool_]:
    """Which players are in each subset (its number is the sum of 2^player), shape (2^players, players)."""
    return (np.arange(1 << players)[:, None] >> np.arange(players) & 1).astype(bool)


def shapley_of_subsets(values: Floats) -> Floats:
    """Shapley shares of a value given for every subset, in the order of `subset_members`, (2^players,) in.

    >>> shapley_of_subsets(np.array([0.0, 1.0, 2.0, 5.0])).tolist()
    [2.0, 3.0]
    """
    players = int(values.size).bit_length() - 1
    a, b = _weights(players)
    sizes = _set_sizes(players)
    member = subset_members(players)
    return np.asarray(member.T @ (a[sizes] * values) - b[sizes] @ values)
