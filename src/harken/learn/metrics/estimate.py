"""Which metric tells best what customers do later, judged on the same customers; a tie is said plainly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from harken.learn.metrics.combining import combined
from harken.learn.metrics.ranking import Ranked, chance_p, difference, level_estimate, ranked
from harken.learn.scores.intervals import false_discovery_adjusted
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]
SIDE_LEAST = 10
AMOUNTS_LEAST = 30
ALPHA = 0.05
TOO_GOOD = 0.95
"""An answer that ranks so well most likely knew the outcome already."""


class MetricKind(StrEnum):
    """Whether a metric was asked of customers, seen in what they do, or put together of those asked."""

    ASKED = "asked"
    SEEN = "seen"
    TOGETHER = "together"


class Verdict(StrEnum):
    """What the comparison of the metrics asked came to."""

    BEST = "best"
    """One ranks better than each of the others."""
    SOME = "some"
    """Some pair differs, none is better than all others."""
    TIE = "tie"
    """No pair differs beyond chance, though some metric tells more than chance."""
    NOTHING = "nothing"
    """No pair differs, and no metric tells more than chance."""
    ALONE = "alone"
    """Only one metric was asked, or no two of enough of the same customers."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of every customer: `values` (n,), NaN where it is not known, as it was given.

    `high_is_good` is the direction its scale declares; `name` is what people call it.
    """

    name: Message | str
    values: Floats
    high_is_good: bool = True
    kind: MetricKind = MetricKind.ASKED


@dataclass(frozen=True, slots=True)
class MetricScore:
    """How well one metric ranks the customers who have it, 0.5 = chance; `value` is None where they are too few.

    `beyond_chance` is after all metrics were looked at together. `knows_outcome` marks one too good to have been
    known before: it is left out of the verdict.
    """

    name: Message | str
    kind: MetricKind
    n: int
    value: Estimate | None
    p_adjusted: float | None
    beyond_chance: bool
    knows_outcome: bool


@dataclass(frozen=True, slots=True)
class MetricPair:
    """Two metrics on the customers who have both: places in the list of metrics, first minus second.

    `difference` is None, with `reason`, where they were not compared. `first_value` and `second_value` are of these
    customers. `detectable` is the difference that would have been seen in 8 of 10 cases.
    """

    first: int
    second: int
    n: int
    first_value: float | None
    second_value: float | None
    difference: Estimate | None
    p_adjusted: float | None
    differs: bool
    detectable: float | None
    reason: Message | None


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """Which metric tells the outcome best: every metric alone, every pair on the same customers, the verdict.

    `best` is the place of the best metric where the verdict names one. `n` is the least customers of a pair
    asked, `detectable` the largest detectable difference among these pairs.
    """

    metrics: tuple[MetricScore, ...]
    pairs: tuple[MetricPair, ...]
    verdict: Verdict
    best: int | None
    n: int
    detectable: float | None


def compare_metrics(
    outcome: Floats, metrics: Sequence[Metric], customer_id: NDArray[np.int64] | None = None, *, seed: int = 0
) -> MetricComparison:
    """Compare metrics as predictors of `outcome` (n,): yes = 1 and no = 0, or an amount; NaN where not known.

    Each pair is compared on the customers who have both metrics (paired DeLong, for amounts paired rank agreement)
    and called different after Benjamini and Hochberg over all pairs. Where two or more were asked of enough of the
    same customers, all asked together stand beside them, fitted out of fold by `customer_id` (n,).
    Raises DataError for columns of unequal length, NotEnoughData below 10 customers of either side (30 amounts).

    >>> rng = np.random.default_rng(3)
    >>> liking = rng.normal(size=600)
    >>> stayed = (liking + rng.normal(size=600) > -1).astype(float)
    >>> metrics = [Metric("NPS", liking + rng.normal(size=600)), Metric("dice", rng.normal(size=600))]
    >>> found = compare_metrics(stayed, metrics)
    >>> found.verdict.value, found.metrics[found.best].name
    ('best', 'NPS')
    """
    outcome = np.asarray(outcome, dtype=np.float64)
    if any(metric.values.shape != outcome.shape for metric in metrics):
        raise DataError(
            Message(gettext_noop("Every metric needs one value for each customer of the outcome.")),
            Message(gettext_noop("Give columns of equal length; write NaN where a metric is not known.")),
        )
    ids = np.arange(len(outcome), dtype=np.int64) if customer_id is None else customer_id
    listed = list(metrics)
    known = np.isfinite(outcome)
    columns = [np.where(metric.high_is_good, 1.0, -1.0) * metric.values for metric in listed]
    asked = [place for place, metric in enumerate(listed) if metric.kind is MetricKind.ASKED]
    if not any(_enough(outcome[known & np.isfinite(column)]) for column in columns):
        raise NotEnoughData(
            Message(gettext_noop("Too few customers have both a metric and a known outcome.")),
            Message(gettext_noop("At least 10 on either side are needed, or 30 amounts.")),
        )
    asked = [place for place in asked if not _too_good(outcome, columns[place])]
    everything = known & np.all([np.isfinite(columns[place]) for place in asked], axis=0)
    if len(asked) > 1 and _enough(outcome[everything]):
        scores = np.column_stack([columns[place][everything] for place in asked])
        together = np.full(len(outcome), np.nan)
        together[everything] = combined(ids[everything], outcome[everything], scores, seed)
        listed.append(Metric(Message(gettext_noop("All asked, together")), together, True, MetricKind.TOGETHER))
        columns.append(together)
    singles = _alone(outcome, listed, columns)
    pairs = _pairs(outcome, columns, [one.knows_outcome for one in singles])
    return _judged(singles, pairs)


def _enough(outcome: Floats) -> bool:
    levels, counts = np.unique(outcome, return_counts=True)
    if len(levels) < 2:
        return False
    return int(counts.min()) >= SIDE_LEAST if len(levels) == 2 else len(outcome) >= AMOUNTS_LEAST


def _too_good(outcome: Floats, column: Floats) -> bool:
    rows = np.isfinite(outcome) & np.isfinite(column)
    return _enough(outcome[rows]) and ranked(outcome[rows], column[rows]).value >= TOO_GOOD


def _alone(outcome: Floats, metrics: Sequence[Metric], columns: Sequence[Floats]) -> tuple[MetricScore, ...]:
    found: list[tuple[int, Ranked | None]] = []
    for column in columns:
        rows = np.isfinite(outcome) & np.isfinite(column)
        found.append((int(rows.sum()), ranked(outcome[rows], column[rows]) if _enough(outcome[rows]) else None))
    judged = [place for place, (_, one) in enumerate(found) if one is not None]
    chances = [chance_p(one) for _, one in found if one is not None]
    adjusted = dict(zip(judged, false_discovery_adjusted(chances).tolist(), strict=True))
    return tuple(
        MetricScore(
            metric.name,
            metric.kind,
            n,
            None if one is None else level_estimate(one, n),
            adjusted.get(place),
            one is not None and adjusted[place] <= ALPHA and one.value > 0.5,
            metric.kind is MetricKind.ASKED and one is not None and one.value >= TOO_GOOD,
        )
        for place, (metric, (n, one)) in enumerate(zip(metrics, found, strict=True))
    )


def _pairs(outcome: Floats, columns: Sequence[Floats], knows: Sequence[bool]) -> tuple[MetricPair, ...]:
    """Every pair on its own customers; those with too few, or with a metric that knows the outcome, say why."""
    compared: list[tuple[int, int, int, Ranked | None, Ranked | None, Message | None]] = []
    for first, second in combinations(range(len(columns)), 2):
        rows = np.isfinite(outcome) & np.isfinite(columns[first]) & np.isfinite(columns[second])
        n, reason = int(rows.sum()), None
        if knows[first] or knows[second]:
            reason = Message(gettext_noop("One of the two most likely knew the outcome already."))
        elif not _enough(outcome[rows]):
            reason = Message(
                gettext_noop(
                    "Too few of the same customers have both ({n}); those of different customers are not compared."
                ),
                {"n": n},
            )
        if reason is not None:
            compared.append((first, second, n, None, None, reason))
            continue
        both = [ranked(outcome[rows], columns[place][rows]) for place in (first, second)]
        compared.append((first, second, n, both[0], both[1], None))
    looks = sum(one[3] is not None for one in compared)
    tests = [None if a is None or b is None else difference(a, b, n, looks) for _, _, n, a, b, _ in compared]
    adjusted = iter(false_discovery_adjusted([test.p for test in tests if test is not None]).tolist())
    found = []
    for (first, second, n, a, b, reason), test in zip(compared, tests, strict=True):
        if a is None or b is None or test is None:
            found.append(MetricPair(first, second, n, None, None, None, None, False, None, reason))
            continue
        p = next(adjusted)
        found.append(
            MetricPair(first, second, n, a.value, b.value, test.estimate, p, p <= ALPHA, test.detectable, None)
        )
    return tuple(found)


def _judged(singles: tuple[MetricScore, ...], pairs: tuple[MetricPair, ...]) -> MetricComparison:
    asked = [
        place
        for place, one in enumerate(singles)
        if one.kind is MetricKind.ASKED and one.value is not None and not one.knows_outcome
    ]
    between = [
        pair for pair in pairs if pair.first in asked and pair.second in asked and pair.difference is not None
    ]
    best = next((place for place in asked if _beats_all(place, asked, between)), None)
    if not between:
        verdict = Verdict.ALONE
    elif best is not None:
        verdict = Verdict.BEST
    elif any(pair.differs for pair in between):
        verdict = Verdict.SOME
    elif any(singles[place].beyond_chance for place in asked):
        verdict = Verdict.TIE
    else:
        verdict = Verdict.NOTHING
    seen = [pair.detectable for pair in between if pair.detectable is not None]
    n = min((pair.n for pair in between), default=max((singles[place].n for place in asked), default=0))
    return MetricComparison(singles, pairs, verdict, best, n, max(seen, default=None))


def _beats_all(place: int, asked: Sequence[int], between: Sequence[MetricPair]) -> bool:
    won = 0
    for pair in between:
        if pair.differs and pair.difference is not None and place in (pair.first, pair.second):
            won += (pair.difference.value > 0) == (pair.first == place)
    return len(asked) > 1 and won == len(asked) - 1
