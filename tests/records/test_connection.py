"""Connecting to a workspace's records, and how they are kept."""

from __future__ import annotations

import logging
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from harken.records import connect
from harken.records.connection import disconnect, make_secret_key
from harken.records.masking import MaskPersonalData
from harken.vocabulary.errors import SettingsError


def test_one_process_one_workspace(workspace_root: Path, tmp_path: Path) -> None:
    connect(workspace_root)
    other = tmp_path / "other"
    other.mkdir()
    make_secret_key(other)
    with pytest.raises(SettingsError, match="already works on"):
        connect(other)
    disconnect()
    connect(other)
    from django.conf import settings
    from django.db import connection

    assert (other / "secret_key").read_text() == settings.SECRET_KEY
    assert connection.settings_dict["NAME"] == str(other / "records.sqlite3")


def test_a_folder_without_records_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no records"):
        connect(tmp_path)


def test_the_secret_key_is_for_its_owner_only_and_stays(tmp_path: Path) -> None:
    assert make_secret_key(tmp_path)
    path = tmp_path / "secret_key"
    key = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(key) >= 50
    assert not make_secret_key(tmp_path)
    assert path.read_text() == key
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize("url", ["mysql://u@h/d", "sqlite:///x"])
def test_other_databases_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    make_secret_key(tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        connect(tmp_path)


def test_sqlite_keeps_what_it_promised(workspace_root: Path) -> None:
    from django.db import connection, transaction

    def pragma(name: str) -> object:
        with connection.cursor() as cursor:
            return cursor.execute(f"PRAGMA {name}").fetchone()[0]

    assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", 2, 1)
    assert pragma("secure_delete") == 1
    assert connection.settings_dict["ATOMIC_REQUESTS"] is False
    statements: list[str] = []
    connection.connection.set_trace_callback(statements.append)
    with transaction.atomic():
        pass
    assert statements[0] == "BEGIN IMMEDIATE"


def test_postgres_addresses_are_read_whole() -> None:
    from harken.settings import database

    found = database("postgresql://cx:s%40fe@db.example.com:5433/har%20ken?sslmode=require", Path("/w"))
    assert found["NAME"] == "har ken"
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == (
        "cx",
        "s@fe",
        "db.example.com",
        "5433",
    )
    options = found["OPTIONS"]
    assert isinstance(options, dict)
    assert options["sslmode"] == "require"
    assert options["pool"]


def test_the_models_and_the_migrations_agree(records_root: Path) -> None:
    from django.core.management import call_command
    from django.db import connection

    from harken.records.commands import migrate

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    assert migrate(records_root) == ()
    assert "records_user" in connection.introspection.table_names()


@pytest.mark.parametrize(("environment", "secure"), [({}, False), ({"HARKEN_URL": "https://cx.example.com"}, True)])
def test_https_is_strict_where_it_is_declared(
    empty_workspace: Path, environment: dict[str, str], secure: bool
) -> None:
    script = (
        "import harken.settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.SECURE_HSTS_SECONDS > 0, s.SECURE_PROXY_SSL_HEADER is not None, 'cx.example.com' in s.ALLOWED_HOSTS)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"HARKEN_WORKSPACE": str(empty_workspace), "PATH": "", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(secure)] * 5


def test_settings_import_the_standard_library_only(empty_workspace: Path) -> None:
    script = (
        "import sys; import harken.settings;"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('django', 'numpy', 'click')"
        " or m.startswith('harken.') and m != 'harken.settings'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"HARKEN_WORKSPACE": str(empty_workspace), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_log_lines_name_nobody() -> None:
    record = logging.LogRecord(
        "django.request",
        logging.WARNING,
        "",
        0,
        "Not Found: %s for %s",
        ("/enter/s3cret-t0ken/", "li@example.com"),
        None,
    )
    try:
        raise ValueError("no customer with phone 138 0013 8000")
    except ValueError:
        record.exc_info = sys.exc_info()
    assert MaskPersonalData().filter(record)
    line = logging.Formatter("%(asctime)s %(message)s").format(record)
    for secret in ("s3cret", "li@example", "138 0013"):
        assert secret not in line
    assert "Not Found: /enter/<token>/" in line
    assert "ValueError" in line
