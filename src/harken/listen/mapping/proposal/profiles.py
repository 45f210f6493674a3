"""What is known of a table before its mapping: counts over each column, a few of its values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """Counts over one column.

    `filled` cells hold something, `numbers` of them a number, `whole` a whole number; `low` and `high` bound the
    numbers; `distinct` values differ; `characters` is the mean length; `codes` is True where numbers start with 0;
    `time_word` says how times are written (iso, named, dmy, mdy, excel, an epoch), None where the column holds
    none, `time_unsure` that day and month may be the other way round; `top` are the most frequent values with their
    counts, `samples` the first few. `first_year` and `last_year` bound the times, `days_only` says that none has a
    time of day.
    """

    name: str
    label: str
    filled: int
    numbers: int
    whole: int
    low: float | None
    high: float | None
    distinct: int
    characters: float
    codes: bool
    time_word: str | None
    time_unsure: bool
    top: tuple[tuple[str, int], ...]
    samples: tuple[str, ...]
    decimal_commas: int = 0
    first_year: int | None = None
    last_year: int | None = None
    days_only: bool = False

    @property
    def numeric(self) -> bool:
        """True where nearly every filled cell is a number."""
        return self.filled > 0 and self.numbers >= 0.95 * self.filled

    @property
    def unique(self) -> bool:
        """True where nearly no value stands twice."""
        return self.filled > 0 and self.distinct >= 0.98 * self.filled

    @property
    def binary(self) -> bool:
        """True where two values stand."""
        return self.distinct == 2


@dataclass(frozen=True, slots=True)
class TableProfile:
    """One table: `name` of its file, `sheet` where the file has several, counts of its columns."""

    name: str
    sheet: str | None
    rows: int
    encoding: str
    delimiter: str
    header_rows: int
    columns: tuple[ColumnProfile, ...]
    decimal: str = "."

    @property
    def key(self) -> tuple[str, str | None]:
        """What tells tables apart."""
        return (self.name, self.sheet)

    def column(self, name: str) -> ColumnProfile:
        """The profile of a column of that name."""
        return next(column for column in self.columns if column.name == name)

    def has(self, name: str) -> bool:
        """True where there is a column of that name."""
        return any(column.name == name for column in self.columns)
