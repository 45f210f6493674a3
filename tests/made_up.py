"""A small made-up company for the pages: every part of a run has something to show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from harken.lake.log import Lake
from harken.lake.schemas import arrow_schema
from harken.usecases.workspaces import Workspace, open_workspace
from harken.vocabulary.tables import TABLES

DAY = 86_400_000_000
NOW = 20_000 * DAY
MAPPING = '[mapping]\nversion = 1\nsource = "shop"\n[[file]]\nname = "shop.csv"\nperson = "id"\n[file.people]\n'


def rows_of(table: str, count: int, **columns: object) -> pa.Table:
    """Columns in the schema of a lake table; a single value stands in every row, what is not named is empty."""
    schema = arrow_schema(TABLES[table])

    def column(field: pa.Field) -> pa.Array:
        value = columns.get(field.name)
        values = value if isinstance(value, list | np.ndarray) else [value] * count
        return pa.array(values, field.type)

    return pa.table({field.name: column(field) for field in schema}, schema=schema)


def signals(kind: str, person: np.ndarray, ts_us: np.ndarray, **columns: object) -> pa.Table:
    """Events of one kind."""
    ids = len(kind) * 10**9 + np.arange(len(person))
    return rows_of(
        "signals",
        len(person),
        **{
            "signal_id": ids,
            "source": "shop",
            "import_id": 0,
            "ingested_us": NOW,
            "version": 1,
            "retracted": False,
            "ts_us": ts_us,
            "local_date": (ts_us // DAY).astype("datetime64[D]"),
            "kind": kind,
            "person_key": person,
        }
        | columns,
    )


def fill(workspace: Workspace, customers: int = 1200, seed: int = 4) -> None:
    """Customers whose waits make them answer less, score lower and leave more; two waves of a survey."""
    rng = np.random.default_rng(seed)
    person = np.arange(1, customers + 1)
    waits = rng.gamma(2.0, 6.0, customers)
    contact = np.repeat(person, rng.poisson(3, customers) + 1)
    order = np.repeat(person, 4)

    def moments(count: int) -> np.ndarray:
        return NOW - (rng.random(count) * 400 * DAY).astype(np.int64) - DAY

    lake = Lake(workspace.lake_root)
    with lake.begin_import(source="shop", files=(), mapping_toml=MAPPING, now_us=NOW) as writer:
        writer.append(
            "people",
            rows_of(
                "people",
                customers,
                person_key=person,
                id_space="shop",
                native_key=[f"C{number:05}" for number in person],
                source="shop",
                import_id=0,
                declared=True,
                name=[None if number % 5 == 0 else f"李 <b>{number}</b>" for number in person],
                language=[("zh-hans", "zh-hant", "en")[number % 3] for number in person],
                joined_us=NOW - 800 * DAY,
            ),
        )
        wait_s = waits[contact - 1] * 60 * rng.uniform(0.8, 1.2, len(contact))
        said = {"channel": "phone", "text_ref": 7 * 10**9 + np.arange(len(contact))}
        writer.append("signals", signals("contact", contact, moments(len(contact)), wait_s=wait_s, **said))
        words = [f"等了 {wait:.0f} 秒 <i>才</i>有人接电话" for wait in wait_s]
        written = {"text_id": said["text_ref"], "person_key": contact, "text": words, "import_id": 0}
        writer.append("texts", rows_of("texts", len(contact), **written))
        amount = rng.uniform(20, 60, len(order))
        money = {"amount": amount, "amount_reporting": amount, "currency": "CNY"}
        writer.append("signals", signals("order", order, moments(len(order)), **money))
        for wave, (days, drop) in enumerate(((120, 0.0), (20, 2.5))):
            answered = person[rng.random(customers) < np.where(waits > 15, 0.15, 0.5)]
            score = 9.5 - drop - 0.2 * waits[answered - 1] + rng.normal(0, 1.5, len(answered))
            answers = signals(
                "answer",
                answered,
                np.full(len(answered), NOW - days * DAY),
                score=np.clip(np.round(score), 0, 10),
                scale="nps_0_10",
                programme="relationship",
                question="recommend",
            )
            ids = pa.array([9_000_000 + wave * 100_000 + index for index in range(len(answered))])
            writer.append("signals", answers.set_column(0, "signal_id", ids))
        gone = person[rng.random(customers) < np.where(waits > 15, 0.4, 0.06)]
        gone_us = NOW - (rng.random(len(gone)) * 180 * DAY).astype(np.int64) - 1
        writer.append(
            "outcomes",
            rows_of(
                "outcomes",
                len(gone),
                person_key=gone,
                outcome="churn",
                ts_us=gone_us,
                local_date=(gone_us // DAY).astype("datetime64[D]"),
                value=1.0,
                source="shop",
                import_id=0,
            ),
        )
        record = writer.commit()
    rejected = workspace.root / "rejected" / str(record.import_id)
    rejected.mkdir(parents=True)
    (rejected / "shop.csv").write_text("id,reason\n7,no such day\n", encoding="utf-8")


def fill_with_few(workspace: Workspace) -> None:
    """Seven customers who answered once: nearly every part says why it cannot run."""
    person = np.arange(1, 8)
    with Lake(workspace.lake_root).begin_import(
        source="shop", files=(), mapping_toml=MAPPING, now_us=NOW
    ) as writer:
        keys = [f"C{number}" for number in person]
        people = {"id_space": "shop", "native_key": keys, "source": "shop", "import_id": 0, "declared": True}
        writer.append("people", rows_of("people", len(person), person_key=person, **people))
        asked = {"scale": "nps_0_10", "programme": "relationship", "question": "recommend"}
        times = np.full(len(person), NOW - DAY)
        scores = np.array([10.0, 9.0, 9.0, 8.0, 7.0, 3.0, 10.0])
        writer.append("signals", signals("answer", person, times, score=scores, **asked))
        writer.commit()


def analysed(root: Path) -> Workspace:
    """Analyse a filled workspace."""
    from harken.usecases.analyzing.run import analyze

    workspace = open_workspace(root)
    analyze(workspace, now_us=NOW)
    return workspace
