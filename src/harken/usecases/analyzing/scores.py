"""The parts of a run that speak of answers: scores, touchpoint ratings, the whole base, drivers of the score."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from harken.lake import facts
from harken.lake.facts import Answers, Question
from harken.learn.drivers import FamilyRanking, rank_families
from harken.learn.ratings.estimate import RatingDrivers, rank_ratings
from harken.learn.scores import (
    ScoreSeries,
    ScoreSummary,
    SegmentScores,
    compared_together,
    score_series,
    segment_scores,
    summarize,
)
from harken.learn.scores.answers import scored, usable_answers
from harken.learn.whole_base.estimate import estimate_whole_base
from harken.learn.whole_base.result import WholeBase
from harken.unify.features.catalogue import FeatureTable
from harken.usecases.analyzing.context import Context, subset
from harken.usecases.analyzing.results import OtherScore, ScoreOverview, SegmentTable
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.periods import Period
from harken.vocabulary.progress import Progress
from harken.vocabulary.scales import Headline, Scale

PERIODS_MAX = 24
ANSWERS_PER_PERIOD = 30
FILLED_SHARE = 0.75
SCORE_DRIVER_ANSWERS_MIN = 100


def chosen_question(context: Context) -> Question:
    """The question of the chosen score; raises NotEnoughData where nobody ever answered one."""
    if context.plan.score is None:
        raise NotEnoughData(
            Message(gettext_noop("There are no answers with a score.")),
            Message(gettext_noop("Import a survey, or map its score column with a scale.")),
        )
    return context.plan.score


def score_overview(context: Context, table: FeatureTable | None) -> ScoreOverview:
    """Summary, series, segments and the other questions, of those who answered."""
    question = chosen_question(context)
    scale, rows, period = context.scales[question.scale], context.answers(question), context.score_period()
    inside = context.in_window(rows)
    weighted = bool(np.isfinite(rows.weight[inside]).any())

    def summary(weights: NDArray[np.float64] | None) -> ScoreSummary:
        return summarize(
            rows.score[inside], scale, weights=weights, customer_id=rows.customer_id[inside], period=period
        )

    return ScoreOverview(
        question=question,
        period=period,
        summary=summary(rows.weight[inside] if weighted else None),
        unweighted=summary(None) if weighted else None,
        series=_series(rows, scale, weighted) if question.dated else None,
        segments=_segment_tables(context, table, rows, inside, scale, weighted),
        others=_others(context, question),
    )


def _series(rows: Answers, scale: Scale, weighted: bool) -> ScoreSeries | None:
    """The score by month, quarter or year: the finest with 30 answers a period on average and few empty ones."""
    for months in (1, 3, 12):
        number = rows.day.astype("datetime64[M]").astype(np.int64) // months
        first, last = int(number.min()), int(number.max())
        count = last - first + 1
        filled = len(np.unique(number)) / count
        if count <= PERIODS_MAX and filled >= FILLED_SHARE and len(rows) / count >= ANSWERS_PER_PERIOD:
            periods = [Period(_month(k * months), _month((k + 1) * months)) for k in range(first, last + 1)]
            weights = rows.weight if weighted else None
            return score_series(
                rows.score, number - first, periods, scale, weights=weights, customer_id=rows.customer_id
            )
    return None


def _month(number: int) -> date:
    return date(1970 + number // 12, number % 12 + 1, 1)


def _segment_tables(
    context: Context,
    table: FeatureTable | None,
    rows: Answers,
    inside: NDArray[np.bool_],
    scale: Scale,
    weighted: bool,
) -> tuple[SegmentTable, ...]:
    if table is None or not inside.any():
        return ()
    place = np.minimum(np.searchsorted(table.customer_id, rows.customer_id[inside]), len(table.customer_id) - 1)
    known = table.customer_id[place] == rows.customer_id[inside]
    weights = rows.weight[inside] if weighted else None
    labels = {feature.name: feature.label for feature in table.features}
    named: list[tuple[str, SegmentScores]] = []
    for name, (codes, levels) in context.segments(table).items():
        own = np.where(known, codes[place], -1)
        if not (own >= 0).any():
            continue
        scores = segment_scores(
            rows.score[inside], own, levels, scale, weights=weights, customer_id=rows.customer_id[inside],
            period=context.score_period(), seed=context.plan.seed,
        )  # fmt: skip
        named.append((name, scores))
    together = compared_together([scores for _, scores in named])
    return tuple(
        SegmentTable(name, labels[name], scores) for (name, _), scores in zip(named, together, strict=True)
    )


def _others(context: Context, chosen: Question) -> tuple[OtherScore, ...]:
    others = []
    for question in context.questions:
        if question == chosen:
            continue
        rows = context.answers(question)
        inside = context.in_window(rows) if question.dated else np.ones(len(rows), dtype=bool)
        if not inside.any():
            continue
        weights = rows.weight[inside] if np.isfinite(rows.weight[inside]).any() else None
        summary = summarize(
            rows.score[inside],
            context.scales[question.scale],
            weights=weights,
            customer_id=rows.customer_id[inside],
            period=context.score_period() if question.dated else None,
        )
        others.append(OtherScore(question, summary))
    return tuple(others)


def rating_drivers(context: Context) -> RatingDrivers:
    """Which of the other ratings in the same programme go with the score."""
    chosen = chosen_question(context)
    others = [q for q in context.questions if q.programme == chosen.programme and q != chosen]
    if not others:
        raise NotEnoughData(
            Message(gettext_noop("The programme asks no ratings beside the score.")),
            Message(gettext_noop("Map the touchpoint ratings of the survey as answers of the same programme.")),
        )
    _, score, ratings = facts.rating_matrix(context.connection, chosen, others)
    scale = context.scales[chosen.scale]
    points = _points(score, scale)
    return rank_ratings(points, ratings, [question.question for question in others], seed=context.plan.seed)


def _points(score: NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    """Scores as they count in the headline: net scores and shares times 100."""
    counted = np.full(len(score), np.nan)
    known = np.isfinite(score)
    factor = 1.0 if scale.headline is Headline.MEAN else 100.0
    counted[known] = factor * scored(usable_answers(score[known], scale), scale, scale.headline)
    return counted


def latest_scores(context: Context, table: FeatureTable) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """For the customers of a table: who answered in the window, and the latest score (NaN where silent)."""
    rows = context.answers(chosen_question(context))
    inside = context.in_window(rows)
    ids, score = rows.customer_id[inside], rows.score[inside]
    last = np.r_[ids[1:] != ids[:-1], True] if len(ids) else np.zeros(0, bool)
    column = facts.align(table.customer_id, ids[last], score[last], np.nan)
    return np.isfinite(column), column


def whole_base(context: Context, table: FeatureTable, progress: Progress) -> WholeBase:
    """The score of all customers."""
    question = chosen_question(context)
    answered, score = latest_scores(context, table)
    return estimate_whole_base(
        table,
        answered,
        score,
        context.scales[question.scale],
        seed=context.plan.seed,
        segments=context.segments(table),
        progress=progress,
    )


def score_drivers(context: Context, table: FeatureTable, progress: Progress) -> FamilyRanking:
    """Which driver families go with the score, among those who answered."""
    answered, score = latest_scores(context, table)
    if np.count_nonzero(answered) < SCORE_DRIVER_ANSWERS_MIN:
        raise NotEnoughData(
            Message(
                gettext_noop("{n} customers with a score are too few to rank its drivers; {least} are needed."),
                {"n": int(answered.sum()), "least": SCORE_DRIVER_ANSWERS_MIN},
            )
        )
    points = _points(score[answered], context.scales[chosen_question(context).scale])
    return rank_families(subset(table, answered), points, seed=context.plan.seed, progress=progress)
