"""Finding, set by set, which appended rows are new: within one append, against earlier ones, against the lake.

Appended rows wait in a `pending` table of DuckDB with columns of bookkeeping: `row_` numbers the rows in the
order they came, `append_` the call that brought them, `replaces_` says that the key was known with other content,
`content_` (signals only) is a hash of the row for comparing in this process, never stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harken.lake.reading import Pinned, resolved_columns_sql, same_key_sql
from harken.lake.schemas import quoted
from harken.vocabulary.tables import Table

if TYPE_CHECKING:
    import duckdb

BOOKKEEPING = ("import_id", "ingested_us", "version")


@dataclass(frozen=True, slots=True)
class Repeats:
    """Rows left out because their key came again in the same import, and those of them with other content."""

    repeated: int = 0
    conflicting: int = 0

    def __add__(self, other: Repeats) -> Repeats:
        return Repeats(self.repeated + other.repeated, self.conflicting + other.conflicting)


def content_sql(table: Table) -> str:
    """A hash over what a signal says, for comparing rows in one process (not stable between versions of DuckDB)."""
    compared = [column.name for column in table.columns if column.name not in (*BOOKKEEPING, "signal_id")]
    return f"hash({', '.join(quoted(name) for name in compared)})"


def deduplicate(
    connection: duckdb.DuckDBPyConnection, table: Table, pending: str, append: int, lake: Pinned
) -> Repeats:
    """Leave of one append only what changes something; returns how many rows repeated others of the import."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW fresh AS SELECT * FROM {pending} WHERE append_ = {append}")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW earlier AS SELECT * FROM {pending} WHERE append_ < {append}")
    if table.name == "signals":
        repeats = _keep_last_signals(connection, pending)
        if append > 1:
            repeats += _against_earlier_signals(connection, pending)
        _against_stored_signals(connection, pending, table, lake)
    else:
        repeats = _merge_repeated(connection, table, pending, append)
        if append > 1:
            repeats += _against_earlier_rows(connection, table, pending, append)
        _against_stored_rows(connection, table, pending, lake)
    return repeats


def _keep_last_signals(connection: duckdb.DuckDBPyConnection, pending: str) -> Repeats:
    """Of rows with one signal_id keep the one that happened last, among equals the one that came last."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE dropped AS SELECT row_, differs FROM ("
        " SELECT row_, row_number() OVER latest AS place,"
        " content_ <> first_value(content_) OVER latest AS differs FROM fresh WHERE signal_id IN"
        " (SELECT signal_id FROM fresh GROUP BY signal_id HAVING count(*) > 1)"
        " WINDOW latest AS (PARTITION BY signal_id ORDER BY ts_us DESC NULLS LAST, row_ DESC))"
        " WHERE place > 1"
    )
    repeats = Repeats(_count(connection, "dropped"), _count(connection, "dropped WHERE differs"))
    _drop(connection, pending)
    return repeats


def _against_earlier_signals(connection: duckdb.DuckDBPyConnection, pending: str) -> Repeats:
    """The same rule between this append and earlier ones of the import; equal rows keep the earlier one."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE met AS SELECT f.row_ AS fresh_row, e.row_ AS earlier_row,"
        " f.content_ <> e.content_ AS differs,"
        " f.ts_us IS NULL AND e.ts_us IS NOT NULL OR coalesce(f.ts_us < e.ts_us, false) AS older"
        " FROM fresh AS f JOIN earlier AS e USING (signal_id)"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE dropped AS"
        " SELECT CASE WHEN differs AND NOT older THEN earlier_row ELSE fresh_row END AS row_ FROM met"
    )
    connection.execute(
        f"UPDATE {pending} SET replaces_ = true WHERE row_ IN"
        " (SELECT fresh_row FROM met WHERE differs AND NOT older)"
    )
    _drop(connection, pending)
    return Repeats(
        _count(connection, "met WHERE older OR NOT differs"), _count(connection, "met WHERE older AND differs")
    )


def _against_stored_signals(
    connection: duckdb.DuckDBPyConnection, pending: str, table: Table, lake: Pinned
) -> None:
    """Drop what the lake has in the same words; give the rest of what it knows the next version."""
    stored = lake.stored_sql("signals")
    # Two steps, so that the usual import of new rows reads two columns of the lake and no more.
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE known AS SELECT signal_id, max(version) AS version"
        f" FROM ({stored}) WHERE signal_id IN (SELECT signal_id FROM fresh) GROUP BY signal_id"
    )
    if not _count(connection, "known"):
        return
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE met AS SELECT f.row_, s.version, f.content_ <> s.content_ AS differs"
        " FROM (SELECT signal_id, k.version, content_ FROM"
        f" (SELECT signal_id, version, {content_sql(table)} AS content_ FROM ({stored})) JOIN known AS k"
        " USING (signal_id, version)) AS s JOIN fresh AS f USING (signal_id)"
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE dropped AS SELECT row_ FROM met WHERE NOT differs")
    connection.execute(
        f"UPDATE {pending} SET version = met.version + 1, replaces_ = true"
        f" FROM met WHERE {pending}.row_ = met.row_ AND met.differs"
    )
    _drop(connection, pending)


def _merge_repeated(connection: duckdb.DuckDBPyConnection, table: Table, pending: str, append: int) -> int:
    """Make one row of rows with the same key: of each field the last value that is not empty."""
    key = ", ".join(quoted(name) for name in table.key)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE repeated AS SELECT {key} FROM fresh GROUP BY {key} HAVING count(*) > 1"
    )
    if not _count(connection, "repeated"):
        return Repeats()
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE given AS SELECT f.* FROM fresh AS f SEMI JOIN repeated AS r"
        f" ON {same_key_sql('f', 'r', table.key)}"
    )
    merged = resolved_columns_sql(table, "row_")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE merged AS SELECT {merged}, max(row_) AS row_ FROM given GROUP BY {key}"
    )
    differs = f"NOT ({_adds_nothing_sql('g', 'm', table)})"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE dropped AS SELECT g.row_, {differs} AS differs"
        f" FROM given AS g JOIN merged AS m ON {same_key_sql('g', 'm', table.key)}"
    )
    given, merged_rows = _count(connection, "given"), _count(connection, "merged")
    conflicting = _count(connection, "dropped WHERE differs")
    _drop(connection, pending)
    connection.execute(
        f"INSERT INTO {pending} BY NAME SELECT *, {append} AS append_, false AS replaces_ FROM merged"
    )
    return Repeats(given - merged_rows, conflicting)


def _against_earlier_rows(
    connection: duckdb.DuckDBPyConnection, table: Table, pending: str, append: int
) -> Repeats:
    """Merge rows of this append into rows of the same key that earlier appends of the import brought."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE met AS SELECT f.row_ AS fresh_row, e.row_ AS earlier_row,"
        f" {_adds_nothing_sql('f', 'e', table)} AS nothing"
        f" FROM fresh AS f JOIN earlier AS e ON {same_key_sql('f', 'e', table.key)}"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE merged AS SELECT"
        f" {resolved_columns_sql(table, 'row_')}, max(row_) AS row_ FROM"
        " (SELECT * FROM fresh WHERE row_ IN (SELECT fresh_row FROM met WHERE NOT nothing)"
        " UNION ALL BY NAME SELECT * FROM earlier WHERE row_ IN (SELECT earlier_row FROM met WHERE NOT nothing))"
        f" GROUP BY {', '.join(quoted(name) for name in table.key)}"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE dropped AS SELECT fresh_row AS row_ FROM met"
        " UNION ALL SELECT earlier_row FROM met WHERE NOT nothing"
    )
    _drop(connection, pending)
    connection.execute(
        f"INSERT INTO {pending} BY NAME SELECT *, {append} AS append_, true AS replaces_ FROM merged"
    )
    return Repeats(_count(connection, "met WHERE nothing"))


def _against_stored_rows(connection: duckdb.DuckDBPyConnection, table: Table, pending: str, lake: Pinned) -> None:
    """Drop rows that tell the lake nothing new; mark those that change what it says."""
    if not lake.rows(table.name):
        return
    current = lake.current_sql(table.name, only="fresh")
    stored = {column.name for column in lake.table(table.name).columns}
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE met AS SELECT f.row_,"
        f" {_adds_nothing_sql('f', 'c', table, stored)} AS nothing"
        f" FROM fresh AS f JOIN ({current}) AS c ON {same_key_sql('f', 'c', table.key)}"
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE dropped AS SELECT row_ FROM met WHERE nothing")
    connection.execute(
        f"UPDATE {pending} SET replaces_ = true WHERE row_ IN (SELECT row_ FROM met WHERE NOT nothing)"
    )
    _drop(connection, pending)


def _adds_nothing_sql(new: str, old: str, table: Table, stored: set[str] | None = None) -> str:
    """The condition that every value of the new row is already said by the old one; who says it does not matter."""
    conditions = []
    for column in table.columns:
        if column.name in (*table.key, "import_id", "source"):
            continue
        name = quoted(column.name)
        if stored is not None and column.name not in stored:
            conditions.append(f"{new}.{name} IS NULL")
        elif column.type == "bool":
            conditions.append(f"({old}.{name} OR NOT coalesce({new}.{name}, false))")
        else:
            conditions.append(f"({new}.{name} IS NULL OR {new}.{name} IS NOT DISTINCT FROM {old}.{name})")
    return " AND ".join(conditions) if conditions else "true"


def _drop(connection: duckdb.DuckDBPyConnection, pending: str) -> None:
    """Remove the rows listed in `dropped`."""
    if _count(connection, "dropped"):
        connection.execute(f"DELETE FROM {pending} WHERE row_ IN (SELECT row_ FROM dropped)")


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])
