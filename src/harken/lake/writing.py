"""Bringing one import into the lake: append tables, then commit all of it or leave nothing behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from harken.lake import delta
from harken.lake.commit import Commit
from harken.lake.imports import AppendCounts, ImportedFile, ImportRecord
from harken.lake.locking import WriteLock
from harken.lake.pending import PendingRows, sweep
from harken.lake.pointer import Pointer
from harken.lake.reading import Pinned
from harken.lake.schemas import CORRECTIONS, FIXED_TABLES, check_table_name
from harken.lake.snapshots import snapshot_columns_of
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent


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
        names = [name for name in self._pending.tables if self._pending.rows(name)]
        commit = Commit(self._lake)
        try:
            for step, name in enumerate(names):
                progress(Message(gettext_noop("Storing {table}"), {"table": name}), step / len(names))
                replacing = self._pending.replacing(name) > 0
                repeats = replacing and name != "signals"  # versions of a signal are told apart by corrections
                commit.add(self._pending.tables[name], self._pending.sorted_rows(name), repeats=repeats)
                if replacing and not repeats:
                    commit.add(CORRECTIONS, self._pending.corrections())
            commit.record(record)
            commit.finish(repr(record), self.import_id, changed=bool(names))
        except BaseException:
            commit.give_up()
            self.abandon()
            raise
        self.abandon()
        return record

    def abandon(self) -> None:
        """Forget what was appended and give the lock back; does nothing after `commit`."""
        if self._open:
            self._open = False
            self._pending.close()
            self._lock.release()

    def _check_open(self) -> None:
        if not self._open:
            raise ValueError(f"import {self.import_id} is over: nothing more can be appended or committed")


def begin_record(
    import_id: int, source: str, files: Sequence[ImportedFile], mapping_toml: str, now_us: int
) -> ImportRecord:
    """The record of an import that begins."""
    return ImportRecord(import_id, source, now_us, tuple(files), mapping_toml)


def prepare(root: Path, pointer: Pointer, now_us: int) -> None:
    """Remove what killed writers left behind; only under the write lock."""
    delta.roll_back(root, pointer)
    sweep(root, now_us)
