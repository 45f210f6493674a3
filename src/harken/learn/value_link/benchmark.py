"""How strong the strongest known common cause of answer and outcome is: the measure for a hidden one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.ridge import FoldedRidge
from harken.learn.encoding import fit_linear
from harken.learn.folds import sample_mask
from harken.unify.features.catalogue import FeatureTable

Floats = NDArray[np.float64]

BENCHMARK_CUSTOMERS_MAX = 8_000
BENCHMARK_COLUMNS_MAX = 150


@dataclass(frozen=True, slots=True)
class Benchmark:
    """The driver family that bears most on both: what it explains (0 to 1) of what all others leave of each."""

    family: str
    of_answer: float
    of_outcome: float


def strongest_family(
    table: FeatureTable, y: Floats, score: Floats, fold: NDArray[np.int64], without: set[str]
) -> Benchmark | None:
    """The family whose leaving out costs most, in left-out predictions of both the answer and the outcome.

    Partial R2 of a family: 1 minus the squared error with it over that without it, each fold predicted by the
    others (ridge), never below zero. The bias a common cause makes grows with the product of its two shares,
    so the family with the largest product is the benchmark. None where no family tells of both. At most 8,000
    customers (a declared sample) are read.

    Source: Cinelli and Hazlett 2020, JRSS B 82, section 4.4.
    """
    kept = sample_mask(table.customer_id, 1, BENCHMARK_CUSTOMERS_MAX)
    encoding = fit_linear(table)
    usable = [
        at for at, column in enumerate(encoding.columns) if table.features[column.feature].name not in without
    ]
    design = encoding.transform(table.values[kept])[:, usable]
    target = np.stack([score[kept], y[kept]], axis=1)
    targets = (target - target.mean(axis=0)) / np.maximum(target.std(axis=0), 1e-12)
    family = np.array([encoding.columns[at].family for at in usable])
    if design.shape[1] > BENCHMARK_COLUMNS_MAX:
        centred = design - design.mean(axis=0)
        links = np.abs(centred.T @ targets.astype(np.float32)) / np.maximum(centred.std(axis=0), 1e-6)[:, None]
        strongest = np.sort(np.argsort(-links.max(axis=1), kind="stable")[:BENCHMARK_COLUMNS_MAX])
        design, family = design[:, strongest], family[strongest]
    families = sorted(set(family.tolist()))
    if len(families) < 2:
        return None
    whole = _errors(design, targets, fold[kept])
    shares = {name: 1 - whole / _errors(design[:, family != name], targets, fold[kept]) for name in families}
    best = max(families, key=lambda name: float(np.prod(np.maximum(shares[name], 0.0))))
    of_answer, of_outcome = (float(share) for share in shares[best])
    return Benchmark(best, of_answer, of_outcome) if min(of_answer, of_outcome) > 0 else None


def _errors(design: NDArray[np.float32], targets: Floats, fold: NDArray[np.int64]) -> Floats:
    """Left-out squared errors of each target, shape (targets,)."""
    ridge = FoldedRidge(design, fold)
    left = [targets[:, at] - ridge.left_out(targets[:, at : at + 1])[:, 0] for at in range(targets.shape[1])]
    errors: Floats = np.array([float(one @ one) for one in left])
    return errors
