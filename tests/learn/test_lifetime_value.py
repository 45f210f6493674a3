"""What customers will bring: sums by brute force, errors, refusals, coverage."""

from __future__ import annotations

import numpy as np
import pytest

from harken.learn.lifetime_value import (
    expected_value,
    fit_purchases,
    fit_spend,
    lifetime_value,
    outlook,
    purchase_histories,
    repeat_value,
)
from harken.learn.survival import HazardModel, fit_hazard, person_periods
from harken.vocabulary.errors import DataError, NotEnoughData


def _flat(hazard: float) -> HazardModel:
    weight = float(np.log(hazard / (1 - hazard)))
    return HazardModel(np.zeros(0, dtype=np.int64), np.array([weight]), np.zeros((1, 1)), 9, 9, 9)


def test_expected_money_is_the_mean_over_all_ways_to_leave() -> None:
    rng = np.random.default_rng(1)
    hazard, weight = rng.uniform(0.05, 0.3, (1, 5)), rng.uniform(1, 3, 5)
    mean, variance, slope = expected_value(hazard, weight)
    gone = rng.random((200_000, 5)) < hazard
    month = np.where(gone.any(axis=1), gone.argmax(axis=1), 5)
    got = np.concatenate([np.cumsum(weight) - weight / 2, [weight.sum()]])[month]
    assert mean[0] == pytest.approx(got.mean(), rel=0.005)
    assert variance[0] == pytest.approx(got.var(), rel=0.02)
    for at in range(5):
        moved = hazard + 1e-6 * (np.arange(5) == at)
        assert slope[0, at] == pytest.approx((expected_value(moved, weight)[0][0] - mean[0]) / 1e-6, rel=1e-3)


def test_margin_discount_and_unknown_values() -> None:
    ahead = outlook(_flat(0.02), np.zeros((4, 0)), np.zeros(4, dtype=np.int64))
    yearly = np.array([120.0, np.nan, 0.0, 60.0])
    whole = lifetime_value(ahead, yearly, discount=0.0)
    half = lifetime_value(ahead, yearly, discount=0.0, margin=0.5)
    assert half.years[0].total.value == pytest.approx(whole.years[0].total.value / 2)
    stays = 0.98 ** np.arange(13)
    assert whole.years[0].total.value == pytest.approx(15 * float((stays[:-1] + stays[1:]).sum() / 2))
    assert whole.with_value == 2
    assert lifetime_value(ahead, yearly).years[1].total.value < whole.years[1].total.value
    with pytest.raises(NotEnoughData):
        lifetime_value(ahead, np.full(4, np.nan))
    with pytest.raises(DataError, match="do not fit"):
        lifetime_value(ahead, yearly[:3])


def test_a_forecast_stands_in_for_the_first_months() -> None:
    risk = np.array([0.6, np.nan])
    ahead = outlook(_flat(0.02), np.zeros((2, 0)), np.zeros(2, dtype=np.int64), risk=risk, risk_months=3)
    assert np.prod(1 - ahead.hazard[0, :3]) == pytest.approx(0.4)
    assert ahead.hazard[1] == pytest.approx(np.full(36, 0.02))
    assert ahead.hazard[0, 3:] == pytest.approx(np.full(33, 0.02))


def _bought(seed: int, n: int, *, drop: float = 0.12) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Customers who buy at gamma rates and drop out after purchases, days and money, ordered."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, int, float]] = []
    for who in range(n):
        rate, leaves = rng.gamma(0.8, 1 / 5), rng.beta(1.2, 1.2 / drop - 1.2)
        day, mean = rng.uniform(0, 120), 40 / rng.gamma(4.0, 1 / 3)
        while day < 800:
            rows.append((who, int(day), float(rng.gamma(3.0, mean / 3))))
            if rng.random() < leaves:
                break
            day += 7 * rng.exponential(1 / rate)
    keys = np.array([(who, day) for who, day, _ in rows])
    unique, place = np.unique(keys, axis=0, return_inverse=True)
    return unique[:, 0], unique[:, 1], np.bincount(place.ravel(), weights=[money for *_, money in rows])


def test_repeat_purchases_are_foreseen_and_tested() -> None:
    ids, day, money = _bought(2, 1500)
    found = repeat_value(ids, day, money, until_day=546)
    check = found.check
    assert check.predicted == pytest.approx(check.actual, rel=0.15)
    ahead = (day >= 546) & (day < 800)
    within = found.purchases.expected(*_history(ids, day, money, 546), 254 / 7).sum()
    assert within == pytest.approx(int((ahead & np.isin(ids, found.customer)).sum()), rel=0.15)
    order = np.lexsort((day, -ids))
    again = repeat_value(-ids[order], day[order], money[order], until_day=546)
    assert again.years[0].total.value == pytest.approx(found.years[0].total.value, rel=1e-4)


def _history(ids: np.ndarray, day: np.ndarray, money: np.ndarray, until: int) -> tuple[np.ndarray, ...]:
    held = purchase_histories(ids, day, money, until_day=until)
    return held.repeats, held.recency, held.age


def test_what_cannot_be_foreseen_is_refused() -> None:
    few = (np.arange(50), np.arange(50), np.ones(50))
    with pytest.raises(NotEnoughData, match="too few to foresee"):
        repeat_value(*few, until_day=200)
    with pytest.raises(NotEnoughData, match="too short"):
        repeat_value(np.arange(500), np.zeros(500, dtype=np.int64), np.ones(500), until_day=20)
    with pytest.raises(NotEnoughData, match="again for money"):
        fit_spend(np.ones(20), np.ones(20))
    # everybody buys every week and nobody ever drops out
    steady = (np.full(300, 50.0), np.full(300, 50.0), np.full(300, 50.5))
    with pytest.raises(NotEnoughData, match="usual pattern"):
        fit_purchases(*steady)


@pytest.mark.slow
def test_intervals_of_lifetime_value_hold_what_customers_then_bring() -> None:
    """300 worlds: the interval of three years' money holds what came in 95 %; below 270 is one in 1,000."""
    rng, covered = np.random.default_rng(3), 0
    weight = 1.1 ** (-(np.arange(36) + 0.5) / 12)
    got = np.append(np.cumsum(weight) - weight / 2, weight.sum())
    for _ in range(300):
        group = rng.integers(0, 2, 900)
        rate = np.where(group == 1, 0.05, 0.025)
        until = rng.integers(1, 25, 900).astype(float)
        stay = rng.geometric(rate) - 0.5
        left = stay < until
        design = np.column_stack([group == 0, group == 1]).astype(float)
        model = fit_hazard(person_periods(np.minimum(stay, until), left, np.zeros(900), until, 1.0), design)
        here = ~left
        yearly = rng.gamma(2.0, 60.0, int(here.sum()))
        ahead = outlook(model, design[here], until[here].astype(np.int64))
        told = lifetime_value(ahead, yearly).years[1].total.interval
        month = np.minimum(rng.geometric(rate[here]) - 1, 36)
        covered += not told.excludes(float((yearly / 12 * got[month]).sum()))
    assert covered >= 270, covered
    assert covered <= 298, covered
