"""A running score that may be looked at every day: a band that holds at all looks together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log

import numpy as np
from numpy.typing import ArrayLike

from harken.learn.scores.answers import Floats, usable_answers
from harken.learn.scores.tallies import tally
from harken.vocabulary.errors import DataError
from harken.vocabulary.estimates import NO_ARROW_BELOW, Estimate, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import Scale

TUNED_AT = 100
"""The number of answers at which the band is as narrow as it can be."""
LOOKS_MAX = 31
ROWS_MAX = 2_000_000
"""Answers counted at most over all looks; with very many answers the course shows fewer of them."""
METHOD = "score.live"


@dataclass(frozen=True, slots=True)
class LiveBand:
    """The score so far at `moments`, ascending; the last one is now.

    `estimates` align with them: the score of all answers up to the moment and its anytime-valid interval, None
    before 30 customers have answered. `wider` is how many times wider the last interval is than that of a single
    look.
    """

    moments: tuple[int, ...]
    estimates: tuple[Estimate | None, ...]
    wider: float | None


def live_z(n: ArrayLike, level: float = 0.95, tuned_at: float = TUNED_AT) -> Floats:
    """The normal quantile for a score that is looked at after every answer, with `n` answers so far.

    A band of so many standard errors holds the truth at all looks together with probability `level`, for large `n`.

    Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024, Annals of Statistics 52, 2613-2640: asymptotic
    confidence sequence, Robbins' normal mixture, tuned to be narrow at `tuned_at`.

    >>> live_z([30, 100, 7300]).round(2).tolist()
    [3.2, 3.04, 3.52]
    """
    alpha = 1.0 - level
    spread = (-2.0 * log(alpha) + log(1.0 - 2.0 * log(alpha))) / tuned_at
    size = np.asarray(n, dtype=np.float64) * spread
    with np.errstate(divide="ignore"):
        return np.sqrt((size + 1.0) / size * (np.log(size + 1.0) - 2.0 * log(alpha)))


def live_band(
    scores: ArrayLike,
    moments: ArrayLike,
    scale: Scale,
    *,
    weights: ArrayLike | None = None,
    customer_id: ArrayLike | None = None,
    looks: int = LOOKS_MAX,
    level: float = 0.95,
) -> LiveBand:
    """The score as it stood at up to `looks` moments, each with a range that is right at all of them together.

    `scores` (n,) NaN = blank; `moments` (n,) whole numbers that tell when each was given, such as days. The usual
    interval is right once; looked at every day it excludes the truth in about half of all years. This one holds the
    truth at every look, 19 times out of 20; the score interval at `live_z` quantiles of the effective number of
    answers keeps it on the scale and gives it a width where everybody agrees. Raises `DataError` for unequal
    lengths.

    >>> from harken.vocabulary.scales import SCALES
    >>> band = live_band([10.0, 10.0, 7.0, 3.0] * 20, list(range(80)), SCALES["nps_0_10"], looks=4)
    >>> band.moments, [None if one is None else round(one.interval.lower) for one in band.estimates]
    ((19, 39, 59, 79), [None, -18, -9, -4])
    """
    moment = np.asarray(moments).astype(np.int64)
    answers = usable_answers(scores, scale, weights, customer_id)
    if moment.shape != np.asarray(scores).shape:
        raise DataError(
            Message(gettext_noop("Scores, weights and customers must be columns of one length.")),
            Message(gettext_noop("Give one weight and one customer for each answer.")),
        )
    moment = moment[answers.kept]
    known = np.unique(moment)
    if not known.size:
        return LiveBand((), (), None)
    points = max(2, min(looks, ROWS_MAX // moment.size, known.size))
    shown = known[np.unique(np.ceil(np.linspace(0, known.size, points + 1)[1:]).astype(np.int64) - 1)]
    # Every look counts all answers up to it: row `i` belongs to all looks from its own on.
    first = np.searchsorted(shown, moment)
    times = shown.size - first
    rows = np.repeat(np.arange(moment.size), times)
    group = np.arange(rows.size) - np.repeat(np.cumsum(times) - times, times) + first[rows]
    columns = {name: getattr(answers, name)[rows] for name in ("score", "weight", "customer", "kept")}
    sums = tally(replace(answers, **columns), scale, scale.headline, group, shown.size)
    worth = sums.n_effective
    lower, upper = (sums.unit * end for end in sums.bounds(live_z(worth, level)))
    estimates = tuple(
        Estimate(
            float(sums.unit * sums.value[at]),
            Interval(float(lower[at]), float(upper[at]), level),
            int(sums.customers[at]),
            METHOD,
            n_effective=float(worth[at]),
        )
        if sums.customers[at] >= NO_ARROW_BELOW
        else None
        for at in range(shown.size)
    )
    once = sums.at(level)
    width = float(once[1][-1] - once[0][-1]) * sums.unit
    wider = None if estimates[-1] is None or width <= 0 else 2.0 * estimates[-1].interval.half_width / width
    return LiveBand(tuple(shown.tolist()), estimates, wider)
