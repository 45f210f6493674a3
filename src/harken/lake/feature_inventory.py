"""Takes stock of a lake for planning features: kinds, measures, levels, questions and snapshot columns."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from harken.unify.features.event_query import known_sql
from harken.unify.features.event_words import MEASURES
from harken.unify.features.inventory import (
    Inventory,
    KindInventory,
    Level,
    Measured,
    ScoreInventory,
    SnapshotColumn,
)
from harken.unify.features.query import name_sql, snapshot_view

if TYPE_CHECKING:
    import duckdb

LEVELS_READ = 31
"""Levels read per column: one more than a category may have, so that it shows whether there are others."""

COLLEAGUES = (
    "SELECT COALESCE(SUM(n), 0) FROM (SELECT COUNT(*) AS n FROM (SELECT customer_id, MIN(account_key) AS held_by "
    "FROM people WHERE account_key IS NOT NULL GROUP BY customer_id) AS members GROUP BY held_by) AS accounts "
    "WHERE n > 1"
)
"""How many customers share their account."""

_NO_DATE = -9223372036854775807


def take_inventory(
    connection: duckdb.DuckDBPyConnection, sources: tuple[str, ...], as_of_us: int | None, *, events: bool = True
) -> Inventory:
    """What the lake behind a connection holds before `as_of_us`; with None, only what has no date.

    Without `events` people and snapshots only, which is much quicker.
    """
    people, declared, joined = _rows(
        connection,
        "SELECT COUNT(*), COUNT(CASE WHEN declared THEN 1 END), COUNT(joined_us) FROM people",
    )[0]
    return Inventory(
        as_of_us=as_of_us,
        people=people,
        declared=declared,
        joined=joined,
        colleagues=_rows(connection, COLLEAGUES)[0][0],
        languages=_levels(connection, "people", "language"),
        roles=_levels(connection, "people", "role"),
        kinds=_kinds(connection, as_of_us) if events and as_of_us is not None else (),
        scores=_scores(connection, as_of_us) if events and as_of_us is not None else (),
        snapshots=tuple(column for source in sources for column in _snapshot(connection, source, as_of_us)),
    )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def _levels(connection: duckdb.DuckDBPyConnection, relation: str, column: str) -> tuple[Level, ...]:
    name = name_sql(column)
    sql = (
        f"SELECT {name}, COUNT(*) AS n FROM {relation} WHERE {name} IS NOT NULL GROUP BY {name} "
        f"ORDER BY n DESC, {name} LIMIT {LEVELS_READ}"
    )
    return tuple(Level(str(value), count) for value, count in _rows(connection, sql))


def _kinds(connection: duckdb.DuckDBPyConnection, as_of_us: int) -> tuple[KindInventory, ...]:
    """One pass over the signals for the measures, one for each column with levels."""
    measures = ", ".join(
        f"COUNT({name}), SUM({name}), SUM(ABS({name}))"
        for name in (
            f"CASE WHEN ABS({measure}) <= 1e300 THEN {known_sql(measure, as_of_us)} END" for measure in MEASURES
        )
    )
    rows = _rows(
        connection,
        f"SELECT kind, COUNT(*), MIN(ts_us), MAX(ts_us), {measures} "
        f"FROM signals WHERE ts_us < {as_of_us} GROUP BY kind ORDER BY kind",
    )
    channels, touchpoints, issues = (
        _kind_levels(connection, column, as_of_us) for column in ("channel", "touchpoint", "issue")
    )
    found = []
    for kind, count, first_us, last_us, *numbers in rows:
        known = zip(MEASURES, numbers[0::3], numbers[1::3], numbers[2::3], strict=True)
        measured = tuple(Measured(name, n, total / n, size) for name, n, total, size in known if n)
        found.append(
            KindInventory(kind, count, first_us, last_us, measured, channels[kind], touchpoints[kind], issues[kind])
        )
    return tuple(found)


def _kind_levels(
    connection: duckdb.DuckDBPyConnection, column: str, as_of_us: int
) -> defaultdict[str, tuple[Level, ...]]:
    counted = (
        f"SELECT kind, {column} AS level, COUNT(*) AS n FROM signals "
        f"WHERE ts_us < {as_of_us} AND {column} IS NOT NULL GROUP BY kind, {column}"
    )
    ranked = (
        "SELECT kind, level, n, ROW_NUMBER() OVER (PARTITION BY kind ORDER BY n DESC, level) AS place "
        f"FROM ({counted}) AS counted"
    )
    levels: defaultdict[str, tuple[Level, ...]] = defaultdict(tuple)
    for kind, level, count in _rows(
        connection,
        f"SELECT kind, level, n FROM ({ranked}) AS ranked WHERE place <= {LEVELS_READ} ORDER BY kind, place",
    ):
        levels[kind] += (Level(level, count),)
    return levels


def _scores(connection: duckdb.DuckDBPyConnection, as_of_us: int) -> tuple[ScoreInventory, ...]:
    names = "COALESCE(programme, ''), COALESCE(question, ''), COALESCE(scale, '')"
    return tuple(
        ScoreInventory(*row)
        for row in _rows(
            connection,
            f"SELECT {names}, COUNT(*) FROM signals WHERE score IS NOT NULL AND ts_us < {as_of_us} "
            f"GROUP BY {names} ORDER BY {names}",
        )
    )


def _snapshot(connection: duckdb.DuckDBPyConnection, source: str, as_of_us: int | None) -> list[SnapshotColumn]:
    """The columns of one snapshot, counted over each customer's latest row in reach."""
    registered = connection.execute(
        "SELECT name, label, type, role, family, lever FROM snapshot_columns WHERE source = ? ORDER BY name",
        [source],
    ).fetchall()
    view = snapshot_view(source)
    present = {row[0]: place for place, row in enumerate(_rows(connection, f"DESCRIBE {view}"))}
    registered = sorted((row for row in registered if row[0] in present), key=lambda row: present[row[0]])
    reach = "as_of_us IS NULL" if as_of_us is None else f"(as_of_us IS NULL OR as_of_us <= {as_of_us})"
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW feature_snapshot AS "
        f"SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY "
        f"COALESCE(as_of_us, {_NO_DATE}) DESC, import_id DESC, person_key) AS recency FROM {view} WHERE {reach}) "
        "WHERE recency = 1"
    )
    repeated = _rows(
        connection,
        f"SELECT COUNT(*) > COUNT(DISTINCT customer_id) FROM {view} WHERE {reach}",
    )[0][0]
    if not repeated:  # then every row is the latest, and no sorting is needed
        connection.execute(f"CREATE OR REPLACE TEMP VIEW feature_snapshot AS SELECT * FROM {view} WHERE {reach}")
    rows = _rows(connection, "SELECT COUNT(*) FROM feature_snapshot")[0][0]
    columns = [_column(connection, source, rows, registration) for registration in registered]
    connection.execute("DROP VIEW feature_snapshot")
    return columns


def _column(
    connection: duckdb.DuckDBPyConnection, source: str, rows: int, registration: tuple[Any, ...]
) -> SnapshotColumn:
    name, label, kind, role, family, lever = registration
    column = name_sql(name)
    start = {"source": source, "name": name, "label": label, "type": kind, "role": role, "rows": rows}
    declared = {"family": family, "lever": lever}
    values = f"(SELECT {column} AS v FROM feature_snapshot WHERE {column} IS NOT NULL)"
    if kind == "category":
        known, distinct, length = _rows(
            connection, f"SELECT COUNT(*), COUNT(DISTINCT v), AVG(LENGTH(v)) FROM {values}"
        )[0]
        levels = _levels(connection, "feature_snapshot", name)
        return SnapshotColumn(
            **start, **declared, known=known, distinct=distinct, levels=levels, mean_length=length or 0.0
        )
    known, distinct, lowest, highest, broken = _rows(
        connection,
        f"SELECT COUNT(*), COUNT(DISTINCT v), MIN(v), MAX(v), COUNT(CASE WHEN v <> FLOOR(v) THEN 1 END) "
        f"FROM {values}",
    )[0]
    return SnapshotColumn(
        **start,
        **declared,
        known=known,
        distinct=distinct,
        minimum=None if lowest is None else float(lowest),
        maximum=None if highest is None else float(highest),
        whole=broken == 0,
    )
