"""What pages hand out as files is what they show, complete."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from harken.usecases.customers import segments_of
from harken.usecases.runs import load_run
from harken.usecases.workspaces import open_workspace

pytestmark = pytest.mark.parametrize("company", ["analysed"], indirect=True)

OFFERED = {
    "/learn/retention/": ["drivers", "deciles"],
    "/learn/whole-base/": ["segments", "sensitivity", "groups"],
    "/learn/scores/": ["course", "segments"],
    "/unify/inventory/": ["sources", "features"],
    "/act/customers/": ["customers"],
    "/listen/imports/": ["imports"],
    "/learn/analyses/": ["runs"],
}


def taken(reader: Any, address: str) -> list[list[str]]:
    answer = reader.get(address)
    assert answer.status_code == 200
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"), newline="")))
    assert f"-{len(rows) - 1}-rows.csv" in answer.headers["Content-Disposition"]
    return rows


@pytest.mark.parametrize("page", OFFERED)
def test_every_offered_file_is_there(company: Path, reader: Any, page: str) -> None:
    html = reader.get(page).text
    offered = re.findall(r'href="\?take=([^"]+)"', html)
    assert {f"{name}.csv" for name in OFFERED[page]} <= set(offered)
    heavy = [name for name in offered if name.endswith((".svg", ".png"))]
    for name in sorted(set(offered) - set(heavy[2:])):
        answer = reader.get(f"{page}?take={name}")
        assert answer.status_code == 200, name
        named = answer.headers["Content-Disposition"]
        assert re.search(r"-\d+-rows\.|\.(svg|png|vl\.json|ipynb|html|pdf)", named)
        assert len(answer.getvalue()) > 50
    for wrong in ("nothing.csv", f"{OFFERED[page][0]}.exe", OFFERED[page][0], "..", ".csv"):
        assert reader.get(page, {"take": wrong}).status_code == 404


def test_the_digits_of_the_file_are_those_of_the_page(company: Path, reader: Any) -> None:
    head, *rows = taken(reader, "/learn/retention/?take=drivers.csv")
    html = reader.get("/learn/retention/").text
    shown = re.findall(r'<td class="value r">([0-9.]+)%', html)
    assert head[:4] == ["Driver family", "Share", "likely from", "likely to"]
    ranking = load_run(open_workspace(company).runs_root).part("drivers")
    assert len(rows) == sum(family.shown for family in ranking.families)
    for row, number in zip(rows, shown, strict=False):
        decimals = len(number.partition(".")[2])
        assert f"{float(row[1]) * 100:.{decimals}f}" == number


def test_all_customers_leave_in_the_order_of_the_page(company: Path, reader: Any) -> None:
    run = load_run(open_workspace(company).runs_root)
    everyone = run.customers()
    rows = taken(reader, "/act/customers/?take=customers.csv&page=2")
    assert [row[0] for row in rows[1:]] == everyone["number"].to_pylist()
    names = [row[rows[0].index("Name")] for row in rows[1:]]
    assert names == [name or "" for name in everyone["name"].to_pylist()]


def test_the_list_at_risk_leaves_as_it_is_shown(company: Path, reader: Any) -> None:
    """Order, reason and segment of the page are those of the file, over all pages."""
    run = load_run(open_workspace(company).runs_root)
    rows = {row["number"]: row for row in run.customers().to_pylist()}
    column = segments_of(run)[0]
    level, count = column.levels[0]
    segment = f"{column.name}:{level}"
    family = next(one.reasons[0].family for one in run.part("actions").actions if one.reasons)
    for query, held in (
        ("sort=risk", lambda row: True),
        (f"segment={segment}", lambda row: row[f"segment_{column.name}"] == level),
        (f"sort=value&segment={segment}", lambda row: row[f"segment_{column.name}"] == level),
        (f"sort=risk&family={family}", None),
    ):
        address = f"/act/customers/?{query}"
        taken_rows = taken(reader, f"{address}&page=2&take=customers.csv")[1:]
        numbers = [row[0] for row in taken_rows]
        assert len(set(numbers)) == len(numbers)
        if held is not None:
            assert set(numbers) == {number for number, row in rows.items() if held(row)}
        if query.startswith("sort"):
            key = query.split("&")[0].removeprefix("sort=")
            values = [rows[number][key] for number in numbers]
            assert values == sorted(values, reverse=True)
        shown: list[str] = []
        pages = -(-len(numbers) // 50)
        for page in (1, pages):
            html = reader.get(f"{address}&page={page}").text
            shown += re.findall(r'href="/unify/customers/(\d+)/', html)
        ids = [str(rows[number]["customer_id"]) for number in numbers]
        assert shown == (ids[:50] + ids[(pages - 1) * 50 :] if pages > 1 else ids * 2)
    assert sum(row[f"segment_{column.name}"] == level for row in rows.values()) == count
    html = reader.get(f"/act/customers/?segment={segment}").text
    assert f'<option value="{segment}" selected>' in html
    assert re.search(rf'href="/learn/retention/\?segment={column.name}(:|%3A)', html), "the navigation keeps it"
    assert "does not tell who belongs to plan: Nowhere" in reader.get("/act/customers/?segment=plan:Nowhere").text
    assert reader.get("/act/customers/?segment=nonsense").status_code == 400


def test_a_lever_is_taken_with_its_own_finding(company: Path, reader: Any) -> None:
    page = reader.get("/learn/retention/").text
    name = re.findall(r"take=(lever-[^.]+)\.vl\.json", page)[0]
    title = " ".join(json.loads(reader.get(f"/learn/retention/?take={name}.vl.json").getvalue())["title"]["text"])
    headline = re.search(r"<h1>(.*?)</h1>", page)
    assert headline is not None
    assert title != headline.group(1)
    assert f"<h3>{title}</h3>" in page


def test_files_speak_the_readers_language(company: Path, reader: Any) -> None:
    reader.post("/preferences/", {"language": "zh-hant"})
    assert taken(reader, "/learn/retention/?take=drivers.csv")[0][0] == "驅動因子類別"


def test_addresses_keep_what_is_chosen(company: Path, reader: Any) -> None:
    run = load_run(open_workspace(company).runs_root)
    html = reader.get(f"/learn/scores/?run={run.info.id}").text
    assert f'href="?run={run.info.id}&amp;take=course.xlsx"' in html


NOTEBOOKS = {
    "/learn/retention/?take=drivers.ipynb": "/learn/retention/?take=drivers.csv",
    "/learn/retention/?take=levers.ipynb": "/learn/retention/?take=levers.csv",
    "/learn/whole-base/?take=groups.ipynb": "/learn/whole-base/?take=groups.csv",
    "/learn/scores/?take=course.ipynb": "/learn/scores/?take=course.csv",
    "/act/customers/?take=customers.ipynb": "/act/customers/?take=customers.csv",
}
VALUES = {"Share": ".1%", "Effect, all else equal": "+.4f", "Score of all customers": ".1f", "Score": ".1f",
          "At stake": ",.0f"}  # fmt: skip


@pytest.mark.parametrize("address", NOTEBOOKS)
def test_a_notebook_prints_the_digits_of_the_page(
    company: Path, reader: Any, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    book = json.loads(reader.get(address).getvalue())
    assert (book["nbformat"], book["metadata"]["kernelspec"]["name"]) == (4, "python3")
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    monkeypatch.setenv("HARKEN_WORKSPACE", str(company))
    names: dict[str, Any] = {}
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    printed = capsys.readouterr().out
    head, *rows = taken(reader, NOTEBOOKS[address])
    ((column, style),) = (
        (at, VALUES[name.split(" (")[0]]) for at, name in enumerate(head) if name.split(" (")[0] in VALUES
    )
    known = [row[column] for row in rows[:20] if row[column]]
    assert known
    for value in known:
        assert f"{float(value):{style}}" in printed


def test_the_menu_of_a_long_table_says_that_excel_is_slow(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from harken.web.parts import take

    said = "For 1,200 rows CSV and Parquet are much quicker than Excel."
    assert said not in reader.get("/act/customers/").text
    monkeypatch.setattr(take, "SLOW_ROWS", 1199)
    assert said in reader.get("/act/customers/").text
