"""Rows of a database: read without a way to write, streamed in batches to Parquet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from harken.gateways.sources.secrets import filled, scrubbed, secrets_in
from harken.gateways.sources.sql.settings import SqlSettings
from harken.gateways.sources.sql.writing import Batches
from harken.gateways.sources.visiting import Fetched, Visit
from harken.vocabulary.errors import DataError, HarkenError, SettingsError
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

BATCH_ROWS = 20_000
DRIVERS: Mapping[str, tuple[str, str]] = {
    "postgresql": ("postgresql+psycopg", "psycopg[binary]"),
    "postgres": ("postgresql+psycopg", "psycopg[binary]"),
    "mysql": ("mysql+pymysql", "pymysql"),
    "mariadb": ("mariadb+pymysql", "pymysql"),
    "mssql": ("mssql+pyodbc", "pyodbc"),
    "oracle": ("oracle+oracledb", "oracledb"),
}
"""The driver that is used where the URL names none, and the package that has it."""
WAITS = frozenset({"postgresql", "mysql", "mariadb"})
CONNECT_SECONDS = 30
READ_ONLY: Mapping[str, str] = {
    "sqlite": "PRAGMA query_only = ON",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
}


def fetch(settings: SqlSettings, visit: Visit, progress: Progress) -> Fetched:
    """Read a table or query into one Parquet file named after the source; no file where there is no row.

    With a cursor column, rows from the highest value of the last good reading on: that value itself again, so that
    rows of the same moment that came later are not missed (importing twice changes nothing), and rows without one.
    Raises DataError where the database cannot be reached or refuses, SettingsError where its driver is missing.
    """
    visit.into.mkdir(parents=True, exist_ok=True)
    url = filled(settings.url)
    since = visit.since.get("value")
    path = visit.into / f"{visit.name}.parquet"
    with _explained(secrets_in(url)), _connection(url, visit.root) as connection:
        progress(Message(gettext_noop("Asking the database")), 0.0)
        statement, values = _statement(settings, connection, since)
        batches = Batches(visit.into / ".pieces", path)
        highest: Any = None
        for columns, rows in _batches(connection, statement, values, visit.rows):
            if settings.cursor:
                highest = _highest(settings.cursor, columns, rows, highest)
            batches.add(columns, rows)
            progress(Message(gettext_noop("{rows} rows read"), {"rows": batches.rows}), 0.5)
        batches.finish()
    value = since if highest is None else _plain(highest)
    return Fetched((path,) if batches.rows else (), {} if value is None else {"value": value})


def _statement(settings: SqlSettings, connection: Connection, since: Any) -> tuple[str, dict[str, Any]]:
    """The SELECT and the value of `:since` in it."""
    if settings.query:
        # Without the semicolon that people end a query with; more than one statement no database here accepts.
        query = settings.query.rstrip().rstrip(";")
        return query, {"since": settings.start if since is None else since} if settings.cursor else {}
    quoted = connection.dialect.identifier_preparer.quote
    table = ".".join(quoted(part) for part in settings.table.split("."))
    if not settings.cursor or since is None:
        return f"SELECT * FROM {table}", {}
    cursor = quoted(settings.cursor)
    return f"SELECT * FROM {table} WHERE {cursor} >= :since OR {cursor} IS NULL", {"since": since}


def _batches(
    connection: Connection, statement: str, values: dict[str, Any], most: int | None
) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Column names and rows, some at a time; at least once, so that an empty result still has its columns."""
    from sqlalchemy import text

    # Of all colons, SQLAlchemy is to see the one before `since` only.
    names = r"(?!since\b)" if values else ""
    prepared = text(re.sub(rf"(?<![\w:\\]):{names}(?=\w)", r"\:", statement))
    # A driver with a cursor on the server then sends no more than is asked for.
    result = connection.execution_options(stream_results=True).execute(prepared, values)
    with result:
        columns = tuple(result.keys())
        left = most
        while True:
            rows = result.fetchmany(BATCH_ROWS if left is None else min(BATCH_ROWS, left))
            yield columns, rows
            left = None if left is None else left - len(rows)
            if not rows or left == 0:
                return


def _highest(cursor: str, columns: tuple[str, ...], rows: list[Any], highest: Any) -> Any:
    if cursor not in columns:
        raise DataError(
            Message(
                gettext_noop("There is no column {column} in what the database gives; it has {known}."),
                {"column": cursor, "known": ", ".join(columns[:40])},
            ),
            Message(gettext_noop("Correct the column that later readings go by.")),
        )
    position = columns.index(cursor)
    known = [row[position] for row in rows if row[position] is not None]
    return max([*known, highest] if highest is not None else known, default=None)


def _plain(value: Any) -> Any:
    """A cursor's value as JSON keeps it; databases read times and exact numbers back from their text."""
    if isinstance(value, int | float | str):
        return value
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


@contextmanager
def _connection(url: str, own: Path) -> Iterator[Connection]:
    """A connection that cannot write: by the engine's own means where it has them, and never committed."""
    engine = _engine(url, own)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
            if engine.dialect.name in READ_ONLY:
                connection.exec_driver_sql(READ_ONLY[engine.dialect.name])
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def _engine(url: str, own: Path) -> Engine:
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    from sqlalchemy.pool import NullPool

    try:
        made = sqlalchemy.make_url(url)
        name, package = DRIVERS.get(made.drivername, (made.drivername, ""))
        made = made.set(drivername=name)
        if made.get_backend_name() == "sqlite":
            made = _read_only_file(made, own)
        waits = {"connect_timeout": CONNECT_SECONDS} if made.get_backend_name() in WAITS else {}
        return sqlalchemy.create_engine(made, poolclass=NullPool, hide_parameters=True, connect_args=waits)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        wanted = package or getattr(error, "name", None) or made.drivername
        raise SettingsError(
            Message(gettext_noop("The driver for {name} is not installed."), {"name": made.drivername}),
            Message(gettext_noop("Install it on the server with `pip install {package}`."), {"package": wanted}),
        ) from None
    except (ArgumentError, ValueError):
        raise SettingsError(
            Message(gettext_noop("The database's URL cannot be read.")),
            Message(gettext_noop("Write it as postgresql://user:password@host:5432/name.")),
        ) from None


def _read_only_file(url: URL, own: Path) -> URL:
    """A SQLite file opened so that SQLite itself refuses to write, or to make a file that is not there."""
    path = Path(url.database or "")
    if not path.is_file():
        raise DataError(
            Message(gettext_noop("There is no SQLite file {file}."), {"file": str(path)}),
            Message(gettext_noop("Write its path from the root on: sqlite:////srv/shop.db")),
        )
    if path.resolve().is_relative_to(own.resolve()):
        raise DataError(
            Message(gettext_noop("{folder} belongs to Harken itself."), {"folder": str(path)}),
            Message(gettext_noop("Name a folder outside the company's own.")),
        )
    return url.set(database=f"file:{quote(str(path.resolve()))}", query={"mode": "ro", "uri": "true"})


@contextmanager
def _explained(secrets: set[str]) -> Iterator[None]:
    """What drivers raise becomes a sentence without secrets, and without the chain that holds them."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except HarkenError:
        raise
    except (SQLAlchemyError, OSError, ValueError, TypeError, OverflowError) as error:
        said = scrubbed(str(getattr(error, "orig", None) or error).partition("\n")[0], secrets)
        raise DataError(
            Message(gettext_noop("The database refused: {why}"), {"why": said}),
            Message(gettext_noop("Check the URL, the table or the query, and what its user may read.")),
        ) from None
