"""The mean outcome by band of the answer with its covariance: plain, and with all else held equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CHANCE_FLOOR = 0.05
CHANCE_FLOOR_OF_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Levels:
    """Mean outcomes of the `bands` (-1, 0, 1), `values` (bands,), and their `covariance` (bands, bands)."""

    bands: tuple[int, ...]
    values: Floats
    covariance: Floats

    def has(self, band: int) -> bool:
        """True where the band has a level."""
        return band in self.bands

    def of(self, band: int) -> float:
        """The level of a band."""
        return float(self.values[self.bands.index(band)])

    def contrast(self, start: int, end: int) -> tuple[float, float]:
        """Level at the end minus that at the start, and its standard error."""
        weights = self._weights(start, end, 1.0, 1.0)
        return float(weights @ self.values), self._error(weights)

    def log_ratio_error(self, start: int, end: int) -> float:
        """Standard error of the logarithm of the start's level over the end's (delta method)."""
        return self._error(self._weights(start, end, 1 / self.of(start), 1 / self.of(end)))

    def _weights(self, start: int, end: int, at_start: float, at_end: float) -> Floats:
        weights = np.zeros(len(self.bands))
        weights[self.bands.index(start)], weights[self.bands.index(end)] = -at_start, at_end
        return weights

    def _error(self, weights: Floats) -> float:
        return float(np.sqrt(max(float(weights @ self.covariance @ weights), 0.0)))


def raw_levels(y: Floats, codes: NDArray[np.int64], bands: tuple[int, ...]) -> Levels:
    """Plain means by band; bands are different customers, so their errors do not hang together."""
    values = np.array([y[codes == band].mean() for band in bands])
    spread = np.array([y[codes == band].var(ddof=1) / (codes == band).sum() for band in bands])
    return Levels(bands, values, np.diag(spread))


def comparable(chance: Floats, codes: NDArray[np.int64], bands: tuple[int, ...]) -> NDArray[np.bool_]:
    """Customers with a fair chance of every band: 5 %, or a quarter of the band's share where that is less, (n,).

    `chance` is (n, bands). Others have hardly any like among those who answered otherwise.
    """
    share = np.array([float((codes == band).mean()) for band in bands])
    floor = np.minimum(CHANCE_FLOOR, CHANCE_FLOOR_OF_SHARE * share)
    fair: NDArray[np.bool_] = np.all(chance >= floor, axis=1)
    return fair


def adjusted_levels(
    y: Floats,
    members: Floats,
    chance: Floats,
    plug_in: Floats,
    bands: tuple[int, ...],
    worth: Floats | None = None,
) -> Levels:
    """Mean outcome if everybody were in each band: augmented inverse propensity weighting, weights
    normalised.

    `members`, `chance` and `plug_in` are (n, bands): who is in each band, the left-out chance of it, and the
    left-out expectation of the outcome in it. With `worth` (n,), never negative, the mean of worth times
    outcome. One population for all bands, so that differences between them add up.
    """
    n = len(y)
    value = np.ones(n) if worth is None else worth
    average = float(value.mean())
    means, influences = np.empty(len(bands)), np.empty((n, len(bands)))
    for at in range(len(bands)):
        pull = members[:, at] / chance[:, at] * value
        error = y - plug_in[:, at]
        total = max(float(pull.mean()), 1e-12)
        mend = float((pull * error).mean()) / total
        own = value * plug_in[:, at]
        means[at] = own.mean() + average * mend
        influences[:, at] = own - own.mean() + (value - average) * mend + average * pull * (error - mend) / total
    centred = influences - influences.mean(axis=0)
    return Levels(bands, means, centred.T @ centred / n**2)
