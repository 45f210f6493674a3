"""Two periods compared: the parts of a change add up to it, and nothing is claimed that answers cannot bear."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.learn.scores import (
    Division,
    PartKind,
    compare,
    explain_movement,
    needed_for,
    ranking_is_chance,
    summarize,
)
from harken.learn.scores.answers import usable_answers
from harken.vocabulary.messages import Message
from harken.vocabulary.periods import Period
from harken.vocabulary.scales import SCALES

WAVES = Period(date(2026, 1, 1), date(2026, 2, 1)), Period(date(2026, 4, 1), date(2026, 5, 1))
NPS = SCALES["nps_0_10"]


def part(result, kind):
    return next(part for part in result.movement.parts if part.kind is kind)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(2, 120),
    st.sampled_from(["nps_0_10", "csat_1_5", "ces_1_5_hard"]),
    st.booleans(),
    st.booleans(),
)
def test_the_parts_add_up_to_the_change_exactly(seed, n, scale_id, weighted, in_accounts):
    rng = np.random.default_rng(seed)
    scale = SCALES[scale_id]
    customer = rng.integers(0, max(2, n // 2), n)
    side = rng.integers(-1, 2, n)
    side[:2] = 0, 1
    score = rng.integers(int(scale.minimum), int(scale.maximum) + 1, n).astype(float)
    division = Division("plan", Message("plan"), customer % 4 - 1, ("a", "b", "c"))
    result = compare(
        score, side, WAVES, scale, customer_id=customer, weights=rng.uniform(0.2, 3.0, n) if weighted else None,
        account=customer // 3 if in_accounts else None, divisions=[division],
    )  # fmt: skip
    assert sum(one.amount for one in result.movement.parts) == pytest.approx(result.change.change, abs=1e-9)
    assert result.change.change == pytest.approx(result.after.headline.value - result.before.headline.value)


def test_five_answers_show_no_change_and_say_who_answered():
    """Four accounts answered before, five others after: the number fell 20 points and says nothing."""
    before, after = [10, 9, 9, 8, 3.0], [9, 9, 8, 2, 5.0]
    history = [10, 9, 9, 8, 7, 6, 2, 10, 3, 9.0]
    result = compare(
        [*before, *after, *history], [0] * 5 + [1] * 5 + [-1] * 10, WAVES, NPS,
        account=np.array([0, 1, 2, 3, 3, 4, 5, 6, 7, 8, *range(10)]),
    )  # fmt: skip
    assert result.change.p is None
    assert not result.change.real
    assert result.change.arrow == 0
    assert str(result.finding) == "No change shown: 5 answers before and 5 after are too few to tell."
    assert "other accounts answered (4 before, 5 others after)" in str(result.why)
    assert "points" not in str(result.why), "below 10 answers no number is shown"
    assert (result.movement.accounts.both, result.movement.accounts.only_before) == (0, 4)
    assert all(one.interval is None for one in result.movement.parts)


@pytest.mark.parametrize("n", [1, 9, 10])
def test_few_answers_are_compared_from_ten_on(n):
    result = compare([10.0] * n + [0.0] * n, [0] * n + [1] * n, WAVES, NPS)
    assert (result.change.p is not None) == (n >= 10)
    assert result.change.real == (n >= 10)
    assert result.change.arrow == 0, "no arrow below 30"


def test_without_answers_there_is_nothing_to_compare():
    assert "nothing to compare with" in str(compare([10.0] * 20, [1] * 20, WAVES, NPS).finding)
    assert str(compare([10.0] * 20, [0] * 20, WAVES, NPS).finding) == "Nobody answered in this period."
    empty = compare([], [], WAVES, NPS)
    assert empty.change is None
    assert empty.needed is None


def test_the_number_of_answers_needed_is_that_of_the_field():
    """METHODS.md: promoters .5, passives .3, detractors .2 have sd 78.1; 80% power for 31 points at n = 100."""
    needed = needed_for(31.0, 78.1, NPS)
    assert needed.powered == 100
    assert needed.seen == pytest.approx(100 * 1.96**2 / (1.96 + 0.8416) ** 2, abs=1)
    sharp = needed_for(20.0, 83.7, NPS)
    assert str(sharp.message).startswith(
        "Between two periods, a change of 20 points needs about 135 answers in each to be seen at all (275 for"
    )


def test_the_change_that_the_answers_at_hand_would_show_is_said():
    """With 100 answers in each of two periods, 20/30/50 per cent, 30.9 points are noticed with 80% power."""
    score = np.tile(np.repeat([3.0, 7.0, 10.0], [20, 30, 50]), 2)
    result = compare(score, np.repeat([0, 1], 100), WAVES, NPS)
    assert "a true change of 30.9 points is noticed four times out of five" in str(result.noticeable)
    lopsided = compare(np.r_[score, np.tile(score, 2)], np.repeat([0, 1], [100, 500]), WAVES, NPS)
    assert "With 100 answers before and 500 after, a true change of 24.0 points" in str(lopsided.noticeable)
    assert compare([10.0] * 5 + [3.0] * 5, [0] * 5 + [1] * 5, WAVES, NPS).noticeable is None


def test_a_change_of_the_same_people_is_told_from_a_change_of_people():
    rng = np.random.default_rng(3)
    people = np.arange(400)
    first = rng.choice([3.0, 8.0, 10.0], 400, p=[0.2, 0.3, 0.5])
    fallen = np.where(rng.random(400) < 0.3, 3.0, first)
    same = compare(np.r_[first, fallen], np.r_[[0] * 400, [1] * 400], WAVES, NPS, customer_id=np.r_[people, people])
    assert [one.kind for one in same.movement.parts] == [PartKind.SAME]
    assert "the same 400 respondents" in str(same.why)
    assert same.change.real
    others = compare(
        np.r_[first, fallen], np.r_[[0] * 400, [1] * 400], WAVES, NPS, customer_id=np.r_[people, people + 400]
    )
    assert [one.kind for one in others.movement.parts] == [PartKind.OTHERS]
    assert part(others, PartKind.OTHERS).interval.half_width > part(same, PartKind.SAME).interval.half_width


def test_another_mix_of_segments_is_found_where_only_the_mix_changed():
    """Happy and unhappy plans answer alike in both waves, but the unhappy plan is heard three times as often."""
    rng = np.random.default_rng(8)
    share = np.r_[np.full(600, 0.2), np.full(600, 0.6)]
    unhappy = rng.random(1200) < share
    score = np.where(rng.random(1200) < np.where(unhappy, 0.7, 0.1), 3.0, 10.0)
    noise = Division("letter", Message("letter"), rng.integers(0, 5, 1200), tuple("abcde"))
    plan = Division("plan", Message("plan"), unhappy.astype(int), ("Fine", "Sad"))
    side = np.r_[[0] * 600, [1] * 600]
    result = compare(score, side, WAVES, NPS, divisions=[noise, plan])
    assert str(result.movement.mix_by) == "plan"
    mix, rest = part(result, PartKind.MIX), part(result, PartKind.OTHERS)
    assert mix.amount == pytest.approx(-0.4 * 120, abs=12)
    assert mix.interval.excludes(0.0)
    assert not rest.interval.excludes(0.0)
    assert "other segments answered (by plan)" in str(result.why)
    alone = compare(score, side, WAVES, NPS, divisions=[noise])
    assert alone.movement.mix_by is None, "a division whose make-up did not change explains nothing"


@pytest.mark.parametrize("shared", [0.0, 0.6])
def test_intervals_of_the_parts_cover(shared):
    """200 repetitions of a world in which nothing changes: 95% of the ranges hold 0 (187 of 200 at p < .001)."""
    rng = np.random.default_rng(int(10 * shared))
    held = 0
    for _ in range(200):
        mood = rng.normal(0, 1, 800)
        first, second = np.arange(400), np.arange(400) + int(400 * (1 - shared))
        customer = np.r_[first, second]
        score = np.clip(np.round(8 + 1.5 * mood[customer] + rng.normal(0, 1, 800)), 0, 10)
        answers = usable_answers(score, NPS, customer_id=customer)
        parts = explain_movement(answers, np.r_[[0] * 400, [1] * 400], NPS).parts
        wanted = PartKind.SAME if shared else PartKind.OTHERS
        held += not next(one for one in parts if one.kind is wanted).interval.excludes(0.0)
    assert held >= 178


def test_a_ranking_by_chance_is_called_so():
    assert ranking_is_chance((1, 1, 1), (3, 3, 3), (False,) * 3)
    assert not ranking_is_chance((1, 1, 3), (2, 2, 3), (False,) * 3)
    assert not ranking_is_chance((1, 1), (2, 2), (True, False))
    assert not ranking_is_chance((1, None), (1, None), (False, False)), "one segment is no ranking"


def test_both_periods_are_summed_up_as_they_stand_alone():
    rng = np.random.default_rng(2)
    score, side, customer = (
        rng.integers(0, 11, 300).astype(float),
        rng.integers(0, 2, 300),
        rng.integers(0, 200, 300),
    )
    result = compare(score, side, WAVES, NPS, customer_id=customer)
    alone = summarize(score[side == 1], NPS, customer_id=customer[side == 1], period=WAVES[1])
    assert result.after == alone
