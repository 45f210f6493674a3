"""Random silent customers: the plan keeps its promise, full reach needs no assumption, partial reach says so."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from harken.learn.whole_base.estimate import estimate_whole_base
from harken.learn.whole_base.follow_up import FollowUp, estimate_follow_up, plan_follow_up
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.scales import SCALES
from whole_base_world import World, world

NPS = SCALES["nps_0_10"]
REPETITIONS = 400


@pytest.fixture(scope="module")
def moody() -> World:
    """Mood itself decides who answers: answered only is 20 points too high, every weighting 10."""
    return world(20_000, seed=77, mood=0.5)


def follow(w: World, rng: np.random.Generator, drawn: int, *, reach: float = 1.0, pull: float = 0.0) -> FollowUp:
    """Draw from the silent; `reach` of them answer, likelier by `pull` in log-odds per step of mood."""
    silent = np.flatnonzero(~w.answered)
    chosen = rng.choice(silent, drawn, replace=False)
    score = w.truth[chosen]
    if reach < 1:
        log_odds = np.log(reach / (1 - reach)) + pull * w.band[chosen]
        score = np.where(rng.random(drawn) < 1 / (1 + np.exp(-log_odds)), score, np.nan)
    answered = 100 * float(w.band[w.answered].mean())
    return estimate_follow_up(answered, int(w.answered.sum()), len(silent), score, NPS)


def told(name: str, results: list[FollowUp], truth: float) -> tuple[float, int, int]:
    errors = np.array([one.total.value - truth for one in results])
    covered = sum(not one.total.interval.excludes(truth) for one in results)
    claimed = sum(not one.claimed.excludes(truth) for one in results)
    print(
        f"\n{name}: bias {errors.mean():+.2f}, rmse {np.sqrt((errors**2).mean()):.2f}, range by chance covers "
        f"{covered / len(results):.3f}, claimed range {claimed / len(results):.3f}"
    )
    return float(errors.mean()), covered, claimed


@pytest.mark.parametrize("drawn", [300, 1_000])
def test_all_reached_needs_no_assumption(moody, drawn):
    """Elsewhere: 300 in full, bias +.2, RMSE 4.3, coverage .95; 1,000, RMSE 2.6, coverage .93 (100 repetitions)."""
    rng = np.random.default_rng(drawn)
    silent = ~moody.answered
    left = 1 - drawn / silent.sum()
    rmse = silent.mean() * 100 * moody.band[silent].std() * np.sqrt(left / drawn)
    results = [follow(moody, rng, drawn) for _ in range(REPETITIONS)]
    bias, covered, claimed = told(f"{drawn} reached in full", results, moody.nps)
    assert abs(bias) < 3.3 * rmse / np.sqrt(REPETITIONS)
    errors = np.array([one.total.value - moody.nps for one in results])
    assert np.sqrt((errors**2).mean()) == pytest.approx(rmse, rel=0.15)
    assert covered == claimed
    assert binom.ppf(0.001, REPETITIONS, 0.95) <= covered <= binom.ppf(0.999, REPETITIONS, 0.96)
    assert all(one.random and one.open_question is None for one in results)


def test_a_selective_reply_leaves_bias_and_the_claim_allows_for_it(moody):
    """Elsewhere: 600 drawn, 60% reached, mildly by mood: bias +5.4, coverage of the plain range .69."""
    rng = np.random.default_rng(6)
    results = [follow(moody, rng, 600, reach=0.62, pull=0.25) for _ in range(REPETITIONS)]
    bias, covered, claimed = told("600 drawn, 60% reached by mood", results, moody.nps)
    assert 4 < bias < 8
    assert covered < 0.8 * REPETITIONS
    assert claimed >= binom.ppf(0.001, REPETITIONS, 0.95)
    for one in results:
        assert one.claimed.half_width > one.total.interval.half_width
        assert one.bounds.lower <= one.claimed.lower
        assert one.bounds.upper >= one.claimed.upper
        assert not one.bounds.excludes(moody.nps)
    assert "were not reached" in str(results[0].open_question)


def test_below_three_fifths_it_is_a_survey_once_more(moody):
    one = follow(moody, np.random.default_rng(1), 400, reach=0.4, pull=0.5)
    assert not one.random
    assert "survey once more" in str(one.statement)
    assert one.claimed.half_width > one.total.interval.half_width


def test_the_plan_keeps_its_promise(moody):
    """The range after the draw is at most as wide as planned, at every reach; more is not asked for than needed."""
    silent = ~moody.answered
    spread = 100 * float(moody.band[silent].std())
    for half_width, reach in ((10.0, 1.0), (5.0, 1.0), (5.0, 0.7)):
        plan = plan_follow_up(spread, int(silent.sum()), len(silent), half_width, reach)
        rng = np.random.default_rng(9)
        widths = [follow(moody, rng, plan.draw, reach=reach).total.interval.half_width for _ in range(20)]
        assert np.mean(widths) == pytest.approx(half_width, rel=0.06)
    assert plan.draw == pytest.approx(plan.reached / 0.7, abs=1)
    everybody = plan_follow_up(spread, 100, 1_000, 0.01, 0.5)
    assert (everybody.draw, everybody.possible) == (100, False)


def test_what_the_model_foresees_narrows_and_never_bends(moody):
    """With expectations, whatever they are worth, the estimate stays right; good ones narrow the range."""
    w = world(8_000, seed=3, mood=0.5)
    base = estimate_whole_base(w.table, w.answered, w.score, NPS, seed=1).columns
    silent = np.flatnonzero(~w.answered)
    answered = 100 * float(w.band[w.answered].mean())
    rng = np.random.default_rng(4)
    noise = rng.normal(0, 60, len(w.answered))
    errors: dict[str, list[float]] = {"none": [], "model": [], "noise": []}
    for _ in range(200):
        chosen = rng.choice(silent, 400, replace=False)
        for name, g in (("none", None), ("model", base.expected), ("noise", noise)):
            known = {} if g is None else {"expected": g[chosen], "silent_expected": float(g[silent].mean())}
            one = estimate_follow_up(answered, int(w.answered.sum()), len(silent), w.truth[chosen], NPS, **known)
            errors[name].append(one.total.value - w.nps)
            if name == "model":
                width, gap = one.total.interval.half_width, one.gap
    spread = {name: np.std(found) for name, found in errors.items()}
    print({name: (round(np.mean(found), 2), round(spread[name], 2)) for name, found in errors.items()}, width, gap)
    for name, found in errors.items():
        assert abs(np.mean(found)) < 3.5 * spread[name] / np.sqrt(200), name
    assert spread["model"] < 0.95 * spread["none"]
    assert spread["noise"] < 1.1 * spread["none"]
    true_gap = float((base.expected - 100 * w.band)[silent].mean())
    assert true_gap > 8
    assert not gap.interval.excludes(true_gap)


def test_by_hand():
    """Hansen and Hurwitz by hand: 100 answered at 50; 40 of 300 silent drawn, 10 promoters, 20 passives, 10 not."""
    score = np.repeat([10.0, 8.0, 0.0], [10, 20, 10])
    one = estimate_follow_up(50.0, 100, 300, score, NPS)
    assert one.total.value == pytest.approx(0.25 * 50 + 0.75 * 0)
    variance = (20 * 100**2 + 2 * 100**2) / 38
    half = 0.75 * 2.0243942 * np.sqrt(variance / 40 * (1 - 40 / 300))
    assert one.total.interval.half_width == pytest.approx(half, rel=1e-6)
    part = estimate_follow_up(50.0, 100, 300, np.r_[score, np.full(10, np.nan)], NPS)
    assert part.total.value == one.total.value
    assert part.reach == pytest.approx(0.8)
    assert part.bounds.lower < part.claimed.lower < part.total.interval.lower


@pytest.mark.parametrize("scale", ["csat_1_5", "ces_1_5_hard", "yes_no", "rating_0_10"])
def test_every_kind_of_headline(moody, scale):
    chosen = SCALES[scale]
    truth = np.round(chosen.minimum + moody.truth / 10 * (chosen.maximum - chosen.minimum))
    drawn = np.random.default_rng(1).choice(np.flatnonzero(~moody.answered), 500, replace=False)
    everybody = truth if chosen.headline == "mean" else 100 * np.array([chosen.band(s) == 1 for s in truth])
    said = float(everybody[moody.answered].mean())
    answers = int(moody.answered.sum())
    one = estimate_follow_up(said, answers, len(truth) - answers, truth[drawn], chosen)
    assert not one.total.interval.excludes(float(everybody.mean()))


def test_everybody_drawn_and_reached_is_the_truth():
    w = world(600, seed=1)
    silent = np.flatnonzero(~w.answered)
    one = estimate_follow_up(100 * w.band[w.answered].mean(), 600 - len(silent), len(silent), w.truth[silent], NPS)
    assert one.total.value == pytest.approx(w.nps)
    assert one.total.interval.half_width == pytest.approx(0, abs=1e-9)


def test_refusals():
    with pytest.raises(NotEnoughData, match="29 of the 50"):
        estimate_follow_up(0.0, 10, 90, np.r_[np.full(29, 5.0), np.full(21, np.nan)], NPS)
    with pytest.raises(DataError, match="not between"):
        estimate_follow_up(0.0, 10, 90, np.full(40, 11.0), NPS)
    with pytest.raises(DataError, match="drawn from 30"):
        estimate_follow_up(0.0, 10, 30, np.full(40, 5.0), NPS)
    with pytest.raises(ValueError, match="no plan"):
        plan_follow_up(80.0, 100, 1_000, 0.0)
