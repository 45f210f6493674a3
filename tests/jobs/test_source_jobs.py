"""Due sources are asked for once, read by the worker, and survive its end."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)


@pytest.fixture
def root(records_root: Path, tmp_path: Path) -> Path:
    from harken.usecases.sources import add_source
    from harken.usecases.workspaces import open_workspace

    inbox = tmp_path / "inbox"
    inbox.mkdir()
    rows = "\n".join(f"C{n},{n % 11},2026-05-01" for n in range(40))
    (inbox / "nps.csv").write_text(f"customer_id,nps,answered_on\n{rows}\n")
    os.utime(inbox / "nps.csv", (NOW.timestamp(),) * 2)
    values = {"kind": "folder", "folder": str(inbox), "unit": "hours", "every": "1"}
    for name in ("first", "second"):
        add_source(open_workspace(records_root), {**values, "name": name}, now=NOW)
    return records_root


def test_due_sources_are_asked_for_once_and_read_one_after_the_other(root: Path) -> None:
    from django.utils import timezone

    from harken.jobs.sources import awaited, latest_reading, start_due, start_reading
    from harken.jobs.worker import work
    from harken.usecases.sources import history
    from harken.usecases.workspaces import open_workspace

    assert start_due(root, NOW) == ("first", "second")
    assert start_due(root, NOW + timedelta(days=3)) == (), "they wait already, however much was missed"
    assert awaited(root) == {"first", "second"}
    assert not start_reading(root, "nobody")
    work(root, until_empty=True)
    state = latest_reading(root)
    assert state is not None
    assert (state.status, awaited(root)) == ("done", frozenset())
    for name, expected in (("first", "done"), ("second", "unchanged")):
        (reading,), count = history(open_workspace(root), name)
        assert (reading.state, count) == (expected, 1)
    assert start_due(root, timezone.now()) == ()
    assert start_due(root, timezone.now() + timedelta(hours=30)) == ("first", "second")


def test_of_many_askers_at_once_one_is_heard(root: Path) -> None:
    from django.db import connection
    from django_tasks_db.models import DBTaskResult

    from harken.jobs.sources import start_reading

    start, heard = threading.Barrier(6), []

    def ask() -> None:
        start.wait()
        heard.append(start_reading(root, "first"))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == [False] * 5 + [True]
    assert DBTaskResult.objects.count() == 1


def test_a_worker_that_starts_again_goes_on(root: Path) -> None:
    from harken.jobs.sources import start_due
    from harken.jobs.worker import work
    from harken.records import sources as records
    from harken.usecases.sources import history
    from harken.usecases.workspaces import open_workspace

    records.begin_reading(root, records.source_named(root, "first").id, NOW)
    assert start_due(root, NOW + timedelta(hours=2)) == ("second", "first")
    work(root, until_empty=True)
    readings, _ = history(open_workspace(root), "first")
    assert [reading.state for reading in readings][-1] == "failed", "the one under way when the worker died"
    assert "done" in {reading.state for reading in readings} | {history(open_workspace(root), "second")[0][0].state}


def test_a_waiting_reading_can_be_cancelled(root: Path) -> None:
    from harken.jobs.sources import cancel_reading, latest_reading, start_reading

    assert not cancel_reading(root)
    assert start_reading(root, "first")
    assert cancel_reading(root)
    state = latest_reading(root)
    assert state is not None
    assert state.status == "cancelled"


def test_the_worker_looks_by_itself(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harken.jobs import sources

    asked = threading.Event()
    looks = []

    def look(folder: Path, now: datetime) -> tuple[str, ...]:
        looks.append((folder, now))
        if len(looks) == 1:
            raise RuntimeError("a locked database")
        asked.set()
        return ()

    monkeypatch.setattr(sources, "start_due", look)
    monkeypatch.setattr(sources, "SECONDS_BETWEEN_LOOKS", 0.01)
    stopping = threading.Event()
    thread = sources.keep_reading(root, stopping)
    assert asked.wait(10), "one failure does not end the looking"
    assert thread.daemon
    stopping.set()
    thread.join(10)
    assert not thread.is_alive()
