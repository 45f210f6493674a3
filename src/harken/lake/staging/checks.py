"""Checks on cells: which row is bad, in which column, with which value, for which reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from harken.lake.staging.delimited import OPEN_QUOTE, ROW
from harken.lake.staging.tables import StagedTable, Staging
from harken.lake.staging.values import literal
from harken.vocabulary.errors import Problem
from harken.vocabulary.messages import Message, gettext_noop

SHOWN_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Check:
    """`condition` is SQL that is true for a bad row, `value` SQL for the text to show; `reason` may use {value}."""

    condition: str
    column: str
    value: str
    reason: Message


@dataclass(slots=True)
class ProblemLog:
    """All problems of an import, in a table of the staging database, one line per problem.

    The table `problems` holds number of the staged table, row, column, value, number of the reason, detail.
    """

    staging: Staging
    reasons: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.staging.sql(
            f"CREATE TABLE problems (table_number INTEGER, {ROW} BIGINT, column_name VARCHAR, value VARCHAR,"
            " reason INTEGER, detail VARCHAR)"
        )

    def reason_number(self, reason: Message) -> int:
        """The number under which a reason is kept."""
        if reason not in self.reasons:
            self.reasons.append(reason)
        return self.reasons.index(reason)

    def add_query(self, table: StagedTable, check: Check, rows: str, detail: str = "NULL") -> None:
        """Log one problem per row of `rows`, a query with the row number and what the check's `value` reads."""
        number = self.reason_number(check.reason)
        self.staging.sql(
            f"INSERT INTO problems SELECT {table.number}, {ROW}, {literal(check.column)},"
            f" substr({check.value}, 1, {SHOWN_CHARACTERS}), {number}, {detail} FROM ({rows})"
        )

    def add_bad_rows(self, table: StagedTable) -> None:
        """Log the rows that have not as many fields as the header."""
        if not table.bad:
            return
        width = len(table.columns)
        fields = self.reason_number(
            Message(gettext_noop("the row has {value} fields, but the header has {width}"), {"width": width})
        )
        quote = self.reason_number(Message(gettext_noop("a quotation mark opens here and is not closed")))
        rows = [
            (table.number, bad.row, None, str(len(bad.fields)), quote if bad.reason == OPEN_QUOTE else fields)
            for bad in table.bad
        ]
        for start in range(0, len(rows), 50_000):
            self._insert(rows[start : start + 50_000])

    def _insert(self, rows: list[tuple[Any, ...]]) -> None:
        import pyarrow as pa

        names = ("table_number", ROW, "column_name", "value", "reason")
        kinds = (pa.int32(), pa.int64(), pa.string(), pa.string(), pa.int32())
        columns = [
            pa.array(list(column), kind) for column, kind in zip(zip(*rows, strict=True), kinds, strict=True)
        ]
        self.staging.connection.register("incoming", pa.table(columns, names=list(names)))
        self.staging.sql("INSERT INTO problems SELECT *, NULL FROM incoming")
        self.staging.connection.unregister("incoming")

    def count(self) -> int:
        """How many problems there are."""
        return int(self.staging.row("SELECT count(*) FROM (SELECT DISTINCT * FROM problems)")[0])

    def rejected_sql(self, table: StagedTable) -> str:
        """A query of the row numbers of a staged table that have a problem."""
        return f"SELECT DISTINCT {ROW} FROM problems WHERE table_number = {table.number}"

    def rejected(self, table: StagedTable) -> int:
        """How many rows of a staged table have a problem."""
        return int(self.staging.row(f"SELECT count(*) FROM ({self.rejected_sql(table)})")[0])

    def of_row(self, tables: list[StagedTable], limit: int | None = None) -> Iterator[tuple[int, int, Problem]]:
        """(table number, row, problem), tables in order, rows ascending."""
        names = {table.number: shown_name(table) for table in tables}
        order = "ORDER BY table_number, row_number, reason" + (f" LIMIT {limit}" if limit is not None else "")
        for number, row, column, value, reason, detail in self.staging.sql(
            f"SELECT DISTINCT * FROM problems {order}"
        ).fetchall():
            given = self.reasons[reason]
            message = Message(given.id, {**given.params, "value": value or "", "detail": detail or ""})
            shown = column or None
            yield number, row, Problem(message, names.get(number), row, shown, value)


def shown_name(table: StagedTable) -> str:
    """The file's name with its sheet, as an error names it."""
    return table.name if table.sheet is None else f"{table.name} [{table.sheet}]"
