"""The lake's ordinary life: import, read, import again, correct, pin."""

from __future__ import annotations

import contextlib
import os
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lake_samples import FILE, NOW_US, everything, read, rows, run

from harken.lake import delta
from harken.lake.log import AppendCounts, Lake
from harken.lake.schemas import FIXED_TABLES
from harken.vocabulary.errors import Busy, DataError
from harken.vocabulary.messages import Message
from harken.vocabulary.tables import TABLES, Table


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake in a folder whose name has a space, a quote and a Chinese word."""
    return Lake(tmp_path / "the lake's 湖")


def begin(lake: Lake):
    return lake.begin_import(source="shop", files=[FILE], mapping_toml="[mapping]", now_us=NOW_US)


def test_a_lake_never_written_has_every_table_typed_and_empty(lake: Lake) -> None:
    said = everything(lake)
    assert set(said) == set(TABLES)
    for name, table in TABLES.items():
        columns, found = said[name]
        assert found == []
        added = ["customer_id"] if name in ("signals", "people", "outcomes") else []
        assert [column.split()[0] for column in columns] == [*table.names, *added]
    assert "ts_us BIGINT" in said["signals"][0]
    assert "local_date DATE" in said["signals"][0]
    assert lake.imports() == ()
    assert lake.pin().snapshot_sources() == ()


def test_imported_signals_are_read_back(lake: Lake) -> None:
    given = [{"signal_id": 1, "score": 9.0, "ts_us": 5}, {"signal_id": 2, "score": float("nan"), "person_key": 8}]
    assert run(lake, ("signals", given)) == [AppendCounts(given=2, added=2)]
    found = read(lake, "SELECT signal_id, score, customer_id, source, version, ingested_us, import_id FROM signals")
    assert sorted(found) == [(1, 9.0, 1, "shop", 1, NOW_US, 1), (2, None, 8, "shop", 1, NOW_US, 1)]


def test_the_record_of_an_import_says_what_it_brought(lake: Lake) -> None:
    with begin(lake) as writer:
        writer.append("signals", rows("signals", [{"signal_id": 1}, {"signal_id": 1}]))
        made = writer.commit()
    assert lake.imports() == (made,)
    assert (made.import_id, made.files, made.mapping_toml, made.undone) == (1, (FILE,), "[mapping]", False)
    assert made.counts == {"signals": AppendCounts(given=2, added=1, already_there=1, repeated=1)}


def test_the_same_rows_again_add_nothing(lake: Lake) -> None:
    appends = (
        ("signals", [{"signal_id": 1, "score": 9.0}, {"signal_id": 2, "ts_us": 3}]),
        ("people", [{"person_key": 1, "name": "Ann"}]),
        ("outcomes", [{"person_key": 1, "value": 1.0}]),
        ("texts", [{"text_id": 1, "text": "good"}]),
        ("snapshots/telecom", [{"person_key": 1, "plan": "basic", "charge": float("nan")}]),
        ("snapshot_columns", [{"source": "telecom", "name": "plan"}]),
    )
    run(lake, *appends)
    before = lake.pin()
    again = run(lake, *appends)
    assert all(counts.given == counts.already_there for counts in again)
    assert lake.pin().pointer_id == before.pointer_id
    assert everything(lake) == everything(before)
    assert [record.counts["signals"].added for record in lake.imports()] == [2, 0]


def test_only_the_latest_version_of_a_corrected_signal_is_read(lake: Lake) -> None:
    run(lake, ("signals", [{"signal_id": 1, "score": 9.0}, {"signal_id": 2, "score": 3.0}]))
    assert run(lake, ("signals", [{"signal_id": 1, "score": 4.0}])) == [AppendCounts(given=1, corrected=1)]
    assert read(lake, "SELECT signal_id, score, version FROM signals ORDER BY 1") == [(1, 4.0, 2), (2, 3.0, 1)]
    run(lake, ("signals", [{"signal_id": 1, "score": 9.0}]))  # the source changed its mind again
    assert read(lake, "SELECT score, version FROM signals WHERE signal_id = 1") == [(9.0, 3)]


def test_a_retracted_signal_is_not_read(lake: Lake) -> None:
    run(lake, ("signals", [{"signal_id": 1, "score": 9.0}]))
    run(lake, ("signals", [{"signal_id": 1, "score": 9.0, "retracted": True}]))
    assert read(lake, "SELECT * FROM signals") == []


def test_of_rows_with_one_id_the_latest_in_time_then_in_place_is_kept(lake: Lake) -> None:
    given = [
        {"signal_id": 1, "score": 1.0, "ts_us": 9},
        {"signal_id": 1, "score": 2.0, "ts_us": 5},
        {"signal_id": 2, "score": 1.0},
        {"signal_id": 2, "score": 2.0},
    ]
    counts = run(lake, ("signals", given))
    assert counts == [AppendCounts(given=4, added=2, already_there=2, repeated=2, conflicting=2)]
    assert read(lake, "SELECT signal_id, score FROM signals ORDER BY 1") == [(1, 1.0), (2, 2.0)]


def test_how_rows_are_cut_into_appends_makes_no_difference(lake: Lake, tmp_path: Path) -> None:
    given = [{"signal_id": i % 3, "score": float(i), "ts_us": [None, 7, 5, 7][i % 4]} for i in range(12)]
    people = [{"person_key": i % 3, ["name", "email"][i % 2]: str(i), "declared": i == 4} for i in range(9)]
    run(lake, ("signals", given), ("people", people))
    one_by_one = Lake(tmp_path / "one by one")
    run(one_by_one, *[("signals", [row]) for row in given], *[("people", [row]) for row in people])
    assert everything(one_by_one) == everything(lake)
    again = run(one_by_one, ("signals", given), ("people", people))
    assert [counts.already_there for counts in again] == [12, 9]


def test_people_are_put_together_from_imports_the_latest_value_counting(lake: Lake) -> None:
    run(lake, ("people", [{"person_key": 1, "name": "Ann", "email": "a@x", "declared": True}]))
    run(lake, ("people", [{"person_key": 1, "name": "Anna", "phone": "5"}, {"person_key": 2}]))
    found = read(lake, "SELECT person_key, name, email, phone, declared, import_id FROM people ORDER BY 1")
    assert found == [(1, "Anna", "a@x", "5", True, 2), (2, None, None, None, False, 2)]


def test_a_customer_seen_again_without_news_is_not_stored_again(lake: Lake) -> None:
    run(lake, ("people", [{"person_key": 1, "name": "Ann", "declared": True}]))
    assert run(lake, ("people", [{"person_key": 1}]))[0].already_there == 1
    assert lake.pin().rows("people") == 1


def test_outcomes_with_and_without_a_date_are_told_apart(lake: Lake) -> None:
    dated = {"person_key": 1, "value": 1.0, "ts_us": 5}
    counts = run(lake, ("outcomes", [dated, {"person_key": 1, "value": 0.0}, {"person_key": 1, "value": 0.0}]))
    assert counts[0] == AppendCounts(given=3, added=2, already_there=1, repeated=1)
    assert sorted(read(lake, "SELECT ts_us, value FROM outcomes"), key=repr) == [(5, 1.0), (None, 0.0)]


def test_a_snapshot_may_gain_and_lose_columns(lake: Lake) -> None:
    run(lake, ("snapshots/telecom", [{"person_key": 1, "as_of_us": 1, "plan": "basic", "charge": 5.0}]))
    run(lake, ("snapshots/telecom", [{"person_key": 1, "as_of_us": 2, "plan": "gold", "since_us": 3}]))
    run(lake, ("snapshots/telecom", [{"person_key": 1, "as_of_us": 2, "charge": 6.0}]))
    found = read(lake, "SELECT as_of_us, plan, charge, since_us, customer_id FROM snapshots_telecom ORDER BY 1")
    assert found == [(1, "basic", 5.0, None, 1), (2, "gold", 6.0, 3, 1)]


def test_a_snapshot_column_that_changes_its_type_is_refused_naming_both_imports(lake: Lake) -> None:
    run(lake, ("snapshots/telecom", [{"person_key": 1, "charge": 5.0}]))
    run(lake, ("snapshots/telecom", [{"person_key": 1, "plan": "basic"}]))
    wrong = pa.table({"person_key": [1], "as_of_us": pa.array([None], pa.int64()), "plan": [1.5], "charge": ["x"]})
    with begin(lake) as writer, pytest.raises(DataError) as caught:
        writer.append("snapshots/telecom", wrong)
    told = [str(problem) for problem in caught.value.problems]
    assert told == [
        "column plan: It held words in import 2; it holds numbers in import 3.",
        "column charge: It held numbers in import 1; it holds words in import 3.",
    ]


@pytest.mark.parametrize("name", ["customer_id", "Import_ID", ""])
def test_a_snapshot_column_cannot_take_the_name_of_a_key(lake: Lake, name: str) -> None:
    taken = pa.table({"person_key": [1], "as_of_us": pa.array([None], pa.int64()), name: ["x"]})
    with begin(lake) as writer, pytest.raises(DataError, match="other names"):
        writer.append("snapshots/telecom", taken)


def test_merged_customers_share_a_customer_id(lake: Lake) -> None:
    run(lake, ("signals", [{"signal_id": 1, "person_key": 5}, {"signal_id": 2, "person_key": 6}]))
    with begin(lake) as writer:
        merged = {"person_key": [6], "customer_id": [5], "version": pa.array([1], pa.int32())}
        writer.append("identities", pa.table(merged))
        writer.commit()
    assert read(lake, "SELECT signal_id, person_key, customer_id FROM signals ORDER BY 1") == [(1, 5, 5), (2, 6, 5)]


def test_a_pinned_reader_sees_nothing_of_later_imports(lake: Lake) -> None:
    run(lake, ("signals", [{"signal_id": 1, "score": 1.0}]), ("snapshots/a", [{"person_key": 1, "plan": "x"}]))
    pinned = lake.pin()
    before = everything(pinned)
    with pinned.connect(threads=1) as connection, begin(lake) as writer:
        writer.append("signals", rows("signals", [{"signal_id": 1, "score": 2.0}, {"signal_id": 2}]))
        writer.append("snapshots/b", rows("snapshots/b", [{"person_key": 1, "plan": "x"}]))
        assert connection.execute("SELECT count(*) FROM signals").fetchall() == [(1,)]
        writer.commit()
        assert connection.execute("SELECT score FROM signals").fetchall() == [(1.0,)]
    lake.undo(1, NOW_US)
    assert everything(pinned) == before
    assert lake.pin().snapshot_sources() == ("b",)


def test_what_is_kept_for_a_state_is_not_shown_for_the_next(lake: Lake) -> None:
    run(lake, ("signals", [{"signal_id": 1, "score": 1.0}]))
    pinned = lake.pin()
    assert lake.pin() == pinned
    assert hash(lake.pin()) == hash(pinned)
    assert pinned.within(np.array([1])) != pinned, "limited to some customers it reads other rows"
    assert [record.undone for record in lake.imports()] == [False]
    run(lake, ("signals", [{"signal_id": 2, "score": 1.0}]))
    assert lake.pin() != pinned
    lake.undo(1, NOW_US)
    assert [record.undone for record in lake.imports()] == [True, False]


def test_leaving_without_commit_leaves_nothing(lake: Lake) -> None:
    run(lake, ("signals", [{"signal_id": 1}]))
    before, files = everything(lake), sorted(lake.root.rglob("*.parquet"))
    with begin(lake) as writer:
        writer.append("signals", rows("signals", [{"signal_id": 2}]))
    with contextlib.suppress(RuntimeError), begin(lake) as writer:
        writer.append("texts", rows("texts", [{"text_id": 2, "text": "x"}]))
        raise RuntimeError
    assert everything(lake) == before
    assert sorted(lake.root.rglob("*.parquet")) == files
    assert list((lake.root / "tmp").iterdir()) == []
    with pytest.raises(ValueError, match="is over"):
        writer.commit()


def test_an_append_that_fails_halfway_leaves_nothing_of_itself(lake: Lake) -> None:
    def breaking(good: pa.RecordBatch):
        yield good
        raise DataError(Message("The file is bad."))

    good = rows("signals", [{"signal_id": 2}]).to_batches()[0]
    with begin(lake) as writer:
        writer.append("signals", rows("signals", [{"signal_id": 1}]))
        with pytest.raises(DataError, match="bad"):
            writer.append("signals", pa.RecordBatchReader.from_batches(good.schema, breaking(good)))
        with pytest.raises(ValueError, match="required column"):
            writer.append("signals", rows("signals", [{"signal_id": 3}, {"signal_id": None}]))
        writer.commit()
    assert read(lake, "SELECT signal_id FROM signals") == [(1,)]


@pytest.mark.parametrize(
    ("table", "data", "told"),
    [
        ("nothing", {}, "no table 'nothing'"),
        ("imports", {}, "no table 'imports'"),
        ("snapshots/../x", {}, "no table"),
        ("texts", {"text_id": [1], "person_key": [1]}, "missing \\['text'\\]"),
        ("texts", {"text_id": [1], "person_key": [1], "text": ["x"], "word": ["y"]}, "unknown \\['word'\\]"),
        ("texts", {"text_id": ["1"], "person_key": [1], "text": ["x"]}, "text_id is string, not int64"),
    ],
)
def test_rows_that_break_the_contract_are_refused(lake: Lake, table: str, data: dict, told: str) -> None:
    with begin(lake) as writer, pytest.raises(ValueError, match=told):
        writer.append(table, pa.table(data))


def test_a_second_writer_is_told_at_once_who_is_writing(lake: Lake) -> None:
    with begin(lake), pytest.raises(Busy, match="import of shop"):
        begin(lake)
    with begin(lake), pytest.raises(Busy, match="import of shop"):
        lake.undo(1, NOW_US)
    with begin(lake) as writer:  # the lock is free again, and no number is used twice
        assert writer.import_id == 3


def test_a_lost_pointer_is_not_taken_for_an_empty_lake(lake: Lake) -> None:
    run(lake, ("signals", [{"signal_id": 1}]))
    pointer = lake.root / "pointer.json"
    kept = pointer.read_text()
    pointer.unlink()
    with pytest.raises(DataError, match="missing"):
        lake.pin()
    with pytest.raises(DataError, match="missing"):
        begin(lake)
    pointer.write_text("{")
    with pytest.raises(DataError, match="damaged"):
        lake.pin()
    pointer.write_text(kept)
    assert read(lake, "SELECT count(*) FROM signals") == [(1,)]


def test_a_query_reaches_nothing_outside_the_lake(lake: Lake, tmp_path: Path) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text("a\n1\n")
    with lake.pin().connect() as connection:
        for sql in (
            f"SELECT * FROM '{outside}'",
            f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
            "SET threads = 1",
        ):
            with pytest.raises(duckdb.Error, match=r"disabled by configuration|locked"):
                connection.execute(sql)
        connection.register("mine", pa.table({"a": [1]}))
        assert connection.execute("SELECT a FROM mine").fetchall() == [(1,)]


def test_files_are_laid_out_by_month_and_sorted_by_customer(lake: Lake) -> None:
    day_us = 86_400_000_000
    given = [{"signal_id": i, "person_key": -i, "ts_us": None if i == 0 else i * 20 * day_us} for i in range(7)]
    run(lake, ("signals", [*given, {"signal_id": 99, "ts_us": 2**62}]))
    files = lake.pin().files("signals")
    assert [(file.partition, file.rows) for file in files] == [
        ("1970-01", 1),
        ("1970-02", 1),
        ("1970-03", 2),
        ("1970-04", 1),
        ("1970-05", 1),
        ("undated", 2),
    ]
    march = pq.read_table(lake.root / "signals" / files[2].path, partitioning=None)
    assert march.column("person_key").to_pylist() == [-4, -3]
    assert "month" not in march.column_names
    assert len(read(lake, "SELECT * FROM signals")) == 8


def test_no_text_enters_a_log_or_a_statistic(lake: Lake) -> None:
    run(
        lake,
        ("people", [{"person_key": 1, "name": "Zebedee Unmistakable"}]),
        ("signals", [{"signal_id": 1, "native_id": "Unmistakable-7"}]),
        ("snapshots/telecom", [{"person_key": 1, "plan": "Unmistakable plan"}]),
    )
    logs = [path for path in lake.root.rglob("_delta_log/*") if path.is_file()]
    assert logs
    assert not [path for path in logs if b"Unmistakable" in path.read_bytes()]
    for path in lake.root.rglob("*.parquet"):
        group = pq.read_metadata(path).row_group(0)
        for index in range(group.num_columns):
            column = group.column(index)
            assert column.physical_type != "BYTE_ARRAY" or column.statistics is None


def test_many_imports_make_checkpoints_and_stay_readable(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delta, "CHECKPOINT_EVERY", 4)
    for number in range(10):
        run(lake, ("texts", [{"text_id": number, "text": "x"}]))
    assert list((lake.root / "texts" / "_delta_log").glob("*.checkpoint.parquet"))
    assert read(lake, "SELECT count(*) FROM texts") == [(10,)]
    assert len(lake.imports()) == 10


def test_a_table_may_gain_a_column_in_a_later_version_of_harken(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = FIXED_TABLES["outcomes"]
    once = Table(now.name, now.key, tuple(column for column in now.columns if column.name != "local_date"))
    day = date(2025, 5, 5)
    with monkeypatch.context() as earlier:
        earlier.setitem(FIXED_TABLES, "outcomes", once)
        run(lake, ("outcomes", [{"person_key": 1, "value": 1.0}]))
    assert read(lake, "SELECT person_key, local_date FROM outcomes") == [(1, None)]
    with begin(lake) as writer:
        dated = {"person_key": [1, 2], "outcome": ["churn"] * 2, "value": [1.0] * 2, "local_date": [None, day]}
        assert writer.append("outcomes", pa.table(dated)).added == 1
        writer.commit()
    assert read(lake, "SELECT person_key, local_date FROM outcomes ORDER BY 1") == [(1, None), (2, day)]
    lake.undo(1, NOW_US)
    assert read(lake, "SELECT person_key, local_date FROM outcomes") == [(2, day)]


def test_folders_of_killed_queries_are_swept_after_a_day(lake: Lake) -> None:
    run(lake, ("signals", [{"signal_id": 1}]))
    old, fresh, living = (lake.root / "tmp" / f"query-{pid}-0" for pid in (4194303, 4194302, os.getpid()))
    for folder in (old, fresh, living):
        folder.mkdir()
    for folder, age_s in ((old, 100_000), (fresh, 100), (living, 100_000)):
        os.utime(folder, (NOW_US / 1e6 - age_s,) * 2)
    run(lake, ("signals", [{"signal_id": 2}]))
    assert (old.exists(), fresh.exists(), living.exists()) == (False, True, True)


def test_every_fixed_table_has_its_key_among_its_columns() -> None:
    for table in FIXED_TABLES.values():
        assert set(table.key) <= set(table.names)
        assert "import_id" in table.names
