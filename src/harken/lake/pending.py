"""Where the rows of an unfinished import wait: tables of DuckDB in memory, spilling into the lake's folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from harken.lake.deduplicating import Repeats, content_sql, deduplicate
from harken.lake.files import sorted_sql
from harken.lake.imports import AppendCounts
from harken.lake.reading import TEMPORARY_FOLDER, Pinned, connect_fenced
from harken.lake.schemas import CORRECTIONS, SQL_TYPES, quoted
from harken.vocabulary.tables import Column, Table

ROWS_PER_INSERT = 245_760
DAY_US = 86_400_000_000


@dataclass(slots=True)
class _Waiting:
    """One table's waiting rows: its columns so far, calls and rows so far."""

    table: Table
    appends: int = 0
    rows: int = 0
    counts: AppendCounts = field(default_factory=AppendCounts)


class PendingRows:
    """The rows an import has appended and not yet committed.

    `defaults` are SQL expressions for columns that callers may leave out. Memory stays below the limit; what
    does not fit spills into a folder of the lake that `close` removes.
    """

    def __init__(
        self, lake: Pinned, import_id: int, defaults: dict[str, str], memory_limit_bytes: int, threads: int | None
    ) -> None:
        self._lake = lake
        self._import_id = import_id
        self._defaults = defaults
        self._folder = lake.root / TEMPORARY_FOLDER / f"import-{import_id}"
        self._connection = connect_fenced(lake.root, memory_limit_bytes, threads, self._folder.name)
        self._waiting: dict[str, _Waiting] = {}

    @property
    def tables(self) -> dict[str, Table]:
        """The tables that rows were appended to, with their columns."""
        return {name: waiting.table for name, waiting in self._waiting.items()}

    @property
    def counts(self) -> dict[str, AppendCounts]:
        """What became of all rows given so far, by table."""
        return {name: waiting.counts for name, waiting in self._waiting.items()}

    def append(self, table: Table, rows: pa.Table | pa.RecordBatchReader) -> AppendCounts:
        """Add rows to a table, then drop those that change nothing; all or, when anything fails, none of them."""
        _check_columns(table, rows.schema, self._defaults)
        self._connection.begin()
        before = self._waiting.get(table.name)
        kept = None if before is None else replace(before)
        try:
            waiting = self._prepared(table)
            append = waiting.appends + 1
            given = sum(self._insert(waiting, append, chunk) for chunk in _large_chunks(rows))
            pending = _pending_name(table.name)
            repeats = deduplicate(self._connection, waiting.table, pending, append, self._lake)
            counts = self._counted(pending, append, given, repeats)
            self._connection.commit()
        except BaseException as error:
            self._connection.rollback()
            self._waiting.pop(table.name, None)
            if kept is not None:
                self._waiting[table.name] = kept
            if isinstance(error, duckdb.ConstraintException):
                raise ValueError(f"an empty value in a required column of {table.name}: {error}") from error
            raise
        waiting.appends = append
        waiting.counts += counts
        return counts

    def rows(self, name: str) -> int:
        """How many rows wait for a table."""
        return self._number(f"SELECT count(*) FROM {_pending_name(name)}")

    def replacing(self, name: str) -> int:
        """How many of them have a key that was known with other content."""
        return self._number(f"SELECT count(*) FROM {_pending_name(name)} WHERE replaces_")

    def sorted_rows(self, name: str) -> pa.RecordBatchReader:
        """The waiting rows of a table in the order they are stored in: by partition, customer and time."""
        table = self._waiting[name].table
        return self._query(sorted_sql(table, _pending_name(name)))

    def corrections(self) -> pa.RecordBatchReader:
        """The rows of the table corrections that the waiting signals make."""
        pending = _pending_name("signals")
        return self._query(sorted_sql(CORRECTIONS, f"{pending} WHERE version > 1"))

    def _query(self, sql: str) -> pa.RecordBatchReader:
        """Rows of a query, in batches."""
        return self._connection.sql(sql).to_arrow_reader(65_536)

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _prepared(self, table: Table) -> _Waiting:
        """The waiting table, made on the first append, widened where a snapshot brings more columns."""
        pending = _pending_name(table.name)
        waiting = self._waiting.get(table.name)
        if waiting is None:
            columns = [f"{quoted(c.name)} {SQL_TYPES[c.type]}{' NOT NULL' * c.required}" for c in table.columns]
            columns += ["row_ BIGINT", "append_ INTEGER", "replaces_ BOOLEAN"]
            columns += ["content_ UBIGINT"] * (table.name == "signals")
            self._connection.execute(f"CREATE TABLE {pending} ({', '.join(columns)})")
            waiting = self._waiting[table.name] = _Waiting(table)
            return waiting
        known = set(waiting.table.names)
        new = tuple(column for column in table.columns if column.name not in known)
        for column in new:
            self._connection.execute(
                f"ALTER TABLE {pending} ADD COLUMN {quoted(column.name)} {SQL_TYPES[column.type]}"
            )
        if new:
            waiting.table = Table(table.name, table.key, (*waiting.table.columns, *new))
        return waiting

    def _insert(self, waiting: _Waiting, append: int, chunk: pa.Table) -> int:
        given = set(chunk.schema.names)
        numbers = np.arange(waiting.rows, waiting.rows + len(chunk))
        waiting.rows += len(chunk)
        self._connection.register("chunk", chunk.append_column("row_", pa.array(numbers)))
        selected = [self._value_sql(column, given) for column in waiting.table.columns]
        rows = f"SELECT {', '.join(selected)}, row_, {append} AS append_, false AS replaces_ FROM chunk"
        if waiting.table.name == "signals":
            rows = f"SELECT *, {content_sql(waiting.table)} AS content_ FROM ({rows})"
        self._connection.execute(f"INSERT INTO {_pending_name(waiting.table.name)} BY NAME {rows}")
        self._connection.unregister("chunk")
        return len(chunk)

    def _value_sql(self, column: Column, given: set[str]) -> str:
        name, kind = quoted(column.name), SQL_TYPES[column.type]
        if column.name == "import_id":
            value = str(self._import_id)
        elif column.name in given:
            value = name
            if column.type == "float64":  # NaN means nothing is known, as an empty value does
                value = f"CASE WHEN isnan(CAST({name} AS DOUBLE)) THEN NULL ELSE {name} END"
            if column.name in self._defaults:
                value = f"coalesce({value}, {self._defaults[column.name]})"
        else:
            value = self._defaults.get(column.name, "NULL")
        return f"CAST({value} AS {kind}) AS {name}"

    def _counted(self, pending: str, append: int, given: int, repeats: Repeats) -> AppendCounts:
        stored = self._number(f"SELECT count(*) FROM {pending} WHERE append_ = {append}")
        corrected = self._number(f"SELECT count(*) FROM {pending} WHERE append_ = {append} AND replaces_")
        return AppendCounts(
            given,
            stored - corrected,
            given - stored,
            corrected,
            repeats.repeated,
            repeats.conflicting,
        )

    def _number(self, sql: str) -> int:
        return int(self._connection.execute(sql).fetchall()[0][0])


def sweep(root: Path, now_us: int) -> None:
    """Remove what killed processes left in the temporary folder; only under the write lock.

    A query's folder goes only after a day, and if its process is gone (it may be one of another machine).
    """
    for folder in (root / TEMPORARY_FOLDER).glob("import-*"):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (root / TEMPORARY_FOLDER).glob("query-*-*"):
        old = now_us - folder.stat().st_mtime_ns // 1000 > DAY_US
        if old and not Path(f"/proc/{folder.name.split('-')[1]}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _pending_name(name: str) -> str:
    return quoted(f"pending {name}")


def _large_chunks(rows: pa.Table | pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Batches gathered to a good size for DuckDB; read here, so that errors of the reader keep their kind."""
    held: list[pa.RecordBatch] = []
    count = 0
    batches = rows.to_batches(max_chunksize=ROWS_PER_INSERT) if isinstance(rows, pa.Table) else rows
    for batch in batches:
        held.append(batch)
        count += len(batch)
        if count >= ROWS_PER_INSERT:
            yield pa.Table.from_batches(held)
            held, count = [], 0
    if count:
        yield pa.Table.from_batches(held)


def _check_columns(table: Table, given: pa.Schema, defaults: dict[str, str]) -> None:
    """Refuse data that do not have the table's columns and types: a mistake of the calling code."""
    twice = {name for name in given.names if given.names.count(name) > 1}
    unknown = [name for name in given.names if name not in table.names]
    missing = [
        column.name
        for column in table.columns
        if column.required and column.name not in (*given.names, *defaults, "import_id")
    ]
    wrong = [
        f"{column.name} is {given.field(column.name).type}, not {column.type}"
        for column in table.columns
        if column.name in given.names and not fits(given.field(column.name).type, column)
    ]
    if twice or unknown or missing or wrong:
        raise ValueError(
            f"rows for {table.name}: columns given twice {sorted(twice)}, unknown {unknown},"
            f" missing {missing}, of the wrong type {wrong}"
        )


def fits(given: pa.DataType, column: Column) -> bool:
    """Whether Arrow values of a type can be stored in a column without loss."""
    if pa.types.is_dictionary(given):
        given = given.value_type
    text = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    accepted = {
        "int64": (pa.types.is_integer,),
        "int32": (pa.types.is_integer,),
        "float64": (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal),
        "string": text,
        "bool": (pa.types.is_boolean,),
        "date": (pa.types.is_date32,),
    }[column.type]
    return pa.types.is_null(given) or any(accept(given) for accept in accepted)
