"""How complete the fields are, against counting by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from harken.lake.coverage import SIGNAL_FIELDS, field_coverage
from harken.lake.log import Lake


def test_coverage_is_what_counting_by_hand_says(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    n = 500
    kinds = rng.choice(["contact", "order", "login"], n)
    wait, amount = rng.random(n) < 0.3, (rng.random(n) < 0.8) & (kinds == "order")
    lake = Lake(tmp_path / "lake")
    with lake.begin_import(source="shop", files=(), mapping_toml="", now_us=1) as writer:
        signals = {
            "signal_id": np.arange(n),
            "kind": kinds,
            "person_key": rng.integers(0, 40, n),
            "ts_us": np.arange(n),
            "wait_s": pa.array(rng.random(n), mask=~wait),
            "amount": pa.array(rng.random(n), mask=~amount),
        }
        writer.append("signals", pa.table(signals))
        keys = np.arange(40)
        people = {"person_key": keys, "id_space": ["shop"] * 40, "native_key": [str(key) for key in keys]}
        mail = pa.array([f"{key}@mail.example" for key in keys], mask=keys % 4 > 0)
        writer.append("people", pa.table({**people, "declared": [True] * 40, "email": mail}))
        column = {"source": ["crm"] * 2, "name": ["plan", "empty"], "label": ["Plan", "Empty"]}
        writer.append("snapshot_columns", pa.table({**column, "type": ["category"] * 2, "role": ["feature"] * 2}))
        plan = pa.array(["basic"] * 40, mask=keys % 10 == 0)
        nothing = pa.nulls(40, pa.string())
        writer.append("snapshots/crm", pa.table({"person_key": keys, "plan": plan, "empty": nothing}))
        writer.commit()
    pinned = lake.pin()
    with pinned.connect() as connection:
        found = field_coverage(connection, pinned.snapshot_sources())
    told = {(one.kind, one.field): (one.filled, one.rows) for one in found}
    wanted = {("people", "email"): (10, 40), ("snapshot", "Plan"): (36, 40)}
    for kind in ("contact", "order", "login"):
        own = kinds == kind
        wanted[kind, "wait_s"] = (int((wait & own).sum()), int(own.sum()))
        wanted[kind, "amount"] = (int((amount & own).sum()), int(own.sum()))
    assert told == {key: counts for key, counts in wanted.items() if counts[0]}, "empty fields are not listed"
    assert {one.field for one in found if one.kind in set(kinds)} <= set(SIGNAL_FIELDS)
