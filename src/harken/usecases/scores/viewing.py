"""Scores for any question, period and segment, from the answers that a run keeps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

import numpy as np

from harken.lake.facts import Question
from harken.learn.scores import Comparison, ScoreSummary, compare
from harken.usecases.runs import NotRun, Run
from harken.usecases.scores.answers import AnswersHeld, QuestionAnswers, answers_of
from harken.usecases.scores.choice import AS_ANALYSED, FIRST_DAY, LAST_DAY, Choice
from harken.usecases.scores.live import LiveScore, live_score
from harken.usecases.scores.overview import Rows, ScoreOverview, asked_answers, chosen_rows, overview_of
from harken.usecases.scores.waves import Wave, span_of, waves_of
from harken.vocabulary.errors import NotEnoughData, SettingsError
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.periods import Period
from harken.vocabulary.scales import Scale

VIEWS_HELD = 32


@dataclass(frozen=True, slots=True)
class SegmentOption:
    """One division of the customers and its segments, each with its number of answers to the question."""

    name: str
    label: Message
    levels: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Options:
    """What can be chosen: questions, first and last day with answers, waves (newest first), segments."""

    questions: tuple[Question, ...]
    span: Period | None
    waves: tuple[Wave, ...]
    segments: tuple[SegmentOption, ...]


@dataclass(frozen=True, slots=True)
class ScoreView:
    """The answer to one choice: the overview, the change against another period, and what else can be chosen.

    `choice` is what was asked for, `shown` the question, period and segment that the numbers speak of, `scale` that
    of the question, `window` the run's own period; `comparison` and `live`, the score of the running period, are
    None where answers are undated.
    """

    choice: Choice
    shown: Choice
    scale: Scale
    window: Period | None
    overview: ScoreOverview
    comparison: Comparison | None
    live: LiveScore | None
    options: Options


def scores(run: Run, choice: Choice = AS_ANALYSED) -> ScoreView:
    """How those who answered feel, for one question, period and segment, and whether that changed.

    Reads the run only: no analysis is needed for another period or segment. Raises NotEnoughData where the run has
    no answers, SettingsError for a question or segment that it does not know.
    """
    held = answers_of(run)
    if held is None or not held.questions:
        reason = run.parts.get("scores")
        if isinstance(reason, NotRun):
            raise NotEnoughData(reason.reason)
        raise NotEnoughData(Message(gettext_noop("There are no answers with a score.")))
    path = run.folder / "answers.parquet"
    own = run.parts.get("scores")
    own = own if isinstance(own, ScoreOverview) else None
    return _view(_Key(held, own, str(path), path.stat().st_mtime_ns), choice)


@dataclass(frozen=True, slots=True, eq=False)
class _Key:
    """Answers that are equal where they come from the same file as it was written; `own` is what the run says."""

    held: AnswersHeld
    own: ScoreOverview | None
    path: str
    written_ns: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and (self.path, self.written_ns) == (other.path, other.written_ns)

    def __hash__(self) -> int:
        return hash((self.path, self.written_ns))


@lru_cache(maxsize=VIEWS_HELD)
def _view(key: _Key, choice: Choice) -> ScoreView:
    held = key.held
    asked = asked_answers(held, choice)
    own = chosen_rows(asked, choice.segment)
    period = within_span(choice.period, asked) or (held.window if asked.day is not None else None)
    overview = key.own
    if overview is None or (choice.question, choice.period, choice.segment) != (None, None, None):
        overview = overview_of(held, Choice(choice.question, period, choice.segment), course_of=choice.period)
    waves = waves_of(asked)
    comparison = None
    if period is not None and asked.day is not None:
        after, before = _compared_periods(asked, period, waves, choice)
        known = overview.summary if after == overview.period and asked.weight is None else None
        comparison = _compared(asked, own, after, before, choice.segment, known)
    against = None if comparison is None else comparison.before_period
    shown = Choice(asked.question.name, period, choice.segment, against)
    live = live_score(asked, own & asked.within(choice.period))
    return ScoreView(
        choice, shown, asked.scale, held.window, overview, comparison, live, _options(held, asked, waves)
    )


def within_span(period: Period | None, asked: QuestionAnswers) -> Period | None:
    """A chosen period whose open ends are the first and last day with answers."""
    span = span_of(asked)
    if period is None or span is None:
        return period
    start = span.start if period.start == FIRST_DAY else period.start
    end = span.end if period.end > LAST_DAY else period.end
    return Period(start, max(end, start + timedelta(days=1)))


def _compared(
    asked: QuestionAnswers,
    own: Rows,
    period: Period,
    before: Period,
    segment: tuple[str, str] | None,
    known: ScoreSummary | None,
) -> Comparison:
    """The chosen period against another. Raises SettingsError where they overlap."""
    if before.start < period.end and period.start < before.end:
        raise SettingsError(
            Message(gettext_noop("The periods {first} and {second} overlap."),
                    {"first": str(before), "second": str(period)}),
            Message(gettext_noop("Compare two periods that share no day.")),
        )  # fmt: skip
    side = np.where(asked.within(period)[own], 1, np.where(asked.within(before)[own], 0, -1))
    divisions = [
        replace(one, codes=one.codes[own]) for one in asked.divisions if segment is None or one.name != segment[0]
    ]
    return compare(
        asked.score[own], side, (before, period), asked.scale,
        weights=None if asked.weight is None else asked.weight[own], customer_id=asked.customer[own],
        account=None if asked.account is None else asked.account[own], divisions=divisions,
        known_after=known,
    )  # fmt: skip


def _compared_periods(
    asked: QuestionAnswers, period: Period, waves: tuple[Wave, ...], choice: Choice
) -> tuple[Period, Period]:
    """The period and the one to compare it with; a run's window of several waves stands for the latest of them."""
    if choice.before is not None:
        return period, choice.before
    before = _period_before(asked, period, waves)
    inside = [one.period for one in waves if one.period.start >= period.start and one.period.end <= period.end]
    if choice.period is None and len(inside) > 1 and not asked.within(before).any():
        return inside[0], inside[1]
    return period, before


def _period_before(asked: QuestionAnswers, period: Period, waves: tuple[Wave, ...]) -> Period:
    """The period before of equal length; where nobody answered in it, the last wave before."""
    before = period.before()
    if not asked.within(before).any():
        earlier = [wave.period for wave in waves if wave.period.end <= period.start]
        return earlier[0] if earlier else before
    return before


def _options(held: AnswersHeld, asked: QuestionAnswers, waves: tuple[Wave, ...]) -> Options:
    segments = []
    for division in asked.divisions:
        counts = np.bincount(division.codes.astype(np.int64) + 1, minlength=len(division.levels) + 1)[1:]
        levels = tuple(zip(division.levels, counts.tolist(), strict=True))
        segments.append(SegmentOption(division.name, division.label, tuple(level for level in levels if level[1])))
    questions = tuple(one.question for one in held.questions)
    return Options(questions, span_of(asked), waves, tuple(segments))
