"""Keys of people, accounts, signals and texts: one 64-bit hash, as SQL for DuckDB, on Arrow columns and in Python.

The contract, which never changes (a lake would fall apart; frozen values stand in the tests):

* Parts are texts. They are joined as `tag;` followed by `<bytes>:<part>` for each part, where `<bytes>` is the
  length of the part in UTF-8. No two lists of parts give the same bytes.
* The key is the first 8 bytes of the SHA-256 of these bytes, read big-endian, minus 2**63: a signed 64-bit number.
* A missing part makes a missing key.
* Numbers become texts so: whole numbers in decimal digits, booleans `true` or `false`, dates `YYYY-MM-DD`, floats
  that are whole and below 2**53 as whole numbers, other floats in C's `%.16e`. NaN counts as missing.
* Content is `<column>=<bytes>:<value>;` for every column with a value, columns in alphabetical order; columns
  without a value are left out, so that a column added later does not change the ids of older rows.

The chance that any two of 20 million keys are equal is one in 90,000.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from harken.vocabulary.tables import SIGNALS, ColumnType

if TYPE_CHECKING:
    import pyarrow as pa

DERIVED_COLUMNS = frozenset(
    {"signal_id", "source", "kind", "native_id", "import_id", "ingested_us", "version", "retracted", "text_ref"}
    | {"local_date", "amount_reporting"}
)
"""Columns of signals that are no part of a row's content: its keys, its bookkeeping, and what Harken derives."""

Value = str | int | float | bool | date | None


def hash64(tag: str, *parts: str) -> int:
    """The key of some texts under a tag, as a signed 64-bit number (the contract of this module).

    >>> hash64("person", "shop", "1001")
    7162594174968754115
    """
    joined = f"{tag};".encode() + b"".join(_netstring(part) for part in parts)
    return int.from_bytes(hashlib.sha256(joined).digest()[:8], "big") - 2**63


def hash64_sql(tag: str, *parts: str) -> str:
    """The same key as a DuckDB expression over SQL expressions of text; NULL where any part is NULL."""
    joined = " || ".join([f"'{tag};'", *(_netstring_sql(part) for part in parts)])
    first = f"CAST('0x' || substr(sha256({joined}), 1, 16) AS UBIGINT)"
    return f"CAST(CAST({first} AS HUGEINT) - 9223372036854775808 AS BIGINT)"


def person_key(id_space: str, native_key: str) -> int:
    """A customer's key: from the numbering (id space) and the customer's number in it."""
    return hash64("person", id_space, native_key)


def person_key_sql(id_space: str, native_key: str) -> str:
    """`person_key` as a DuckDB expression; the arguments are SQL expressions of text."""
    return hash64_sql("person", id_space, native_key)


def account_key(id_space: str, native_key: str) -> int:
    """A company account's key: from the numbering (id space) and the account's number in it."""
    return hash64("account", id_space, native_key)


def account_key_sql(id_space: str, native_key: str) -> str:
    """`account_key` as a DuckDB expression; the arguments are SQL expressions of text."""
    return hash64_sql("account", id_space, native_key)


def signal_id(source: str, kind: str, native_id: str) -> int:
    """The id of a signal that has an id of its own in its source."""
    return hash64("signal", source, kind, native_id)


def signal_id_sql(source: str, kind: str, native_id: str) -> str:
    """`signal_id` as a DuckDB expression; the arguments are SQL expressions of text."""
    return hash64_sql("signal", source, kind, native_id)


def content_signal_id(source: str, kind: str, content_hash: int, ordinal: int) -> int:
    """The id of a signal without an id of its own: from its content and its place (1, 2, ...) among equal rows."""
    return hash64("signal-content", source, kind, str(content_hash), str(ordinal))


def content_signal_id_sql(source: str, kind: str, content_hash: str, ordinal: str) -> str:
    """`content_signal_id` as a DuckDB expression; hash and ordinal are SQL expressions of whole numbers."""
    return hash64_sql("signal-content", source, kind, _text_sql(content_hash), _text_sql(ordinal))


def text_id(signal: int, field: str) -> int:
    """The id of a text: from the signal it belongs to and the field it stood in."""
    return hash64("text", str(signal), field)


def text_id_sql(signal: str, field: str) -> str:
    """`text_id` as a DuckDB expression; signal is a SQL expression of the signal_id, field one of text."""
    return hash64_sql("text", _text_sql(signal), field)


def content_hash(row: Mapping[str, Value]) -> int:
    """The hash of a row's content, from its columns that have a value.

    >>> content_hash({"score": 9.0, "channel": None}) == content_hash({"score": 9})
    True
    """
    return hash64("content", _content(row))


def content_hash_sql(columns: Mapping[str, ColumnType]) -> str:
    """`content_hash` as a DuckDB expression over columns named by `columns` with their portable types."""
    pieces = []
    for name in sorted(columns):
        value = _value_sql(_quoted(name), columns[name])
        pieces.append(
            f"CASE WHEN {value} IS NULL THEN '' ELSE '{_escaped(name)}=' || {_netstring_sql(value)} || ';' END"
        )
    return hash64_sql("content", " || ".join(pieces) if pieces else "''")


def content_columns(extra: Mapping[str, ColumnType] | None = None) -> dict[str, ColumnType]:
    """The columns of signals that are content, with `extra` ones of the caller (such as the words themselves)."""
    columns = {column.name: column.type for column in SIGNALS.columns if column.name not in DERIVED_COLUMNS}
    return {**columns, **(extra or {})}


def with_signal_ids_sql(relation: str, extra: Mapping[str, ColumnType] | None = None) -> str:
    """A DuckDB query that puts `signal_id` first and then all columns of a relation.

    The relation has the columns of signals apart from `signal_id`, and the `extra` content columns. Rows with a
    `native_id` take it; the others take the hash of their content and their ordinal among equal rows, so
    that two equal invoice lines of one file are two signals, and the same file read again gives the same ids.
    """
    content = content_hash_sql(content_columns(extra))
    native = signal_id_sql("source", "kind", "native_id")
    by_content = content_signal_id_sql("source", "kind", "content_hash_", "ordinal_")
    return (
        f"SELECT {native} AS signal_id, * FROM {relation} WHERE native_id IS NOT NULL"
        f" UNION ALL SELECT {by_content} AS signal_id, * EXCLUDE (content_hash_, ordinal_) FROM"
        " (SELECT *, row_number() OVER (PARTITION BY source, kind, content_hash_) AS ordinal_"
        f" FROM (SELECT *, {content} AS content_hash_ FROM {relation} WHERE native_id IS NULL))"
    )


def person_keys(id_space: str, native_keys: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    """`person_key` of a whole Arrow column of texts: int64, null where the number is null."""
    return hash64_columns("person", [_repeated(id_space, native_keys), native_keys])


def hash64_columns(tag: str, parts: Sequence[pa.Array | pa.ChunkedArray]) -> pa.ChunkedArray:
    """`hash64` of Arrow text columns of equal length, row by row: int64, null where any part is null."""
    import duckdb
    import pyarrow as pa

    names = [f"part_{index}" for index in range(len(parts))]
    given = pa.table([part.cast(pa.string()) for part in parts], names=names)
    with duckdb.connect() as connection:
        connection.register("given", given)
        keys = connection.sql(f"SELECT {hash64_sql(tag, *names)} AS key FROM given").to_arrow_table()
    return keys.column("key")


def _repeated(text: str, like: pa.Array | pa.ChunkedArray) -> pa.Array:
    import pyarrow as pa

    return pa.repeat(pa.scalar(text), len(like))


def _netstring(part: str) -> bytes:
    encoded = part.encode()
    return f"{len(encoded)}:".encode() + encoded


def _netstring_sql(part: str) -> str:
    return f"(CAST(strlen({part}) AS VARCHAR) || ':' || {part})"


def _text_sql(number: str) -> str:
    return f"CAST({number} AS VARCHAR)"


def _content(row: Mapping[str, Value]) -> str:
    pieces = []
    for name in sorted(row):
        text = _text(row[name])
        if text is not None:
            pieces.append(f"{name}={len(text.encode())}:{text};")
    return "".join(pieces)


def _text(value: Value) -> str | None:
    if value is None or value != value:  # NaN is the one value that differs from itself
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        whole = abs(value) < 2**53 and value == int(value)
        return str(int(value)) if whole else f"{value:.16e}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _value_sql(column: str, column_type: ColumnType) -> str:
    if column_type == "string":
        return column
    if column_type == "float64":
        whole = f"{column} = trunc({column}) AND abs({column}) < 9007199254740992"
        return (
            f"CASE WHEN isnan({column}) THEN NULL WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR)"
            f" ELSE printf('%.16e', {column}) END"
        )
    return f"CAST({column} AS VARCHAR)"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _escaped(name: str) -> str:
    return name.replace("'", "''")
