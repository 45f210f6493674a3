"""Undoing an import: exact, said in numbers, and sparing what others speak of."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_samples import NOW_US, Row, everything, read, run

from harken.lake.log import Lake
from harken.vocabulary.errors import DataError

Appends = Sequence[tuple[str, list[Row]]]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | values


keys = st.integers(1, 4)
words = st.sampled_from(["a", "b", "c"])
numbers = st.sampled_from([0.0, 1.0, 2.5])
times = maybe(st.sampled_from([5, 6, 40 * 86_400_000_000]))
signal = st.fixed_dictionaries(
    {"signal_id": keys, "person_key": keys, "score": maybe(numbers), "ts_us": times, "channel": maybe(words)}
)
person = st.fixed_dictionaries(
    {"person_key": keys, "name": maybe(words), "email": maybe(words), "declared": st.booleans()}
)
account = st.fixed_dictionaries({"account_key": keys, "name": maybe(words)})
outcome = st.fixed_dictionaries({"person_key": keys, "outcome": words, "ts_us": times, "value": numbers})
text = st.fixed_dictionaries({"text_id": keys, "person_key": keys, "text": words})
snapshot = st.fixed_dictionaries(
    {"person_key": keys, "as_of_us": times}, optional={"plan": words, "charge": maybe(numbers), "since_us": times}
)
append = st.one_of(
    *(
        st.tuples(st.just(table), st.lists(row, min_size=1, max_size=5))
        for table, row in {
            "signals": signal,
            "people": person,
            "accounts": account,
            "outcomes": outcome,
            "texts": text,
            "snapshots/one": snapshot,
            "snapshots/two": snapshot,
        }.items()
    )
)
imports = st.lists(append, min_size=1, max_size=4)


@settings(max_examples=8, deadline=None)
@given(imports, imports)
def test_importing_a_and_b_and_undoing_b_equals_importing_a(a: Appends, b: Appends) -> None:
    with tempfile.TemporaryDirectory() as folder:
        alone, both = Lake(Path(folder, "alone")), Lake(Path(folder, "both"))
        run(alone, *a)
        run(both, *a)
        before = everything(both)
        run(both, *b)
        after = everything(both, without="import_id")
        both.undo(2, NOW_US)
        assert everything(both) == before == everything(alone)
        run(both, *b)  # and B can come again
        assert everything(both, without="import_id") == after


def test_undo_says_what_it_removed_and_marks_the_record(lake: Lake) -> None:
    run(lake, ("signals", [{"signal_id": 1}]))
    run(
        lake,
        ("signals", [{"signal_id": 2}, {"signal_id": 1, "score": 3.0}]),
        ("outcomes", [{"person_key": 1, "value": 1.0}]),
    )
    result = lake.undo(2, NOW_US + 1)
    assert (result.import_id, result.source) == (2, "shop")
    assert result.removed == {"signals": 2, "outcomes": 1}
    assert result.kept == {}
    assert [record.undone_us for record in lake.imports()] == [None, NOW_US + 1]
    assert lake.imports()[1].counts["signals"].added == 1


def test_an_unknown_import_and_one_undone_already_are_refused(lake: Lake) -> None:
    run(lake, ("signals", [{"signal_id": 1}]))
    with pytest.raises(DataError, match="no import 7"):
        lake.undo(7, NOW_US)
    lake.undo(1, NOW_US)
    with pytest.raises(DataError, match="undone already"):
        lake.undo(1, NOW_US)
    assert len(lake.imports()) == 1


def test_undoing_the_first_version_keeps_the_correction(lake: Lake) -> None:
    for score in (1.0, 2.0, 3.0):
        run(lake, ("signals", [{"signal_id": 1, "score": score}]))
    lake.undo(2, NOW_US)
    assert read(lake, "SELECT score, version FROM signals") == [(3.0, 3)]
    lake.undo(1, NOW_US)
    assert read(lake, "SELECT score, version FROM signals") == [(3.0, 3)]
    lake.undo(3, NOW_US)
    assert read(lake, "SELECT score, version FROM signals") == []
    run(lake, ("signals", [{"signal_id": 1, "score": 1.0}]))
    assert read(lake, "SELECT score, version FROM signals") == [(1.0, 1)]


def test_undoing_the_first_of_two_lets_the_later_fields_stand(lake: Lake) -> None:
    run(lake, ("people", [{"person_key": 1, "name": "Ann", "email": "a@x"}, {"person_key": 2, "name": "Bo"}]))
    again = [{"person_key": 1, "name": "Anna", "declared": True}]
    run(lake, ("people", again), ("signals", [{"signal_id": 1, "person_key": 1}]))
    assert lake.undo(1, NOW_US).kept == {}
    assert read(lake, "SELECT person_key, name, email, declared FROM people") == [(1, "Anna", None, True)]
    assert not lake.pin().pointer.tables["people"].repeats


def test_customers_that_later_signals_speak_of_stay_as_bare_numbers(lake: Lake) -> None:
    people = [
        {"person_key": key, "native_key": f"n{key}", "name": f"Name {key}", "declared": True} for key in (1, 2, 3)
    ]
    run(lake, ("people", people), ("signals", [{"signal_id": 9, "person_key": 3}]))
    bare = [{"person_key": 1, "native_key": "n1"}, {"person_key": 2, "native_key": "n2"}]
    run(lake, ("people", bare), ("signals", [{"signal_id": 1, "person_key": 1}]), source="desk")
    run(lake, ("people", bare[1:]), ("outcomes", [{"person_key": 2, "value": 1.0}]), source="desk")
    result = lake.undo(1, NOW_US)
    assert (result.removed["people"], result.kept["people"]) == (1, 2)
    assert result.import_again == (2, 3)
    sql = "SELECT person_key, native_key, name, declared, import_id FROM people ORDER BY 1"
    assert read(lake, sql) == [(1, "n1", None, False, 2), (2, "n2", None, False, 3)]
    assert lake.undo(2, NOW_US).removed["people"] == 1
    assert read(lake, sql) == [(2, "n2", None, False, 3)]


def test_undoing_writes_others_rows_of_a_shared_file_anew(lake: Lake) -> None:
    people = [{"person_key": key, "native_key": f"n{key}", "name": "x"} for key in range(6)]
    run(lake, ("people", people))
    for key in (1, 2, 3):  # bare customers of three imports end up in one file
        run(lake, ("signals", [{"signal_id": key, "person_key": key}]))
    lake.undo(1, NOW_US)
    assert [(file.import_id_first, file.import_id_last) for file in lake.pin().files("people")] == [(2, 4)]
    assert lake.undo(3, NOW_US).removed == {"signals": 1, "people": 1}
    assert read(lake, "SELECT person_key, import_id FROM people ORDER BY 1") == [(1, 2), (3, 4)]


def test_texts_accounts_and_column_names_that_later_rows_need_stay(lake: Lake) -> None:
    words = [{"text_id": 7, "text": "slow"}, {"text_id": 8, "text": "fine"}]
    columns = [{"source": "one", "name": "plan", "family": "price"}, {"source": "one", "name": "gone"}]
    run(
        lake,
        ("texts", words),
        ("accounts", [{"account_key": 5, "name": "Acme", "native_key": "A5"}]),
        ("snapshot_columns", columns),
        ("snapshots/one", [{"person_key": 1, "plan": "x", "gone": "y"}]),
        ("signals", [{"signal_id": 1, "text_ref": 7, "account_key": 5, "score": 1.0}]),
    )
    run(
        lake,
        ("texts", words[:1]),
        ("snapshot_columns", columns[:1]),
        ("snapshots/one", [{"person_key": 2, "plan": "z"}]),
        ("signals", [{"signal_id": 1, "text_ref": 7, "account_key": 5, "score": 2.0}]),
    )
    lake.undo(1, NOW_US)
    assert read(lake, "SELECT text_id, text, import_id FROM texts") == [(7, "slow", 2)]
    assert read(lake, "SELECT native_key, name, import_id FROM accounts") == [("A5", None, 2)]
    assert read(lake, "SELECT name, family, import_id FROM snapshot_columns") == [("plan", "price", 2)]
    assert read(lake, "SELECT * FROM snapshots_one") == [(2, None, 2, "z", 2)]


def test_a_column_gone_with_its_import_may_come_back_with_another_type(lake: Lake) -> None:
    run(lake, ("snapshots/one", [{"person_key": 1, "plan": "x"}]))
    run(lake, ("snapshots/one", [{"person_key": 2, "charge": 2.0}]))
    lake.undo(1, NOW_US)
    assert run(lake, ("snapshots/one", [{"person_key": 3, "charge": 1.0}]))[0].added == 1
    lake.undo(2, NOW_US)
    lake.undo(3, NOW_US)
    assert lake.pin().snapshot_sources() == ()
    with lake.begin_import(source="shop", files=[], mapping_toml="", now_us=NOW_US) as writer:
        other = {"person_key": [3], "as_of_us": pa.array([None], pa.int64()), "plan": [1.5], "charge": ["high"]}
        writer.append("snapshots/one", pa.table(other))
        writer.commit()
    assert read(lake, "SELECT plan, charge FROM snapshots_one") == [(1.5, "high")]
