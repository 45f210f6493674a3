"""Many segments at once: raw and shrunken scores, ranges of ranks, and which truly differ from the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from harken.learn.scores.answers import Answers, Floats, Integers, bands, checked_codes, scored, usable_answers
from harken.learn.scores.intervals import Bounds, false_discovery_adjusted, mover, mover_p_value
from harken.learn.scores.rest import rest_apart, rest_of
from harken.learn.scores.shrinkage import METHOD, Posterior, posterior, rank_bounds
from harken.learn.scores.summary import higher_is_better, unit_of
from harken.learn.scores.tallies import Tally, customer_sums, tally
from harken.vocabulary.errors import DataError
from harken.vocabulary.estimates import COUNTS_ONLY_BELOW, NO_ARROW_BELOW, Estimates
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.periods import Period
from harken.vocabulary.scales import Headline, Scale


@dataclass(frozen=True, slots=True)
class RestDifferences:
    """Each segment minus the rest, in the headline's unit; every tuple has length S.

    `values`, `lower`, `upper` and `p` are None where the segment or the rest has fewer than 10 customers;
    `p_adjusted` holds over all tested segments. `shown` is True where the range excludes zero, the adjusted p is at
    most q and the difference reaches the threshold.
    """

    values: tuple[float | None, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    p: tuple[float | None, ...]
    p_adjusted: tuple[float | None, ...]
    shown: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class SegmentScores:
    """The scores of S segments that have answers, in the given order; every tuple has length S.

    `raw` and `shrunken` are in points, per cent or scale units (`unit`); their `n` counts customers. `n_answers`
    counts answers; below 10 customers (`counts_only`) show only `favourable`, `middle`, `unfavourable`. `rank_best`
    and `rank_worst` bound the segment's place (1 = best) among the `ranked` segments with at least 30 customers,
    None for the others. `against_rest` compares each with all other answers. `spread` is how far true segment
    scores typically lie from their mean (standard deviation); `threshold` the smallest difference worth acting on.
    `empty` names segments without any answer.
    """

    scale: str
    unit: str
    raw: Estimates
    shrunken: Estimates
    n_answers: tuple[int, ...]
    favourable: tuple[int, ...]
    middle: tuple[int, ...]
    unfavourable: tuple[int, ...]
    counts_only: tuple[bool, ...]
    rank_best: tuple[int | None, ...]
    rank_worst: tuple[int | None, ...]
    ranked: int
    against_rest: RestDifferences
    spread: float
    threshold: float
    empty: tuple[str, ...]
    finding: Message


def business_threshold(scale: Scale) -> float:
    """The smallest change worth acting on unless the user says otherwise: 5 points, 5 per cent, 5% of the scale.

    >>> from harken.vocabulary.scales import SCALES
    >>> business_threshold(SCALES["nps_0_10"]), business_threshold(SCALES["stars_1_5"])
    (5.0, 0.2)
    """
    return 0.05 * (scale.maximum - scale.minimum) if scale.headline is Headline.MEAN else 5.0


def segment_scores(
    scores: ArrayLike,
    segment_codes: ArrayLike,
    labels: Sequence[str],
    scale: Scale,
    *,
    weights: ArrayLike | None = None,
    customer_id: ArrayLike | None = None,
    period: Period | None = None,
    threshold: float | None = None,
    q: float = 0.05,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> SegmentScores:
    """Which segments are better or worse than the rest, beyond what few answers produce by luck.

    `scores` (n,) NaN = blank; `segment_codes` (n,) holds 0 to S - 1 (negative = in no segment, left out) for the S
    `labels`; `threshold` in units of the headline. Raises `DataError` for unequal lengths, unknown codes or where
    no segment has an answer.

    Source: MOVER (Zou and Donner 2008) on score intervals; Benjamini and Hochberg 1995; shrinkage as in
    `shrinkage.posterior`.

    >>> from harken.vocabulary.scales import SCALES
    >>> answers = [10.0] * 60 + [0.0] * 20 + [10.0] * 20 + [0.0] * 60
    >>> result = segment_scores(answers, [0] * 80 + [1] * 80, ["north", "south"], SCALES["nps_0_10"])
    >>> result.raw.values, result.against_rest.shown, result.rank_best
    ((50.0, -50.0), (True, True), (1, 2))
    """
    answers = usable_answers(scores, scale, weights, customer_id)
    codes = checked_codes(segment_codes, np.asarray(scores).size, len(labels))
    return division_scores(
        answers, codes, labels, scale, period=period, threshold=threshold, q=q, level=level, draws=draws, seed=seed
    )


def division_scores(
    answers: Answers,
    codes: Integers,
    labels: Sequence[str],
    scale: Scale,
    *,
    period: Period | None = None,
    threshold: float | None = None,
    q: float = 0.05,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> SegmentScores:
    """As `segment_scores`, for answers already set apart, so that many divisions share that work.

    `codes` are those of all answers, also of the unusable ones.
    """
    answers, group = _in_segments(answers, codes[answers.kept].astype(np.int64))
    whole = tally(answers, scale, scale.headline, group, len(labels))
    kept = np.flatnonzero(whole.n > 0)
    sums = whole.take(kept)
    if _apart(answers, group):
        rest, correlation = rest_apart(whole)
    else:
        pairs = customer_sums(answers, scored(answers, scale, scale.headline), group, len(labels))
        rest, correlation = rest_of(whole, pairs)
    limit = business_threshold(scale) if threshold is None else threshold
    against_rest = _against_rest(sums, rest.take(kept), correlation[kept], limit, q, level)
    names = tuple(labels[position] for position in kept.tolist())
    raw, shrunken, spread = _estimates(sums, names, level, period)
    best, worst = _ranks(sums, level, draws, seed, higher_is_better(scale))
    favourable, middle, unfavourable = _band_counts(answers, scale, group, len(labels), kept)
    return SegmentScores(
        scale=scale.id,
        unit=unit_of(scale),
        raw=raw,
        shrunken=shrunken,
        n_answers=tuple(sums.n.tolist()),
        favourable=favourable,
        middle=middle,
        unfavourable=unfavourable,
        counts_only=tuple((sums.customers < COUNTS_ONLY_BELOW).tolist()),
        rank_best=best,
        rank_worst=worst,
        ranked=sum(place is not None for place in best),
        against_rest=against_rest,
        spread=spread,
        threshold=limit,
        empty=tuple(label for label, count in zip(labels, whole.n, strict=True) if count == 0),
        finding=_finding(against_rest),
    )


def _in_segments(answers: Answers, group: Integers) -> tuple[Answers, Integers]:
    """The answers that belong to a segment, and theirs; refused where there are none."""
    inside = group >= 0
    if not inside.any():
        raise DataError(
            Message(gettext_noop("No segment has an answer.")),
            Message(gettext_noop("Choose another period or another way to split the customers.")),
        )
    return (answers, group) if inside.all() else (answers.only(inside), group[inside])


def _apart(answers: Answers, group: Integers) -> bool:
    """True where no customer answered in two segments, as far as a look at neighbouring answers tells."""
    customer = answers.customer
    if not answers.repeated:
        return True
    if bool(np.any(customer[1:] < customer[:-1])):
        return False
    return not bool(np.any((group[1:] != group[:-1]) & (customer[1:] == customer[:-1])))


def _estimates(
    sums: Tally, names: tuple[str, ...], level: float, period: Period | None
) -> tuple[Estimates, Estimates, float]:
    """Raw and shrunken scores in print units, and the spread of the true scores between segments."""
    shrunk: Posterior = posterior(sums)

    def column(values: Floats, bounds: Bounds, method: str) -> Estimates:
        value, lower, upper = (tuple((sums.unit * part).tolist()) for part in (values, *bounds))
        return Estimates(names, value, lower, upper, tuple(sums.customers.tolist()), method, level, period)

    raw = column(sums.value, sums.at(level), sums.method)
    pulled = column(shrunk.mean, shrunk.at(level), METHOD)
    return raw, pulled, sums.unit * shrunk.spread


def _against_rest(
    sums: Tally, rest: Tally, correlation: Floats, threshold: float, q: float, level: float
) -> RestDifferences:
    """Test every segment with enough customers against all others, controlling false alarms over the whole list."""
    tested = np.flatnonzero((sums.customers >= COUNTS_ONLY_BELOW) & (rest.customers >= COUNTS_ONLY_BELOW))
    own, other, shared = sums.take(tested), rest.take(tested), correlation[tested]
    lower, upper = mover(other.value, other.at(level), own.value, own.at(level), shared)
    p = mover_p_value(other.value, other.distances(), own.value, own.distances(), shared)
    adjusted = false_discovery_adjusted(p)
    gap = sums.unit * (own.value - other.value)
    shown = ((lower > 0) | (upper < 0)) & (adjusted <= q) & (np.abs(gap) >= threshold)

    def spread_out(values: Floats) -> tuple[float | None, ...]:
        column: list[float | None] = [None] * sums.n.size
        for position, value in zip(tested, values, strict=True):
            column[position] = float(value)
        return tuple(column)

    marked = set(tested[shown].tolist())
    return RestDifferences(
        values=spread_out(gap),
        lower=spread_out(sums.unit * lower),
        upper=spread_out(sums.unit * upper),
        p=spread_out(p),
        p_adjusted=spread_out(adjusted),
        shown=tuple(position in marked for position in range(sums.n.size)),
    )


def _ranks(
    sums: Tally, level: float, draws: int, seed: int, high_is_good: bool
) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
    """Best and worst plausible place of each segment with enough customers for a rank."""
    best: list[int | None] = [None] * sums.n.size
    worst: list[int | None] = [None] * sums.n.size
    ranked = np.flatnonzero(sums.customers >= NO_ARROW_BELOW)
    if ranked.size:
        # What is known about a ranked segment rests on all segments, also on those too small for a rank.
        known = posterior(sums).take(ranked)
        places = rank_bounds(known, level, draws, seed, high_is_good=high_is_good)
        for index, position in enumerate(ranked):
            best[position], worst[position] = int(places[0][index]), int(places[1][index])
    return tuple(best), tuple(worst)


def _band_counts(
    answers: Answers, scale: Scale, group: Integers, groups: int, kept: Integers
) -> tuple[tuple[int, ...], ...]:
    """Unweighted numbers of favourable, middle and unfavourable answers of each kept segment."""
    band = bands(answers.score, scale)
    counts = (np.bincount(group[band == sign], minlength=groups)[kept] for sign in (1, 0, -1))
    return tuple(tuple(count.tolist()) for count in counts)


def _finding(against_rest: RestDifferences) -> Message:
    """What the comparison found, in one sentence."""
    tested = sum(p is not None for p in against_rest.p)
    shown = sum(against_rest.shown)
    if tested == 0:
        return Message(gettext_noop("Too few answers to compare segments."))
    if shown == 0:
        return Message(
            gettext_noop("No segment differs from the rest beyond chance ({tested} compared)."), {"tested": tested}
        )
    return Message(
        gettext_noop("Segments that differ from the rest beyond chance: {shown} of {tested} compared."),
        {"shown": shown, "tested": tested},
    )


def compared_together(results: Sequence[SegmentScores], q: float = 0.05) -> tuple[SegmentScores, ...]:
    """The same results with all their comparisons scanned as one list: adjusted p-values, `shown`, findings.

    For several divisions of the customers (by region, by product, ...) looked at side by side: the more is looked
    at, the stronger a difference must be (Benjamini and Hochberg 1995).
    """
    tested = [p for result in results for p in result.against_rest.p if p is not None]
    adjusted = iter(false_discovery_adjusted(tested).tolist())
    judged = []
    for result in results:
        old = result.against_rest
        p_adjusted = tuple(next(adjusted) if p is not None else None for p in old.p)
        shown = tuple(
            value is not None
            and lower is not None
            and upper is not None
            and new is not None
            and (lower > 0 or upper < 0)
            and new <= q
            and abs(value) >= result.threshold
            for value, lower, upper, new in zip(old.values, old.lower, old.upper, p_adjusted, strict=True)
        )
        differences = replace(old, p_adjusted=p_adjusted, shown=shown)
        judged.append(replace(result, against_rest=differences, finding=_finding(differences)))
    return tuple(judged)
