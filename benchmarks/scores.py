"""Scores with their ranges for every segment and month, beside the bare aggregation of the same answers.

    python -m benchmarks scores [--full]

10,000 segments x 24 months over 50,000,000 answers with --full, a tenth of the answers and segments without. Bound:
1.5 times the time that DuckDB alone takes for the net score of every segment and month, in the same run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

MONTHS = 24
ROUNDS = 5
BARE = """
    SELECT segment, month, count(*) AS n,
           avg(CASE WHEN score >= 9 THEN 1.0 WHEN score <= 6 THEN -1.0 ELSE 0.0 END) AS net
    FROM answers GROUP BY segment, month
"""
COUNTS = """
    SELECT segment, month, count(*) AS n, sum(CAST(score <= 6 AS DOUBLE)) AS bad,
           sum(CAST(score >= 9 AS DOUBLE)) AS good
    FROM answers GROUP BY segment, month
"""


def run(*, full: bool = False) -> dict[str, Any]:
    """Both ways `ROUNDS` times in turn; medians in seconds by the clock."""
    import duckdb

    from harken.learn.scores import cell_scores
    from harken.vocabulary.scales import SCALES

    segments, answers = (10_000, 50_000_000) if full else (1_000, 5_000_000)
    with duckdb.connect(config={"memory_limit": "4GB"}) as connection:
        connection.execute(
            f"""
            CREATE TABLE answers AS
            SELECT CAST(hash(i) % {segments} AS INTEGER) AS segment,
                   CAST(hash(i + 7) % {MONTHS} AS TINYINT) AS month,
                   CAST(CASE WHEN hash(i + 13) % 10 < 2 THEN hash(i + 17) % 7 WHEN hash(i + 13) % 10 < 5
                        THEN 7 + hash(i + 17) % 2 ELSE 9 + hash(i + 17) % 2 END AS TINYINT) AS score
            FROM range({answers}) AS given(i)
            """
        )

        def bare() -> Any:
            return connection.execute(BARE).fetchnumpy()

        def scored() -> Any:
            cells = connection.execute(COUNTS).fetchnumpy()
            counts = np.stack([cells["bad"], cells["n"] - cells["bad"] - cells["good"], cells["good"]], axis=1)
            return cell_scores(counts, [6, 8, 10], SCALES["nps_0_10"])

        pairs = [(_seconds(bare), _seconds(scored)) for _ in range(ROUNDS)]
        found, plain = scored(), bare()
    alone, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
    mean_width = float(np.mean(found.upper - found.lower))
    return {
        "answers": answers,
        "cells": found.n.size,
        "same_net": bool(np.isclose(100.0 * np.sort(plain["net"]), np.sort(found.value)).all()),
        "mean_width_points": round(mean_width, 2),
        "bare_s": round(alone, 3),
        "scores_s": round(ours, 3),
        "times_bare": round(statistics.median(second / first for first, second in pairs), 2),
        "bound": 1.5,
    }


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
