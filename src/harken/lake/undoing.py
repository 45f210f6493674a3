"""Undoing an import: its rows leave every table in one commit, and what others speak of stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    found: dict[str, _Counts] = {}
    commit = Commit(lake)
    try:
        with connect_fenced(lake.root, MEMORY_LIMIT_BYTES) as connection:
            for name in lake.pointer.tables:
                if name != IMPORTS.name:
                    found[name] = _take_out(connection, lake, commit, name, import_id)
        commit.record(replace(record, undone_us=now_us))
        what = f"undo {import_id} at {now_us}"
        commit.finish(what, lake.pointer.last_import_id, changed=any(counts.removed for counts in found.values()))
    except BaseException:
        commit.give_up()
        raise
    found.pop(CORRECTIONS.name, None)  # bookkeeping, no facts of anybody
    removed = {name: counts.removed - counts.kept for name, counts in found.items() if counts.removed > counts.kept}
    kept = {name: counts.kept for name, counts in found.items() if counts.kept}
    again = tuple(later.import_id for later in imports if _left_out(later, import_id, {*removed, *kept}))
    return UndoResult(import_id, record.source, removed, kept, again)


@dataclass(frozen=True, slots=True)
class _Counts:
    """Rows of one table that left with an import, and how many of them came back for others."""

    removed: int = 0
    kept: int = 0


def _take_out(
    connection: duckdb.DuckDBPyConnection, lake: Pinned, commit: Commit, name: str, import_id: int
) -> _Counts:
    """Take an import's rows out of one table; others' rows in its files and rows that stay are written anew."""
    gone = [file for file in lake.files(name) if file.import_id_first <= import_id <= file.import_id_last]
    mixed = tuple(file for file in gone if file.import_id_first != file.import_id_last)
    others = f"SELECT * FROM ({lake.rows_sql(name, mixed)}) WHERE import_id <> {import_id}"
    removed = sum(file.rows for file in gone) - _count(connection, others)
    if not removed:
        return _Counts()
    stays = kept_sql(lake, name, import_id)
    written = others if stays is None else f"{others} UNION ALL BY NAME ({stays})"
    rows = connection.sql(sorted_sql(lake.table(name), f"({written})"))
    commit.swap(name, gone, rows.to_arrow_reader(65_536))
    return _Counts(removed, 0 if stays is None else _count(connection, stays))


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0])


def _left_out(later: ImportRecord, import_id: int, tables: set[str]) -> bool:
    """Whether a later import that stands left out rows of these tables because the lake had them."""
    if later.undone or later.import_id <= import_id:
        return False
    return any(counts.already_there > counts.repeated for name, counts in later.counts.items() if name in tables)


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
