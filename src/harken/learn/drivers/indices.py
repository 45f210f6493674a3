"""One number per customer and driver family: what that family's columns alone say about the outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.encoding import fit_linear, fit_tree, with_gaps_filled
from harken.unify.features.catalogue import FeatureTable

Floats = NDArray[np.float64]

KINKS = 2
PENALTIES = (0.003, 0.03, 0.3, 3.0)
TREES = 30
LEARNING_RATE = 0.15
LEAVES = 8
BINS = 63
TREE_CUSTOMERS_MIN = 1_000


@dataclass(frozen=True, slots=True)
class FamilyIndex:
    """The left-out predictions of one family: `values` float64 (n,), mean zero within each fold.

    `r2` is the share of the outcome's variance they explain on customers left out (below zero: worse than the
    mean); `trees` tells whether boosted trees did better than the additive ridge model in any fold.
    """

    values: Floats
    r2: float
    trees: bool


def family_index(
    table: FeatureTable,
    columns: tuple[int, ...],
    y: Floats,
    fold: NDArray[np.int64],
    *,
    seed: int,
    with_trees: bool = True,
) -> FamilyIndex:
    """Predicts the outcome from one family's columns alone, each customer by models fitted without their fold.

    `y` is float (n,): 0 or 1, or a score. Two models compete by squared error on customers left out: a ridge
    regression on a spline-like expansion (standardised value and two bends per column, missing values marked,
    levels spread), at four strengths; and, from 1,000 customers on, 30 small boosted trees, which also see
    how the family's columns act together. Each fold takes the model that did best in the other folds, so that
    choosing the luckiest of five does not make noise look like a driver.
    """
    narrow = FeatureTable(
        table.customer_id,
        np.ascontiguousarray(table.values[:, list(columns)]),
        tuple(table.features[index] for index in columns),
        table.as_of_us,
    )
    centred = y - _fold_means(y, fold)
    predictions = _ridge(narrow, y, fold)
    trees = None
    if with_trees and len(y) >= TREE_CUSTOMERS_MIN:
        trees = _trees(narrow, y, fold, seed)
        predictions = [*predictions, trees]
    predictions = [prediction - _fold_means(prediction, fold) for prediction in predictions]
    errors = np.stack([np.bincount(fold, weights=(centred - prediction) ** 2) for prediction in predictions])
    elsewhere = errors.sum(axis=1, keepdims=True) - errors
    best = np.argmin(np.round(elsewhere, 9), axis=0)
    values = np.stack(predictions)[best[fold], np.arange(len(y))]
    total = float((centred**2).sum())
    return FamilyIndex(
        values=values,
        r2=1 - float(((centred - values) ** 2).sum()) / total if total > 0 else 0.0,
        trees=trees is not None and bool((best == len(predictions) - 1).any()),
    )


def _fold_means(values: Floats, fold: NDArray[np.int64]) -> Floats:
    """Each customer's fold mean: left-out means lean against their fold, and would look like a (false) signal."""
    counts = np.bincount(fold)
    means: Floats = np.bincount(fold, weights=values) / np.maximum(counts, 1)
    return means[fold]


def _ridge(table: FeatureTable, y: Floats, fold: NDArray[np.int64]) -> list[Floats]:
    """Left-out ridge predictions at each strength, all folds from one pass of Gram matrices."""
    encoding = fit_linear(table, kinks=KINKS)
    if not encoding.columns:
        return [np.zeros(len(y))]
    design = encoding.transform(table.values)
    labels = np.unique(fold)
    width = design.shape[1]
    grams = np.zeros((len(labels), width + 2, width + 2))
    for at, k in enumerate(labels):
        rows = design[fold == k]
        block = np.column_stack([np.ones(len(rows), dtype=np.float32), rows, y[fold == k].astype(np.float32)])
        grams[at] = block.T @ block
    total = grams.sum(axis=0)
    predictions = [np.empty(len(y)) for _ in PENALTIES]
    for at, k in enumerate(labels):
        other = total - grams[at]
        held_out = fold == k
        for prediction, weights in zip(predictions, ridge_path(other, PENALTIES), strict=True):
            prediction[held_out] = design[held_out] @ weights
    return predictions


def ridge_path(gram: Floats, penalties: tuple[float, ...]) -> list[Floats]:
    """Ridge weights at each strength from one Gram matrix of (1, columns, outcome), intercept not penalised.

    `gram` is (q + 2, q + 2); `penalties` are per customer, in units of a column's variance. The weights (q,)
    are for centred columns; the intercept is left out.
    """
    n = gram[0, 0]
    mean = gram[0, 1:] / n
    covariance = gram[1:, 1:] / n - np.outer(mean, mean)
    values, vectors = np.linalg.eigh(covariance[:-1, :-1])
    target = vectors.T @ covariance[:-1, -1]
    return [vectors @ (target / (np.maximum(values, 0.0) + penalty)) for penalty in penalties]


def _trees(table: FeatureTable, y: Floats, fold: NDArray[np.int64], seed: int) -> Floats:
    from sklearn.ensemble import HistGradientBoostingRegressor

    encoding = fit_tree(table)
    prediction = np.zeros(len(y))
    if not encoding.features:
        return prediction
    design = encoding.transform(table.values)
    for k in np.unique(fold):
        taught, held_out = fold != k, fold == k
        model = HistGradientBoostingRegressor(
            max_iter=TREES,
            learning_rate=LEARNING_RATE,
            max_leaf_nodes=LEAVES,
            min_samples_leaf=max(20, len(y) // 500),
            l2_regularization=1.0,
            max_bins=BINS,
            categorical_features=encoding.categorical if encoding.categorical.any() else None,
            early_stopping=False,
            random_state=seed,
        )
        model.fit(with_gaps_filled(design[taught]), y[taught])
        prediction[held_out] = model.predict(design[held_out])
    return prediction
