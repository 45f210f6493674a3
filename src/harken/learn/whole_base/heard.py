"""Who is over-heard and who is under-heard: groups that answer more or less often than others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from harken.learn.scores.intervals import false_discovery_adjusted
from harken.unify.features.catalogue import Feature, FeatureTable
from harken.vocabulary.messages import Message, gettext_noop

SMALLEST_SHARE = 0.02
"""Groups smaller than this share of the base are not named: there would be too many of them."""
GROUPS_NAMED = 10
DISCOVERY_RATE = 0.05
FIFTHS = 5


@dataclass(frozen=True, slots=True)
class HeardGroup:
    """A group of customers that answers more or less often than the base as a whole.

    `feature` and `family` say by what the group is told apart, `label` which it is; `share_of_customers` and
    `share_of_answers` run from 0 to 1; `heard` is their ratio: 0.4 means four answers where ten would be fair.
    """

    feature: str
    family: str
    label: Message
    share_of_customers: float
    share_of_answers: float
    heard: float


def heard_groups(table: FeatureTable, answered: NDArray[np.bool_]) -> tuple[HeardGroup, ...]:
    """The most over-heard and under-heard groups by any single feature, at most one per family and direction.

    Numbers are cut into fifths. Ranked by how many answers are too many or too few, out of those that chance does
    not explain (two-sided binomial z-test, Benjamini and Hochberg 1995 at 5%). At most 10 each way.
    """
    rate = float(answered.mean())
    if not 0 < rate < 1:
        return ()
    groups: list[HeardGroup] = []
    z: list[float] = []
    values = np.asfortranarray(table.values)
    n, total = len(answered), int(answered.sum())
    for index, feature in enumerate(table.features):
        codes, labels = _groups(feature, values[:, index])
        customers = np.bincount(codes, minlength=len(labels))
        answers = np.bincount(codes[answered], minlength=len(labels))
        for at, label in enumerate(labels):
            if not SMALLEST_SHARE * n <= customers[at] < n:
                continue
            expected = rate * customers[at]
            spread = np.sqrt(expected * (1 - rate) * (1 - customers[at] / n))
            z.append(float((answers[at] - expected) / spread))
            shares = float(customers[at] / n), float(answers[at] / total)
            groups.append(HeardGroup(feature.name, feature.family, label, *shares, shares[1] / shares[0]))
    if not groups:
        return ()
    adjusted = false_discovery_adjusted(2 * ndtr(-np.abs(np.array(z))))
    real = [group for group, p in zip(groups, adjusted, strict=True) if p <= DISCOVERY_RATE]
    real.sort(key=lambda group: (-abs(group.share_of_answers - group.share_of_customers), group.feature))
    return (*_one_per_family(real, over=True), *_one_per_family(real, over=False))


def _one_per_family(groups: list[HeardGroup], over: bool) -> list[HeardGroup]:
    chosen: dict[str, HeardGroup] = {}
    for group in groups:
        if (group.heard > 1) is over:
            chosen.setdefault(group.family, group)
    return list(chosen.values())[:GROUPS_NAMED]


def _groups(feature: Feature, column: NDArray[np.float32]) -> tuple[NDArray[np.int64], list[Message]]:
    """A code for every customer and a name for every code."""
    known = np.isfinite(column)
    unknown = Message(gettext_noop("{feature}: not known"), {"feature": feature.label})
    if feature.type == "category":
        levels, codes = np.unique(column[known], return_inverse=True)
        labels = [_level(feature, int(level)) for level in levels]
    else:
        edges = (
            np.unique(np.quantile(column[known], np.arange(1, FIFTHS) / FIFTHS)) if known.any() else np.array([])
        )
        # a value equal to an edge belongs below it, so that "0 orders" is a group of its own
        cut = np.searchsorted(edges, column[known], side="left")
        present, codes = np.unique(cut, return_inverse=True)
        labels = [_range(feature, column[known][codes == at]) for at in range(len(present))]
    out = np.full(len(column), len(labels), dtype=np.int64)
    out[known] = codes
    return out, [*labels, unknown]


def _level(feature: Feature, code: int) -> Message:
    name = feature.levels[code] if 0 <= code < len(feature.levels) else str(code)
    return Message(gettext_noop("{feature}: {level}"), {"feature": feature.label, "level": name})


def _range(feature: Feature, values: NDArray[np.float32]) -> Message:
    lower, upper = float(values.min()), float(values.max())
    if lower == upper:
        return Message(gettext_noop("{feature}: {value}"), {"feature": feature.label, "value": lower})
    return Message(
        gettext_noop("{feature}: {lower} to {upper}"), {"feature": feature.label, "lower": lower, "upper": upper}
    )
