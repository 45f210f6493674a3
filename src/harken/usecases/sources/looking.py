"""What stands in fetched files, and whether their columns are still those the mapping needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harken.lake.staging.delimited import ROW, column_id
from harken.lake.staging.profiling import profile_table
from harken.lake.staging.tables import Layout, StagedTable, Staging
from harken.listen.mapping.columns import missing
from harken.listen.mapping.model import Mapping
from harken.listen.mapping.proposal.profiles import ColumnProfile
from harken.listen.sources.schema import UNKNOWN, ColumnChange, Columns, changes, table_name
from harken.usecases.importing.session import Session
from harken.usecases.sources.views import TrialTable
from harken.vocabulary.errors import DataError, Problem
from harken.vocabulary.messages import Message, gettext_noop

SURE_VALUES = 10
"""A column's kind is told from so many values at least."""
SAMPLE_ROWS = 5
KINDS = {
    "number": Message(gettext_noop("numbers")),
    "time": Message(gettext_noop("times")),
    "text": Message(gettext_noop("texts")),
    UNKNOWN: Message(gettext_noop("too few values to tell")),
}


@dataclass(frozen=True, slots=True)
class Looked:
    """The columns of each table, and the tables with their first rows."""

    columns: dict[str, dict[str, str]]
    tables: tuple[TrialTable, ...]


def look(files: Sequence[Path], mapping: Mapping | None = None, before: Columns | None = None) -> Looked:
    """The tables in files, laid out as the mapping says.

    Raises DataError where a file cannot be read, or where a column that was there `before` and that the mapping
    needs is gone.
    """
    with Staging() as staging:
        session = Session(staging, files)
        if mapping is None:
            tables = [table for raw in session.raws for table in session.tables(raw, Layout())]
        else:
            plan, _ = session.plan(mapping)
            gone: list[Problem] = []
            for file, read in plan:
                brought = {new for join in file.joins for new, _ in join.columns}
                for table in read:
                    old = (before or {}).get(table_name(table.name, table.sheet), {})
                    lacking = missing(file, table.name, (*table.columns, *brought))
                    gone += [problem for problem in lacking if problem.column in old]
            if gone:
                raise vanished(gone)
            tables = list({table.number: table for _, read in plan for table in read}.values())
        return _looked(staging, tables)


def vanished(gone: Sequence[Problem]) -> DataError:
    """The sentence for columns that the mapping needs and that no longer come."""
    names = ", ".join(dict.fromkeys(str(problem.column) for problem in gone))
    return DataError(
        Message(
            gettext_noop("The mapping needs what no longer comes: {columns}. Nothing was imported."),
            {"columns": names},
        ),
        Message(gettext_noop("If a column has a new name, change the mapping; else ask who runs the source.")),
        gone,
    )


def change_words(before: Columns, after: Columns) -> list[Message]:
    """A sentence for each column that is new, gone or of another kind."""
    return [_change(change) for change in changes(before, after)]


def _change(change: ColumnChange) -> Message:
    place = {"column": change.column, "table": change.table}
    if change.before is None:
        return Message(gettext_noop("{table} has a new column {column}: look at the mapping."), place)
    if change.after is None:
        return Message(gettext_noop("{table} has no column {column} any more; no mapping needs it."), place)
    kinds = {"before": KINDS[change.before], "after": KINDS[change.after]}
    text = gettext_noop("{column} of {table} held {before} and now holds {after}: look at the mapping.")
    return Message(text, {**place, **kinds})


def _looked(staging: Staging, tables: Sequence[StagedTable]) -> Looked:
    columns: dict[str, dict[str, str]] = {}
    shown = []
    for table in tables:
        kinds = {column.name: _kind(column) for column in profile_table(staging, table).columns}
        seen = columns.setdefault(table_name(table.name, table.sheet), {})
        for name, kind in kinds.items():
            seen[name] = kind or seen.get(name, UNKNOWN)
        cells = ", ".join(column_id(i) for i in range(len(table.columns)))
        rows = staging.sql(f"SELECT {cells} FROM {table.table} ORDER BY {ROW} LIMIT {SAMPLE_ROWS}").fetchall()
        name = table.name if table.sheet is None else f"{table.name} [{table.sheet}]"
        shown.append(
            TrialTable(
                name,
                table.rows,
                tuple((column, KINDS[kind]) for column, kind in kinds.items()),
                tuple(tuple("" if cell is None else str(cell)[:80] for cell in row) for row in rows),
            )
        )
    return Looked(columns, tuple(shown))


def _kind(column: ColumnProfile) -> str:
    if column.filled < SURE_VALUES:
        return UNKNOWN
    return "time" if column.time_word is not None else "number" if column.numeric else "text"
