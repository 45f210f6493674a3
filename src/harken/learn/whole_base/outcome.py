"""What each customer would probably answer: gradient-boosted trees fitted on those who did, never on the
customer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from harken.learn.encoding import TreeEncoding, fit_tree, with_gaps_filled
from harken.learn.folds import sample_mask
from harken.unify.features.catalogue import FeatureTable

Floats = NDArray[np.float64]

BANDS = (-1, 0, 1)
CHUNK_ROWS = 40_000
OUTCOME_ROWS = 30_000
"""Trees are fitted on at most this many answers; more would cost minutes and move nothing that can be seen."""
TREES = {
    "max_iter": 60,
    "learning_rate": 0.08,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 20,
    "l2_regularization": 1.0,
    "max_bins": 63,
    "early_stopping": False,
}
"""Few, small, slow trees: a score is mostly noise, and the calibration that follows corrects any timidity."""


class Tick(Protocol):
    """Told how far a part of the work is, 0 to 1."""

    def __call__(self, done: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What the trees expect: `bands` (n, 3) probabilities of unfavourable, middle and favourable; `score` (n,)
    the expected answer in scale units, None unless asked for."""

    bands: Floats
    score: Floats | None


def chunks(n: int, size: int = CHUNK_ROWS) -> Iterator[slice]:
    """Slices of at most `size` rows that cover n rows.

    >>> [(part.start, part.stop) for part in chunks(5, 2)]
    [(0, 2), (2, 4), (4, 5)]
    """
    return (slice(start, min(start + size, n)) for start in range(0, n, size))


def predict_outcomes(
    table: FeatureTable,
    answered: NDArray[np.bool_],
    band: NDArray[np.int8],
    score: Floats | None,
    fold: NDArray[np.int64],
    seed: int,
    tick: Tick,
) -> Outcomes:
    """Cross-fitted expectations for every customer, answered or not.

    `answered` bool (n,), `band` int8 (n,) in -1, 0, 1 (read where answered), `score` (n,) to model the answer
    itself as well, `fold` (n,): customers of fold k are predicted by models fitted on the answers of all other
    folds.
    """
    n = len(answered)
    fit_rows = np.flatnonzero(answered)
    fit_rows = fit_rows[sample_mask(table.customer_id[fit_rows], seed, OUTCOME_ROWS)]
    encoding = fit_tree(table)
    matrix = encoding.transform(table.values[fit_rows])
    count = int(fold.max()) + 1
    classifiers: list[Any] = []
    regressors: list[Any] = []
    for k in range(count):
        rows = fold[fit_rows] != k
        classifiers.append(_fit(matrix[rows], band[fit_rows[rows]], encoding, seed, classify=True))
        if score is not None:
            regressors.append(_fit(matrix[rows], score[fit_rows[rows]], encoding, seed, classify=False))
        tick(0.6 * (k + 1) / count)
    probabilities = np.zeros((n, 3))
    expected = None if score is None else np.zeros(n)
    for part in chunks(n):
        encoded = encoding.transform(table.values[part])
        for k in range(count):
            rows = np.flatnonzero(fold[part] == k)
            if len(rows) == 0:
                continue
            probabilities[part.start + rows] = _band_probabilities(classifiers[k], encoded[rows])
            if expected is not None:
                expected[part.start + rows] = _expected_score(regressors[k], encoded[rows])
        tick(0.6 + 0.4 * part.stop / n)
    return Outcomes(probabilities, expected)


def _fit(
    matrix: NDArray[np.float32], target: NDArray[Any], encoding: TreeEncoding, seed: int, classify: bool
) -> Any:
    """A fitted model, or the one value of the target where there is nothing to tell apart."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    values = np.unique(target)
    if len(values) == 1:
        return values[0]
    kind = HistGradientBoostingClassifier if classify else HistGradientBoostingRegressor
    categorical = encoding.categorical if encoding.categorical.any() else None
    model = kind(**TREES, categorical_features=categorical, random_state=seed % 2**31)
    return model.fit(with_gaps_filled(matrix), target)


def _band_probabilities(model: Any, matrix: NDArray[np.float32]) -> Floats:
    out = np.zeros((len(matrix), 3))
    if not hasattr(model, "predict_proba"):
        out[:, BANDS.index(int(model))] = 1.0
        return out
    out[:, [BANDS.index(int(value)) for value in model.classes_]] = model.predict_proba(matrix)
    return out


def _expected_score(model: Any, matrix: NDArray[np.float32]) -> Floats:
    if not hasattr(model, "predict"):
        return np.full(len(matrix), float(model))
    return np.asarray(model.predict(matrix), dtype=np.float64)
