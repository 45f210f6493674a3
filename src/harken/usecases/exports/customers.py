"""All customers of a run as a table to take away: read piece by piece, never held at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from harken.locale import render
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


def customers_sheet(run: Run, *, language: str) -> Sheet:
    """Every customer, highest value at stake first.

    What to do and why stand beside the customers that the run looked at, in `language`.
    """
    import pyarrow.parquet

    path = run.folder / "customers.parquet"
    stored = pyarrow.parquet.read_schema(path).names
    known = {field.key: field for field in (*FIELDS, ID)}
    others = tuple(Field(name, name, _kind(path, name)) for name in stored if name not in known)
    fields = (*(field for field in FIELDS if field.key in stored), *others)
    advice = _advice(run, language)
    total = pyarrow.parquet.read_metadata(path).num_rows

    def batches() -> Iterator[pyarrow.RecordBatch]:
        with pyarrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(PIECE_ROWS):
                yield batch if advice is None else _advised(batch, *advice)

    columns = (*fields, *(() if advice is None else ADVICE), ID)
    title = Message(gettext_noop("Customers"))
    return Sheet(columns, title=title, batches=batches, batch_rows=total)


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
