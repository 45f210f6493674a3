"""Exact LMG beside one regression per subset and beside the package dominance-analysis; 1,000 resamples of it.

The package does not import with a current numpy. To run it too, make an environment of its own

    python -m venv dominance && dominance/bin/pip install "numpy<2" dominance-analysis==1.1.9 setuptools

and name its Python in HARKEN_BENCH_DOMINANCE_PYTHON; without it its figures are None. It prints to a notebook that
is not there, so that one function is replaced before it is imported. Everything runs on the same data and is timed
in processor seconds, so that other work on the machine does not count.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.learn.importance import correlation_matrix, lmg, lmg_bootstrap

Floats = NDArray[np.float64]
ROWS = 2000
SIZES = (10, 12, 15, 20)
PEER_SIZES = (10, 12)
RESAMPLED_ROWS = (2_000, 20_000, 200_000)
RESAMPLED_BOUND_S = 1.0
STORED = {
    "dominance_analysis_1.1.9_s": {"10": 2.66, "12": 20.44, "15": 657.96},
    "relaimpo_2.2-7_s": {"10": 0.069, "13": 0.455},
}
"""Timed once on 2,000 rows on another two-core machine, with other work beside: good to about a factor of two."""

DOMINANCE = """
import json, sys, time
import bokeh.io, bokeh.plotting
for module in (bokeh.io, bokeh.plotting):
    module.output_notebook = lambda *a, **k: None
import numpy as np, pandas as pd
from dominance_analysis import Dominance
data = np.load(sys.argv[1])
names = [f"x{k}" for k in range(data.shape[1] - 1)]
frame = pd.DataFrame(data, columns=names + ["y"])
begin = time.process_time()
shares = Dominance(data=frame, target="y", objective=1, top_k=len(names)).incremental_rsquare()
seconds = time.process_time() - begin
print(json.dumps({"seconds": seconds, "shares": [float(shares[name]) for name in names]}), file=sys.stderr)
"""


def run(*, full: bool = False) -> dict[str, Any]:
    """Processor seconds per number of drivers; differences of the shares between the roads; ratios to the peers.

    The same with and without `full`: the package, where named, takes about half a minute. `stored` are timings of
    other machines, for scale only.
    """
    figures: dict[str, Any] = {f"p_{p}": _at(p, peers=p in PEER_SIZES) for p in SIZES}
    figures["bootstrap_1000_p_12"] = {f"n_{rows}_s": _resampled(rows) for rows in RESAMPLED_ROWS}
    figures["bootstrap_bound_s"] = RESAMPLED_BOUND_S
    figures["stored"] = STORED
    return figures


def _resampled(rows: int) -> float:
    """Seconds of 1,000 resamples of twelve drivers' shares, from the raw rows on."""
    X, y = _data(12, rows)
    return _seconds(lambda: lmg_bootstrap(X, y, replicates=1_000), repeats=2)


def _at(p: int, *, peers: bool) -> dict[str, float | None]:
    """Figures for p drivers on 2,000 rows."""
    X, y = _data(p)
    correlation = correlation_matrix(X, y)
    figures: dict[str, float | None] = {
        "correlation_s": _seconds(lambda: correlation_matrix(X, y)),
        "lmg_s": _seconds(lambda: lmg(correlation)),
    }
    if not peers:
        return figures
    begin = time.process_time()
    naive = one_regression_per_subset(X, y)
    figures["one_regression_per_subset_s"] = time.process_time() - begin
    shares = np.array(lmg(correlation).shares)
    figures["largest_difference_to_regressions"] = float(np.abs(shares - naive).max())
    figures["times_faster_than_regressions"] = figures["one_regression_per_subset_s"] / _raw(figures)
    found = _dominance_analysis(X, y)
    figures["dominance_analysis_s"] = found["seconds"] if found else None
    if found:
        figures["largest_difference_to_dominance_analysis"] = float(np.abs(shares - found["shares"]).max())
        figures["times_faster_than_dominance_analysis"] = found["seconds"] / _raw(figures)
    return figures


def _raw(figures: dict[str, float | None]) -> float:
    """Our seconds from the raw rows, as the peers start from them."""
    return float(figures["correlation_s"] or 0.0) + float(figures["lmg_s"] or 0.0)


def _data(p: int, rows: int = ROWS) -> tuple[Floats, Floats]:
    """Related drivers and an outcome that depends on all of them."""
    rng = np.random.default_rng(p)
    X = rng.normal(size=(rows, p)) + 0.7 * rng.normal(size=(rows, 1))
    return X, X @ np.linspace(1.0, 0.1, p) + 3.0 * rng.normal(size=rows)


def _seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Best of several runs."""
    best = float("inf")
    for _ in range(repeats):
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return best


def one_regression_per_subset(X: Floats, y: Floats) -> Floats:
    """Shares by one least-squares regression for each of the 2^p subsets: what a loop over a library does."""
    n, p = X.shape
    total = float(((y - y.mean()) ** 2).sum())
    r2 = np.zeros(1 << p)
    for subset in range(1, 1 << p):
        design = np.column_stack([np.ones(n), X[:, [k for k in range(p) if subset >> k & 1]]])
        residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
        r2[subset] = 1.0 - float(residual @ residual) / total
    shares = np.zeros(p)
    for driver in range(p):
        for subset in range(1 << p):
            if not subset >> driver & 1:
                weight = 1.0 / (p * comb(p - 1, subset.bit_count()))
                shares[driver] += weight * (r2[subset | 1 << driver] - r2[subset])
    return shares


def _dominance_analysis(X: Floats, y: Floats) -> dict[str, float] | None:
    """The package's seconds and shares, in its own Python; None where none is named."""
    python = os.environ.get("HARKEN_BENCH_DOMINANCE_PYTHON")
    if not python:
        return None
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.npy"
        np.save(rows, np.column_stack([X, y]))
        done = subprocess.run([python, "-c", DOMINANCE, str(rows)], capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    found: dict[str, float] = json.loads(done.stderr.strip().splitlines()[-1])
    return found
