"""What stays when an import is undone: the rows that later imports speak of and found there already.

An import leaves out what the lake knows. A customer list (A) and tickets (B) of the same customers: B stored no
customer again. Undoing A must not take away from B who its customers are, so their bare numbers stay, as B alone
would have brought them; so do texts that B's signals point at, and the names of columns that B's snapshots have.
"""

from __future__ import annotations

from dataclasses import dataclass

from harken.lake.delta import file_columns
from harken.lake.reading import Pinned, key_sql, same_key_sql
from harken.lake.schemas import is_snapshot, literal, quoted
from harken.vocabulary.tables import TABLES

_BARE = {
    "people": ("person_key", "id_space", "native_key", "source"),
    "accounts": ("account_key", "id_space", "native_key", "source"),
}
"""Columns that stay of a row that others speak of; of other tables the whole row stays."""


@dataclass(frozen=True, slots=True)
class _Mention:
    """Column `column` of table `table` names rows by their key."""

    table: str
    column: str


def kept_sql(lake: Pinned, name: str, import_id: int) -> str | None:
    """A query of the rows that stay in a table when an import is undone, None where nothing can.

    They belong to the earliest later import that speaks of them from then on.
    """
    mentions = _mentions_sql(lake, name, import_id)
    if mentions is None:
        return None
    table = TABLES[name]
    stay = _BARE.get(name, table.names)
    selected = []
    for column in table.columns:
        if column.name == "import_id":
            selected.append("m.import_id")
        elif column.name in stay:
            selected.append(f"r.{quoted(column.name)}")
        else:
            selected.append(f"{'false' if column.type == 'bool' else 'NULL'} AS {quoted(column.name)}")
    key = key_sql(table)
    stored = lake.stored_sql(name)
    return (
        f"SELECT {', '.join(selected)} FROM (SELECT * FROM ({stored}) WHERE import_id = {import_id}) AS r"
        f" JOIN (SELECT {key}, min(import_id) AS import_id FROM ({mentions}) GROUP BY {key}) AS m"
        f" ON {same_key_sql('r', 'm', table.key)}"
        f" ANTI JOIN (SELECT {key} FROM ({stored}) WHERE import_id <> {import_id}) AS o"
        f" ON {same_key_sql('r', 'o', table.key)}"
    )


def _mentions_sql(lake: Pinned, name: str, import_id: int) -> str | None:
    """The keys of a table that later imports mention, with the import."""
    if name == "snapshot_columns":
        return _snapshot_columns_sql(lake, import_id)
    queries = []
    for mention in _mentions(lake, name):
        if any(file.import_id_last > import_id for file in lake.files(mention.table)):
            later = lake.stored_sql(mention.table, later_than=import_id)
            queries.append(
                f"SELECT {mention.column} AS {TABLES[name].key[0]}, import_id FROM ({later})"
                f" WHERE {mention.column} IS NOT NULL AND import_id > {import_id}"
            )
    return " UNION ALL ".join(queries) if queries else None


def _mentions(lake: Pinned, name: str) -> list[_Mention]:
    snapshots = [table for table in lake.versions if is_snapshot(table)]
    known = {
        "people": [_Mention(table, "person_key") for table in ("signals", "outcomes", "texts", *snapshots)],
        "accounts": [
            _Mention("signals", "account_key"),
            _Mention("people", "account_key"),
            _Mention("accounts", "parent_key"),
        ],
        "texts": [_Mention("signals", "text_ref")],
    }
    return known.get(name, [])


def _snapshot_columns_sql(lake: Pinned, import_id: int) -> str | None:
    rows = []
    for source in lake.snapshot_sources():
        table = f"snapshots/{source}"
        for file in lake.files(table):
            if file.import_id_last > import_id:
                brought_by = max(file.import_id_first, import_id + 1)
                rows += [
                    f"({literal(source)}, {literal(column)}, {brought_by})"
                    for column in file_columns(lake.root, table, file)
                ]
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS v(source, name, import_id)" if rows else None
