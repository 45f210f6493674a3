"""The lake against a few lines of Python that keep every row in lists: any course of imports and undos."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from lake_samples import NOW_US, read, run

from harken.lake.log import AppendCounts, Lake

Row = dict[str, object]
FIELDS = ("person_key", "as_of_us", "plan", "charge")
keys = st.integers(1, 3)
times = st.sampled_from([None, 5, 6])
numbers = st.sampled_from([None, 1.0, 2.0])
words = st.sampled_from([None, "a", "b"])
signal = st.fixed_dictionaries({"signal_id": keys, "score": numbers, "ts_us": times})
snapshot = st.fixed_dictionaries({"person_key": keys, "as_of_us": times, "plan": words, "charge": numbers})
signals = st.lists(signal, min_size=1, max_size=5)
snapshots = st.lists(snapshot, min_size=1, max_size=5)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("import"), signals, snapshots),
        st.tuples(st.just("undo"), st.integers(1, 5), st.none()),
    ),
    min_size=2,
    max_size=6,
)


@dataclass
class Model:
    """Every row ever imported and not undone, by import."""

    signals: list[tuple[int, int, Row]] = field(default_factory=list)  # import, version, row
    snapshots: list[tuple[int, Row]] = field(default_factory=list)

    def bring_signals(self, number: int, rows: list[Row]) -> AppendCounts:
        kept: dict[object, Row] = {}
        for row in rows:
            other = kept.get(row["signal_id"])
            if other is None or self.moment(row) >= self.moment(other):
                kept[row["signal_id"]] = row
        added = corrected = 0
        for key, row in kept.items():
            versions = [(version, old) for _, version, old in self.signals if old["signal_id"] == key]
            latest = max(versions, key=lambda pair: pair[0], default=(0, None))
            if latest[1] != row:
                self.signals.append((number, latest[0] + 1, row))
                added, corrected = added + (not versions), corrected + bool(versions)
        conflicting = sum(row != kept[row["signal_id"]] for row in rows)
        left_out = len(rows) - added - corrected
        return AppendCounts(len(rows), added, left_out, corrected, len(rows) - len(kept), conflicting)

    @staticmethod
    def moment(row: Row) -> float:
        return float("-inf") if row["ts_us"] is None else float(str(row["ts_us"]))

    def bring_snapshots(self, number: int, rows: list[Row]) -> None:
        merged: dict[object, Row] = {}
        for row in rows:
            known = merged.setdefault((row["person_key"], row["as_of_us"]), dict.fromkeys(row))
            known.update({name: value for name, value in row.items() if value is not None})
        said = self.said()
        for key, row in merged.items():
            if key not in said or any(v is not None and v != said[key][name] for name, v in row.items()):
                self.snapshots.append((number, row))

    def said(self) -> dict[object, Row]:
        said: dict[object, Row] = {}
        for _, row in sorted(self.snapshots, key=lambda pair: pair[0]):
            known = said.setdefault((row["person_key"], row["as_of_us"]), dict.fromkeys(row))
            known.update({name: value for name, value in row.items() if value is not None})
        return said

    def undo(self, number: int) -> None:
        self.signals = [kept for kept in self.signals if kept[0] != number]
        self.snapshots = [kept for kept in self.snapshots if kept[0] != number]

    def latest(self) -> list[tuple[object, ...]]:
        latest: dict[object, tuple[object, ...]] = {}
        for _, version, row in sorted(self.signals, key=lambda kept: kept[1]):
            latest[row["signal_id"]] = (row["signal_id"], version, row["score"], row["ts_us"])
        return list(latest.values())


@settings(max_examples=10, deadline=None)
@given(steps)
def test_any_course_of_imports_and_undos_says_what_the_model_says(course: list) -> None:
    model = Model()
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder, "lake"))
        done: list[int] = []
        undone: set[int] = set()
        for what, one, two in course:
            if what == "import":
                number = len(done) + 1
                done.append(number)
                counts = run(lake, ("signals", one), ("snapshots/one", two))
                assert counts[0] == model.bring_signals(number, one)
                model.bring_snapshots(number, two)
            elif one in done and one not in undone:
                lake.undo(one, NOW_US)
                undone.add(one)
                model.undo(one)
        found = read(lake, "SELECT signal_id, version, score, ts_us FROM signals")
        assert sorted(found, key=repr) == sorted(model.latest(), key=repr)
        if lake.pin().snapshot_sources():
            found = read(lake, f"SELECT {', '.join(FIELDS)} FROM snapshots_one")
            expected = [tuple(row[name] for name in FIELDS) for row in model.said().values()]
            assert sorted(found, key=repr) == sorted(expected, key=repr)
        else:
            assert model.snapshots == []
