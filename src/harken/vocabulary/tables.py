"""The tables of the lake, column by column: the one contract between importing, features, demo and engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["int64", "int32", "float64", "string", "bool", "date"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a lake table: name with its unit last, portable type, whether it may be empty, meaning."""

    name: str
    type: ColumnType
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the lake; `key` names the columns that make a row unique."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)


KINDS: tuple[str, ...] = ("answer", "contact", "order", "usage", "behaviour")
"""Kinds of signals known from the start; a new kind needs no code."""

SIGNALS = Table(
    "signals",
    ("signal_id", "version"),
    (
        Column("signal_id", "int64", True, "64-bit hash of (source, native id), else of content and ordinal"),
        Column("source", "string", True, "where it came from: the source name of the mapping"),
        Column("native_id", "string", False, "id in the source, where declared"),
        Column("import_id", "int64", True, "the import that brought the row"),
        Column("ingested_us", "int64", True, "when Harken accepted it, epoch microseconds UTC"),
        Column("version", "int32", True, "1, 2, ... when a source corrects a row of the same native id"),
        Column("retracted", "bool", True, "true where a source withdrew the row"),
        Column(
            "ts_us", "int64", False, "when it happened, epoch microseconds UTC; empty where the file has no dates"
        ),
        Column("local_date", "date", False, "day it happened in the company's zone, computed at import"),
        Column("kind", "string", True, "answer, contact, order, usage, behaviour or a kind of the user's own"),
        Column("person_key", "int64", True, "64-bit hash of (id space, native key)"),
        Column("account_key", "int64", False, "64-bit hash of (id space, native account key)"),
        Column("programme", "string", False, "survey programme of an answer"),
        Column("question", "string", False, "question of an answer"),
        Column("scale", "string", False, "declared scale id of an answer's score"),
        Column("score", "float64", False, "answer on its scale"),
        Column("weight", "float64", False, "survey weight"),
        Column("quantity", "float64", False, "how many: items of an order, minutes used, transfers of a call"),
        Column("amount", "float64", False, "money in the original currency"),
        Column("currency", "string", False, "ISO 4217 code of amount"),
        Column("amount_reporting", "float64", False, "money in the reporting currency"),
        Column("duration_s", "float64", False, "how long it took, seconds"),
        Column("wait_s", "float64", False, "how long the customer waited, seconds"),
        Column("channel", "string", False, "phone, chat, e-mail, web, shop, ..."),
        Column("touchpoint", "string", False, "page, screen, product or place touched"),
        Column("issue", "string", False, "what a contact was about"),
        Column("agent", "string", False, "who served"),
        Column("text_ref", "int64", False, "text_id of its words in texts"),
        Column("properties", "string", False, "whatever else came with it, JSON; never a hot measure"),
    ),
)

PEOPLE = Table(
    "people",
    ("person_key",),
    (
        Column("person_key", "int64", True, "64-bit hash of (id space, native key)"),
        Column("id_space", "string", True, "whose numbering the native key is from"),
        Column("native_key", "string", True, "the customer's number in that id space"),
        Column("source", "string", True, "source of the row"),
        Column("import_id", "int64", True, "the import that brought the row"),
        Column("account_key", "int64", False, "account the person belongs to"),
        Column("declared", "bool", True, "true for customer lists: such a person counts in the whole base"),
        Column("name", "string", False, "name as written"),
        Column("email", "string", False, "e-mail as written"),
        Column("phone", "string", False, "phone as written"),
        Column("language", "string", False, "preferred language code"),
        Column("role", "string", False, "role in the account: decision maker, influencer, user, payer"),
        Column("joined_us", "int64", False, "when the person became a customer, epoch microseconds UTC"),
        Column("left_us", "int64", False, "when the person ceased to be a customer, epoch microseconds UTC"),
    ),
)

ACCOUNTS = Table(
    "accounts",
    ("account_key",),
    (
        Column("account_key", "int64", True, "64-bit hash of (id space, native account key)"),
        Column("id_space", "string", True, "whose numbering the native key is from"),
        Column("native_key", "string", True, "the account's number in that id space"),
        Column("source", "string", True, "source of the row"),
        Column("import_id", "int64", True, "the import that brought the row"),
        Column("name", "string", False, "company name"),
        Column("parent_key", "int64", False, "account_key of the parent company"),
        Column("owner", "string", False, "account manager"),
        Column("value_reporting", "float64", False, "yearly value in the reporting currency"),
        Column("renewal_us", "int64", False, "next renewal, epoch microseconds UTC"),
    ),
)

OUTCOMES = Table(
    "outcomes",
    ("person_key", "outcome", "ts_us"),
    (
        Column("person_key", "int64", True, "whose outcome"),
        Column("outcome", "string", True, "name of the outcome: churn, renewal, ..."),
        Column("ts_us", "int64", False, "when it happened; empty for a snapshot column"),
        Column("local_date", "date", False, "day it happened in the company's zone"),
        Column("value", "float64", True, "1 happened, 0 did not, or an amount"),
        Column("source", "string", True, "source of the row"),
        Column("import_id", "int64", True, "the import that brought the row"),
    ),
)

TEXTS = Table(
    "texts",
    ("text_id",),
    (
        Column("text_id", "int64", True, "64-bit hash of (signal_id, field)"),
        Column("person_key", "int64", True, "who said it"),
        Column("import_id", "int64", True, "the import that brought the row"),
        Column("text", "string", True, "the words as written"),
    ),
)

IDENTITIES = Table(
    "identities",
    ("person_key", "version"),
    (
        Column("person_key", "int64", True, "a person as one source knows them"),
        Column("customer_id", "int64", True, "the customer they are: the smallest person_key of the group"),
        Column("version", "int32", True, "version of the identity map"),
        Column("import_id", "int64", True, "the import that brought the row"),
    ),
)

SNAPSHOT_KEY_COLUMNS = (
    Column("person_key", "int64", True, "whose row"),
    Column("as_of_us", "int64", False, "when the row was true, epoch microseconds UTC; empty where undated"),
    Column("import_id", "int64", True, "the import that brought the row"),
)
"""Every snapshots/<source> table starts with these; then one typed column (float64 or string) per field."""

SNAPSHOT_COLUMNS = Table(
    "snapshot_columns",
    ("source", "name"),
    (
        Column("source", "string", True, "the snapshot it belongs to: snapshots/<source>"),
        Column(
            "name", "string", True, "column name in the snapshot table: the header, lower-case with underscores"
        ),
        Column("label", "string", True, "the header as written in the file"),
        Column("type", "string", True, "number, category or time (epoch microseconds UTC)"),
        Column("role", "string", True, "feature, value (money per customer and year) or ignored"),
        Column("family", "string", False, "driver family the user declared; empty: proposed from the name"),
        Column("lever", "bool", False, "declared: an owner can change it; empty: proposed from the family"),
        Column("import_id", "int64", True, "the import that brought the column"),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table for table in (SIGNALS, PEOPLE, ACCOUNTS, OUTCOMES, TEXTS, IDENTITIES, SNAPSHOT_COLUMNS)
}
