"""The score of all customers from a tenth who answer: time and memory, beside bare models of the same matrix.

The peer is what anyone would fit by hand without cross-fitting, intervals, calibration or sensitivity: one logistic
regression of who answers on all customers and one set of boosted trees on the answers, predicting everybody.
"""

from __future__ import annotations

import resource
import time
from typing import Any

import numpy as np

from harken.learn.whole_base.estimate import estimate_whole_base
from harken.unify.features.catalogue import Feature, FeatureTable
from harken.vocabulary.messages import Message
from harken.vocabulary.scales import SCALES

COLUMNS = 100
SEED = 5


def base(n: int) -> tuple[FeatureTable, np.ndarray, np.ndarray, np.ndarray]:
    """Customers with 100 features, of which ten tell who answers and what; their answers, and who gives them."""
    rng = np.random.default_rng(SEED)
    values = rng.standard_normal((COLUMNS, n), dtype=np.float32)
    felt = 6.5 + values[:10].sum(axis=0) * 0.6 + rng.normal(0, 1.5, n)
    score = np.clip(np.round(felt), 0, 10)
    chance = 1 / (1 + np.exp(2.4 - 0.15 * values[:10].sum(axis=0)))
    features = tuple(Feature(f"f{at:03d}", f"family {at % 10}", Message("feature")) for at in range(COLUMNS))
    return FeatureTable(np.arange(n), values.T, features, None), score, rng.random(n) < chance, felt


def run(*, full: bool = False) -> dict[str, Any]:
    """Seconds and gigabytes at 1,000,000 customers (a tenth of them without `full`), and whether it was right."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    n = 1_000_000 if full else 100_000
    table, score, answered, _ = base(n)
    truth = 100 * float((score >= 9).mean() - (score <= 6).mean())
    begun, worked = time.perf_counter(), time.process_time()
    total = estimate_whole_base(
        table, answered, np.where(answered, score, np.nan), SCALES["nps_0_10"], seed=SEED
    ).total
    ours, ours_cpu = time.perf_counter() - begun, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    begun = time.perf_counter()
    matrix = np.ascontiguousarray(table.values)
    LogisticRegression(solver="newton-cholesky").fit(matrix, answered).predict_proba(matrix)
    band = np.digitize(score, (6.5, 8.5))
    trees = HistGradientBoostingClassifier(random_state=SEED).fit(matrix[answered], band[answered])
    trees.predict_proba(matrix)
    bare = time.perf_counter() - begun
    assert total.whole_base is not None
    assert total.answered_only is not None
    return {
        "customers": n,
        "features": COLUMNS,
        "answers": int(answered.sum()),
        "seconds": round(ours, 1),
        "processor_seconds": round(ours_cpu, 1),
        "peak_gb": round(peak, 2),
        "bare_models_seconds": round(bare, 1),
        "truth": round(truth, 2),
        "whole_base": [round(total.whole_base.interval.lower, 2), round(total.whole_base.interval.upper, 2)],
        "answered_only": round(total.answered_only.value, 2),
    }
