"""The staging area: every raw file becomes a DuckDB table of text with the row numbers a spreadsheet shows."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from harken.lake.staging import delimited, encodings, shape, times, workbooks
from harken.lake.staging.containers import RawFile, refuse
from harken.lake.staging.delimited import ROW, BadRow, Batches, column_id
from harken.lake.staging.values import macros
from harken.listen.formats.records import read_records
from harken.listen.formats.xes import read_events
from harken.vocabulary.errors import Problem
from harken.vocabulary.messages import Message, gettext_noop

PROBLEM_COLUMN = "harken_problem"
"""Last column of a file of rejected rows; it is never read as data."""
MAX_JSON_BYTES = 1 << 30
MEMORY_LIMIT_BYTES = 2 * 2**30
"""Beyond this DuckDB spills to the disk; Arrow's readers need some hundred megabytes more."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the mapping says a file is laid out; None is found out."""

    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_rows: int | None = None


@dataclass(frozen=True, slots=True)
class StagedTable:
    """One table of text: `columns` are the names in the file, column i is `c{i}` of DuckDB table `table`.

    `rows` counts data rows that are not blank, with the `bad` ones (wrong number of fields), which are not in the
    table.
    """

    number: int
    raw: RawFile
    sheet: str | None
    table: str
    columns: tuple[str, ...]
    labels: tuple[str, ...]
    rows: int
    bad: tuple[BadRow, ...]
    encoding: str
    delimiter: str
    header_rows: int
    notes: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        """The file's name as shown and as a mapping names it."""
        return self.raw.name


class Staging:
    """A temporary DuckDB database and folder, gone when the block is left.

    >>> with Staging() as staging:
    ...     staging.row("SELECT 1 + 1")
    (2,)
    """

    def __init__(self, *, memory_limit_bytes: int = MEMORY_LIMIT_BYTES, threads: int | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="harken-staging-"))
        self.unpacked = self.folder / "unpacked"
        self.unpacked.mkdir()
        config: dict[str, Any] = {"temp_directory": str(self.folder / "spill"), "preserve_insertion_order": "false"}
        config["memory_limit"] = f"{memory_limit_bytes // 1_000_000}MB"
        if threads is not None:
            config["threads"] = threads
        self.connection = duckdb.connect(str(self.folder / "staging.duckdb"), config=config)
        self.connection.execute("SET TimeZone = 'UTC'")
        for statement in (*macros(), times.macro()):
            self.connection.execute(statement)
        self.count = 0

    def __enter__(self) -> Staging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> duckdb.DuckDBPyConnection:
        """Run a query."""
        return self.connection.execute(query, list(parameters))

    def row(self, query: str) -> tuple[Any, ...]:
        """The first row of a query's result, read to its end."""
        rows: list[tuple[Any, ...]] = self.sql(query).fetchall()
        return rows[0]

    def number(self) -> int:
        """A number not used before, for names of tables."""
        self.count += 1
        return self.count

    def stage(self, raw: RawFile, layout: Layout = Layout()) -> list[StagedTable]:
        """The tables of one raw file: one, or one per filled sheet of a workbook."""
        if raw.kind == "text":
            return [self._text(raw, layout)]
        if raw.kind in ("xlsx", "xls"):
            return self._workbook(raw, layout)
        if raw.kind == "parquet":
            return [self._parquet(raw)]
        return [self._records(raw)]

    def _text(self, raw: RawFile, layout: Layout) -> StagedTable:
        survey = encodings.survey_bytes(raw.path)
        notes: list[Problem] = []
        path, encoding = self._utf8(raw, layout, survey, notes)
        delimiter = layout.delimiter
        if delimiter is None and shape.sniff_delimiter(shape.read_head(path)) == " ":
            delimiter = " "
        if delimiter == " ":
            path, delimiter = self._tabbed(path), "\t"
        found = shape.find_shape(path, delimiter=delimiter, header_rows=layout.header_rows)
        if found is not None and PROBLEM_COLUMN in found.columns and layout.header_rows not in (None, 1):
            found = shape.find_shape(path, delimiter=None, header_rows=1)
        if found is None:
            raise refuse(gettext_noop("{file} holds no table."), raw.name, gettext_noop("Export it again."))
        table = self._table(found.width)

        def load(batches: Batches) -> bool:
            self.sql(f"DELETE FROM {table}")
            self._insert(table, batches, found.width)
            line_break = " OR ".join(f"contains({column_id(i)}, chr(10))" for i in range(found.width))
            return bool(self.row(f"SELECT bool_or({line_break}) FROM {table}")[0])

        reading = delimited.read(path, found, bool(survey.quotes % 2), load)
        staged = self._finish(
            raw,
            None,
            table,
            found.columns,
            found.labels,
            tuple(reading.bad),
            encoding.name,
            found.delimiter,
            found.header_rows,
            tuple(notes),
        )
        if path != raw.path:
            path.unlink()
        return staged

    def _utf8(
        self, raw: RawFile, layout: Layout, survey: encodings.ByteSurvey, notes: list[Problem]
    ) -> tuple[Path, encodings.Encoding]:
        """The file as UTF-8: itself, or a transcoded copy."""
        target = self.folder / f"utf8_{self.number()}"
        if layout.encoding is not None and layout.encoding not in ("utf-8", "utf-8-sig"):
            return target, encodings.transcode_declared(raw.path, target, layout.encoding, raw.name)
        found = encodings.detect(survey)
        if found is None:
            raise refuse(
                gettext_noop("{file} is not a text file: it is full of signs that no text has."),
                raw.name,
                gettext_noop("Export the table as CSV, Excel or Parquet."),
            )
        if found.name in ("utf-8", "utf-8-sig") and not found.lenient:
            return raw.path, found
        used = encodings.transcode(raw.path, target, found, raw.name)
        if used.lenient or not used.sure:
            text = gettext_noop(
                "was read as {encoding}, but this is not sure; if letters look wrong, declare encoding"
            )
            notes.append(Problem(Message(text, {"encoding": used.name}), file=raw.name))
        return target, used

    def _tabbed(self, path: Path) -> Path:
        """A copy in which runs of blanks are tabs, for columns that are lined up by blanks."""
        target = self.folder / f"tabbed_{self.number()}"
        with path.open("r", encoding="utf-8-sig", newline="") as source, target.open("w", encoding="utf-8") as out:
            out.writelines("\t".join(line.split()) + "\n" for line in source)
        return target

    def _workbook(self, raw: RawFile, layout: Layout) -> list[StagedTable]:
        sheets = workbooks.read_sheets(raw.path, raw.name, layout.sheet)
        if not sheets:
            raise refuse(gettext_noop("{file} holds no table."), raw.name, gettext_noop("Export it again."))
        tables = []
        for sheet in sheets:
            above = shape.skip_title(sheet.rows[: shape.HEAD_ROWS])
            head = sheet.rows[above : above + shape.HEAD_ROWS]
            count = shape.count_header_rows(head) if layout.header_rows is None else layout.header_rows
            names, labels = shape.column_names(head[:count])
            width = max(map(len, sheet.rows))
            names, labels = shape.widen(names, labels, width)
            columns = shape.unique(names)
            shown = tuple(label or column for label, column in zip(labels, columns, strict=True))
            table = self._table(width)
            rows = workbooks.body_rows(sheet, above + count, width)
            self._insert(table, delimited.batched(rows, width), width)
            name = sheet.name if len(sheets) > 1 or layout.sheet else None
            tables.append(self._finish(raw, name, table, columns, shown, (), "", ",", count))
        return tables

    def _parquet(self, raw: RawFile) -> StagedTable:
        file = str(raw.path).replace("'", "''")
        try:
            described = self.sql(f"DESCRIBE SELECT * FROM read_parquet('{file}')").fetchall()
        except duckdb.Error:
            raise refuse(
                gettext_noop("{file} is damaged or not a Parquet file."), raw.name, gettext_noop("Export it again.")
            ) from None
        names = [row[0] for row in described]
        columns = shape.unique(names)
        texts = [as_text_sql(quoted(row[0]), row[1]) for row in described]
        listed = ", ".join(f"{text} AS {column_id(i)}" for i, text in enumerate(texts))
        table = f"staged_{self.number()}"
        try:
            self.sql(
                f"CREATE TABLE {table} AS SELECT file_row_number + 2 AS {ROW}, {listed}"
                f" FROM read_parquet('{file}', file_row_number = true)"
            )
        except duckdb.Error as error:
            raise refuse(
                gettext_noop("{file} cannot be read: {why}"), raw.name, why=str(error).splitlines()[0][:200]
            ) from None
        return self._finish(raw, None, table, columns, columns, (), "", ",", 1)

    def _records(self, raw: RawFile) -> StagedTable:
        if raw.size > MAX_JSON_BYTES:
            raise refuse(
                gettext_noop("{file} is larger than 1 GB; JSON and XML of this size are not read."),
                raw.name,
                gettext_noop("Convert it to CSV or Parquet."),
            )
        try:
            if raw.kind == "xes":
                with raw.path.open("rb") as stream:
                    rows = read_events(stream)
            else:
                rows = read_records(raw.path.read_text(encoding="utf-8-sig"))
        except (ValueError, RecursionError):
            raise refuse(
                gettext_noop("{file} cannot be read: it should be a list of records."),
                raw.name,
                gettext_noop("Export the table as CSV, Excel or Parquet."),
            ) from None
        names = tuple(dict.fromkeys(name for row in rows for name in row))
        cells = ((number, [row.get(name, "") for name in names]) for number, row in enumerate(rows, start=1))
        table = self._table(len(names))
        self._insert(table, delimited.batched(cells, len(names)), len(names))
        return self._finish(raw, None, table, names, names, (), "utf-8", ",", 1)

    def _table(self, width: int) -> str:
        table = f"staged_{self.number()}"
        listed = ", ".join(f"{column_id(i)} VARCHAR" for i in range(width))
        self.sql(f"CREATE TABLE {table} ({ROW} BIGINT, {listed})")
        return table

    def _insert(self, table: str, batches: Batches, width: int) -> None:
        """Insert batches without the rows that are wholly blank."""
        import pyarrow as pa

        reader = pa.RecordBatchReader.from_batches(delimited.schema_of(width), batches)
        blank = " AND ".join(f"trim({column_id(i)}) = ''" for i in range(width))
        self.connection.register("incoming", reader)
        try:
            self.sql(f"INSERT INTO {table} SELECT * FROM incoming WHERE NOT ({blank})")
        except duckdb.Error as error:
            raise ValueError(str(error)) from error
        finally:
            self.connection.unregister("incoming")

    def _finish(
        self,
        raw: RawFile,
        sheet: str | None,
        table: str,
        columns: tuple[str, ...],
        labels: tuple[str, ...],
        bad: tuple[BadRow, ...],
        encoding: str,
        delimiter: str,
        header_rows: int,
        notes: tuple[Problem, ...] = (),
    ) -> StagedTable:
        """Drop nameless empty columns at the end, count the rows."""
        columns, labels = self._without_empty_end(table, columns, labels)
        count = int(self.row(f"SELECT count(*) FROM {table}")[0]) + len(bad)
        if not count:
            raise refuse(
                gettext_noop("{file} has a header but no rows."),
                raw.name if sheet is None else f"{raw.name} ({sheet})",
                gettext_noop("Export it again with its data."),
            )
        return StagedTable(
            self.number(), raw, sheet, table, columns, labels, count, bad, encoding, delimiter, header_rows, notes
        )

    def _without_empty_end(
        self, table: str, columns: tuple[str, ...], labels: tuple[str, ...]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        end = len(columns)
        while end > 1 and columns[end - 1] == f"column {end}":
            column = column_id(end - 1)
            if self.row(f"SELECT count(*) FROM {table} WHERE trim({column}) <> ''")[0]:
                break
            end -= 1
        return columns[:end], labels[:end]


def quoted(name: str) -> str:
    """A column name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def as_text_sql(column: str, kind: str) -> str:
    """A typed Parquet column as the text that would stand in a CSV file; whole numbers without a decimal point."""
    if kind == "VARCHAR" or kind.startswith("ENUM"):
        text = f"CAST({column} AS VARCHAR)"
    elif kind in ("DOUBLE", "FLOAT"):
        whole = f"{column} = trunc({column}) AND abs({column}) < 1e15"
        text = (
            f"CASE WHEN isnan({column}) THEN '' WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR)"
            f" ELSE CAST({column} AS VARCHAR) END"
        )
    elif kind.startswith(("STRUCT", "MAP")) or kind.endswith("]"):
        text = f"CAST(to_json({column}) AS VARCHAR)"
    elif kind == "BLOB":
        text = f"CASE WHEN {column} IS NULL THEN '' ELSE '<binary>' END"
    else:
        text = f"CAST({column} AS VARCHAR)"
    return f"coalesce({text}, '')"
