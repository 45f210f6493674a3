"""Everything the lake holds of one customer, read from the few files that can hold it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from harken.lake.ranges import files_holding
from harken.lake.reading import Pinned, connect_fenced, latest_signals_sql, resolved_sql

if TYPE_CHECKING:
    import duckdb

TEXTS_AT_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Person:
    """One number of the customer in one source, with what that source says; moments are epoch microseconds UTC."""

    native_key: str
    id_space: str
    source: str
    import_id: int
    name: str | None
    email: str | None
    phone: str | None
    language: str | None
    role: str | None
    joined_us: int | None
    left_us: int | None
    account: str | None
    account_number: str | None
    account_owner: str | None
    renewal_us: int | None


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal as stored, with its words; see `harken.vocabulary.tables.SIGNALS`."""

    signal_id: int
    kind: str
    ts_us: int | None
    day: date | None
    source: str
    import_id: int
    programme: str | None
    question: str | None
    scale: str | None
    score: float | None
    quantity: float | None
    amount: float | None
    currency: str | None
    amount_reporting: float | None
    duration_s: float | None
    wait_s: float | None
    channel: str | None
    touchpoint: str | None
    issue: str | None
    agent: str | None
    properties: str | None
    words: str | None


@dataclass(frozen=True, slots=True)
class HeldOutcome:
    """One outcome of the customer: `value` 1 happened, 0 did not, or an amount."""

    outcome: str
    ts_us: int | None
    day: date | None
    value: float
    source: str
    import_id: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of a customer table; `value` is a text or a number, `as_of_us` when it was true."""

    source: str
    label: str
    kind: str
    value: str | float
    as_of_us: int | None
    import_id: int


@dataclass(frozen=True, slots=True)
class Story:
    """All of one customer: newest signals first, undated last; the order of rows in files changes nothing."""

    people: tuple[Person, ...]
    signals: tuple[Signal, ...]
    outcomes: tuple[HeldOutcome, ...]
    facts: tuple[Fact, ...]


_SIGNAL_COLUMNS = """
    signal_id, kind, ts_us, local_date, source, import_id, programme, question, scale, score, quantity, amount,
    currency, amount_reporting, duration_s, wait_s, channel, touchpoint, issue, agent, properties
"""


STORIES_HELD = 8
"""Stories stay in the memory of a process: whoever reads one turns its pages and chooses kinds."""


@lru_cache(maxsize=STORIES_HELD)
def story(lake: Pinned, customer_id: int) -> Story | None:
    """What is known of a customer at this state of the lake, None where nobody has the id."""
    connection = kept_connection(lake)
    keys = _person_keys(lake, connection, customer_id)
    people = _people(lake, connection, keys)
    if not people:
        return None
    return Story(
        people,
        _signals(lake, connection, keys),
        _outcomes(lake, connection, keys),
        _facts(lake, connection, keys),
    )


_kept = threading.local()


def kept_connection(lake: Pinned) -> duckdb.DuckDBPyConnection:
    """A connection that this thread keeps: making one takes a third of the time that one customer's page has."""
    if getattr(_kept, "root", None) != lake.root:
        _kept.root, _kept.connection = lake.root, connect_fenced(lake.root, threads=1)
    connection: duckdb.DuckDBPyConnection = _kept.connection
    return connection


def _person_keys(lake: Pinned, connection: duckdb.DuckDBPyConnection, customer_id: int) -> list[int]:
    merged = lake.customers_sql()
    if merged is None:
        return [customer_id]
    rows = connection.execute(
        f"SELECT person_key FROM ({merged}) WHERE customer_id = ? ORDER BY 1", [customer_id]
    ).fetchall()
    return [row[0] for row in rows] or [customer_id]


def _held(lake: Pinned, name: str, column: str, keys: Sequence[int]) -> str:
    """A query of a table's rows of some keys, repeats resolved."""
    stored = lake.rows_sql(name, files_holding(lake, name, column, keys))
    wanted = f"SELECT * FROM ({stored}) WHERE {column} IN ({', '.join(map(str, keys))})"
    state = lake.pointer.tables.get(name)
    repeats = name != "signals" and state is not None and state.repeats
    return resolved_sql(lake.table(name), wanted) if repeats else wanted


def _people(lake: Pinned, connection: duckdb.DuckDBPyConnection, keys: list[int]) -> tuple[Person, ...]:
    rows = connection.execute(
        f"""
        SELECT native_key, id_space, source, import_id, name, email, phone, language, role, joined_us, left_us,
               account_key
        FROM ({_held(lake, "people", "person_key", keys)}) ORDER BY length(native_key), native_key, id_space
        """
    ).fetchall()
    named = sorted({row[-1] for row in rows if row[-1] is not None})
    accounts: dict[int, tuple[Any, ...]] = {}
    if named:
        found = connection.execute(
            f"SELECT account_key, name, native_key, owner, renewal_us FROM"
            f" ({_held(lake, 'accounts', 'account_key', named)})"
        ).fetchall()
        accounts = {row[0]: row[1:] for row in found}
    return tuple(Person(*row[:-1], *accounts.get(row[-1], (None, None, None, None))) for row in rows)


def _signals(lake: Pinned, connection: duckdb.DuckDBPyConnection, keys: list[int]) -> tuple[Signal, ...]:
    corrections = lake.stored_sql("corrections") if lake.rows("corrections") else None
    latest = latest_signals_sql(_held(lake, "signals", "person_key", keys), corrections)
    rows = connection.execute(
        f"SELECT {_SIGNAL_COLUMNS}, text_ref FROM ({latest}) WHERE NOT retracted"
        " ORDER BY ts_us DESC NULLS LAST, signal_id"
    ).fetchall()
    refs = [row[-1] for row in rows if row[-1] is not None][:TEXTS_AT_MOST]
    words: dict[int, str] = {}
    if refs:
        texts = _held(lake, "texts", "text_id", refs)
        words = dict(connection.execute(f"SELECT text_id, text FROM ({texts})").fetchall())
    return tuple(Signal(*row[:-1], words.get(row[-1])) for row in rows)


def _outcomes(lake: Pinned, connection: duckdb.DuckDBPyConnection, keys: list[int]) -> tuple[HeldOutcome, ...]:
    rows = connection.execute(
        f"""
        SELECT outcome, ts_us, local_date, value, source, import_id
        FROM ({_held(lake, "outcomes", "person_key", keys)}) ORDER BY ts_us DESC NULLS LAST, outcome
        """
    ).fetchall()
    return tuple(HeldOutcome(*row) for row in rows)


def _facts(lake: Pinned, connection: duckdb.DuckDBPyConnection, keys: list[int]) -> tuple[Fact, ...]:
    """The fields of the latest row of each customer table; dated tables keep their earlier rows to themselves."""
    sources = lake.snapshot_sources()
    if not sources:
        return ()
    declared = connection.execute(
        f"SELECT source, name, label, type FROM ({lake.current_sql('snapshot_columns')})"
        # of a column kept twice, as written and as money a year, the story tells what was written
        " QUALIFY count(*) OVER (PARTITION BY source, label) = 1 OR role <> 'value'"
    ).fetchall()
    labels = {(source, name): (label, kind) for source, name, label, kind in declared}
    facts = []
    for source in sources:
        held = _held(lake, f"snapshots/{source}", "person_key", keys)
        found = connection.execute(
            f"SELECT * FROM ({held}) ORDER BY as_of_us DESC NULLS LAST, import_id DESC, person_key LIMIT 1"
        )
        names = [column[0] for column in found.description or ()]
        for row in found.fetchall():
            values = dict(zip(names, row, strict=True))
            as_of, brought = values["as_of_us"], values["import_id"]
            for name, value in values.items():
                if (source, name) in labels and value is not None:
                    label, kind = labels[source, name]
                    facts.append(Fact(source, label, kind, value, as_of, brought))
    return tuple(facts)
