"""What a lake holds: the counts and levels from which the features of any company are planned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnKind = Literal["number", "category", "time"]
ColumnRole = Literal["feature", "value", "ignored"]


@dataclass(frozen=True, slots=True)
class Level:
    """One value of a column and how many rows carry it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of one kind of signal, in the units of the lake (seconds, reporting currency, pieces).

    `known` rows carry it; `mean` is over those rows; `magnitude` is the sum of absolute values.
    """

    name: str
    known: int
    mean: float
    magnitude: float


@dataclass(frozen=True, slots=True)
class KindInventory:
    """One kind of signal: how many, which measures are filled, which channels, touchpoints and issues occur.

    Levels are sorted by falling count, then by name. `first_us` and `last_us` are epoch microseconds UTC.
    """

    kind: str
    count: int
    first_us: int
    last_us: int
    measures: tuple[Measured, ...] = ()
    channels: tuple[Level, ...] = ()
    touchpoints: tuple[Level, ...] = ()
    issues: tuple[Level, ...] = ()

    def measure(self, name: str) -> Measured | None:
        """The measure of that name, None where no row carries it."""
        return next((measure for measure in self.measures if measure.name == name), None)


@dataclass(frozen=True, slots=True)
class ScoreInventory:
    """One question of one survey programme on one scale, and how many dated answers it has."""

    programme: str
    question: str
    scale: str
    count: int


@dataclass(frozen=True, slots=True)
class SnapshotColumn:
    """One column of a snapshot as it stands in the lake.

    `rows` are the rows of the snapshot in reach, `known` those with a value, `distinct` the different values.
    Numbers and times have `minimum`, `maximum` and `whole` (no fractions); categories have `levels` (the most
    frequent ones, at most 31) and `mean_length` (characters).
    """

    source: str
    name: str
    label: str
    type: ColumnKind
    role: ColumnRole
    rows: int
    known: int
    distinct: int
    family: str | None = None
    lever: bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False
    levels: tuple[Level, ...] = ()
    mean_length: float = 0.0


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything known about a lake before a moment that planning its features needs.

    `as_of_us` is the moment (epoch microseconds UTC), None for undated snapshots only; `people` counts the
    persons on record, `declared` those of customer lists, `joined` those whose first day is known, `colleagues`
    the customers who share their account with another customer.
    """

    as_of_us: int | None
    people: int = 0
    declared: int = 0
    joined: int = 0
    colleagues: int = 0
    languages: tuple[Level, ...] = ()
    roles: tuple[Level, ...] = ()
    kinds: tuple[KindInventory, ...] = ()
    scores: tuple[ScoreInventory, ...] = ()
    snapshots: tuple[SnapshotColumn, ...] = ()
