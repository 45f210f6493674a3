"""The register of hypotheses as people use it: written down, judged, cited, decided upon, retired."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from test_pages import strict

from harken.locale.catalogue import LANGUAGES
from harken.usecases import accounts
from harken.usecases.hypotheses import judge_register, register
from harken.usecases.runs import load_run
from harken.usecases.workspaces import open_workspace

pytestmark = [pytest.mark.parametrize("company", ["analysed"], indirect=True)]
WAITS = {"statement": "Long <b>waits</b> make people leave", "about": "leaving:waiting", "side": "more"}


def believe(reader: Any, **given: str) -> str:
    return str(reader.post("/learn/hypotheses/add/", given).headers["Location"])


def test_from_belief_to_decision(company: Path, reader: Any) -> None:
    empty = reader.get("/learn/hypotheses/").text
    assert "what do we believe?" in empty
    assert "Long waits make customers leave." in empty, "suggestions from the families of the run"
    address = believe(reader, **WAITS)
    page = reader.get(address).text
    strict(page)
    assert "Long &lt;b&gt;waits" in page
    lever = load_run(open_workspace(company).runs_root).part("levers").family("waiting").effect.adjusted.estimate
    assert re.search(rf"{100 * lever.value:.0f}(\.\d)? percentage points", page)
    assert "a cause is not proved" in page
    assert "adjusted" in page
    assert reader.post(f"{address}cite/", {"citation": "Lee", "year": "2019", "agrees": "yes"}).status_code == 302
    (one,) = register(open_workspace(company))
    assert one.standing == "supported"
    assert one.now is not None
    assert set(one.sources.agree) == {*one.now.agree, "Lee"}
    assert reader.post(f"{address}decide/", {"text": "Call back", "decided_by": "Li"}).status_code == 302
    again = reader.get(address).text
    assert "then: supported" in again
    assert "one decision" in reader.get("/learn/hypotheses/?verdict=supported").text
    assert "None of this kind" in reader.get("/learn/hypotheses/?verdict=contradicted").text
    rows = b"".join(reader.get("/learn/hypotheses/?take=register.csv")).decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert "Waiting: the more of it, the more customers leave." in rows[1]
    assert "We believed" in reader.get("/learn/retention/waiting/").text
    reader.post(f"{address}change/", {"do": "retire"})
    assert register(open_workspace(company), active=True) == ()
    assert "retired" in reader.get("/learn/hypotheses/?verdict=retired").text


def test_looking_changes_nothing_and_an_analysis_judges(company: Path, reader: Any) -> None:
    from django.utils import timezone

    from harken.jobs.analyses import start_analysis
    from harken.jobs.worker import work
    from harken.records.models import Hypothesis, Verdict

    now = timezone.now()
    for about in ({"kind": "leaving", "subject": "waiting", "side": "more"}, {}):
        Hypothesis.objects.create(statement="as before", made=now, **about)
    for address in ("/learn/hypotheses/", "/learn/hypotheses/1/", "/unify/inventory/"):
        assert "as before" in reader.get(address).text
    assert Verdict.objects.count() == 0
    assert start_analysis(company)
    work(company, until_empty=True)
    assert Verdict.objects.count() == 2
    workspace = open_workspace(company)
    run = load_run(workspace.runs_root)
    assert judge_register(workspace, run, now=timezone.now()) == 0, "the same verdict is not written twice"
    assert reader.post("/learn/hypotheses/judge/").status_code == 302
    assert Verdict.objects.count() == 2
    assert "not held" in reader.get("/unify/inventory/").text


def test_what_is_wrong_is_said_at_once_and_nothing_is_lost(company: Path, reader: Any) -> None:
    refused = reader.post("/learn/hypotheses/add/", {"statement": "x", "about": "cause:waiting", "due": "soon"})
    assert refused.status_code == 400
    strict(refused.text)
    for words in ("3 to 500 letters", "cause:waiting", "2026-03-31"):
        assert words in refused.text
    assert register(open_workspace(company)) == ()
    address = believe(reader, statement="The founder's calls keep them", needed="who was called", asked="Mei")
    wrong = {"citation": "", "year": "19", "n": "many", "agrees": "perhaps"}
    assert reader.post(f"{address}cite/", wrong).status_code == 400
    assert reader.post(f"{address}decide/", {"text": "", "decided_by": ""}).status_code == 400
    page = reader.get(address).text
    assert "Asked of Mei" in page
    assert "who was called" in page
    for path in ("add/", "judge/", "1/change/", "1/cite/", "1/decide/"):
        assert reader.get(f"/learn/hypotheses/{path}").status_code == 405
    for unknown in ("99", "9" * 40):
        assert reader.get(f"/learn/hypotheses/{unknown}/").status_code == 404
    believe(reader, statement="A null \x00 in between")
    assert register(open_workspace(company))[1].statement == "A null  in between"
    assert reader.post("/learn/hypotheses/99/change/", {"do": "retire"}).status_code == 404


def test_members_look_and_nobody_is_tricked(company: Path, reader: Any) -> None:
    from django.test import Client

    address = believe(reader, **WAITS)
    accounts.add_person(company, username="member", password="long enough 4 U", role="member")
    member = Client(SERVER_NAME="localhost")
    member.get(accounts.enter_as(company, "member").path)
    for path in ("/learn/hypotheses/", address):
        page = member.get(path)
        assert page.status_code == 200
        assert 'name="statement"' not in page.text
    for path in ("/learn/hypotheses/add/", "/learn/hypotheses/judge/", *(f"{address}{one}/" for one in
                 ("change", "cite", "decide"))):  # fmt: skip
        assert member.post(path, WAITS).status_code == 403
    careful = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    careful.get(accounts.enter_demo(company).path)
    assert careful.post("/learn/hypotheses/add/", WAITS).status_code == 403


def test_three_languages_and_a_constant_few_questions(company: Path, reader: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    keys = ("leaving:waiting", "score:waiting", "segment-leaving:language=en", "")
    for round_of in range(2):
        for key in keys:
            address = believe(reader, statement=f"{round_of} belief", about=key)
            reader.post(f"{address}decide/", {"text": "so be it", "decided_by": "Li"})
            reader.post(f"{address}cite/", {"citation": "Lee", "year": "2019", "agrees": "no"})
        for path in (
            "/learn/hypotheses/",
            "/learn/hypotheses/1/",
            "/unify/inventory/",
            "/learn/retention/waiting/",
        ):
            with CaptureQueriesContext(connection) as queries:
                reader.get(path)
            counts.append(len(queries))
    assert counts[:4] == counts[4:]
    assert max(counts) <= 8
    for language in sorted(set(LANGUAGES) - {"en"}):
        reader.post("/preferences/", {"language": language})
        for path in ("/learn/hypotheses/", "/learn/hypotheses/1/"):
            page = reader.get(path).text
            strict(page)
            words = re.sub(r"<(code|title|script).*?</\1>|<[^>]*>", " \n ", page, flags=re.DOTALL)
            left = re.findall(r"[A-Za-z]+(?: [a-z]+){3,}", words)
            assert left == [], left


def test_what_was_believed_of_the_demo_company_leaves_with_it(company: Path, reader: Any) -> None:
    import json

    from harken.usecases.demo_visit import forget_records
    from harken.usecases.workspaces import DEMO_MARKER

    believe(reader, **WAITS)
    (company / DEMO_MARKER).write_text(json.dumps({"runs_before": [], "since_us": time.time_ns() // 1000}))
    believe(reader, statement="While the demo is here")
    forget_records(company)
    assert [one.statement for one in register(open_workspace(company))] == [WAITS["statement"]]
