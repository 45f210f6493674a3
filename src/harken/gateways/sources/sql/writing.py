"""Rows to one Parquet file with the database's types, however many rows there are."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

PLAIN = (str, bool, int, float, date, datetime, time, timedelta, Decimal, bytes)


class Batches:
    """Each batch is a piece of its own, typed by its values; at the end the pieces become one file of one schema.

    A type can only be told from values: a column that is empty at first, or whole numbers that get fractions later,
    settle when all rows are known. What does not go together (SQLite lets a column hold anything) becomes text.
    """

    def __init__(self, folder: Path, path: Path) -> None:
        self.folder, self.path = folder, path
        self.rows = 0
        self.pieces: list[Path] = []
        self.schemas: list[pa.Schema] = []

    def add(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Keep some more rows."""
        if not rows:
            return
        names = _different(columns)
        table = pa.table(
            {name: _array([row[i] for row in rows]) for i, name in enumerate(names)},
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        piece = self.folder / f"{len(self.pieces)}.parquet"
        pq.write_table(table, piece)
        self.pieces.append(piece)
        self.schemas.append(table.schema)
        self.rows += len(rows)

    def finish(self) -> None:
        """Write the file; none where there was no row."""
        if not self.pieces:
            return
        schema = _common(self.schemas)
        with pq.ParquetWriter(self.path, schema) as writer:
            for piece in self.pieces:
                table = pq.read_table(piece)
                columns = [_as(table.column(field.name), field.type) for field in schema]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))
        shutil.rmtree(self.folder)


def _array(values: list[Any]) -> pa.Array:
    """A column typed by its values; what Arrow has no type for is written as text, lists and objects as JSON."""
    told = [value if value is None or isinstance(value, PLAIN) else _text(value) for value in values]
    try:
        array = pa.array(told)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        array = pa.array([None if value is None else _text(value) for value in told], pa.string())
    return array


def _text(value: Any) -> str:
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, memoryview | bytes):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def _common(schemas: Sequence[pa.Schema]) -> pa.Schema:
    """One type for each column that all pieces can be written in."""
    return pa.schema([(name, _common_type([s.field(name).type for s in schemas])) for name in schemas[0].names])


def _common_type(types: Sequence[pa.DataType]) -> pa.DataType:
    fields = [pa.schema([("value", kind)]) for kind in types]
    try:
        kind = pa.unify_schemas(fields, promote_options="permissive").field(0).type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.string()
    return pa.string() if pa.types.is_null(kind) else kind


def _as(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_string(kind) and pa.types.is_binary(column.type):
        return pa.chunked_array([pa.array([None if v is None else _text(v) for v in column.to_pylist()], kind)])
    return column.cast(kind)


def _different(columns: Sequence[str]) -> list[str]:
    """Column names told apart: a join may give the same name twice."""
    names: list[str] = []
    for column in columns:
        name, number = column, 1
        while name in names:
            number += 1
            name = f"{column}_{number}"
        names.append(name)
    return names
