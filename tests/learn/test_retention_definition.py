"""Days of silence that mean leaving: censoring counts, heavy tails show, and the law of the exponential holds."""

from __future__ import annotations

import numpy as np
import pytest

from harken.learn.retention import propose_no_event_definition
from harken.learn.retention.definition import share_back
from harken.vocabulary.errors import NotEnoughData


def test_share_back_is_kaplan_and_meier() -> None:
    # hand-worked: gaps 1, 3, 3, 6 ended; 2, 5, 8 open
    days, back = share_back(np.array([1.0, 3.0, 3.0, 6.0]), np.array([2.0, 5.0, 8.0]))
    stay = [6 / 7, 6 / 7 * 3 / 5, 6 / 7 * 3 / 5 * 1 / 2]
    assert days.tolist() == [1, 3, 6]
    assert back == pytest.approx([1 - part for part in stay])


def test_without_open_gaps_it_is_the_plain_quantile() -> None:
    rng = np.random.default_rng(1)
    gaps = rng.exponential(30, 5_000)
    proposed = propose_no_event_definition(gaps, np.empty(0), history_days=2_000)
    exact = -30 * np.log(0.1)
    assert proposed.plain_quantile_days == pytest.approx(exact, rel=0.06)
    assert proposed.days == 75  # the next number people use above 69
    assert proposed.returned_by_then == pytest.approx(1 - np.exp(-75 / 30), abs=0.02)


def test_open_gaps_lengthen_the_answer_and_their_late_returns_are_told() -> None:
    # Gaps watched for up to 120 days: long ones are cut, so finished gaps alone look too short.
    rng = np.random.default_rng(2)
    gaps, watched = rng.exponential(60, 6_000), rng.uniform(0, 365, 6_000)
    finished, still_open = gaps[gaps <= watched], watched[gaps > watched]
    proposed = propose_no_event_definition(finished, still_open, history_days=3_000)
    assert proposed.plain_quantile_days < 115
    assert proposed.days == 150  # truth: 60 x ln 10 = 138
    assert 0 < proposed.late_return <= 1
    assert not proposed.shortened


def test_a_short_history_shortens_and_says_so() -> None:
    rng = np.random.default_rng(3)
    proposed = propose_no_event_definition(rng.exponential(60, 500), np.empty(0), history_days=200)
    assert proposed.shortened
    assert proposed.days == 60
    assert "too short" in str(proposed.sentence)


def test_curve_rises_and_too_few_gaps_are_refused() -> None:
    rng = np.random.default_rng(4)
    proposed = propose_no_event_definition(rng.gamma(2, 10, 300), rng.gamma(2, 20, 100))
    assert list(proposed.curve_returned) == sorted(proposed.curve_returned)
    with pytest.raises(NotEnoughData, match="Only 12 times"):
        propose_no_event_definition(np.ones(12), np.ones(500))
