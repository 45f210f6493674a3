"""Good rows go to the lake, table by table; bad rows go to files to repair."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harken.lake.staging.applying import Applied
from harken.lake.staging.checks import ProblemLog
from harken.lake.staging.delimited import ROW, column_id
from harken.lake.staging.outputs import Output
from harken.lake.staging.signals import WORDS, with_ids
from harken.lake.staging.situation import Situation
from harken.lake.staging.snapshots import quoted
from harken.lake.staging.tables import PROBLEM_COLUMN, StagedTable
from harken.lake.staging.values import literal
from harken.vocabulary.messages import Message
from harken.vocabulary.tables import SIGNALS

if TYPE_CHECKING:
    from harken.lake.log import ImportWriter

BATCH_ROWS = 100_000
SIGNAL_TABLE_COLUMNS = tuple(
    name for name in SIGNALS.names if name not in ("import_id", "ingested_us", "version", "retracted")
)


@dataclass(frozen=True, slots=True)
class PartCounts:
    """What became of the rows that one part read from one file.

    `rows` = `added` + `corrected` + `already_there` + `rejected` + `skipped`, always.
    """

    file: str
    part: str
    kind: str
    rows: int
    added: int
    corrected: int
    already_there: int
    rejected: int
    skipped: int


def deliver(
    situation: Situation, applied: Applied, writer: ImportWriter, tell: Callable[[str, float], None]
) -> list[PartCounts]:
    """Append every part's good rows; then the people, accounts and columns they speak of."""
    counts = []
    for position, output in enumerate(applied.outputs):
        tell(output.table.name, position / len(applied.outputs))
        good = output.good_sql(situation.log)
        rows = int(situation.staging.row(f"SELECT count(*) FROM ({good})")[0])
        appended = append(situation, output, good, writer)
        rejected = situation.log.rejected(output.table)
        counts.append(
            PartCounts(
                output.table.name,
                output.part.place,
                output.kind,
                output.table.rows,
                appended.added,
                appended.corrected,
                appended.already_there,
                rejected,
                output.table.rows - rejected - rows,
            )
        )
    append_known(situation, applied, writer)
    append_fields(applied, writer)
    return counts


def reader(situation: Situation, query: str) -> Any:
    """A query's result as a stream of Arrow batches, on a cursor of its own."""
    return situation.staging.connection.cursor().sql(query).to_arrow_reader(BATCH_ROWS)


def append(situation: Situation, output: Output, good: str, writer: ImportWriter) -> Any:
    """Append one part's rows in the schema of its table; returns the lake's counts."""
    source = f"{literal(situation.mapping.source)} AS source"
    space = f"{literal(situation.mapping.id_space)} AS id_space"
    if output.target == "signals":
        table = with_ids(situation, output, good)
        columns = ", ".join(SIGNAL_TABLE_COLUMNS)
        counts = writer.append("signals", reader(situation, f"SELECT {columns}, false AS retracted FROM {table}"))
        words = (
            f"SELECT DISTINCT ON (text_ref) text_ref AS text_id, person_key, {WORDS} AS text"
            f" FROM {table} WHERE {WORDS} IS NOT NULL"
        )
        if situation.staging.row(f"SELECT count({WORDS}) FROM {table}")[0]:
            writer.append("texts", reader(situation, words))
        situation.staging.sql(f"DROP TABLE {table}")
        return counts
    if output.target == "people":
        columns = "person_key, native_key, account_key, name, email, phone, language, role, joined_us, left_us"
        return writer.append(
            "people", reader(situation, f"SELECT {columns}, {source}, {space}, true AS declared FROM ({good})")
        )
    if output.target == "accounts":
        columns = "account_key, account_native AS native_key, name, parent_key, owner, value_reporting, renewal_us"
        return writer.append("accounts", reader(situation, f"SELECT {columns}, {source}, {space} FROM ({good})"))
    if output.target == "outcomes":
        columns = "person_key, outcome, ts_us, local_date, value"
        return writer.append("outcomes", reader(situation, f"SELECT {columns}, {source} FROM ({good})"))
    columns = ", ".join(name for name in output.columns if name != "native_key")
    return writer.append(output.target, reader(situation, f"SELECT {columns} FROM ({good})"))


def append_known(situation: Situation, applied: Applied, writer: ImportWriter) -> None:
    """Append the bare numbers of people and accounts that parts other than their lists speak of."""
    log = situation.log
    source = f"{literal(situation.mapping.source)} AS source"
    space = f"{literal(situation.mapping.id_space)} AS id_space"
    people = [
        f"SELECT person_key, native_key, {account_of(output)} AS account_key FROM ({output.good_sql(log)})"
        for output in applied.outputs
        if "native_key" in output.columns and output.target != "people"
    ]
    if people:
        query = (
            f"SELECT person_key, any_value(native_key) AS native_key, max(account_key) AS account_key,"
            f" {source}, {space}, false AS declared FROM ({' UNION ALL '.join(people)}) GROUP BY person_key"
        )
        writer.append("people", reader(situation, query))
    accounts = []
    for output in applied.outputs:
        for key, native in (("account_key", "account_native"), ("parent_key", "parent_native")):
            if native in output.columns and not (output.target == "accounts" and key == "account_key"):
                accounts.append(
                    f"SELECT {key} AS account_key, {native} AS native_key FROM ({output.good_sql(log)})"
                )
    if accounts:
        query = (
            f"SELECT account_key, any_value(native_key) AS native_key, {source}, {space}"
            f" FROM ({' UNION ALL '.join(accounts)}) WHERE account_key IS NOT NULL GROUP BY account_key"
        )
        if situation.staging.row(f"SELECT count(*) FROM ({query})")[0]:
            writer.append("accounts", reader(situation, query))


def account_of(output: Output) -> str:
    """The account column of an output, else NULL."""
    return "account_key" if "account_key" in output.columns else "CAST(NULL AS BIGINT)"


def append_fields(applied: Applied, writer: ImportWriter) -> None:
    """Append the description of every snapshot's columns."""
    import pyarrow as pa

    rows = [
        {
            "source": source,
            "name": field.name,
            "label": field.label,
            "type": field.type,
            "role": field.role,
            "family": field.family,
            "lever": field.lever,
        }
        for source, fields in applied.fields.items()
        for field in fields
    ]
    if rows:
        kinds = {"lever": pa.bool_()}
        schema = pa.schema([(name, kinds.get(name, pa.string())) for name in rows[0]])
        writer.append("snapshot_columns", pa.Table.from_pylist(rows, schema=schema))


def write_rejected(
    situation: Situation, applied: Applied, folder: Path, say: Callable[[Message], str]
) -> list[Path]:
    """Write the bad rows of each file in its own columns, with their problems, to be repaired and imported."""
    written = []
    for table in applied.tables:
        if situation.log.rejected(table):
            folder.mkdir(parents=True, exist_ok=True)
            written.append(write_table(situation.log, table, folder, say))
    return written


def rejected_name(table: StagedTable) -> str:
    """The name of the file of rejected rows: that of the file itself, with .csv behind what is no text."""
    name = table.name if table.sheet is None else f"{table.name} [{table.sheet}]"
    name = name.replace("/", "_").replace("\\", "_")
    return (
        name
        if table.raw.kind == "text" and name.lower().endswith((".csv", ".tsv", ".txt", ".tab"))
        else f"{name}.csv"
    )


def write_table(log: ProblemLog, table: StagedTable, folder: Path, say: Callable[[Message], str]) -> Path:
    """One file of rejected rows: UTF-8 with a mark for Excel, the problems in the last named column."""
    path = folder / rejected_name(table)
    reasons: dict[int, list[str]] = {}
    for number, row, problem in log.of_row([table]):
        if number == table.number:
            text = say(problem.reason)
            reasons.setdefault(row, []).append(f"{problem.column}: {text}" if problem.column else text)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, delimiter=table.delimiter)
        out.writerow([*(name for name in table.columns if name != PROBLEM_COLUMN), PROBLEM_COLUMN])
        for row, fields, surplus in rejected_rows(log, table):
            out.writerow([*fields, "; ".join(dict.fromkeys(reasons.get(row, []))), *surplus])
    return path


def rejected_rows(log: ProblemLog, table: StagedTable) -> Iterator[tuple[int, list[str], list[str]]]:
    """(row, fields, fields beyond the header) of every rejected row, rows ascending."""
    width = len(table.columns)
    keep = [i for i, name in enumerate(table.columns) if name != PROBLEM_COLUMN]
    bad = {row.row: list(row.fields) for row in table.bad}
    columns = ", ".join(quoted(column_id(i)) for i in range(width))
    cursor = log.staging.connection.cursor().execute(
        f"SELECT {ROW}, {columns} FROM {table.table} WHERE {ROW} IN ({log.rejected_sql(table)})"
        f" UNION ALL SELECT {ROW}{', NULL' * width} FROM problems WHERE table_number = {table.number}"
        f" AND {ROW} NOT IN (SELECT {ROW} FROM {table.table}) ORDER BY 1"
    )
    while rows := cursor.fetchmany(10_000):
        for number, *cells in rows:
            if number in bad:
                fields = bad.pop(number)
                padded = fields + [""] * (width - len(fields))
                yield number, [padded[i] for i in keep], padded[width:]
            elif any(cell is not None for cell in cells):
                yield number, ["" if cells[i] is None else cells[i] for i in keep], []
