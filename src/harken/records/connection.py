"""Connects the process to the records of one workspace; Django is imported only when this is called."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop

SECRET_KEY_FILE = "secret_key"
_connected: list[Path] = []


def make_secret_key(root: Path) -> bool:
    """Write the workspace's secret key, readable by its owner only; False where there already is one."""
    path = root / SECRET_KEY_FILE
    if path.exists():
        return False
    draft = root / f".{SECRET_KEY_FILE}.{secrets.token_hex(4)}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(50))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # unlike a rename, a link never replaces the key another process has just made
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def connect(root: Path) -> None:
    """Make the records of the workspace in `root` the ones this process reads and writes.

    A second call for the same folder does nothing. Raises SettingsError where the folder has no secret key, where
    DATABASE_URL cannot be used, and for a second workspace in one process.
    """
    root = root.resolve()
    if _connected:
        if _connected[0] == root:
            return
        raise SettingsError(
            Message(
                gettext_noop("This process already works on {first}; it cannot open {second} too."),
                {"first": str(_connected[0]), "second": str(root)},
            )
        )
    if not (root / SECRET_KEY_FILE).exists():
        raise SettingsError(
            Message(gettext_noop("There are no records in {folder}."), {"folder": str(root)}),
            Message(
                gettext_noop("Make one with `harken init {folder}`, or name yours with --workspace."),
                {"folder": str(root)},
            ),
        )
    _check_database_url(os.environ.get("DATABASE_URL", ""))
    os.environ["HARKEN_WORKSPACE"] = str(root)
    os.environ["DJANGO_SETTINGS_MODULE"] = "harken.settings"
    import django
    from django.apps import apps

    if apps.ready:
        _point_django_at(root)
    else:
        django.setup()
    _connected.append(root)


def disconnect() -> None:
    """Let go of the workspace, so that another can be connected: for tests and tools that visit several."""
    if not _connected:
        return
    from django.db import connections

    for connection in connections.all():
        connection.close()
        # Other threads may have opened the pool of a connection that this thread never used.
        if connection.alias in getattr(connection, "_connection_pools", ()):
            connection.close_pool()  # type: ignore[attr-defined]
    _connected.clear()


def _point_django_at(root: Path) -> None:
    """Django keeps its settings for the life of a process; the few that depend on the workspace are replaced."""
    import importlib

    from django.conf import settings
    from django.db import connections

    import harken.settings

    fresh = importlib.reload(harken.settings)
    for name in ("WORKSPACE", "SECRET_KEY", "DATABASES"):
        setattr(settings, name, getattr(fresh, name))
    for connection in connections.all(initialized_only=True):
        del connections[connection.alias]
    connections.settings = connections.configure_settings(fresh.DATABASES)


def _check_database_url(url: str) -> None:
    if not url:
        return
    if not url.startswith(("postgresql://", "postgres://")):
        raise SettingsError(
            Message(gettext_noop("DATABASE_URL names a database that Harken cannot use.")),
            Message(
                gettext_noop(
                    "Write postgresql://user:password@host:port/name, "
                    "or unset it to keep the records in the workspace."
                )
            ),
        )
    try:
        import psycopg_pool  # noqa: F401
    except ImportError:
        raise SettingsError(
            Message(gettext_noop("DATABASE_URL names PostgreSQL, but its driver is not installed.")),
            Message(gettext_noop("Install it with `pip install harken[postgres]`.")),
        ) from None
