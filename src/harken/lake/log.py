"""The lake: facts about customers as Delta tables, of which readers always see one committed state.

What holds at every moment, also after a kill or a loss of power:

1. `pointer.json` is the commit. It names one version of every table and is replaced as a whole, after all data
   files, log entries and folders it needs were made durable. What it does not name does not exist.
2. A reader pins the pointer once and reads the files of those versions. Files are never changed; an import
   or an undo meanwhile adds files and log entries that the reader does not look at.
3. One writer at a time holds `write.lock`. The first thing it does is to remove what a killed writer left:
   log entries after the pointer's versions, and data files whose name carries a later commit number.
4. Every row carries the import that brought it. Undoing an import removes its rows and nothing else, so that
   importing A and B and undoing B equals importing A. Undoing A keeps what B speaks of: B's customers stay as
   bare numbers, and so do texts and column names that B's rows point at.
5. Nothing is stored twice. A signal known in the same words is left out; in other words it becomes version
   + 1, noted in the small table `corrections`, and readers see the latest. Rows of all other tables are left out
   where they say nothing new; otherwise they are stored, and readers take of each field the value of the latest
   import that has one. Both cost a reader nothing where nothing was ever corrected or repeated.
6. No text enters a Delta log or a Parquet statistic, where it would outlive its erasure.

Folder: `pointer.json`, `write.lock`, `tmp/`, one folder per table, `snapshots/<source>/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from harken.lake.delta import tables_on_disk
from harken.lake.imports import AppendCounts, ImportedFile, ImportRecord, UndoResult, from_row
from harken.lake.locking import WriteLock
from harken.lake.pointer import POINTER_FILE, Pointer, read_pointer, write_pointer
from harken.lake.reading import MEMORY_LIMIT_BYTES, Pinned, connect_fenced
from harken.lake.undoing import undo_import
from harken.lake.writing import ImportWriter, begin_record, prepare
from harken.vocabulary.errors import DataError
from harken.vocabulary.messages import Message, gettext_noop

__all__ = ["AppendCounts", "ImportRecord", "ImportWriter", "ImportedFile", "Lake", "Pinned", "UndoResult"]

STATES_HELD = 4
"""The list of imports is kept for so many states of lakes: pages ask for it again and again."""


class Lake:
    """The lake of a workspace; making one is free and touches nothing.

    >>> Lake(Path("workspace/lake")).imports()
    ()
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root).absolute()

    def pin(self) -> Pinned:
        """The committed state of this moment, which later imports do not change."""
        return Pinned(self.root, self._pointer())

    def begin_import(
        self,
        *,
        source: str,
        files: Sequence[ImportedFile],
        mapping_toml: str,
        now_us: int,
        memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
        threads: int | None = None,
    ) -> ImportWriter:
        """Begin an import: takes the write lock (raises Busy at once if it is held) and cleans up after a crash.

        Use it as a context manager; `now_us` is epoch microseconds UTC. Above the memory limit rows spill to disk.
        """
        what = Message(gettext_noop("import of {source}"), {"source": source})
        lock = WriteLock(self.root, what, now_us)
        try:
            lake = self._prepared(now_us)
            import_id = max(lake.pointer.last_import_id, lock.last_import_id) + 1
            lock.remember(import_id)
            record = begin_record(import_id, source, files, mapping_toml, now_us)
            return ImportWriter(lake, lock, record, memory_limit_bytes, threads)
        except BaseException:
            lock.release()
            raise

    def undo(self, import_id: int, now_us: int) -> UndoResult:
        """Remove everything one import brought, at once; its record stays, marked as undone at `now_us`.

        Raises DataError for an unknown import or one undone already, Busy while another writer holds the lock.
        """
        what = Message(gettext_noop("undoing import {number}"), {"number": import_id})
        with WriteLock(self.root, what, now_us):
            return undo_import(self._prepared(now_us), self.imports(), import_id, now_us)

    def imports(self) -> tuple[ImportRecord, ...]:
        """Every import ever committed, oldest first, with what it brought and whether it was undone."""
        return _imports_at(self.pin())

    def _pointer(self) -> Pointer:
        pointer = read_pointer(self.root)
        if pointer is None and tables_on_disk(self.root):
            # Taking this for an empty lake would remove every table at the next import.
            raise DataError(
                Message(gettext_noop("The file {file} is missing."), {"file": str(self.root / POINTER_FILE)}),
                Message(gettext_noop("Restore it from a backup of the workspace; change nothing by hand.")),
            )
        return pointer or Pointer()

    def _prepared(self, now_us: int) -> Pinned:
        """The committed state, with whatever a killed writer left behind removed; under the write lock only."""
        pointer = self._pointer()
        if read_pointer(self.root) is None:
            write_pointer(self.root, pointer)
        prepare(self.root, pointer, now_us)
        return Pinned(self.root, pointer)


@lru_cache(maxsize=STATES_HELD)
def _imports_at(pinned: Pinned) -> tuple[ImportRecord, ...]:
    if not pinned.rows("imports"):
        return ()
    with connect_fenced(pinned.root, threads=1) as connection:
        rows = connection.sql(pinned.imports_sql()).to_arrow_table().to_pylist()
    return tuple(from_row(row) for row in rows)
