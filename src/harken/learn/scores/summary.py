"""One question's answers as one honest number: headline, range, bands, histogram and how many it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from harken.learn.scores.answers import Answers, Floats, usable_answers
from harken.learn.scores.tallies import Tally, tally
from harken.vocabulary.estimates import COUNTS_ONLY_BELOW, Estimate, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.periods import Period
from harken.vocabulary.scales import Headline, Scale

WHOLE_STEPS_MAX = 20
"""Scales of whole numbers up to this range show each answer; others show ten equal classes."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the histogram: answers from `start` to `end` (equal for one answer), how many, which share."""

    start: float
    end: float
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """What the answers to one question say.

    `headline` is in points (-100 to 100) for a net score, in per cent for a share, in units of the scale for a
    mean; `unit` says which ("points", "per cent", "scale"). It is None without any answer; below 10 answers
    `headline.counts_only` is True and only `counts` may be shown. `mean` (scale units) and `satisfied` (share of
    the favourable band, per cent) always stand beside it. `favourable`, `middle`, `unfavourable` are unweighted
    counts; `favourable_share` and so on are weighted, 0 to 1. `blank`, `off_scale` and `unweighted` count what was
    left out. `n_effective` is how many independent equal answers they are worth, `design_effect` = n / n_effective.
    """

    scale: str
    unit: str
    direction: Message
    headline: Estimate | None
    mean: Estimate | None
    satisfied: Estimate | None
    n: int
    n_customers: int
    n_effective: float
    design_effect: float
    favourable: int
    middle: int
    unfavourable: int
    favourable_share: float
    middle_share: float
    unfavourable_share: float
    histogram: tuple[Bar, ...]
    blank: int
    off_scale: int
    unweighted: int
    counts: Message
    sentence: Message


def summarize(
    scores: ArrayLike,
    scale: Scale,
    *,
    weights: ArrayLike | None = None,
    customer_id: ArrayLike | None = None,
    period: Period | None = None,
    level: float = 0.95,
) -> ScoreSummary:
    """The score of the customers who answered, with its likely range.

    `scores` (n,) on `scale`, NaN = blank; `weights` (n,) survey weights; `customer_id` (n,) so that several answers
    of one customer are not taken for several customers. Raises `DataError` for unequal lengths or negative weights.

    Source: score intervals of Tango 1998 (net scores) and Wilson 1927 (shares), and their like for means
    (`means.mean_interval`).

    >>> from harken.vocabulary.scales import SCALES
    >>> answers = [0.0] * 30 + [7.0] * 25 + [10.0] * 45 + [float("nan")]
    >>> summary = summarize(answers, SCALES["nps_0_10"])
    >>> str(summary.sentence), summary.blank
    ('Score 15.0, likely range -2.0 to 31.1 (100 answers).', 1)
    """
    return summary_of(usable_answers(scores, scale, weights, customer_id), scale, period=period, level=level)


def summary_of(
    answers: Answers, scale: Scale, *, period: Period | None = None, level: float = 0.95
) -> ScoreSummary:
    """As `summarize`, for answers already set apart."""
    everyone = np.zeros(answers.score.size, dtype=np.int64)
    tallies = {headline: tally(answers, scale, headline, everyone, 1) for headline in Headline}
    main = tallies[scale.headline]
    net = tallies[Headline.NET]
    favourable, unfavourable = _band_counts(answers, scale)
    weight = float(net.weight[0]) if answers.score.size else 1.0
    share_down, _, share_up = (float(part) / weight for part in net.histogram[0])
    n = int(main.n[0])
    estimates = {kind: estimates_of(sums, level, [period])[0] for kind, sums in tallies.items()}
    headline = estimates[scale.headline]
    return ScoreSummary(
        scale=scale.id,
        unit=unit_of(scale),
        direction=direction_of(scale),
        headline=headline,
        mean=estimates[Headline.MEAN],
        satisfied=estimates[Headline.TOP_SHARE],
        n=n,
        n_customers=int(main.customers[0]),
        n_effective=float(main.n_effective[0]),
        design_effect=float(main.design_effect[0]),
        favourable=favourable,
        middle=n - favourable - unfavourable,
        unfavourable=unfavourable,
        favourable_share=share_up,
        middle_share=max(0.0, 1.0 - share_up - share_down) if n else 0.0,
        unfavourable_share=share_down,
        histogram=_histogram(answers, scale),
        blank=answers.blank,
        off_scale=answers.off_scale,
        unweighted=answers.unweighted,
        counts=counts_message(scale, favourable, n - favourable - unfavourable, unfavourable),
        sentence=_sentence(scale, headline, favourable, unfavourable, n),
    )


def unit_of(scale: Scale) -> str:
    """The unit of a scale's headline: "points", "per cent" or "scale"."""
    return {Headline.NET: "points", Headline.TOP_SHARE: "per cent", Headline.MEAN: "scale"}[scale.headline]


def direction_of(scale: Scale) -> Message:
    """Whether a higher number is better, said wherever the score is shown.

    >>> from harken.vocabulary.scales import SCALES
    >>> str(direction_of(SCALES["ces_1_5_hard"])), str(direction_of(SCALES["nps_0_10"]))
    ('lower is better', 'higher is better')
    """
    # A net score or a share counts favourable answers, so it is better when higher on any scale.
    if scale.high_is_good or scale.headline is not Headline.MEAN:
        return Message(gettext_noop("higher is better"))
    return Message(gettext_noop("lower is better"))


def higher_is_better(scale: Scale) -> bool:
    """True where a rise of the headline is good news."""
    return scale.high_is_good or scale.headline is not Headline.MEAN


def estimates_of(sums: Tally, level: float, periods: Sequence[Period | None]) -> tuple[Estimate | None, ...]:
    """Each group's value with its range in print units, None without answers; `periods` has one per group."""
    lower, upper = (sums.unit * end for end in sums.at(level))
    value, worth = sums.unit * sums.value, sums.n_effective
    return tuple(
        Estimate(
            value=float(value[group]),
            interval=Interval(float(lower[group]), float(upper[group]), level),
            # Whoever answers ten times is still one customer: the small-number rule counts customers.
            n=int(sums.customers[group]),
            method=sums.method,
            period=period,
            n_effective=float(worth[group]),
        )
        if sums.n[group]
        else None
        for group, period in enumerate(periods)
    )


def counts_message(scale: Scale, favourable: int, middle: int, unfavourable: int) -> Message:
    """The bare counts, which is all that may be said below 10 answers."""
    values = {"favourable": favourable, "middle": middle, "unfavourable": unfavourable}
    total = favourable + middle + unfavourable
    if scale.headline is Headline.NET:
        text = gettext_noop("Answers: {n} (promoters {favourable}, passives {middle}, detractors {unfavourable}).")
    else:
        text = gettext_noop(
            "Answers: {n} (favourable {favourable}, in between {middle}, unfavourable {unfavourable})."
        )
    return Message(text, {"n": total, **values})


def _band_counts(answers: Answers, scale: Scale) -> tuple[int, int]:
    """Unweighted numbers of favourable and unfavourable answers."""
    sign = 1.0 if scale.high_is_good else -1.0
    favourable = sign * answers.score >= sign * scale.favourable_from
    unfavourable = ~favourable & (sign * answers.score <= sign * scale.unfavourable_from)
    return int(favourable.sum()), int(unfavourable.sum())


def _sentence(scale: Scale, headline: Estimate | None, favourable: int, unfavourable: int, n: int) -> Message:
    """The headline in words, as far as the number of answers allows one."""
    if headline is None:
        return Message(gettext_noop("Nobody has answered yet."))
    counts = counts_message(scale, favourable, n - favourable - unfavourable, unfavourable)
    if headline.counts_only:
        return Message(
            gettext_noop("{counts} Too few for a score: at least {needed} are needed."),
            {"counts": counts, "needed": COUNTS_ONLY_BELOW},
        )
    texts = {
        Headline.NET: gettext_noop("Score {value}, likely range {lower} to {upper} ({n} answers)."),
        Headline.TOP_SHARE: gettext_noop("{value} per cent, likely range {lower} to {upper} ({n} answers)."),
        Headline.MEAN: gettext_noop("Mean {value} ({direction}), likely range {lower} to {upper} ({n} answers)."),
    }
    digits = 2 if scale.headline is Headline.MEAN else 1
    return Message(
        texts[scale.headline],
        {
            "value": round(headline.value, digits),
            "lower": round(headline.interval.lower, digits),
            "upper": round(headline.interval.upper, digits),
            "n": n,
            "direction": direction_of(scale),
        },
    )


def _histogram(answers: Answers, scale: Scale) -> tuple[Bar, ...]:
    """Count and weighted share of each whole answer, or of ten equal classes on fine or broken scales."""
    span = scale.maximum - scale.minimum
    whole = float(scale.minimum).is_integer() and bool(np.all(answers.score == np.rint(answers.score)))
    if whole and span <= WHOLE_STEPS_MAX:
        starts: Floats = np.arange(scale.minimum, scale.maximum + 1.0)
        ends = starts
    else:
        edges = np.linspace(scale.minimum, scale.maximum, 11)
        starts, ends = edges[:-1], edges[1:]
    position = np.clip(np.searchsorted(starts, answers.score, side="right") - 1, 0, starts.size - 1)
    count = np.bincount(position, minlength=starts.size)
    weight = np.bincount(position, answers.weight, minlength=starts.size)
    total = float(weight.sum()) or 1.0
    return tuple(
        Bar(float(start), float(end), int(number), float(part) / total)
        for start, end, number, part in zip(starts, ends, count, weight, strict=True)
    )
