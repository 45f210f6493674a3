"""Bringing one import into the lake: append tables, then commit all of it or leave nothing behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from harken.lake import delta
from harken.lake.files import FileWriter
from harken.lake.imports import AppendCounts, ImportedFile, ImportRecord, to_row
from harken.lake.locking import WriteLock
from harken.lake.pending import PendingRows
from harken.lake.pointer import Pointer, TableState, write_pointer
from harken.lake.reading import Pinned
from harken.lake.schemas import CORRECTIONS, FIXED_TABLES, IMPORTS, arrow_schema, check_table_name
from harken.lake.snapshots import snapshot_columns_of
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent
from harken.vocabulary.tables import Table


class ImportWriter:
    """One import in the making; made by `Lake.begin_import`, used as a context manager.

    Rows appended are checked against the lake at once and become visible with `commit`, all together.
    Leaving the block without it leaves nothing behind.
    """

    def __init__(
        self,
        lake: Pinned,
        lock: WriteLock,
        record: ImportRecord,
        memory_limit_bytes: int,
        threads: int | None,
    ) -> None:
        self.import_id = record.import_id
        self._lake = lake
        self._lock = lock
        self._record = record
        defaults = {
            "source": "'" + record.source.replace("'", "''") + "'",
            "ingested_us": str(record.accepted_us),
            "version": "1",
            "retracted": "false",
        }
        self._pending = PendingRows(lake, record.import_id, defaults, memory_limit_bytes, threads)
        self._files = FileWriter(lake.root, lake.pointer.sequence + 1)
        self._open = True

    def __enter__(self) -> ImportWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abandon()

    def append(self, table: str, data: pa.Table | pa.RecordBatchReader) -> AppendCounts:
        """Add rows to a table of the vocabulary or to "snapshots/<source>"; says what became of them.

        Columns are named as in the table; optional ones may be left out, and so may import_id, source,
        ingested_us, version and retracted, which the import fills in. NaN is stored as an empty value. Rows are
        read in a stream. Raises DataError where a snapshot column has another type than before, ValueError where
        the caller breaks the table's contract; then nothing of this call is kept.
        """
        self._check_open()
        check_table_name(table)
        columns = FIXED_TABLES.get(table)
        if columns is None:
            waiting = self._pending.tables.get(table)
            columns, data = snapshot_columns_of(table, data, self._lake, waiting, self._record)
        return self._pending.append(columns, data)

    def commit(self, progress: Progress = silent) -> ImportRecord:
        """Make everything appended visible at once; when this returns it survives a loss of power."""
        self._check_open()
        record = replace(self._record, counts=self._pending.counts)
        states = dict(self._lake.pointer.tables)
        names = [name for name in self._pending.tables if self._pending.rows(name)]
        try:
            for step, name in enumerate(names):
                progress(Message(gettext_noop("Storing {table}"), {"table": name}), step / len(names))
                states[name] = self._store(name)
                if name == "signals" and self._pending.replacing(name):
                    states[CORRECTIONS.name] = self._store_corrections()
            states[IMPORTS.name] = store_record(self._lake, self._files, record)
            pointer = self._lake.pointer.advanced(states, self.import_id, repr(record), data=bool(names))
            write_pointer(self._lake.root, pointer)
        except BaseException:
            self._give_up()
            raise
        self._close()
        return record

    def abandon(self) -> None:
        """Leave nothing behind; does nothing after `commit`."""
        if self._open:
            self._give_up()

    def _store(self, name: str) -> TableState:
        table = self._pending.tables[name]
        files = self._files.write(table, self._pending.sorted_rows(name))
        resolves = name != "signals" and self._pending.replacing(name) > 0
        return add_files(self._lake, table, files, resolves)

    def _store_corrections(self) -> TableState:
        files = self._files.write(CORRECTIONS, self._pending.corrections())
        return add_files(self._lake, CORRECTIONS, files, False)

    def _check_open(self) -> None:
        if not self._open:
            raise ValueError(f"import {self.import_id} is over: nothing more can be appended or committed")

    def _give_up(self) -> None:
        self._files.discard()
        # Log entries may have been written for some tables: the pointer does not know them.
        delta.roll_back(self._lake.root, self._lake.pointer)
        self._close()

    def _close(self) -> None:
        self._open = False
        self._pending.close()
        self._lock.release()


def add_files(lake: Pinned, table: Table, files: Sequence[delta.DataFile], repeats: bool) -> TableState:
    """Commit new files to one table's log and say what the pointer should know of the table."""
    before = lake.pointer.tables.get(table.name)
    version = delta.commit(lake.root, table, None if before is None else before.version, files)
    rows = sum(file.rows for file in files)
    if before is None:
        return TableState(version, rows, repeats)
    same_columns = set(lake.columns(table.name)) == set(table.names)
    evolved = before.evolved or bool(before.rows and not same_columns)
    return TableState(version, before.rows + rows, before.repeats or repeats, evolved)


def store_record(lake: Pinned, files: FileWriter, record: ImportRecord) -> TableState:
    """Add a record to the table imports."""
    row = pa.Table.from_pylist([to_row(record)], schema=arrow_schema(IMPORTS))
    return add_files(lake, IMPORTS, files.write(IMPORTS, row.to_reader()), False)


def begin_record(
    import_id: int, source: str, files: Sequence[ImportedFile], mapping_toml: str, now_us: int
) -> ImportRecord:
    """The record of an import that begins."""
    return ImportRecord(import_id, source, now_us, tuple(files), mapping_toml)


def prepare(root: Path, pointer: Pointer) -> None:
    """Remove what killed writers left behind; only under the write lock."""
    from harken.lake.pending import sweep

    delta.roll_back(root, pointer)
    sweep(root)
