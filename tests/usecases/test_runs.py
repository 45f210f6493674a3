from datetime import UTC, date, datetime

import numpy as np
import pyarrow
import pytest

from harken.usecases.encoding import decode, encode, plain
from harken.usecases.runs import NotRun, RunInfo, cache_key, list_runs, load_run, write_run
from harken.vocabulary.errors import DataError, SettingsError
from harken.vocabulary.estimates import Effect, Estimate, Evidence, Interval
from harken.vocabulary.messages import Message


def info(run_id: str, minute: int = 0, customers: int = 3) -> RunInfo:
    return RunInfo(
        id=run_id, created=datetime(2026, 7, 1, 8, minute, tzinfo=UTC), as_of=date(2026, 6, 30), pointer_id="p",
        seed=1, settings={}, versions={}, seconds=1.5, customers=customers, not_run={},
    )  # fmt: skip


PARTS = {
    "effect": Effect(Estimate(0.1, Interval(0.05, 0.15), 200, "m"), Evidence.ADJUSTED, ("tenure",), 0.08),
    "absent": NotRun(Message("Nobody is silent: {n} of {n} answered.", {"n": 3})),
    "array": np.array([1.0, np.nan, np.inf]),
    "nested": {"a": (1, None, date(2026, 1, 1)), "b": [Message("x {y}", {"y": Message("z")})]},
}


def test_parts_come_back_as_they_went_in(tmp_path):
    customers = pyarrow.table({"customer_id": pyarrow.array([7, 8, 9])})
    write_run(tmp_path, info("ab12"), PARTS, customers)
    run = load_run(tmp_path)
    assert run.part("effect") == PARTS["effect"]
    assert run.part("absent") == PARTS["absent"]
    assert run.part("nested") == PARTS["nested"]
    np.testing.assert_array_equal(run.part("array"), PARTS["array"])
    assert run.info == info("ab12")


def test_pages_of_customers_equal_slices_of_all(tmp_path):
    ids = np.arange(45_000)
    run = write_run(tmp_path, info("cd", customers=45_000), {}, pyarrow.table({"customer_id": ids, "x": ids * 2}))
    slices = [(0, 10), (19_995, 10), (39_000, 9_000), (44_999, 5), (45_000, 5), (0, None), (20_000, None)]
    for start, count in slices:
        expected = ids[start:] if count is None else ids[start : start + count]
        page = run.customers(["customer_id"], start=start, count=count)
        np.testing.assert_array_equal(page["customer_id"], expected)
    assert run.customer(31_234) == {"customer_id": 31_234, "x": 62_468}
    assert run.customer(-1) is None


def test_newest_run_is_the_default_and_a_prefix_names_one(tmp_path):
    empty = pyarrow.table({"customer_id": pyarrow.array([], pyarrow.int64())})
    for run_id, minute in [("aa11", 0), ("ab22", 5), ("ab33", 3)]:
        write_run(tmp_path, info(run_id, minute), {}, empty)
    assert [run.id for run in list_runs(tmp_path)] == ["ab22", "ab33", "aa11"]
    assert load_run(tmp_path).info.id == "ab22"
    assert load_run(tmp_path, "aa").info.id == "aa11"
    with pytest.raises(SettingsError, match="2 runs"):
        load_run(tmp_path, "ab")
    with pytest.raises(SettingsError, match="0 runs"):
        load_run(tmp_path, "zz")


def test_nothing_analysed_yet_says_what_to_do(tmp_path):
    with pytest.raises(DataError, match="harken analyze"):
        load_run(tmp_path)


def test_a_half_written_run_is_not_a_run(tmp_path):
    (tmp_path / ".ab.draft").mkdir()
    (tmp_path / "cd").mkdir()
    assert list_runs(tmp_path) == ()


def test_the_cache_key_changes_with_every_input():
    base = cache_key("p", {"as_of": "x"}, 1, {"numpy": "2"})
    assert base == cache_key("p", {"as_of": "x"}, 1, {"numpy": "2"})
    others = [("q", {"as_of": "x"}, 1, {"numpy": "2"}), ("p", {"as_of": "y"}, 1, {"numpy": "2"}),
              ("p", {"as_of": "x"}, 2, {"numpy": "2"}), ("p", {"as_of": "x"}, 1, {"numpy": "3"})]  # fmt: skip
    assert len({base, *(cache_key(*other) for other in others)}) == 5


def test_a_run_cannot_name_classes_of_other_packages():
    with pytest.raises(ValueError, match="harken"):
        decode({"$type": "os:system", "fields": {}})
    with pytest.raises(TypeError):
        encode(object())


def test_plain_json_speaks_the_language_asked_for():
    catalogue = {"Nobody is silent: {n} of {n} answered.": "{n}/{n}"}
    assert plain(PARTS["absent"], catalogue.__getitem__) == {"reason": "3/3"}
    assert plain(PARTS["array"]) == [1.0, None, None]


def test_a_run_of_another_version_asks_to_analyse_again(tmp_path):
    empty = pyarrow.table({"customer_id": pyarrow.array([], pyarrow.int64())})
    write_run(tmp_path, info("ab"), PARTS, empty)
    parts = tmp_path / "ab" / "parts.json"
    parts.write_text(parts.read_text().replace('"robustness_value"', '"an_older_name"'))
    with pytest.raises(DataError, match="Analyse again"):
        load_run(tmp_path)
