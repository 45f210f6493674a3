"""Scores of very many segments and periods at once, from counts of answers as a database groups them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from harken.learn.scores.answers import Floats, Integers, bands
from harken.learn.scores.tallies import Tally
from harken.vocabulary.errors import DataError
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import Headline, Scale

CELLS_AT_ONCE = 4096
"""Cells computed together: more would not fit the processor's cache."""


@dataclass(frozen=True, slots=True)
class CellScores:
    """The headline of G cells in its unit (points, per cent, units of the scale); arrays of shape (G,).

    `value` is NaN for a cell without answers, whose interval is the whole scale; `n` counts answers.
    """

    value: Floats
    lower: Floats
    upper: Floats
    n: Integers
    method: str
    level: float


def cell_tally(counts: ArrayLike, answers: ArrayLike, scale: Scale) -> Tally:
    """Sums of G cells from `counts` (G, K) of each of the K different `answers` (K,) on the scale.

    Every answer counts as another customer's; where customers answer repeatedly within a cell use `tally` on the
    answers. Raises `DataError` for counts that do not fit the answers, or answers off the scale.
    """
    histogram = np.asarray(counts, dtype=np.float64)
    worth = np.asarray(answers, dtype=np.float64)
    off = not np.all((worth >= scale.minimum) & (worth <= scale.maximum))
    if histogram.ndim != 2 or worth.shape != histogram.shape[1:] or off or not np.all(histogram >= 0):
        raise DataError(
            Message(gettext_noop("Counts need one column, zero or more, for each answer of the scale.")),
            Message(gettext_noop("Give one row for each segment and period.")),
        )
    levels = worth
    if scale.headline is not Headline.MEAN:
        # Answers of one band count alike: three columns for a net score, two for a share.
        band = bands(worth, scale)
        signs = (-1, 0, 1) if scale.headline is Headline.NET else (0, 1)
        place = band if scale.headline is Headline.NET else (band == 1).astype(np.int8)
        histogram = np.stack([histogram[:, place == sign].sum(axis=1) for sign in signs], axis=1)
        levels = np.array(signs, dtype=np.float64)
    n = histogram.sum(axis=1)
    first, second = histogram @ levels, histogram @ levels**2
    return Tally(
        headline=scale.headline,
        ends=(scale.minimum, scale.maximum) if scale.headline is Headline.MEAN else (levels[0], levels[-1]),
        levels=levels,
        histogram=histogram,
        n=np.rint(n).astype(np.int64),
        customers=np.rint(n).astype(np.int64),
        weight=n,
        first=first,
        second=second,
        squares=n,
        aa=second,
        ab=first,
        bb=n,
    )


def cell_scores(counts: ArrayLike, answers: ArrayLike, scale: Scale, *, level: float = 0.95) -> CellScores:
    """Scores with their likely ranges of G cells, from counts alone: the numbers that the answers themselves give.

    `counts` (G, K) holds how often each of the K `answers` (K,) was given in each cell. For a net score it is
    enough to count one answer of each band.

    >>> from harken.vocabulary.scales import SCALES
    >>> found = cell_scores([[30, 25, 45], [0, 0, 0]], [6, 8, 10], SCALES["nps_0_10"])
    >>> found.value.round(1).tolist(), found.lower.round(2).tolist(), found.upper.round(2).tolist()
    ([15.0, nan], [-1.98, -100.0], [31.05, 100.0])
    """
    sums = cell_tally(counts, answers, scale)
    lower, upper = np.empty(sums.n.size), np.empty(sums.n.size)
    for start in range(0, sums.n.size, CELLS_AT_ONCE):
        some = slice(start, start + CELLS_AT_ONCE)
        lower[some], upper[some] = sums.take(some).at(level)
    return CellScores(sums.unit * sums.value, sums.unit * lower, sums.unit * upper, sums.n, sums.method, level)
