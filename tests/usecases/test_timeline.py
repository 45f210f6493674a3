"""One customer's timeline against hand-written queries over the same lake."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from harken.lake.log import Lake
from harken.lake.one_customer import story
from harken.usecases.timeline import ENTRIES_PER_PAGE, customer_story
from harken.usecases.workspaces import Workspace, create_workspace

DAY_US = 86_400_000_000
NOW_US = 20_000 * DAY_US
KINDS = ("answer", "contact", "order", "usage", "behaviour", "bill")


def filled(root: Path, seed: int = 1, shuffled: bool = False) -> Workspace:
    """Forty customers with a thousand signals of six kinds, some undated, some with words, outcomes and a table."""
    rng = np.random.default_rng(seed)
    n, people = 1_000, 40
    ids = np.arange(n)
    kind = rng.integers(0, len(KINDS), n)
    ts_us = NOW_US - rng.integers(0, 300, n) * DAY_US - ids
    table = pa.table(
        {
            "signal_id": ids,
            "kind": [KINDS[code] for code in kind],
            "person_key": rng.integers(1, people + 1, n),
            "ts_us": pa.array(ts_us, mask=ids % 97 == 0),
            "local_date": pa.array((ts_us // DAY_US).astype("datetime64[D]"), mask=ids % 97 == 0),
            "amount": pa.array(np.round(rng.random(n) * 90, 2), mask=kind != 2),
            "currency": pa.array(["CNY"] * n, mask=kind != 2),
            "score": pa.array(rng.integers(0, 11, n).astype(float), mask=kind != 0),
            "scale": pa.array(["nps_0_10"] * n, mask=kind != 0),
            "wait_s": pa.array(rng.integers(1, 9_000, n).astype(float), mask=kind != 1),
            "duration_s": pa.array(rng.integers(1, 900, n).astype(float), mask=kind != 3),
            "text_ref": pa.array(ids + 5_000, mask=kind != 0),
        }
    )
    if shuffled:
        table = table.take(pa.array(rng.permutation(n)))
    answers = ids[kind == 0]
    workspace = create_workspace(root, company="test", time_zone="UTC", currency="CNY")
    with Lake(workspace.lake_root).begin_import(source="shop", files=(), mapping_toml="", now_us=NOW_US) as writer:
        keys = np.arange(1, people + 1)
        writer.append(
            "people",
            pa.table(
                {
                    "person_key": keys,
                    "id_space": ["shop"] * people,
                    "native_key": [f"C{key}" for key in keys],
                    "declared": [True] * people,
                    "joined_us": NOW_US - 400 * DAY_US + keys,
                }
            ),
        )
        writer.append("signals", table)
        words = {"text_id": answers + 5_000, "person_key": answers, "text": [f"<b>话 {at}</b>" for at in answers]}
        writer.append("texts", pa.table(words))
        left = keys[keys % 3 == 0]
        gone = {
            "person_key": left,
            "outcome": ["churn"] * len(left),
            "ts_us": NOW_US - left,
            "value": np.ones(len(left)),
        }
        writer.append("outcomes", pa.table({**gone, "value": np.ones(len(left))}))
        column = {"source": ["crm"], "name": ["plan"], "label": ["Plan"], "type": ["category"], "role": ["feature"]}
        writer.append("snapshot_columns", pa.table(column))
        writer.append("snapshots/crm", pa.table({"person_key": keys, "plan": [f"plan {key % 3}" for key in keys]}))
        writer.commit()
    return workspace


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return filled(tmp_path_factory.mktemp("timeline") / "company")


def test_a_story_is_what_a_query_by_hand_says(company: Workspace) -> None:
    pinned = Lake(company.lake_root).pin()
    with pinned.connect() as connection:
        for customer_id in range(1, 41):
            found = story(pinned, customer_id)
            assert found is not None
            by_hand = connection.execute(
                """
                select signal_id, kind, ts_us, amount, score, wait_s, s.import_id, text from signals as s
                left join texts as t on s.text_ref = t.text_id
                where s.customer_id = ? order by ts_us desc nulls last, signal_id
                """,
                [customer_id],
            ).fetchall()
            ours = [
                (s.signal_id, s.kind, s.ts_us, s.amount, s.score, s.wait_s, s.import_id, s.words)
                for s in found.signals
            ]
            assert ours == by_hand
            assert [outcome.outcome for outcome in found.outcomes] == ["churn"] * (customer_id % 3 == 0)
            assert [(fact.label, fact.value) for fact in found.facts] == [("Plan", f"plan {customer_id % 3}")]
    assert story(pinned, 41) is None
    assert story(pinned, -1) is None


def test_pages_are_complete_and_sums_are_kept(company: Workspace) -> None:
    for customer_id in (1, 2, 3):
        held = story(Lake(company.lake_root).pin(), customer_id)
        assert held is not None
        first = customer_story(company, customer_id)
        assert first is not None
        pages = range(1, -(-first.timeline.entries // ENTRIES_PER_PAGE) + 1)
        told = [customer_story(company, customer_id, page=page) for page in pages]
        timelines = [each.timeline for each in told if each is not None]
        entries = [entry for timeline in timelines for month in timeline.months for entry in month.entries]
        others = 1 + len(held.outcomes)  # when they joined
        assert sum(entry.count for entry in entries) == len(held.signals) + others == timelines[0].signals
        assert sum(timeline.shown for timeline in timelines) == timelines[0].signals
        for kind in KINDS:
            own = [signal for signal in held.signals if signal.kind == kind]
            mine = [entry for entry in entries if entry.kind == kind]
            assert sum(entry.count for entry in mine) == len(own)
            assert sum(e.duration_s or 0 for e in mine) == sum(s.duration_s or 0 for s in own)
            only = customer_story(company, customer_id, kind=kind)
            assert only is not None
            assert only.timeline.signals == len(own)
            assert {e.kind for month in only.timeline.months for e in month.entries} <= {kind}
        apart = [entry for entry in entries if entry.kind in ("answer", "contact", "order")]
        assert {entry.count for entry in apart} == {1}, "what somebody said, asked or bought is told one by one"
        dated = [entry.moment for entry in entries if entry.moment is not None]
        assert dated == sorted(dated, reverse=True)
        assert all(entry.moment is not None for entry in entries[: len(dated)]), "undated ones come last"
        answers = [entry for entry in entries if entry.kind == "answer"]
        assert all(entry.scale_range == (0, 10) and entry.words for entry in answers)


def test_the_order_of_rows_changes_nothing(company: Workspace, tmp_path: Path) -> None:
    other = filled(tmp_path / "other", shuffled=True)
    for customer_id in (1, 7, 40):
        assert customer_story(company, customer_id) == customer_story(other, customer_id)


def test_corrections_retractions_and_undo_are_followed(tmp_path: Path) -> None:
    workspace = filled(tmp_path / "company")
    lake = Lake(workspace.lake_root)
    held = story(lake.pin(), 5)
    assert held is not None
    with lake.begin_import(source="shop", files=(), mapping_toml="", now_us=NOW_US + 1) as writer:
        row = {
            "signal_id": [999_999],
            "kind": ["contact"],
            "person_key": [5],
            "ts_us": [NOW_US],
            "native_id": ["T1"],
            "issue": ["first"],
        }
        writer.append("signals", pa.table(row))
        writer.commit()
    with lake.begin_import(source="shop", files=(), mapping_toml="", now_us=NOW_US + 2) as writer:
        writer.append("signals", pa.table({**row, "issue": ["second"]}))
        later = writer.commit()
    corrected = story(lake.pin(), 5)
    assert corrected is not None
    assert len(corrected.signals) == len(held.signals) + 1
    assert corrected.signals[0].issue == "second"
    lake.undo(later.import_id, NOW_US + 3)
    undone = story(lake.pin(), 5)
    assert undone is not None
    assert undone.signals[0].issue == "first"


def test_a_merged_customer_has_the_signals_of_all_their_numbers(tmp_path: Path) -> None:
    workspace = filled(tmp_path / "company")
    lake = Lake(workspace.lake_root)
    before = [story(lake.pin(), customer_id) for customer_id in (3, 9)]
    with lake.begin_import(source="links", files=(), mapping_toml="", now_us=NOW_US + 1) as writer:
        merged = pa.table({"person_key": [3, 9], "customer_id": [3, 3], "version": pa.array([1, 1], pa.int32())})
        writer.append("identities", merged)
        writer.commit()
    both = story(lake.pin(), 3)
    assert both is not None
    assert [person.native_key for person in both.people] == ["C3", "C9"]
    assert len(both.signals) == sum(len(each.signals) for each in before if each is not None)
