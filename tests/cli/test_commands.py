"""Commands as a person or a program uses them: output, JSON, exit status, sentences instead of tracebacks."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harken.usecases.workspaces import create_workspace

HARKEN = str(Path(sys.executable).parent / "harken")


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    return subprocess.run([HARKEN, *map(str, arguments)], capture_output=True, text=True, check=False)


PARTS = ("scores", "whole-base", "leaks", "retention", "drivers", "score-drivers", "levers", "value", "actions",
         "inventory", "ratings")  # fmt: skip


def test_the_overview_names_the_score_of_all_customers(demo_workspace):
    result = run("-w", demo_workspace, "show")
    assert result.returncode == 0, result.stderr
    for text in ("all customers:", "leaving means:", "forecast: AUC", "value at stake:", "not computed: ratings"):
        assert text in result.stdout


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_every_part_is_printed_for_people(demo_workspace, language, call):
    for part in PARTS:
        status, out, err = call("--language", language, "-w", demo_workspace, "show", part)
        assert status == 0, (part, err)
        assert out.strip()


def test_every_part_is_printed_for_programs(demo_workspace, call):
    printed = {}
    for part in PARTS:
        status, out, err = call("-w", demo_workspace, "show", part, "--json")
        assert status == 0, (part, err)
        printed[part] = json.loads(out)
    total = printed["whole-base"]["total"]
    low, high = total["whole_base"]["interval"]["lower"], total["whole_base"]["interval"]["upper"]
    assert low < total["whole_base"]["value"] < high
    assert total["answers"] < total["customers"]


def test_customers_are_paged_and_counted(demo_workspace, call):
    first = json.loads(call("-w", demo_workspace, "show", "customers", "-n", "5", "--json")[1])
    second = json.loads(call("-w", demo_workspace, "show", "customers", "-n", "5", "--start", "5", "--json")[1])
    assert len({row["customer_id"] for row in first["rows"] + second["rows"]}) == 10
    assert first["of"] > 1000
    stakes = [row["value_at_stake"] for row in first["rows"] + second["rows"]]
    assert stakes == sorted(stakes, reverse=True)


def test_no_workspace_is_a_sentence_with_exit_status_2(tmp_path):
    result = run("-w", tmp_path, "analyze")
    assert result.returncode == 2
    assert "harken init" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_empty_workspace_says_what_to_do(tmp_path, call):
    create_workspace(tmp_path / "w", company="empty")
    status, _, err = call("-w", tmp_path / "w", "analyze")
    assert status == 3
    assert "harken import" in err
    assert call("-w", tmp_path / "w", "show")[0] == 3


def test_an_unknown_option_is_refused(call):
    status, _, err = call("analyze", "--fast")
    assert status == 2
    assert "--fast" in err


MAPPING = """
[mapping]
version = 1
source = "survey"
[[file]]
name = "answers.csv"
person = "客户"
time = "日期"
[[file.answers]]
score = "推荐"
scale = "nps_0_10"
programme = "=r"
question = "=nps"
"""


def test_files_in_by_a_mapping_and_back_out_again(tmp_path, call):
    root, file, mapping = tmp_path / "w", tmp_path / "answers.csv", tmp_path / "m.toml"
    create_workspace(root, company="c", time_zone="Asia/Shanghai", currency="CNY")
    file.write_text("客户,日期,推荐\nA,2026-01-05,9\nB,2026-01-06,12\nC,2026-01-07,3\n", "gb18030")
    mapping.write_text(MAPPING, "utf-8")
    status, _, err = call("-w", root, "import", "-m", mapping, "--strict", file)
    assert status != 0
    assert "row 3" in err
    assert "12" in err
    status, out, err = call("-w", root, "import", "-m", mapping, file, "--json")
    assert status == 0, err
    report = json.loads(out)
    (part,) = report["parts"]
    assert (part["rows"], part["added"], part["rejected"]) == (3, 2, 1)
    assert json.loads(call("-w", root, "import", "-m", mapping, file, "--json")[1])["import_id"] is None
    assert call("-w", root, "imports", "undo", report["import_id"])[0] == 0
    (listed,) = json.loads(call("-w", root, "imports", "--json")[1])
    assert listed["undone_us"] is not None


def test_a_fault_of_our_own_is_a_sentence_and_a_file(demo_workspace, tmp_path):
    root = tmp_path / "broken"
    shutil.copytree(demo_workspace, root)
    (run_file,) = root.glob("runs/*/parts.json")
    run_file.write_text("{not json")
    result = run("-w", root, "show")
    assert result.returncode == 70
    assert "Traceback" not in result.stderr
    (named,) = [word for word in result.stderr.split() if "harken-fault-" in word]
    assert "Traceback" in Path(named.rstrip(".")).read_text()
    Path(named.rstrip(".")).unlink()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_tables_are_written_to_files(demo_workspace, call, tmp_path, kind):
    from harken.usecases.exports.tables import TABLES

    for table in ("customers", "drivers", "levers", "leaks", "segments", "value", "features"):
        path = tmp_path / f"{table}.{kind}"
        status, out, err = call("-w", demo_workspace, "export", table, "-o", path)
        assert status == 0, err
        assert path.stat().st_size > 100
        assert "rows written" in out
    assert len(list(tmp_path.iterdir())) == 7, "no draft stays"
    status, _, err = call("-w", demo_workspace, "export", "nothing", "-o", tmp_path / f"a.{kind}")
    assert status == 2
    assert all(name in err for name in TABLES)
    status, _, err = call("-w", demo_workspace, "export", "drivers", "-o", tmp_path / "a.doc")
    assert status == 2
    assert "csv, xlsx, parquet" in err
    status, _, err = call("-w", demo_workspace, "export", "ratings", "-o", tmp_path / f"b.{kind}")
    assert status == 3, "the demo has no ratings"


def test_the_report_is_written_by_the_ending_of_its_name(demo_workspace, call, tmp_path):
    path = tmp_path / "retention.html"
    status, out, err = call("-w", demo_workspace, "report", "-o", path, "--language", "zh-hant")
    assert status == 0, err
    assert "Retention report written to" in out
    assert '<html lang="zh-Hant">' in path.read_text(encoding="utf-8")
    status, _, err = call("-w", demo_workspace, "report", "-o", tmp_path / "retention.docx")
    assert status == 2
    assert "html, pdf" in err
    assert not (tmp_path / "retention.docx").exists()


def test_scores_are_printed_for_any_period_and_segment(demo_workspace, call):
    status, out, err = call(
        "-w",
        demo_workspace,
        "show",
        "scores",
        "--from",
        "2026-01-01",
        "--to",
        "2026-03-31",
        "--segment",
        "plan:Plus",
    )
    assert status == 0, err
    assert "against 2025-" in out
    status, out, _ = call("-w", demo_workspace, "show", "scores", "--segment", "plan:Plus", "--json")
    found = json.loads(out)
    assert found["summary"]["n"] > 0
    assert found["comparison"]["before"]["n"] > 0
    assert call("-w", demo_workspace, "show", "scores", "--segment", "plan")[0] == 2
    assert call("-w", demo_workspace, "show", "scores", "--from", "soon")[0] == 2


def test_answers_kept_back_are_tested_from_a_file(demo_workspace, tmp_path, call):
    import harken

    run = harken.load_run(harken.open_workspace(demo_workspace))
    silent = [row["number"] for row in run.customers().to_pylist() if row["answered"] is False][:200]
    file = tmp_path / "kept.csv"
    lines = [f"{number},{(9, 10, 8, 7, 3)[at % 5]}" for at, number in enumerate(silent)]
    file.write_text("customer_id,nps\n" + "\n".join(lines) + "\n", encoding="utf-8")
    status, out, err = call("-w", demo_workspace, "test-answers", file)
    assert status == 0, err
    assert "of 200 rows of kept.csv were compared" in out
    assert "It tests customers who answer" in out
    printed = json.loads(call("-w", demo_workspace, "test-answers", file, "--json")[1])
    assert printed["rows"] == 200
    parts = ("checked", "known", "repeated", "unmatched", "blank", "off_scale")
    assert sum(printed[part] for part in parts) == 200
    assert call("-w", demo_workspace, "test-answers", file, "--customer", "nobody")[0] == 3
    assert harken.check_answers(run, file).checked == printed["checked"]


def test_an_action_is_evaluated_from_a_file(call, tmp_path):
    file = tmp_path / "mails.csv"
    rows = [f"{at},{at % 2},{10 + at % 7 + 3 * (at % 2)}" for at in range(80)]
    file.write_text("customer,mailed,orders\n" + "\n".join(rows) + "\n", encoding="utf-8")
    named = (file, "--outcome", "orders", "--treated", "mailed")
    status, out, err = call("evaluate", *named, "--randomised")
    assert status == 0, err
    assert "It made a difference of +2.95 (+2.05 to +3.85), n = 80: by lot." in out
    assert "Scale it" in out
    assert "80 units from 80 rows of mails.csv" in out
    status, out, _ = call("evaluate", *named, "--language", "zh-hant")
    assert status == 2
    status, out, _ = call("--language", "zh-hant", "evaluate", *named)
    assert "不是抽籤決定的" in out
    printed = json.loads(call("evaluate", *named, "--randomised", "--json")[1])
    assert printed["evaluation"]["effect"]["evidence"] == "experimental"
    assert call("evaluate", file, "--outcome", "orders")[0] == 2
    assert call("evaluate", file, "--outcome", "sales", "--treated", "mailed")[0] == 3
