"""Raking and post-stratification against R's survey package on its API data, and the laws of weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.learn.scores import calibrated_score, margin_of, raked, summarize
from harken.learn.scores.weighting import Calibrated, Margin
from harken.vocabulary.errors import DataError
from harken.vocabulary.scales import SCALES

STYPE = {"E": 4421, "H": 755, "M": 1018}
WIDE = {"No": 1072, "Yes": 5122}
# Schools of apiclus1 by (stype, sch.wide), and the weight that R's rake gives to each of them.
CELLS = {
    ("E", "No"): (12, 39.83924), ("H", "No"): (3, 67.12553), ("M", "No"): (8, 49.06907),
    ("E", "Yes"): (132, 29.87068), ("H", "Yes"): (11, 50.32940), ("M", "Yes"): (17, 36.79102),
}  # fmt: skip


def test_raked_weights_are_those_of_r_survey() -> None:
    stype = [cell[0] for cell, (n, _) in CELLS.items() for _ in range(n)]
    wide = [cell[1] for cell, (n, _) in CELLS.items() for _ in range(n)]
    found = raked([margin_of("stype", stype, STYPE), margin_of("sch.wide", wide, WIDE)])
    wanted = [weight for n, weight in CELLS.values() for _ in range(n)]
    assert found.weights.tolist() == pytest.approx(wanted, abs=6e-6)
    assert found.design_effect == pytest.approx(1.0517, abs=5e-5)
    assert found.weights.sum() == pytest.approx(6194)


def world(rng: np.random.Generator, n: int) -> tuple[list[Margin], np.ndarray]:
    """Answers with two columns; totals of all customers that differ from those who answered."""
    plan, area = rng.integers(0, 3, n), rng.integers(0, 2, n)
    plan[:3], area[:3] = [0, 1, 2], [0, 1, 0]
    margins = [
        Margin("plan", plan, ("A", "B", "C"), np.array([500.0, 300.0, 200.0])),
        Margin("area", area, ("N", "S"), np.array([650.0, 350.0])),
    ]
    return margins, rng.integers(0, 11, n).astype(float)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_margins_are_met_and_rows_may_come_in_any_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    margins, score = world(rng, 90)
    found = raked(margins)
    for level in found.levels:
        assert level.after == pytest.approx(level.asked, abs=1e-9)
    assert (found.weights > 0).all()
    assert found.design_effect >= 1.0
    order = rng.permutation(90)
    moved = [Margin(one.name, one.codes[order], one.levels, one.totals) for one in margins]
    again = raked(moved[::-1])
    assert again.weights == pytest.approx(found.weights[order], rel=1e-9)
    # Shares instead of totals, and another unit of the base weights, change nothing but the unit.
    shares = [Margin(one.name, one.codes, one.levels, one.totals / 1000) for one in margins]
    assert 1000 * raked(shares, base=np.full(90, 7.0)).weights == pytest.approx(found.weights, rel=1e-9)
    scale = SCALES["nps_0_10"]
    one, other = calibrated_score(score, scale, found), calibrated_score(score[order], scale, again)
    assert one.estimate.value == pytest.approx(other.estimate.value, abs=1e-7)
    assert one.standard_error == pytest.approx(other.standard_error, rel=1e-6)


def test_margins_that_the_answers_meet_already_leave_weights_equal() -> None:
    codes = np.repeat([0, 1], [30, 70])
    score = np.tile([2.0, 8.0, 9.0, 10.0, 10.0], 20)
    met = raked([Margin("plan", codes, ("A", "B"), np.array([300.0, 700.0]))])
    assert met.weights.tolist() == pytest.approx([10.0] * 100)
    assert (met.n_effective, met.design_effect) == pytest.approx((100, 1))
    found, plain = calibrated_score(score, SCALES["nps_0_10"], met), summarize(score, SCALES["nps_0_10"])
    assert plain.headline is not None
    assert found.unweighted == plain.headline
    assert found.estimate.value == pytest.approx(plain.headline.value)
    # A margin that says nothing: the range is the unweighted one, up to n - 1 for n.
    whole = raked([Margin("all", np.zeros(100, int), ("all",), np.array([5000.0]))])
    nothing = calibrated_score(score, SCALES["nps_0_10"], whole).estimate
    assert nothing.n_effective == pytest.approx(99)
    assert nothing.interval.lower == pytest.approx(plain.headline.interval.lower, abs=0.2)


def test_trimming_is_told_and_keeps_the_cap() -> None:
    codes = np.repeat([0, 1], [10, 190])
    margin = Margin("plan", codes, ("rare", "usual"), np.array([500.0, 500.0]))
    free, cut = raked([margin]), raked([margin], largest=4.0)
    assert (free.trimmed, free.cap, free.largest_miss) == (0, None, 0.0)
    assert cut.cap == pytest.approx(4 * 1000 / 200)
    assert cut.weights.max() <= cut.cap * (1 + 1e-9)
    assert cut.trimmed == 10
    assert cut.largest_miss > 0.2, "a fifth of the customers are not stood for any more, and that is said"
    assert cut.design_effect < free.design_effect
    gentle = raked([margin], largest=20.0)
    assert (gentle.trimmed, gentle.largest_miss) == (0, 0.0)
    # With other levels to make up for it a cap costs no margin.
    rng = np.random.default_rng(0)
    margins, _ = world(rng, 300)
    loose = raked(margins, base=np.exp(rng.standard_normal(300)))
    tight = raked(margins, base=loose.base, largest=3.0)
    assert loose.weights.max() > 3.0 * 1000 / 300
    assert tight.trimmed > 0
    assert tight.largest_miss < 1e-6


def test_impossible_margins_are_refused_all_at_once() -> None:
    codes = np.array([0, 0, 1, 1])
    with pytest.raises(DataError) as refused:
        raked([
            Margin("plan", codes, ("A", "B", "C"), np.array([10.0, 0.0, 5.0])),
            Margin("area", codes, ("N", "S"), np.array([10.0, -1.0])),
        ])  # fmt: skip
    said = [(problem.column, problem.value) for problem in refused.value.problems]
    assert said == [("plan", "B"), ("plan", "C"), ("area", "S")]
    with pytest.raises(DataError, match="different totals: plan 15, area 30"):
        raked([
            Margin("plan", codes, ("A", "B"), np.array([10.0, 5.0])),
            Margin("area", codes, ("N", "S"), np.array([10.0, 20.0])),
        ])  # fmt: skip
    # Those who answered have one column tell the other: two different margins cannot both hold.
    with pytest.raises(DataError, match="contradict the other margins"):
        raked([
            Margin("plan", codes, ("A", "B"), np.array([10.0, 5.0])),
            Margin("area", codes, ("N", "S"), np.array([5.0, 10.0])),
        ])  # fmt: skip
    with pytest.raises(DataError, match="without a total: D"):
        margin_of("plan", ["A", "D"], {"A": 1.0})
    with pytest.raises(DataError, match="above 0"):
        raked([Margin("plan", codes, ("A", "B"), np.array([1.0, 1.0]))], base=[1, 1, 0, 1])
    with pytest.raises(DataError, match="one length"):
        raked([])


def test_a_customer_who_answers_twice_alike_counts_once() -> None:
    rng = np.random.default_rng(3)
    margins, score = world(rng, 60)
    once = calibrated_score(score, SCALES["nps_0_10"], raked(margins))
    twice = [Margin(one.name, np.tile(one.codes, 2), one.levels, one.totals) for one in margins]
    both = calibrated_score(
        np.tile(score, 2), SCALES["nps_0_10"], raked(twice), customer_id=np.tile(np.arange(60), 2)
    )
    assert both.estimate.n == once.estimate.n == 60
    assert both.standard_error == pytest.approx(once.standard_error, rel=1e-9)
    assert both.estimate.interval.lower == pytest.approx(once.estimate.interval.lower, abs=1e-6)
    blank = np.where(np.arange(60) % 7 == 6, np.nan, score)
    found = calibrated_score(blank, SCALES["nps_0_10"], raked(margins))
    assert found.estimate.n == int(np.isfinite(blank).sum())
    assert found.standard_error > once.standard_error


@pytest.mark.slow
def test_ranges_of_raked_scores_cover_the_truth() -> None:
    """2,000 surveys of 20,000 customers in six cells, of whom satisfied and rare cells answer at other rates.

    Two columns tell who answers and how satisfied they are. Nominal 95%; a method that covers 94% falls below .922
    less than once in a thousand (binomial), and the unweighted score must be seen to fail.
    """
    rng = np.random.default_rng(21)
    share = np.array([[0.30, 0.10], [0.20, 0.15], [0.10, 0.15]])
    answering = np.array([[0.010, 0.020], [0.006, 0.012], [0.004, 0.008]])
    happy = np.array([[0.70, 0.60], [0.55, 0.45], [0.35, 0.25]])
    cells = rng.choice(6, 20_000, p=share.ravel())
    plan, area = cells // 2, cells % 2
    draw = rng.random(20_000)
    chance = happy.ravel()[cells]
    score = np.where(draw < chance, 10.0, np.where(draw < chance + 0.2, 7.0, 3.0))
    truth = 100 * ((score == 10).mean() - (score == 3).mean())
    totals = np.bincount(plan).astype(float), np.bincount(area).astype(float)
    covered, naive = 0, 0
    for _ in range(2000):
        rows = np.flatnonzero(rng.random(20_000) < answering.ravel()[cells])
        weights: Calibrated = raked([
            Margin("plan", plan[rows], ("a", "b", "c"), totals[0]),
            Margin("area", area[rows], ("n", "s"), totals[1]),
        ])  # fmt: skip
        found = calibrated_score(score[rows], SCALES["nps_0_10"], weights)
        covered += not found.estimate.interval.excludes(truth)
        naive += not found.unweighted.interval.excludes(truth)
    assert covered / 2000 > 0.922
    assert covered / 2000 < 0.985
    assert naive < covered
