"""Where leaving differs: planted differences are found, chance is not, and small groups stay unsaid."""

from __future__ import annotations

import numpy as np
import pytest

from driver_worlds import leaving_world, table_of
from harken.learn.drivers import leaving_by_segment, lever_effects
from harken.vocabulary.errors import NotEnoughData


def divided(rng: np.random.Generator, n: int, columns: int = 6):
    names = {f"d{at}": rng.integers(0, 4 + at, n) for at in range(columns)}
    levels = {name: tuple(f"{name} level {code}" for code in range(10)) for name in names}
    table = table_of(names, levels=levels)
    return table, {name: (codes.astype(np.int64), levels[name]) for name, codes in names.items()}


def test_a_planted_difference_is_found_with_its_size() -> None:
    rng = np.random.default_rng(2)
    table, divisions = divided(rng, 6_000)
    codes = divisions["d1"][0]
    left = rng.random(6_000) < np.where(codes == 2, 0.3, 0.1)
    found = leaving_by_segment(table, left, divisions, None)
    assert found.divisions[0].name == "d1", "what differs most comes first"
    levels = {level.label: level for level in found.divisions[0].levels}
    odd = levels["d1 level 2"].leaving
    assert odd.differs
    assert odd.difference.interval.lower < 0.2 < odd.difference.interval.upper
    own = codes == 2
    assert odd.share.value == pytest.approx(left[own].mean())
    assert odd.rest.value == pytest.approx(left[~own].mean())
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(int(left[own].sum()), int(own.sum()), method="wilson")
    assert (odd.share.interval.lower, odd.share.interval.upper) == (pytest.approx(low), pytest.approx(high))


def test_chance_colours_nothing() -> None:
    # 60 worlds without any difference; some cell is coloured in at most 5 % of them (BH under the global null):
    # more than 9 of 60 has a chance below 1 in 1,000.
    alarms = 0
    for seed in range(60):
        rng = np.random.default_rng(400 + seed)
        table, divisions = divided(rng, 1_500)
        found = leaving_by_segment(table, rng.random(1_500) < 0.15, divisions, None)
        alarms += any(level.leaving.differs for division in found.divisions for level in division.levels)
    assert alarms <= 9


def test_shares_of_a_levers_bad_part_stand_beside_leaving() -> None:
    world = leaving_world(12, 6_000)
    wait = world.table.column("wait")
    effects = lever_effects(world.table, world.left, seed=1)
    names = [lever.column for lever in effects.levers]
    table = world.table
    divisions = {
        "region": (table.column("region").astype(np.int64), ("north", "south", "east", "west", "centre")),
    }
    found = leaving_by_segment(table, world.left, divisions, effects)
    assert {lever.column for lever in found.levers} <= set(names)
    assert "wait" in {lever.column for lever in found.levers}
    at = [lever.column for lever in found.levers].index("wait")
    part = effects.family("waiting").part
    for level, code in zip(
        found.divisions[0].levels, np.argsort(-np.bincount(divisions["region"][0])), strict=True
    ):
        own = divisions["region"][0] == code
        assert level.parts[at].share.value == pytest.approx(part.holds(wait[own].astype(float)).mean())


def test_a_lever_is_not_divided_by_itself_and_small_levels_are_counted_only() -> None:
    rng = np.random.default_rng(9)
    contract = np.where(rng.random(3_000) < 0.4, 1, 0)
    contract[:12] = 2
    use = rng.normal(size=3_000)
    levels = {"contract": ("year", "month", "rare")}
    table = table_of({"contract": contract, "use": use}, levels=levels, levers=("contract",))
    left = rng.random(3_000) < np.where(contract == 1, 0.35, 0.1)
    effects = lever_effects(table, left, seed=1)
    found = leaving_by_segment(table, left, {"contract": (contract.astype(np.int64), levels["contract"])}, effects)
    (division,) = found.divisions
    assert [level.label for level in division.levels] == ["year", "month"]
    assert division.few == 12
    assert [lever.column for lever in found.levers] == ["contract"]
    assert all(level.parts == (None,) for level in division.levels)


def test_nothing_to_divide_by_is_said() -> None:
    rng = np.random.default_rng(1)
    table = table_of({"a": rng.integers(0, 2, 40)}, levels={"a": ("x", "y")})
    with pytest.raises(NotEnoughData, match="groups of 30"):
        leaving_by_segment(
            table, rng.random(40) < 0.5, {"a": (table.column("a").astype(np.int64), ("x", "y"))}, None
        )
