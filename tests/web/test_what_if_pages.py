"""What if, driver pages, where it differs: what they answer, what they refuse, how strong their words are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from test_pages import strict

from harken.locale.catalogue import LANGUAGES
from harken.usecases.runs import load_run
from harken.usecases.workspaces import open_workspace
from harken.web.parts.charts import NUMBER

pytestmark = [pytest.mark.parametrize("company", ["analysed"], indirect=True)]
CAUSAL = r"hurts|leave for it|because of|leads to|drives"


def waiting(company: Path) -> Any:
    found = load_run(open_workspace(company).runs_root).part("what_if")
    return found, found.lever("waiting")


def test_a_question_is_an_address_and_its_answer_the_runs(company: Path, reader: Any) -> None:
    from harken.usecases.what_if import ask

    found, lever = waiting(company)
    middle = lever.targets[len(lever.targets) // 2]
    answer = ask(found, lever, middle)
    page = reader.get("/learn/what-if/", {"lever": lever.column, "target": f"{middle:g}"})
    strict(page.text)
    assert f"{answer.moved:,} of {answer.known:,} customers would be moved" in page.text
    assert f"at most {NUMBER.write(middle)}" in page.text
    assert f'value="{middle:g}"' in page.text
    assert "adjusted" in page.text
    kept = f"{abs(round(answer.kept.value)):,}"
    if answer.shown:
        assert f"{kept} fewer customers" in page.text
    part = reader.get("/learn/what-if/", {"lever": lever.column, "target": f"{middle:g}", "part": "answer"})
    assert part.text.lstrip().startswith("<h1")
    assert part.text.strip() in page.text, "what the slider fetches is what the page shows"
    sheet = reader.get("/learn/what-if/", {"lever": lever.column, "take": "answers.csv"})
    rows = b"".join(sheet.streaming_content).decode("utf-8-sig").splitlines()
    assert len([row for row in rows if row[:1].isdigit()]) == len(lever.targets), "every target can be taken away"


def test_where_nobody_is_the_page_refuses_in_three_languages(company: Path, reader: Any) -> None:
    _, lever = waiting(company)
    below = f"{lever.today.lowest / 2:.3g}"
    said = set()
    for language in LANGUAGES:
        reader.post("/preferences/", {"language": language})
        page = reader.get("/learn/what-if/", {"lever": "waiting", "target": below})
        assert page.status_code == 200
        strict(page.text)
        (heading,) = re.findall(r"<h1[^>]*>(.*?)</h1>", page.text)
        assert below in heading
        assert 'class="num"' not in page.text, "no number stands beside a refusal"
        said.add(heading)
    assert len(said) == 3


def test_nonsense_is_a_sentence_not_a_fault(company: Path, reader: Any) -> None:
    for query in ({"lever": "colour"}, {"lever": "waiting", "target": "soon"}, {"target": "nan"}):
        answer = reader.get("/learn/what-if/", query)
        assert answer.status_code == 400, query
    assert reader.get("/learn/retention/nothing/").status_code == 404
    odd = reader.get("/learn/what-if/", {"lever": "waiting", "target": "<script>"})
    assert "<script>" not in odd.text.replace("<script src", "")


def test_words_are_no_stronger_than_their_evidence(company: Path, reader: Any) -> None:
    """Nothing here was randomised, so no page may say that one thing makes another."""
    for address in ("/", "/learn/retention/", "/learn/retention/waiting/", "/learn/what-if/?lever=waiting"):
        words = re.sub(r"<[^>]*>", " ", reader.get(address).text)
        assert re.findall(CAUSAL, words) == [], address


def test_the_risk_ratio_stands_with_its_range_and_money(company: Path, reader: Any) -> None:
    run = load_run(open_workspace(company).runs_root)
    lever = run.part("levers").family("waiting")
    ratio = lever.effect.risk_ratio
    assert ratio.interval.lower > 1, "the made-up company leaves for its waits"
    for address in ("/", "/learn/retention/", "/learn/retention/waiting/"):
        text = reader.get(address).text
        (found,) = set(re.findall(r"leaving ×([\d.]+) \(([\d.]+) to ([\d.]+)\)", text))
        shown = tuple(float(part) for part in found)
        assert shown == pytest.approx((ratio.value, ratio.interval.lower, ratio.interval.upper), abs=0.06)
        assert "at stake" in text


def test_where_it_differs_is_coloured_only_where_it_does(company: Path, reader: Any) -> None:
    segments = load_run(open_workspace(company).runs_root).part("segments")
    page = reader.get("/learn/retention/").text
    coloured = len(re.findall(r'<td class="(?:more|less)[12]"', page))
    differs = sum(
        one is not None and one.differs
        for division in segments.divisions[:3]
        for level in division.levels[:8]
        for one in (level.leaving, *level.parts)
    )
    assert coloured == differs
    rows = reader.get("/learn/retention/?take=segments.csv")
    assert rows.status_code == 200


def test_a_driver_page_names_its_measures_and_customers(company: Path, reader: Any) -> None:
    run = load_run(open_workspace(company).runs_root)
    page = reader.get("/learn/retention/waiting/").text
    measures = [item for item in run.part("inventory").features if item.family == "waiting"]
    assert f"{len(measures)} measures" in page
    named = [
        action.customer_id
        for action in run.part("actions").actions
        if not action.hold_out and any(reason.family == "waiting" for reason in action.reasons)
    ]
    shown = re.findall(r'href="/unify/customers/(\d+)/"', page)
    assert [int(one) for one in shown] == named[:10]
    usage = next(item.family for item in run.part("inventory").features if not item.lever)
    strict(reader.get(f"/learn/retention/{usage}/").text)
