"""Sources from set-up to alarm, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harken.usecases import sources as use
from harken.usecases.importing import list_imports
from harken.usecases.workspaces import Workspace, open_workspace
from harken.vocabulary.errors import Busy, DataError, SettingsError
from harken.vocabulary.progress import Cancelled

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)
HEAD = "customer_id,nps,answered_on"
SECRET = "s3cret-of-the-house"


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    place = tmp_path / "inbox"
    place.mkdir()
    return place


def put(path: Path, head: str = HEAD, day: str = "2026-05-01", more: str = "", rows: int = 40) -> None:
    lines = [f"C{n},{n % 11},{day}{more}" for n in range(rows)]
    path.write_text("\n".join([head, *lines]))
    os.utime(path, (NOW.timestamp() - 3600,) * 2)


def folder_values(inbox: Path, **more: str) -> dict[str, str]:
    described = {"name": "nps", "kind": "folder", "folder": str(inbox), "pattern": "nps*.csv"}
    return {**described, "unit": "days", "at": "06:00", "limit_hours": "24", **more}


def set_up(root: Path, inbox: Path, **more: str) -> Workspace:
    workspace = open_workspace(root)
    use.add_source(workspace, folder_values(inbox, **more), now=NOW)
    return workspace


def test_a_source_is_read_imported_once_and_goes_by_its_own_mapping(records_root: Path, inbox: Path) -> None:
    put(inbox / "nps_2026-05-01.csv")
    workspace = set_up(records_root, inbox)
    assert use.due(records_root, NOW) == ("nps",)
    first = use.read_source(workspace, "nps", clock=at(NOW))
    assert (first.state, first.rows, first.import_id) == ("done", 40, 1)
    assert "proposed the mapping nps.toml" in str(first.changes[0])
    assert use.read_source(workspace, "nps", clock=at(NOW)).state == "unchanged"
    put(inbox / "nps_2026-05-02.csv", day="2026-05-02")
    second = use.read_source(workspace, "nps", clock=at(NOW))
    assert (second.state, second.files, second.changes) == ("done", ("nps_2026-05-02.csv",), ())
    (inbox / "nps_copy.csv").write_text((inbox / "nps_2026-05-01.csv").read_text())
    os.utime(inbox / "nps_copy.csv", (NOW.timestamp() - 100,) * 2)
    assert len(list_imports(records_root)) == 2
    view = use.show_source(workspace, "nps", NOW)
    assert (view.mapping, view.health, view.heard) == ("nps.toml", "fresh", NOW)
    assert list((records_root / "mappings").iterdir()) == [records_root / "mappings" / "nps.toml"]
    assert [path.suffix for path in (records_root / "sources").iterdir()] == [".lock"], "what was fetched is gone"


def test_columns_that_the_mapping_needs_must_not_vanish(records_root: Path, inbox: Path) -> None:
    put(inbox / "nps_1.csv")
    workspace = set_up(records_root, inbox)
    use.read_source(workspace, "nps", clock=at(NOW))
    put(inbox / "nps_2.csv", f"{HEAD},shop", "2026-05-02", ",north")
    new = use.read_source(workspace, "nps", clock=at(NOW))
    assert new.state == "done"
    assert [str(change) for change in new.changes] == ["nps.csv has a new column shop: look at the mapping."]
    put(inbox / "nps_3.csv", day="2026-05-03")
    gone = use.read_source(workspace, "nps", clock=at(NOW))
    assert [str(change) for change in gone.changes] == ["nps.csv has no column shop any more; no mapping needs it."]
    put(inbox / "nps_4.csv", "customer_id,rating,answered_on", "2026-05-04")
    stopped = use.read_source(workspace, "nps", clock=at(NOW))
    assert (stopped.state, stopped.import_id) == ("failed", None)
    assert stopped.trouble is not None
    assert "needs what no longer comes: nps. Nothing was imported." in str(stopped.trouble.what)
    assert len(list_imports(records_root)) == 3
    (alarm,) = use.alarms(workspace, NOW)
    assert (alarm.source, alarm.health) == ("nps", "failing")
    assert use.read_source(workspace, "nps", clock=at(NOW)).state == "failed", "it stays so until somebody looks"
    put(inbox / "nps_4.csv", day="2026-05-04")
    assert use.read_source(workspace, "nps", clock=at(NOW)).state == "done"
    assert use.alarms(workspace, NOW) == ()


def test_a_column_of_another_kind_is_told(records_root: Path, inbox: Path) -> None:
    put(inbox / "nps_1.csv", f"{HEAD},wait", more=",12")
    workspace = set_up(records_root, inbox)
    use.read_source(workspace, "nps", clock=at(NOW))
    put(inbox / "nps_2.csv", f"{HEAD},wait", "2026-05-02", ",long")
    changed = use.read_source(workspace, "nps", clock=at(NOW))
    assert changed.state == "failed", "the mapping proposed for numbers cannot read words"
    assert "wait of nps.csv held numbers and now holds texts" in str(changed.changes[0])


def test_failures_are_counted_tried_again_later_and_forgotten(records_root: Path, inbox: Path) -> None:
    workspace = set_up(records_root, inbox / "not-yet", unit="minutes", every="1")
    pauses, now = [], NOW
    for _ in range(4):
        failed = use.read_source(workspace, "nps", clock=at(now))
        assert failed.state == "failed"
        view = use.show_source(workspace, "nps", now)
        assert view.next is not None
        pauses.append(view.next - now)
        assert use.due(records_root, view.next - timedelta(seconds=1)) == ()
        assert use.due(records_root, view.next) == ("nps",)
        now = view.next
    assert pauses == [timedelta(minutes=minutes) for minutes in (5, 15, 45, 135)]
    assert view.failures == 4
    use.change_source(workspace, "nps", folder_values(inbox, unit="minutes", every="1"), now=now)
    assert use.due(records_root, now) == ("nps",), "what was changed is tried at once"
    assert use.read_source(workspace, "nps", clock=at(now)).state == "unchanged"
    assert use.show_source(workspace, "nps", now).failures == 0


def test_silence_is_late_after_its_limit_and_said_first(records_root: Path, inbox: Path) -> None:
    put(inbox / "nps_1.csv")
    workspace = set_up(records_root, inbox)
    for name in ("broken", "quiet"):
        use.add_source(workspace, folder_values(inbox / name, name=name, limit_hours="900"), now=NOW)
    use.pause_source(workspace, "quiet")
    use.read_source(workspace, "nps", clock=at(NOW))
    use.read_source(workspace, "broken", clock=at(NOW))
    assert (
        str(use.headline(use.list_sources(workspace, NOW))) == "1 of 2 sources fails: broken. Harken tries again."
    )
    later = NOW + timedelta(hours=31)
    use.read_source(workspace, "nps", clock=at(later - timedelta(minutes=1)))
    found = use.list_sources(workspace, later)
    assert {one.name: one.health for one in found} == {"nps": "late", "broken": "failing", "quiet": "paused"}
    assert str(use.headline(found)) == "1 of 2 sources is late: nps, last heard 31 hours ago (limit 24)."
    assert [alarm.source for alarm in use.alarms(workspace, later)] == ["nps", "broken"]
    use.remove_source(workspace, "broken")
    use.pause_source(workspace, "nps")
    assert str(use.headline(use.list_sources(workspace, later))) == "Every source is paused."
    assert use.due(records_root, later) == ()
    use.resume_source(workspace, "nps")
    assert use.due(records_root, later + timedelta(days=9)) == ("nps",)
    with pytest.raises(SettingsError, match="no source broken"):
        use.show_source(workspace, "broken", later)


def test_a_stopped_reading_imports_nothing_and_is_noted(records_root: Path, inbox: Path) -> None:
    put(inbox / "nps_1.csv")
    workspace = set_up(records_root, inbox)

    def stop(step: object, done: float) -> None:
        if done > 0.6:
            raise Cancelled

    with pytest.raises(Cancelled):
        use.read_source(workspace, "nps", clock=at(NOW), progress=stop)
    (reading,), count = use.history(workspace, "nps")
    assert (reading.state, count) == ("cancelled", 1)
    assert list_imports(records_root) == ()
    assert use.read_source(workspace, "nps", clock=at(NOW)).state == "done", "the file still counts as new"


def test_a_killed_reading_is_noted_as_failed(records_root: Path, inbox: Path) -> None:
    from harken.records import sources as records

    workspace = set_up(records_root, inbox)
    records.begin_reading(records_root, records.source_named(records_root, "nps").id, NOW)
    assert use.close_abandoned(records_root) == 1
    (reading,), _ = use.history(workspace, "nps")
    assert "stopped before the reading was done" in str(reading.trouble and reading.trouble.what)
    assert use.show_source(workspace, "nps", NOW).next == NOW + timedelta(minutes=5)


def test_one_reads_while_others_are_turned_away(records_root: Path, inbox: Path) -> None:
    put(inbox / "nps_1.csv")
    workspace = set_up(records_root, inbox)
    turned_away = []

    def meanwhile(step: object, done: float) -> None:
        if not turned_away:
            with pytest.raises(Busy) as busy:
                use.read_source(workspace, "nps", clock=at(NOW))
            turned_away.append(busy)

    assert use.read_source(workspace, "nps", clock=at(NOW), progress=meanwhile).state == "done"
    assert turned_away


def test_everything_that_does_not_fit_is_named_at_once(records_root: Path, inbox: Path) -> None:
    workspace = set_up(records_root, inbox)
    wrong = {"name": "a/b", "kind": "web", "addresses": "ftp://x", "mapping": "../harken.toml"}
    wrong |= {"unit": "hours", "every": "0", "limit_hours": "x"}
    with pytest.raises(SettingsError) as refused:
        use.add_source(workspace, wrong, now=NOW)
    fields = {problem.column for problem in refused.value.problems}
    assert fields == {"name", "addresses", "every", "limit_hours", "mapping"}
    with pytest.raises(SettingsError, match="nps already"):
        use.add_source(workspace, folder_values(inbox), now=NOW)
    with pytest.raises(SettingsError, match="no kind of source"):
        use.add_source(workspace, {"name": "x", "kind": "ftp"}, now=NOW)
    for clock in ("6:00", "24:00", "06:00:00", "noon"):
        with pytest.raises(SettingsError):
            use.add_source(workspace, folder_values(inbox, name="x", at=clock), now=NOW)


def test_a_trial_shows_rows_and_changes_nothing(records_root: Path, inbox: Path) -> None:
    workspace = open_workspace(records_root)
    assert use.try_source(workspace, folder_values(inbox), now=NOW).tables == ()
    put(inbox / "nps_1.csv")
    trial = use.try_source(workspace, folder_values(inbox), now=NOW)
    (table,) = trial.tables
    assert (table.rows, trial.whole, table.sample[0]) == (40, True, ("C0", "0", "2026-05-01"))
    assert [str(kind) for _, kind in table.columns] == ["texts", "numbers", "times"]
    with pytest.raises(DataError, match="no folder"):
        use.try_source(workspace, folder_values(inbox / "gone"), now=NOW)
    assert use.list_sources(workspace, NOW) == ()
    assert list_imports(records_root) == ()


def test_secrets_are_kept_but_never_shown(records_root: Path) -> None:
    workspace = open_workspace(records_root)
    web = {"name": "web", "kind": "web", "addresses": f"https://a.example/x.csv?key={SECRET}",
           "headers": f"X-Key: {SECRET}\nAccept: ${{SOURCE_KIND}}"}  # fmt: skip
    base = {"name": "db", "kind": "sql", "url": f"postgresql://cx:{SECRET}@db.example/x", "read": "orders"}
    for values in (web, base):
        added = use.add_source(workspace, values, now=NOW)
        shown = use.values_of(workspace, values["name"])
        assert SECRET not in f"{added} {shown} {use.show_source(workspace, values['name'], NOW)}"
        assert SECRET not in str(use.masked_values(values))
        again = use.with_secrets(workspace, shown, name=values["name"])
        assert {name: again[name] for name in values} == values, "what was left as shown is what was written"
    assert "Accept: ${SOURCE_KIND}" in use.values_of(workspace, "web")["headers"]
    from harken.records import sources as records

    assert SECRET not in repr(records.all_sources(records_root))


def test_a_kept_secret_goes_to_no_other_place(records_root: Path) -> None:
    workspace = open_workspace(records_root)
    web = {"name": "web", "kind": "web", "addresses": "https://a.example/x.csv", "headers": f"X-Key: {SECRET}"}
    base = {"name": "db", "kind": "sql", "url": f"postgresql://cx:{SECRET}@db.example/x", "read": "orders"}
    for values in (web, base):
        use.add_source(workspace, values, now=NOW)
    moved = use.values_of(workspace, "web") | {"addresses": "https://a.example/y.csv"}
    assert SECRET in use.with_secrets(workspace, moved, name="web")["headers"], "the same server may have it"
    for name, changed in (
        ("web", {"addresses": "https://evil.example/x.csv"}),
        ("web", {"addresses": "https://a.example/x.csv\nhttps://evil.example/x.csv"}),
        ("web", {"addresses": "http://a.example/x.csv"}),
        ("db", {"url": "postgresql://cx:•••@evil.example/x"}),
    ):
        with pytest.raises(SettingsError) as refused:
            use.with_secrets(workspace, use.values_of(workspace, name) | changed, name=name)
        assert "write the secret again" in str(refused.value)


def test_a_database_is_followed_by_its_cursor(records_root: Path, tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "crm.db") as base:
        base.execute("create table answers (customer_id text, nps integer, answered_on text, changed integer)")
        base.executemany(
            "insert into answers values (?, ?, '2026-05-01', ?)", [(f"C{n}", n % 11, n) for n in range(40)]
        )
    workspace = open_workspace(records_root)
    values = {"name": "crm", "kind": "sql", "url": f"sqlite:///{tmp_path}/crm.db", "read": "answers",
              "cursor": "changed"}  # fmt: skip
    use.add_source(workspace, values, now=NOW)
    first: Any = use.read_source(workspace, "crm", clock=at(NOW))
    assert (first.state, first.rows) == ("done", 40)
    same = use.read_source(workspace, "crm", clock=at(NOW))
    assert (same.state, same.rows, same.import_id) == ("unchanged", 1, None)
    with sqlite3.connect(tmp_path / "crm.db") as base:
        base.execute("insert into answers values ('C99', 3, '2026-05-09', 41)")
    more = use.read_source(workspace, "crm", clock=at(NOW))
    assert (more.state, more.rows) == ("done", 2)
