"""Answers just above and just below the threshold from which they count as favourable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from harken.learn.scores.answers import Floats, Integers
from harken.vocabulary.scales import Scale

STEPS_ON_FINE_SCALES = 20
BINS_BELOW, BINS_ABOVE = 5, 4
BINS_NEEDED = 5
ANSWERS_NEEDED = 100
NEWTON_STEPS_MAX = 50
WHOLE_STEPS_MAX = 20


@dataclass(frozen=True, slots=True)
class Excess:
    """How many times as often as expected, on the log scale, with its standard error; `n` answers in the bins."""

    log_ratio: float
    error: float
    p: float
    n: int


def _bins(score: Floats, scale: Scale) -> tuple[Integers, int, int]:
    """Each answer's bin counted from the threshold (0 = first favourable), and the scale's first and last bin."""
    sign = 1.0 if scale.high_is_good else -1.0
    span = scale.maximum - scale.minimum
    whole = bool(np.all(score == np.rint(score))) and span <= WHOLE_STEPS_MAX
    step = 1.0 if whole else span / STEPS_ON_FINE_SCALES
    best = scale.maximum if scale.high_is_good else scale.minimum
    worst = scale.minimum if scale.high_is_good else scale.maximum
    place = np.floor(sign * (score - scale.favourable_from) / step + 1e-9).astype(np.int64)
    reach_up = sign * (best - scale.favourable_from) / step
    last = int(np.floor(reach_up + 1e-9)) if whole else int(np.ceil(reach_up - 1e-9)) - 1
    first = -int(np.floor(sign * (scale.favourable_from - worst) / step + 1e-9))
    return np.minimum(place, last), first, last


def neighbours(score: Floats, scale: Scale) -> NDArray[np.int8]:
    """1 for answers in the first step above the threshold, 0 in the last one below it, -1 elsewhere; (n,).

    >>> from harken.vocabulary.scales import SCALES
    >>> neighbours(np.array([7.0, 8.0, 9.0, 10.0, np.nan]), SCALES["nps_0_10"]).tolist()
    [-1, 0, 1, -1, -1]
    """
    found = np.full(score.shape, -1, dtype=np.int8)
    known = np.isfinite(score)
    if known.any():
        place = _bins(score[known], scale)[0]
        found[known] = np.where(place == 0, 1, np.where(place == -1, 0, -1))
    return found


def smooth_excess(score: Floats, scale: Scale) -> Excess | None:
    """Answers moved across the threshold: those just above too many, those just below too few, for a smooth run.

    A Poisson fit of the counts around the threshold, quadratic on the log scale, with one more term that moves
    answers from the last step below into the first above; its error grows where the counts are rougher than chance
    makes them. `score` (n,) without blanks, one of each customer. None with too few answers or steps.
    """
    if score.size < ANSWERS_NEEDED:
        return None
    place, first, last = _bins(score, scale)
    bins = np.arange(max(first, -BINS_BELOW), min(last, BINS_ABOVE - 1) + 1)
    if bins.size < BINS_NEEDED or bins[-1] < 0 or bins[0] > -2:
        return None
    count = (place[:, None] == bins).sum(axis=0).astype(np.float64)
    if count.sum() < ANSWERS_NEEDED or (count > 0).sum() < BINS_NEEDED:
        return None
    centred = bins - bins.mean()
    moved = np.where(bins == 0, 1.0, np.where(bins == -1, -1.0, 0.0))
    design = np.column_stack([np.ones(bins.size), centred, centred**2, moved])
    effect = np.r_[np.log(count.mean()), np.zeros(3)]
    for _ in range(NEWTON_STEPS_MAX):
        mean = np.exp(np.clip(design @ effect, -30, 30))
        information = design.T @ (mean[:, None] * design) + 1e-9 * np.eye(4)
        step = np.linalg.solve(information, design.T @ (count - mean))
        effect += np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-9:
            break
    freedom = max(bins.size - 4, 1)
    rough = max(1.0, float(((count - mean) ** 2 / np.maximum(mean, 1e-9)).sum()) / freedom)
    error = float(np.sqrt(rough * np.linalg.inv(information)[3, 3]))
    gap = float(effect[3])
    return Excess(gap, error, float(2 * ndtr(-abs(gap) / error)), int(count.sum()))
