"""The pages of sources: set up, tried, read, watched, without a secret in any byte."""

from __future__ import annotations

import logging
import os
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from test_pages import strict

from harken.jobs.worker import work
from harken.locale.catalogue import LANGUAGES

SECRET = "s3cret-of-the-house"
SCHEDULE = {"mapping": "", "unit": "days", "at": "06:00", "every": "1", "limit_hours": "24"}
pytestmark = pytest.mark.parametrize("company", ["empty"], indirect=True)


def put(inbox: Path, name: str = "nps_1.csv", head: str = "customer_id,nps,answered_on") -> None:
    inbox.mkdir(exist_ok=True)
    rows = "\n".join(f"C{n},{n % 11},2026-05-01" for n in range(40))
    (inbox / name).write_text(f"{head}\n{rows}\n")
    os.utime(inbox / name, (1.7e9, 1.7e9))


def test_a_source_is_tried_set_up_read_and_removed(company: Path, reader: Any, tmp_path: Path) -> None:
    put(tmp_path / "inbox")
    form = reader.get("/listen/new-source/folder/")
    strict(form.text)
    values = {"name": "nps", "folder": str(tmp_path / "inbox"), "pattern": "nps*.csv", **SCHEDULE}
    tried = reader.post("/listen/new-source/folder/", {**values, "try": "1"})
    strict(tried.text)
    assert "nps_1.csv: 40 rows" in tried.text
    assert f'value="{tmp_path}/inbox"' in tried.text, "what was typed stays"
    refused = reader.post("/listen/new-source/folder/", {**values, "name": "a b", "at": "six", "save": "1"})
    strict(refused.text)
    assert "Use letters, digits" in refused.text
    assert "Write the time of day as 06:00." in refused.text
    saved = reader.post("/listen/new-source/folder/", {**values, "save": "1"}, follow=True)
    assert saved.redirect_chain[-1][0] == "/listen/sources/nps/"
    assert 'data-progress="/listen/source-progress/"' in saved.text
    assert reader.get("/listen/source-progress/").json()["busy"] is True
    work(company, until_empty=True)
    page = reader.get("/listen/sources/nps/").text
    strict(page)
    assert "nps delivers in time" in page
    assert "40 rows" in page
    assert "Import 1" in page
    put(tmp_path / "inbox", "nps_2.csv", "customer_id,rating,answered_on")
    reader.post("/listen/sources/nps/read/")
    assert "is waiting to be read already" in reader.post("/listen/sources/nps/read/", follow=True).text
    work(company, until_empty=True)
    page = reader.get("/listen/sources/nps/").text
    strict(page)
    assert "needs what no longer comes: nps" in page
    listed = reader.get("/listen/sources/").text
    strict(listed)
    assert "nps could not be read the last time; Harken tries again." in listed
    assert 'chip chip-attention">failing' in listed
    reader.post("/listen/sources/nps/pause/")
    assert "Every source is paused." in reader.get("/listen/sources/").text
    reader.post("/listen/sources/nps/resume/")
    assert reader.get("/listen/sources/nps/remove/").status_code == 405
    assert "is removed" in reader.post("/listen/sources/nps/remove/", follow=True).text
    assert reader.get("/listen/sources/nps/").status_code == 400


def test_every_page_speaks_three_languages_and_alarms(company: Path, reader: Any, tmp_path: Path) -> None:
    from django.utils import timezone

    from harken.records.models import ScheduledSource
    from harken.web.pages.listen.sources import alarms

    values = {"name": "orders", "folder": str(tmp_path / "gone"), **SCHEDULE, "save": "1"}
    reader.post("/listen/new-source/folder/", values)
    work(company, until_empty=True)
    ScheduledSource.objects.update(created=timezone.now() - timedelta(hours=31, minutes=5))
    (alarm,) = alarms()
    assert (alarm.url, alarm.late) == ("/listen/sources/orders/", True)
    assert "31 hours (limit 24)" in str(alarm.message)
    for address in ("/listen/sources/?take=sources.csv", "/listen/sources/orders/?take=readings.csv"):
        taken = b"".join(reader.get(address).streaming_content).decode("utf-8-sig")
        assert len(taken.strip().splitlines()) == 2, "a head and one row"
        assert "There is no folder" in taken
    for language in LANGUAGES:
        reader.post("/preferences/", {"language": language})
        for page in ("/listen/sources/", "/listen/sources/orders/", "/listen/sources/orders/change/",
                     "/listen/new-source/sql/", "/listen/new-source/web/"):  # fmt: skip
            html = reader.get(page).text
            strict(html)
            if language != "en":
                words = re.sub(r"<(code|script|title|option).*?</\1>", " ", html, flags=re.DOTALL)
                english = re.findall(r"[A-Za-z]+(?: [a-z]+){3,}", re.sub(r"<[^>]*>", " \n ", words))
                assert english == [], page
    assert reader.get("/listen/new-source/ftp/").status_code == 404


def test_owners_alone_say_which_folders_and_databases_are_read(company: Path, reader: Any, tmp_path: Path) -> None:
    from harken.records.models import ScheduledSource, User
    from harken.usecases.sources import add_source
    from harken.usecases.workspaces import open_workspace
    from harken.vocabulary.errors import SettingsError

    put(tmp_path / "inbox")
    values = {"name": "nps", "folder": str(tmp_path / "inbox"), "pattern": "", **SCHEDULE}
    reader.post("/listen/new-source/folder/", {**values, "save": "1"})
    web = {"addresses": "http://127.0.0.1:1/x.csv", "headers": "", **SCHEDULE}
    User.objects.update(role="analyst")
    for kind in ("folder", "sql"):
        assert reader.get(f"/listen/new-source/{kind}/").status_code == 403
    for step in ("try", "save"):
        assert reader.post("/listen/new-source/folder/", {**values, "name": "x", step: "1"}).status_code == 403
        assert reader.post("/listen/sources/nps/change/", {**values, "folder": "/", step: "1"}).status_code == 403
    assert reader.post("/listen/sources/nps/remove/").status_code == 403
    for page in ("/listen/sources/", "/listen/sources/nps/"):
        html = reader.get(page).text
        strict(html)
        assert "Only owners say which folders and databases are read." in html
        assert "/new-source/folder/" not in html
        assert "/nps/change/" not in html
    assert ScheduledSource.objects.get().settings["folder"] == values["folder"]
    assert reader.post("/listen/sources/nps/read/").status_code == 302
    assert reader.post("/listen/sources/nps/pause/").status_code == 302
    assert not ScheduledSource.objects.get().active
    assert reader.post("/listen/new-source/web/", {**web, "name": "web", "save": "1"}).status_code == 302
    with pytest.raises(SettingsError, match="Only owners"):
        add_source(open_workspace(company), {**values, "kind": "folder", "name": "y"}, now=datetime.now(UTC),
                   owner=False)  # fmt: skip
    User.objects.update(role="member")
    assert reader.post("/listen/sources/nps/read/").status_code == 403


def test_secrets_are_in_no_byte_of_any_answer_or_log(
    company: Path, reader: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = b""
    base = {"name": "db", "url": f"postgresql://cx:{SECRET}@127.0.0.1:1/x", "read": "orders", **SCHEDULE}
    web = {"name": "web", "addresses": f"http://127.0.0.1:1/x.csv?key={SECRET}", "headers": f"X-Key: {SECRET}",
           **SCHEDULE}  # fmt: skip
    for kind, values in (("sql", base), ("web", web)):
        page = f"/listen/new-source/{kind}/"
        for changed in ({"try": "1"}, {"save": "1", "name": "a b"}):
            seen += reader.post(page, {**values, **changed}).content
        seen += reader.post(page, {**values, **hidden(values), "save": "1"}, follow=True).content
        work(company, until_empty=True)
        for address in ("/listen/sources/", f"/listen/sources/{values['name']}/", "/listen/source-progress/",
                        f"/listen/sources/{values['name']}/change/"):  # fmt: skip
            seen += reader.get(address).content
    from django_tasks_db.models import DBTaskResult

    from harken.records.models import ScheduledSource, SourceReading

    stored = {source.name: source.settings for source in ScheduledSource.objects.all()}
    assert stored["db"]["url"] == base["url"], "what the form hid was kept"
    assert (stored["web"]["addresses"], stored["web"]["headers"]) == (web["addresses"], web["headers"])
    assert "•••".encode() in seen
    output = capfd.readouterr()
    tasks = str(list(DBTaskResult.objects.values())) + str(list(SourceReading.objects.values()))
    assert SECRET not in seen.decode() + caplog.text + output.out + output.err + tasks
    from django.contrib.sessions.models import Session

    assert all("source-draft" not in session.get_decoded() for session in Session.objects.all())


def hidden(values: dict[str, str]) -> dict[str, str]:
    """What the form shows instead of a secret."""
    return {name: text.replace(SECRET, "•••") for name, text in values.items() if SECRET in text}


def test_a_password_need_not_be_written_again(company: Path, reader: Any, tmp_path: Path) -> None:
    from harken.records.models import ScheduledSource

    with sqlite3.connect(tmp_path / "crm.db") as base:
        base.execute("create table answers (customer_id text)")
    values = {"name": "crm", "url": f"sqlite:///{tmp_path}/crm.db?key={SECRET}", "read": "answers", **SCHEDULE}
    reader.post("/listen/new-source/sql/", {**values, "save": "1"})
    form = reader.get("/listen/sources/crm/change/").text
    assert "crm.db?key=•••" in form
    shown = {**values, "url": f"sqlite:///{tmp_path}/crm.db?key=•••", "limit_hours": "7", "save": "1"}
    reader.post("/listen/sources/crm/change/", shown)
    source = ScheduledSource.objects.get()
    assert (source.limit_hours, source.settings["url"]) == (7, values["url"])
    moved = reader.post("/listen/sources/crm/change/", {**shown, "url": "postgresql://evil.example/x?key=•••"})
    assert "write the secret again" in moved.text
    assert ScheduledSource.objects.get().settings["url"] == values["url"]
