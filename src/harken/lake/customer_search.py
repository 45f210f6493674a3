"""Finding customers in the search index: exact first, then beginnings of numbers, then words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from harken.lake.customer_index import NAME, NUMBER, PHONE, index_path
from harken.lake.reading import Pinned
from harken.unify.searching.words import PHONE_DIGITS_LEAST, is_han, key, parts, phone_keys

FOUND_AT_MOST = 1_000
"""Who finds more than this has not said yet whom they look for: pages say "more than"."""
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class IndexedCustomer:
    """One customer as the index lists them: `last_us` is the latest of `signals`, epoch microseconds UTC."""

    customer_id: int
    number: str
    name: str | None
    account: str | None
    last_us: int | None
    signals: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page of customers: `count` in all, `more` where there are more than that and counting stopped."""

    rows: tuple[IndexedCustomer, ...]
    count: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """Of how many customers there is a signal: `lately` in the 90 days before the latest of all (`last_us`)."""

    customers: int
    last_us: int | None
    never: int
    lately: int


_COLUMNS = "customer_id, number, name, account, last_us, signals"


@contextmanager
def opened(lake: Pinned) -> Iterator[sqlite3.Connection | None]:
    """The index of this state of the lake to read, None where it is not built yet."""
    path = index_path(lake)
    try:
        # without mode=ro, looking would make an empty file, which passes for an index
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        connection.execute("PRAGMA mmap_size = 1073741824")
    except sqlite3.OperationalError:
        yield None
        return
    try:
        yield connection
    finally:
        connection.close()


def listed(index: sqlite3.Connection, start: int, count: int) -> Found:
    """Customers in the order of their numbers, from `start` (0 is the first) on."""
    rows = index.execute(
        f"SELECT {_COLUMNS} FROM customers WHERE place > ? ORDER BY place LIMIT ?", (start, count)
    ).fetchall()
    return Found(tuple(IndexedCustomer(*row) for row in rows), heard(index).customers)


def found(index: sqlite3.Connection, text: str, start: int, count: int) -> Found:
    """Customers that `text` finds, exact ones first, then by number; at most FOUND_AT_MOST are looked at."""
    places: dict[int, None] = {}
    for place in _places(index, text):
        places[place] = None
        if len(places) > FOUND_AT_MOST:
            break
    shown = list(places)[:FOUND_AT_MOST][start : start + count]
    marks = ", ".join("?" * len(shown))
    rows = index.execute(f"SELECT place, {_COLUMNS} FROM customers WHERE place IN ({marks})", shown).fetchall()
    by_place = {row[0]: IndexedCustomer(*row[1:]) for row in rows}
    return Found(
        tuple(by_place[place] for place in shown),
        min(len(places), FOUND_AT_MOST),
        more=len(places) > FOUND_AT_MOST,
    )


def one(index: sqlite3.Connection, customer_id: int) -> IndexedCustomer | None:
    """A customer by id, None where nobody has it."""
    row = index.execute(f"SELECT {_COLUMNS} FROM customers WHERE customer_id = ?", (customer_id,)).fetchone()
    return None if row is None else IndexedCustomer(*row)


def scanned(lake: Pinned, text: str, start: int, count: int) -> Found:
    """The same question without an index, while one is being built: exact numbers, parts of texts as written.

    Reads all customers; finds neither the other Chinese script nor telephones with other signs between.
    """
    with lake.connect(threads=1) as connection:
        people = "SELECT customer_id, min(native_key) AS number, min(name) AS name FROM people GROUP BY customer_id"
        wanted = f"SELECT *, count(*) OVER () AS everybody FROM ({people})"
        values: list[object] = []
        if text.strip():
            wanted = f"""
                SELECT customer_id, number, name, count(*) OVER () AS everybody FROM ({people})
                SEMI JOIN (SELECT customer_id FROM people WHERE {_CONTAINS}) USING (customer_id)"""
            values = [text.strip().lower()] * 4
        order = "lower(number) <> ?, length(number), number, customer_id"
        rows = connection.execute(
            f"SELECT * FROM ({wanted}) ORDER BY {order} LIMIT ? OFFSET ?",
            [*values, text.strip().lower(), count, start],
        ).fetchall()
    listed = tuple(IndexedCustomer(row[0], row[1], row[2], None, None, 0) for row in rows)
    return Found(listed, rows[0][3] if rows else 0)


_CONTAINS = " OR ".join(f"contains(lower({field}), ?)" for field in ("native_key", "name", "email", "phone"))


def heard(index: sqlite3.Connection) -> Heard:
    """How many customers there are and how many of them were heard of."""
    return Heard(*index.execute("SELECT customers, last_us, never, lately FROM about").fetchone())


def _places(index: sqlite3.Connection, text: str) -> Iterator[int]:
    whole = key(text)
    if not whole:
        return
    yield from _exact(index, text, whole)
    beginnings = [(NUMBER, whole)]
    if whole.isdecimal() and len(whole) >= PHONE_DIGITS_LEAST:
        beginnings += [(PHONE, begin) for begin in sorted({whole, *phone_keys(text)})]
    for kind, begin in beginnings:
        yield from _all(
            index,
            "SELECT place FROM keys WHERE kind = ? AND key >= ? AND key < ? LIMIT ?",
            (kind, begin, begin + _LAST, FOUND_AT_MOST + 1),
        )
    query = _query(text)
    if query:
        yield from _all(
            index,
            "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid LIMIT ?",
            (query, FOUND_AT_MOST + 1),
        )


def _exact(index: sqlite3.Connection, text: str, whole: str) -> Iterator[int]:
    wanted = [(NUMBER, whole), (NAME, whole)]
    if whole.isdecimal():
        wanted += [(NUMBER, whole.lstrip("0")), *((PHONE, form) for form in sorted(phone_keys(text)))]
    for kind, exactly in wanted:
        yield from _all(
            index,
            "SELECT place FROM keys WHERE kind = ? AND key = ? ORDER BY place LIMIT ?",
            (kind, exactly, FOUND_AT_MOST + 1),
        )


def _all(index: sqlite3.Connection, sql: str, values: tuple[object, ...]) -> Iterator[int]:
    return (row[0] for row in index.execute(sql, values))


def _query(text: str) -> str:
    """The full-text query: all parts must be there, Chinese ones in this order, others as a word's beginning."""
    found = parts(text)
    if "@" in text:  # an address is one thing: its parts stand in this order
        return f'"{" ".join(found)}"*' if found else ""
    terms = ['"' + " ".join(part) + '"' if is_han(part) else f'"{part}"*' for part in found]
    return " AND ".join(terms)
