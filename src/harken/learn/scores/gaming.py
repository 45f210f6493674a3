"""Signs that scores may be pushed: patterns worth a look, tested together, none of them a proof against anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from harken.learn.scores.answers import Floats, Integers, usable_answers
from harken.learn.scores.intervals import false_discovery_adjusted, z_of
from harken.learn.scores.segments import business_threshold, division_scores
from harken.learn.scores.summary import higher_is_better, unit_of
from harken.learn.scores.threshold import neighbours, smooth_excess
from harken.vocabulary.errors import DataError
from harken.vocabulary.estimates import NO_ARROW_BELOW, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import Headline, Scale

SHARE = Scale("share", "0-1", 0, 1, True, 1, 0, Headline.TOP_SHARE)
SHARE_THRESHOLD = 5.0
RATIO_THRESHOLD = 1.25
"""Smallest differences worth a look: percentage points of shares, and ratios."""
QUICK = 0.3
"""An answer is too quick to be read where it took less than this share of the usual time (the median)."""
WORDS_LEAST = 0.1
CELL_LEAST = 10
SIGNS_KEPT = 20
LEVEL = 0.95
RANK_DRAWS = 200


class Pattern(StrEnum):
    """What was looked for."""

    SPIKE = "spike"
    HIGH = "high"
    QUICK = "quick"
    WORDLESS = "wordless"
    REPLIES = "replies"
    PICKING = "picking"


@dataclass(frozen=True, slots=True)
class Units:
    """Who or what answers are about: `codes` (n,) 0 to K - 1 or -1, `labels` (K,), `kind` as agent or channel."""

    kind: str
    codes: Integers
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """The answers to one question as they were given; arrays (n,).

    `customer` holds whole numbers, equal for one customer. `duration_s` is NaN where unknown, None where it is
    everywhere; `words` tells whether words came with the answer, None where the source has none.
    """

    question: str
    scale: Scale
    score: Floats
    customer: Integers
    duration_s: Floats | None = None
    words: NDArray[np.bool_] | None = None
    units: tuple[Units, ...] = ()


@dataclass(frozen=True, slots=True)
class Served:
    """Contacts with customers, (m,): whether an answer came after it, and whether it was a repeat contact."""

    question: str
    units: Units
    customer: Integers
    answered: NDArray[np.bool_]
    repeat: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sign:
    """One pattern at one place: `unit` is who or what, "" for all answers to the question.

    `own` and `rest` are per cent, the headline's unit or, with measure "times", None; `value` with its `interval`
    is their difference (a ratio for "times"). `p_adjusted` holds over everything scanned. `shown` is True where
    the interval leaves out no difference, p_adjusted is at most q, and it is large enough to deserve a look, in the
    direction that pushes scores.
    """

    pattern: Pattern
    question: str
    kind: str
    unit: str
    n: int
    own: float | None
    rest: float | None
    value: float
    interval: Interval
    measure: str
    p: float
    p_adjusted: float
    shown: bool
    message: Message


@dataclass(frozen=True, slots=True)
class LookedFor:
    """One pattern: how many comparisons were made and how many deserve a look."""

    pattern: Pattern
    tested: int
    found: int


@dataclass(frozen=True, slots=True)
class GamingScan:
    """All signs that deserve a look, strongest first (at most 20 of `found`), among `tested` comparisons.

    `missing` says which patterns could not be looked for and which data they would need.
    """

    signs: tuple[Sign, ...]
    tested: int
    found: int
    patterns: tuple[LookedFor, ...]
    missing: tuple[Message, ...]
    q: float


def scan_for_gaming(given: Sequence[Given], served: Sequence[Served] = (), *, q: float = 0.05) -> GamingScan:
    """Look for signs that scores are pushed; all comparisons are judged together at false discovery rate `q`.

    Spikes just above a threshold, agents (or channels, touchpoints) with much better scores than all others,
    answers too quick to be read, best answers without words, and whose customers answer: how many, and which.

    Units differ in earnest, too: one is named only where it lies farther out than the others lie from each other.

    Source: comparisons with the rest as in `segment_scores` (Benjamini and Hochberg 1995), widened by how far units
    usually lie apart (Spiegelhalter 2005, Quality and Safety in Health Care 14, 347-351); bunching at a threshold
    after McCrary 2008, Journal of Econometrics 142, 698-714; quick answers as in Greszki, Meyer and Schoen 2015,
    Public Opinion Quarterly 79, 471-503.

    >>> import numpy as np
    >>> from harken.vocabulary.scales import SCALES
    >>> agent = np.repeat([0, 1, 2], 100)
    >>> score = np.where(agent == 2, 10.0, np.tile([3.0, 7.0, 10.0, 8.0], 75))
    >>> units = (Units("agent", agent, ("Li", "Chen", "Wang")),)
    >>> scan = scan_for_gaming([Given("survey/recommend", SCALES["nps_0_10"], score, np.arange(300), units=units)])
    >>> [(sign.pattern.value, sign.unit) for sign in scan.signs]
    [('high', 'Wang')]
    """
    signs = [sign for one in given for sign in _of_answers(one)]
    signs += [sign for one in served for sign in _of_served(one)]
    adjusted = false_discovery_adjusted([sign.p for sign in signs])
    judged = [
        replace(sign, p_adjusted=float(p), shown=sign.shown and bool(p <= q))
        for sign, p in zip(signs, adjusted, strict=True)
    ]
    found = sorted((sign for sign in judged if sign.shown), key=lambda sign: (sign.p, sign.unit))
    return GamingScan(
        signs=tuple(found[:SIGNS_KEPT]),
        tested=len(judged),
        found=len(found),
        patterns=tuple(
            LookedFor(pattern, *(sum(sign.pattern is pattern for sign in some) for some in (judged, found)))
            for pattern in Pattern
        ),
        missing=_missing(given, served, judged),
        q=q,
    )


def _of_answers(given: Given) -> list[Sign]:
    signs = _spike(given)
    best = given.scale.maximum if given.scale.high_is_good else given.scale.minimum
    side = neighbours(given.score, given.scale)
    for units in given.units:
        signs += _high(given, units)
        beside = side >= 0
        signs += _shares(Pattern.SPIKE, given, units, (side == 1).astype(float), beside)
        if given.duration_s is not None and (known := given.duration_s > 0).any():
            quick = given.duration_s < QUICK * float(np.median(given.duration_s[known]))
            signs += _shares(Pattern.QUICK, given, units, quick.astype(float), known)
        if given.words is not None:
            top = given.score == best
            if top.any() and given.words[top].mean() >= WORDS_LEAST:
                signs += _shares(Pattern.WORDLESS, given, units, (~given.words).astype(float), top)
    return signs


def _of_served(served: Served) -> list[Sign]:
    given = Given(served.question, SHARE, served.answered.astype(float), served.customer)
    everybody = np.ones(served.answered.size, dtype=bool)
    return _shares(Pattern.REPLIES, given, served.units, given.score, everybody) + _picking(served)


def _spike(given: Given) -> list[Sign]:
    """All answers: is the first answer above the threshold more frequent than its neighbours let expect?"""
    last = np.r_[given.customer[1:] != given.customer[:-1], True] if given.customer.size else np.zeros(0, bool)
    found = smooth_excess(given.score[last & np.isfinite(given.score)], given.scale)
    if found is None:
        return []
    low, high = (float(np.exp(found.log_ratio + z * found.error)) for z in (-1.96, 1.96))
    ratio = float(np.exp(found.log_ratio))
    sign = _sign(Pattern.SPIKE, given.question, "", "", found.n, (None, None), ratio, (low, high), "times", found.p)
    return [replace(sign, shown=low > 1 and ratio >= RATIO_THRESHOLD)]


def _high(given: Given, units: Units) -> list[Sign]:
    """Each unit's score against all others."""
    scale = given.scale
    sign = 1.0 if higher_is_better(scale) else -1.0
    return _against_rest(
        Pattern.HIGH, given, units, given.score, scale, business_threshold(scale), sign, unit_of(scale)
    )


def _shares(pattern: Pattern, given: Given, units: Units, hit: Floats, rows: NDArray[np.bool_]) -> list[Sign]:
    """Each unit's share of hits among some of the answers, against that of all others."""
    score = np.where(rows, hit, np.nan)
    return _against_rest(pattern, given, units, score, SHARE, SHARE_THRESHOLD, 1.0, "per cent")


def _against_rest(
    pattern: Pattern,
    given: Given,
    units: Units,
    score: Floats,
    scale: Scale,
    least: float,
    sign: float,
    measure: str,
) -> list[Sign]:
    answers = usable_answers(score, scale, None, given.customer)
    try:
        found = division_scores(answers, units.codes, units.labels, scale, threshold=least, draws=RANK_DRAWS)
    except DataError:  # nobody of these answers belongs to a unit
        return []
    rest, signs = found.against_rest, []
    told = [at for at, n in enumerate(found.raw.n) if n >= NO_ARROW_BELOW and rest.p[at] is not None]
    value, lower, upper, p = (
        np.array([column[at] for at in told], dtype=np.float64)
        for column in (rest.values, rest.lower, rest.upper, rest.p)
    )
    error = (upper - lower) / (2.0 * float(z_of(LEVEL)))
    p = np.maximum(p, 2.0 * ndtr(-np.abs(value) / np.sqrt(error**2 + _usual_spread(value, error))))
    worth = (sign * value >= least) & (lower * upper > 0)
    for place, at in enumerate(told):
        own = float(found.raw.values[at])
        one = _sign(
            pattern, given.question, units.kind, found.raw.labels[at], int(found.raw.n[at]),
            (own, own - value[place]), float(value[place]), (float(lower[place]), float(upper[place])), measure,
            float(p[place]),
        )  # fmt: skip
        signs.append(replace(one, shown=bool(worth[place])))
    return signs


def _usual_spread(value: Floats, error: Floats) -> Floats:
    """How far apart all the other units truly lie (variance), (K,): so much is not unusual for one."""
    others = value.size - 1
    if others < 2:
        return np.zeros(value.size)
    mean = (value.sum() - value) / others
    variance = ((value**2).sum() - value**2 - others * mean**2) / (others - 1)
    spread: Floats = np.maximum(variance - ((error**2).sum() - error**2) / others, 0.0)
    return spread


def _picking(served: Served) -> list[Sign]:
    """Of each unit's customers, do those with repeat contacts answer more rarely, beyond what holds elsewhere?"""
    units = served.units
    known = units.codes >= 0
    cell = 2 * served.answered[known] + served.repeat[known]
    table = np.bincount(4 * units.codes[known] + cell, minlength=4 * len(units.labels)).reshape(-1, 4).astype(float)
    rest = table.sum(axis=0) - table
    margins = np.stack([table[:, :2].sum(axis=1), table[:, 2:].sum(axis=1), table[:, 0::2].sum(axis=1),
                        table[:, 1::2].sum(axis=1)])  # fmt: skip
    signs = []
    for at in np.flatnonzero((margins >= CELL_LEAST).all(axis=0) & (rest > 0).all(axis=1)):
        own, other = table[at] + 0.5, rest[at] + 0.5
        gap = _log_odds_ratio(own) - _log_odds_ratio(other)
        error = float(np.sqrt((1 / own).sum() + (1 / other).sum()))
        low, high = (float(np.exp(gap + z * error)) for z in (-1.96, 1.96))
        share = 100 * table[at, 3] / margins[1, at], 100 * table[at, 1] / margins[0, at]
        sign = _sign(
            Pattern.PICKING, served.question, units.kind, units.labels[at], int(table[at].sum()), share,
            float(np.exp(gap)), (low, high), "times", float(2 * ndtr(-abs(gap) / error)),
        )  # fmt: skip
        signs.append(replace(sign, shown=high < 1 and float(np.exp(gap)) <= 1 / RATIO_THRESHOLD))
    return signs


def _log_odds_ratio(table: Floats) -> float:
    """Of repeat contacts among those who answered against those who did not."""
    return float(np.log(table[3] * table[0] / (table[2] * table[1])))


def _sign(
    pattern: Pattern, question: str, kind: str, unit: str, n: int, shares: tuple[float | None, float | None],
    value: float, ends: tuple[float, float], measure: str, p: float,
) -> Sign:  # fmt: skip
    own, rest = shares
    text = _TEXTS["spike all" if pattern is Pattern.SPIKE and not unit else pattern.value]
    told = {"unit": unit, "own": own, "rest": rest, "times": value}
    params = {
        name: one if isinstance(one, str) else round(one, 2 if measure == "scale" else 1)
        for name, one in told.items()
        if one is not None and "{" + name + "}" in text
    }
    return Sign(
        pattern, question, kind, unit, n, own, rest, value, Interval(*ends, LEVEL), measure, p, p, False,
        Message(text, params),
    )  # fmt: skip


def _missing(given: Sequence[Given], served: Sequence[Served], signs: Sequence[Sign]) -> tuple[Message, ...]:
    """What could not be looked for, and which data it would need."""
    units = any((units.codes >= 0).any() for one in given for units in one.units)
    tested = {sign.pattern for sign in signs}
    said = {
        gettext_noop("Answers name no agent, channel or touchpoint: nobody can be compared."): not units,
        gettext_noop("Too few answers of each agent, channel or touchpoint to compare them."): units
        and Pattern.HIGH not in tested,
        gettext_noop("How long answering took is not in the data: quick answers cannot be seen."): all(
            one.duration_s is None for one in given
        ),
        gettext_noop("No words come with the answers: best answers without words cannot be seen."): all(
            one.words is None for one in given
        ),
        gettext_noop(
            "Contacts that name who served are not followed by answers: who gets asked cannot be seen."
        ): not served,
    }
    return tuple(Message(text) for text, holds in said.items() if holds)


_TEXTS = {
    "spike all": gettext_noop(
        "The first answer that counts as favourable was given {times} times as often as its neighbours let expect. "
        "Look at how the question is asked."
    ),
    Pattern.SPIKE.value: gettext_noop(
        "{unit}: just above the threshold rather than just below it {own} per cent, elsewhere {rest}. "
        "Look at how these answers come in."
    ),
    Pattern.HIGH.value: gettext_noop(
        "{unit}: score {own}, all others {rest}. Look at what is done well there, and at how answers come in."
    ),
    Pattern.QUICK.value: gettext_noop(
        "{unit}: {own} per cent of answers came too quickly to read the question, elsewhere {rest}. "
        "Look at who fills in the form."
    ),
    Pattern.WORDLESS.value: gettext_noop(
        "{unit}: {own} per cent of the best answers carry no words, elsewhere {rest}. "
        "Look at how the question is put."
    ),
    Pattern.REPLIES.value: gettext_noop(
        "{unit}: {own} per cent of contacts are followed by an answer, elsewhere {rest}. Look at who is asked."
    ),
    Pattern.PICKING.value: gettext_noop(
        "{unit}: of those who answered {own} per cent had to come back, of the silent {rest}; the gap is wider "
        "than elsewhere. Look at who is asked."
    ),
}
