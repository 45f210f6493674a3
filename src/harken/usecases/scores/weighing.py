"""The score of the answers weighed to margins that the user knows of all customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harken.learn.scores import Calibrated, CalibratedScore, Division, Margin, calibrated_score, raked
from harken.usecases.margins import KnownMargin
from harken.usecases.runs import Run
from harken.usecases.scores.answers import QuestionAnswers, answers_of
from harken.usecases.scores.choice import Choice
from harken.usecases.scores.overview import Rows, asked_answers
from harken.vocabulary.errors import DataError
from harken.vocabulary.messages import Message, gettext_noop


@dataclass(frozen=True, slots=True)
class WeighedScore:
    """The score weighed to margins, or why it could not be.

    `left_out` answers of `answers` have a value that no margin names, or none; they are not weighed.
    """

    columns: tuple[str, ...]
    score: CalibratedScore | None
    weights: Calibrated | None
    answers: int
    left_out: int
    refusal: Message | None


def weighed_score(run: Run, shown: Choice, margins: Sequence[KnownMargin]) -> WeighedScore | None:
    """The score for a question and period, weighed to margins of all customers.

    None without margins or answers, and for a segment: margins speak of everybody.
    """
    held = answers_of(run)
    if not margins or shown.segment is not None or held is None or not held.questions:
        return None
    asked = asked_answers(held, shown)
    rows = asked.within(shown.period) & np.isfinite(asked.score)
    columns = tuple(one.column for one in margins)
    divisions = {one.name: one for one in asked.divisions}
    missing = [column for column in columns if column not in divisions]
    if missing:
        reason = Message(
            gettext_noop("The analysis does not divide customers by {columns}; name it under segments."),
            {"columns": ", ".join(missing)},
        )
        return WeighedScore(columns, None, None, int(rows.sum()), 0, reason)
    if not rows.any():
        return None
    return _weighed(asked, rows, [(divisions[one.column], one) for one in margins], columns)


def _weighed(
    asked: QuestionAnswers, rows: Rows, pairs: Sequence[tuple[Division, KnownMargin]], columns: tuple[str, ...]
) -> WeighedScore:
    known = rows.copy()
    placed = []
    for division, margin in pairs:
        names = [level for level, _ in margin.totals]
        place = np.array([names.index(level) if level in names else -1 for level in division.levels] + [-1])
        codes = place[np.where(division.codes >= 0, division.codes, len(division.levels)).astype(np.int64)]
        placed.append((margin, tuple(names), codes))
        known &= codes >= 0
    answers, left_out = int(rows.sum()), int(rows.sum() - known.sum())
    if not known.any():
        reason = Message(gettext_noop("No answer has a value that your margins name."))
        return WeighedScore(columns, None, None, answers, left_out, reason)
    given = [
        Margin(margin.column, codes[known], names, np.array([total for _, total in margin.totals]))
        for margin, names, codes in placed
    ]
    base = None
    if asked.weight is not None and bool(np.all(asked.weight[known] > 0)):
        base = asked.weight[known]
    try:
        weights = raked(given, base=base)
        score = calibrated_score(asked.score[known], asked.scale, weights, customer_id=asked.customer[known])
    except DataError as error:
        first = error.problems[0].message() if error.problems else error.what
        return WeighedScore(columns, None, None, answers, left_out, first)
    return WeighedScore(columns, score, weights, answers, left_out, None)
