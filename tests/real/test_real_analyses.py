"""Real data by the examples' mappings, imported and analysed: the figures one knows of them come out."""

from __future__ import annotations

import pytest
from real_imports import bring, real_folder

from harken.usecases.analyzing.run import analyze
from harken.usecases.runs import NotRun
from harken.usecases.workspaces import create_workspace

pytestmark = [pytest.mark.real, pytest.mark.slow]
NOW = 1_790_000_000_000_000


def analysed(tmp_path, example, folder, zone="UTC", currency="USD"):
    workspace = create_workspace(tmp_path, company=example, time_zone=zone, currency=currency)
    bring(tmp_path, example, real_folder(folder), zone)
    return analyze(workspace, now_us=NOW)


def test_telecom_company_flags_what_was_written_after_the_fact(tmp_path):
    run = analysed(tmp_path, "ibm_telco_cognos", "ibm_telco_cognos")
    flagged = {str(leak.label) for leak in run.part("leaks").set_aside}
    known_later = {
        "Satisfaction Score", "Customer Status", "Churn Label", "Churn Value", "Churn Score", "Churn Category",
        "Churn Reason",
    }  # fmt: skip
    assert flagged <= known_later
    assert flagged >= known_later - {"Churn Value"}, "Churn Value is the outcome itself"
    auc = run.part("retention").validation.auc
    assert 0.84 <= auc.value <= 0.93
    assert isinstance(run.part("whole_base"), NotRun)


def test_airport_survey_gives_the_known_score_and_its_touchpoints(tmp_path):
    run = analysed(tmp_path, "sfo_survey_2017", "sfo_survey", "America/Los_Angeles")
    scores = run.part("scores")
    assert round(scores.summary.headline.value, 1) == 40.4
    assert round(scores.unweighted.headline.value, 1) == 39.8
    ratings = run.part("ratings")
    assert ratings.drivers[0].question == "airport as a whole"
    assert ratings.n == 2746
    assert ratings.r2.value > 0.3


def test_online_shop_gets_a_proposed_definition_tested_on_a_later_time(tmp_path):
    run = analysed(tmp_path, "online_retail", "online_retail", "Europe/London", "GBP")
    outcome = run.part("outcome")
    assert outcome.proposal is not None
    assert outcome.choice.kind == "no_order"
    assert outcome.trained_on is not None
    validation = run.part("retention").validation
    assert validation.kind.value == "out_of_time"
    assert validation.auc.value > 0.68
    assert run.part("value").total.value > 0


def test_marketplace_buying_again_is_wanted(tmp_path):
    run = analysed(tmp_path, "olist", "olist_8k", "America/Sao_Paulo", "BRL")
    outcome = run.part("outcome")
    assert outcome.choice.good
    assert outcome.rate.value == pytest.approx(7.1, abs=0.3)
