"""How much each observed family of reasons moves the score: the yardstick for reasons that are not observed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from harken.learn.encoding import LinearEncoding

Floats = NDArray[np.float64]

ROUNDS = 20


def leave_out_moves(
    encoding: LinearEncoding,
    matrix: NDArray[np.float32],
    answered: NDArray[np.bool_],
    weights: Floats,
    value: Floats,
) -> dict[str, float]:
    """By how much the score of all customers would change if one family had not been observed.

    `matrix` (m, q), `answered` and `weights` (m,) of a sample of customers; `value` (m,) what an answer adds to the
    headline. The regression estimator (Sarndal, Swensson and Wretman 1992, eq. 6.4.2), with ridge shrinkage of
    greatest evidence (MacKay 1992), is computed with all families and without each: estimate without minus estimate
    with, in the unit of `value`. This is the benchmark of Cinelli and Hazlett (2020, section 4.4) for a mean.
    """
    w = weights / weights.sum()
    all_means = np.asarray(w.astype(np.float32) @ matrix, dtype=np.float64)
    some = matrix[answered]
    v = weights[answered] / weights[answered].sum()
    means = np.asarray(v.astype(np.float32) @ some, dtype=np.float64)
    centred = (some - means.astype(np.float32)) * np.sqrt(v * len(v)).astype(np.float32)[:, None]
    y = (value[answered] - v @ value[answered]) * np.sqrt(v * len(v))
    gram = np.asarray(centred.T @ centred, dtype=np.float64)
    moment = np.asarray(y.astype(np.float32) @ centred, dtype=np.float64)
    shrinkage = _shrinkage(gram, moment, float(y @ y), len(y))
    shift = all_means - means
    everything = shift @ _solve(gram, moment, shrinkage)
    moves = {}
    for family, columns in encoding.families.items():
        rest = np.setdiff1d(np.arange(len(moment)), columns)
        without = shift[rest] @ _solve(gram[np.ix_(rest, rest)], moment[rest], shrinkage) if len(rest) else 0.0
        moves[family] = float(without - everything)
    return moves


def _shrinkage(gram: Floats, moment: Floats, total: float, n: int) -> float:
    """The ridge penalty that makes the data most probable, by MacKay's fixed point in the eigenbasis."""
    eigenvalues, basis = np.linalg.eigh(gram)
    eigenvalues = np.maximum(eigenvalues, 0.0)
    rotated = basis.T @ moment
    penalty = 10.0
    for _ in range(ROUNDS):
        slopes = rotated / (eigenvalues + penalty)
        determined = float((eigenvalues / (eigenvalues + penalty)).sum())
        error = max(total - 2 * slopes @ rotated + slopes**2 @ eigenvalues, 1e-12 * total)
        noise = error / max(n - determined, 1.0)
        proposed = float(np.clip(determined * noise / max(slopes @ slopes, 1e-300), 0.1, 1e8))
        settled = abs(np.log(proposed / penalty)) < 0.02
        penalty = proposed
        if settled:
            break
    return penalty


def _solve(gram: Floats, moment: Floats, penalty: float) -> Floats:
    return np.asarray(cho_solve(cho_factor(gram + penalty * np.eye(len(moment)), lower=True), moment))
