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
ROWS = 50_000
"""Groups are looked for among at most this many customers."""


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
    values = np.asfortranarray(table.values)
    n, total = len(answered), int(answered.sum())
    found: list[tuple[int, int, float, float]] = []
    z: list[float] = []
    for index, feature in enumerate(table.features):
        codes, groups = _codes(feature, values[:, index])
        customers = np.bincount(codes, minlength=groups)
        answers = np.bincount(codes[answered], minlength=groups)
        for code in np.flatnonzero((customers >= SMALLEST_SHARE * n) & (customers < n)).tolist():
            expected = rate * customers[code]
            spread = np.sqrt(expected * (1 - rate) * (1 - customers[code] / n))
            z.append(float((answers[code] - expected) / spread))
            found.append((index, code, float(customers[code] / n), float(answers[code] / total)))
    if not found:
        return ()
    adjusted = false_discovery_adjusted(2 * ndtr(-np.abs(np.array(z))))
    real = [group for group, p in zip(found, adjusted, strict=True) if p <= DISCOVERY_RATE]
    real.sort(key=lambda group: (-abs(group[3] - group[2]), group[0], group[1]))
    chosen: dict[tuple[bool, str], HeardGroup] = {}
    for index, code, of_customers, of_answers in real:
        feature = table.features[index]
        place = (of_answers < of_customers, feature.family)
        if place not in chosen:
            label = _label(feature, values[:, index], code)
            shares = (of_customers, of_answers, of_answers / of_customers)
            chosen[place] = HeardGroup(feature.name, feature.family, label, *shares)
    over = [group for (under, _), group in chosen.items() if not under]
    under = [group for (under, _), group in chosen.items() if under]
    return (*over[:GROUPS_NAMED], *under[:GROUPS_NAMED])


def _codes(feature: Feature, column: NDArray[np.float32]) -> tuple[NDArray[np.int64], int]:
    """A code for every customer, the last one for "not known", and the number of codes."""
    known = np.isfinite(column)
    if feature.type == "category":
        highest = int(column[known].max(initial=0))
        return np.where(known, column, highest + 1).astype(np.int64), highest + 2
    edges = np.unique(np.quantile(column[known], np.arange(1, FIFTHS) / FIFTHS)) if known.any() else np.zeros(0)
    # a value equal to an edge belongs below it, so that "0 orders" is a group of its own
    cut = np.searchsorted(edges.astype(np.float32), column, side="left")
    return np.where(known, cut, len(edges) + 1), len(edges) + 2


def _label(feature: Feature, column: NDArray[np.float32], code: int) -> Message:
    codes, groups = _codes(feature, column)
    if code == groups - 1:
        return Message(gettext_noop("{feature}: not known"), {"feature": feature.label})
    return _level(feature, code) if feature.type == "category" else _range(feature, column[codes == code])


def _level(feature: Feature, code: int) -> Message:
    name = feature.levels[code] if 0 <= code < len(feature.levels) else str(code)
    return Message(gettext_noop("{feature}: {level}"), {"feature": feature.label, "level": name})


def _range(feature: Feature, values: NDArray[np.float32]) -> Message:
    lower: float | str = float(values.min())
    upper: float | str = float(values.max())
    if feature.unit == "share":
        lower, upper = f"{lower:.0%}", f"{upper:.0%}"
    if lower == upper:
        return Message(gettext_noop("{feature}: {value}"), {"feature": feature.label, "value": lower})
    return Message(
        gettext_noop("{feature}: {lower} to {upper}"), {"feature": feature.label, "lower": lower, "upper": upper}
    )
