"""What customers have in common otherwise: the part of an outcome or an exposure that other families explain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.ridge import FoldedRidge
from harken.learn.encoding import fit_linear, fit_tree, with_gaps_filled
from harken.unify.features.catalogue import FeatureTable

Floats = NDArray[np.float64]

SELECTED_COLUMNS = 60
SELECTED_FEATURES = 15
PROPENSITY_PENALTY_PER_COLUMN = 0.5
TWIN_CORRELATION = 0.98
TREE_CUSTOMERS_MIN = 1_000
TREES = 30
LEAVES = 8
LEARNING_RATE = 0.15
BINS = 48


@dataclass(frozen=True, slots=True)
class Controls:
    """The whole table encoded once, for every lever to choose its controls from.

    `linear` is float32 (n, q), standardised values, their squares, missing marks (`missing_mark`, (q,)) and levels;
    `linear_features` and `tree_features` name the feature of each column; `tree` float32 (n, t) for boosted trees;
    `families` the driver family of each feature; `usable` (bool (p,)) leaves out leaks; `spread` (q,) are standard
    deviations of the linear columns, `outcome_link` (q,) their absolute correlations with the outcome; `window`
    (n, 1) marks the rows of an earlier window, None without one.
    """

    linear: NDArray[np.float32]
    linear_features: NDArray[np.intp]
    missing_mark: NDArray[np.bool_]
    tree: NDArray[np.float32]
    tree_features: NDArray[np.intp]
    categorical: NDArray[np.bool_]
    families: tuple[str, ...]
    usable: NDArray[np.bool_]
    spread: Floats
    outcome_link: Floats
    window: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The controls of one lever: `linear` float32 (n, up to 120), `tree` float32 (n, up to 30), `families`.

    `twin` is the feature of another family that moves in step with the lever, None where there is none.
    """

    linear: NDArray[np.float32]
    tree: NDArray[np.float32]
    categorical: NDArray[np.bool_]
    families: tuple[str, ...]
    twin: int | None


def encode_controls(
    table: FeatureTable, y: Floats, without: set[str], earlier: NDArray[np.bool_] | None = None
) -> Controls:
    """Everything that may have to be held equal, encoded once; `y` is float (n,), `earlier` marks rows."""
    usable = np.array([feature.name not in without for feature in table.features], dtype=np.bool_)
    linear, tree = fit_linear(table, squares=True), fit_tree(table)
    values = linear.transform(table.values)
    spread = values.std(axis=0, dtype=np.float64)
    return Controls(
        linear=values,
        linear_features=np.array([column.feature for column in linear.columns], dtype=np.intp),
        missing_mark=np.array([column.kind == "missing" for column in linear.columns], dtype=np.bool_),
        tree=tree.transform(table.values),
        tree_features=np.array(tree.features, dtype=np.intp),
        categorical=tree.categorical,
        families=tuple(feature.family for feature in table.features),
        usable=usable,
        spread=spread,
        outcome_link=absolute_correlations(values, spread, y),
        window=None if earlier is None or not earlier.any() else earlier.astype(np.float32)[:, None] - 0.5,
    )


def absolute_correlations(
    design: NDArray[np.float32], spread: Floats, target: Floats, rows: NDArray[np.bool_] | None = None
) -> Floats:
    """Absolute correlation of each column of `design` (n, q) with `target`; 0 where either is constant.

    `target` is float (n,), or (m,) for the m customers of `rows`; `spread` (q,) is that of all customers.
    """
    centred = np.zeros(len(design), dtype=np.float32)
    centred[slice(None) if rows is None else rows] = target - target.mean()
    scale = np.maximum(spread * float(target.std()), 1e-12) * len(target)
    links: Floats = np.abs(np.asarray(centred @ design, dtype=np.float64)) / scale
    return links


def choose_controls(
    controls: Controls, family: str, exposure: Floats, rows: NDArray[np.bool_] | None = None
) -> Chosen:
    """The columns of all other families that matter for the outcome or for the exposure: the union of both.

    Double selection (Belloni, Chernozhukov and Hansen 2014): what predicts only the exposure or only the outcome
    well may still confound. 60 columns on each side for the linear parts, 15 features on each side for the trees.
    `exposure` is float (m,) over `rows` (bool (n,), all where None).
    """
    kept = slice(None) if rows is None or rows.all() else rows
    allowed_feature = controls.usable & np.array([name != family for name in controls.families])
    allowed = allowed_feature[controls.linear_features]
    exposure_link = absolute_correlations(controls.linear, controls.spread, exposure, rows)
    chosen: set[int] = set()
    features: set[int] = set()
    for link in (controls.outcome_link, exposure_link):
        strength = np.where(allowed, link, -1.0)
        order = [int(at) for at in np.argsort(-strength, kind="stable") if allowed[at]]
        chosen.update(order[:SELECTED_COLUMNS])
        by_feature = dict.fromkeys(int(controls.linear_features[at]) for at in order)
        features.update(list(by_feature)[:SELECTED_FEATURES])
    trees = np.array([feature in features for feature in controls.tree_features], dtype=np.bool_)
    families = sorted({controls.families[index] for index in np.flatnonzero(allowed_feature)})
    linear = controls.linear[:, sorted(chosen)]
    if controls.window is not None:
        linear = np.concatenate([linear, controls.window], axis=1)
    return Chosen(
        linear=linear[kept],
        tree=controls.tree[:, trees][kept],
        categorical=controls.categorical[trees],
        families=tuple(families),
        twin=_twin(controls, exposure_link, allowed),
    )


def _twin(controls: Controls, link: Floats, allowed: NDArray[np.bool_]) -> int | None:
    """The feature of another family that moves in step with the exposure, None where there is none."""
    among = np.where(allowed, link, 0.0)
    closest = int(np.argmax(among)) if len(among) else 0
    return int(controls.linear_features[closest]) if len(among) and among[closest] >= TWIN_CORRELATION else None


def left_out_outcome(chosen: Chosen, ridge: FoldedRidge, y: Floats, *, seed: int) -> Floats:
    """What the controls say of the outcome of customers left out: ridge, plus boosted trees on what it missed."""
    every_fold = ridge.fit(y[:, None])
    left_out: Floats = ridge.predicted(every_fold)[:, 0]
    if chosen.tree.shape[1] == 0 or len(y) < TREE_CUSTOMERS_MIN:
        return left_out
    from sklearn.ensemble import HistGradientBoostingRegressor

    for at, fitted in enumerate(every_fold):
        taught, said = ridge.in_sample(at, fitted)
        model = HistGradientBoostingRegressor(
            max_iter=TREES,
            learning_rate=LEARNING_RATE,
            max_leaf_nodes=LEAVES,
            min_samples_leaf=max(20, len(y) // 200),
            l2_regularization=1.0,
            max_bins=BINS,
            categorical_features=chosen.categorical if chosen.categorical.any() else None,
            early_stopping=False,
            random_state=seed,
        )
        model.fit(with_gaps_filled(chosen.tree[taught]), y[taught] - said)
        left_out[ridge.rows(at)] += model.predict(chosen.tree[ridge.rows(at)])
    return left_out


def left_out_propensity(chosen: Chosen, exposed: NDArray[np.bool_], fold: NDArray[np.int64]) -> Floats:
    """Probability of being exposed given the controls, for customers left out.

    Logistic regression with a ridge penalty of half a customer per column: strong where there are many columns for
    few customers, faint where there are many customers.
    """
    from sklearn.linear_model import LogisticRegression

    propensity = np.empty(len(exposed))
    for k in np.unique(fold):
        taught, held_out = fold != k, fold == k
        target = exposed[taught]
        if chosen.linear.shape[1] == 0 or target.all() or not target.any():
            propensity[held_out] = target.mean()
            continue
        model = LogisticRegression(
            C=1.0 / (PROPENSITY_PENALTY_PER_COLUMN * chosen.linear.shape[1]),
            solver="newton-cholesky",
            max_iter=30,
            tol=1e-3,
        )
        model.fit(chosen.linear[taught], target)
        propensity[held_out] = model.predict_proba(chosen.linear[held_out])[:, 1]
    return propensity
