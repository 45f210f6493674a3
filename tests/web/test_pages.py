"""Every page in every language and in every state of a company."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from harken.locale.catalogue import LANGUAGES
from harken.usecases.runs import load_run
from harken.usecases.workspaces import open_workspace

PAGES = (
    "/",
    "/listen/imports/",
    "/listen/sources/",
    "/unify/customers/",
    "/unify/inventory/",
    "/learn/retention/",
    "/learn/what-if/",
    "/learn/whole-base/",
    "/learn/scores/",
    "/learn/hypotheses/",
    "/learn/analyses/",
    "/act/customers/",
    "/people/",
    "/settings/",
    "/account/password/",
)
ABOUT_PEOPLE = ("/people/", "/settings/", "/account/password/")
"""Pages that need neither data nor an analysis."""
TAGS = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "en": "en"}


class Outline(HTMLParser):
    """What a page is made of, and whether its tags close in order."""

    VOID = frozenset(
        {"meta", "link", "input", "br", "img", "line", "circle", "rect", "path", "polyline", "polygon"}
    )

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.headings: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def values(self, name: str) -> list[str | None]:
        return [value for _, attribute, value in self.attributes if attribute == name]


def strict(html: str) -> Outline:
    """The page's outline after checking what every page owes: see the assertions."""
    outline = Outline(html)
    assert outline.open == [], "all tags are closed"
    names = {name for _, name, _ in outline.attributes}
    assert not {name for name in names if name == "style" or name.startswith("on")}, "nothing inline"
    assert "<style" not in html
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert outline.headings.count("h1") == 1, "one headline"
    ids = outline.values("id")
    assert len(ids) == len(set(ids)), "ids are unique"
    for tag, name, value in outline.attributes:
        if name in ("src", "href") and tag in ("script", "link"):
            assert value is not None
            assert value.startswith("/static/")
    for match in re.finditer(r"<svg[^>]*>", html):
        assert "aria-" in match.group(), f"a drawing without words: {match.group()}"
    words = re.sub(r"<[^>]*>", "<", html)
    for leftover in (r"\{\{", r"\{%", r"\bnan\b", "None<", r"Message\(", r"Estimate\("):
        assert re.search(leftover, words) is None, leftover
    return outline


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("company", ["analysed", "small", "empty"], indirect=True)
def test_every_page_in_every_language_and_state(company: Path, reader: Any, page: str, language: str) -> None:
    reader.post("/preferences/", {"language": language})
    answer = reader.get(page)
    assert answer.status_code == 200
    assert f'<html lang="{TAGS[language]}"' in answer.text
    strict(answer.text)
    if language != "en":
        words = re.sub(r"<code.*?</code>|<[^>]*>", " ", answer.text, flags=re.DOTALL)
        assert re.search("[\u4e00-\u9fff]{4}", words), "the page speaks Chinese"


@pytest.mark.parametrize("company", ["empty"], indirect=True)
def test_every_measure_says_how_it_is_computed(company: Path, reader: Any) -> None:
    from harken.usecases.cards import TOPICS, card

    for language in LANGUAGES:
        reader.post("/preferences/", {"language": language})
        for topic in TOPICS:
            page = reader.get(f"/how/{topic}/")
            strict(page.text)
            shown = card(topic, language)
            assert len(shown.question) > 5
            assert len({card(topic, other).question for other in LANGUAGES}) == 3
    assert reader.get("/how/nothing/").status_code == 404


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_english_sentences_do_not_stay_in_chinese_pages(company: Path, reader: Any) -> None:
    """What is left in Latin letters on a Chinese page are names of data, commands and abbreviations."""
    reader.post("/preferences/", {"language": "zh-hans"})
    for page in PAGES:
        html = re.sub(r"<(code|script|title).*?</\1>", " ", reader.get(page).text, flags=re.DOTALL)
        words = re.sub(r"<[^>]*>", " \n ", html)
        for sentence in re.findall(r"[A-Za-z]+(?: [a-z]+){3,}", words):
            pytest.fail(f"{page}: {sentence!r}")


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_numbers_on_the_pages_are_those_of_the_run(company: Path, reader: Any) -> None:
    run = load_run(open_workspace(company).runs_root)
    total = run.part("whole_base").total
    today, whole = reader.get("/").text, reader.get("/learn/whole-base/").text
    value = f"{abs(round(total.whole_base.value))}"
    assert f'<div class="num">{"−" if total.whole_base.value < 0 else ""}{value}' in today
    assert f"{total.answers:,} of {total.customers:,} customers answered" in whole
    rate = run.part("outcome").rate.value
    assert f'<div class="num">{rate:.1f}%' in today
    first = run.part("drivers").families[0]
    retention = reader.get("/learn/retention/").text
    assert retention.index("Waiting") < retention.index("Driver family") or first.family == "waiting"
    assert f"{first.share.value:.0%}" in retention


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_names_from_the_data_are_text_never_markup(company: Path, reader: Any) -> None:
    html = reader.get("/act/customers/").text
    assert "<b>" not in html
    assert "李 &lt;b&gt;" in html


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_today_lets_one_customer_speak_as_written(company: Path, reader: Any) -> None:
    page = reader.get("/").text
    assert "等了" in page
    assert "&lt;i&gt;才&lt;/i&gt;" in page
    assert '<blockquote class="quote" lang="zh">' in page


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_customers_are_found_and_shown(company: Path, reader: Any) -> None:
    from harken.usecases.searching import keep_index

    run = load_run(open_workspace(company).runs_root)
    row = run.customers(count=1).to_pylist()[0]
    for built in (False, True):
        if built:
            assert keep_index(open_workspace(company), now_us=1)
            assert not keep_index(open_workspace(company), now_us=1)
        found = reader.get("/unify/customers/", {"q": row["number"]})
        assert found.url == f"/unify/customers/{row['customer_id']}/"
        assert "Nobody has that number" in reader.get("/unify/customers/", {"q": "no such person"}).text
        several = reader.get("/unify/customers/", {"q": "李"})
        strict(several.text)
        assert "960 customers match" in several.text
        assert ("search index is being built" in several.text) is not built
        assert several.text.count("<tr>") == 51, "a head and a page of fifty"
        assert "q=%E6%9D%8E&amp;page=2" in several.text
    page = reader.get(found.url)
    strict(page.text)
    assert row["number"] in page.text
    assert f"{row['risk']:.0%}" in page.text
    assert reader.get(f"/act/customers/{row['customer_id']}/").url == found.url
    assert reader.get("/act/customers/?q=7").url == "/unify/customers/?q=7"
    for unknown in ("12345678901", "abc", "-1", "9" * 30):
        assert reader.get(f"/unify/customers/{unknown}/").status_code == 404


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_a_customer_has_a_page_without_any_run(company: Path, reader: Any) -> None:
    import shutil

    known = reader.get("/unify/customers/7/")
    strict(known.text)
    assert "Answered" in known.text or "Contact" in known.text
    only = reader.get("/unify/customers/7/?kind=order")
    strict(only.text)
    assert only.text.count("<strong>Order</strong>") == 4
    assert "<strong>Contact" not in only.text
    shutil.rmtree(open_workspace(company).runs_root)
    for language in reversed(LANGUAGES):
        reader.post("/preferences/", {"language": language})
        page = reader.get("/unify/customers/7/")
        strict(page.text)
        assert "C00007" in page.text
        strict(reader.get("/unify/customers/").text)
        assert language != "en" or "Nothing has been analysed yet" in page.text


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_the_list_of_customers_is_complete(company: Path, reader: Any) -> None:
    seen: set[str] = set()
    for number in range(1, 25):
        seen |= set(re.findall(r'/unify/customers/(\d+)/"', reader.get(f"/unify/customers/?page={number}").text))
    assert len(seen) == 1200


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_tables_have_pages_with_ends(company: Path, reader: Any) -> None:
    first, last = reader.get("/act/customers/").text, reader.get("/act/customers/?page=99").text
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    assert 'rel="prev"' in last
    assert 'rel="next"' not in last
    seen: set[str] = set()
    for number in range(1, 25):
        seen |= set(
            re.findall(r'href="/unify/customers/(\d+)/"', reader.get(f"/act/customers/?page={number}").text)
        )
    assert len(seen) == 1200
    assert reader.get("/act/customers/?page=nonsense").status_code == 200


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_a_run_chosen_in_the_address_stays_chosen(company: Path, reader: Any) -> None:
    run = load_run(open_workspace(company).runs_root)
    page = reader.get(f"/learn/scores/?run={run.info.id[:8]}")
    assert f'href="/learn/retention/?run={run.info.id[:8]}"' in page.text
    detail = reader.get(f"/learn/analyses/{run.info.id}/")
    strict(detail.text)
    assert run.info.pointer_id in detail.text
    for wrong in ("zzzz", "../../etc", "%00"):
        assert reader.get(f"/learn/scores/?run={wrong}").status_code == 400


@pytest.mark.parametrize("company", ["small"], indirect=True)
def test_parts_that_could_not_run_say_why(company: Path, reader: Any) -> None:
    assert "no outcome" in reader.get("/learn/retention/").text
    assert "7 customers answered" in reader.get("/learn/whole-base/").text
    scores = reader.get("/learn/scores/").text
    assert "7 answers: too few for a score" in scores
    assert "promoters 4" in scores
    assert 'class="num"' not in scores, "below 10 answers no number is shown"


@pytest.mark.parametrize("company", ["empty"], indirect=True)
def test_an_empty_company_is_told_what_to_do(company: Path, reader: Any) -> None:
    for page in set(PAGES) - set(ABOUT_PEOPLE):
        text = reader.get(page).text
        assert re.search(r"Bring your data|Nothing has been analysed yet|Set up a source", text), page


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_an_import_can_be_repaired_and_undone(company: Path, reader: Any) -> None:
    page = reader.get("/listen/imports/").text
    (address,) = re.findall(r'href="(/listen/imports/\d+/rejected/shop.csv)"', page)
    download = reader.get(address)
    assert b"no such day" in b"".join(download.streaming_content)
    assert "attachment" in download.headers["Content-Disposition"]
    for wrong in ("..%2Fsecret_key", "other.csv", "%2Fetc%2Fpasswd"):
        assert reader.get(address.replace("shop.csv", wrong)).status_code == 404
    undo = re.findall(r'action="(/listen/imports/\d+/undo/)"', page)[0]
    assert reader.get(undo).status_code == 405
    after = reader.post(undo, follow=True)
    assert "is undone" in after.text
    assert re.findall(r'action="/listen/imports/\d+/undo/"', after.text) == []


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_members_read_but_do_not_change(company: Path, reader: Any) -> None:
    from harken.records.models import User

    User.objects.update(role="member")
    assert "Analyse now" not in reader.get("/learn/analyses/").text
    for address in (
        "/learn/analyses/start/",
        "/learn/analyses/cancel/",
        "/listen/imports/1/undo/",
        "/listen/imports/upload/",
        "/listen/imports/cancel/",
        "/listen/imports/drafts/x/correct/",
        "/listen/imports/drafts/x/do/import/",
        "/demo/enter/",
        "/demo/leave/",
        "/listen/new-source/sql/",
        "/listen/source-cancel/",
        *(f"/listen/sources/any/{step}/" for step in ("read", "pause", "resume", "remove", "change")),
    ):
        refused = reader.post(address)
        assert refused.status_code == 403
        assert "may not do this" in refused.text


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_an_analysis_is_started_and_awaited(company: Path, reader: Any) -> None:
    assert reader.get("/learn/analyses/progress/").json() == {"busy": False}
    started = reader.post("/learn/analyses/start/", follow=True)
    assert "The analysis has started." in started.text
    strict(started.text)
    assert 'data-progress="/learn/analyses/progress/"' in started.text
    assert reader.get("/learn/analyses/progress/").json()["busy"] is True
    assert "under way already" in reader.post("/learn/analyses/start/", follow=True).text
    assert 'action="/learn/analyses/cancel/"' in started.text
    cancelled = reader.post("/learn/analyses/cancel/", follow=True)
    assert "was cancelled" in cancelled.text
    assert reader.get("/learn/analyses/progress/").json() == {"busy": False}


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_a_run_of_another_version_is_explained(company: Path, reader: Any) -> None:
    path = next(open_workspace(company).runs_root.glob("*/parts.json"))
    text = path.read_text(encoding="utf-8")
    assert '"n_fitted"' in text
    path.write_text(text.replace('"n_fitted"', '"n_fitted_before"'), encoding="utf-8")
    answer = reader.get("/learn/retention/")
    assert answer.status_code == 422
    assert "another version" in answer.text


@pytest.mark.parametrize("page", sorted(set(PAGES) - set(ABOUT_PEOPLE)))
@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_a_page_asks_the_records_a_constant_few_questions(company: Path, reader: Any, page: str) -> None:
    from django.db import connection

    queries: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        queries.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        reader.get(page)
    # the session and the reader; on Today also what was handed to them and which sources are late
    assert len(queries) <= 4, queries


@pytest.mark.parametrize("company", ["empty"], indirect=True)
def test_a_fault_of_our_own_is_a_page_too(company: Path, reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import harken.web.pages.runs as runs

    def broken(*arguments: Any) -> None:
        raise RuntimeError("li@example.com")

    monkeypatch.setattr(runs, "past_runs", broken)
    reader.raise_request_exception = False
    answer = reader.get("/learn/analyses/")
    assert answer.status_code == 500
    assert "Something in Harken broke" in answer.text
    assert "li@example.com" not in answer.text
    assert reader.get("/no/such/page/").status_code == 404


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_scores_follow_the_question_period_and_segment_in_the_address(company: Path, reader: Any) -> None:
    from harken.usecases.scores import choice_from, scores

    run = load_run(open_workspace(company).runs_root)
    wave = scores(run).options.waves[1].period
    query = {"from": wave.start.isoformat(), "to": wave.last_day.isoformat(), "segment": "language:en"}
    page = reader.get("/learn/scores/", query)
    strict(page.text)
    found = scores(run, choice_from(query)).overview.summary
    value = f"{abs(round(found.headline.value))}"
    assert f'<div class="num">{"−" if found.headline.value < 0 else ""}{value}' in page.text
    assert f"n = {found.n} answers" in page.text
    assert re.search(r'href="/learn/retention/\?[^"]*segment=language%3Aen', page.text), "the choice is carried on"
    retention = reader.get("/learn/retention/", query).text
    assert "by analysis" in retention
    assert "by analysis" not in reader.get("/learn/retention/").text
    assert re.search(r'href="/learn/scores/\?[^"]*segment=language%3Aen', retention), "and back"
    assert 'href="/learn/scores/"' in reader.get("/learn/analyses/?segment=nonsense").text, "nonsense is dropped"
    for wrong in ({"from": "x"}, {"segment": "language"}, {"segment": "no:such"}, {"question": "none"}):
        assert reader.get("/learn/scores/", wrong).status_code == 400


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_scores_need_the_same_few_queries_for_every_choice(company: Path, reader: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for query in ({}, {"segment": "language:en"}, {"from": "2024-01-01", "to": "2024-06-30"}):
        with CaptureQueriesContext(connection) as queries:
            assert reader.get("/learn/scores/", query).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2] <= 5


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_silent_customers_are_drawn_kept_and_their_answers_read(company: Path, reader: Any) -> None:
    run = load_run(open_workspace(company).runs_root)
    drawn = reader.post("/learn/whole-base/silent/draw/", {"count": "100", "then": "list"})
    answer = reader.get(drawn.headers["Location"])
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "number,name,score,reached"
    answered = {row["number"] for row in run.customers(["number", "answered"]).to_pylist() if row["answered"]}
    assert len(lines) == 101
    assert not answered & {line.split(",")[0] for line in lines[1:]}
    page = reader.get("/learn/whole-base/").text
    assert drawn.headers["Location"] in page
    assert "drawn by lot on" in page
    back = [lines[0], *(line[:-1] + f"{at % 11}," for at, line in enumerate(lines[1:81])), *lines[81:]]
    file = SimpleUploadedFile("back.csv", "\n".join(back).encode())
    page = reader.post("/learn/whole-base/silent/answers/", {"file": file}, follow=True).text
    assert "80 of 100 customers drawn by lot were reached" in page
    assert "20 were not reached" in page
    assert reader.get("/learn/whole-base/?take=silent.csv").status_code == 200
    assert not list((company / "uploads").iterdir()), "the file is deleted once it is read"
    stranger = SimpleUploadedFile("other.csv", b"Customer ID,score\n" + b"".join(b"Z%d,5\n" % n for n in range(40)))
    page = reader.post("/learn/whole-base/silent/answers/", {"file": stranger}, follow=True).text
    assert "None of the customers in other.csv is on a list" in page
    for count in ("", "0", "99999", "x"):
        page = reader.post("/learn/whole-base/silent/draw/", {"count": count}, follow=True).text
        assert "how many customers" in page or "A list holds 1 to" in page
    assert reader.get("/learn/whole-base/silent/draw/").status_code == 405
    assert reader.get("/learn/whole-base/silent/..%2f..%2frun.csv").status_code == 404


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_an_empty_test_asks_for_a_file(company: Path, reader: Any) -> None:
    assert reader.get("/learn/whole-base/test/").status_code == 405
    empty = reader.post("/learn/whole-base/test/", follow=True)
    assert "Choose a file." in empty.text
