"""The lake's ordinary life: import, read, import again, correct, pin, undo."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from harken.lake.log import AppendCounts, ImportedFile, Lake

NOW_US = 1_750_000_000_000_000
FILE = ImportedFile("answers.csv", "0" * 64, 10)


def signals(rows: list[dict[str, object]]) -> pa.Table:
    """Answers of a shop, from the few columns a test is about."""
    full = [
        {"kind": "answer", "person_key": row["signal_id"], "native_id": str(row["signal_id"]), **row}
        for row in rows
    ]
    types = {"signal_id": pa.int64(), "person_key": pa.int64(), "ts_us": pa.int64(), "score": pa.float64()}
    names = dict.fromkeys(name for row in full for name in row)
    return pa.table({name: pa.array([row.get(name) for row in full], types.get(name)) for name in names})


def run(lake: Lake, **tables: pa.Table) -> dict[str, AppendCounts]:
    with lake.begin_import(source="shop", files=[FILE], mapping_toml="", now_us=NOW_US) as writer:
        counts = {name: writer.append(name.replace("__", "/"), table) for name, table in tables.items()}
        writer.commit()
    return counts


def read(lake: Lake, sql: str) -> list[tuple[object, ...]]:
    with lake.pin().connect(threads=1) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake in a folder whose name has a space, a quote and a Chinese word."""
    return Lake(tmp_path / "the lake's 湖")


def test_imported_signals_are_read_back(lake: Lake) -> None:
    counts = run(
        lake, signals=signals([{"signal_id": 1, "score": 9.0, "ts_us": 5}, {"signal_id": 2, "score": 3.0}])
    )
    assert counts["signals"] == AppendCounts(given=2, added=2)
    assert read(lake, "SELECT signal_id, score, customer_id, source FROM signals ORDER BY 1") == [
        (1, 9.0, 1, "shop"),
        (2, 3.0, 2, "shop"),
    ]


def test_the_same_rows_again_add_nothing(lake: Lake) -> None:
    rows = signals([{"signal_id": 1, "score": 9.0}, {"signal_id": 2, "score": 3.0}])
    run(lake, signals=rows)
    before = lake.pin()
    assert run(lake, signals=rows)["signals"] == AppendCounts(given=2, already_there=2)
    assert lake.pin().pointer_id == before.pointer_id
    assert read(lake, "SELECT count(*) FROM signals") == [(2,)]


def test_a_correction_is_read_and_undone(lake: Lake) -> None:
    run(lake, signals=signals([{"signal_id": 1, "score": 9.0}, {"signal_id": 2, "score": 3.0}]))
    assert run(lake, signals=signals([{"signal_id": 1, "score": 4.0}]))["signals"].corrected == 1
    assert read(lake, "SELECT signal_id, score, version FROM signals ORDER BY 1") == [(1, 4.0, 2), (2, 3.0, 1)]
    lake.undo(2, NOW_US)
    assert read(lake, "SELECT signal_id, score, version FROM signals ORDER BY 1") == [(1, 9.0, 1), (2, 3.0, 1)]
    assert [record.undone for record in lake.imports()] == [False, True]
