"""Effects of levers against known truth: adjusted where raw misleads, named parts, money, what-if, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from driver_worlds import leaving_world, noise_table, table_of
from harken.learn.drivers import EarlierWindow, lever_effects, rank_families, support, what_if
from harken.learn.drivers.bins import level_bins, number_bins
from harken.learn.drivers.contrast import best_cut
from harken.learn.drivers.curve import partially_linear
from harken.learn.drivers.effects import LeverEffects
from harken.learn.drivers.exposed import exposed_effect
from harken.learn.drivers.ridge import PENALTIES, FoldedRidge
from harken.learn.drivers.shape import ShapeKind
from harken.unify.features.catalogue import FeatureTable
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Evidence


@pytest.fixture(scope="module")
def world():
    return leaving_world(304, 20_000)


@pytest.fixture(scope="module")
def judged(world) -> LeverEffects:
    return lever_effects(world.table, world.left, seed=1, value=np.full(20_000, 250.0))


def test_a_second_contact_is_found_with_its_effect_where_the_raw_one_misleads(world, judged) -> None:
    lever = judged.family("contacts")
    assert lever is not None
    assert (lever.part.cut, lever.part.high_is_unfavourable) == (1.0, True)
    contacts = world.table.column("contacts")
    assert lever.affected == int((contacts > 1).sum())
    truth = float((world.risk - world.without_repeat)[contacts > 1].mean())
    adjusted = lever.effect.adjusted
    assert adjusted.estimate.interval.lower < truth < adjusted.estimate.interval.upper
    assert not adjusted.estimate.interval.lower < lever.effect.raw.estimate.value < adjusted.estimate.interval.upper
    assert adjusted.evidence is Evidence.ADJUSTED
    assert adjusted.adjusted_for == ("noise", "place", "price", "tenure", "usage", "waiting")
    assert lever.effect.raw.evidence is Evidence.ASSOCIATIONAL
    assert 0 < adjusted.robustness_value < 0.3
    assert lever.effect.risk_ratio is not None
    assert 1 < lever.effect.e_value_limit < lever.effect.e_value
    assert lever.outcomes.value == pytest.approx(adjusted.estimate.value * lever.affected)
    assert lever.money.value == pytest.approx(250 * lever.outcomes.value, rel=1e-6)


def test_waiting_has_its_threshold_and_punishes_only(judged) -> None:
    lever = judged.family("waiting")
    assert lever.shape.kind is ShapeKind.THRESHOLD
    place = lever.shape.threshold.place
    assert place.interval.lower < 12 < place.interval.upper
    assert lever.shape.threshold.slope_after.interval.lower > 0
    assert lever.pattern.kind.value == "punishes_only"
    assert "above" in str(lever.part.words)


def test_noise_is_flat_and_its_effect_not_shown(judged) -> None:
    lever = judged.family("noise")
    assert lever.shape.kind is ShapeKind.FLAT
    assert abs(lever.effect.adjusted.estimate.value) < 0.02
    assert lever.effect.adjusted.robustness_value < 0.03


def test_the_curve_averages_to_the_overall_rate(judged) -> None:
    for lever in judged.levers:
        curve = lever.curve
        assert np.average(curve.levels, weights=curve.n) == pytest.approx(curve.overall)
        assert len(curve.n) <= 12
        assert all(
            low <= level <= high for low, level, high in zip(curve.lower, curve.levels, curve.upper, strict=True)
        )
        if not curve.category:
            assert list(curve.centres) == sorted(curve.centres)


def test_what_if_no_wait_were_over_twelve_minutes(world, judged) -> None:
    lever = judged.family("waiting")
    wait = world.table.column("wait")
    truth = float((world.without_wait - world.risk).sum())
    answer = what_if(
        lever.curve,
        wait,
        12.0,
        lower_is_better=True,
        value=np.full(20_000, 100.0),
        margin=0.5,
        adjusted_for=lever.effect.adjusted.adjusted_for,
    )
    assert answer.moved == int((wait > 12).sum())
    assert answer.outcomes.interval.lower < truth < answer.outcomes.interval.upper
    assert answer.money.value == pytest.approx(-50 * answer.outcomes.value)
    assert answer.break_even_each.value == pytest.approx(answer.money.value / answer.moved)
    assert answer.effect.evidence is Evidence.ADJUSTED


def test_what_nobody_does_is_refused(world, judged) -> None:
    curve, wait = judged.family("waiting").curve, world.table.column("wait")
    low, _ = support(curve, wait, lower_is_better=True)
    assert float((wait <= low).mean()) >= 0.05
    refused = what_if(curve, wait, low * 0.5, lower_is_better=True)
    assert refused.outcomes is None
    assert "nobody knows" in str(refused.refused)
    assert what_if(curve, wait, low, lower_is_better=True).refused is None
    assert "already" in str(what_if(curve, wait, float(wait.max()) + 1, lower_is_better=True).refused)
    region = judged.family("place").curve
    codes = world.table.column("region")
    assert what_if(region, codes, "moon").refused is not None
    moved = what_if(region, codes, "north")
    assert moved.refused is None
    assert moved.moved == int((codes != 0).sum())


def test_without_other_families_an_effect_stays_associational() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=800)
    table = table_of({"x": x}, levers=("x",))
    lever = lever_effects(table, rng.random(800) < 0.2 + 0.2 * (x > 0), seed=1).levers[0]
    assert lever.effect.adjusted.evidence is Evidence.ASSOCIATIONAL
    assert lever.effect.adjusted.estimate.value == pytest.approx(lever.effect.raw.estimate.value, abs=0.01)


def test_a_score_turns_the_sign_round() -> None:
    rng = np.random.default_rng(14)
    ease, other = rng.normal(size=(2, 4_000))
    score = 7 + 0.8 * ease + 0.5 * other + rng.normal(size=4_000)
    table = table_of({"ease": ease, "other": other}, levers=("ease",))
    lever = lever_effects(table, score, seed=1, bad_is_high=False).levers[0]
    assert lever.part.high_is_unfavourable is False
    assert lever.effect.adjusted.estimate.interval.upper < 0
    assert lever.effect.risk_ratio is None
    assert lever.per_unit.estimate.value == pytest.approx(0.8, abs=0.05)
    assert lever.shape.kind is ShapeKind.STRAIGHT
    assert lever.pattern.kind.value == "both"


def test_scale_order_and_other_windows(world, judged) -> None:
    table = world.table
    scaled = FeatureTable(table.customer_id, table.values * np.float32([4] * 5 + [1] * 7), table.features, None)
    lever = lever_effects(scaled, world.left, seed=1, families=["waiting"]).levers[0]
    same = judged.family("waiting")
    assert lever.effect.adjusted.estimate.value == pytest.approx(same.effect.adjusted.estimate.value, abs=2e-3)
    assert lever.per_unit.estimate.value == pytest.approx(same.per_unit.estimate.value / 4, rel=0.02)
    half = FeatureTable(table.customer_id[:6_000], table.values[:6_000], table.features, None)
    now = lever_effects(table, world.left, seed=1, families=["contacts"], everyone=half).levers[0]
    assert now.affected == int((half.column("contacts") > 1).sum())
    assert now.effect == lever_effects(table, world.left, seed=1, families=["contacts"]).levers[0].effect


def test_effect_on_the_exposed_is_doubly_robust() -> None:
    # One confounder; either the outcome model or the propensity is left out (a constant): still right.
    rng = np.random.default_rng(5)
    n = 200_000
    z = rng.normal(size=n)
    e = 1 / (1 + np.exp(-z))
    exposed = rng.random(n) < e
    y = 2.0 * z + 0.5 * exposed * (1 + z) + rng.normal(size=n)
    truth = float((0.5 * (1 + z))[exposed & (e <= 0.9)].mean())  # beyond 0.9 there are hardly any like
    # E[y | z] with the exposure integrated out
    expected = 2.0 * z + 0.5 * e * (1 + z)
    given = {"adjusted_for": ("z",), "binary": False}
    right = exposed_effect(y, exposed, expected, e, **given)
    assert right.comparable_share == pytest.approx((e[exposed] <= 0.9).mean())
    no_outcome_model = exposed_effect(y, exposed, np.full(n, y.mean()), e, **given)
    assert right.adjusted.estimate.value == pytest.approx(truth, abs=0.02)
    assert no_outcome_model.adjusted.estimate.value == pytest.approx(truth, abs=0.03)
    assert abs(right.raw.estimate.value - truth) > 0.5


def test_residuals_on_residuals_is_least_squares() -> None:
    # Frisch, Waugh and Lovell: with residuals of least squares it is the multiple regression's coefficient.
    rng = np.random.default_rng(6)
    z = np.column_stack([np.ones(300), rng.normal(size=(300, 2))])
    x = z @ np.array([0.2, 1.0, -1.0]) + rng.normal(size=300)
    y = 0.7 * x + z @ np.array([1.0, 2.0, 3.0]) + rng.normal(size=300)
    whole, *_ = np.linalg.lstsq(np.column_stack([x, z]), y, rcond=None)

    def left(v):
        return v - z @ np.linalg.lstsq(z, v, rcond=None)[0]

    slope, covariance = partially_linear(left(y), left(x)[:, None])
    assert slope[0] == pytest.approx(whole[0])
    assert covariance.shape == (1, 1)


def test_groups_hold_everybody_in_order() -> None:
    rng = np.random.default_rng(7)
    for x in (rng.normal(size=5_000), rng.poisson(0.3, 5_000).astype(float), np.round(rng.gamma(1, 3, 400))):
        bins = number_bins(x)
        assert sum(bins.n) == len(x)
        assert len(bins.n) <= 12
        assert min(bins.n) >= min(30, len(x))
        assert all(bins.highest[b] < bins.lowest[b + 1] for b in range(len(bins.n) - 1))
        assert all(bins.lowest[c] <= v <= bins.highest[c] for v, c in zip(x[:200], bins.codes[:200], strict=True))
    assert sum(level_bins(rng.integers(0, 60, 3_000).astype(float)).n) == 3_000


def test_the_best_cut_parts_the_outcome() -> None:
    rng = np.random.default_rng(8)
    for _ in range(20):
        share, theta = rng.dirichlet(np.ones(6) * 5), rng.normal(size=6)
        scores = []
        for cut in range(5):
            below = share[: cut + 1].sum()
            gap = np.average(theta[cut + 1 :], weights=share[cut + 1 :]) - np.average(
                theta[: cut + 1], weights=share[: cut + 1]
            )
            inside = 0.05 <= below <= 0.95
            scores.append(below * (1 - below) * gap**2 if inside else -np.inf)
        assert best_cut(share, theta)[0] == int(np.argmax(scores))


def test_bad_input_ends_in_sentences() -> None:
    rng = np.random.default_rng(9)
    table = noise_table(rng, 300)
    with pytest.raises(NotEnoughData, match="20 of either outcome"):
        lever_effects(table, np.arange(300) < 5, seed=1)
    with pytest.raises(DataError, match="same customers"):
        lever_effects(table, np.zeros(299), seed=1)
    nothing = table_of({"same": np.ones(300), "half": np.arange(300) < 150}, levers=("same", "half"))
    judged = lever_effects(nothing, rng.random(300) < 0.5, seed=1)
    assert [lever.column for lever in judged.levers] == ["half"]


def test_exposed_without_any_like_are_not_judged() -> None:
    rng = np.random.default_rng(11)
    plan = rng.integers(0, 2, 2_000)
    table = table_of({"discount": plan, "plan": plan, "x": rng.normal(size=2_000)}, levers=("discount",))
    judged = lever_effects(table, rng.random(2_000) < 0.2 + 0.2 * plan, seed=1)
    assert judged.levers == ()
    assert "moves in step with plan" in str(judged.not_judged[0][1])
    mixed = table_of({"sum": plan + 2.0 * (x := rng.integers(0, 2, 2_000)), "a": plan, "b": x}, levers=("sum",))
    told = lever_effects(mixed, rng.random(2_000) < 0.3, seed=1).not_judged
    assert "has a like outside" in str(told[0][1])


def test_an_earlier_window_makes_effects_surer_and_does_not_move_them() -> None:
    latest, before = leaving_world(41, 5_000), leaving_world(42, 5_000)
    more = before.left | (np.random.default_rng(1).random(5_000) < 0.08)  # leaving was commoner then
    window = EarlierWindow(before.table, more)
    alone = lever_effects(latest.table, latest.left, seed=1, families=["contacts"]).levers[0]
    pooled = lever_effects(latest.table, latest.left, seed=1, families=["contacts"], earlier=window).levers[0]
    assert pooled.affected == alone.affected
    interval = pooled.effect.adjusted.estimate.interval
    assert interval.half_width < 0.8 * alone.effect.adjusted.estimate.interval.half_width
    assert interval.lower < 0.08 < interval.upper
    ranking = rank_families(latest.table, latest.left, seed=1, earlier=window)
    assert ranking.n == 10_000
    with pytest.raises(DataError, match="no values"):
        lever_effects(latest.table, latest.left, seed=1, value=np.ones(5_000), earlier=window)


def test_folded_ridge_is_ridge_on_the_other_folds() -> None:
    rng = np.random.default_rng(10)
    design = rng.normal(size=(400, 5)).astype(np.float32)
    targets = design @ rng.normal(size=(5, 2)) + rng.normal(size=(400, 2)) + 3
    fold = rng.integers(0, 3, 400)
    ridge = FoldedRidge(design, fold)
    predicted = ridge.left_out(targets)
    errors = []
    for penalty in PENALTIES:
        by_hand = np.empty((400, 2))
        for k in range(3):
            z, t = design[fold != k].astype(float), targets[fold != k]
            centred = z - z.mean(axis=0)
            gram = centred.T @ centred / len(z) + penalty * np.eye(5)
            weights = np.linalg.solve(gram, centred.T @ (t - t.mean(axis=0)) / len(z))
            by_hand[fold == k] = (design[fold == k] - z.mean(axis=0)) @ weights + t.mean(axis=0)
        errors.append((((targets - by_hand)[:, 0] ** 2).sum(), by_hand))
    best = min(errors, key=lambda pair: pair[0])[1]
    assert predicted == pytest.approx(best, abs=1e-4)
