"""The search index of all customers: one SQLite file beside the lake, built anew for every state of the lake.

The file's name carries the state it was built from, so that an index is of exactly this state or is not there. It
is written under another name, made durable and renamed: a reader sees a whole index or none, and never waits for
one being built. Whatever an import brought is forgotten with the file once the import is undone.

Tables: `customers` (one row per customer in the order of their numbers: `place`), `keys` (what is found by its
beginning: numbers, telephones, whole names and addresses), `words` (full text of names and accounts), `about` (how
many customers there are, and how many were heard of lately).
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from harken.lake.locking import WriteLock
from harken.lake.pointer import fsync_files
from harken.lake.reading import Pinned
from harken.unify.searching.words import key, number_keys, phone_keys, words
from harken.vocabulary.messages import Message, gettext_noop

if TYPE_CHECKING:
    import pyarrow

FOLDER = "search"
FORMAT = 1
NUMBER, PHONE, NAME = 0, 1, 2
"""Kinds of keys: of customers' numbers, of telephones, of whole names and e-mail addresses."""

_SCHEMA = """
CREATE TABLE customers (
    place INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, number TEXT NOT NULL, name TEXT, account TEXT,
    last_us INTEGER, signals INTEGER NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(
    name, email, account, number,
    content='', columnsize=0, prefix='1 2 3', tokenize="unicode61 remove_diacritics 0");
CREATE TEMP TABLE found (kind INTEGER, key TEXT, place INTEGER);
"""
_KEYS = """
CREATE TABLE keys (
    kind INTEGER, key TEXT, place INTEGER, PRIMARY KEY (kind, key, place)) WITHOUT ROWID;
INSERT INTO keys SELECT DISTINCT kind, key, place FROM found ORDER BY kind, key, place;
DROP TABLE found;
CREATE UNIQUE INDEX by_id ON customers (customer_id);
CREATE TABLE about AS
    SELECT count(*) AS customers, max(last_us) AS last_us, count(*) FILTER (WHERE signals = 0) AS never,
           count(*) FILTER (WHERE last_us > (SELECT max(last_us) FROM customers) - {lately_us}) AS lately
    FROM customers;
"""
LATELY_US = 90 * 86_400_000_000
"""Who left a signal this long before the latest one of all counts as heard of lately."""
_PEOPLE = """
WITH ranked AS (
    SELECT customer_id, native_key, name, email, phone, account_key,
           row_number() OVER (ORDER BY length(native_key), native_key, person_key) AS rank
    FROM people),
placed AS (
    SELECT *, min(rank) OVER (PARTITION BY customer_id) AS place FROM ranked),
heard AS (
    SELECT customer_id, max(ts_us) AS last_us, count(*) AS signals FROM signals GROUP BY customer_id)
SELECT p.place, p.customer_id, p.native_key, p.name, p.email, p.phone, a.name AS account,
       h.last_us, coalesce(h.signals, 0) AS signals
FROM placed AS p
LEFT JOIN accounts AS a ON p.account_key = a.account_key
LEFT JOIN heard AS h ON p.customer_id = h.customer_id
ORDER BY p.place, p.rank
"""
BATCH_ROWS = 50_000


def index_path(lake: Pinned) -> Path:
    """Where the index of this state of the lake is, or will be."""
    return lake.root.parent / FOLDER / f"customers-{FORMAT}-{(lake.pointer_id or 'empty')[:24]}.sqlite3"


def build_index(lake: Pinned, *, now_us: int, memory_limit_bytes: int | None = None) -> Path:
    """Build the index of this state where it is not there yet, and remove those of other states.

    Raises Busy while another process builds one.
    """
    path = index_path(lake)
    with WriteLock(path.parent, Message(gettext_noop("the search index")), now_us):
        forget_others(lake)
        for abandoned in path.parent.glob("*.draft"):
            abandoned.unlink()
        if not path.exists() or not path.stat().st_size:  # an index is never empty
            draft = path.with_suffix(".draft")
            try:
                _fill(draft, lake, memory_limit_bytes)
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
    return path


def forget_others(lake: Pinned) -> None:
    """Remove indexes of other states: they know what an undone import brought."""
    path = index_path(lake)
    for other in path.parent.glob("customers-*.sqlite3"):
        if other != path:
            other.unlink(missing_ok=True)


def _fill(draft: Path, lake: Pinned, memory_limit_bytes: int | None) -> None:
    target = sqlite3.connect(draft, isolation_level=None)
    try:
        # Nobody reads a draft, and one that a crash leaves behind is thrown away: it needs no journal.
        target.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -64000;")
        target.executescript("BEGIN;" + _SCHEMA)
        with lake.connect(memory_limit_bytes=memory_limit_bytes) as source:
            people = _customers(source.sql(_PEOPLE).to_arrow_reader(BATCH_ROWS))
            while part := list(itertools.islice(people, BATCH_ROWS)):
                _insert(target, part)
        target.executescript(_KEYS.format(lately_us=LATELY_US))
    finally:
        target.close()
    fsync_files([draft])


@dataclass(frozen=True, slots=True)
class _Row:
    """One number of a customer, as `_PEOPLE` selects it."""

    place: int
    customer_id: int
    number: str
    name: str | None
    email: str | None
    phone: str | None
    account: str | None
    last_us: int | None
    signals: int


def _customers(reader: pyarrow.RecordBatchReader) -> Iterator[tuple[int, list[_Row]]]:
    """Each customer's rows (one per number they have), in the order of numbers, counted from 1."""
    rows = (
        _Row(*values)
        for batch in reader
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    )
    for place, (_, own) in enumerate(itertools.groupby(rows, key=attrgetter("place")), start=1):
        yield place, list(own)


def _insert(target: sqlite3.Connection, part: list[tuple[int, list[_Row]]]) -> None:
    customers, found, texts = [], [], []
    for place, rows in part:
        first = rows[0]
        name = next((row.name for row in rows if row.name), None)
        account = next((row.account for row in rows if row.account), None)
        customers.append((place, first.customer_id, first.number, name, account, first.last_us, first.signals))
        found += [(kind, text, place) for row in rows for kind, text in _keys(row)]
        texts.append(
            (
                place,
                _words(row.name for row in rows),
                _words(row.email for row in rows),
                _words(row.account for row in rows),
                " ".join(key(row.number) for row in rows),
            )
        )
    target.executemany("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?, ?)", customers)
    target.executemany("INSERT INTO found VALUES (?, ?, ?)", found)
    target.executemany("INSERT INTO words (rowid, name, email, account, number) VALUES (?, ?, ?, ?, ?)", texts)


def _keys(row: _Row) -> Iterator[tuple[int, str]]:
    for text in number_keys(row.number):
        yield NUMBER, text
    if row.phone:
        for text in phone_keys(row.phone):
            yield PHONE, text
    for named in (row.name, row.email):
        if named:
            yield NAME, key(named)


def _words(texts: Iterable[str | None]) -> str:
    return " ".join(word for text in texts if text for word in words(text))
