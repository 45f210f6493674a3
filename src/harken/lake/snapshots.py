"""Columns of snapshots: they may grow from import to import, but a column keeps its type."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from harken.lake.delta import DataFile, file_columns
from harken.lake.imports import ImportRecord
from harken.lake.reading import Pinned
from harken.lake.schemas import SNAPSHOT_PREFIX, snapshot_table
from harken.vocabulary.errors import DataError, Problem
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.tables import ColumnType, Table

RESERVED = ("person_key", "as_of_us", "import_id", "customer_id")
"""Names a snapshot's own fields cannot have."""

_KINDS: dict[str, str] = {
    "float64": gettext_noop("numbers"),
    "string": gettext_noop("words"),
    "int64": gettext_noop("times"),
}


def snapshot_columns_of(
    name: str,
    data: pa.Table | pa.RecordBatchReader,
    lake: Pinned,
    waiting: Table | None,
    record: ImportRecord,
) -> tuple[Table, pa.Table | pa.RecordBatchReader]:
    """The table of the given rows, and the rows without columns that are empty and untyped.

    Its columns are those of this import so far: readers fill in the others. Raises DataError naming both
    imports where a known column comes with another type.
    """
    fixed = set(snapshot_table(name).names)
    empty = [f.name for f in data.schema if pa.types.is_null(f.type) and f.name not in fixed]
    given = {f.name: _type_of(name, f) for f in data.schema if f.name not in (*fixed, *empty)}
    own = {column.name: column.type for column in waiting.columns if column.name not in fixed} if waiting else {}
    before = {column: kind for column, kind in lake.columns(name).items() if column not in fixed}
    _check_names(name, list(given), [*before, *own])
    _check_types(name, given, own, before, lake, record)
    return snapshot_table(name, list({**own, **given}.items())), without_columns(data, empty)


def first_import_with(lake: Pinned, name: str, column: str) -> int | None:
    """The earliest import whose files have a column of a snapshot."""
    for file in sorted(lake.files(name), key=lambda file: file.import_id_first):
        if column in file_columns(lake.root, name, file):
            return file.import_id_first
    return None


def columns_in(lake: Pinned, name: str, files: Sequence[DataFile]) -> set[str]:
    """The columns that stand in any of some files of a snapshot, its key columns always."""
    columns = set(snapshot_table(name).names)
    for file in files:
        columns |= set(file_columns(lake.root, name, file))
    return columns


def with_columns(table: Table, names: set[str]) -> Table:
    """The table of a snapshot with only some of its columns, in their order."""
    return Table(table.name, table.key, tuple(column for column in table.columns if column.name in names))


def without_columns(data: pa.Table | pa.RecordBatchReader, names: list[str]) -> pa.Table | pa.RecordBatchReader:
    """The same rows without some columns."""
    if not names:
        return data
    if isinstance(data, pa.Table):
        return data.drop_columns(names)
    kept = [name for name in data.schema.names if name not in names]
    schema = pa.schema([data.schema.field(name) for name in kept])
    return pa.RecordBatchReader.from_batches(schema, (batch.select(kept) for batch in data))


def _type_of(table: str, given: pa.Field) -> ColumnType:
    kind = given.type.value_type if pa.types.is_dictionary(given.type) else given.type
    if pa.types.is_floating(kind):
        return "float64"
    if pa.types.is_integer(kind):
        return "int64"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "string"
    raise ValueError(
        f"column {given.name} of {table} is {given.type}: only floats, whole numbers and texts are stored"
    )


def _check_names(table: str, given: list[str], before: list[str]) -> None:
    seen = {name.casefold(): name for name in before}
    problems = []
    for name in given:
        if name.casefold() in RESERVED or seen.setdefault(name.casefold(), name) != name or not name:
            reason = Message(
                gettext_noop("A column of this name cannot be stored in {table}: the name is taken."),
                {"table": table},
            )
            problems.append(Problem(reason, column=name))
    if problems:
        raise DataError(
            Message(gettext_noop("Some columns need other names.")),
            Message(gettext_noop("Give them other names in the mapping, or leave them out.")),
            problems,
        )


def _check_types(
    table: str,
    given: dict[str, ColumnType],
    own: dict[str, ColumnType],
    before: dict[str, ColumnType],
    lake: Pinned,
    record: ImportRecord,
) -> None:
    problems = []
    for name, kind in given.items():
        known = before.get(name, own.get(name, kind))
        if kind != known:
            brought_by = first_import_with(lake, table, name) if name in before else record.import_id
            reason = Message(
                gettext_noop("It held {before} in import {import_before}; it holds {now} in import {import_now}."),
                {
                    "before": Message(_KINDS[known]),
                    "import_before": brought_by,
                    "now": Message(_KINDS[kind]),
                    "import_now": record.import_id,
                },
            )
            problems.append(Problem(reason, column=name))
    if problems:
        raise DataError(
            Message(
                gettext_noop("Columns of the snapshot {source} changed their type."),
                {"source": table.removeprefix(SNAPSHOT_PREFIX)},
            ),
            Message(
                gettext_noop("Declare the type of these columns in the mapping, or undo the earlier import first.")
            ),
            problems,
        )
