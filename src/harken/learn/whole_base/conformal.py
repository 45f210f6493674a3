"""Which answers a single customer could plausibly give, at a promised rate of being right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PlausibleBands:
    """For every customer the bands that cannot be ruled out.

    `unfavourable`, `middle`, `favourable` bool (n,); `level` the promised share of silent customers whose own
    band is among theirs; `mean_size` how many of the three bands a silent customer's set holds on average: near 3
    means that little can be said of a single customer.
    """

    unfavourable: NDArray[np.bool_]
    middle: NDArray[np.bool_]
    favourable: NDArray[np.bool_]
    level: float
    mean_size: float


def plausible_bands(
    bands: Floats, answered: NDArray[np.bool_], band: NDArray[np.int8], chance: Floats, level: float = 0.9
) -> PlausibleBands:
    """Sets of bands that hold the own band of at least `level` of silent customers, if look-alikes answer alike.

    `bands` (n, 3) out-of-fold probabilities, `answered` bool (n,), `band` (n,) in -1, 0, 1 (read where answered),
    `chance` (n,) of answering. Split conformal prediction with weights (1 - chance) / chance (Tibshirani et al.
    2019, corollary 1): a band is ruled out where its probability is lower than that of all but 1 - `level` of the
    answers given, weighted to the silent; the customer's own weight counts as a miss.
    """
    rows = np.flatnonzero(answered)
    stated = bands[rows, band[rows] + 1]
    weights = (1 - chance) / chance
    order = np.argsort(-stated, kind="stable")
    reached = np.cumsum(weights[rows][order])
    # smallest set of answers, most expected first, that carries `level` of all weight, the customer's own included
    wanted = level * (reached[-1] + weights)
    at = np.searchsorted(reached, wanted * (1 - 1e-12))
    lowest = np.append(stated[order], 0.0)[np.minimum(at, len(rows))]
    kept = bands >= lowest[:, None]
    size = float(kept[~answered].sum(axis=1).mean()) if (~answered).any() else float("nan")
    return PlausibleBands(kept[:, 0], kept[:, 1], kept[:, 2], level, size)
