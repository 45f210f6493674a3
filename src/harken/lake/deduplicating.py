"""Finding, set by set, which appended rows are new: within one append, against earlier ones, against the lake.

Appended rows wait in a `pending` table of DuckDB with columns of bookkeeping: `row_` numbers the rows in the
order they came, `append_` the call that brought them, `replaces_` says that the key was known with other content,
`content_` (signals only) is a hash of the row for comparing in this process, never stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harken.lake.reading import Pinned, resolved_columns_sql, same_key_sql
from harken.lake.schemas import quoted
from harken.vocabulary.tables import Table

if TYPE_CHECKING:
    import duckdb

BOOKKEEPING = ("import_id", "ingested_us", "version")


def content_sql(table: Table) -> str:
    """A hash over what a signal says, for comparing rows in one process (not stable between versions of DuckDB)."""
    compared = [column.name for column in table.columns if column.name not in (*BOOKKEEPING, "signal_id")]
    return f"hash({', '.join(quoted(name) for name in compared)})"


def deduplicate(
    connection: duckdb.DuckDBPyConnection, table: Table, pending: str, append: int, lake: Pinned
) -> int:
    """Leave of one append only what changes something; returns how many rows conflicted within the import."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW fresh AS SELECT * FROM {pending} WHERE append_ = {append}")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW earlier AS SELECT * FROM {pending} WHERE append_ < {append}")
    if table.name == "signals":
        conflicting = _keep_last_signals(connection, pending)
        conflicting += 0 if append == 1 else _against_earlier_signals(connection, pending)
        _against_stored_signals(connection, pending, table, lake)
    else:
        conflicting = _merge_repeated(connection, table, pending, append)
        if append > 1:
            _against_earlier_rows(connection, table, pending, append)
        _against_stored_rows(connection, table, pending, lake)
    return conflicting


def _keep_last_signals(connection: duckdb.DuckDBPyConnection, pending: str) -> int:
    """Of rows with one signal_id keep the one that happened last, among equals the one that came last."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE dropped AS SELECT row_, differs FROM ("
        " SELECT row_, row_number() OVER latest AS place,"
        " content_ <> first_value(content_) OVER latest AS differs FROM fresh WHERE signal_id IN"
        " (SELECT signal_id FROM fresh GROUP BY signal_id HAVING count(*) > 1)"
        " WINDOW latest AS (PARTITION BY signal_id ORDER BY ts_us DESC NULLS LAST, row_ DESC))"
        " WHERE place > 1"
    )
    return _drop(connection, pending)


def _against_earlier_signals(connection: duckdb.DuckDBPyConnection, pending: str) -> int:
    """The same rule between this append and earlier ones of the import; equal rows keep the earlier one."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE met AS SELECT f.row_ AS fresh_row, e.row_ AS earlier_row,"
        " f.content_ <> e.content_ AS differs,"
        " f.ts_us IS NULL AND e.ts_us IS NOT NULL OR coalesce(f.ts_us < e.ts_us, false) AS older"
        " FROM fresh AS f JOIN earlier AS e USING (signal_id)"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE dropped AS"
        " SELECT fresh_row AS row_, differs FROM met WHERE older OR NOT differs"
        " UNION ALL SELECT earlier_row, false FROM met WHERE differs AND NOT older"
    )
    connection.execute(
        f"UPDATE {pending} SET replaces_ = true WHERE row_ IN"
        " (SELECT fresh_row FROM met WHERE differs AND NOT older)"
    )
    return _drop(connection, pending)


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
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE dropped AS SELECT row_, false AS differs FROM met WHERE NOT differs"
    )
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
        return 0
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
    conflicting = _drop(connection, pending)
    connection.execute(
        f"INSERT INTO {pending} BY NAME SELECT *, {append} AS append_, false AS replaces_ FROM merged"
    )
    return conflicting


def _against_earlier_rows(connection: duckdb.DuckDBPyConnection, table: Table, pending: str, append: int) -> None:
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
        "CREATE OR REPLACE TEMP TABLE dropped AS SELECT fresh_row AS row_, false AS differs FROM met"
        " UNION ALL SELECT earlier_row, false FROM met WHERE NOT nothing"
    )
    _drop(connection, pending)
    connection.execute(
        f"INSERT INTO {pending} BY NAME SELECT *, {append} AS append_, true AS replaces_ FROM merged"
    )


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
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE dropped AS SELECT row_, false AS differs FROM met WHERE nothing"
    )
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


def _drop(connection: duckdb.DuckDBPyConnection, pending: str) -> int:
    """Remove the rows listed in `dropped`; returns how many of them differed from what was kept."""
    if not _count(connection, "dropped"):
        return 0
    connection.execute(f"DELETE FROM {pending} WHERE row_ IN (SELECT row_ FROM dropped)")
    return _count(connection, "dropped WHERE differs")


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])
