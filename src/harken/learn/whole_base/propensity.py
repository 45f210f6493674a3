"""How likely each customer is to answer: a ridge logistic model that sets its own strength of shrinkage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, solve_triangular
from scipy.optimize import minimize
from scipy.special import expit

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32]

CURVATURE_ROWS = 20_000
"""The curvature that steers the search is taken from at most this many rows; it changes the path, not the
answer."""
SHRINKAGE_RANGE = (0.3, 1e5)
ROUNDS = 12
SEARCH_STEPS = 40


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """A fitted logistic model: `intercept`, `coefficients` (q,) and the `shrinkage` (prior precision) used."""

    intercept: float
    coefficients: Floats
    shrinkage: float

    def log_odds(self, matrix: Matrix) -> Floats:
        """Log-odds of answering for each row of a design matrix (m, q); shape (m,)."""
        product = matrix @ self.coefficients.astype(np.float32)
        return np.asarray(product, dtype=np.float64) + self.intercept


@dataclass(frozen=True, slots=True)
class Curvature:
    """Approximate second derivatives of the log-likelihood: centred (q, q), column means (q,), and their total."""

    matrix: Floats
    means: Floats
    eigenvalues: Floats
    total: float


def fit_propensity(
    matrix: Matrix, answered: NDArray[np.bool_], weights: Floats, curvature: Curvature
) -> LogisticFit:
    """Fit P(answered) = 1 / (1 + exp(-(intercept + matrix @ coefficients))) with ridge shrinkage.

    `matrix` (n, q) standardised columns, `answered` bool (n,) with both values present, `weights` (n,) positive.
    The shrinkage is the one most probable given the data (MacKay 1992, "The evidence framework applied to
    classification networks", eq. 7: lambda = gamma / |w|^2 with gamma the number of well-determined coefficients),
    so 600 columns with 2,000 answers do not overfit and no grid is searched. The intercept is not shrunk.
    """
    w = np.asarray(weights, dtype=np.float64)
    start = np.zeros(matrix.shape[1] + 1)
    rate = float(w @ answered / w.sum())
    start[0] = np.log(rate / (1 - rate))
    shrinkage = 30.0
    fit = LogisticFit(float(start[0]), start[1:], shrinkage)
    for _ in range(ROUNDS):
        fit = _maximise(matrix, answered, w, curvature, shrinkage, fit)
        determined = float((curvature.eigenvalues / (curvature.eigenvalues + shrinkage)).sum())
        size = float(fit.coefficients @ fit.coefficients)
        proposed = float(np.clip(determined / max(size, 1e-12), *SHRINKAGE_RANGE))
        settled = abs(np.log(proposed / shrinkage)) < 0.1
        shrinkage = proposed
        if settled:
            break
    return fit


def refit_without(
    fit: LogisticFit,
    matrix: Matrix,
    answered: NDArray[np.bool_],
    weights: Floats,
    curvature: Curvature,
    left_out: list[NDArray[np.bool_]],
) -> list[LogisticFit]:
    """The same model fitted without some rows, once for each mask of `left_out` (each bool (n,)).

    The shrinkage is kept and the search starts from `fit`, so that five folds cost about as much as one fit.
    """
    return [_maximise(matrix, answered, weights * ~mask, curvature, fit.shrinkage, fit) for mask in left_out]


def curvature_of(matrix: Matrix, answered: NDArray[np.bool_], weights: Floats) -> Curvature:
    """The curvature at equal chances, from a regular sample of the rows."""
    n = len(answered)
    step = -(-n // CURVATURE_ROWS)
    some, w = matrix[::step], weights[::step]
    scale = weights.sum() / w.sum()
    total = w.sum()
    means = np.asarray(w.astype(np.float32) @ some, dtype=np.float64) / total
    centred = (some - means.astype(np.float32)) * np.sqrt(w).astype(np.float32)[:, None]
    rate = float(weights @ answered / weights.sum())
    gram = np.asarray(centred.T @ centred, dtype=np.float64) * scale * rate * (1 - rate)
    eigenvalues = np.maximum(np.linalg.eigvalsh(gram), 0.0)
    return Curvature(gram, means, eigenvalues, float(weights.sum() * rate * (1 - rate)))


def _maximise(
    matrix: Matrix,
    answered: NDArray[np.bool_],
    weights: Floats,
    curvature: Curvature,
    shrinkage: float,
    start: LogisticFit,
) -> LogisticFit:
    """Penalised maximum likelihood by L-BFGS in coordinates where the approximate curvature is round.

    Parameters: the intercept at the mean of the columns, and the coefficients; the change of coordinates makes
    strongly correlated columns (7, 30, 90 days of the same thing) as easy as independent ones.
    """
    q = matrix.shape[1]
    factor = cho_factor(curvature.matrix + shrinkage * np.eye(q), lower=True)
    lower = np.tril(factor[0])
    root = np.sqrt(max(curvature.total, 1.0))
    means = curvature.means
    target = answered.astype(np.float64)

    def unpack(v: Floats) -> tuple[float, Floats]:
        coefficients = np.asarray(solve_triangular(lower, v[1:], lower=True, trans="T"))
        return float(v[0] / root - means @ coefficients), coefficients

    def objective(v: Floats) -> tuple[float, Floats]:
        intercept, coefficients = unpack(v)
        eta = np.asarray(matrix @ coefficients.astype(np.float32), dtype=np.float64) + intercept
        loss = float(weights @ (np.logaddexp(0.0, eta) - target * eta))
        residual = weights * (expit(eta) - target)
        slope = np.asarray(residual.astype(np.float32) @ matrix, dtype=np.float64) - residual.sum() * means
        slope += shrinkage * coefficients
        gradient = np.empty_like(v)
        gradient[0] = residual.sum() / root
        gradient[1:] = solve_triangular(lower, slope, lower=True)
        return loss + 0.5 * shrinkage * float(coefficients @ coefficients), gradient

    first = np.empty(q + 1)
    first[0] = (start.intercept + means @ start.coefficients) * root
    first[1:] = lower.T @ start.coefficients
    # a gradient of 0.02 in these coordinates leaves every log-odds within 0.02 of its own standard errors
    found = minimize(objective, first, jac=True, method="L-BFGS-B", options={"maxiter": SEARCH_STEPS, "gtol": 0.02})
    intercept, coefficients = unpack(found.x)
    return LogisticFit(intercept, coefficients, shrinkage)
