"""One change of the lake: new files and log entries of several tables that become visible together, or never."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from harken.lake import delta
from harken.lake.delta import DataFile
from harken.lake.files import FileWriter
from harken.lake.imports import ImportRecord, to_row
from harken.lake.pointer import TableState, write_pointer
from harken.lake.reading import MEMORY_LIMIT_BYTES, Pinned, connect_fenced, parquet_sql, repeats_sql
from harken.lake.schemas import IMPORTS, arrow_schema, is_snapshot
from harken.lake.snapshots import columns_in, with_columns
from harken.vocabulary.tables import Table


class Commit:
    """A change in the making; only under the write lock. Ends with `finish` or `give_up`."""

    def __init__(self, lake: Pinned) -> None:
        self._lake = lake
        self._states = dict(lake.pointer.tables)
        self._files = FileWriter(lake.root, lake.pointer.sequence + 1)

    def add(self, table: Table, rows: pa.RecordBatchReader, *, repeats: bool = False) -> int:
        """Add sorted rows to a table; `repeats` says that some have keys the table has. Returns how many."""
        added = self._files.write(table, rows)
        before = self._states.get(table.name)
        count = sum(file.rows for file in added)
        version = delta.commit(self._lake.root, table, None if before is None else before.version, added)
        if before is None:
            self._states[table.name] = TableState(version, count, repeats)
        else:
            evolved = before.evolved or set(self._lake.columns(table.name)) != set(table.names)
            state = TableState(version, before.rows + count, before.repeats or repeats, evolved)
            self._states[table.name] = state
        return count

    def swap(self, name: str, gone: Sequence[DataFile], rows: pa.RecordBatchReader) -> None:
        """Take files out of a table and put rows in; snapshot columns that no file has any more leave with them."""
        lake, table, before = self._lake, self._lake.table(name), self._states[name]
        added = self._files.write(table, rows)
        stay = [file for file in lake.files(name) if file not in gone]
        left = columns_in(lake, name, [*stay, *added]) if is_snapshot(name) else set(table.names)
        if left == set(table.names):
            version = delta.commit(lake.root, table, before.version, added, gone)
            held = [*stay, *added]
        else:
            held = [*self._files.link(name, stay), *added]
            version = delta.replace_all(lake.root, with_columns(table, left), held)
        repeats = before.repeats and self._has_repeats(table, held)
        self._states[name] = TableState(version, sum(file.rows for file in held), repeats, before.evolved)

    def record(self, record: ImportRecord) -> None:
        """Add a record to the table imports."""
        row = pa.Table.from_pylist([to_row(record)], schema=arrow_schema(IMPORTS))
        self.add(IMPORTS, row.to_reader())

    def finish(self, what: str, last_import_id: int, *, changed: bool) -> None:
        """Move the pointer: from here on readers see the change. `changed` says whether data changed."""
        write_pointer(self._lake.root, self._lake.pointer.advanced(self._states, last_import_id, what, changed))

    def give_up(self) -> None:
        """Leave nothing behind: log entries may have been written, the pointer does not know them."""
        self._files.discard()
        delta.roll_back(self._lake.root, self._lake.pointer)

    def _has_repeats(self, table: Table, files: Sequence[DataFile]) -> bool:
        if not files:
            return False
        folder = delta.table_folder(self._lake.root, table.name)
        stored = f"SELECT * FROM {parquet_sql(folder, files, evolved=True)}"
        with connect_fenced(self._lake.root, MEMORY_LIMIT_BYTES) as connection:
            return bool(connection.execute(repeats_sql(table, stored)).fetchall()[0][0])
