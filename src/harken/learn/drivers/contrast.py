"""Which part of a lever is unfavourable, and what a favourable value is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.bins import ExposureBins
from harken.learn.drivers.curve import dummies, partially_linear
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

LEAST_SHARE = 0.05
WORST_SHARE = 1 / 3
ATOM_SHARE = 0.40
LEAST_CUSTOMERS = 30


@dataclass(frozen=True, slots=True)
class Part:
    """The unfavourable part of a lever.

    Of a number: values above `cut` (`high_is_unfavourable`) or up to it; of a category: `levels`, by code.
    `favourable_value` is what a customer in the part could have instead: the median, or commonest level, of the
    rest. `words` says it.
    """

    high_is_unfavourable: bool | None
    cut: float | None
    levels: tuple[int, ...]
    favourable_value: float
    words: Message

    def holds(self, x: Floats) -> NDArray[np.bool_]:
        """True for customers in the part; False where the value is unknown. `x` is float (n,)."""
        if self.cut is None:
            return np.isin(x, np.asarray(self.levels, dtype=np.float64))
        return x > self.cut if self.high_is_unfavourable else x <= self.cut


def number_part(
    x: Floats,
    bins: ExposureBins,
    residual_y: Floats,
    residual_dummies: Floats,
    fold: NDArray[np.int64],
    *,
    threshold: float | None,
    bad_is_high: bool,
) -> tuple[Part, NDArray[np.bool_]] | None:
    """The unfavourable part of a number and who is exposed to it; arrays by customers, shape (n,).

    Beyond the threshold where there is one; else the worst third, or all but a favourable end that 40 % share.
    Which end is unfavourable is the sign of the adjusted trend (at a threshold: of the difference between its
    sides) alone, so that the size of the effect has no say. Where the exposure has only a few values (such as
    counts): the worse side of the cut that parts the adjusted outcome best among the OTHER folds' customers,
    decided fold by fold, so that picking the best of several cuts makes no effect; the part that is named takes
    all folds. Returns None where one side would be too small.
    """
    every = np.ones(len(x), dtype=np.bool_)
    theta = _group_effects(bins, residual_y, residual_dummies, every)
    share = np.asarray(bins.n) / sum(bins.n)
    rank = np.arange(len(share))
    trend = float((share * (rank - share @ rank)) @ theta)
    high = (trend > 0) == bad_is_high
    few_values = bins.lowest[:-1] == bins.highest[:-1]
    if threshold is not None and LEAST_SHARE <= float((x > threshold).mean()) <= 1 - LEAST_SHARE:
        cut = float(threshold)
        above = np.asarray(bins.centres) > cut
        if above.any() and not above.all():
            gap = np.average(theta[above], weights=share[above]) - np.average(theta[~above], weights=share[~above])
            high = (gap > 0) == bad_is_high
        exposed = x > cut if high else x <= cut
    elif not few_values:
        cut = bins.highest[_fixed_cut(share, high, bins)]
        exposed = x > cut if high else x <= cut
    else:
        group, rises = best_cut(share, theta)
        cut, high = bins.highest[group], rises == bad_is_high
        exposed = np.zeros(len(x), dtype=np.bool_)
        for k in np.unique(fold):
            group, rises = best_cut(share, _group_effects(bins, residual_y, residual_dummies, fold != k))
            above = bins.codes[fold == k] > group
            exposed[fold == k] = above if rises == bad_is_high else ~above
    if min(int(exposed.sum()), int((~exposed).sum())) < LEAST_CUSTOMERS:
        return None
    inside = x > cut if high else x <= cut
    text = gettext_noop("above {value}") if high else gettext_noop("{value} or less")
    return Part(high, cut, (), float(np.median(x[~inside])), Message(text, {"value": _shown(cut)})), exposed


def _fixed_cut(share: Floats, high: bool, bins: ExposureBins) -> int:
    """The group after which to cut without looking at the outcome."""
    best = 0 if high else len(share) - 1
    if share[best] >= ATOM_SHARE and bins.lowest[best] == bins.highest[best]:
        return 0 if high else len(share) - 2
    worst = share[::-1] if high else share
    groups = int(np.argmax(np.cumsum(worst) >= WORST_SHARE - 1e-9)) + 1
    groups = min(groups, len(share) - 1)
    return len(share) - 1 - groups if high else groups - 1


def best_cut(share: Floats, theta: Floats) -> tuple[int, bool]:
    """The group after which the outcome parts best (largest variance between sides), and whether it rises there.

    >>> best_cut(np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.0, 0.0, 1.0, 1.0]))
    (1, True)
    """
    below = np.cumsum(share)[:-1]
    sums = np.cumsum(share * theta)
    gap = (sums[-1] - sums[:-1]) / (1 - below) - sums[:-1] / below
    enough = (below >= LEAST_SHARE) & (1 - below >= LEAST_SHARE)
    at = int(np.argmax(np.where(enough, below * (1 - below) * gap**2, -np.inf)))
    return at, bool(gap[at] > 0)


def level_parts(
    bins: ExposureBins,
    residual_y: Floats,
    residual_dummies: Floats,
    fold: NDArray[np.int64],
    labels: tuple[str, ...],
    *,
    bad_is_high: bool,
) -> tuple[Part, NDArray[np.bool_]] | None:
    """The unfavourable levels of a category, and who is exposed to them, decided fold by fold.

    A level is unfavourable where its adjusted outcome is worse than average among the OTHER folds' customers, so
    that picking the worst of many levels does not make an effect. The part that is named takes all folds.
    Returns None where one side would be too small.
    """
    exposed = np.zeros(len(fold), dtype=np.bool_)
    for k in np.unique(fold):
        worse = _worse_levels(bins, residual_y, residual_dummies, fold != k, bad_is_high)
        exposed[fold == k] = worse[bins.codes[fold == k]]
    if min(int(exposed.sum()), int((~exposed).sum())) < LEAST_CUSTOMERS:
        return None
    worse = _worse_levels(bins, residual_y, residual_dummies, np.ones(len(fold), dtype=np.bool_), bad_is_high)
    named = [b for b in range(len(bins.n)) if worse[b] and not np.isnan(bins.lowest[b])]
    rest = [b for b in range(len(bins.n)) if not worse[b] and not np.isnan(bins.lowest[b])]
    if not named or not rest:
        return None
    words = Message("{levels}", {"levels": ", ".join(labels[b] for b in named)})
    part = Part(None, None, tuple(int(bins.lowest[b]) for b in named), bins.lowest[rest[0]], words)
    return part, exposed


def _worse_levels(
    bins: ExposureBins, residual_y: Floats, residual_dummies: Floats, rows: NDArray[np.bool_], bad_is_high: bool
) -> NDArray[np.bool_]:
    theta = _group_effects(bins, residual_y, residual_dummies, rows)
    share = np.asarray(bins.n) / sum(bins.n)
    above = theta > float(share @ theta)
    return np.asarray(above if bad_is_high else ~above)


def _group_effects(
    bins: ExposureBins, residual_y: Floats, residual_dummies: Floats, rows: NDArray[np.bool_]
) -> Floats:
    """Adjusted effect of each group beside the biggest one, among `rows`."""
    _, reference = dummies(bins)
    effects, _ = partially_linear(residual_y[rows], residual_dummies[rows])
    return np.insert(effects, reference, 0.0)


def _shown(value: float) -> float:
    return float(f"{value:.6g}")
