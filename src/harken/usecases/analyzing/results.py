"""What the parts of a run hold beside the results of the stages themselves."""

from __future__ import annotations

from dataclasses import dataclass

from harken.lake.facts import Question, SourceEntry
from harken.learn.scores import ScoreSeries, ScoreSummary, SegmentScores
from harken.unify.features.catalogue import Feature
from harken.usecases.analyzing.plan import OutcomeChoice
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message
from harken.vocabulary.periods import Period


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


@dataclass(frozen=True, slots=True)
class OutcomeDefinition:
    """What leaving means in this run, in words, with the figures it rests on."""

    choice: OutcomeChoice
    sentence: Message
    window: Period | None
    customers: int
    left: int
    rate: Estimate
    trained_on: Period | None
    proposal: Message | None


@dataclass(frozen=True, slots=True)
class LeftOutColumn:
    """A column that is no feature, and why."""

    source: str
    label: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Inventory:
    """Which data are held, and what was made of them."""

    sources: tuple[SourceEntry, ...]
    features: tuple[Feature, ...]
    left_out: tuple[LeftOutColumn, ...]
    signals: int
    customers: int
    notes: tuple[Message, ...]
