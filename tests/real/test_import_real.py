"""Real files in by the examples' mappings: row counts and known figures. Skipped where the data are not."""

from __future__ import annotations

from datetime import date

import pytest
from real_imports import ask, bring, real_folder

pytestmark = pytest.mark.real


def added(report, kind):
    return sum(part.added for part in report.parts if part.kind == kind)


def test_airport_survey_2017_gives_the_known_nps(tmp_path):
    report = bring(tmp_path, "sfo_survey_2017", real_folder("sfo_survey"), "America/Los_Angeles")
    assert (report.files[0].rows, report.rejected) == (2831, 0)
    (row,) = ask(
        tmp_path,
        "SELECT count(*),"
        " 100.0 * (count(*) FILTER (WHERE score >= 9) - count(*) FILTER (WHERE score <= 6)) / count(*),"
        " 100 * (sum(weight) FILTER (WHERE score >= 9) - sum(weight) FILTER (WHERE score <= 6)) / sum(weight),"
        " min(local_date), max(local_date) FROM signals WHERE question = 'recommend'",
    )
    assert row[0] == 2746
    assert round(row[1], 1) == 39.8
    assert round(row[2], 1) == 40.4
    assert row[3:] == (date(2017, 5, 5), date(2017, 5, 30))
    (outside,) = ask(
        tmp_path, "SELECT count(*) FROM signals WHERE scale <> 'nps_0_10' AND NOT score BETWEEN 1 AND 5"
    )
    assert outside == (0,)
    (questions,) = ask(tmp_path, "SELECT count(DISTINCT question) FROM signals")
    assert questions == (24,)


@pytest.mark.slow
@pytest.mark.parametrize(("year", "rows"), [(2014, 2818), (2015, 2958), (2016, 3087)])
def test_airport_surveys_of_other_years(tmp_path, year, rows):
    report = bring(tmp_path, f"sfo_survey_{year}", real_folder("sfo_survey"), "America/Los_Angeles")
    assert (report.files[0].rows, report.rejected) == (rows, 0)


def test_telecom_company_from_five_files(tmp_path):
    report = bring(tmp_path, "ibm_telco_cognos", real_folder("ibm_telco_cognos"))
    assert report.rejected == 0
    assert [(part.kind, part.added) for part in report.parts] == [
        (kind, 7043) for kind in ("people", "answer", "churn", "snapshot")
    ]
    assert ask(tmp_path, "SELECT count(*), sum(value) FROM outcomes") == [(7043, 1869.0)]
    names = dict(ask(tmp_path, "SELECT name, role FROM snapshot_columns"))
    assert names["cltv"] == "value"
    for column in (
        "population",
        "satisfaction_score",
        "churn_label",
        "churn_reason",
        "churn_score",
        "customer_status",
    ):
        assert names[column] == "feature"
    assert "churn_value" not in names
    leavers = "SELECT avg(value) FROM outcomes JOIN signals USING (person_key) WHERE score"
    assert ask(tmp_path, f"{leavers} <= 2") == [(1.0,)]
    assert ask(tmp_path, f"{leavers} >= 4") == [(0.0,)]
    assert ask(tmp_path, "SELECT max(population) FROM snapshots_ibm_telco") == [(105285.0,)]


def test_telecom_company_without_a_mapping(tmp_path):
    report = bring(tmp_path, None, real_folder("ibm_telco_cognos"))
    assert report.rejected == 0
    assert report.proposed
    assert ask(tmp_path, "SELECT sum(value) FROM outcomes WHERE outcome = 'churn'") == [(1869.0,)]
    assert ask(tmp_path, "SELECT count(*), min(scale) FROM signals WHERE kind = 'answer'") == [(7043, "csat_1_5")]
    assert ask(tmp_path, "SELECT count(*) FROM people WHERE declared") == [(7043,)]


def test_telecom_company_in_one_table(tmp_path):
    report = bring(tmp_path, "ibm_telco_classic", real_folder("ibm_telco_classic"))
    assert report.rejected == 0
    # Eleven customers of tenure 0 have a blank total.
    assert ask(tmp_path, "SELECT count(totalcharges), count(*) FROM snapshots_ibm_telco_classic") == [(7032, 7043)]
    assert ask(tmp_path, "SELECT sum(value) FROM outcomes") == [(1869.0,)]


def test_mobile_network_from_a_zip(tmp_path):
    report = bring(tmp_path, "cell2cell", real_folder("cell2cell"))
    assert (report.rows, report.rejected) == (51047, 0)
    (rate,) = ask(tmp_path, "SELECT round(avg(value), 3) FROM outcomes")
    assert rate == (0.288,)


def test_airline_words_become_yes_and_no(tmp_path):
    report = bring(tmp_path, "airline_satisfaction", real_folder("airline_satisfaction"))
    assert (report.rows, report.rejected) == (103904, 0)
    assert ask(tmp_path, "SELECT sum(score), count(*) FROM signals") == [(45025.0, 103904)]


def test_shop_invoices_from_parquet(tmp_path):
    report = bring(tmp_path, "online_retail", real_folder("online_retail"), "Europe/London")
    assert (report.rows, report.rejected) == (525461, 0)
    assert added(report, "order") == 417534
    (row,) = ask(tmp_path, "SELECT count(DISTINCT person_key), sum(amount > 0), round(sum(amount)) FROM signals")
    assert row == (4383, 407664, 8348209.0)


def test_marketplace_persons_come_through_joins(tmp_path):
    report = bring(tmp_path, "olist", real_folder("olist_8k"), "America/Sao_Paulo")
    assert report.rejected == 0
    assert (added(report, "answer"), added(report, "order"), added(report, "delivery")) == (8225, 8365, 8135)
    # 4,113 cells are filled, four of them with blanks alone.
    assert ask(tmp_path, "SELECT count(*) FROM texts") == [(4109,)]
    assert ask(tmp_path, "SELECT count(*) FROM people") == [(8016,)]
    (share,) = ask(tmp_path, "SELECT round(avg(CAST(score = 1 AS INT)), 2) FROM signals WHERE kind = 'answer'")
    assert share == (0.32,)
    (waits,) = ask(tmp_path, "SELECT min(wait_s) > 0, median(wait_s) / 86400 BETWEEN 5 AND 20 FROM signals")
    assert waits == (True, True)


def test_purchases_of_a_cd_shop(tmp_path):
    report = bring(tmp_path, "cdnow", real_folder("cdnow"))
    assert (added(report, "order"), added(report, "people")) == (6919, 2357)


def test_bank_calls_with_date_and_time_apart(tmp_path):
    report = bring(tmp_path, "technion_bank_calls", real_folder("technion_bank_calls"), "Asia/Jerusalem")
    assert (report.rows, report.rejected) == (33344, 0)
    assert (added(report, "contact"), added(report, "people")) == (13786, 4081)
    (days,) = ask(tmp_path, "SELECT min(local_date), max(local_date) FROM signals")
    assert days == (date(1999, 2, 1), date(1999, 2, 28))
    repeat = "SELECT count(*) FROM (SELECT person_key FROM signals GROUP BY 1 HAVING count(*) > 1)"
    assert ask(tmp_path, repeat) == [(2130,)]


def test_help_desk_event_log(tmp_path):
    report = bring(tmp_path, "helpdesk_log", real_folder("event_logs"))
    assert added(report, "ticket_step") == 21348
    cases = (
        "SELECT count(DISTINCT properties ->> '$.\"case:concept:name\"') FROM signals WHERE kind = 'ticket_step'"
    )
    assert ask(tmp_path, cases) == [(4580,)]


def test_experiment_without_customer_numbers(tmp_path):
    report = bring(tmp_path, "hillstrom", real_folder("hillstrom"))
    assert added(report, "people") == 64000
    rates = ask(
        tmp_path,
        "SELECT segment, round(100 * avg(value), 2) FROM outcomes JOIN snapshots_hillstrom USING (person_key)"
        " WHERE outcome = 'visit' GROUP BY 1 ORDER BY 2",
    )
    assert [rate for _, rate in rates] == [10.62, 15.14, 18.28]


@pytest.mark.parametrize(
    ("folder", "file", "columns", "rows", "header_rows"),
    [
        ("exports_surveymonkey", "StarWars.csv", 38, 1186, 2),
        ("exports_qualtrics", "Dummy_Enhancement_Sample_Survey__Dummy_Enhancement_Sample_Survey.csv", 59, 61, 3),
        ("exports_qualtrics", "Many_Different_Question_Types__Sample_Survey.csv", 189, 5, 2),
    ],
)
def test_exports_of_survey_tools_have_their_headers_found(folder, file, columns, rows, header_rows):
    from harken.lake.staging.containers import find
    from harken.lake.staging.tables import Staging

    path = real_folder(folder) / file
    with Staging(threads=1) as staging:
        (table,) = staging.stage(find([path], staging.unpacked)[0][0])
    assert (len(table.columns), table.rows, table.header_rows, table.bad) == (columns, rows, header_rows, ())


@pytest.mark.parametrize(
    "folder",
    [
        "chinese_reviews",
        "meituan_asap_sample",
        "technion_bank_calls",
        pytest.param("skytrax", marks=pytest.mark.slow),
        pytest.param("exports_surveymonkey", marks=pytest.mark.slow),
    ],
)
def test_folders_never_seen_before_need_no_mapping(tmp_path, folder):
    report = bring(tmp_path, None, real_folder(folder))
    assert report.rejected == 0
    assert report.import_id == 1
    assert bring(tmp_path, None, real_folder(folder)).import_id is None
