"""Features of a big lake beside the same columns in SQL written by hand, over the same files in the same run.

    python -m benchmarks.features [CUSTOMERS SIGNALS]

Bounds at 1,000,000 customers and 20,000,000 signals on 2 cores: 120 s, 6 GB, 1.5 times the SQL by hand.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

MEMORY_LIMIT_BYTES = 3_000_000_000
THREADS = 2


def run(*, full: bool = False, customers: int | None = None, signals: int | None = None) -> dict[str, Any]:
    """Grow a lake, compute its features three ways, each in a process of its own; seconds and peak gigabytes."""
    customers = customers or (1_000_000 if full else 100_000)
    signals = signals or (20_000_000 if full else 2_000_000)
    with tempfile.TemporaryDirectory(prefix="harken-features-") as folder:
        begin = time.perf_counter()
        _apart("grow", folder, str(customers), str(signals))
        grown_s = time.perf_counter() - begin
        ours = _apart("ours", folder)
        by_hand = _apart("by_hand", folder)
        joined = _apart("joined", folder)
        sample = _apart("sample", folder)
        checked = _apart("compare", folder)
    return {
        "customers": customers,
        "signals": signals,
        "grow_s": round(grown_s, 1),
        "harken": ours,
        "sql_by_hand": by_hand,
        "sql_by_hand_joined": joined,
        "times_sql_by_hand": round(ours["seconds"] / by_hand["seconds"], 2),
        "times_sql_by_hand_cpu": round(ours["cpu_s"] / by_hand["cpu_s"], 2),
        "times_sql_by_hand_joined": round(ours["seconds"] / joined["seconds"], 2),
        "harken_20_000_sample": sample,
        **checked,
    }


def _apart(what: str, *arguments: str) -> dict[str, Any]:
    """One step in a process of its own, so that its peak memory is its own."""
    command = [sys.executable, "-m", "benchmarks.features", f"--{what}", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _measured(work: Any) -> dict[str, Any]:
    """Seconds on the clock, seconds of processor (fair where others use the machine too), peak memory."""
    begin, begin_cpu = time.perf_counter(), time.process_time()
    columns = work()
    seconds, cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"columns": columns, "seconds": round(seconds, 2), "cpu_s": round(cpu, 2), "peak_gb": round(peak, 2)}


def _ours(folder: str, sample: int | None = None) -> int:
    from benchmarks._big_lake import AS_OF_US
    from harken.lake.features import build
    from harken.lake.log import Lake

    pinned = Lake(Path(folder)).pin()
    ids = None
    if sample is not None:
        with pinned.connect() as connection:
            found = connection.execute(f"SELECT customer_id FROM people ORDER BY hash(customer_id) LIMIT {sample}")
            ids = found.fetchnumpy()["customer_id"]
    table = build(pinned, AS_OF_US, sample_ids=ids, memory_limit_bytes=MEMORY_LIMIT_BYTES, threads=THREADS)
    return len(table.features)


def _names(folder: str) -> tuple[str, ...]:
    from benchmarks._big_lake import AS_OF_US
    from harken.lake.features import inventory
    from harken.lake.log import Lake
    from harken.unify.features.plan import plan

    catalogue = plan(inventory(Lake(Path(folder)).pin(), AS_OF_US))
    return tuple(feature.name for feature in catalogue.features)


def _by_hand(folder: str, names: tuple[str, ...], joined: bool) -> int:
    from benchmarks._features_by_hand import queries
    from harken.lake.log import Lake

    with Lake(Path(folder)).pin().connect(memory_limit_bytes=MEMORY_LIMIT_BYTES, threads=THREADS) as connection:
        parts = queries(names)
        if not joined:
            tables = [connection.sql(sql).to_arrow_table() for sql, _ in parts]
            return sum(table.num_columns - 1 for table in tables)
        for number, (sql, _) in enumerate(parts):
            connection.execute(f"CREATE TEMP TABLE part_{number} AS {sql}")
        joins = " ".join(f"LEFT JOIN part_{number} USING (customer_id)" for number in range(len(parts)))
        whole = f"SELECT * FROM (SELECT customer_id FROM people) {joins} ORDER BY customer_id"
        return connection.sql(whole).to_arrow_table().num_columns - 1


def _compare(folder: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Whether both ways give the same numbers; categories are left out, for their codes follow frequency."""
    from benchmarks._big_lake import AS_OF_US
    from benchmarks._features_by_hand import queries
    from harken.lake.features import build
    from harken.lake.log import Lake

    pinned = Lake(Path(folder)).pin()
    table = build(pinned, AS_OF_US, memory_limit_bytes=MEMORY_LIMIT_BYTES, threads=THREADS)
    categories = {feature.name for feature in table.features if feature.type == "category"}
    different = compared = 0
    with pinned.connect(memory_limit_bytes=MEMORY_LIMIT_BYTES, threads=THREADS) as connection:
        for sql, columns in queries(names):
            result = connection.sql(sql).to_arrow_table()
            place = np.searchsorted(table.customer_id, result["customer_id"].to_numpy())
            for name in (name for name in columns if name not in categories):
                theirs = result[name].to_numpy(zero_copy_only=False)
                close = np.isclose(table.column(name)[place], theirs, rtol=1e-5, atol=1e-4, equal_nan=True)
                different += int((~close).sum())
                compared += 1
    return {"columns_compared": compared, "values_that_differ": different}


def main(arguments: list[str]) -> None:
    """One step of a run, or a run of a given size."""
    if arguments and arguments[0].startswith("--"):
        what, folder, *sizes = arguments
        if what == "--grow":
            from benchmarks._big_lake import grow

            grow(Path(folder), int(sizes[0]), int(sizes[1]))
            print("{}")
            return
        names = () if what in ("--ours", "--sample") else _names(folder)
        steps = {
            "--ours": lambda: _measured(lambda: _ours(folder)),
            "--sample": lambda: _measured(lambda: _ours(folder, 20_000)),
            "--by_hand": lambda: _measured(lambda: _by_hand(folder, names, joined=False)),
            "--joined": lambda: _measured(lambda: _by_hand(folder, names, joined=True)),
            "--compare": lambda: _compare(folder, names),
        }
        print(json.dumps(steps[what]()))
        return
    customers, signals = (int(argument) for argument in arguments) if arguments else (None, None)
    print(json.dumps(run(customers=customers, signals=signals), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
