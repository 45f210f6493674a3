"""A folder: new and changed files, once each, and never one from elsewhere."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harken.gateways.sources import folder
from harken.gateways.sources.visiting import Fetched, Visit
from harken.vocabulary.errors import DataError, SettingsError
from harken.vocabulary.progress import silent

NOW = datetime(2026, 5, 1, 6, tzinfo=UTC)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    place = tmp_path / "inbox"
    place.mkdir()
    return place


def put(path: Path, text: str, age: float = 3600) -> None:
    path.write_text(text)
    os.utime(path, (NOW.timestamp() - age,) * 2)


def read(inbox: Path, since: Any = None, *, pattern: str = "*.csv", now: datetime = NOW) -> Fetched:
    settings = folder.read_settings({"folder": str(inbox), "pattern": pattern})
    into = inbox.parent / f"into{len(list(inbox.parent.iterdir()))}"
    return folder.fetch(settings, Visit(into, "orders", now, inbox.parent / "company", since or {}), silent)


def names(fetched: Fetched) -> list[str]:
    return [path.name for path in fetched.files]


def test_files_are_read_once_and_again_when_they_change(inbox: Path) -> None:
    put(inbox / "a.csv", "1")
    put(inbox / "b.csv", "2")
    put(inbox / "notes.md", "no")
    first = read(inbox)
    assert names(first) == ["a.csv", "b.csv"]
    assert names(read(inbox, first.since)) == []
    put(inbox / "b.csv", "3", age=1800)
    put(inbox / "c.csv", "4")
    second = read(inbox, first.since)
    assert names(second) == ["b.csv", "c.csv"]
    assert second.files[0].read_text() == "3"
    put(inbox / "b.csv", "3", age=900)
    assert names(read(inbox, second.since)) == [], "a file that was only touched has nothing new"


def test_a_growing_file_waits_for_the_next_time(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(inbox / "a.csv", "1", age=10)
    first = read(inbox)
    assert (names(first), first.waiting) == ([], ("a.csv",))
    assert names(read(inbox, first.since, now=NOW + timedelta(minutes=2))) == ["a.csv"]
    for half in ("b.csv.part", "~$c.csv", ".d.csv", "e.csv.tmp"):
        put(inbox / half, "1")
    assert "b.csv.part" not in names(read(inbox, pattern="*"))

    from harken.gateways.sources.folder import reading

    copied = reading._copied

    def grows(path: Path, target: Path) -> str:
        digest = copied(path, target)
        with path.open("a") as file:
            file.write("more")
        return digest

    put(inbox / "g.csv", "1")
    monkeypatch.setattr(reading, "_copied", grows)
    grown = read(inbox, pattern="g.csv")
    assert (names(grown), grown.waiting) == ([], ("g.csv",)), "it changed while it was copied"


def test_nothing_outside_the_folder_is_read(inbox: Path) -> None:
    put(inbox.parent / "secret.csv", "s")
    (inbox / "link.csv").symlink_to(inbox.parent / "secret.csv")
    (inbox / "deep").mkdir()
    put(inbox / "deep" / "x.csv", "1")
    (inbox / "dir.csv").mkdir()
    assert names(read(inbox, pattern="*")) == []
    for pattern in ("../*.csv", "/etc/*", "deep/*.csv", ".."):
        with pytest.raises(SettingsError) as refused:
            folder.read_settings({"folder": str(inbox), "pattern": pattern})
        assert refused.value.problems[0].column == "pattern"
    with pytest.raises(SettingsError):
        folder.read_settings({"folder": "exports"})
    company = inbox.parent / "company"
    company.mkdir()
    own = folder.read_settings({"folder": str(company)})
    with pytest.raises(DataError, match="belongs to Harken"):
        folder.fetch(own, Visit(inbox / "into", "x", NOW, company), silent)


def test_a_folder_that_is_not_there_is_explained(inbox: Path) -> None:
    with pytest.raises(DataError, match="There is no folder"):
        read(inbox / "gone")
