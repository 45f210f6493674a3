"""How complete the lake is: of every source and kind of rows, in how many rows each field is filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harken.lake.schemas import quoted

if TYPE_CHECKING:
    import duckdb

SIGNAL_FIELDS = (
    "score",
    "text_ref",
    "wait_s",
    "duration_s",
    "amount",
    "quantity",
    "issue",
    "channel",
    "touchpoint",
    "agent",
)
PEOPLE_FIELDS = ("name", "email", "phone", "language", "role", "account_key", "joined_us")
COLUMNS_PER_QUERY = 60


@dataclass(frozen=True, slots=True)
class FieldCoverage:
    """One field of one source: filled in `filled` of `rows` rows; `kind` is a kind of signal, people or snapshot.

    `field` is a column of the lake or, of a customer table, the header as written.
    """

    source: str
    kind: str
    field: str
    filled: int
    rows: int


def field_coverage(connection: duckdb.DuckDBPyConnection, snapshots: Sequence[str]) -> tuple[FieldCoverage, ...]:
    """Coverage of all fields that any row fills, by source and kind; one scan of each table."""
    found = _grouped(connection, "signals", ("source", "kind"), SIGNAL_FIELDS)
    found += [
        FieldCoverage(entry.source, "people", entry.field, entry.filled, entry.rows)
        for entry in _grouped(connection, "people", ("source", "'people'"), PEOPLE_FIELDS)
    ]
    labels = {
        (source, name): label
        for source, name, label in connection.execute("select source, name, label from snapshot_columns").fetchall()
    }
    for source in snapshots:
        names = sorted(name for own, name in labels if own == source)
        found += _snapshot(connection, source, names, labels)
    return tuple(sorted((one for one in found if one.filled), key=lambda one: (one.source, one.kind)))


def _grouped(
    connection: duckdb.DuckDBPyConnection, table: str, by: tuple[str, str], fields: Sequence[str]
) -> list[FieldCoverage]:
    counted = ", ".join(f"count({quoted(field)})" for field in fields)
    rows = connection.execute(
        f"select {by[0]}, {by[1]}, count(*), {counted} from {table} group by 1, 2 order by 1, 2"
    ).fetchall()
    return [
        FieldCoverage(row[0], row[1], field, filled, row[2])
        for row in rows
        for field, filled in zip(fields, row[3:], strict=True)
    ]


def _snapshot(
    connection: duckdb.DuckDBPyConnection, source: str, names: list[str], labels: dict[tuple[str, str], str]
) -> list[FieldCoverage]:
    view = quoted(f"snapshots_{source}")
    held = {row[0] for row in connection.execute(f"describe {view}").fetchall()}
    known = [name for name in names if name in held]
    found = []
    for start in range(0, len(known), COLUMNS_PER_QUERY):
        part = known[start : start + COLUMNS_PER_QUERY]
        counted = ", ".join(f"count({quoted(name)})" for name in part)
        row = connection.execute(f"select count(*), {counted} from {view}").fetchall()[0]
        found += [
            FieldCoverage(source, "snapshot", labels[source, name], filled, row[0])
            for name, filled in zip(part, row[1:], strict=True)
        ]
    return found
