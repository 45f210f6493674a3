"""Schemas of the lake: the vocabulary's tables as Arrow and DuckDB types, and two tables of the lake's own."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa

from harken.vocabulary.tables import SNAPSHOT_KEY_COLUMNS, TABLES, Column, ColumnType, Table

SNAPSHOT_PREFIX = "snapshots/"

CORRECTIONS = Table(
    "corrections",
    ("signal_id", "version"),
    (
        Column("signal_id", "int64", True, "the signal that a source corrected"),
        Column("version", "int32", True, "version of the corrected row: it replaces every lower one"),
        Column("import_id", "int64", True, "the import that brought the correction"),
    ),
)
"""Which signals have more than one version: almost always empty, so that readers rarely pay for corrections."""

IMPORTS = Table(
    "imports",
    ("import_id",),
    (
        Column("import_id", "int64", True, "1, 2, ... in order of imports"),
        Column("source", "string", True, "the source name of the mapping"),
        Column("accepted_us", "int64", True, "when the import began, epoch microseconds UTC"),
        Column("files", "string", True, "JSON: name, sha256 and bytes of each file"),
        Column("mapping_toml", "string", True, "the mapping as it was used"),
        Column("counts", "string", True, "JSON: rows given, added, already there, corrected per table"),
        Column("undone_us", "int64", False, "when the import was undone, epoch microseconds UTC"),
    ),
)
"""Records of imports. Rows are only added: undoing adds a second row of the import, with its time."""

SQL_TYPES: dict[ColumnType, str] = {
    "int64": "BIGINT",
    "int32": "INTEGER",
    "float64": "DOUBLE",
    "string": "VARCHAR",
    "bool": "BOOLEAN",
    "date": "DATE",
}

ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "int64": pa.int64(),
    "int32": pa.int32(),
    "float64": pa.float64(),
    "string": pa.string(),
    "bool": pa.bool_(),
    "date": pa.date32(),
}

DELTA_TYPES: dict[str, ColumnType] = {
    "long": "int64",
    "integer": "int32",
    "double": "float64",
    "string": "string",
    "boolean": "bool",
    "date": "date",
}

FIXED_TABLES: dict[str, Table] = {**TABLES, CORRECTIONS.name: CORRECTIONS, IMPORTS.name: IMPORTS}
"""Tables whose columns are known from the start."""

PARTITIONED: dict[str, str] = {"signals": "month"}
"""Tables laid out in folders, and the column that names the folder: YYYY-MM in UTC, or "undated"."""

_SOURCE_NAME = re.compile(r"[a-z0-9_]+")


def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table: types as portable, required columns not nullable.

    >>> arrow_schema(TABLES["texts"]).field("text").nullable
    False
    """
    return pa.schema(
        [pa.field(column.name, ARROW_TYPES[column.type], nullable=not column.required) for column in table.columns]
    )


def snapshot_table(name: str, fields: Sequence[tuple[str, ColumnType]] = ()) -> Table:
    """The table of a snapshot: its key columns, then its own fields.

    >>> snapshot_table("snapshots/telecom", [("plan", "string")]).names
    ('person_key', 'as_of_us', 'import_id', 'plan')
    """
    columns = [Column(field, kind, False, "a field of the snapshot") for field, kind in fields]
    return Table(name, ("person_key", "as_of_us"), (*SNAPSHOT_KEY_COLUMNS, *columns))


def is_snapshot(name: str) -> bool:
    """Whether a table name is snapshots/<source>."""
    return name.startswith(SNAPSHOT_PREFIX)


def check_table_name(name: str) -> None:
    """Refuse a name that is neither a table of the vocabulary nor snapshots/<source> (a programmer's mistake)."""
    source = name.removeprefix(SNAPSHOT_PREFIX)
    if name in TABLES or (is_snapshot(name) and _SOURCE_NAME.fullmatch(source)):
        return
    raise ValueError(f"no table {name!r}: known are {', '.join(TABLES)} and snapshots/<source> in [a-z0-9_]")


def quoted(name: str) -> str:
    """A column or view name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"
