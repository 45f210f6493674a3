"""Grows a big lake fast: signals of five kinds, a customer list, a wide snapshot, by the lake's own writer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute

DAY_US = 86_400_000_000
AS_OF_US = 20_000 * DAY_US
KINDS = ("usage", "behaviour", "order", "contact", "answer")
SHARES = (0.40, 0.30, 0.15, 0.12, 0.03)
ISSUES = ("billing", "network", "sim", "roaming", "delivery", "cancelling", "plan", "device", "fraud", "password")
CHANNELS = ("phone", "chat", "e-mail", "shop", "web")
PAGES = tuple(f"page {number}" for number in range(12))
BATCH_ROWS = 500_000
PLANS = ("basic", "plus", "max", "family", "business")
SURNAMES = ("李", "王", "张", "陳", "刘", "歐陽", "林", "Miller ", "Garcia ", "Novak ")
GIVEN = ("伟", "芳", "娜", "建國", "秀英", "志明", "雨晨", "Anna", "Ben", "Carla", "David", "Eva")


def grow(root: Path, customers: int, signals: int, seed: int = 0) -> None:
    """Write a lake of that many customers and signals over 600 days before and 30 days after the as-of moment."""
    from harken.lake.log import Lake

    keys = np.random.default_rng(seed).choice(2**62, size=customers, replace=False).astype(np.int64)
    with Lake(root).begin_import(source="big", files=(), mapping_toml="", now_us=AS_OF_US) as writer:
        writer.append("people", _people(keys, seed))
        writer.append("snapshot_columns", _snapshot_columns())
        writer.append("snapshots/crm", _snapshot(keys, seed))
        first = next(_signals(keys, 10, seed)).schema
        reader = pa.RecordBatchReader.from_batches(first, _signals(keys, signals, seed))
        writer.append("signals", reader)
        writer.commit()


SURNAMES = tuple("王李张劉陳楊黃赵吴周徐孙马朱胡郭何高林羅")
GIVEN = tuple("伟芳娜敏静丽強磊军洋勇艳杰娟涛明超秀霞平国華建文志玲")
LATIN = ("Wang", "Li", "Smith", "Chen", "Müller", "Garcia", "Brown", "Tan", "Wong", "Nguyen")


def _texts(rng: np.random.Generator, n: int) -> dict[str, pa.Array]:
    """Names, nine in ten of them Chinese in either script, e-mail addresses and mobile numbers."""
    given = np.array([*GIVEN, ""])
    chinese = np.char.add(
        np.char.add(rng.choice(SURNAMES, n), rng.choice(GIVEN, n)), given[rng.integers(0, len(given), n)]
    )
    latin = np.char.add(np.char.add(rng.choice(LATIN, n), " "), rng.choice(LATIN, n))
    number = np.char.mod("%d", np.arange(n))
    return {
        "name": pa.array(np.where(rng.random(n) < 0.9, chinese, latin)),
        "email": pa.array(np.char.add(np.char.add("user", number), "@mail.example")),
        "phone": pa.array(np.char.mod("138%08d", rng.integers(0, 10**8, n))),
    }


def _people(keys: np.ndarray, seed: int) -> pa.Table:
    rng = np.random.default_rng(seed + 1)
    n = len(keys)
    return pa.table(
        {
            "person_key": keys,
            "id_space": pa.repeat("big", n),
            "native_key": pa.array(np.char.mod("%d", np.arange(n))),
            "declared": pa.repeat(True, n),
            "name": _names(rng, n),
            "phone": pa.array(np.char.mod("199%08d", rng.integers(0, 10**8, n))),
            "language": _named(("zh-hans", "zh-hant", "en"), rng.integers(0, 3, n), None),
            "joined_us": AS_OF_US - rng.integers(1, 3000, n) * DAY_US,
            **_texts(np.random.default_rng(seed + 4), n),
        }
    )


def _names(rng: np.random.Generator, n: int) -> pa.Array:
    """Names that a search has to tell apart: few surnames, shared by hundreds of thousands."""
    surname, given = rng.integers(0, len(SURNAMES), n), rng.integers(0, len(GIVEN), n)
    return pa.compute.binary_join_element_wise(_named(SURNAMES, surname, None), _named(GIVEN, given, None), "")


def _snapshot_columns() -> pa.Table:
    names = ["plan", "monthly_charge", "age", *(f"rating_{number}" for number in range(17))]
    return pa.table(
        {
            "source": ["crm"] * len(names),
            "name": names,
            "label": names,
            "type": ["category", *["number"] * (len(names) - 1)],
            "role": ["feature"] * len(names),
        }
    )


def _snapshot(keys: np.ndarray, seed: int) -> pa.Table:
    rng = np.random.default_rng(seed + 2)
    n = len(keys)
    columns = {
        "person_key": keys,
        "plan": _named(PLANS, rng.integers(0, len(PLANS), n), None),
        "monthly_charge": np.round(rng.gamma(4, 12, n), 2),
        "age": rng.integers(18, 90, n).astype(float),
    }
    columns |= {f"rating_{number}": rng.integers(1, 6, n).astype(float) for number in range(17)}
    return pa.table(columns)


def _named(names: tuple[str, ...], codes: np.ndarray, known: np.ndarray | None) -> pa.Array:
    indices = pa.array(codes.astype(np.int32), mask=None if known is None else ~known)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names)).cast(pa.string())


def _signals(keys: np.ndarray, count: int, seed: int) -> Iterator[pa.RecordBatch]:
    """Batches of signals: customers are unequally active, measures are where their kind has them."""
    rng = np.random.default_rng(seed + 3)
    kinds = np.array(KINDS)
    for start in range(0, count, BATCH_ROWS):
        n = min(BATCH_ROWS, count - start)
        # A squared uniform makes some customers several times as active as others.
        person = keys[(rng.random(n) ** 1.5 * len(keys)).astype(np.int64)]
        code = rng.choice(len(KINDS), n, p=SHARES)
        usage, behaviour, order, contact, answer = (code == number for number in range(len(KINDS)))

        def filled(values: np.ndarray, known: np.ndarray) -> pa.Array:
            return pa.array(values.astype(float), mask=~known)

        yield pa.record_batch(
            {
                "signal_id": (np.arange(start, start + n, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)).astype(
                    np.int64
                ),
                "kind": pa.DictionaryArray.from_arrays(code.astype(np.int32), kinds).cast(pa.string()),
                "person_key": person,
                "ts_us": AS_OF_US - (rng.random(n) * 630 * DAY_US).astype(np.int64) + 30 * DAY_US,
                "quantity": filled(np.round(rng.exponential(3, n), 2), usage | order | contact),
                "amount_reporting": filled(np.round(rng.exponential(50, n), 2), usage | order),
                "duration_s": filled(np.round(rng.exponential(300, n)), usage | behaviour | contact),
                "wait_s": filled(
                    np.round(np.where(order, rng.gamma(4, 86_400, n), rng.exponential(600, n))), contact | order
                ),
                "score": filled(rng.integers(0, 11, n), answer),
                "programme": pa.array(np.where(answer, "relationship", None)),
                "question": pa.array(np.where(answer, "recommend", None)),
                "scale": pa.array(np.where(answer, "nps_0_10", None)),
                "channel": _named(CHANNELS, rng.integers(0, len(CHANNELS), n), behaviour | order | contact),
                "touchpoint": _named(PAGES, rng.integers(0, len(PAGES), n), behaviour | order),
                "issue": _named(ISSUES, rng.integers(0, len(ISSUES), n), contact),
            }
        )
