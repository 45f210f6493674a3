"""Scores over time, and which changes are real: not luck, not one of many looked at, not too small to matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from harken.learn.scores.answers import Floats, Integers, checked_codes, scored, usable_answers
from harken.learn.scores.intervals import false_discovery_adjusted, mover, mover_p_value
from harken.learn.scores.planning import answers_needed
from harken.learn.scores.rest import correlation_of
from harken.learn.scores.segments import business_threshold
from harken.learn.scores.summary import estimates_of, higher_is_better, unit_of
from harken.learn.scores.tallies import CustomerSums, Tally, customer_sums, tally
from harken.learn.scores.wording import Verdict, change_message
from harken.vocabulary.estimates import COUNTS_ONLY_BELOW, NO_ARROW_BELOW, Estimate, Interval
from harken.vocabulary.messages import Message
from harken.vocabulary.periods import Period
from harken.vocabulary.scales import Scale


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one segment's score from one period to the next, in the headline's unit.

    `interval` is MOVER's, `p` its p-value, `p_adjusted` over everything scanned together; both None where one of
    the periods has fewer than 10 customers. `real` is True where the interval excludes 0, `p_adjusted` is at most
    q and the change reaches the threshold; `arrow` is 1 (up), -1 (down) or 0 (none: not real, or fewer than 30
    customers in a period); `better` says whether a real change is good news, else None. `paired` counts customers
    who answered in both periods. `answers_needed` is how many answers per period would show a change of the size
    of `threshold` (80% power).
    """

    label: str
    before: Period
    after: Period
    n_before: int
    n_after: int
    paired: int
    change: float
    interval: Interval
    p: float | None
    p_adjusted: float | None
    threshold: float
    answers_needed: int | None
    real: bool
    arrow: int
    better: bool | None
    higher_is_better: bool
    unit: str
    message: Message


@dataclass(frozen=True, slots=True)
class Line:
    """One segment's score per period: `estimates` align with the periods, None without answers."""

    label: str
    estimates: tuple[Estimate | None, ...]


@dataclass(frozen=True, slots=True)
class ScoreSeries:
    """Scores of segments over periods, and every change from one period to the next (both with answers)."""

    scale: str
    unit: str
    periods: tuple[Period, ...]
    lines: tuple[Line, ...]
    changes: tuple[Change, ...]
    q: float


def score_series(
    scores: ArrayLike,
    period_codes: ArrayLike,
    periods: Sequence[Period],
    scale: Scale,
    *,
    segment_codes: ArrayLike | None = None,
    labels: Sequence[str] = ("",),
    weights: ArrayLike | None = None,
    customer_id: ArrayLike | None = None,
    threshold: float | None = None,
    q: float = 0.05,
    level: float = 0.95,
) -> ScoreSeries:
    """How the score moved, and which of the movements are more than luck.

    `scores` (n,) NaN = blank; `period_codes` (n,) 0 to T - 1 for the T `periods` (negative = left out);
    `segment_codes` (n,) 0 to S - 1 for the S `labels`, one segment when not given. Customers who answered in both
    periods make the change more certain where `customer_id` (n,) is given. `threshold` is in the headline's unit.
    All changes of the call are scanned together at false discovery rate `q`; for several scales or questions use
    `judged_together`. Raises `DataError` for unequal lengths or unknown codes.

    Source: MOVER (Zou and Donner 2008) on score intervals; Benjamini and Hochberg 1995.

    >>> from datetime import date
    >>> from harken.vocabulary.scales import SCALES
    >>> months = [Period(date(2026, 1, 1), date(2026, 2, 1)), Period(date(2026, 2, 1), date(2026, 3, 1))]
    >>> answers = [0.0] * 150 + [10.0] * 150 + [0.0] * 60 + [10.0] * 240
    >>> series = score_series(answers, [0] * 300 + [1] * 300, months, SCALES["nps_0_10"])
    >>> str(series.changes[0].message)
    'Up 60.0 points (likely 45.1 to 74.0).'
    """
    answers = usable_answers(scores, scale, weights, customer_id)
    size = np.asarray(scores).size
    period = checked_codes(period_codes, size, len(periods))[answers.kept]
    segments = np.zeros(size) if segment_codes is None else segment_codes
    segment = checked_codes(segments, size, len(labels))[answers.kept]
    inside = (period >= 0) & (segment >= 0)
    answers = answers.only(inside)
    groups = len(labels) * len(periods)
    group = segment[inside] * len(periods) + period[inside]
    sums = tally(answers, scale, scale.headline, group, groups)
    pairs = customer_sums(answers, scored(answers, scale, scale.headline), group, groups)
    estimates = estimates_of(sums, level, tuple(periods) * len(labels))
    spans = len(periods)
    lines = tuple(Line(label, estimates[index * spans : (index + 1) * spans]) for index, label in enumerate(labels))
    limit = business_threshold(scale) if threshold is None else threshold
    changes = _changes(sums, pairs, tuple(labels), tuple(periods), scale, limit, level)
    series = ScoreSeries(scale.id, unit_of(scale), tuple(periods), lines, changes, q)
    return judged_together((series,), q)[0]


def judged_together(series: Sequence[ScoreSeries], q: float = 0.05) -> tuple[ScoreSeries, ...]:
    """The same series with all their changes scanned as one list: adjusted p-values, `real`, arrows and sentences.

    The more is looked at, the stronger a change must be: keeps the expected share of false alarms among the
    reported changes at or below `q` (Benjamini and Hochberg 1995).
    """
    everything = [change for one in series for change in one.changes]
    tested = [change.p for change in everything if change.p is not None]
    adjusted = iter(false_discovery_adjusted(tested).tolist())
    judged = iter([_judged(change, next(adjusted) if change.p is not None else None, q) for change in everything])
    return tuple(replace(one, changes=tuple(next(judged) for _ in one.changes), q=q) for one in series)


def _judged(change: Change, p_adjusted: float | None, q: float) -> Change:
    """One change with its verdict: real only where all three conditions hold."""
    outside = change.interval.excludes(0.0)
    verdict: Verdict
    if p_adjusted is None:
        verdict = "too few"
    elif not outside:
        verdict = "chance"
    elif p_adjusted > q:
        verdict = "one of many"
    else:
        verdict = "real" if abs(change.change) >= change.threshold else "small"
    real = verdict == "real"
    direction = 1 if change.change > 0 else -1
    enough = min(change.n_before, change.n_after) >= NO_ARROW_BELOW
    message = change_message(
        verdict, change.change, change.interval, change.unit, change.threshold, change.answers_needed
    )
    return replace(
        change,
        p_adjusted=p_adjusted,
        real=real,
        arrow=direction if real and enough else 0,
        better=(direction > 0) == change.higher_is_better if real else None,
        message=message,
    )


def _changes(
    sums: Tally,
    pairs: CustomerSums,
    labels: tuple[str, ...],
    periods: tuple[Period, ...],
    scale: Scale,
    threshold: float,
    level: float,
) -> tuple[Change, ...]:
    """Every consecutive change where both periods have answers, not yet judged."""
    spans = len(periods)
    first = np.flatnonzero((np.arange(sums.n.size) % spans != spans - 1) & (sums.n > 0))
    first = first[sums.n[first + 1] > 0]
    before, after = sums.take(first), sums.take(first + 1)
    paired, correlation = _shared_customers(sums, pairs, spans)
    shared = correlation[first]
    lower, upper = mover(before.value, before.at(level), after.value, after.at(level), shared)
    p = mover_p_value(before.value, before.distances(), after.value, after.distances(), shared)
    needed = _needed(before, after, threshold, level)
    unit = sums.unit
    changes = []
    for index, group in enumerate(first.tolist()):
        n_before, n_after = int(before.customers[index]), int(after.customers[index])
        change = float(unit * (after.value[index] - before.value[index]))
        changes.append(
            Change(
                label=labels[group // spans],
                before=periods[group % spans],
                after=periods[group % spans + 1],
                n_before=n_before,
                n_after=n_after,
                paired=int(paired[group]),
                change=change,
                interval=Interval(float(unit * lower[index]), float(unit * upper[index]), level),
                p=float(p[index]) if min(n_before, n_after) >= COUNTS_ONLY_BELOW else None,
                p_adjusted=None,
                threshold=threshold,
                answers_needed=needed[index],
                real=False,
                arrow=0,
                better=None,
                higher_is_better=higher_is_better(scale),
                unit=unit_of(scale),
                message=Message(""),
            )
        )
    return tuple(changes)


def deviation_of(before: Tally, after: Tally) -> Floats:
    """Standard deviation of one answer in two periods together, in print units, design effect included; (G,)."""
    loss = np.maximum(np.maximum(before.design_effect, after.design_effect), 1.0)
    spread: Floats = before.unit * np.sqrt((before.variance + after.variance) / 2.0 * loss)
    return spread


def _needed(before: Tally, after: Tally, threshold: float, level: float) -> list[int | None]:
    """Answers per period that would show a change of `threshold`, None where the answers tell no spread."""
    return [
        answers_needed(threshold, float(spread), level=level) if spread > 0 and threshold > 0 else None
        for spread in deviation_of(before, after)
    ]


def _shared_customers(sums: Tally, pairs: CustomerSums, spans: int) -> tuple[Integers, Floats]:
    """For each group: customers who also answered in the next period, and the correlation of the two values."""
    groups = sums.n.size
    key = pairs.customer * groups + pairs.group
    order = np.argsort(key, kind="stable")
    key = key[order]
    # The same customer one group on is the same segment one period on, unless the period was the last; no pair is
    # there twice, so that it can only come next.
    following = np.minimum(np.arange(1, key.size + 1), max(key.size - 1, 0))
    both = (key[following] == key + 1) & (pairs.group[order] % spans != spans - 1)
    here, there = order[both], order[following[both]]
    value = np.where(sums.n > 0, sums.value, 0.0)
    residual = pairs.a - value[pairs.group] * pairs.b
    at = pairs.group[here]
    shared = np.bincount(at, minlength=groups)
    products = np.bincount(at, residual[here] * residual[there], groups).astype(np.float64)
    following_group = np.minimum(np.arange(groups) + 1, groups - 1)
    return shared, correlation_of(products, shared.astype(np.float64), sums, sums.take(following_group))
