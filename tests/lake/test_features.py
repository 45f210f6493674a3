"""Every feature equals its recomputation in plain Python; nothing after the moment plays a part."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from feature_lake import AS_OF, DAY, MemoryLake, Row, column, random_lake
from feature_truth import Truth
from harken.lake.features import build, inventory
from harken.lake.log import Lake
from harken.unify.features.catalogue import FeatureTable
from harken.unify.features.formulas import FormulaText
from harken.unify.features.plan import plan
from harken.unify.features.recipes import Catalogue
from harken.vocabulary.progress import Cancelled

HOUR = DAY // 24


def signal(person: int, days_ago: float, kind: str = "contact", number: int = 0, **more: Any) -> Row:
    """One signal so many days before the as-of moment."""
    ts = AS_OF - round(days_ago * DAY)
    given = {"signal_id": hash((person, ts, kind, number)), "person_key": person, "kind": kind, "ts_us": ts}
    return {**given, **more}


def values(table: FeatureTable, name: str) -> list[float]:
    return [round(float(value), 4) for value in table.column(name)]


def same(one: FeatureTable, other: FeatureTable) -> bool:
    return (
        one.features == other.features
        and np.array_equal(one.customer_id, other.customer_id)
        and np.array_equal(one.values, other.values, equal_nan=True)
    )


def assert_true(lake: MemoryLake, table: FeatureTable, catalogue: Catalogue, as_of: int | None) -> None:
    truth = Truth(lake, as_of)
    index = 0
    for block in catalogue.blocks:
        for planned in block.planned:
            expected = [truth.value(block, planned.recipe, int(one)) for one in table.customer_id]
            np.testing.assert_allclose(
                table.values[:, index],
                np.array(expected, dtype=np.float32),
                rtol=3e-6,
                atol=2e-5,
                err_msg=planned.feature.name,
            )
            index += 1


@pytest.mark.parametrize("seed", range(4))
def test_every_feature_equals_its_recomputation(seed: int) -> None:
    lake = random_lake(seed)
    catalogue = plan(inventory(lake, AS_OF))
    forms = {planned.recipe.form for block in catalogue.blocks for planned in block.planned}
    assert len(forms) == 20, "a form of recipe is not exercised"
    table = build(lake, AS_OF)
    assert table.features == catalogue.features
    assert table.values.dtype == np.float32
    assert table.customer_id.tolist() == sorted({lake.customer(row) for row in lake.people})
    assert_true(lake, table, catalogue, AS_OF)


@pytest.mark.parametrize("days_later", [-60, 45])
def test_a_catalogue_serves_at_another_moment(days_later: int) -> None:
    lake = random_lake(7)
    catalogue = plan(inventory(lake, AS_OF))
    moment = AS_OF + days_later * DAY
    table = build(lake, moment, catalogue=catalogue)
    assert table.features == catalogue.features
    assert_true(lake, table, catalogue, moment)


def test_undated_snapshots_alone_without_a_moment() -> None:
    lake = random_lake(3)
    catalogue = plan(inventory(lake, None))
    table = build(lake, None)
    assert {block.rows for block in catalogue.blocks} == {"people", "snapshot"}
    assert {feature.name for feature in table.features} >= {"age", "city", "language"}
    assert_true(lake, table, catalogue, None)


def test_features_by_hand() -> None:
    """Numbers a reader can check without any code: two customers, eight contacts, two answers."""
    lake = MemoryLake(
        signals=[
            signal(1, 2, wait_s=600.0, issue="billing", channel="phone", quantity=1.0),
            signal(1, 5, wait_s=1200.0, issue="billing", channel="chat", quantity=0.0),
            signal(1, 13, issue="network", channel="chat"),
            signal(1, 60, wait_s=60.0, issue="billing", channel="phone"),
            signal(1, 400, wait_s=6000.0, issue="billing", channel="phone"),
            signal(2, 7, wait_s=300.0, issue="network", channel="phone"),
            signal(2, 365, issue="network", channel="phone"),
            signal(2, 0, wait_s=5400.0, issue="network", channel="phone"),
            signal(1, 9, "order", wait_s=4.0 * 86_400),
            signal(1, 3, "order", wait_s=3.0 * 86_400),
            signal(1, 20, "answer", score=3.0, programme="nps", question="recommend", scale="nps_0_10"),
            signal(1, 10, "answer", score=9.0, programme="nps", question="recommend", scale="nps_0_10"),
        ]
    )
    table = build(lake, AS_OF)
    expected = {
        "contact_count_7d": [2, 1],  # a week ago to the microsecond still counts, the moment itself does not
        "contact_count_90d": [4, 1],
        "contact_count_365d": [4, 2],
        "contact_wait_minutes_mean_30d": [15, 5],
        "contact_wait_minutes_max_365d": [20, 5],
        "contact_wait_minutes_sum_90d": [31, 5],
        "contact_wait_over_10_minutes_share_90d": [0.3333, 0],
        "order_delivery_days_mean_30d": [4, np.nan],  # the second parcel was still on its way
        "contact_transfers_sum_7d": [1, 0],
        "contact_about_billing_count_30d": [2, 0],
        "contact_repeat_same_issue_7d_count_90d": [1, 0],
        "contact_repeat_any_issue_14d_count_90d": [2, 0],
        "contact_repeat_same_issue_7d_share_90d": [0.25, 0],
        "contact_channel_switches_90d": [1, 0],
        "contact_channels_90d": [2, 1],
        "contact_channel_phone_share_90d": [0.5, 1],
        "contact_days_since_last": [2, 7],
        "contact_days_since_first": [400, 365],
        "contact_gap_days_max_365d": [47, 358],
        "contact_gap_days_mean_365d": [19.3333, 358],
        "contact_count_trend_30d": [2.5, 1],
        "answer_nps_recommend_last": [9, np.nan],
        "answer_nps_recommend_mean_365d": [6, np.nan],
        "answer_count_30d": [2, 0],
    }
    found = {name: values(table, name) for name in expected}
    np.testing.assert_equal(found, {name: [float(one) for one in row] for name, row in expected.items()})


@pytest.mark.parametrize("seed", range(2))
def test_future_changes_nothing(seed: int) -> None:
    """Whatever happens at or after the moment, or has no date, leaves the table as it is, bit by bit."""
    lake = random_lake(seed, count=300)
    before = build(lake, AS_OF)
    rng = random.Random(seed)
    later = copy.deepcopy(lake)
    for row in rng.sample(lake.signals, 150):
        ts = None if rng.random() < 0.2 else AS_OF + rng.choice([0, 1, rng.randrange(400 * DAY)])
        changed = {**row, "ts_us": ts, "signal_id": rng.randrange(2**50)}
        changed |= {"wait_s": 1e7, "amount_reporting": -1e6, "channel": "new", "issue": "new", "kind": row["kind"]}
        later.signals.append(changed)
    later.signals.append(signal(1, -1, "a kind of the future"))
    for row in later.signals:  # what was still going on took longer than it did
        for name in ("wait_s", "duration_s"):
            if row.get(name) and row["kind"] != "usage" and row["ts_us"] and row["ts_us"] < AS_OF:
                unfinished = row["ts_us"] + row[name] * 1e6 >= AS_OF
                row[name] *= 1000 if unfinished else 1
    for row in rng.sample(lake.snapshots["crm"], 5):
        as_of_us = AS_OF + rng.randrange(1, 90 * DAY)
        later.snapshots["crm"].append({**row, "as_of_us": as_of_us, "monthly_charge": 1e6})
    assert same(before, build(later, AS_OF))


def test_row_order_and_threads_change_nothing() -> None:
    lake = random_lake(5)
    before = build(lake, AS_OF)
    shuffled = copy.deepcopy(lake)
    for rows in (shuffled.signals, shuffled.people, *shuffled.snapshots.values()):
        random.Random(0).shuffle(rows)
    assert same(before, build(shuffled, AS_OF))


def test_sums_are_exact_in_any_order() -> None:
    """Amounts whose plain double sums depend on the order: 0.1 + 0.2 + ... beside large ones."""
    rng = random.Random(1)
    amounts = [rng.choice([0.1, 0.2, 0.3, 1e9 + 0.7, -1e9 - 0.7]) for _ in range(2000)]
    rows = [signal(1, 1 + n % 6, "order", n, amount_reporting=amount) for n, amount in enumerate(amounts)]
    totals = set()
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        totals.add(float(build(MemoryLake(signals=rows), AS_OF).column("order_amount_sum_7d")[0]))
    assert len(totals) == 1


def test_merged_identities_are_one_customer() -> None:
    apart = random_lake(8)
    keys = sorted({row["person_key"] for row in apart.signals})
    apart.merged = {}
    together = copy.deepcopy(apart)
    together.merged = {keys[1]: keys[0]}
    renamed = copy.deepcopy(apart)
    for rows in (renamed.signals, renamed.people, *renamed.snapshots.values()):
        for row in rows:
            row["person_key"] = keys[0] if row["person_key"] == keys[1] else row["person_key"]
    catalogue = plan(inventory(together, AS_OF))
    merged, by_name = (build(lake, AS_OF, catalogue=catalogue) for lake in (together, renamed))
    assert keys[1] not in merged.customer_id
    events = [index for index, feature in enumerate(merged.features) if feature.source in ("contact", "order")]
    np.testing.assert_array_equal(merged.values[:, events], by_name.values[:, events])


def test_sample_is_the_same_rows() -> None:
    lake = random_lake(4)
    whole = build(lake, AS_OF)
    chosen = whole.customer_id[[1, 4, 5]]
    sample = build(lake, AS_OF, sample_ids=np.array([*chosen[::-1], chosen[0], 10**12]))
    assert sample.customer_id.tolist() == chosen.tolist()
    np.testing.assert_array_equal(sample.values, whole.values[[1, 4, 5]])


def test_empty_lake_and_one_customer(tmp_path: Path) -> None:
    nobody = build(Lake(tmp_path / "lake").pin(), AS_OF)
    assert nobody.values.shape == (0, 0)
    assert build(Lake(tmp_path / "lake").pin(), None).values.shape == (0, 0)
    assert build(MemoryLake(), AS_OF).values.shape == (0, 0)
    one = build(MemoryLake(signals=[signal(5, 3, "visit")]), AS_OF)
    assert one.customer_id.tolist() == [5]
    assert values(one, "visit_count_7d") == [1]
    assert values(one, "visit_days_since_last") == [3]
    late = build(MemoryLake(signals=[signal(5, -3, "visit")]), AS_OF)
    assert late.values.shape == (0, 0)


def test_monstrous_values_end_as_unknown() -> None:
    rows = [
        signal(1, 1, "order", 1, amount_reporting=1e308, wait_s=1e300),
        signal(1, 2, "order", 2, amount_reporting=1e308),
        signal(2, 2, "order", 3, amount_reporting=12.5),
    ]
    snapshot = [
        {"person_key": 1, "import_id": 1, "x": 1e300, "y": "a" * 1_000_000, "z": 1.5},
        {"person_key": 2, "import_id": 1, "x": -3.0, "y": "b", "z": None},
    ]
    columns = [column("crm", "x", "number"), column("crm", "y", "category"), column("crm", "z", "number")]
    table = build(MemoryLake(signals=rows, snapshots={"crm": snapshot}, snapshot_columns=columns), AS_OF)
    np.testing.assert_equal(values(table, "x"), [np.nan, -3.0])
    np.testing.assert_equal(values(table, "order_amount_max_7d"), [np.nan, 12.5])
    assert values(table, "order_count_7d") == [2, 1]
    level = next(feature for feature in table.features if feature.name == "y")
    assert level.levels == ("b", "other")
    assert values(table, "y") == [1, 0]
    assert not np.isinf(table.values).any()


class TestBase:
    """Who counts as a customer at the moment."""

    people = (
        {"person_key": 1, "declared": True},
        {"person_key": 2, "declared": True, "joined_us": AS_OF},
        {"person_key": 3, "declared": True, "joined_us": AS_OF - 1},
        {"person_key": 4, "declared": True, "left_us": AS_OF - 1},
        {"person_key": 5, "declared": True, "left_us": AS_OF},
        {"person_key": 6, "declared": False},
        {"person_key": 7, "declared": True, "left_us": AS_OF - 5},
        {"person_key": 8, "declared": True},
    )

    def base(self, lake: MemoryLake, as_of: int | None = AS_OF) -> list[int]:
        return build(lake, as_of).customer_id.tolist()

    def test_declared_customers_count_whether_or_not_they_did_anything(self) -> None:
        lake = MemoryLake(people=[dict(row) for row in self.people], signals=[signal(6, 1), signal(3, 1)])
        assert self.base(lake) == [1, 3, 5, 8]
        assert self.base(lake, None) == [1, 2, 3, 4, 5, 7, 8]

    def test_one_who_left_under_one_number_only_is_still_here(self) -> None:
        lake = MemoryLake(people=[dict(row) for row in self.people], merged={7: 1, 8: 1})
        assert 1 in self.base(lake)
        gone = [{**row, "left_us": AS_OF - 9} for row in self.people]
        assert self.base(MemoryLake(people=gone, merged={8: 1})) == []

    def test_without_a_list_those_seen_before_the_moment_count(self) -> None:
        people = [
            {"person_key": 1, "declared": False},
            {"person_key": 2, "declared": False, "left_us": AS_OF - 1},
        ]
        rows = [signal(1, 3), signal(2, 3), signal(3, 0), signal(4, 1), {**signal(5, 1), "ts_us": None}]
        assert self.base(MemoryLake(people=people, signals=rows)) == [1, 4]

    def test_a_row_in_a_snapshot_counts_as_seen(self) -> None:
        dates = {9: None, 10: AS_OF, 11: AS_OF + 1}
        rows = [{"person_key": key, "as_of_us": date, "import_id": 1, "x": 1.0} for key, date in dates.items()]
        lake = MemoryLake(snapshots={"crm": rows}, snapshot_columns=[column("crm", "x", "number")])
        assert self.base(lake) == [9, 10]
        assert self.base(lake, None) == [9]


def test_formulas_become_columns() -> None:
    lake = random_lake(6)
    formulas = [
        FormulaText("mean_order", "order_amount_sum_365d / order_count_365d", label="Mean order"),
        FormulaText("twice", "2 * mean_order - -1", family="price"),
    ]
    table = build(lake, AS_OF, formulas=formulas)
    amount, count = (table.column(f"order_{name}_365d").astype(float) for name in ("amount_sum", "count"))
    expected = np.divide(amount, count, out=np.full_like(amount, np.nan), where=count > 0)
    np.testing.assert_allclose(table.column("mean_order"), expected, rtol=1e-6)
    np.testing.assert_allclose(table.column("twice"), 2 * expected + 1, rtol=1e-6)
    assert [feature.family for feature in table.features[-2:]] == ["orders", "price"]
    assert str(table.features[-2].label) == "Mean order"
    catalogue = plan(inventory(lake, AS_OF), formulas)
    assert same(build(lake, AS_OF, catalogue=catalogue, formulas=formulas), table)


def test_progress_is_told_and_may_cancel() -> None:
    told: list[float] = []
    build(random_lake(1), AS_OF, progress=lambda step, done: told.append(done) or (str(step) and None))
    assert told == sorted(told)
    assert told[-1] == 1.0

    def stop(step: object, done: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        build(random_lake(1), AS_OF, progress=stop)


def test_the_real_lake_gives_the_same_table(tmp_path: Path) -> None:
    """Through import, Delta files and views, with a corrected signal, as from tables in memory."""
    memory = random_lake(9)
    memory.merged = {}
    lake = Lake(tmp_path / "lake")
    tables = memory.tables()
    first = {**memory.signals[0], "wait_s": 99999.0}
    with lake.begin_import(source="test", files=(), mapping_toml="", now_us=AS_OF) as writer:
        writer.append("people", _stored(memory.people))
        writer.append("snapshot_columns", _stored(memory.snapshot_columns))
        for source in memory.snapshot_sources():
            rows = tables[f"snapshots_{source}"].drop_columns(["customer_id", "import_id"])
            writer.append(f"snapshots/{source}", rows)
        writer.append("signals", _stored([first, *memory.signals[1:]]))
        writer.commit()
    with lake.begin_import(source="test", files=(), mapping_toml="", now_us=AS_OF) as writer:
        counts = writer.append("signals", _stored(memory.signals[:1]))
        writer.commit()
    assert counts.corrected == 1
    stored, given = build(lake.pin(), AS_OF), build(memory, AS_OF)
    assert stored.names == given.names
    latest = {feature.source for feature in given.features} - {"crm"}  # the lake keeps one row per day and person
    chosen = [index for index, feature in enumerate(given.features) if feature.source in latest]
    assert len(chosen) > 300
    np.testing.assert_array_equal(stored.values[:, chosen], given.values[:, chosen])


def _stored(rows: list[Row]) -> pa.Table:
    kept = [{k: v for k, v in row.items() if k not in ("import_id", "version", "retracted")} for row in rows]
    names = sorted({name for row in kept for name in row})
    for row in kept:
        row.setdefault("id_space", "test")
        row.setdefault("native_key", str(row.get("person_key")))
    names = sorted({*names, *(("id_space", "native_key") if "declared" in names else ())})
    return pa.table({name: pa.array([row.get(name) for row in kept]) for name in names})
