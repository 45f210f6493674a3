"""Left-out ridge predictions of many targets from one set of controls, by Gram matrices of the folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PENALTIES = (0.0003, 0.003, 0.03, 0.3, 3.0, 30.0)


@dataclass(frozen=True, slots=True)
class Weights:
    """Ridge weights (q, g) and intercepts (g,) of g targets, for one fold."""

    weights: Floats
    intercepts: Floats


@dataclass(frozen=True, slots=True)
class _Fold:
    """The rows of one fold and their moments: `design` float32 (n_k, q), `sums` (q,), `gram` (q, q)."""

    rows: NDArray[np.intp]
    design: NDArray[np.float32]
    sums: Floats
    gram: Floats


@dataclass(frozen=True, slots=True)
class _Other:
    """What the other folds say: their moments, and the eigenvectors of their covariance."""

    n: int
    means: Floats
    values: Floats
    vectors: Floats


class FoldedRidge:
    """Ridge regression on one design matrix, predicting each fold from the others.

    `design` is float32 (n, q) of standardised columns, `fold` int64 (n,). The covariance of the design is
    decomposed once per fold; each further target costs two products.
    """

    def __init__(self, design: NDArray[np.float32], fold: NDArray[np.int64]) -> None:
        self.n, self.q = design.shape
        self._folds: list[_Fold] = []
        for k in np.unique(fold):
            rows = np.flatnonzero(fold == k)
            part = np.ascontiguousarray(design[rows])
            gram = np.asarray(part.T @ part, dtype=np.float64)
            self._folds.append(_Fold(rows, part, part.sum(axis=0, dtype=np.float64), gram))
        self._others = [self._other(at) for at in range(len(self._folds))]

    def _other(self, at: int) -> _Other:
        others = [part for index, part in enumerate(self._folds) if index != at]
        n = sum(len(part.rows) for part in others)
        means: Floats = np.sum([part.sums for part in others], axis=0) / n
        gram = np.sum([part.gram for part in others], axis=0)
        values, vectors = np.linalg.eigh(gram / n - np.outer(means, means))
        return _Other(n, means, np.maximum(values, 0.0), vectors)

    def left_out(self, targets: Floats) -> Floats:
        """Predictions (n, g) of `targets` (n, g), each fold by the others."""
        return self.predicted(self.fit(targets))

    def predicted(self, fitted: list[Weights]) -> Floats:
        """What each fold is told by its own weights, (n, g)."""
        predictions = np.empty((self.n, len(fitted[0].intercepts)))
        for part, own in zip(self._folds, fitted, strict=True):
            predictions[part.rows] = part.design @ own.weights.astype(np.float32) + own.intercepts
        return predictions

    def in_sample(self, at: int, fitted: Weights) -> tuple[NDArray[np.intp], Floats]:
        """Rows of the folds that taught fold `at`, and what `fitted` says of their first target, shape (m,)."""
        others = [part for index, part in enumerate(self._folds) if index != at]
        weights = fitted.weights[:, 0].astype(np.float32)
        said = [part.design @ weights + fitted.intercepts[0] for part in others]
        return np.concatenate([part.rows for part in others]), np.concatenate(said).astype(np.float64)

    def rows(self, at: int) -> NDArray[np.intp]:
        """Rows of fold `at`."""
        return self._folds[at].rows

    def __len__(self) -> int:
        return len(self._folds)

    def fit(self, targets: Floats) -> list[Weights]:
        """Weights for each fold from the other folds, at the strength that predicts the first target best."""
        own: list[tuple[Floats, Floats]] = []
        for part in self._folds:
            rows = targets[part.rows]
            own.append((np.asarray(part.design.T @ rows.astype(np.float32), dtype=np.float64), rows))
        cross_total = np.sum([cross for cross, _ in own], axis=0)
        sum_total = targets.sum(axis=0)
        best_error, best = np.inf, None
        covariances = []
        for at, (cross, rows) in enumerate(own):
            other = self._others[at]
            mean = (sum_total - rows.sum(axis=0)) / other.n
            covariance = (cross_total - cross) / other.n - np.outer(other.means, mean)
            covariances.append((other.vectors.T @ covariance, mean))
        for penalty in PENALTIES:
            error = 0.0
            for at, (cross, rows) in enumerate(own):
                fitted = self._weights(at, covariances[at][0][:, :1], covariances[at][1][:1], penalty)
                error += self._error(at, cross[:, 0], rows[:, 0], fitted)
            if error < best_error * (1 - 1e-9):
                best_error, best = error, penalty
        strength = PENALTIES[-1] if best is None else best
        return [self._weights(at, *covariances[at], strength) for at in range(len(own))]

    def _weights(self, at: int, turned: Floats, mean: Floats, penalty: float) -> Weights:
        other = self._others[at]
        weights = other.vectors @ (turned / (other.values + penalty)[:, None])
        return Weights(weights, mean - other.means @ weights)

    def _error(self, at: int, cross: Floats, target: Floats, fitted: Weights) -> float:
        """Squared error of the first target in fold `at`, from moments alone."""
        part, w, b = self._folds[at], fitted.weights[:, 0], float(fitted.intercepts[0])
        square = float(target @ target) - 2 * float(w @ cross) - 2 * b * float(target.sum())
        return square + float(w @ part.gram @ w) + 2 * b * float(part.sums @ w) + len(target) * b * b
