"""What an analysis chooses where the company set nothing, and how it refuses what the data do not hold."""

from datetime import date

import numpy as np
import pytest

from harken.lake.facts import DAY_US, OutcomeName, Question, Span
from harken.usecases.analyzing.plan import (
    choose_as_of,
    choose_outcome,
    choose_question,
    choose_window,
    local_midnight_us,
)
from harken.usecases.workspaces import Settings
from harken.vocabulary.errors import SettingsError

NPS = Question("relationship", "recommend", "nps_0_10", 600, 600, True)
CSAT = Question("after contact", "satisfied", "csat_1_5", 1000, 700, True)
EVENT = OutcomeName("churn", 500, 500, True, False)
SNAPSHOT = OutcomeName("left", 7043, 1869, False, True)


def test_the_most_answered_score_wins_and_a_net_score_wins_a_near_tie():
    assert choose_question(Settings(), [CSAT, NPS]) is NPS
    assert choose_question(Settings(), [CSAT]) is CSAT
    assert choose_question(Settings(), []) is None
    assert choose_question(Settings(score="satisfied"), [CSAT, NPS]) is CSAT
    with pytest.raises(SettingsError, match="relationship/recommend"):
        choose_question(Settings(score="nps"), [CSAT, NPS])


def test_outcomes_are_told_apart_by_what_their_rows_hold():
    assert choose_outcome(Settings(), [EVENT, SNAPSHOT], 0).kind == "event"
    assert choose_outcome(Settings(), [SNAPSHOT], 0).kind == "snapshot"
    renewal = OutcomeName("renewal", 900, 700, True, True)
    choice = choose_outcome(Settings(outcome="renewal", outcome_is_good=True), [EVENT, renewal], 0)
    assert (choice.kind, choice.good, choice.horizon_days) == ("verdict", True, 90)
    assert choose_outcome(Settings(), [renewal], 0, frozenset({"renewal"})).good
    assert not choose_outcome(Settings(), [EVENT], 0, frozenset({"renewal"})).good
    assert choose_outcome(Settings(), [], 10).kind == "no_order"
    assert choose_outcome(Settings(outcome="no_order", horizon_days=60), [EVENT], 10).horizon_days == 60
    assert choose_outcome(Settings(), [], 0) is None
    with pytest.raises(SettingsError, match="churn, no_order"):
        choose_outcome(Settings(outcome="renewal"), [EVENT], 10)


def test_the_analysis_date_is_the_day_after_the_last_signal_in_the_companys_zone():
    span = Span(0, 1, date(2026, 1, 1), date(2026, 6, 29), 10, 3)
    day, moment = choose_as_of(Settings(time_zone="Asia/Shanghai"), span)
    assert day == date(2026, 6, 30)
    assert moment == local_midnight_us(date(2026, 6, 29), "UTC") + 16 * 3_600_000_000
    assert choose_as_of(Settings(as_of=date(2026, 1, 1)), span)[0] == date(2026, 1, 1)
    assert choose_as_of(Settings(), Span(None, None, None, None, 5, 5)) == (None, None)


def test_the_score_window_grows_until_answers_suffice_and_begins_with_its_first_answer():
    now = 1_000 * DAY_US
    recent = now - np.linspace(1, 80, 100).astype(np.int64) * DAY_US
    older = now - np.linspace(1, 300, 120).astype(np.int64) * DAY_US
    assert choose_window(Settings(), now, NPS, recent) == (80, now - 80 * DAY_US)
    assert choose_window(Settings(), now, NPS, older) == (300, now - 300 * DAY_US)
    assert choose_window(Settings(score_window_days=30), now, NPS, recent)[0] <= 30
    undated = Question("p", "q", "csat_1_5", 100, 100, False)
    assert choose_window(Settings(), now, undated, recent) == (None, None)
    assert choose_window(Settings(), now, NPS, np.full(100, now)) == (None, None)


def test_the_latest_wave_stands_alone_where_it_has_answers_enough():
    now = 1_000 * DAY_US
    first_wave, second_wave = np.full(150, now - 120 * DAY_US), now - np.arange(100) * 3_600_000_000 - 30 * DAY_US
    assert choose_window(Settings(), now, NPS, np.r_[first_wave, second_wave])[0] == 35
    assert choose_window(Settings(), now, NPS, np.r_[first_wave, second_wave[:99]])[0] == 120
