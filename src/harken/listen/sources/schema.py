"""What changed in the columns of a source since it was last read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

UNKNOWN = ""
"""The kind of a column with too few values to tell."""

Columns = Mapping[str, Mapping[str, str]]
"""Of each table, the kind of each column: "number", "time", "text" or unknown."""


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """One column that is new, gone, or of another kind; `before` and `after` are None where it was not there."""

    table: str
    column: str
    before: str | None
    after: str | None


def table_name(file: str, sheet: str | None = None) -> str:
    """What a delivery's file is called without its date, the same for the next one.

    >>> table_name("orders_2026-06-01.csv"), table_name("plan.xlsx", "May"), table_name("2026.csv")
    ('orders.csv', 'plan.xlsx [May]', '2026.csv')
    """
    stem, dot, ending = file.rpartition(".")
    short = re.sub(r"[\W_]*\d[\d\-_. T:]*$", "", stem) or stem
    return f"{short}{dot}{ending}" + (f" [{sheet}]" if sheet else "")


def changes(before: Columns, after: Columns) -> tuple[ColumnChange, ...]:
    """What differs in the tables that stand on both sides; a kind not known on either side is no change.

    >>> changes({"a": {"id": "number", "x": ""}}, {"a": {"id": "text", "y": "time"}})[0]
    ColumnChange(table='a', column='id', before='number', after='text')
    """
    found: list[ColumnChange] = []
    for table in after:
        if table not in before:
            continue
        old, new = before[table], after[table]
        for column in (*old, *(name for name in new if name not in old)):
            kinds = old.get(column), new.get(column)
            if (column in old) != (column in new) or (all(kinds) and kinds[0] != kinds[1]):
                found.append(ColumnChange(table, column, *kinds))
    return tuple(found)


def merged(before: Columns, after: Columns) -> dict[str, dict[str, str]]:
    """What to remember: tables not delivered this time stay, and so do kinds that could not be told this time."""
    kept = {table: dict(columns) for table, columns in before.items()}
    for table, columns in after.items():
        old = kept.get(table, {})
        kept[table] = {name: kind or old.get(name, UNKNOWN) for name, kind in columns.items()}
    return kept
