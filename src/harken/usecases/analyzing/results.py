"""What the parts of a run hold beside the results of the stages themselves."""

from __future__ import annotations

from dataclasses import dataclass

from harken.lake.coverage import FieldCoverage
from harken.lake.facts import SourceEntry
from harken.lake.words import Comment
from harken.unify.features.catalogue import Feature
from harken.usecases.analyzing.plan import OutcomeChoice
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message
from harken.vocabulary.periods import Period


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
    coverage: tuple[FieldCoverage, ...] = ()


@dataclass(frozen=True, slots=True)
class Voices:
    """Words of customers with whom most is at stake, those first: in Chinese and in other scripts.

    They are picked to be heard, not to be counted: among `looked_at` customers, one comment each.
    """

    han: tuple[Comment, ...]
    other: tuple[Comment, ...]
    looked_at: int
