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


@dataclass(frozen=True, slots=True)
class Groups:
    """An exposure in groups with what the controls leave of outcome and group membership, by customer.

    `x`, `residual_y` are float (n,), `residual_dummies` (n, groups - 1) without the biggest group.
    """

    x: Floats
    bins: ExposureBins
    residual_y: Floats
    residual_dummies: Floats

    def effects(self) -> Floats:
        """Adjusted effect of each group beside the biggest one, shape (groups,)."""
        _, reference = dummies(self.bins)
        effects, _ = partially_linear(self.residual_y, self.residual_dummies)
        return np.insert(effects, reference, 0.0)

    @property
    def share(self) -> Floats:
        """Share of customers in each group."""
        return np.asarray(self.bins.n) / sum(self.bins.n)


def needs_choice(bins: ExposureBins, *, category: bool) -> bool:
    """True where the unfavourable part must be chosen among several: a category, or a number of few values."""
    return len(bins.n) > 2 and (category or bins.lowest[:-1] == bins.highest[:-1])


def number_part(
    judges: Groups, choosers: Groups | None, *, threshold: float | None, bad_is_high: bool
) -> Part | None:
    """The unfavourable part of a number, None where one side would be too small.

    Beyond the threshold where there is one; else the worst third, or all but a favourable end that 40 % share.
    Which end is unfavourable is the sign of the adjusted trend (at a threshold: of the difference between its
    sides) alone, so that the size of the effect has no say. Where the exposure has only a few values (such as
    counts), the cut that parts the adjusted outcome best is chosen by `choosers`, who do not judge it.
    """
    x, bins, share = judges.x, judges.bins, judges.share
    theta, rank = judges.effects(), np.arange(len(bins.n))
    high = (float((share * (rank - share @ rank)) @ theta) > 0) == bad_is_high
    if threshold is not None and LEAST_SHARE <= float((x > threshold).mean()) <= 1 - LEAST_SHARE:
        cut = float(threshold)
        above = np.asarray(bins.centres) > cut
        if above.any() and not above.all():
            gap = np.average(theta[above], weights=share[above]) - np.average(theta[~above], weights=share[~above])
            high = (gap > 0) == bad_is_high
    elif choosers is not None:
        group, rises = best_cut(share, choosers.effects())
        cut, high = bins.highest[group], rises == bad_is_high
    else:
        cut = bins.highest[_fixed_cut(share, high, bins)]
    inside = x > cut if high else x <= cut
    if min(int(inside.sum()), int((~inside).sum())) < LEAST_CUSTOMERS:
        return None
    text = gettext_noop("above {value}") if high else gettext_noop("{value} or less")
    return Part(high, cut, (), float(np.median(x[~inside])), Message(text, {"value": _shown(cut)}))


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


def level_part(
    judges: Groups, choosers: Groups | None, labels: tuple[str, ...], *, bad_is_high: bool
) -> Part | None:
    """The unfavourable levels of a category: those worse than average among customers who do not judge them.

    Picking the worst of many levels and judging them by the same customers would make an effect. Of two levels
    only the sign is chosen, so the judges choose. Returns None where one side would be too small.
    """
    bins, share = judges.bins, judges.share
    theta = (judges if choosers is None else choosers).effects()
    above = theta > float(share @ theta)
    worse = above if bad_is_high else ~above
    known = ~np.isnan(np.asarray(bins.lowest))
    named = [b for b in range(len(bins.n)) if worse[b] and known[b]]
    rest = [b for b in range(len(bins.n)) if not worse[b] and known[b]]
    if not named or not rest:
        return None
    words = Message("{levels}", {"levels": ", ".join(labels[b] for b in named)})
    part = Part(None, None, tuple(int(bins.lowest[b]) for b in named), bins.lowest[rest[0]], words)
    inside = int(part.holds(judges.x).sum())
    return part if min(inside, len(judges.x) - inside) >= LEAST_CUSTOMERS else None


def _shown(value: float) -> float:
    return float(f"{value:.6g}")
