"""What-if answers on a grid: the same as from rows of customers, in order, refused outside; risk ratios."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from driver_worlds import leaving_world, table_of
from harken.learn.drivers import adjusted_curves, lever_effects, what_if
from harken.learn.drivers.exposed import exposed_effect
from harken.learn.what_if import Scenarios, scenarios
from harken.learn.what_if.scenarios import targets_over
from harken.unify.features.catalogue import FeatureTable
from harken.usecases.what_if import ask, choose, read_target
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.estimates import Evidence

N = 6_000


@pytest.fixture(scope="module")
def world():
    return leaving_world(77, N)


@pytest.fixture(scope="module")
def effects(world):
    return lever_effects(world.table, world.left, seed=1, value=np.full(N, 250.0))


@pytest.fixture(scope="module")
def value() -> np.ndarray:
    money = np.random.default_rng(5).gamma(2, 100, N)
    money[::7] = np.nan
    return money


@pytest.fixture(scope="module")
def found(world, effects, value) -> Scenarios:
    score = 7 - 0.1 * world.table.column("wait").astype(float) + np.random.default_rng(6).normal(size=N)
    curves = adjusted_curves(world.table, score, [lever.column for lever in effects.levers], seed=1)
    return scenarios(effects, world.table, value=value, margin=0.4, horizon_days=73, on_score=curves)


def test_the_grid_says_what_the_customers_rows_say(world, effects, value, found) -> None:
    assert {lever.column for lever in found.levers} == {"wait", "contacts", "price", "region", "noise0"}
    for lever in found.levers:
        judged = effects.family(lever.family)
        for at, target in enumerate(lever.targets):
            direct = what_if(
                judged.curve, world.table.column(lever.column), target, lower_is_better=lever.lower_is_better,
                value=value, margin=0.4,
            )  # fmt: skip
            assert direct.refused is None, (lever.column, target)
            assert (direct.moved, direct.supported_share) == (
                lever.moved[at],
                pytest.approx(lever.at_or_better[at]),
            )
            for mine, theirs in (
                (lever.leaving.at(at, 1), direct.outcomes),
                (lever.money.at(at, 1), direct.money),
            ):
                assert mine.value == pytest.approx(theirs.value, rel=1e-7, abs=1e-7)
                assert mine.interval.upper == pytest.approx(theirs.interval.upper, rel=1e-7, abs=1e-7)


def test_row_order_changes_nothing(world, effects, value, found) -> None:
    table = world.table
    mixed = np.random.default_rng(1).permutation(N)
    other = FeatureTable(table.customer_id, table.values[mixed], table.features, None)
    again = scenarios(effects, other, value=value[mixed], margin=0.4, horizon_days=73)
    for lever, same in zip(found.levers, again.levers, strict=True):
        assert (lever.targets, lever.moved) == (same.targets, same.moved)
        np.testing.assert_allclose(lever.money.value, same.money.value, rtol=1e-9, atol=1e-7)


def test_sums_run_in_order(world, effects, found) -> None:
    for lever in found.levers:
        if lever.category:
            continue
        moved = list(lever.moved)
        assert moved == sorted(moved, reverse=lever.lower_is_better), "the harder the target, the more are moved"
        assert all(0.05 <= share <= 1 for share in lever.at_or_better)
        assert sum(lever.today.counts) + lever.today.beyond == lever.today.known
    wait = found.lever("waiting")
    rising = replace(wait.curve, levels=tuple(np.linspace(0.05, 0.4, len(wait.curve.levels))))
    straight = replace(
        effects, levers=tuple(replace(one, curve=rising) for one in effects.levers if one.column == "wait")
    )
    kept = [-total for total in scenarios(straight, world.table).levers[0].leaving.value]
    assert kept == sorted(kept, reverse=True), "where leaving rises all along, a harder target keeps no fewer"
    uniform = scenarios(effects, world.table, value=np.full(N, 250.0), margin=0.4).lever("wait")
    np.testing.assert_allclose(uniform.money.value, [-100 * total for total in uniform.leaving.value], rtol=1e-9)


def test_an_answer_adds_up(found) -> None:
    lever = choose(found, "waiting")
    answer = ask(found, lever, 12.0)
    assert answer.refused is None
    assert answer.target == 12.0
    assert answer.leaving.estimate.value * answer.moved == pytest.approx(-answer.kept.value)
    assert answer.a_year.value == pytest.approx(answer.money.value * 5), "73 days are a fifth of a year"
    assert answer.a_year_each.value * answer.moved == pytest.approx(answer.a_year.value)
    assert answer.leaving.evidence is Evidence.ADJUSTED
    assert answer.score.value > 0, "shorter waits go with better scores"
    assert answer.kept.interval.lower < answer.kept.value < answer.kept.interval.upper
    assert ask(found, lever, 12.0 + lever.step * 0.4).target == 12.0, "the nearest target of the grid answers"


def test_where_nobody_is_it_refuses(found) -> None:
    lever = choose(found, "wait")
    lowest, first, last = lever.today.lowest, lever.targets[0], lever.targets[-1]
    nobody = ask(found, lever, lowest / 2)
    assert nobody.leaving is None
    assert "Nobody is at" in str(nobody.refused)
    few = ask(found, lever, (lowest + first) / 2)
    assert "Fewer than 5%" in str(few.refused)
    assert "nothing would change" in str(ask(found, lever, last * 3).refused)
    for edge in (first, last):
        assert ask(found, lever, edge).refused is None
    assert "moon" in str(ask(found, choose(found, "region"), "moon").refused)
    with pytest.raises(SettingsError, match="not a lever"):
        choose(found, "colour")
    for text in ("soon", "nan", "inf"):
        with pytest.raises(SettingsError, match="number"):
            read_target(lever, text)


def test_a_share_is_asked_for_in_per_cent(found) -> None:
    share = replace(choose(found, "wait"), unit="share")
    assert read_target(share, "12%") == pytest.approx(0.12)
    assert read_target(choose(found, "wait"), "12,5") == 12.5


def test_burdens_are_asked_downwards_even_where_chance_makes_them_look_good() -> None:
    rng = np.random.default_rng(3)
    count, other = rng.poisson(3.0, 3_000), rng.normal(size=3_000)
    table = table_of({"count": count, "other": other}, levers=("count",))
    table = replace(table, features=(replace(table.features[0], unit="count"), table.features[1]))
    left = rng.random(3_000) < 0.3 - 0.03 * np.minimum(count, 6)
    lever = scenarios(lever_effects(table, left, seed=1), table).levers[0]
    assert lever.lower_is_better is True
    assert lever.leaving.at(0, 1).interval.lower > 0, "and it says that more would leave"


@pytest.mark.parametrize(
    ("low", "high", "whole"), [(0.3, 0.9, False), (5, 20, True), (3, 3, True), (0, 4_000, True)]
)
def test_targets_are_round_and_few(low: float, high: float, whole: bool) -> None:
    targets, step = targets_over(low, high, whole=whole)
    assert 1 <= len(targets) <= 61
    assert all(low - 1e-9 <= target <= high + 1e-9 for target in targets)
    np.testing.assert_allclose(np.diff(targets), step, atol=1e-9)
    assert not whole or step >= 1


def test_without_confounding_the_risk_ratio_is_that_of_the_two_by_two_table() -> None:
    """Katz's interval, as statsmodels and every textbook of epidemiology have it."""
    from statsmodels.stats.contingency_tables import Table2x2

    exposed = np.repeat([True, False], [400, 1_600])
    y = np.concatenate([np.arange(400) < 76, np.arange(1_600) < 160]).astype(float)
    share = np.full(2_000, 0.2)
    effect = exposed_effect(y, exposed, np.full(2_000, y.mean()), share, adjusted_for=("x",), binary=True)
    table = Table2x2([[76, 324], [160, 1_440]])
    assert effect.risk_ratio.value == pytest.approx(table.riskratio, rel=1e-9)
    low, high = table.riskratio_confint()
    assert effect.risk_ratio.interval.lower == pytest.approx(low, rel=3e-3)
    assert effect.risk_ratio.interval.upper == pytest.approx(high, rel=3e-3)


def test_with_strata_the_risk_ratio_is_the_standardised_one() -> None:
    """Observed over expected leavers among the exposed: the standardised morbidity ratio of epidemiology."""
    cells = [(300, 60, 700, 70), (150, 45, 850, 170), (50, 5, 950, 19)]  # exposed, leavers, others, leavers
    y, exposed, outcome, share = [], [], [], []
    for n1, a, n0, b in cells:
        y += [1.0] * a + [0.0] * (n1 - a) + [1.0] * b + [0.0] * (n0 - b)
        exposed += [True] * n1 + [False] * n0
        p = n1 / (n1 + n0)
        share += [p] * (n1 + n0)
        outcome += [(a + b) / (n1 + n0)] * (n1 + n0)
    effect = exposed_effect(
        np.array(y), np.array(exposed), np.array(outcome), np.array(share), adjusted_for=("stratum",), binary=True
    )
    observed = sum(a for _, a, _, _ in cells)
    expected = sum(n1 * b / n0 for n1, _, n0, b in cells)
    assert effect.risk_ratio.value == pytest.approx(observed / expected, rel=1e-9)
    crude = (observed / 500) / (sum(b for *_, b in cells) / 2_500)
    assert abs(crude - observed / expected) > 0.05, "the strata matter"
