"""All customers of a run as a table to take away: read piece by piece, never held at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harken.locale import render
from harken.usecases.customers import SEGMENT, rows_of, segments_of
from harken.usecases.exports.sheets import Field, Sheet
from harken.usecases.runs import NotRun, Run
from harken.vocabulary.messages import Message, gettext_noop

if TYPE_CHECKING:
    import pyarrow

PIECE_ROWS = 20_000

FIELDS = (
    Field("number", Message(gettext_noop("Number"))),
    Field("name", Message(gettext_noop("Name"))),
    Field("risk", Message(gettext_noop("Chance of leaving")), "share"),
    Field("value", Message(gettext_noop("Value a year")), "money"),
    Field("value_1y", Message(gettext_noop("Expected within one year")), "money"),
    Field("value_3y", Message(gettext_noop("Expected within three years")), "money"),
    Field("value_at_stake", Message(gettext_noop("At stake")), "money"),
    Field("answered", Message(gettext_noop("Answered")), "truth"),
    Field("answer_chance", Message(gettext_noop("Chance of answering")), "share"),
    Field("unfavourable", Message(gettext_noop("Chance of an unfavourable answer")), "share"),
    Field("middle", Message(gettext_noop("Chance of an answer between")), "share"),
    Field("favourable", Message(gettext_noop("Chance of a favourable answer")), "share"),
    Field("expected", Message(gettext_noop("Expected score")), "number"),
)
ADVICE = (
    Field("action", Message(gettext_noop("What to do"))),
    Field("reason", Message(gettext_noop("Why"))),
)
ID = Field("customer_id", Message(gettext_noop("Harken's id")), "id")
HOLD_OUT = Message(gettext_noop("leave alone, to measure"))


def customers_sheet(run: Run, *, language: str, ids: NDArray[np.int64] | None = None) -> Sheet:
    """Every customer, highest value at stake first; with `ids` those customers alone, in that order.

    What to do and why stand beside the customers that the run looked at, in `language`.
    """
    import pyarrow.parquet

    path = run.folder / "customers.parquet"
    stored = pyarrow.parquet.read_schema(path).names
    known = {field.key: field for field in (*FIELDS, ID)}
    labels = {SEGMENT + one.name: one.label for one in segments_of(run)}
    others = tuple(Field(name, labels.get(name, name), _kind(path, name)) for name in stored if name not in known)
    fields = (*(field for field in FIELDS if field.key in stored), *others)
    advice = _advice(run, language)
    total = pyarrow.parquet.read_metadata(path).num_rows

    def batches() -> Iterator[pyarrow.RecordBatch]:
        pieces = _all_rows(path) if ids is None else _some_rows(path, rows_of(run, ids))
        for batch in map(_plain, pieces):
            yield batch if advice is None else _advised(batch, *advice)

    columns = (*fields, *(() if advice is None else ADVICE), ID)
    title = Message(gettext_noop("Customers"))
    count = total if ids is None else len(ids)
    return Sheet(columns, title=title, of=total, batches=batches, batch_rows=count)


def _all_rows(path: Path) -> Iterator[pyarrow.RecordBatch]:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        yield from file.iter_batches(PIECE_ROWS)


def _some_rows(path: Path, rows: NDArray[np.int64]) -> Iterator[pyarrow.RecordBatch]:
    """Rows by their places; only where they are in another order than the file's is the file held at once."""
    import pyarrow

    if len(rows) < 2 or (np.diff(rows) > 0).all():
        start = 0
        for batch in _all_rows(path):
            first, last = np.searchsorted(rows, (start, start + batch.num_rows))
            yield batch.take(pyarrow.array(rows[first:last] - start))
            start += batch.num_rows
        return
    table = pyarrow.Table.from_batches(list(_all_rows(path))).unify_dictionaries()
    for at in range(0, len(rows), PIECE_ROWS):
        yield from table.take(pyarrow.array(rows[at : at + PIECE_ROWS])).combine_chunks().to_batches()


def _plain(batch: pyarrow.RecordBatch) -> pyarrow.RecordBatch:
    """A batch whose segments are texts, as every kind of file holds them."""
    import pyarrow
    from pyarrow import types

    columns = [
        column.cast(pyarrow.string()) if types.is_dictionary(column.type) else column for column in batch.columns
    ]
    return pyarrow.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _kind(path: Any, name: str) -> str:
    """The kind of a column that the run keeps beside the usual ones."""
    import pyarrow.parquet
    from pyarrow import types

    stored = pyarrow.parquet.read_schema(path).field(name).type
    if types.is_boolean(stored):
        return "truth"
    if types.is_integer(stored):
        return "id"
    return "number" if types.is_floating(stored) else "text"


def _advice(run: Run, language: str) -> tuple[Any, Any, Any] | None:
    """Ids, actions and first reasons of the customers that the run looked at; None where it looked at nobody."""
    import pyarrow

    found = run.parts.get("actions")
    if found is None or isinstance(found, NotRun):
        return None
    ids = pyarrow.array([action.customer_id for action in found.actions], pyarrow.int64())
    words = [render(HOLD_OUT if action.hold_out else action.action, language) for action in found.actions]
    reasons = [render(action.reasons[0].label, language) if action.reasons else None for action in found.actions]
    return ids, pyarrow.array(words, pyarrow.string()), pyarrow.array(reasons, pyarrow.string())


def _advised(batch: Any, ids: Any, actions: Any, reasons: Any) -> Any:
    import pyarrow.compute as pc

    places = pc.index_in(batch.column("customer_id"), value_set=ids)
    return batch.append_column("action", actions.take(places)).append_column("reason", reasons.take(places))
