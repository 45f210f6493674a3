"""Databases: types kept, read in pieces from where the last reading ended, and never written to."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harken.gateways.sources import sql
from harken.gateways.sources.sql import reading
from harken.gateways.sources.visiting import Fetched, Visit
from harken.vocabulary.errors import DataError, SettingsError
from harken.vocabulary.progress import silent

NOW = datetime(2026, 5, 1, 6, tzinfo=UTC)
WRITES = (
    "select 1; delete from orders",
    "select 1; commit; delete from orders",
    "with gone as (delete from orders returning *) select * from gone",
    "with x as (select 1) delete from orders",
    "with x as (select 1) insert into orders select * from orders",
    "select evil()",
    "select set_config('transaction_read_only', 'off', false), evil()",
    "values (1); drop table orders",
)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("create table orders (id integer, who text, paid real, changed text, odd)")
        connection.executemany(
            "insert into orders values (?, ?, ?, ?, ?)",
            [(n, f"C{n}", n / 2, f"2026-01-{n:02}", None if n < 3 else n) for n in range(1, 11)],
        )
    return f"sqlite:///{tmp_path}/shop.db"


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    import psycopg

    name = f"shop_{os.urandom(6).hex()}"
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"create database {name}")
    url = postgres_server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create table orders (id bigint, who text, paid numeric(10, 2), changed timestamptz, born date,"
            " agreed boolean, more jsonb, key uuid, tags text[])"
        )
        connection.execute(
            "insert into orders select n, 'C' || n, n / 2.0, timestamptz '2026-01-01 00:00Z' + n * interval '1 h',"
            " date '1990-01-01' + n, n % 2 = 0, jsonb_build_object('a', n), gen_random_uuid(), array['x', '%']"
            " from generate_series(1, 10) n"
        )
        connection.execute(
            "create function evil() returns int language plpgsql as $$ begin delete from orders; return 1; end $$"
        )
    yield url
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"drop database {name}")


@pytest.fixture(params=["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


def read(
    url: str, tmp_path: Path, what: str = "orders", since: Any = None, **more: str
) -> tuple[Fetched, pa.Table]:
    settings = sql.read_settings({"url": url, "read": what, **more})
    visit = Visit(
        tmp_path / f"into{len(list(tmp_path.iterdir()))}", "orders", NOW, tmp_path / "company", since or {}
    )
    fetched = sql.fetch(settings, visit, silent)
    return fetched, pq.read_table(fetched.files[0]) if fetched.files else pa.table({})


def execute(url: str, statement: str) -> list[Any]:
    """What the database itself says, by a connection that may write."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        result = connection.execute(sqlalchemy.text(statement))
        rows = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return rows


def test_a_table_is_read_with_all_its_rows(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BATCH_ROWS", 3)
    fetched, table = read(url, tmp_path)
    assert fetched.files[0].name == "orders.parquet"
    assert table.column("id").to_pylist() == list(range(1, 11))
    assert table.column("who").to_pylist()[-1] == "C10"
    assert [float(paid) for paid in table.column("paid").to_pylist()] == [n / 2 for n in range(1, 11)]


@pytest.mark.postgres
def test_types_of_the_database_stay(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BATCH_ROWS", 4)
    _, table = read(postgres_url, tmp_path)
    row = table.slice(2, 1).to_pylist()[0]
    assert row["paid"] == Decimal("1.50")
    assert row["changed"] == datetime(2026, 1, 1, 3, tzinfo=UTC)
    assert row["born"] == date(1990, 1, 4)
    assert (row["agreed"], row["more"], row["tags"]) == (False, '{"a": 3}', '["x", "%"]')
    assert len(row["key"]) == 36


def test_columns_of_mixed_and_late_values_settle(sqlite_url: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(reading, "BATCH_ROWS", 2)
    _, table = read(sqlite_url, tmp_path)
    assert table.schema.field("odd").type == pa.int64(), "empty at first, numbers later"
    execute(sqlite_url, "insert into orders values (11, 'C11', 'free', '2026-01-11', 'text')")
    _, table = read(sqlite_url, tmp_path)
    assert table.schema.field("paid").type == pa.string(), "what does not go together is text"
    assert table.column("paid").to_pylist()[-2:] == ["5", "free"]


def test_later_readings_take_what_changed(url: str, tmp_path: Path) -> None:
    first, _ = read(url, tmp_path, cursor="changed")
    again, table = read(url, tmp_path, since=first.since, cursor="changed")
    assert table.column("id").to_pylist() == [10], "the last moment is read again: more may have come in it"
    execute(
        url, "insert into orders (id, who, changed) values (11, 'C11', '2026-03-01 00:00:00'), (12, 'C12', null)"
    )
    third, table = read(url, tmp_path, since=again.since, cursor="changed")
    assert sorted(table.column("id").to_pylist()) == [10, 11, 12], "rows without a moment come every time"
    assert third.since["value"] > first.since["value"]
    nothing, table = read(url, tmp_path, "select * from orders where id > 99")
    assert (nothing.files, table.num_rows) == ((), 0)


def test_a_query_says_where_since_belongs(url: str, tmp_path: Path) -> None:
    query = "select id, who, ':who 100%' as note from orders where id > :since;"
    first, table = read(url, tmp_path, query, cursor="id", start="7")
    assert table.column("id").to_pylist() == [8, 9, 10]
    assert table.column("note")[0].as_py() == ":who 100%"
    assert first.since == {"value": 10}
    second, _ = read(url, tmp_path, query, since=first.since, cursor="id", start="7")
    assert second.files == ()
    assert second.since == {"value": 10}
    for values, field in (
        ({"read": query, "start": "1"}, "cursor"),
        ({"read": query, "cursor": "id"}, "start"),
        ({"read": "select 1", "cursor": "id", "start": "1"}, "read"),
        ({"read": "delete from orders"}, "read"),
        ({"read": "", "url": "C:/shop.db"}, "url"),
    ):
        with pytest.raises(SettingsError) as refused:
            sql.read_settings({"url": url, **values})
        assert field in {problem.column for problem in refused.value.problems}
    with pytest.raises(DataError, match="no column when"):
        read(url, tmp_path, cursor="when")


@pytest.mark.parametrize("query", WRITES)
def test_reading_cannot_write(url: str, tmp_path: Path, query: str) -> None:
    before = execute(url, "select count(*), sum(id) from orders")
    with pytest.raises((DataError, SettingsError)):
        read(url, tmp_path, query)
    assert execute(url, "select count(*), sum(id) from orders") == before == [(10, 55)]


def test_sqlite_makes_no_file_and_attaches_none(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no SQLite file"):
        read(f"sqlite:///{tmp_path}/other.db", tmp_path)
    assert not (tmp_path / "other.db").exists()
    company = tmp_path / "company"
    company.mkdir()
    (company / "records.sqlite3").write_bytes((tmp_path / "shop.db").read_bytes())
    with pytest.raises(DataError, match="belongs to Harken"):
        read(f"sqlite:///{company}/records.sqlite3", tmp_path)


def test_a_trial_reads_the_first_rows_only(url: str, tmp_path: Path) -> None:
    settings = sql.read_settings({"url": url, "read": "orders"})
    fetched = sql.fetch(settings, Visit(tmp_path / "into", "rows", NOW, tmp_path / "c", rows=4), silent)
    assert pq.read_table(fetched.files[0]).num_rows == 4


def test_what_drivers_say_is_a_sentence_without_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_WORD", "s3cret-harbour")
    for address in ("postgresql://cx:s3cret-harbour@127.0.0.1:1/x", "postgresql://cx:${SOURCE_WORD}@127.0.0.1:1/x"):
        with pytest.raises(DataError) as refused:
            read(address, tmp_path)
        assert "s3cret" not in str(refused.value)
        assert refused.value.__suppress_context__
    with pytest.raises(SettingsError, match="pip install pymysql"):
        read("mysql://cx@127.0.0.1/x", tmp_path)
    with pytest.raises(SettingsError, match="not installed"):
        read("nonsense://cx@127.0.0.1/x", tmp_path)
    with pytest.raises(SettingsError, match="DATABASE_URL cannot be used"):
        read("postgresql://cx:${DATABASE_URL}@127.0.0.1/x", tmp_path)
    with pytest.raises(SettingsError, match="no variable SOURCE_NOT_SET"):
        read("postgresql://cx:${SOURCE_NOT_SET}@127.0.0.1/x", tmp_path)
