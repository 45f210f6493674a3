"""Finding and reading customers in a big lake: the search index, one customer's story, and their pages.

    python -m benchmarks customers [--full]

Bounds at 1,000,000 customers and 20,000,000 signals on 2 cores (p95): search 100 ms, a customer's page 200 ms.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._big_lake import grow

TYPED = ("李", "1", "12", "王伟", "王小", "陳", "陈明", "wang", "w", "nguyen l", "user77", "138", "13800", "李 9")
CUSTOMERS_READ = 60


def run(*, full: bool = False) -> dict[str, Any]:
    """Grow a lake, build the index, search it, read customers and their pages; milliseconds by the clock."""
    from harken.lake.customer_index import build_index
    from harken.lake.log import Lake
    from harken.usecases.searching import list_customers
    from harken.usecases.timeline import customer_story
    from harken.usecases.workspaces import create_workspace

    customers, signals = (1_000_000, 20_000_000) if full else (100_000, 2_000_000)
    with tempfile.TemporaryDirectory(prefix="harken-customers-") as folder:
        workspace = create_workspace(Path(folder) / "company", company="big")
        grow(workspace.lake_root, customers, signals)
        lake = Lake(workspace.lake_root)
        built, cpu = time.perf_counter(), time.process_time()
        path = build_index(lake.pin(), now_us=0)
        built, cpu = time.perf_counter() - built, time.process_time() - cpu
        with lake.pin().connect() as connection:
            found = connection.execute(
                f"SELECT customer_id FROM people ORDER BY hash(person_key) LIMIT {CUSTOMERS_READ}"
            ).fetchall()
        ids = [row[0] for row in found]
        searched = {text: _timed(lambda t: list_customers(workspace, None, t, 1), [text] * 20) for text in TYPED}
        return {
            "customers": customers,
            "signals": signals,
            "index_build_s": round(built, 1),
            "index_build_cpu_s": round(cpu, 1),
            "index_mb": round(path.stat().st_size / 1e6, 1),
            "search_p95_ms": _p95(moment for moments in searched.values() for moment in moments),
            "search_slowest_p95_ms": max((_p95(moments), text) for text, moments in searched.items()),
            "story_p95_ms": _p95(_timed(lambda one: customer_story(workspace, one), ids)[1:]),
            **_pages(workspace.root, ids),
        }


def _pages(root: Path, ids: list[int]) -> dict[str, float]:
    """The pages through Django's own client, signed in."""
    from harken.usecases.accounts import enter_demo, prepare_records

    prepare_records(root)
    entry = enter_demo(root)
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.get(entry.path)
    client.get(f"/unify/customers/{ids[0]}/")
    one = _timed(lambda customer: client.get(f"/unify/customers/{customer}/"), ids)
    lists = _timed(lambda text: client.get("/unify/customers/", {"q": text}), [*TYPED, *TYPED])
    return {"customer_page_p95_ms": _p95(one), "customers_page_p95_ms": _p95(lists)}


def _timed(work: Callable[[Any], object], given: Iterable[Any]) -> list[float]:
    times = []
    for each in given:
        begin = time.perf_counter()
        work(each)
        times.append((time.perf_counter() - begin) * 1000)
    return times


def _p95(times: Iterable[float]) -> float:
    return round(float(np.percentile(list(times), 95)), 1)
