"""A small lake held in memory: five kinds of signals, people, accounts, snapshots, merged identities."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from harken.vocabulary.tables import PEOPLE, SIGNALS, SNAPSHOT_COLUMNS

DAY = 86_400_000_000
AS_OF = 20_000 * DAY
TYPES = {
    "int64": pa.int64(),
    "int32": pa.int32(),
    "float64": pa.float64(),
    "string": pa.string(),
    "bool": pa.bool_(),
    "date": pa.date32(),
}
Row = dict[str, Any]


def arrow(rows: Iterable[Mapping[str, Any]], columns: Sequence[tuple[str, pa.DataType]]) -> pa.Table:
    """Rows as an Arrow table of the given columns; what a row does not say is empty."""
    rows = list(rows)
    return pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in columns})


@dataclass
class MemoryLake:
    """What `build` needs of a lake, from lists of rows; `merged` maps person keys to customer ids."""

    signals: list[Row] = field(default_factory=list)
    people: list[Row] = field(default_factory=list)
    snapshots: dict[str, list[Row]] = field(default_factory=dict)
    snapshot_columns: list[Row] = field(default_factory=list)
    merged: dict[int, int] = field(default_factory=dict)

    def customer(self, row: Row) -> int:
        return self.merged.get(row["person_key"], row["person_key"])

    def snapshot_sources(self) -> tuple[str, ...]:
        return tuple(sorted(self.snapshots))

    def tables(self) -> dict[str, pa.Table]:
        customer = [("customer_id", pa.int64())]
        tables = {
            "signals": (self.signals, [(c.name, TYPES[c.type]) for c in SIGNALS.columns] + customer),
            "people": (self.people, [(c.name, TYPES[c.type]) for c in PEOPLE.columns] + customer),
            "snapshot_columns": (
                self.snapshot_columns,
                [(c.name, TYPES[c.type]) for c in SNAPSHOT_COLUMNS.columns],
            ),
        }
        for source, rows in self.snapshots.items():
            kinds = {"number": pa.float64(), "category": pa.string(), "time": pa.int64()}
            columns = [("person_key", pa.int64()), ("as_of_us", pa.int64()), ("import_id", pa.int64())]
            columns += [(c["name"], kinds[c["type"]]) for c in self.snapshot_columns if c["source"] == source]
            tables[f"snapshots_{source}"] = (rows, columns + customer)
        result = {}
        for name, (rows, columns) in tables.items():
            if name != "snapshot_columns":
                rows = [{**row, "customer_id": self.customer(row)} for row in rows]
            result[name] = arrow(rows, columns)
        return result

    def connect(
        self, *, memory_limit_bytes: int | None = None, threads: int | None = None
    ) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        for name, table in self.tables().items():
            connection.register("given", table)
            connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM given')
            connection.unregister("given")
        return connection

    def customers(self) -> set[int]:
        return {self.customer(row) for row in self.signals}


def column(source: str, name: str, kind: str, **more: Any) -> Row:
    """One row of snapshot_columns."""
    return {
        "source": source,
        "name": name,
        "label": name,
        "type": kind,
        "role": "feature",
        "import_id": 1,
        **more,
    }


def random_signals(seed: int, customers: int, count: int) -> list[Row]:
    """Signals of five kinds around the as-of moment: on window boundaries, at equal times, after it, undated."""
    rng = random.Random(seed)
    edges = [AS_OF - days * DAY for days in (0, 7, 14, 30, 90, 365)]
    rows = []
    for number in range(count):
        choice = rng.random()
        if choice < 0.25:
            ts = rng.choice(edges) + rng.choice([-1, 0, 1])
        elif choice < 0.4:
            ts = AS_OF - rng.randrange(30) * DAY  # equal times are common
        else:
            ts = AS_OF - int(rng.triangular(-20, 500, 20) * DAY)
        kind = rng.choice(["contact", "contact", "order", "usage", "behaviour", "answer", "garden visit"])
        row: Row = {
            "signal_id": rng.randrange(-(2**40), 2**40) * 1000 + number,
            "source": "test",
            "import_id": 1,
            "ingested_us": 0,
            "version": 1,
            "retracted": False,
            "person_key": rng.randrange(customers) * 7 - 20,
            "kind": kind,
            "ts_us": None if rng.random() < 0.03 else ts,
        }

        def maybe(value: Any, share: float = 0.8) -> Any:
            return value if rng.random() < share else None

        if kind in ("contact", "order", "garden visit"):
            row["wait_s"] = maybe(rng.choice([0, 300, 600, 601, 900, 1200, 1200.5, rng.expovariate(1 / 700)]))
        if kind in ("contact", "usage", "behaviour"):
            row["duration_s"] = maybe(round(rng.expovariate(1 / 300), 1))
        if kind in ("contact", "order", "usage"):
            row["quantity"] = maybe(rng.randrange(4))
        if kind in ("order", "usage", "garden visit"):
            row["amount_reporting"] = maybe(round(rng.uniform(-20, 300), 2))
        if kind == "order":
            row["wait_s"] = maybe(rng.randrange(20) * 86_400 / 2)
        if kind == "contact":
            row["issue"] = maybe(rng.choice(["billing", "it's slow", "账单", "other \\ thing"]))
        if kind in ("contact", "behaviour", "order"):
            row["channel"] = maybe(rng.choice(["phone", "chat", "E-Mail"]))
            row["touchpoint"] = maybe(rng.choice(["home", "checkout"]), 0.5)
        if kind == "answer":
            row["score"] = maybe(float(rng.randrange(11)))
            row["programme"] = maybe(rng.choice(["relationship", "after contact"]), 0.9)
            row["question"] = "recommend"
            row["scale"] = "nps_0_10"
        rows.append(row)
    return rows


def random_lake(seed: int, customers: int = 12, count: int = 600) -> MemoryLake:
    """A lake of everything: signals, merged people, two snapshots, one of them with dates."""
    rng = random.Random(seed)
    lake = MemoryLake(signals=random_signals(seed, customers, count))
    keys = [number * 7 - 20 for number in range(customers)]
    lake.merged = {keys[3]: keys[2], keys[5]: keys[2]}
    for number, key in enumerate(keys):
        joined = AS_OF - rng.randrange(1, 900) * DAY if number % 3 else None
        person = {"person_key": key, "declared": False, "joined_us": joined}
        person |= {"language": rng.choice(["zh", "en", None]), "account_key": rng.choice([None, 1, 2, 3])}
        lake.people.append(person)
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
