"""Every feature equals its recomputation in plain Python; nothing after the moment plays a part."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from feature_lake import AS_OF, DAY, MemoryLake, Row, column, random_signals, truth

from harken.lake.features import build, inventory
from harken.unify.features.catalogue import FeatureTable
from harken.unify.features.formulas import FormulaText
from harken.unify.features.plan import plan
from harken.unify.features.recipes import Catalogue


def signal(person: int, days_ago: float, kind: str = "contact", **more: object) -> Row:
    ts = AS_OF - round(days_ago * DAY)
    return {"signal_id": hash((person, ts, kind)), "person_key": person, "kind": kind, "ts_us": ts, **more}


def random_lake(seed: int, customers: int = 12, count: int = 600) -> MemoryLake:
    """A lake of everything: signals, merged people, two snapshots, one of them with dates."""
    rng = random.Random(seed)
    lake = MemoryLake(signals=random_signals(seed, customers, count))
    keys = [number * 7 - 20 for number in range(customers)]
    lake.merged = {keys[3]: keys[2], keys[5]: keys[2]}
    for number, key in enumerate(keys):
        joined = AS_OF - rng.randrange(1, 900) * DAY if number % 3 else None
        lake.people.append(
            {"person_key": key, "declared": False, "joined_us": joined, "language": rng.choice(["zh", "en", None])}
        )
    lake.snapshot_columns = [
        column("crm", "plan", "category"),
        column("crm", "monthly charge", "number"),
        column("crm", "contract_end", "time"),
        column("crm", "constant", "number"),
        column("base", "age", "number"),
        column("base", "city", "category"),
    ]
    for key in keys:
        for days in rng.sample([-30, -1, 0, 1, 40, 300], rng.randrange(4)):
            lake.snapshots.setdefault("crm", []).append(
                {
                    "person_key": key,
                    "as_of_us": AS_OF - days * DAY,
                    "import_id": rng.randrange(3),
                    "plan": rng.choice(["basic", "plus", "it's", None]),
                    "monthly charge": rng.choice([None, 9.5, 20.25, 70.0]),
                    "contract_end": AS_OF + rng.randrange(-50, 50) * DAY,
                    "constant": 1.0,
                }
            )
        lake.snapshots.setdefault("base", []).append(
            {
                "person_key": key,
                "import_id": 1,
                "age": float(rng.randrange(18, 90)),
                "city": f"c{rng.randrange(60)}",
            }
        )
    return lake


def assert_true(lake: MemoryLake, table: FeatureTable, catalogue: Catalogue, as_of: int | None) -> None:
    index = 0
    for block in catalogue.blocks:
        for planned in block.planned:
            expected = [truth(lake, block, planned.recipe, int(one), as_of) for one in table.customer_id]
            np.testing.assert_allclose(
                table.values[:, index],
                np.array(expected, dtype=np.float32),
                rtol=3e-6,
                atol=2e-5,
                err_msg=planned.feature.name,
            )
            index += 1


@pytest.mark.parametrize("seed", range(6))
def test_every_feature_equals_its_recomputation(seed: int) -> None:
    lake = random_lake(seed)
    catalogue = plan(inventory(lake, AS_OF))
    forms = {planned.recipe.form for block in catalogue.blocks for planned in block.planned}
    assert len(forms) == 19, "a form of recipe is not exercised"
    table = build(lake, AS_OF)
    assert table.features == catalogue.features
    assert table.values.dtype == np.float32
    assert table.customer_id.tolist() == sorted(
        {lake.customer(row) for row in lake.people}  # every snapshot row is undated or dated in one table
    )
    assert_true(lake, table, catalogue, AS_OF)
