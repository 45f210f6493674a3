"""Signs that scores are pushed: nothing is found where nothing is, planted patterns are, missing data are named."""

from __future__ import annotations

import numpy as np
import pytest

from harken.learn.scores.gaming import Given, Pattern, Served, Units, scan_for_gaming
from harken.learn.scores.threshold import neighbours, smooth_excess
from harken.vocabulary.scales import SCALES, Headline, Scale

NPS = SCALES["nps_0_10"]
AGENTS = tuple(f"agent {number}" for number in range(25))
MARKS = Scale("marks", "1-5, averaged", 1, 5, True, 4, 2.5, Headline.MEAN)


def quiet(rng: np.random.Generator, n: int = 2000, agents: int = 25) -> tuple[Given, Served]:
    """Answers and contacts in which the agent makes no difference to anything."""
    agent = rng.integers(0, agents, n)
    customer = np.sort(rng.integers(0, n, n))
    mood = rng.normal(7.3, 2.2, n)
    given = Given(
        "after/recommend",
        NPS,
        np.clip(np.round(mood), 0, 10),
        customer,
        rng.lognormal(4.0, 0.7, n),
        rng.random(n) < np.where(mood > 9, 0.5, 0.6),
        (Units("agent", agent, AGENTS),),
    )
    repeat = rng.random(3 * n) < 0.25
    answered = rng.random(3 * n) < np.where(repeat, 0.25, 0.35)
    who = Units("agent", rng.integers(0, agents, 3 * n), AGENTS)
    return given, Served("after/recommend", who, rng.integers(0, 2 * n, 3 * n), answered, repeat)


def found(scan) -> set[tuple[str, str]]:  # type: ignore[no-untyped-def]
    return {(sign.pattern.value, sign.unit) for sign in scan.signs}


@pytest.mark.slow
def test_where_nobody_pushes_nobody_is_named() -> None:
    """400 worlds without any effect, about 60 comparisons in each: any sign in at most 5% of them.

    At a true 5% more than 35 worlds of 400 have a sign less than once in a thousand (binomial).
    """
    rng = np.random.default_rng(41)
    scans = [scan_for_gaming([given], [served]) for given, served in (quiet(rng, agents=10) for _ in range(400))]
    assert min(scan.tested for scan in scans) > 45
    assert {one.pattern for one in scans[0].patterns if one.tested} == set(Pattern)
    assert sum(scan.found > 0 for scan in scans) <= 35


def test_a_scan_of_nothing_finds_nothing_and_counts_what_it_looked_at() -> None:
    given, served = quiet(np.random.default_rng(5))
    scan = scan_for_gaming([given], [served])
    assert (scan.signs, scan.found, scan.missing) == ((), 0, ())
    assert scan.tested == sum(one.tested for one in scan.patterns)


def planted(pattern: str) -> tuple[Given, Served]:
    """The quiet world with one thing changed for agent 3."""
    rng = np.random.default_rng(6)
    given, served = quiet(rng, 6000)
    own, seen = given.units[0].codes == 3, served.units.codes == 3
    if pattern == "high":
        given.score[own] = np.minimum(given.score[own] + 2, 10)
    elif pattern == "spike":
        given.score[own & (given.score == 8)] = 9
    elif pattern == "quick":
        given.duration_s[own & (rng.random(own.size) < 0.5)] = 3.0  # type: ignore[index]
    elif pattern == "wordless":
        given.words[own & (given.score == 10)] = False  # type: ignore[index]
    elif pattern == "replies":
        served.answered[seen & (rng.random(seen.size) < 0.4)] = True
    else:
        served.answered[seen & served.repeat & (rng.random(seen.size) < 0.9)] = False
    return given, served


@pytest.mark.parametrize("pattern", [one.value for one in Pattern])
def test_a_planted_pattern_is_found_where_it_is(pattern: str) -> None:
    given, served = planted(pattern)
    scan = scan_for_gaming([given], [served])
    assert (pattern, "agent 3") in found(scan)
    assert {unit for _, unit in found(scan)} == {"agent 3"}
    sign = next(one for one in scan.signs if one.pattern.value == pattern)
    assert sign.p <= sign.p_adjusted <= 0.05
    assert str(sign.message).startswith("agent 3: ")
    assert "Look at" in str(sign.message)


def test_units_that_differ_in_earnest_are_not_named_unless_one_lies_far_out() -> None:
    rng = np.random.default_rng(9)
    agent = np.repeat(np.arange(25), 120)
    skill = rng.normal(0, 0.8, 25)
    units = (Units("agent", agent, AGENTS),)

    def scan(shift: np.ndarray) -> set[tuple[str, str]]:
        score = np.clip(np.round(rng.normal(6.5 + shift[agent], 2.0)), 0, 10)
        return found(scan_for_gaming([Given("q", NPS, score, np.arange(agent.size), units=units)]))

    assert scan(skill) == set()
    skill[7] = 3.5
    assert ("high", "agent 7") in scan(skill)


def test_the_other_direction_is_no_sign() -> None:
    """Worse scores, more words, fewer answers: nothing that pushes a score."""
    given, served = quiet(np.random.default_rng(7), 4000)
    own, seen = given.units[0].codes == 3, served.units.codes == 3
    given.score[own] = np.maximum(given.score[own] - 3, 0)
    served.answered[seen] = False
    assert "agent 3" not in {unit for _, unit in found(scan_for_gaming([given], [served]))}


def test_marks_moved_over_the_threshold_are_seen_on_whole_and_fine_scales() -> None:
    rng = np.random.default_rng(8)
    whole = np.clip(np.round(rng.normal(7.0, 2.0, 3000)), 0, 10)
    fine = np.clip(np.round(rng.normal(3.8, 0.6, 3000), 2), 1, 5)
    for score, scale, below, above in ((whole, NPS, 8.0, 9.0), (fine, MARKS, 3.8, 4.0)):
        smooth = smooth_excess(score, scale)
        assert smooth is not None
        assert smooth.p > 0.01
        pushed = score.copy()
        near = (score >= below) & (score < scale.favourable_from)
        pushed[near & (rng.random(score.size) < 0.4)] = above
        spiked = smooth_excess(pushed, scale)
        assert spiked is not None
        assert spiked.log_ratio > np.log(1.25)
        assert spiked.p < 0.01
    scan = scan_for_gaming([Given("q", MARKS, pushed, np.arange(3000))])
    assert found(scan) == {("spike", "")}
    assert neighbours(np.array([3.7, 3.8, 3.99, 4.0, 4.19, 4.2]), MARKS).tolist() == [-1, 0, 0, 1, 1, -1]
    hard = SCALES["ces_1_5_hard"]
    assert (neighbours(np.arange(1.0, 6.0), hard) == 1).sum() == 1
    assert neighbours(np.array([hard.favourable_from, hard.favourable_from + 1.0]), hard).tolist() == [1, 0]
    assert smooth_excess(whole[:50], NPS) is None, "too few"
    assert smooth_excess(np.full(500, 10.0), NPS) is None, "no run of answers"


def test_what_the_data_do_not_hold_is_said() -> None:
    score = np.tile([2.0, 7.0, 9.0, 10.0], 50)
    bare = scan_for_gaming([Given("q", NPS, score, np.arange(200))])
    said = " ".join(str(one) for one in bare.missing)
    for words in ("no agent", "How long", "No words", "who gets asked"):
        assert words in said
    assert len(scan_for_gaming([]).missing) == 4
    few = Units("agent", np.arange(200) % 20, AGENTS[:20])
    scan = scan_for_gaming([Given("q", NPS, score, np.arange(200), units=(few,))])
    assert any("Too few answers of each" in str(one) for one in scan.missing)
    none = Units("agent", np.full(200, -1), AGENTS)
    assert scan_for_gaming([Given("q", NPS, score, np.arange(200), units=(none,))]).found == 0


def test_order_of_rows_and_names_do_not_matter() -> None:
    given, served = planted("wordless")
    scan = scan_for_gaming([given], [served])
    order = np.argsort(given.customer + np.random.default_rng(1).random(given.customer.size), kind="stable")
    units = given.units[0]
    moved = Given(
        given.question, given.scale, given.score[order], given.customer[order], given.duration_s[order],  # type: ignore[index]
        given.words[order], (Units("agent", units.codes[order], units.labels),),  # type: ignore[index]
    )  # fmt: skip
    again = scan_for_gaming([moved], [served])
    assert again.tested == scan.tested
    ours, theirs = ({(one.pattern, one.unit): one.p for one in some.signs} for some in (scan, again))
    assert ours == pytest.approx(theirs)
