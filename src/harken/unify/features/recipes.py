"""How each feature is computed: plain recipes that the SQL is written from and that a proof can recompute."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from harken.unify.features.catalogue import Feature
from harken.vocabulary.messages import Message

DAY_US = 86_400_000_000
"""Microseconds of a day."""

WINDOWS_DAYS: tuple[int, ...] = (7, 30, 90, 365)
"""The stretches before the as-of moment that events are summed over."""

SCORE_GRAIN = 2.0**-20
"""Scores are small whole numbers or have few decimals: a grain of a millionth is exact enough for any scale."""

Form = Literal[
    "total",
    "mean",
    "maximum",
    "share",
    "trend",
    "mean_trend",
    "distinct",
    "days_since_last",
    "days_since_first",
    "gap_mean",
    "gap_longest",
    "repeats",
    "repeat_share",
    "switches",
    "last",
    "tenure",
    "number",
    "category",
    "days_ago",
    "people",
]

RowsForm = Literal["events", "sequence", "answers", "people", "accounts", "snapshot"]

ZERO_WHEN_NOTHING: frozenset[str] = frozenset({"total", "trend", "distinct", "repeats", "switches"})
"""Forms that are 0, not unknown, for a customer without a single such event."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one feature follows from a customer's rows before the as-of moment.

    - total: number of rows, or sum of `measure`; restricted to `key` = `value` or to `measure` > `over`
    - mean, maximum: of `measure`
    - share: of the rows that have `key` (or `measure`), those with `key` = `value` (or `measure` > `over`)
    - trend: per-day rate in the last `window_days` minus the one in the `before_days` before, times 30
    - mean_trend: mean of `measure` in the last `window_days` minus the mean in the `before_days` before
    - distinct: number of different values of `key`
    - days_since_last, days_since_first: days from the last or first row to the as-of moment
    - gap_mean, gap_longest: days between consecutive rows that both lie in the window
    - repeats: rows at most `within_days` after an earlier row (of the same `key`, where given);
      repeat_share: divided by the number of rows
    - switches: rows at most `within_days` after an earlier row that had another `key`, both known
    - last: score of the latest answer to `answer` (programme, question, scale)
    - tenure: days since the person became a customer
    - number, category, days_ago: a snapshot's or person's column as a number, as the position of its value in
      `levels`, or as days from the column's time to the as-of moment (`origin_us` where there is none)
    - people: how many customers share the customer's account

    `factor` divides the lake's unit into the feature's (60 for seconds to minutes).
    """

    form: Form
    measure: str = ""
    factor: float = 1.0
    key: str = ""
    value: str = ""
    over: float | None = None
    window_days: int | None = None
    before_days: int | None = None
    within_days: int | None = None
    answer: tuple[str, str, str] | None = None
    levels: tuple[str, ...] = ()
    other: bool = False
    origin_us: int | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A feature and its recipe."""

    feature: Feature
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Block:
    """Features computed together in one pass over the rows of one kind, one snapshot or the people.

    `name` is the kind or the snapshot's source; rows "accounts" are those of everyone in the customer's account.
    `grains` gives each summed measure the power of two its values are rounded to, so that sums are exact and do
    not depend on the order of rows.
    """

    rows: RowsForm
    name: str
    planned: tuple[Planned, ...]
    grains: tuple[tuple[str, float], ...] = ()

    def value_when_nothing(self, recipe: Recipe) -> float:
        """What a customer has whom the block's query does not mention: 0 for counts of own events, else unknown."""
        return 0.0 if recipe.form in ZERO_WHEN_NOTHING and self.rows != "accounts" else math.nan

    @property
    def features(self) -> tuple[Feature, ...]:
        """The block's features in column order."""
        return tuple(planned.feature for planned in self.planned)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that is no feature, and why."""

    source: str
    name: str
    label: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Formula:
    """A feature of the company's own: arithmetic over other features."""

    feature: Feature
    expression: str
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All features of a company with how each is computed, and the columns that were left out.

    A catalogue planned at one moment can be used at another: columns, levels and units stay the same.
    """

    blocks: tuple[Block, ...]
    formulas: tuple[Formula, ...] = ()
    left_out: tuple[LeftOut, ...] = field(default=())

    @property
    def features(self) -> tuple[Feature, ...]:
        """Every feature in the column order of a feature table."""
        planned = tuple(feature for block in self.blocks for feature in block.features)
        return planned + tuple(formula.feature for formula in self.formulas)

    @property
    def families(self) -> tuple[str, ...]:
        """The driver families that occur, in alphabetical order."""
        return tuple(sorted({feature.family for feature in self.features}))
