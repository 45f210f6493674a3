"""What estimating the chances of answering does to the precision of answered only minus whole base."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from harken.learn.encoding import LinearEncoding
from harken.learn.whole_base.outcome import chunks

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32]

KEPT_CELLS = 60_000_000


@dataclass(frozen=True, slots=True)
class Directions:
    """The design of the propensity model at the answers, and how well its coefficients are known.

    `factor` is the Cholesky factor of the (shrunken) information of the coefficients, intercept first;
    `matrix` (answers, q) the encoded features of those who answered, or None where it is encoded anew in chunks.
    """

    encoding: LinearEncoding
    values: Matrix
    matrix: Matrix | None
    means: Floats
    factor: tuple[Floats, bool]

    def projected(self, moment: Floats, group: NDArray[np.int64], groups: int) -> Floats:
        """For every answer, how much one more answer there shifts its group's correction through the fit.

        `moment` (answers,) is weight x residual x (1 - chance), `group` (answers,) its group. Returns (answers,)
        x_i' I^-1 sum over the group of moment x, the projection on the score of the estimated propensity
        (Robins, Rotnitzky and Zhao 1995, theorem 1; Lunceford and Davidian 2004, eq. 20).
        """
        q = len(self.means) + 1
        sums = np.zeros((groups, q))
        for part, encoded in self._encoded():
            for at in np.unique(group[part]):
                rows = group[part] == at
                sums[at, 0] += moment[part][rows].sum()
                sums[at, 1:] += moment[part][rows].astype(np.float32) @ encoded[rows]
        sums[:, 1:] -= sums[:, :1] * self.means
        solved = np.asarray(cho_solve(self.factor, sums.T)).T
        out = np.empty(len(moment))
        for part, encoded in self._encoded():
            for at in np.unique(group[part]):
                rows = np.flatnonzero(group[part] == at)
                slope = solved[at, 1:].astype(np.float32)
                out[part.start + rows] = encoded[rows] @ slope + (solved[at, 0] - solved[at, 1:] @ self.means)
        return out

    def _encoded(self) -> Iterator[tuple[slice, Matrix]]:
        if self.matrix is not None:
            yield slice(0, len(self.matrix)), self.matrix
            return
        for part in chunks(len(self.values)):
            yield part, self.encoding.transform(self.values[part])


def directions(
    encoding: LinearEncoding,
    values: Matrix,
    matrix: Matrix,
    chance: Floats,
    row_weights: Floats,
    shrinkage: float,
    customers: int,
) -> Directions:
    """Prepare the projection: `values` (answers, p) raw features of those who answered; `matrix` (m, q), `chance`
    (m,) and `row_weights` (m,) of the customers the propensity was fitted on; `customers` in the whole base."""
    step = -(-len(matrix) // 20_000)
    some, w = matrix[::step], row_weights[::step]
    scale = customers / w.sum()
    information = w * chance[::step] * (1 - chance[::step]) * scale
    means = np.asarray((information / information.sum()).astype(np.float32) @ some, dtype=np.float64)
    centred = (some - means.astype(np.float32)) * np.sqrt(information).astype(np.float32)[:, None]
    full = np.zeros((some.shape[1] + 1,) * 2)
    full[0, 0] = information.sum()
    full[1:, 1:] = np.asarray(centred.T @ centred, dtype=np.float64)
    full[np.arange(1, len(full)), np.arange(1, len(full))] += shrinkage * customers / row_weights.sum()
    keep = values.shape[0] * matrix.shape[1] <= KEPT_CELLS
    return Directions(
        encoding, values, encoding.transform(values) if keep else None, means, cho_factor(full, lower=True)
    )
