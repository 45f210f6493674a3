"""The parts of a run that speak of answers: scores, touchpoint ratings, the whole base, drivers of the score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.lake import facts
from harken.lake.facts import Question
from harken.learn.drivers import FamilyRanking, rank_families
from harken.learn.folds import sample_mask
from harken.learn.ratings.estimate import RatingDrivers, rank_ratings
from harken.learn.scores import Division
from harken.learn.scores.answers import scored, usable_answers
from harken.learn.whole_base.estimate import estimate_whole_base
from harken.learn.whole_base.result import WholeBase
from harken.unify.features.catalogue import FeatureTable
from harken.usecases.analyzing.context import Context, subset
from harken.usecases.scores.answers import AnswersHeld, QuestionAnswers
from harken.usecases.scores.choice import Choice
from harken.usecases.scores.overview import ScoreOverview, overview_of
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress
from harken.vocabulary.scales import Headline, Scale

SCORE_DRIVER_ANSWERS_MIN = 100


def chosen_question(context: Context) -> Question:
    """The question of the chosen score; raises NotEnoughData where nobody ever answered one."""
    if context.plan.score is None:
        raise NotEnoughData(
            Message(gettext_noop("There are no answers with a score.")),
            Message(gettext_noop("Import a survey, or map its score column with a scale.")),
        )
    return context.plan.score


def held_answers(context: Context, table: FeatureTable | None) -> AnswersHeld:
    """Every answer known at the analysis, the chosen question's first, with the customer's segments and account."""
    chosen = chosen_question(context)
    ordered = [chosen, *(question for question in context.questions if question != chosen)]
    labels = {} if table is None else {feature.name: feature.label for feature in table.features}
    segments = {} if table is None else context.segments(table)
    accounts = facts.accounts_of(context.connection)
    held = []
    for question in ordered:
        rows = context.answers(question)
        known = rows.ts_us < (np.iinfo(np.int64).max if context.plan.as_of_us is None else context.plan.as_of_us)
        customer, place = rows.customer_id[known], np.zeros(0, np.int64)
        inside = np.zeros(len(customer), dtype=bool)
        if table is not None and len(table.customer_id):
            place = np.minimum(np.searchsorted(table.customer_id, customer), len(table.customer_id) - 1)
            inside = table.customer_id[place] == customer
        held.append(
            QuestionAnswers(
                question=question,
                scale=context.scales[question.scale],
                customer=customer,
                score=rows.score[known],
                weight=rows.weight[known] if np.isfinite(rows.weight[known]).any() else None,
                day=rows.day[known] if question.dated else None,
                account=None if accounts is None else facts.align(customer, *accounts, -1.0).astype(np.int64),
                divisions=tuple(
                    Division(name, labels[name], np.where(inside, codes[place], -1), levels)
                    for name, (codes, levels) in segments.items()
                ),
            )
        )
    return AnswersHeld(tuple(held), context.score_period(), context.plan.seed)


def score_overview(context: Context, held: AnswersHeld) -> ScoreOverview:
    """Summary, series, segments and the other questions, of those who answered in the score window."""
    question = chosen_question(context)
    return overview_of(held, Choice(question.name, context.score_period()))


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


@dataclass(frozen=True, slots=True)
class Scored:
    """Customers with a score in the window: their features before it, and what each adds to the headline, (n,)."""

    table: FeatureTable
    points: NDArray[np.float64]

    def sample(self, seed: int, size: int) -> Scored:
        """At most `size` of them, drawn by number."""
        kept = sample_mask(self.table.customer_id, seed, size)
        return self if kept.all() else Scored(subset(self.table, kept), self.points[kept])


def scored_customers(context: Context, table: FeatureTable) -> Scored:
    """The customers of a table who have a score, with their points."""
    answered, score = latest_scores(context, table)
    scale = context.scales[chosen_question(context).scale]
    return Scored(subset(table, answered), _points(score[answered], scale))


def score_drivers(context: Context, given: Scored, progress: Progress) -> FamilyRanking:
    """Which driver families go with the score, among those who answered."""
    if len(given.points) < SCORE_DRIVER_ANSWERS_MIN:
        raise NotEnoughData(
            Message(
                gettext_noop("{n} customers with a score are too few to rank its drivers; {least} are needed."),
                {"n": len(given.points), "least": SCORE_DRIVER_ANSWERS_MIN},
            )
        )
    return rank_families(given.table, given.points, seed=context.plan.seed, progress=progress)
