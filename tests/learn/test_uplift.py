"""Who gains from a contact: what is learned, what is refused, what order and doubles do not change."""

from __future__ import annotations

import numpy as np
import pytest

from harken.learn.uplift import NotEstimable, Uplift, balance, estimate_uplift, standardised_differences, target
from harken.vocabulary.errors import DataError
from harken.vocabulary.estimates import Evidence


def log(seed: int = 0, n: int = 3000, effect: float = 0.3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Contacts by lot that help whoever has a positive first covariate and harm the others a little."""
    rng = np.random.default_rng(seed)
    x, contacted = rng.normal(size=(n, 3)), rng.random(n) < 0.5
    stays = 0.55 + contacted * effect * np.where(x[:, 0] > 0, 1.0, -0.6)
    return x, contacted, (rng.random(n) < stays).astype(float)


@pytest.fixture(scope="module")
def found() -> Uplift:
    answer = estimate_uplift(*log(), randomised=True, value=10.0, cost=0.5)
    assert isinstance(answer, Uplift)
    return answer


def test_who_gains_is_told_apart_and_judged_by_customers_left_out(found: Uplift) -> None:
    assert found.told_apart
    assert found.sleeping_dogs
    assert found.average.evidence is Evidence.EXPERIMENTAL
    x, contacted, stayed = log()
    plain = stayed[contacted].mean() - stayed[~contacted].mean()
    assert found.average.estimate.value == pytest.approx(plain, abs=0.02)
    gains = x[:, 0] > 0
    assert found.uplift[gains].mean() > 0.2 > 0 > found.uplift[~gains].mean()
    assert found.tenths[0].observed.value > found.tenths[-1].observed.value
    assert found.curve_gained[-1] == pytest.approx(found.average.estimate.value)
    aim = found.targeting
    assert 0.4 < aim.share < 0.6
    assert aim.gain.value == pytest.approx(0.5 * 3000 * (10 * 0.3 - 0.5), rel=0.25)
    assert aim.over_random.interval.lower > 0
    assert aim.over_everybody.value == pytest.approx(aim.gain.value - 3000 * (10 * plain - 0.5), rel=0.1)
    fresh = np.array([[1.5, 0, 0], [-1.5, 0, 0]])
    assert found.model.uplift(fresh)[0] > found.model.uplift(fresh)[1]


def test_nobody_is_preferred_where_all_gain_alike() -> None:
    x, contacted, _ = log(3)
    stayed = (np.random.default_rng(9).random(len(x)) < 0.5 + 0.2 * contacted).astype(float)
    answer = estimate_uplift(x, contacted, stayed, randomised=True)
    assert isinstance(answer, Uplift)
    assert not answer.told_apart
    assert "not shown" in str(answer.headline)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("not_by_lot", "not drawn by lot"),
        ("picked", "no lot decided"),
        ("picked_oddly", "no lot decided"),
        ("everybody", "Nobody was left alone"),
        ("nobody", "Nobody was contacted"),
        ("few", "at least 200 of each"),
        ("rare", "rarer outcome happened 12 times"),
    ],
)
def test_what_cannot_be_known_is_not_estimable(change: str, word: str) -> None:
    x, contacted, stayed = log(1)
    lot = change != "not_by_lot"
    chance = np.random.default_rng(2).random(len(x))
    contacted = {
        "picked": chance < 1 / (1 + np.exp(-x[:, 1])),
        "picked_oddly": chance < np.where(np.abs(x[:, 1]) > 0.7, 0.8, 0.2),
        "everybody": np.ones(len(x), bool),
        "nobody": np.zeros(len(x), bool),
        "few": chance < 0.05,
    }.get(change, contacted)
    if change == "rare":
        stayed = (np.arange(len(x)) < 12).astype(float)
    answer = estimate_uplift(x, contacted, stayed, randomised=lot)
    assert isinstance(answer, NotEstimable)
    assert word in str(answer.reason)
    assert str(answer.todo)


def test_known_chances_of_the_lot_are_used() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(4000, 2))
    chance = np.where(x[:, 0] > 0, 0.8, 0.3)
    contacted = rng.random(4000) < chance
    outcome = x[:, 0] + contacted * 1.0 + rng.normal(size=4000)
    assert isinstance(estimate_uplift(x, contacted, outcome, randomised=True), NotEstimable)
    answer = estimate_uplift(x, contacted, outcome, randomised=True, propensity=chance)
    assert isinstance(answer, Uplift)
    assert answer.average.estimate.interval.lower < 1.0 < answer.average.estimate.interval.upper
    assert answer.qini is None


def test_faults_of_the_data_are_named() -> None:
    x, contacted, stayed = log(1, 50)
    with pytest.raises(DataError, match="do not fit"):
        estimate_uplift(x[:-1], contacted, stayed, randomised=True)
    stayed[3] = np.nan
    with pytest.raises(DataError, match="1 outcomes are missing"):
        estimate_uplift(x, contacted, stayed, randomised=True)
    with pytest.raises(DataError, match="between 0 and 1"):
        estimate_uplift(x, contacted, np.ones(50), randomised=True, propensity=np.ones(50))


def test_balance_sees_gaps_and_does_not_mind_order_or_doubled_columns() -> None:
    rng = np.random.default_rng(6)
    x, contacted = rng.normal(size=(900, 2)), rng.random(900) < 0.4
    x[contacted & (rng.random(900) < 0.3), 1] = np.nan
    alone = balance(x, contacted, trees=False)
    assert not alone.holds
    order = rng.permutation(900)
    assert balance(x[order], contacted[order], trees=False).p_value == pytest.approx(alone.p_value)
    twice = balance(np.column_stack([x, x[:, 0]]), contacted, trees=False)
    assert twice.p_value == pytest.approx(alone.p_value)
    gaps = standardised_differences(x, contacted)
    by_hand = (x[contacted, 0].mean() - x[~contacted, 0].mean()) / np.sqrt(
        (x[contacted, 0].var(ddof=1) + x[~contacted, 0].var(ddof=1)) / 2
    )
    assert gaps[0] == pytest.approx(by_hand)


def test_targeting_adds_up() -> None:
    rng = np.random.default_rng(7)
    uplift, effect = rng.normal(size=200), rng.normal(size=200)
    value, cost = rng.random(200) * 9, rng.random(200)
    aim = target(uplift, effect, value, cost)
    net = value * effect - cost
    assert aim.gain.value == pytest.approx(sum(net[i] for i in range(200) if value[i] * uplift[i] > cost[i]))
    assert aim.over_everybody.value == pytest.approx(aim.gain.value - net.sum())
    assert aim.over_random.value == pytest.approx(aim.gain.value - aim.share * net.sum())
