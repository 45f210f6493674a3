"""What a mapping says: which column of a file means what. Plain frozen data; nothing is read or computed here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from harken.vocabulary.scales import Scale

DEFAULT_BLANK: tuple[str, ...] = ("", "NA", "N/A", "#N/A", "NULL", "null", "NaN", "nan", "\\N")
"""Texts that mean "nothing stands here" where the mapping does not say otherwise."""

TIME_WORDS: tuple[str, ...] = ("iso", "dmy", "mdy", "excel", "epoch_s", "epoch_ms", "epoch_us")
"""Words for `time_format` beside strptime patterns: year first, day first, month first, Excel's day numbers,
epochs."""

UNIT_SECONDS: MappingProxyType[str, float] = MappingProxyType(
    {"milliseconds": 0.001, "seconds": 1.0, "minutes": 60.0, "hours": 3600.0, "days": 86400.0, "clock": 1.0}
)
"""Units of a wait or a duration in seconds; `clock` is text such as 1:02:03."""

EACH_ROW = "#row"
"""As `person`: every row is another person, numbered by file and row (files without any customer number)."""

SIGNAL_TEXTS: tuple[str, ...] = (
    "native_id",
    "programme",
    "question",
    "currency",
    "channel",
    "touchpoint",
    "issue",
    "agent",
    "comment",
)
"""Text fields every kind of signal may have."""

SIGNAL_NUMBERS: tuple[str, ...] = ("quantity", "amount", "weight")
"""Number fields every kind of signal may have."""


@dataclass(frozen=True, slots=True)
class Field:
    """Where a value comes from: one column, several joined with a blank between, or a constant.

    Among several, one that starts with "=" stands for itself: `["=2017-05", "day"]` is 2017-05 and the day.

    >>> Field.constant_of("phone").constant, Field(("day", "clock")).columns
    ('phone', ('day', 'clock'))
    """

    columns: tuple[str, ...] = ()
    constant: str | None = None

    @staticmethod
    def constant_of(value: str) -> Field:
        """The same value on every row."""
        return Field((), value)

    @property
    def named(self) -> tuple[str, ...]:
        """The columns among `columns`, without the constants."""
        return tuple(name for name in self.columns if not name.startswith("="))

    @property
    def label(self) -> str:
        """How the field is named in an error report."""
        return f"={self.constant}" if self.constant is not None else " + ".join(self.named)


@dataclass(frozen=True, slots=True)
class Join:
    """Columns of another file brought to each row; `on` pairs (this column, that column), that side unique."""

    file: str
    on: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Rows used (`keep`) or left out (not `keep`) because a column holds one of `values`."""

    column: str
    values: tuple[str, ...]
    keep: bool


@dataclass(frozen=True, slots=True)
class Who:
    """Whose row it is and when: the defaults of a file, and what a part says otherwise."""

    person: Field | None = None
    account: Field | None = None
    time: Field | None = None
    time_format: tuple[str, ...] = ()
    time_zone: str | None = None

    def over(self, defaults: Who) -> Who:
        """This, filled up with the defaults of the file."""
        own_time = self.time is not None
        return Who(
            self.person or defaults.person,
            self.account or defaults.account,
            self.time or defaults.time,
            self.time_format or (() if own_time else defaults.time_format),
            self.time_zone or defaults.time_zone,
        )


@dataclass(frozen=True, slots=True)
class Stretch:
    """A wait or a duration: a number with its unit, or the time from one column to another."""

    field: Field | None = None
    start: Field | None = None
    end: Field | None = None
    unit: str = "seconds"


@dataclass(frozen=True, slots=True)
class Score:
    """An answer on a declared scale; `blank` and `not_applicable` texts are no answer, `codes` are words for
    numbers."""

    field: Field
    scale: Scale
    blank: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    codes: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class SignalPart:
    """Rows become signals of one kind; `texts` and `numbers` pair a field of the signal with its origin."""

    place: str
    kind: str
    who: Who
    texts: tuple[tuple[str, Field], ...] = ()
    numbers: tuple[tuple[str, Field], ...] = ()
    score: Score | None = None
    wait: Stretch | None = None
    duration: Stretch | None = None
    properties: tuple[str, ...] = ()
    filters: tuple[RowFilter, ...] = ()

    def text(self, name: str) -> Field | None:
        """The field a text comes from, or None."""
        return dict(self.texts).get(name)


@dataclass(frozen=True, slots=True)
class PeoplePart:
    """A customer list: every person in it counts in the whole base."""

    place: str
    who: Who
    texts: tuple[tuple[str, Field], ...] = ()
    joined: Field | None = None
    left: Field | None = None
    filters: tuple[RowFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountsPart:
    """A list of companies."""

    place: str
    account: Field
    texts: tuple[tuple[str, Field], ...] = ()
    value: Field | None = None
    value_period: Literal["year", "month"] = "year"
    renewal: Field | None = None
    time_format: tuple[str, ...] = ()
    time_zone: str | None = None
    filters: tuple[RowFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomePart:
    """What happened in the end. Without `value` every row says it happened; else words in `true` and `false`, or a
    number. `good` is True where the event is wanted, such as a renewal."""

    place: str
    outcome: str
    who: Who
    value: Field | None = None
    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    filters: tuple[RowFilter, ...] = ()
    good: bool = False


@dataclass(frozen=True, slots=True)
class SnapshotPart:
    """A wide table of facts about each customer; `columns` None takes all that are not used otherwise."""

    place: str
    source: str
    who: Who
    as_of: Field | None = None
    columns: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    families: tuple[tuple[str, str], ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    levers: tuple[str, ...] = ()
    value: str | None = None
    value_period: Literal["year", "month"] = "year"
    filters: tuple[RowFilter, ...] = ()


Part = SignalPart | PeoplePart | AccountsPart | OutcomePart | SnapshotPart


@dataclass(frozen=True, slots=True)
class FileMapping:
    """What one file, or every file whose name fits `name`, means."""

    place: str
    name: str
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_rows: int | None = None
    decimal: str = "."
    joins: tuple[Join, ...] = ()
    filters: tuple[RowFilter, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `currency` was worth `rate` units of the reporting currency from `day` on."""

    currency: str
    day: date
    rate: float


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole mapping file."""

    source: str
    id_space: str
    files: tuple[FileMapping, ...]
    time_zone: str | None = None
    currency: str | None = None
    blank: tuple[str, ...] = DEFAULT_BLANK
    rates: tuple[Rate, ...] = ()
