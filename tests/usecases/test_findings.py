"""What a notebook shows of a run: its findings with intervals, every word escaped, in the reader's language."""

from __future__ import annotations

import subprocess
import sys

import pytest

import harken
from harken.usecases.findings import Finding, as_html
from harken.vocabulary.estimates import Estimate, Interval
from harken.vocabulary.messages import Message


@pytest.fixture(scope="module")
def run(demo_workspace):
    return harken.load_run(harken.open_workspace(demo_workspace))


def test_a_run_says_in_one_line_what_it_is(run):
    assert repr(run) == f"<Run {run.info.id}, as of 2026-06-30, {run.info.customers:,} customers>"


def test_a_run_shows_what_it_found_with_interval_and_n(run):
    total = run.part("whole_base").total.whole_base
    shown = run._repr_html_()
    assert f"<td>{total.value:.1f}</td>" in shown.replace("\N{MINUS SIGN}", "-")
    assert f"<td>{total.n:,}</td>" in shown
    assert shown.count("<tr>") == 1 + len(run.findings())


def test_a_part_that_could_not_run_says_why(run):
    assert [found.sentence for found in run.findings("ratings")] == [run.part("ratings").reason]


def test_the_words_follow_the_language(run, monkeypatch):
    monkeypatch.setenv("HARKEN_LANGUAGE", "zh-hant")
    assert "全體顧客的分數" in run._repr_html_()


def test_few_answers_show_counts_only():
    few = Finding(Message("satisfied"), Estimate(80.0, Interval(40.0, 96.0), 9, "m"))
    assert few.cells("en") == ("satisfied", "", "", "9")


def test_an_effect_carries_its_evidence():
    effect = Finding(Message("waiting"), Estimate(0.02, Interval(0.01, 0.03), 900, "m"), evidence="adjusted")
    assert effect.cells("en")[0] == "waiting (adjusted)"


def test_words_of_a_customer_stay_words():
    shown = as_html("<b>", {"<i>": [Finding(Message("<script>alert(1)</script>"))]}, "en")
    assert not {"<b>", "<i>", "<script>"} & {tag for tag in ("<b>", "<i>", "<script>") if tag in shown}


def test_customers_come_as_arrow_and_unknown_columns_are_refused(run):
    table = run.customers(["number", "risk"], count=3)
    assert (table.num_rows, table.column_names) == (3, ["number", "risk"])
    with pytest.raises(KeyError, match="no column mood"):
        run.customers(["mood"])


def test_every_name_of_the_api_is_there_and_importing_it_loads_nothing_heavy():
    assert all(getattr(harken, name) is not None for name in harken.__all__)
    assert set(harken.__all__) == {name for names in harken._HOMES.values() for name in names}
    code = "import sys, harken; print({'numpy', 'duckdb', 'pyarrow', 'django', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_scores_of_a_period_and_a_table_on_disk(run, tmp_path):
    spring = harken.scores(run, first="2026-04-01", last="2026-06-30").overview.summary
    assert spring.n == run.part("scores").summary.n
    workspace = harken.Workspace(run.folder.parent.parent)
    written = harken.export(workspace, "drivers", tmp_path / "drivers.csv")
    lines = (tmp_path / "drivers.csv").read_text(encoding="utf-8-sig").splitlines()
    assert written.rows == written.of == len(run.part("drivers").families)
    assert len(lines) == 1 + written.rows


def test_a_run_compared_with_itself_differs_in_nothing(run):
    figures = harken.compare(run, run).figures
    assert all(figure.difference is None or figure.difference.value == 0 for figure in figures)


def test_what_if_answers_with_a_range_or_says_why_not(run):
    answer = harken.what_if(run)
    assert answer.refused is None
    assert answer.kept.interval.lower <= answer.kept.value <= answer.kept.interval.upper
    assert harken.what_if(run, answer.lever.column, 1e9).refused is not None
