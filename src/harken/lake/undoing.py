"""Undoing an import: its rows leave every table in one commit, and what others speak of stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harken.lake import delta
from harken.lake.files import FileWriter
from harken.lake.imports import ImportRecord, UndoResult
from harken.lake.pointer import write_pointer
from harken.lake.reading import Pinned
from harken.lake.schemas import IMPORTS, is_snapshot, snapshot_table
from harken.lake.snapshots import columns_in
from harken.lake.writing import store_record
from harken.vocabulary.errors import DataError
from harken.vocabulary.messages import Message, gettext_noop


def undo_import(lake: Pinned, imports: Sequence[ImportRecord], import_id: int, now_us: int) -> UndoResult:
    """Remove the rows of one import from every table; only under the write lock."""
    record = _record(imports, import_id)
    files = FileWriter(lake.root, lake.pointer.sequence + 1)
    states = dict(lake.pointer.tables)
    removed: dict[str, int] = {}
    for name, state in lake.pointer.tables.items():
        gone = [f for f in lake.files(name) if f.import_id_first == f.import_id_last == import_id]
        if name != IMPORTS.name and gone:
            version = _without(lake, name, gone, files)
            removed[name] = sum(file.rows for file in gone)
            states[name] = replace(state, version=version, rows=state.rows - removed[name])
    states[IMPORTS.name] = store_record(lake, files, replace(record, undone_us=now_us))
    what = f"undo {import_id} {now_us}"
    write_pointer(lake.root, lake.pointer.advanced(states, lake.pointer.last_import_id, what, bool(removed)))
    return UndoResult(import_id, record.source, removed, {}, ())


def _without(lake: Pinned, name: str, gone: list[delta.DataFile], files: FileWriter) -> int:
    """Commit that some files leave a table, and with them the snapshot columns that no other file has."""
    stay = [file for file in lake.files(name) if file not in gone]
    table = lake.table(name)
    if is_snapshot(name):
        left = columns_in(lake, name, stay)
        if left != set(lake.columns(name)):
            fewer = [(column.name, column.type) for column in table.columns if column.name in left]
            known = set(snapshot_table(name).names)
            shrunk = snapshot_table(name, [field for field in fewer if field[0] not in known])
            return delta.replace_all(lake.root, shrunk, files.link(name, stay))
    return delta.commit(lake.root, table, lake.pointer.tables[name].version, [], gone)


def _record(imports: Sequence[ImportRecord], import_id: int) -> ImportRecord:
    known = {record.import_id: record for record in imports}
    if import_id not in known:
        raise DataError(
            Message(gettext_noop("There is no import {number}."), {"number": import_id}),
            Message(gettext_noop("List the imports to see their numbers.")),
        )
    if known[import_id].undone:
        raise DataError(Message(gettext_noop("Import {number} was undone already."), {"number": import_id}))
    return known[import_id]
