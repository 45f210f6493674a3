"""Small imports for the tests of the lake, and everything a lake says as one comparable value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from harken.lake.log import AppendCounts, ImportedFile, Lake, Pinned

NOW_US = 1_750_000_000_000_000
FILE = ImportedFile("answers.csv", "0" * 64, 10)
TYPES = {
    **dict.fromkeys(("signal_id", "person_key", "ts_us", "as_of_us", "text_id", "text_ref"), pa.int64()),
    **dict.fromkeys(("account_key", "import_id", "since_us"), pa.int64()),
    **dict.fromkeys(("score", "value", "charge"), pa.float64()),
    **dict.fromkeys(("declared", "retracted"), pa.bool_()),
}
Row = Mapping[str, object]
DEFAULTS: dict[str, Row] = {
    "signals": {"kind": "answer", "person_key": 1},
    "people": {"id_space": "shop", "native_key": "n", "declared": False},
    "accounts": {"id_space": "shop", "native_key": "n"},
    "outcomes": {"outcome": "churn", "ts_us": None},
    "texts": {"person_key": 1},
    "snapshot_columns": {"label": "Label", "type": "number", "role": "feature"},
}


def rows(table: str, given: Sequence[Row]) -> pa.Table:
    """Rows of a table from the columns a test is about; all others are filled in or left out."""
    defaults = {"as_of_us": None} if table.startswith("snapshots/") else DEFAULTS[table]
    full = [{**defaults, **row} for row in given]
    names = dict.fromkeys(name for row in full for name in row)
    columns = {name: pa.array([row.get(name) for row in full], TYPES.get(name, pa.string())) for name in names}
    return pa.table(columns)


def run(lake: Lake, *appends: tuple[str, Sequence[Row]], source: str = "shop") -> list[AppendCounts]:
    """One import of some appends; says what became of each."""
    with lake.begin_import(source=source, files=[FILE], mapping_toml="", now_us=NOW_US) as writer:
        counts = [writer.append(table, rows(table, given)) for table, given in appends]
        writer.commit()
    return counts


def read(lake: Lake | Pinned, sql: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    pinned = lake.pin() if isinstance(lake, Lake) else lake
    with pinned.connect(threads=1) as connection:
        return connection.execute(sql).fetchall()


def everything(lake: Lake | Pinned, without: str = "") -> dict[str, tuple[list[str], list[tuple[object, ...]]]]:
    """Every view with its columns and its sorted rows, but not the record of imports, and one column left out."""
    pinned = lake.pin() if isinstance(lake, Lake) else lake
    said = {}
    with pinned.connect(threads=1) as connection:
        views = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        for (view,) in sorted(views):
            if view != "imports":
                found = connection.execute(f"SELECT COLUMNS(lambda name: name <> '{without}') FROM \"{view}\"")
                columns = [f"{column[0]} {column[1]}" for column in found.description]
                said[view] = (columns, sorted(found.fetchall(), key=repr))
    return said
