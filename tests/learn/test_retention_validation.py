"""Figures of a validation against brute force and laws."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from harken.learn.retention.calibration import cross_calibrated, fit_calibration
from harken.learn.retention.classifiers import expit, logit
from harken.learn.retention.validation import ValidationKind, auc_estimate, compare_auc, risk_groups, validate


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    rng = np.random.default_rng(1)
    y, score = rng.random(60) < 0.4, rng.integers(0, 8, 60).astype(float)
    pairs = [(a > b) + 0.5 * (a == b) for a in score[y] for b in score[~y]]
    assert auc_estimate(y, score).value == pytest.approx(np.mean(pairs))


def test_delong_interval_covers() -> None:
    # 400 draws of 120 customers, true AUC of two unit normals one apart = Phi(1/sqrt 2) = .7602.
    # Nominal .95; fewer than 364 hits has a chance below 1 in 1,000 for a true coverage of .945.
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(400):
        y = np.arange(120) < 50
        interval = auc_estimate(y, rng.normal(size=120) + y).interval
        hits += interval.lower <= 0.7602 <= interval.upper
    assert hits >= 364


def test_a_score_beside_itself_is_no_difference() -> None:
    rng = np.random.default_rng(3)
    y, score = rng.random(80) < 0.5, rng.normal(size=80)
    same = compare_auc(y, score, score)
    assert (same.z, same.p, same.difference.value) == (0.0, 1.0, 0.0)
    first, second = score, rng.normal(size=80)
    assert compare_auc(y, first, second).z == pytest.approx(-compare_auc(y, second, first).z)


def test_calibration_undoes_exaggeration_and_understands_good_forecasts() -> None:
    rng = np.random.default_rng(4)
    true = rng.beta(2, 6, 20_000)
    y = rng.random(20_000) < true
    line = fit_calibration(true, y)
    assert (line.slope, line.intercept) == pytest.approx((1.0, 0.0), abs=0.08)
    shouting = expit(2.0 * logit(true) + 0.5)
    mended = fit_calibration(shouting, y)
    assert mended.slope == pytest.approx(0.5, abs=0.03)
    assert mended.apply(shouting) == pytest.approx(
        line.apply(true), abs=2e-3
    )  # the pull towards no change differs a hair
    fold = rng.integers(0, 3, 20_000)
    assert cross_calibrated(shouting, y, fold).mean() == pytest.approx(y.mean(), abs=0.002)


def test_deciles_hold_everybody_once_and_rise() -> None:
    rng = np.random.default_rng(5)
    risk = np.round(rng.beta(1, 4, 999), 1)  # heavy ties
    y = rng.random(999) < risk
    groups = risk_groups(risk, y)
    assert sum(group.actual.n for group in groups) == 999
    predicted = [group.predicted for group in groups]
    assert predicted == sorted(predicted)
    assert all(a.highest_risk < b.lowest_risk for a, b in pairwise(groups))


def test_brier_and_wording() -> None:
    rng = np.random.default_rng(6)
    y, risk = rng.random(500) < 0.3, np.clip(rng.random(500), 0.01, 0.99)
    figures = validate(risk, y, kind=ValidationKind.OUT_OF_TIME)
    assert figures.brier.value == pytest.approx(np.mean((y - risk) ** 2))
    assert figures.observed_minus_predicted.value == pytest.approx(y.mean() - risk.mean())
    assert "later" in str(figures.wording)
    assert "not shown" in str(validate(risk, y, kind=ValidationKind.CROSS_FITTED).wording)
