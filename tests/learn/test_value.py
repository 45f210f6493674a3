"""Value at stake: the sum, its interval, and customers without a value."""

from __future__ import annotations

import numpy as np
import pytest

from driver_worlds import leaving_world
from harken.learn.drivers import lever_effects
from harken.learn.retention import ValidationKind, fit_retention, validate
from harken.learn.value import value_at_stake
from harken.vocabulary.errors import DataError, NotEnoughData


def _test_of(risk: np.ndarray, left: np.ndarray):
    return validate(risk, left, kind=ValidationKind.OUT_OF_TIME)


def test_it_is_the_sum_of_risk_times_value_times_margin() -> None:
    rng = np.random.default_rng(1)
    risk, value = rng.beta(1, 5, 500), rng.gamma(2, 50, 500)
    validation = _test_of(risk, rng.random(500) < risk)
    at_stake = value_at_stake(risk, value, validation=validation, margin=0.4, horizon_days=90)
    assert at_stake.total.value == pytest.approx(0.4 * float(risk @ value))
    assert at_stake.leavers.value == pytest.approx(risk.sum())
    assert at_stake.base_value == pytest.approx(0.4 * value.sum())
    assert at_stake.horizon_days == 90
    assert 0.1 < at_stake.top_tenth_share < 0.9


def test_unknown_and_zero_values_count_as_nothing_and_are_said() -> None:
    rng = np.random.default_rng(2)
    risk, value = rng.beta(1, 5, 300), rng.gamma(2, 50, 300)
    value[:40], value[40:50] = np.nan, 0.0
    value[50:55] = -20
    at_stake = value_at_stake(risk, value, validation=_test_of(risk, rng.random(300) < risk))
    assert (at_stake.with_value, at_stake.without_value, at_stake.zero_value) == (245, 40, 15)
    assert at_stake.total.value == pytest.approx(float(risk[55:] @ value[55:]))
    words = " ".join(str(note) for note in at_stake.notes)
    assert "40 customers have no known value" in words
    assert "15 customers are worth zero or less" in words


def test_the_interval_covers_what_is_lost_when_the_forecast_drifts() -> None:
    # 300 companies; the log odds of leaving drift between windows by a normal amount (sd .15), seen once in the
    # test and once in the future. A drift known from one draw cannot give .95; it must not fall below .80: under
    # 218 hits has a chance below 1 in 1,000 there.
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(300):
        logit, value = rng.normal(-1.5, 1, 1_500), rng.gamma(1, 100, 1_500)
        risk = 1 / (1 + np.exp(-logit))
        then, future = (1 / (1 + np.exp(-(logit + rng.normal(0, 0.15)))) for _ in range(2))
        validation = _test_of(risk, rng.random(1_500) < then)
        interval = value_at_stake(risk, value, validation=validation).total.interval
        lost = float(value[rng.random(1_500) < future].sum())
        hits += interval.lower <= lost <= interval.upper
    assert hits >= 218


def test_the_interval_covers_without_drift() -> None:
    # 300 companies, no drift: nominal .95 at least; fewer than 273 hits has a chance below 1 in 1,000.
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(300):
        risk, value = rng.beta(1, 5, 800), rng.gamma(1, 100, 800)
        validation = _test_of(risk, rng.random(800) < risk)
        interval = value_at_stake(risk, value, validation=validation).total.interval
        lost = float(value[rng.random(800) < risk].sum())
        hits += interval.lower <= lost <= interval.upper
    assert hits >= 273


def test_families_carry_the_money_of_their_lever() -> None:
    world = leaving_world(5, 6_000)
    value = np.random.default_rng(6).gamma(2, 100, 6_000)
    fit = fit_retention(world.table, world.left, seed=1)
    levers = lever_effects(world.table, world.left, seed=1, value=value)
    at_stake = value_at_stake(fit.result.risk, value, validation=fit.result.validation, levers=levers, margin=0.5)
    by_family = {row.family: row for row in at_stake.by_family}
    truth = 0.5 * float(((world.risk - world.without_repeat) * value).sum())
    assert by_family["contacts"].money.interval.lower < truth < by_family["contacts"].money.interval.upper
    assert by_family["contacts"].evidence.adjusted_for
    moneys = [row.money.value for row in at_stake.by_family]
    assert moneys == sorted(moneys, reverse=True)


def test_bad_input_ends_in_sentences() -> None:
    risk, left = np.full(50, 0.2), np.arange(50) < 10
    validation = _test_of(risk, left)
    with pytest.raises(DataError, match="margin"):
        value_at_stake(risk, np.ones(50), validation=validation, margin=0.0)
    with pytest.raises(DataError):
        value_at_stake(risk, np.ones(49), validation=validation)
    with pytest.raises(NotEnoughData, match="above zero"):
        value_at_stake(risk, np.full(50, np.nan), validation=validation)
