"""A staged table with the columns that joins bring to it: what the parts of a [[file]] section read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harken.lake.staging.delimited import ROW, column_id
from harken.lake.staging.tables import StagedTable, Staging
from harken.lake.staging.values import among, filled_sql, literal
from harken.listen.mapping.columns import find_column, no_such_column
from harken.listen.mapping.model import EACH_ROW, Field, FileMapping, Join, RowFilter
from harken.vocabulary.errors import DataError, Problem
from harken.vocabulary.messages import Message, gettext_noop

SHOWN_KEYS = 20


@dataclass(frozen=True, slots=True)
class Base:
    """Rows to map: `relation` in DuckDB, and where each named column stands in it."""

    staging: Staging
    table: StagedTable
    relation: str
    columns: dict[str, str]
    blank: tuple[str, ...]
    decimal: str = "."
    filters: tuple[RowFilter, ...] = ()

    def column(self, name: str) -> str | None:
        """The SQL column of a named column."""
        found = find_column(name, tuple(self.columns))
        return None if found is None else self.columns[found]

    def cell(self, field: Field | None) -> str:
        """SQL for the text of a field on each row, NULL where nothing stands there."""
        if field is None:
            return "CAST(NULL AS VARCHAR)"
        if field.constant is not None:
            return literal(field.constant)
        if field.columns == (EACH_ROW,):
            return f"{literal(self.table.name + '#')} || {ROW}"
        cells = [
            literal(name[1:]) if name.startswith("=") else filled_sql(self.column(name) or "NULL", self.blank)
            for name in field.columns
        ]
        if len(cells) == 1:
            return cells[0]
        # A constant alone is no value: 2017-05 without a day.
        any_filled = " OR ".join(
            f"{cell} IS NOT NULL" for cell, name in zip(cells, field.columns, strict=True) if name in field.named
        )
        return f"CASE WHEN {any_filled} THEN concat_ws(' ', {', '.join(cells)}) END"

    def where(self, filters: Sequence[RowFilter]) -> str:
        """SQL that is true for the rows that the filters of the file and those given leave."""
        conditions = []
        for row_filter in (*self.filters, *filters):
            column = self.column(row_filter.column) or "NULL"
            words = [text for text in row_filter.values if text not in self.blank]
            test = f"coalesce({among(f'key_of(tidy({column}))', words)}, false)" if words else "false"
            if len(words) < len(row_filter.values):
                test = f"({test} OR {filled_sql(column, self.blank)} IS NULL)"
            conditions.append(test if row_filter.keep else f"NOT {test}")
        return " AND ".join(conditions) or "true"


def base_of(
    staging: Staging,
    table: StagedTable,
    file: FileMapping,
    blank: tuple[str, ...],
    other: Callable[[FileMapping, str], StagedTable],
) -> Base:
    """The rows of a staged table with its joins carried out; `other` finds the table a join names."""
    columns = {name: column_id(i) for i, name in enumerate(table.columns)}
    relation = table.table
    if file.joins:
        relation = f"joined_{staging.number()}"
        source = table.table
        for position, join in enumerate(file.joins):
            target = relation if position == len(file.joins) - 1 else f"joined_{staging.number()}"
            columns = join_one(staging, table, file, join, other(file, join.file), columns, source, target, blank)
            source = target
    return Base(staging, table, relation, columns, blank, file.decimal, file.filters)


def join_one(
    staging: Staging,
    table: StagedTable,
    file: FileMapping,
    join: Join,
    right: StagedTable,
    columns: dict[str, str],
    source: str,
    target: str,
    blank: tuple[str, ...],
) -> dict[str, str]:
    """Make `target` from `source` with the columns of `right`; returns where every named column stands now."""
    there = {name: column_id(i) for i, name in enumerate(right.columns)}
    problems: list[Problem] = []

    def find(name: str, known: dict[str, str], shown: str) -> str:
        found = find_column(name, tuple(known))
        if found is None:
            problems.append(no_such_column(file.place, "join", name, shown, tuple(known)))
            return ""
        return known[found]

    pairs = [(find(left, columns, table.name), find(key, there, right.name)) for left, key in join.on]
    wanted = join.columns or tuple((name, name) for name in there if name not in dict(join.on).values())
    brought = [(new, find(name, there, right.name)) for new, name in wanted]
    if problems:
        raise DataError(Message(gettext_noop("A join names columns that are not there.")), problems=problems)
    keys = [f"key_of({filled_sql(key, blank)})" for _, key in pairs]
    refuse_repeated(staging, file, join, right, keys)
    number = staging.number()
    fresh = {new: f"j{number}_{i}" for i, (new, _) in enumerate(brought) if join.columns or new not in columns}
    chosen = "".join(f", {name} AS {fresh[new]}" for new, name in brought if new in fresh)
    listed_keys = ", ".join(f"{key} AS k{i}" for i, key in enumerate(keys))
    on = " AND ".join(f"key_of({filled_sql(f's.{left}', blank)}) = k{i}" for i, (left, _) in enumerate(pairs))
    extra = "".join(f", r.{name}" for name in fresh.values())
    staging.sql(
        f"CREATE TABLE {target} AS SELECT s.*{extra} FROM {source} AS s"
        f" LEFT JOIN (SELECT {listed_keys}{chosen} FROM {right.table}) AS r ON {on}"
    )
    return {**columns, **fresh}


def refuse_repeated(staging: Staging, file: FileMapping, join: Join, right: StagedTable, keys: list[str]) -> None:
    """Refuse a join whose other side holds a key twice: rows would multiply."""
    shown = ", ".join(keys)
    filled = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    rows = staging.sql(
        f"SELECT concat_ws(' / ', {shown}), count(*), min({ROW}) FROM {right.table} WHERE {filled}"
        f" GROUP BY {shown} HAVING count(*) > 1 ORDER BY 3 LIMIT {SHOWN_KEYS}"
    ).fetchall()
    if not rows:
        return
    reason = gettext_noop("{value} stands {count} times, first in row {row}")
    column = ", ".join(key for _, key in join.on)
    problems = [
        Problem(Message(reason, {"value": key, "count": count, "row": row}), right.name, None, column, key)
        for key, count, row in rows
    ]
    raise DataError(
        Message(
            gettext_noop("{file} cannot be joined to {other}: keys there stand more than once."),
            {"file": file.name, "other": right.name},
        ),
        Message(
            gettext_noop("Join by columns that are unique in {other}, or remove the repeated rows."),
            {"other": right.name},
        ),
        problems,
    )
