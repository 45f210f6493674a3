"""The whole analysis: the demo company, and with --full a million customers with twenty million signals.

Bounds on 2 cores: demo of 20,000 customers under 30 s; 1,000,000 customers under 8 minutes and 8 GB. Beside it, in
the same run, the raw engine reads the same files once: a count of signals by customer and kind.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def run(*, full: bool = False) -> dict[str, Any]:
    """Seconds, processor seconds and peak memory of each step, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="harken-analysis-") as folder:
        figures = {
            "demo_grow_and_import": _apart("demo", folder, "20000"),
            "demo_analyze": _apart("analyze", folder),
        }
        figures["demo_raw_engine"] = _apart("scan", folder)
    with tempfile.TemporaryDirectory(prefix="harken-analysis-") as folder:
        customers, signals = (1_000_000, 20_000_000) if full else (50_000, 1_000_000)
        figures["big_grow"] = _apart("grow", folder, str(customers), str(signals))
        figures["big_analyze"] = _apart("analyze", folder)
        figures["big_raw_engine"] = _apart("scan", folder)
        figures["big_customers"], figures["big_signals"] = customers, signals
    return figures


def _apart(step: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.analysis", step, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def demo(root: Path, customers: str) -> None:
    """Grow and import the demo company."""
    from harken.usecases.demo import prepare_demo

    prepare_demo(root / "company", customers=int(customers), now_us=time.time_ns() // 1000)


def grow(root: Path, customers: str, signals: str) -> None:
    """A big lake of made-up signals, with answers of a tenth in the last wave and some who leave."""
    import numpy as np
    import pyarrow as pa

    from benchmarks._big_lake import AS_OF_US, DAY_US
    from benchmarks._big_lake import grow as grow_lake
    from harken.lake.log import Lake
    from harken.usecases.accounts import prepare_records
    from harken.usecases.workspaces import create_workspace

    create_workspace(root / "company", company="Big", time_zone="UTC", currency="EUR")
    prepare_records(root / "company")
    lake_root = root / "company" / "lake"
    grow_lake(lake_root, int(customers), int(signals))
    keys = np.random.default_rng(0).choice(2**62, size=int(customers), replace=False).astype(np.int64)
    rng = np.random.default_rng(9)
    gone = np.sort(keys[rng.random(len(keys)) < 0.3])
    left_us = AS_OF_US + 30 * DAY_US - (rng.random(len(gone)) * 500 * DAY_US).astype(np.int64)
    outcomes = pa.table(
        {
            "person_key": gone,
            "outcome": pa.repeat("churn", len(gone)),
            "ts_us": left_us,
            "local_date": (left_us // DAY_US).astype("datetime64[D]"),
            "value": np.ones(len(gone)),
            "source": pa.repeat("big", len(gone)),
        }
    )
    with Lake(lake_root).begin_import(source="left", files=(), mapping_toml=MAPPING, now_us=AS_OF_US) as writer:
        writer.append("outcomes", outcomes)
        writer.commit()


MAPPING = '[mapping]\nversion = 1\nsource = "left"\n[[file]]\nname = "left.csv"\nperson = "id"\n[file.people]\n'


def analyze(root: Path) -> None:
    """The whole analysis; progress with seconds on the error stream."""
    from harken.usecases.analyzing.run import analyze as compute
    from harken.usecases.workspaces import open_workspace

    begin, last = time.perf_counter(), [""]

    def told(step: Any, done: float) -> None:
        if str(step) != last[0]:
            last[0] = str(step)
            print(f"{time.perf_counter() - begin:7.1f} s {done:4.0%} {step}", file=sys.stderr, flush=True)

    compute(open_workspace(root / "company"), now_us=time.time_ns() // 1000, progress=told)


def scan(root: Path) -> None:
    """The raw engine over the same files."""
    from harken.lake.log import Lake

    with Lake(root / "company" / "lake").pin().connect() as connection:
        grouped = "select customer_id, kind, count(*) as n, sum(amount_reporting) from signals group by 1, 2"
        connection.execute(f"select count(*), sum(n) from ({grouped})").fetchall()


STEPS: dict[str, Callable[..., None]] = {"demo": demo, "grow": grow, "analyze": analyze, "scan": scan}


def main(step: str, folder: str, *arguments: str) -> None:
    """One step, measured."""
    begin, begin_cpu = time.perf_counter(), time.process_time()
    STEPS[step](Path(folder), *arguments)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": round(seconds, 1), "cpu_s": round(cpu, 1), "peak_gb": round(peak, 2)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
