"""A plain table to take away: columns with words, rows or Arrow batches, never cut."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from harken.locale import render
from harken.vocabulary.messages import Message, gettext_noop

if TYPE_CHECKING:
    import pyarrow

Words = Message | str
BATCH_ROWS = 10_000

KINDS = ("text", "id", "count", "number", "share", "per cent", "money", "date", "moment", "truth")
"""What a column holds: `share` runs from 0 to 1, `per cent` from 0 to 100, `id` is a whole number to be copied."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column: `key` for programs, `words` for people, and its kind (one of KINDS)."""

    key: str
    words: Words
    kind: str = "text"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a column is one of {KINDS}, got {self.kind}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it is taken away. `rows` hold a value or None for each field, texts may be messages.

    A long table gives `batches` instead, a function that returns Arrow record batches with the fields' keys as
    columns, and says how many rows they have. `of` is how many rows there are in all, where a search or a filter
    chose some of them.

    >>> Sheet((Field("name", "Name"), Field("n", "Customers", "count")), [("North", 3), ("South", 4)]).count
    2
    """

    fields: tuple[Field, ...]
    rows: Sequence[Sequence[Any]] = ()
    title: Words = ""
    of: int | None = None
    batches: Callable[[], Iterable[pyarrow.RecordBatch]] | None = None
    batch_rows: int = 0

    @property
    def count(self) -> int:
        """How many rows the table has."""
        return len(self.rows) if self.batches is None else self.batch_rows


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself: the finding it belongs to, the run, and the address that shows the same."""

    title: Words = ""
    finding: Words = ""
    company: str = ""
    run_id: str = ""
    as_of: date | None = None
    address: str = ""
    taken: datetime | None = None


def in_language(words: Any, language: str) -> Any:
    """A message in the reader's language; anything else as it is."""
    return render(words, language) if isinstance(words, Message) else words


def facts(sheet: Sheet, about: About, language: str) -> dict[str, tuple[str, str]]:
    """What stands beside the rows, by key: its label and its text in the reader's language; nothing empty."""
    rows = Message(
        gettext_noop("{count} of {total} rows"), {"count": sheet.count, "total": sheet.of or sheet.count}
    )
    taken = None if about.taken is None else f"{about.taken:%Y-%m-%d %H:%M %Z}"
    said: dict[str, tuple[str, Any]] = {
        "title": (gettext_noop("Table"), sheet.title or about.title),
        "finding": (gettext_noop("Finding"), about.finding),
        "rows": (gettext_noop("Rows"), rows),
        "company": (gettext_noop("Company"), about.company),
        "run": (gettext_noop("Analysis"), about.run_id),
        "as_of": (gettext_noop("As of"), None if about.as_of is None else about.as_of.isoformat()),
        "address": (gettext_noop("Address"), about.address),
        "taken": (gettext_noop("Taken"), taken),
    }
    return {
        key: (render(Message(label), language), str(in_language(value, language)))
        for key, (label, value) in said.items()
        if value
    }


def heading(field: Field, currency: str, language: str) -> str:
    """A column's heading for people; money names its currency."""
    words = str(in_language(field.words, language))
    return f"{words} ({currency})" if field.kind == "money" and currency else words


def arrow_batches(sheet: Sheet, language: str) -> tuple[pyarrow.Schema, Iterator[pyarrow.RecordBatch]]:
    """The rows as Arrow record batches of one schema, whose columns are named by the fields' keys."""
    import pyarrow

    if sheet.batches is not None:
        found = iter(sheet.batches())
        first = next(found, None)
        types = {} if first is None else {field.name: field.type for field in first.schema}
        schema = pyarrow.schema([(field.key, types.get(field.key, _type(field.kind))) for field in sheet.fields])
        return schema, _selected(first, found, schema)
    schema = pyarrow.schema([(field.key, _type(field.kind)) for field in sheet.fields])
    return schema, _from_rows(sheet, schema, language)


def _selected(first: Any, others: Iterator[Any], schema: Any) -> Iterator[Any]:
    if first is not None:
        yield first.select(schema.names)
    for batch in others:
        yield batch.select(schema.names)


def _from_rows(sheet: Sheet, schema: Any, language: str) -> Iterator[Any]:
    import pyarrow

    for start in range(0, len(sheet.rows), BATCH_ROWS):
        part = sheet.rows[start : start + BATCH_ROWS]
        columns = [
            pyarrow.array([_value(row[index], field.kind, language) for row in part], schema.field(index).type)
            for index, field in enumerate(sheet.fields)
        ]
        yield pyarrow.RecordBatch.from_arrays(columns, schema=schema)


def _value(value: Any, kind: str, language: str) -> Any:
    """A value as its kind of column holds it; what is not a number is empty."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if kind == "text":
        return str(in_language(value, language))
    return round(value) if kind == "count" else value


def _type(kind: str) -> Any:
    import pyarrow

    types = {
        "text": pyarrow.string(),
        "id": pyarrow.int64(),
        "count": pyarrow.int64(),
        "date": pyarrow.date32(),
        "moment": pyarrow.timestamp("us", "UTC"),
        "truth": pyarrow.bool_(),
    }
    return types.get(kind, pyarrow.float64())
