"""Reading one committed state of the lake: `Pinned` gives DuckDB connections with a view of every table."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harken.lake.delta import DataFile, Stored, file_columns, stored, table_folder
from harken.lake.pointer import Pointer
from harken.lake.schemas import (
    FIXED_TABLES,
    SNAPSHOT_PREFIX,
    SQL_TYPES,
    is_snapshot,
    literal,
    quoted,
    snapshot_table,
)
from harken.vocabulary.tables import TABLES, ColumnType, Table

if TYPE_CHECKING:
    import duckdb

TEMPORARY_FOLDER = "tmp"
MEMORY_LIMIT_BYTES = 2 * 2**30
WITH_CUSTOMER = ("signals", "people", "outcomes")
MEMBERS = "segment_members"
"""The table of the customers that a state is limited to."""

_query_numbers = itertools.count()


class Pinned:
    """One committed state of the lake: whatever is imported meanwhile, it reads the same rows.

    `versions` is the version of each table, `pointer_id` the hash of all changes of data so far: equal ids
    mean equal data. Cheap to make; the file lists are read at the first use. Two of one state are equal, so that
    what was read of a state can be kept for it.
    """

    def __init__(self, root: Path, pointer: Pointer) -> None:
        self.root = root.absolute()
        self.pointer = pointer
        self._known: dict[str, Stored] = {}
        self._members: NDArray[np.int64] | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pinned) or self._members is not None or other._members is not None:
            return self is other
        return (self.root, self.pointer) == (other.root, other.pointer)

    def __hash__(self) -> int:
        return hash((self.root, self.pointer_id))

    def within(self, customer_id: NDArray[np.int64]) -> Pinned:
        """The same state limited to some customers: every view of its connections shows what is theirs alone.

        `stored_sql` and its like, which know files and no customers, stay those of the whole.
        """
        limited = Pinned(self.root, self.pointer)
        limited._known = self._known
        limited._members = np.unique(customer_id)
        return limited

    @property
    def versions(self) -> dict[str, int]:
        """The pinned version of each table that was ever written."""
        return {name: state.version for name, state in self.pointer.tables.items()}

    @property
    def pointer_id(self) -> str:
        """Hash of every change of data up to here: part of the cache key of an analysis."""
        return self.pointer.state

    def rows(self, name: str) -> int:
        """Rows stored in a table, before corrections and repeats are resolved."""
        state = self.pointer.tables.get(name)
        return 0 if state is None else state.rows

    def snapshot_sources(self) -> tuple[str, ...]:
        """The sources that have a snapshot with rows: `snapshots_<source>` is a view of each."""
        names = sorted(name for name in self.pointer.tables if is_snapshot(name) and self.rows(name))
        return tuple(name.removeprefix(SNAPSHOT_PREFIX) for name in names)

    def connect(
        self, *, memory_limit_bytes: int | None = None, threads: int | None = None
    ) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection, in memory, with a view of every table; the caller closes it.

        Views: signals (latest version of each, not retracted), people, accounts, outcomes, texts, identities,
        snapshot_columns, imports and snapshots_<source>; customer_id is added to all that know a person and are
        read per customer (signals, people, outcomes, snapshots). It can read and write files in the lake's folder
        only, loads no extension, and its settings are locked.
        """
        connection = connect_fenced(self.root, memory_limit_bytes, threads)
        try:
            for name in TABLES:
                connection.execute(f"CREATE VIEW {quoted(name)} AS {self.view_sql(name)}")
            connection.execute(f"CREATE VIEW imports AS {self.imports_sql()}")
            for source in self.snapshot_sources():
                view = self.view_sql(SNAPSHOT_PREFIX + source)
                connection.execute(f"CREATE VIEW {quoted('snapshots_' + source)} AS {view}")
            if self._members is not None:
                self._limit(connection, self._members)
            connection.execute("SET lock_configuration = true")
        except BaseException:
            connection.close()
            raise
        return connection

    def _limit(self, connection: duckdb.DuckDBPyConnection, members: NDArray[np.int64]) -> None:
        """Put narrower views in the place of those of the whole."""
        import pyarrow as pa

        connection.register("given_members", pa.table({"customer_id": pa.array(members, pa.int64())}))
        connection.execute(f"CREATE TABLE {MEMBERS} AS SELECT customer_id FROM given_members")
        connection.unregister("given_members")
        theirs = f"customer_id IN (SELECT customer_id FROM {MEMBERS})"
        narrowed = {name: (self.view_sql(name), theirs) for name in (*WITH_CUSTOMER, "identities")}
        for source in self.snapshot_sources():
            narrowed[f"snapshots_{source}"] = (self.view_sql(SNAPSHOT_PREFIX + source), theirs)
        # These two know no customer: they follow the people, whose view is narrow by then.
        narrowed["texts"] = (self.view_sql("texts"), "person_key IN (SELECT person_key FROM people)")
        narrowed["accounts"] = (self.view_sql("accounts"), "account_key IN (SELECT account_key FROM people)")
        for name, (rows, condition) in narrowed.items():
            sql = f"SELECT * FROM ({rows}) WHERE {condition}"
            connection.execute(f"CREATE OR REPLACE VIEW {quoted(name)} AS {sql}")

    def table(self, name: str) -> Table:
        """The columns of a table as they are at this state."""
        if not is_snapshot(name):
            return FIXED_TABLES[name]
        known = {column.name for column in snapshot_table(name).columns}
        return snapshot_table(name, [(n, kind) for n, kind in self.columns(name).items() if n not in known])

    def columns(self, name: str) -> Mapping[str, ColumnType]:
        """The columns as stored with their types, none for a table never written."""
        return self._stored(name).columns

    def files(self, name: str) -> tuple[DataFile, ...]:
        """The data files of a table at this state."""
        return self._stored(name).files

    def stored_sql(self, name: str, later_than: int = 0) -> str:
        """A query of all stored rows of a table, typed also where it is empty.

        `later_than` leaves out files in which no import has a higher number.
        """
        return self.rows_sql(name, tuple(file for file in self.files(name) if file.import_id_last > later_than))

    def rows_sql(self, name: str, files: tuple[DataFile, ...]) -> str:
        """A query of the rows of some data files of a table, typed also where there are none."""
        table = self.table(name)
        known = set(self.columns(name))
        if files != self.files(name) and self.pointer.tables[name].evolved:
            known = {column for file in files for column in file_columns(self.root, name, file)}
        if not files:
            nothing = ", ".join(f"CAST(NULL AS {SQL_TYPES[c.type]}) AS {quoted(c.name)}" for c in table.columns)
            return f"SELECT {nothing} WHERE false"
        selected = ", ".join(
            quoted(c.name) if c.name in known else f"CAST(NULL AS {SQL_TYPES[c.type]}) AS {quoted(c.name)}"
            for c in table.columns
        )
        folder = table_folder(self.root, name)
        return f"SELECT {selected} FROM {parquet_sql(folder, files, self.pointer.tables[name].evolved)}"

    def view_sql(self, name: str) -> str:
        """A query of what a table says: corrections and repeats resolved, customer_id added where it belongs."""
        current = self.current_sql(name)
        if name == "signals":
            current = f"SELECT * FROM ({current}) WHERE NOT retracted"
        if name in WITH_CUSTOMER or is_snapshot(name):
            return with_customer_sql(current, self.customers_sql())
        return current

    def current_sql(self, name: str, only: str | None = None) -> str:
        """A query of one row per key, the latest; `only` is a relation of keys to which it is limited."""
        stored = self.stored_sql(name)
        table = self.table(name)
        if only is not None:
            key = ("signal_id",) if name == "signals" else table.key
            stored = f"SELECT * FROM ({stored}) AS s SEMI JOIN {only} AS o ON {same_key_sql('s', 'o', key)}"
        if name == "signals":
            return latest_signals_sql(stored, self.stored_sql("corrections") if self.rows("corrections") else None)
        state = self.pointer.tables.get(name)
        return resolved_sql(table, stored) if state is not None and state.repeats else stored

    def imports_sql(self) -> str:
        """A query of one row per import, with the time it was undone if it was."""
        return (
            "SELECT import_id, source, accepted_us, files, mapping_toml, counts, max(undone_us) AS undone_us"
            f" FROM ({self.stored_sql('imports')}) GROUP BY ALL ORDER BY import_id"
        )

    def customers_sql(self) -> str | None:
        """A query of the identity map in force (person_key, customer_id), None while nobody was merged."""
        if not self.rows("identities"):
            return None
        identities = self.current_sql("identities")
        return (
            f"SELECT person_key, customer_id FROM ({identities})"
            f" WHERE version = (SELECT max(version) FROM ({identities}))"
        )

    def _stored(self, name: str) -> Stored:
        if name not in self._known:
            state = self.pointer.tables.get(name)
            nothing = Stored({}, ())
            self._known[name] = (
                nothing if state is None else stored_at(self.root, name, state.version, self.pointer_id)
            )
        return self._known[name]


@lru_cache(maxsize=128)
def stored_at(root: Path, name: str, version: int, pointer_id: str) -> Stored:
    """A table at one version of one state: it never changes, so that a page need not read the log again."""
    return stored(root, name, version)


def connect_fenced(
    root: Path, memory_limit_bytes: int | None = None, threads: int | None = None, spill: str | None = None
) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory that reaches nothing outside the lake's folder.

    It spills into tmp/`spill`, by default a folder of its own that names the process.
    """
    import duckdb

    spill = spill or f"query-{os.getpid()}-{next(_query_numbers)}"
    (root / TEMPORARY_FOLDER).mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "temp_directory": str(root / TEMPORARY_FOLDER / spill),
        },
    )
    if memory_limit_bytes is not None:
        connection.execute(f"SET memory_limit = '{memory_limit_bytes} B'")
    if threads is not None:
        connection.execute(f"SET threads = {threads}")
    connection.execute(f"SET allowed_directories = [{literal(str(root))}]")
    connection.execute("SET enable_external_access = false")
    return connection


def parquet_sql(folder: Path, files: tuple[DataFile, ...], evolved: bool) -> str:
    """A relation of some data files; `evolved` where some lack columns that came later."""
    paths = ", ".join(literal(str(folder / file.path)) for file in files)
    return f"read_parquet([{paths}], hive_partitioning = false, union_by_name = {str(evolved).lower()})"


def latest_signals_sql(stored: str, corrections: str | None) -> str:
    """The latest version of every signal: no work at all unless there are corrections."""
    if corrections is None:
        return stored
    return (
        f"SELECT s.* FROM ({stored}) AS s LEFT JOIN"
        f" (SELECT signal_id, max(version) AS latest FROM ({corrections}) GROUP BY signal_id) AS c"
        " ON s.signal_id = c.signal_id WHERE c.latest IS NULL OR s.version >= c.latest"
    )


def resolved_sql(table: Table, stored: str) -> str:
    """One row per key where imports repeat a key: of each field the value of the latest import that has one."""
    return f"SELECT {resolved_columns_sql(table, 'import_id')} FROM ({stored}) GROUP BY {key_sql(table)}"


def resolved_columns_sql(table: Table, order: str) -> str:
    """The select list that makes one row of a key: the last value in `order` that is not empty, declared = any."""
    selected = []
    for column in table.columns:
        name = quoted(column.name)
        if column.name in table.key:
            selected.append(name)
        elif column.type == "bool":
            selected.append(f"bool_or({name}) AS {name}")
        elif column.name == order:
            selected.append(f"max({name}) AS {name}")
        else:
            selected.append(f"arg_max({name}, {order}) AS {name}")  # arg_max passes over empty values
    return ", ".join(selected)


def repeats_sql(table: Table, stored: str) -> str:
    """A query of one truth value: whether some key stands in several rows."""
    return f"SELECT EXISTS (SELECT 1 FROM ({stored}) GROUP BY {key_sql(table)} HAVING count(*) > 1)"


def key_sql(table: Table) -> str:
    """The key columns of a table, separated by commas."""
    return ", ".join(quoted(name) for name in table.key)


def same_key_sql(left: str, right: str, key: tuple[str, ...]) -> str:
    """The condition that two rows have the same key; two empty values (no date) are the same."""
    return " AND ".join(f"{left}.{quoted(name)} IS NOT DISTINCT FROM {right}.{quoted(name)}" for name in key)


def with_customer_sql(rows: str, customers: str | None) -> str:
    """Rows with customer_id: the identity map's, else the person_key itself."""
    if customers is None:
        return f"SELECT *, person_key AS customer_id FROM ({rows})"
    return (
        f"SELECT r.*, coalesce(c.customer_id, r.person_key) AS customer_id FROM ({rows}) AS r"
        f" LEFT JOIN ({customers}) AS c ON r.person_key = c.person_key"
    )
