"""The truth file: what it must say, and that the two worlds differ in answering only."""

from __future__ import annotations

import json
import math
from typing import Any

from harken.demo import DemoFiles
from harken.demo.memory import CAUSES

Json = dict[str, Any]


def test_it_says_that_it_is_simulated_and_what_the_figures_mean(facts: Json) -> None:
    assert facts["simulated"] is True
    assert facts["seed"] == 1
    for word in ("before", "always", "exposed", "difference", "money", "whole base"):
        assert facts["definitions"][word].endswith(".")
    assert set(facts["effects"]) == set(CAUSES)


def test_rates_are_as_designed(facts: Json) -> None:
    base = facts["base"]
    assert 0.02 < base["monthly_leaving_rate"] < 0.032
    assert 20 < base["signals_per_customer"] < 35
    for wave in facts["waves"]:
        assert 0.06 < wave["response_rate"] < 0.14
    whole = [wave["answered_minus_whole"] for wave in facts["waves"]]
    assert sum(whole) / len(whole) > 10


def test_segments_add_up_to_the_base(facts: Json) -> None:
    for wave in facts["waves"]:
        plans = [figures for name, figures in wave["segments"].items() if name.startswith("plan: ")]
        assert sum(figures["customers"] for figures in plans) == wave["customers"]
        total = sum(figures["customers"] * (figures["nps_whole_base"] or 0) for figures in plans)
        assert math.isclose(total / wave["customers"], wave["nps_whole_base"], rel_tol=1e-6, abs_tol=1e-6)
    stake = facts["value_at_stake"]["segments"]
    regions = sum(entry["money"] for name, entry in stake.items() if name.startswith("region: "))
    assert math.isclose(regions, stake["all"]["money"], rel_tol=1e-6)
    assert 0 < stake["all"]["money"] < stake["all"]["yearly_value"]


def test_what_must_be_zero_is_exactly_zero(facts: Json) -> None:
    for mode in ("before", "always"):
        for groups in facts["effects"]["bill_wording"]["leaving"][mode].values():
            assert groups["established"]["difference"] == 0.0
            assert groups["new"]["difference"] > 0.0
        for groups in facts["effects"]["waiting_below_kink"]["leaving"][mode].values():
            assert groups["all"]["difference"] == 0.0
        for groups in facts["effects"]["price_rise"]["leaving"][mode].values():
            assert groups["new"]["difference"] == 0.0
    for groups in facts["effects"]["waiting_below_kink"]["nps_difference"].values():
        assert groups["all"]["difference"] == 0.0
    assert all(driver["effect_on_leaving"] == 0.0 for driver in facts["null_drivers"].values())


def test_a_monthly_contract_loosens_the_tie_and_is_not_disliked(facts: Json) -> None:
    effect = facts["effects"]["monthly_contract"]
    for groups in effect["leaving"]["before"].values():
        assert groups["exposed"]["difference"] > 0.01
    assert all(groups["all"]["difference"] == 0.0 for groups in effect["nps_difference"].values())


def test_every_cause_makes_customers_leave_and_dislike(facts: Json) -> None:
    for cause in ("waiting", "repeat_contact", "bill_wording", "price_rise", "late_delivery", "checkout_clicks"):
        effect = facts["effects"][cause]
        for groups in effect["leaving"]["before"].values():
            assert groups["exposed"]["difference"] > 0.0, cause
        for groups in effect["nps_difference"].values():
            assert groups["all"]["difference"] < 0.0, cause
        assert effect["left_in_history"]["without"] < effect["left_in_history"]["with"], cause


def test_a_repeat_contact_is_stated_to_double_the_hazard(facts: Json) -> None:
    effect = facts["effects"]["repeat_contact"]
    assert effect["hazard_ratio"]["value"] == 2.0
    for mode in ("before", "always"):
        for groups in effect["leaving"][mode].values():
            assert 1.4 < groups["exposed in 90 days"]["risk_ratio"] < 2.0


def test_doses_bend_at_the_kink_and_only_there(facts: Json) -> None:
    table = {row["at_most"]: row["chance_of_leaving"] for row in facts["doses"]["wait_minutes"]}
    assert table[5] == table[8] == table[10] == table[12]
    assert table[12] < table[15] < table[20] < table[30] < table[None]
    clicks = [row["chance_of_leaving"] for row in facts["doses"]["checkout_clicks"]]
    assert clicks[1] < clicks[2] < clicks[3] < clicks[4] < clicks[0]


def test_the_mood_world_differs_in_answers_only(demo: DemoFiles, mood: DemoFiles, facts: Json) -> None:
    for path in demo.files:
        same = path.read_bytes() == (mood.folder / path.name).read_bytes()
        assert same != path.name.startswith("nps_"), path.name
    other = json.loads(mood.truth.read_text(encoding="utf-8"))
    for key in ("effects", "leaving", "value_at_stake", "doses", "kink"):
        assert other[key] == facts[key]
    for here, there in zip(facts["waves"], other["waves"], strict=True):
        assert here["nps_whole_base"] == there["nps_whole_base"]
        assert here["nps_answered"] < there["nps_answered"]


def test_leaks_are_named(facts: Json, demo: DemoFiles) -> None:
    header = (demo.folder / "crm_subscriptions.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    for entry in (*facts["leaks"], *facts["suspicious_but_legitimate"]):
        assert entry["column"] in header
