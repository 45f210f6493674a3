"""Tables written to files: CSV that Excel reads, Excel, Parquet; as many rows as there are, never held at once."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harken.usecases.exports.excel import write_excel
from harken.usecases.exports.sheets import About, Sheet, arrow_batches, facts, heading
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop

DANGEROUS = r"^[=+\-@\t\r]"
"""How a text begins that a spreadsheet would compute instead of show."""


def write_sheet(
    sheet: Sheet, path: Path, kind: str, about: About, *, language: str = "en", currency: str = ""
) -> int:
    """Write a table to `path` as "csv", "xlsx" or "parquet"; returns the number of rows written.

    Raises DataError where Excel cannot hold the rows, SettingsError for another kind of file.
    """
    if kind not in WRITERS:
        raise SettingsError(
            Message(gettext_noop("A table cannot be written as {kind}."), {"kind": kind}),
            Message(gettext_noop("Choose one of these: {kinds}."), {"kinds": ", ".join(WRITERS)}),
        )
    return WRITERS[kind](sheet, path, about, language, currency)


def write_csv(sheet: Sheet, path: Path, about: About, language: str, currency: str) -> int:
    """UTF-8 with a byte order mark, so that Excel reads Chinese; no cell begins as a formula does."""
    import pyarrow
    import pyarrow.csv

    schema, batches = arrow_batches(sheet, language)
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
    headings = pyarrow.array([heading(field, currency, language) for field in sheet.fields], pyarrow.string())
    head = io.StringIO()
    csv.writer(head, lineterminator="\n").writerow(_guarded(headings).to_pylist())
    written = 0
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf" + head.getvalue().encode())
        with pyarrow.csv.CSVWriter(file, schema, write_options=options) as writer:
            for batch in batches:
                writer.write_batch(
                    pyarrow.RecordBatch.from_arrays([_guarded(column) for column in batch.columns], schema=schema)
                )
                written += batch.num_rows
    return written


def _guarded(column: Any) -> Any:
    """Texts that a spreadsheet would compute, with an apostrophe before them; other columns as they are."""
    import pyarrow.compute as pc
    from pyarrow import types

    if not types.is_string(column.type):
        return column
    risky = pc.match_substring_regex(column, DANGEROUS)
    return pc.if_else(risky, pc.binary_join_element_wise("'", column, ""), column)


def write_parquet(sheet: Sheet, path: Path, about: About, language: str, currency: str) -> int:
    """Columns by their keys, headings and what the table is about in the file's metadata."""
    import pyarrow
    import pyarrow.parquet

    schema, batches = arrow_batches(sheet, language)
    told = {key: text for key, (_, text) in facts(sheet, about, language).items()}
    fields = [
        stored.with_metadata({"words": heading(field, currency, language), "kind": field.kind})
        for stored, field in zip(schema, sheet.fields, strict=True)
    ]
    named = pyarrow.schema(fields, {"harken": json.dumps(told, ensure_ascii=False)})
    written = 0
    with pyarrow.parquet.ParquetWriter(path, named, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(pyarrow.RecordBatch.from_arrays(batch.columns, schema=named))
            written += batch.num_rows
    return written


WRITERS: dict[str, Callable[[Sheet, Path, About, str, str], int]] = {
    "csv": write_csv,
    "xlsx": write_excel,
    "parquet": write_parquet,
}
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "svg": "image/svg+xml",
    "png": "image/png",
    "vl.json": "application/json",
    "ipynb": "application/x-ipynb+json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}


def file_name(name: str, rows: int, kind: str) -> str:
    """A file's name, with the number of its rows.

    >>> file_name("drivers", 12, "csv")
    'drivers-12-rows.csv'
    """
    return f"{name}-{rows}-rows.{kind}"
