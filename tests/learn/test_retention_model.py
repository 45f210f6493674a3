"""The forecast: chosen and calibrated on customers left out, tested out of time, the same for any order of rows."""

from __future__ import annotations

import numpy as np
import pytest

from driver_worlds import leaving_world, noise_table, table_of
from harken.learn.retention import ValidationKind, fit_retention
from harken.learn.retention.model import FIT_CUSTOMERS_MAX
from harken.unify.features.catalogue import FeatureTable
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.progress import Cancelled


def test_cross_fitted_figures_come_near_what_the_truth_allows() -> None:
    world = leaving_world(1, 6_000)
    result = fit_retention(world.table, world.left, seed=1).result
    order = np.argsort(world.risk)
    ranks = np.empty(6_000)
    ranks[order] = np.arange(6_000)
    events = int(world.left.sum())
    best = (ranks[world.left].sum() - events * (events - 1) / 2) / (events * (6_000 - events))
    assert result.validation.kind is ValidationKind.CROSS_FITTED
    assert best - 0.05 < result.validation.auc.value <= best + 0.01
    assert result.validation.brier.value < result.validation.brier_base
    assert result.risk_is_left_out
    assert "left out" in str(result.validation.wording)
    slope = result.validation.calibration_slope
    assert slope.interval.lower < 1 < slope.interval.upper
    shown = [d.actual.interval.lower - 0.02 <= d.predicted <= d.actual.interval.upper + 0.02 for d in
             result.validation.deciles]  # fmt: skip
    assert sum(shown) >= 9


def test_out_of_time_validation_judges_a_later_window_and_then_learns_from_both() -> None:
    earlier, later, today = (leaving_world(seed, 4_000) for seed in (2, 3, 4))
    fit = fit_retention(
        earlier.table,
        earlier.left,
        test=later.table,
        y_test=later.left,
        predict=today.table,
        seed=5,
        horizon_days=90,
    )
    result = fit.result
    assert result.validation.kind is ValidationKind.OUT_OF_TIME
    assert result.validation.n == 4_000
    assert result.n_fitted == 8_000
    assert not result.risk_is_left_out
    assert np.corrcoef(result.risk, today.risk)[0, 1] > 0.75
    assert result.risk.mean() == pytest.approx(today.risk.mean(), abs=0.02)
    assert result.horizon_days == 90
    # the live model and the told risks agree
    assert fit.model.risk(today.table.values) == pytest.approx(result.risk, abs=1e-6)


def test_a_drifted_rate_shows_in_the_later_test() -> None:
    earlier, later = leaving_world(6, 4_000), leaving_world(7, 4_000)
    more = later.left | (np.random.default_rng(1).random(4_000) < 0.10)
    result = fit_retention(
        earlier.table, earlier.left, test=later.table, y_test=more, predict=later.table, seed=1
    ).result
    assert result.validation.observed_minus_predicted.interval.lower > 0.05
    assert not result.cross_fitted.observed_minus_predicted.interval.excludes(0.0)


def test_noise_gives_everybody_about_the_same_risk() -> None:
    # 20 worlds without any cause. The left-out AUC's 95 % interval holds one half in all but a few: more than 5
    # misses of 20 have a chance below 1 in 1,000 (binomial, p = .05); risks hardly differ.
    misses = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        y = rng.random(600) < 0.3
        result = fit_retention(noise_table(rng, 600), y, seed=seed).result
        misses += result.validation.auc.interval.lower > 0.5
        assert result.risk.std() < 0.08
    assert misses <= 5


def test_risks_do_not_depend_on_scale_and_set_aside_columns_are_not_read() -> None:
    world = leaving_world(8, 2_000)
    leak = np.where(world.left, 1.0, 0.0)
    values = np.column_stack([world.table.values, leak]).astype(np.float32)
    feature = table_of({"leak": leak}).features[0]
    with_leak = FeatureTable(world.table.customer_id, values, (*world.table.features, feature), None)
    plain = fit_retention(world.table, world.left, seed=1).result
    aside = fit_retention(with_leak, world.left, seed=1, leaks_set_aside=["leak"])
    assert aside.result.set_aside == ("leak",)
    assert aside.result.risk == pytest.approx(plain.risk, abs=1e-6)
    poisoned = values.copy()
    poisoned[:, -1] = 99
    assert aside.model.risk(poisoned) == pytest.approx(aside.model.risk(values))


def test_the_same_seed_gives_the_same_risks() -> None:
    world = leaving_world(9, 1_500)
    first, second = (fit_retention(world.table, world.left, seed=4).result.risk for _ in range(2))
    assert np.array_equal(first, second)


def test_bad_input_ends_in_sentences() -> None:
    world = leaving_world(10, 300)
    with pytest.raises(NotEnoughData, match="10 leavers"):
        fit_retention(world.table, np.zeros(300, dtype=bool), seed=1)
    with pytest.raises(DataError, match="299 outcomes"):
        fit_retention(world.table, world.left[:299], seed=1)
    other = table_of({"x": np.arange(5.0)})
    with pytest.raises(DataError, match="same columns"):
        fit_retention(world.table, world.left, predict=other, seed=1)


def test_progress_is_told_and_may_stop_the_work() -> None:
    world = leaving_world(11, 300)
    told: list[float] = []

    def stop_late(step: object, done: float) -> None:
        told.append(done)
        if done > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        fit_retention(world.table, world.left, seed=1, progress=stop_late)
    assert told == sorted(told)


def test_the_declared_sample_is_bounded() -> None:
    assert FIT_CUSTOMERS_MAX == 200_000


def test_one_constant_and_one_empty_column_do_no_harm() -> None:
    rng = np.random.default_rng(12)
    table = table_of({"same": np.ones(400), "empty": np.full(400, np.nan), "x": rng.normal(size=400)})
    result = fit_retention(table, rng.random(400) < 0.4, seed=1).result
    assert np.isfinite(result.risk).all()
