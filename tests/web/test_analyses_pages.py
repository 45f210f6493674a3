"""The page of analyses: whom to analyse, the history, removing, and who may do what."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from test_pages import strict

import made_up
from harken.locale import LANGUAGES
from harken.usecases.analyzing.run import analyze
from harken.usecases.runs import RunInfo, list_runs, load_run
from harken.usecases.workspaces import SETTINGS_FILE, open_workspace


def analysed_again(company: Path) -> tuple[RunInfo, RunInfo]:
    """The same company analysed with another margin and a day later: the old run and the new one."""
    (old,) = list_runs(open_workspace(company).runs_root)
    path = company / SETTINGS_FILE
    path.write_text(path.read_text(encoding="utf-8").replace("# margin = 1.0", "margin = 0.4"), encoding="utf-8")
    new = copied_run(company, old, "0123456789abcdef")
    return old, new


def copied_run(company: Path, old: RunInfo, run_id: str, **changes: Any) -> RunInfo:
    """A run like another, made a day later: analysing again would only cost time."""
    from dataclasses import replace
    from datetime import timedelta

    from harken.usecases.runs import write_run

    root = open_workspace(company).runs_root
    run = load_run(root, old.id)
    settings = {**old.settings, "margin": "0.4"}
    fields = {"id": run_id, "created": old.created + timedelta(days=1), "settings": settings, **changes}
    return write_run(root, replace(old, **fields), run.parts, run.customers()).info


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_a_segment_is_chosen_on_the_page_or_by_a_link(company: Path, reader: Any) -> None:
    from harken.jobs.analyses import analyze as task

    whole = reader.get("/learn/whole-base/").text
    assert 'href="/learn/analyses/?segment=language%3Den#start"' in whole
    page = reader.get("/learn/analyses/?segment=language%3Den")
    strict(page.text)
    assert '<option value="language=en" selected>en</option>' in page.text
    reader.post("/learn/analyses/start/", {"segment": "language=en"})
    from django_tasks_db.models import DBTaskResult

    queued = DBTaskResult.objects.get(task_path=task.module_path)
    assert queued.args_kwargs["args"] == [str(company), False, ["language", "en"]]
    refused = reader.post("/learn/analyses/start/", {"segment": "language"})
    assert refused.status_code == 400
    assert "column=value" in refused.text


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_a_run_of_a_segment_says_so_on_every_page(company: Path, reader: Any) -> None:
    run = analyze(open_workspace(company), now_us=made_up.NOW + made_up.DAY, segment=("language", "en"))
    said = f"language: en, {run.info.customers} of 1,200 customers"
    for page in ("/", "/learn/retention/", "/learn/whole-base/", "/learn/scores/", "/act/customers/"):
        limited = reader.get(f"{page}?run={run.info.id}")
        strict(limited.text)
        assert said in limited.text, page
        assert "Show all customers" in limited.text, page
        assert said not in reader.get(page).text, "the newest run of all customers is shown where none is named"
    today = reader.get(f"/?run={run.info.id}").text
    onward = re.findall(r'href="(/(?:learn|act|unify)/[a-z-]*/[^"]*)"', today[today.index("<main") :])
    assert onward
    assert all(f"?run={run.info.id}" in address for address in onward), "links of the page stay with the segment"
    for page in ("/learn/whole-base/", "/learn/retention/"):
        assert "?segment=" not in reader.get(f"{page}?run={run.info.id}").text
        links = re.findall(r'href="(/learn/analyses/\?segment=language[^"#]*)#start"', reader.get(page).text)
        assert links, page
        assert '<option value="language=' in reader.get(links[0]).text
        assert " selected>" in reader.get(links[0]).text
    history = reader.get("/learn/analyses/").text
    assert "language: en" in history
    assert "of 1,200" in history


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_an_old_run_says_what_differs_and_is_removed_but_not_the_newest(company: Path, reader: Any) -> None:
    old, new = analysed_again(company)
    page = reader.get("/learn/analyses/")
    strict(page.text)
    assert "2 analyses are kept" in page.text
    assert "this is the newest" in page.text
    assert "<code>margin</code> <code>1.0</code>" in page.text
    assert f'action="/learn/analyses/{new.id}/remove/"' not in page.text
    kept = reader.post(f"/learn/analyses/{new.id}/remove/")
    assert kept.status_code == 400
    assert "is kept" in kept.text
    assert reader.get(f"/learn/analyses/{old.id}/remove/").status_code == 405
    after = reader.post(f"/learn/analyses/{old.id}/remove/", follow=True)
    assert "is removed" in after.text
    assert [info.id for info in list_runs(open_workspace(company).runs_root)] == [new.id]


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_members_neither_start_nor_remove(company: Path, reader: Any) -> None:
    from harken.records.models import User

    old, _ = analysed_again(company)
    User.objects.update(role="member")
    page = reader.get("/learn/analyses/").text
    assert "/remove/" not in page
    assert 'name="segment"' not in page
    assert reader.post(f"/learn/analyses/{old.id}/remove/").status_code == 403


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_a_missing_worker_is_said(company: Path, reader: Any) -> None:
    from harken.jobs.worker import only_worker

    started = reader.post("/learn/analyses/start/", follow=True)
    assert "No worker runs" in started.text
    with only_worker(company):
        assert "No worker runs" not in reader.get("/learn/analyses/").text


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_two_runs_are_compared_and_the_finding_is_the_headline(company: Path, reader: Any, language: str) -> None:
    reader.post("/preferences/", {"language": language})
    alone = reader.get("/learn/analyses/compare/")
    strict(alone.text)
    old, new = analysed_again(company)
    page = reader.get("/learn/analyses/compare/")
    strict(page.text)
    named = reader.get(f"/learn/analyses/compare/?a={old.id}&b={new.id}")
    assert re.search("<h1>.*</h1>", page.text).group() == re.search("<h1>.*</h1>", named.text).group()  # type: ignore[union-attr]
    assert "margin" in page.text
    same = reader.get(f"/learn/analyses/compare/?a={old.id}&b={old.id[:8]}")
    strict(same.text)
    if language == "en":
        assert "There are not two analyses" in alone.text
        assert "Nothing differs beyond chance" in page.text
        assert "from the settings or versions" in page.text
        assert "<h1>Nothing differs: both analyses have the same inputs.</h1>" in same.text
        assert f"?a={old.id}&amp;b={new.id}" in reader.get("/learn/analyses/").text
    else:
        words = re.sub(r"<(code|script|title).*?</\1>|<[^>]*>", " \n ", page.text, flags=re.DOTALL)
        assert re.findall(r"[A-Za-z]+(?: [a-z]+){3,}", words) == []
    taken = reader.get(f"/learn/analyses/compare/?a={old.id}&b={new.id}&take=figures.csv")
    assert b"".join(taken.streaming_content if taken.streaming else [taken.content]).count(b"\n") > 5
    assert reader.get("/learn/analyses/compare/?a=zz&b=zz").status_code == 400
