"""Scores of one question, period and segment: headline, course, segments, the other questions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.lake.facts import Question
from harken.learn.scores import (
    Answers,
    Division,
    ScoreSeries,
    ScoreSummary,
    SegmentScores,
    compared_together,
    division_scores,
    score_series,
    summary_of,
    usable_answers,
)
from harken.learn.scores.calendar import numbers_of, start_of
from harken.usecases.scores.answers import AnswersHeld, QuestionAnswers
from harken.usecases.scores.choice import Choice
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.periods import Period

PERIODS_MAX = 24
ANSWERS_PER_PERIOD = 30
FILLED_SHARE = 0.75
Rows = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SegmentTable:
    """The scores of one division of the customers: `name` is the column, `label` says it to people."""

    name: str
    label: Message
    scores: SegmentScores


@dataclass(frozen=True, slots=True)
class OtherScore:
    """Another question that was answered, in the same window."""

    question: Question
    summary: ScoreSummary


@dataclass(frozen=True, slots=True)
class ScoreOverview:
    """What those who answered say: the chosen score over its window, in time, by segment, and all other scores."""

    question: Question
    period: Period | None
    summary: ScoreSummary
    unweighted: ScoreSummary | None
    series: ScoreSeries | None
    segments: tuple[SegmentTable, ...]
    others: tuple[OtherScore, ...]


def asked_answers(held: AnswersHeld, choice: Choice) -> QuestionAnswers:
    """The answers to the chosen question. Raises SettingsError for one that is not known."""
    if choice.question is None:
        return held.questions[0]
    for one in held.questions:
        if choice.question in (one.question.name, one.question.question):
            return one
    known = ", ".join(one.question.name for one in held.questions)
    raise SettingsError(
        Message(gettext_noop("There is no question {value} in this analysis."), {"value": choice.question[:80]}),
        Message(gettext_noop("Known are: {known}."), {"known": known}),
    )


def chosen_rows(asked: QuestionAnswers, segment: tuple[str, str] | None) -> Rows:
    """Which answers belong to a segment. Raises SettingsError for one that is not known."""
    if segment is None:
        return np.ones(len(asked), dtype=bool)
    name, level = segment
    for division in asked.divisions:
        if division.name == name and level in division.levels:
            return np.asarray(division.codes == division.levels.index(level))
    known = ", ".join(division.name for division in asked.divisions)
    raise SettingsError(
        Message(gettext_noop("There is no segment {value} in this analysis."), {"value": f"{name}:{level}"[:80]}),
        Message(gettext_noop("Customers are divided by: {known}."), {"known": known or "–"}),
    )


def overview_of(held: AnswersHeld, shown: Choice, *, course_of: Period | None = None) -> ScoreOverview:
    """Summary, course, segments and the other questions for a question, period and segment.

    The course covers `course_of`, without it all answers. This is also what an analysis keeps of its own window.
    """
    asked = asked_answers(held, shown)
    own = chosen_rows(asked, shown.segment)
    inside = own & asked.within(shown.period)
    weighted = asked.weight is not None and bool(np.isfinite(asked.weight[inside]).any())
    answers = _usable(asked, inside, weighted)
    plain = _usable(asked, inside, False) if weighted else None
    return ScoreOverview(
        question=asked.question,
        period=shown.period,
        summary=summary_of(answers, asked.scale, period=shown.period),
        unweighted=None if plain is None else summary_of(plain, asked.scale, period=shown.period),
        series=_series(asked, own & asked.within(course_of), weighted, fine=course_of is not None),
        segments=_segment_tables(asked, answers, inside, shown, held.seed),
        others=_others(held, asked, shown),
    )


def _usable(asked: QuestionAnswers, rows: Rows, weighted: bool) -> Answers:
    weights = asked.weight[rows] if weighted and asked.weight is not None else None
    return usable_answers(asked.score[rows], asked.scale, weights, asked.customer[rows])


def _series(asked: QuestionAnswers, rows: Rows, weighted: bool, *, fine: bool) -> ScoreSeries | None:
    """The score by (where `fine` week,) month, quarter or year: the finest with 30 answers a period on average."""
    if asked.day is None or not rows.any():
        return None
    day = asked.day[rows]
    for length in ("week", "month", "quarter", "year")[0 if fine else 1 :]:
        number = numbers_of(day, length)
        first, last = int(number.min()), int(number.max())
        count = last - first + 1
        if count > PERIODS_MAX or len(day) / count < ANSWERS_PER_PERIOD:
            continue
        if np.count_nonzero(np.bincount(number - first, minlength=count)) / count >= FILLED_SHARE:
            periods = [Period(start_of(length, k), start_of(length, k + 1)) for k in range(first, last + 1)]
            weights = asked.weight[rows] if weighted and asked.weight is not None else None
            return score_series(
                asked.score[rows], number - first, periods, asked.scale,
                weights=weights, customer_id=asked.customer[rows],
            )  # fmt: skip
    return None


def _segment_tables(
    asked: QuestionAnswers, answers: Answers, inside: Rows, shown: Choice, seed: int
) -> tuple[SegmentTable, ...]:
    if not inside.any():
        return ()
    named: list[tuple[Division, SegmentScores]] = []
    for division in asked.divisions:
        codes = division.codes[inside]
        if (shown.segment is not None and division.name == shown.segment[0]) or not (codes >= 0).any():
            continue
        scores = division_scores(answers, codes, division.levels, asked.scale, period=shown.period, seed=seed)
        named.append((division, scores))
    together = compared_together([scores for _, scores in named])
    return tuple(
        SegmentTable(one.name, one.label, scores) for (one, _), scores in zip(named, together, strict=True)
    )


def _others(held: AnswersHeld, asked: QuestionAnswers, shown: Choice) -> tuple[OtherScore, ...]:
    others = []
    for one in held.questions:
        if one is asked:
            continue
        inside = chosen_rows(one, shown.segment) & one.within(shown.period)
        if inside.any():
            weighted = one.weight is not None and bool(np.isfinite(one.weight[inside]).any())
            period = shown.period if one.day is not None else None
            summary = summary_of(_usable(one, inside, weighted), one.scale, period=period)
            others.append(OtherScore(one.question, summary))
    return tuple(others)
