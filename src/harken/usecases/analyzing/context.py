"""What every part of an analysis shares: the pinned lake, the plan, feature tables and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harken.lake import facts
from harken.lake.facts import Answers, Question, Span
from harken.learn.folds import sample_mask
from harken.unify.features.catalogue import Feature, FeatureTable
from harken.usecases.analyzing.labels import Labels, OutcomeRows, label, label_silence
from harken.usecases.analyzing.plan import AnalysisPlan, OutcomeChoice
from harken.usecases.workspaces import Settings
from harken.vocabulary.messages import Message
from harken.vocabulary.periods import Period
from harken.vocabulary.progress import Progress
from harken.vocabulary.scales import SCALES, Scale

if TYPE_CHECKING:
    from concurrent.futures import Future

    from harken.lake.facts import Connection
    from harken.lake.reading import Pinned
    from harken.listen.mapping.model import Part
    from harken.unify.features.recipes import Catalogue

FIT_CUSTOMERS = 200_000
SEGMENT_LEVELS_MAX = 20
SEGMENTS_MAX = 12
Ids = NDArray[np.int64]


@dataclass(slots=True)
class Context:
    """The state of one analysis while it runs."""

    pinned: Pinned
    connection: Connection
    settings: Settings
    plan: AnalysisPlan
    span: Span
    questions: tuple[Question, ...]
    scales: Mapping[str, Scale]
    progress: Progress
    memory_limit_bytes: int | None = None
    leaks: tuple[str, ...] = ()
    ahead: dict[int | None, Future[FeatureTable]] = field(default_factory=dict, init=False)
    _catalogue: Catalogue | None = field(default=None, init=False)
    _answers: dict[str, Answers] = field(default_factory=dict, init=False)

    def beside(self, progress: Progress) -> Context:
        """The same state for another thread: a connection of its own, the features planned already."""
        own = replace(self, connection=self.connection.cursor(), progress=progress)
        own._catalogue, own.ahead = self.catalogue, self.ahead
        return own

    @property
    def catalogue(self) -> Catalogue:
        """The features of this company, planned once as of the analysis."""
        if self._catalogue is None:
            from harken.lake.features import inventory
            from harken.unify.features.plan import plan

            held = inventory(self.pinned, self.plan.as_of_us, memory_limit_bytes=self.memory_limit_bytes)
            self._catalogue = plan(held)
        return self._catalogue

    def table(
        self, as_of_us: int | None, sample: Ids | None = None, progress: Progress | None = None
    ) -> FeatureTable:
        """Features of everybody in the base at a moment, or of a sample of them."""
        if sample is None and (computed := self.ahead.pop(as_of_us, None)) is not None:
            return computed.result()
        from harken.lake.features import build

        return build(
            self.pinned,
            as_of_us,
            catalogue=self.catalogue,
            sample_ids=sample,
            formulas=self.settings.formulas,
            memory_limit_bytes=self.memory_limit_bytes,
            progress=progress or (lambda step, done: self.progress(step, 0.0)),
        )

    def sample_ids(self) -> Ids | None:
        """The declared sample that models are fitted on, None where everybody fits."""
        if self.span.people <= FIT_CUSTOMERS:
            return None
        ids = np.asarray(facts.names(self.connection)["customer_id"], dtype=np.int64)
        return ids[sample_mask(ids, self.plan.seed, FIT_CUSTOMERS)]

    def answers(self, question: Question) -> Answers:
        """All answers to a question."""
        if question.name not in self._answers:
            self._answers[question.name] = facts.answers(self.connection, question)
        return self._answers[question.name]

    def score_period(self) -> Period | None:
        """The local days of the score window, None where answers are undated."""
        if self.plan.as_of is None or self.plan.score_window_days is None:
            return None
        return Period(self.plan.as_of - timedelta(days=self.plan.score_window_days), self.plan.as_of)

    def in_window(self, answers: Answers) -> NDArray[np.bool_]:
        """Which answers lie in the score window; all where they are undated."""
        if self.plan.score_from_us is None or self.plan.as_of_us is None:
            return np.ones(len(answers), dtype=bool)
        return (answers.ts_us >= self.plan.score_from_us) & (answers.ts_us < self.plan.as_of_us)

    def segments(self, table: FeatureTable) -> dict[str, tuple[Ids, tuple[str, ...]]]:
        """Divisions of the base by column name: code per row (-1 = not known) and labels."""
        chosen = [feature for feature in table.features if self._divides(feature)]
        if self.plan.segments is None:
            chosen = sorted(chosen, key=lambda feature: (len(feature.levels), feature.name))[:SEGMENTS_MAX]
        divisions = {}
        for feature in chosen:
            column = table.column(feature.name)
            codes = np.where(np.isfinite(column), np.nan_to_num(column, nan=-1.0), -1).astype(np.int64)
            divisions[feature.name] = (codes, feature.levels)
        return divisions

    def _divides(self, feature: Feature) -> bool:
        if feature.type != "category" or feature.name in self.leaks:
            return False
        if self.plan.segments is not None:
            return feature.name in self.plan.segments
        return 2 <= len(feature.levels) <= SEGMENT_LEVELS_MAX


def declared_parts(mappings: Sequence[str]) -> tuple[Part, ...]:
    """Every part of the mappings that past imports were made by; imports without a mapping declare nothing."""
    from harken.listen.mapping.parsing import parse

    return tuple(part for text in filter(None, mappings) for file in parse(text).files for part in file.parts)


def scales_in(parts: Sequence[Part]) -> dict[str, Scale]:
    """Every scale known here: the usual ones and those that mappings declare."""
    from harken.listen.mapping.model import SignalPart

    scored = (part.score for part in parts if isinstance(part, SignalPart) and part.score is not None)
    return SCALES | {score.scale.id: score.scale for score in scored}


def good_outcomes_in(parts: Sequence[Part]) -> frozenset[str]:
    """Names of outcomes that mappings declare as wanted."""
    from harken.listen.mapping.model import OutcomePart

    return frozenset(part.outcome for part in parts if isinstance(part, OutcomePart) and part.good)


@dataclass(frozen=True, slots=True)
class OutcomeSource:
    """Where leaving is read from: outcome rows, or the days of orders."""

    choice: OutcomeChoice
    rows: OutcomeRows | None
    order_ids: Ids | None
    order_days: Ids | None

    def labels(self, customer_id: Ids, start_us: int | None) -> Labels:
        """Who is judged and who left in the horizon after `start_us`."""
        if self.rows is not None:
            return label(customer_id, self.rows, self.choice, start_us)
        assert self.order_ids is not None
        assert self.order_days is not None
        assert self.choice.horizon_days is not None
        assert start_us is not None
        day = int(start_us // facts.DAY_US)
        return label_silence(customer_id, self.order_ids, self.order_days, day, self.choice.horizon_days)


def subset(table: FeatureTable, rows: NDArray[np.bool_]) -> FeatureTable:
    """The table of some of its customers."""
    if rows.all():
        return table
    return FeatureTable(table.customer_id[rows], table.values[rows], table.features, table.as_of_us)


def part_of(progress: Progress, start: float, end: float) -> Progress:
    """Progress of a part as progress of the whole."""

    def told(step: Message, done: float) -> None:
        progress(step, start + (end - start) * min(max(done, 0.0), 1.0))

    return told
