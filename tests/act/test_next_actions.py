"""Whom to act on: order, reasons from known causes, eligibility, hold-out, and a gain nobody may invent."""

from __future__ import annotations

import numpy as np
import pytest

from driver_worlds import leaving_world, noise_table
from harken.act.next_actions import Gain, GainStatus, next_actions
from harken.act.next_actions.proposals import PROPOSALS
from harken.learn.drivers import lever_effects
from harken.learn.retention import fit_retention
from harken.unify.features.family_table import FAMILIES
from harken.vocabulary.errors import DataError
from harken.vocabulary.estimates import Estimate, Interval


@pytest.fixture(scope="module")
def setting():
    world = leaving_world(31, 8_000)
    fit = fit_retention(world.table, world.left, seed=1)
    levers = lever_effects(world.table, world.left, seed=1)
    value = np.random.default_rng(1).gamma(2, 100, 8_000)
    return world, fit, levers, value


def test_most_at_stake_first_and_only_those_still_here(setting) -> None:
    world, fit, levers, value = setting
    found = next_actions(
        world.table, fit.result.risk, fit.model, levers, seed=1, value=value, eligible=~world.left, limit=150
    )
    stakes = [action.at_stake for action in found.actions]
    assert len(stakes) == 150
    assert stakes == sorted(stakes, reverse=True)
    gone = set(world.table.customer_id[world.left].tolist())
    assert not gone & {action.customer_id for action in found.actions}
    best = np.where(world.left, -1, fit.result.risk * value).max()
    assert stakes[0] == pytest.approx(best)


def test_reasons_are_known_causes_of_this_customer(setting) -> None:
    world, fit, levers, value = setting
    found = next_actions(world.table, fit.result.risk, fit.model, levers, seed=1, value=value)
    row = {int(number): at for at, number in enumerate(world.table.customer_id)}
    named = [reason for action in found.actions for reason in action.reasons]
    assert {reason.family for reason in named} <= {"waiting", "contacts", "price", "place"}
    assert sum(reason.family in ("waiting", "contacts") for reason in named) > len(named) / 2
    for action in found.actions:
        changes = [reason.risk_change for reason in action.reasons]
        assert changes == sorted(changes)
        for reason in action.reasons:
            own = world.table.column(reason.column)[row[action.customer_id]]
            assert reason.value == pytest.approx(float(own))
            assert -action.risk < reason.risk_change < 0
            lever = levers.family(reason.family)
            assert lever.part.holds(np.array([reason.value]))[0]


def test_the_forecast_really_moves_as_the_reason_says(setting) -> None:
    world, fit, levers, value = setting
    found = next_actions(world.table, fit.result.risk, fit.model, levers, seed=1, value=value, limit=60)
    action = next(a for a in found.actions if a.reasons and a.reasons[0].family == "waiting")
    at = int(np.flatnonzero(world.table.customer_id == action.customer_id)[0])
    before = world.table.values[[at]]
    after = before.copy()
    after[0, world.table.names.index("wait")] = action.reasons[0].favourable
    moved = fit.model.risk(after)[0] / fit.model.risk(before)[0]
    assert action.reasons[0].risk_change == pytest.approx(action.risk * (moved - 1), rel=1e-4)


def test_the_gain_is_unknown_by_type_and_one_in_ten_is_held_out(setting) -> None:
    world, fit, levers, value = setting
    found = next_actions(world.table, fit.result.risk, fit.model, levers, seed=1, value=value, limit=1_000)
    assert found.gain.status is GainStatus.UNKNOWN
    assert all(action.gain.estimate is None for action in found.actions)
    assert "no contact was randomised" in " ".join(str(note) for note in found.notes)
    # 1,000 customers, one in ten: 60 to 145 has a chance above .999
    assert 60 <= sum(action.hold_out for action in found.actions) <= 145
    estimate = Estimate(0.02, Interval(0.01, 0.03), 900, "uplift.holdout")
    with pytest.raises(ValueError, match="unknown"):
        Gain(GainStatus.UNKNOWN, estimate)
    with pytest.raises(ValueError, match="unknown"):
        Gain(GainStatus.ESTIMATED)
    known = Gain(GainStatus.ESTIMATED, estimate)
    assert next_actions(world.table, fit.result.risk, fit.model, levers, seed=1, gain=known, limit=1).gain is known


def test_without_values_risk_ranks_and_without_levers_no_reason_is_made_up() -> None:
    rng = np.random.default_rng(2)
    table, left = noise_table(rng, 800), rng.random(800) < 0.3
    fit = fit_retention(table, left, seed=1)
    levers = lever_effects(table, left, seed=1, families=[])
    found = next_actions(table, fit.result.risk, fit.model, levers, seed=1, limit=20)
    assert [action.at_stake for action in found.actions] == [action.risk for action in found.actions]
    assert all(action.reasons == () for action in found.actions)
    words = " ".join(str(note) for note in found.notes)
    assert "risk alone" in words
    assert "no reasons are given" in words
    assert "ask how things are going" in str(found.actions[0].action)
    assert next_actions(table, fit.result.risk, fit.model, levers, seed=1, limit=0).actions == ()


def test_shapes_must_fit(setting) -> None:
    world, fit, levers, _ = setting
    with pytest.raises(DataError, match="same customers"):
        next_actions(world.table, fit.result.risk[:-1], fit.model, levers, seed=1)


def test_every_proposal_belongs_to_a_family_of_the_catalogue() -> None:
    assert set(PROPOSALS) <= {family.id for family in FAMILIES}
    levers = {family.id for family in FAMILIES if family.lever}
    assert levers <= set(PROPOSALS), levers - set(PROPOSALS)
