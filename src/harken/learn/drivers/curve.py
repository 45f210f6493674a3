"""How the outcome runs along one exposure with everything else held equal, in at most twelve groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.bins import ExposureBins
from harken.vocabulary.estimates import Z95

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AdjustedCurve:
    """The outcome in groups of customers along one exposure, everything else held equal.

    All tuples have one entry per group (at most 12): `labels` (levels of a category; "" for numbers), `lowest`
    to `highest` value, mean `centres`, customers `n`, the adjusted outcome `levels` with 95 % intervals `lower` to
    `upper`, and the plain mean outcome `raw`. Groups of a number ascend, groups of a category go from the commonest
    on. `covariance` is that of the levels: differences between groups are surer than the levels. `overall` is
    the mean outcome; the levels, weighted by n, average to it. `flat_p` is the chance of a curve so uneven if the
    exposure did not go with the outcome at all. Outside the groups nothing is said.
    """

    column: str
    category: bool
    labels: tuple[str, ...]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    centres: tuple[float, ...]
    n: tuple[int, ...]
    levels: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    raw: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    overall: float
    flat_p: float

    def contrast(self, weights: Floats) -> tuple[float, float]:
        """A weighted sum of the levels and its standard error; `weights` (groups,) sum to 0 for a difference."""
        covariance = np.asarray(self.covariance)
        value = float(weights @ np.asarray(self.levels))
        return value, float(np.sqrt(max(weights @ covariance @ weights, 0.0)))


def dummies(bins: ExposureBins) -> tuple[Floats, int]:
    """Columns of 0 and 1 for every group but the biggest, and the position of that reference group."""
    reference = int(np.argmax(bins.n))
    groups = [b for b in range(len(bins.n)) if b != reference]
    return (bins.codes[:, None] == np.array(groups, dtype=np.int64)[None, :]).astype(np.float64), reference


def adjusted_curve(
    bins: ExposureBins,
    y: Floats,
    residual_y: Floats,
    residual_dummies: Floats,
    *,
    column: str,
    labels: tuple[str, ...],
    bounds: tuple[float, float] | None,
) -> AdjustedCurve:
    """The curve of a partially linear model: left-out residuals of the outcome on those of the group dummies.

    `y` and `residual_y` are float (n,), `residual_dummies` (n, groups - 1) as `dummies` orders them. Robinson 1988
    with many groups; orthogonal to errors of both adjustments (Chernozhukov and others 2018, section 4.1);
    variances may differ (HC1). `bounds` hold the intervals (such as 0 and 1 for a probability).
    """
    k, n = len(bins.n), len(y)
    _, reference = dummies(bins)
    effects, spread = partially_linear(residual_y, residual_dummies)
    groups = [b for b in range(k) if b != reference]
    theta, covariance = np.zeros(k), np.zeros((k, k))
    theta[groups] = effects
    covariance[np.ix_(groups, groups)] = spread
    share = np.asarray(bins.n) / sum(bins.n)
    centre = np.eye(k) - share[None, :]
    levels = y.mean() + centre @ theta
    around = centre @ covariance @ centre.T + float(y.var()) / n
    half = Z95 * np.sqrt(np.diag(around))
    low, high = (-np.inf, np.inf) if bounds is None else bounds
    raw = np.bincount(bins.codes, weights=y, minlength=k) / np.asarray(bins.n)
    return AdjustedCurve(
        column=column,
        category=any(labels),
        labels=labels,
        lowest=bins.lowest,
        highest=bins.highest,
        centres=bins.centres,
        n=bins.n,
        levels=tuple(float(v) for v in levels),
        lower=tuple(float(v) for v in np.minimum(np.maximum(levels - half, low), levels)),
        upper=tuple(float(v) for v in np.maximum(np.minimum(levels + half, high), levels)),
        raw=tuple(float(v) for v in raw),
        covariance=tuple(tuple(float(v) for v in row) for row in around),
        overall=float(y.mean()),
        flat_p=_score_test(residual_y, residual_dummies),
    )


def _score_test(residual_y: Floats, residual_basis: Floats) -> float:
    """P value of no effect of any column: a score test, whose variance is taken where the null holds.

    With a dozen groups and some hundred customers the Wald test would find a false curve too often.
    """
    from scipy.stats import chi2

    error = residual_y - residual_y.mean()
    scores = (residual_basis - residual_basis.mean(axis=0)) * error[:, None]
    total = scores.sum(axis=0)
    return float(chi2.sf(float(total @ np.linalg.pinv(scores.T @ scores) @ total), residual_basis.shape[1]))


def partially_linear(residual_y: Floats, residual_basis: Floats) -> tuple[Floats, Floats]:
    """Coefficients (g,) and covariance (g, g) of residuals (n,) on residual columns (n, g): the last stage of DML.

    Least squares without intercept, since both sides are left-out residuals; sandwich covariance (HC1).

    Source: Robinson 1988; Chernozhukov and others 2018, Econometrics Journal 21, equation 4.4.

    >>> x = np.array([[1.0], [-1.0], [2.0], [-2.0]])
    >>> partially_linear(3 * x[:, 0], x)[0]
    array([3.])
    """
    n, g = residual_basis.shape
    inverse = np.linalg.pinv(residual_basis.T @ residual_basis)
    coefficients: Floats = inverse @ (residual_basis.T @ residual_y)
    scores = residual_basis * (residual_y - residual_basis @ coefficients)[:, None]
    covariance: Floats = inverse @ (scores.T @ scores) @ inverse * (n / max(n - g, 1))
    return coefficients, covariance
