"""Undoing an import: its rows leave every table in one commit, and what others speak of stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from harken.lake.commit import Commit
from harken.lake.files import sorted_sql
from harken.lake.imports import ImportRecord, UndoResult
from harken.lake.keeping import kept_sql
from harken.lake.reading import MEMORY_LIMIT_BYTES, Pinned, connect_fenced
from harken.lake.schemas import CORRECTIONS, IMPORTS
from harken.vocabulary.errors import DataError
from harken.vocabulary.messages import Message, gettext_noop

if TYPE_CHECKING:
    import duckdb


def undo_import(lake: Pinned, imports: Sequence[ImportRecord], import_id: int, now_us: int) -> UndoResult:
    """Remove the rows of one import from every table; only under the write lock."""
    record = _record(imports, import_id)
    removed: dict[str, int] = {}
    kept: dict[str, int] = {}
    commit = Commit(lake)
    try:
        with connect_fenced(lake.root, MEMORY_LIMIT_BYTES) as connection:
            for name in lake.pointer.tables:
                if name != IMPORTS.name:
                    _take_out(connection, lake, commit, name, import_id, removed, kept)
        commit.record(replace(record, undone_us=now_us))
        removed.pop(CORRECTIONS.name, None)  # bookkeeping, no facts of anybody
        what = f"undo {import_id} at {now_us}"
        commit.finish(what, lake.pointer.last_import_id, changed=bool(removed))
    except BaseException:
        commit.give_up()
        raise
    again = tuple(later.import_id for later in imports if _left_out(later, import_id, removed))
    return UndoResult(import_id, record.source, removed, kept, again)


def _take_out(
    connection: duckdb.DuckDBPyConnection,
    lake: Pinned,
    commit: Commit,
    name: str,
    import_id: int,
    removed: dict[str, int],
    kept: dict[str, int],
) -> None:
    """Take an import's rows out of one table; others' rows in its files and rows that stay are written anew."""
    gone = [file for file in lake.files(name) if file.import_id_first <= import_id <= file.import_id_last]
    if not gone:
        return
    table = lake.table(name)
    mixed = tuple(file for file in gone if file.import_id_first != file.import_id_last)
    written = [f"SELECT * FROM ({lake.rows_sql(name, mixed)}) WHERE import_id <> {import_id}"]
    stays = kept_sql(lake, name, import_id)
    if stays is not None:
        written.append(stays)
        kept[name] = int(connection.execute(f"SELECT count(*) FROM ({stays})").fetchall()[0][0])
    others = int(connection.execute(f"SELECT count(*) FROM ({written[0]})").fetchall()[0][0])
    rows = connection.sql(sorted_sql(table, f"({' UNION ALL BY NAME '.join(written)})"))
    commit.swap(name, gone, rows.to_arrow_reader(65_536))
    removed[name] = sum(file.rows for file in gone) - others - kept.get(name, 0)


def _left_out(later: ImportRecord, import_id: int, removed: Mapping[str, int]) -> bool:
    """Whether a later import that stands left out rows of these tables because the lake had them."""
    if later.undone or later.import_id <= import_id:
        return False
    return any(counts.already_there > counts.repeated for name, counts in later.counts.items() if name in removed)


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
