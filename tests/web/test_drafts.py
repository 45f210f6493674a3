"""The first visit and the way of files through the pages: brought, looked over, corrected, previewed, imported."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from test_pages import strict

pytestmark = pytest.mark.parametrize("company", ["empty"], indirect=True)
ROWS = "\n".join(f"C{n},{n % 7 + 1},2026-05-{n % 28 + 1:02},ok" for n in range(1, 60))
ANSWERS = f"customer_id,effort,answered_on,note\n{ROWS}\nC99,4,soon,bad\n"


def brought(reader: Any, company: Path, name: str = "answers.csv", text: str = ANSWERS) -> str:
    """Upload a file and let the worker look at it; the draft's address."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from harken.jobs.worker import work

    answer = reader.post("/listen/imports/upload/", {"files": SimpleUploadedFile(name, text.encode())})
    assert re.fullmatch(r"/listen/imports/drafts/\w+/", answer.url)
    work(company, until_empty=True)
    return str(answer.url)


def as_chosen(html: str) -> dict[str, str]:
    """The draft's form as it stands."""
    found = {}
    for name, options in re.findall(r'<select id="[^"]*" name="([^"]+)">(.*?)</select>', html, flags=re.DOTALL):
        found[name] = re.findall(r'value="([^"]*)" selected', options)[0]
    return found


def test_a_first_visit_offers_own_data_and_the_demo(company: Path, reader: Any) -> None:
    for language in ("en", "zh-hans", "zh-hant"):
        reader.post("/preferences/", {"language": language})
        page = reader.get("/").text
        strict(page)
        assert 'action="/listen/imports/upload/"' in page
        assert 'action="/demo/enter/"' in page
        words = re.sub(r"<[^>]*>", "\n", re.sub(r"<(code|title|script).*?</\1>", "", page, flags=re.DOTALL))
        assert language == "en" or not re.search(r"[A-Za-z]+(?: [a-z]+){3,}", words), "all of it is translated"


def test_files_are_looked_over_corrected_previewed_and_imported(company: Path, reader: Any) -> None:
    from harken.jobs.worker import work

    assert "Choose at least one file" in reader.post("/listen/imports/upload/", follow=True).text
    address = brought(reader, company)
    for language in ("zh-hans", "zh-hant", "en"):
        reader.post("/preferences/", {"language": language})
        page = reader.get(address).text
        strict(page)
        words = re.sub(r"<[^>]*>", "\n", re.sub(r"<(textarea|title|script).*?</\1>", "", page, flags=re.DOTALL))
        assert language == "en" or not re.search(r"[A-Za-z]+(?: [a-z]+){3,}", words), "all of it is translated"
    assert "One guess is marked" in page
    assert "1 to 7, higher is better" in page
    form = as_chosen(page)
    place = next(name for name, value in form.items() if value == "ces_1_7_easy")
    corrected = reader.post(f"{address}correct/", {**form, place: "score_1_7_hard", "then": "preview"}, follow=True)
    assert 'data-progress="/listen/imports/progress/"' in corrected.text
    assert "Look at the preview first" not in corrected.text
    assert not list((company / "lake").iterdir()), "nothing is stored by a draft"
    work(company, until_empty=True)
    page = reader.get(address).text
    strict(page)
    assert "59 of 60 rows can be imported, one has to be repaired." in page
    assert "LOWER is better" in page
    assert "soon" in page, "what is wrong is shown with its value"
    reader.post(f"{address}do/import/")
    work(company, until_empty=True)
    page = reader.get("/listen/imports/").text
    strict(page)
    assert "answers: 59 of 60 rows came in, 1 to repair." in page
    assert reader.get(address).url == "/listen/imports/", "the draft is gone; who waited for it sees the import"
    assert "Your data are in." in reader.get("/").text
    repaired = brought(reader, company, "answers.csv", "customer_id,effort,answered_on,note\nC99,4,2026-05-02,x\n")
    page = reader.get(repaired).text
    assert "of an earlier import" in page, "the corrected mapping is used for the repaired file"
    assert "LOWER is better" in page


def test_a_mapping_is_written_as_text_and_all_its_faults_are_listed(company: Path, reader: Any) -> None:
    address = brought(reader, company)
    text = re.findall(r"<textarea[^>]*>(.*?)</textarea>", reader.get(address).text, flags=re.DOTALL)[0]
    assert "CHECK" in text
    wrong = '[mapping]\nsource = "A B"\n[[file]]\nname = "answers.csv"\nperson = "customer_id"\n[[file.answers]]\n'
    wrong += 'score = "effort"\nscale = "none"\n'
    refused = reader.post(f"{address}write/", {"mapping": wrong})
    assert refused.status_code == 422
    strict(refused.text)
    assert "there is no scale" in refused.text
    assert "small letters" in refused.text
    assert "A B" in refused.text, "what was written is not lost"
    right = wrong.replace("A B", "own").replace('"none"', '"ces_1_7_easy"')
    page = reader.post(f"{address}write/", {"mapping": right}, follow=True).text
    assert "written by hand" in page
    page = reader.post(f"{address}anew/", follow=True).text
    assert "written by hand" not in page
    assert "One guess is marked" in page


def test_a_draft_is_cancelled_dropped_and_refused_what_it_cannot_do(company: Path, reader: Any) -> None:
    address = brought(reader, company)
    assert "Look at the preview first" in reader.post(f"{address}do/import/", follow=True).text
    form = as_chosen(reader.get(address).text)
    reader.post(f"{address}correct/", {**form, "then": "preview"})
    page = reader.post(f"{address}drop/", follow=True).text
    assert "Cancel what runs first" in page
    assert "preview was cancelled" in reader.post("/listen/imports/cancel/", follow=True).text
    strange = reader.post(f"{address}correct/", {**form, "kind-0": "../x", "then": "stay"})
    assert strange.status_code == 422
    note = next(name for name in form if name.startswith("role-") and name.endswith("-3"))
    impossible = reader.post(f"{address}correct/", {**form, note: "outcome_churn", "then": "stay"})
    assert "do not tell plainly" in impossible.text
    for wrong in (
        f"{address}do/delete/",
        "/listen/imports/drafts/../x/do/look/",
        "/listen/imports/drafts/no/write/",
    ):
        assert reader.post(wrong).status_code in (404, 405)
    reader.post(f"{address}drop/")
    assert "Drafts that are not imported yet" not in reader.get("/listen/imports/").text
    assert list((company / "uploads").iterdir()) == []


def test_an_upload_that_is_too_large_is_not_kept(
    company: Path, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from harken.usecases.importing import drafts

    monkeypatch.setattr(drafts, "UPLOAD_BYTES_MAX", 1000)
    page = reader.post(
        "/listen/imports/upload/", {"files": SimpleUploadedFile("a.csv", b"x" * 200_000)}, follow=True
    ).text
    assert "weigh more than" in page
    assert drafts.list_drafts(company) == ()


def test_the_demo_company_is_asked_in_and_sent_away_on_its_way(company: Path, reader: Any) -> None:
    reader.post("/demo/enter/")
    page = reader.get("/").text
    strict(page)
    assert 'data-progress="/demo/progress/"' in page
    assert reader.get("/demo/progress/").json()["busy"] is True
    page = reader.post("/demo/cancel/", follow=True).text
    assert "was sent away" in page
    assert "Bring your data" in page
    (company / "demo.json").write_text('{"runs_before": []}')
    page = reader.get("/unify/inventory/").text
    assert "nobody in it exists" in page, "every page says that it is simulated"
    assert "Leave the demo to bring your own data" in reader.get("/listen/imports/").text
    answer = reader.post("/listen/imports/upload/", {"files": []}, follow=True)
    assert "Leave the demo first" in answer.text
    leaving = reader.post("/demo/leave/", follow=True)
    strict(leaving.text)
    from harken.jobs.worker import work

    work(company, until_empty=True)
    assert reader.get("/demo/leaving/").url == "/"
    assert "nobody in it exists" not in reader.get("/").text
