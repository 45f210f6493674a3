"""Every customer's chance of answering, from models that never saw the customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from harken.learn.encoding import LinearEncoding, fit_linear
from harken.learn.folds import sample_mask
from harken.learn.whole_base.benchmarks import leave_out_moves
from harken.learn.whole_base.directions import Directions, directions
from harken.learn.whole_base.inputs import Base
from harken.learn.whole_base.outcome import Tick, chunks
from harken.learn.whole_base.propensity import curvature_of, fit_propensity, refit_without
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

CLIP = 0.01
"""No customer's chance of answering is taken to be below this: one answer stands for at most 100 customers."""
BENDS_UP_TO = 60
"""With at most this many features each number gets two bends and a square; with more, a square only."""
SQUARES_UP_TO = 400


@dataclass(frozen=True, slots=True)
class Answering:
    """Chances of answering and what was learned on the way.

    `chance` (n,) held at the clip, `unclipped` (n,) as modelled; `log_odds` the standard deviation of each
    family's part in the log-odds of answering; `moves` how the score (share or scale units) would change without
    the family; `fitted_on` customers; `directions` for the precision of differences.
    """

    chance: Floats
    unclipped: Floats
    log_odds: dict[str, float]
    moves: dict[str, float]
    fitted_on: int
    directions: Directions


def chances_of_answering(base: Base, fold: NDArray[np.int64], seed: int, fit_sample: int, tick: Tick) -> Answering:
    """Fit ridge logistic models on at most `fit_sample` customers and predict all, each by a model without its
    fold.

    Raises `NotEnoughData` where no feature varies.
    """
    rows, row_weights = _rows(base, seed, fit_sample)
    encoding = _encoding(base)
    matrix = np.empty((len(rows), len(encoding.columns)), dtype=np.float32, order="F")
    for part in chunks(len(rows)):
        matrix[part] = encoding.transform(base.table.values[rows[part]])
    tick(0.2)
    target = base.answered[rows]
    curvature = curvature_of(matrix, target, row_weights)
    fit = fit_propensity(matrix, target, row_weights, curvature)
    tick(0.4)
    count = int(fold.max()) + 1
    refits = refit_without(fit, matrix, target, row_weights, curvature, [fold[rows] == k for k in range(count)])
    unclipped = np.empty(len(fold))
    for part in chunks(len(fold)):
        encoded = encoding.transform(base.table.values[part])
        log_odds = np.stack([refit.log_odds(encoded) for refit in refits])
        unclipped[part] = expit(log_odds[fold[part], np.arange(part.stop - part.start)])
        tick(0.5 + 0.4 * part.stop / len(fold))
    chance = np.maximum(unclipped, CLIP)
    return Answering(
        chance=chance,
        unclipped=unclipped,
        log_odds=_family_log_odds(encoding, matrix, fit.coefficients, row_weights),
        moves=leave_out_moves(encoding, matrix, target, row_weights * base.weight[rows], base.value[rows]),
        fitted_on=len(rows),
        directions=directions(
            encoding,
            base.table.values[base.answered],
            matrix,
            chance[rows],
            row_weights,
            fit.shrinkage,
            len(fold),
        ),
    )


def _encoding(base: Base) -> LinearEncoding:
    numbers = len(base.table.features)
    encoding = fit_linear(
        base.table, squares=numbers <= SQUARES_UP_TO, kinks=2 if numbers <= BENDS_UP_TO else 0, rare_share=0.005
    )
    if not encoding.columns:
        raise NotEnoughData(
            Message(
                gettext_noop("All customers look the same: none of the {features} features varies."),
                {"features": numbers},
            ),
            Message(gettext_noop("Import what customers did: orders, contacts, usage, or a customer list.")),
        )
    return encoding


def _rows(base: Base, seed: int, fit_sample: int) -> tuple[NDArray[np.intp], Floats]:
    """The customers the propensity is fitted on and their weights: answers are scarce, so they are sampled last.

    Case-control sampling with weights (Scott and Wild 1986). Weights are scaled so that the sample counts for
    what it knows, n1 n0 / (n1 + n0) comparisons, and the shrinkage is neither too weak nor too strong.
    """
    n, answers = len(base.answered), int(base.answered.sum())
    if n <= fit_sample:
        return np.arange(n), np.ones(n)
    half = fit_sample // 2
    room = {True: max(half, fit_sample - (n - answers)), False: max(half, fit_sample - answers)}
    rows, weights, taken, sizes = [], [], [], []
    for flag in (True, False):
        group = np.flatnonzero(base.answered == flag)
        chosen = group[sample_mask(base.table.customer_id[group], seed, room[flag])]
        rows.append(chosen)
        weights.append(np.full(len(chosen), len(group) / len(chosen)))
        taken.append(len(chosen))
        sizes.append(len(group))
    worth = (taken[0] * taken[1] / sum(taken)) / (sizes[0] * sizes[1] / sum(sizes))
    together = np.concatenate(rows)
    order = np.argsort(together)
    return together[order], np.concatenate(weights)[order] * worth


def _family_log_odds(
    encoding: LinearEncoding, matrix: NDArray[np.float32], coefficients: Floats, weights: Floats
) -> dict[str, float]:
    """Standard deviation over customers of each family's part in the log-odds of answering."""
    strength = {}
    w = weights / weights.sum()
    for family, columns in encoding.families.items():
        chosen = list(columns)
        part = np.asarray(matrix[:, chosen] @ coefficients[chosen].astype(np.float32), dtype=np.float64)
        strength[family] = float(np.sqrt(max(w @ part**2 - (w @ part) ** 2, 0.0)))
    return strength
