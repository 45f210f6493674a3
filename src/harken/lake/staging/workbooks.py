"""Excel and OpenDocument workbooks into text cells."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harken.lake.staging.containers import refuse
from harken.vocabulary.messages import gettext_noop

MAX_CELLS = 60_000_000
CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, rows of text cells, and the spreadsheet row of the first of them."""

    name: str
    rows: list[list[str]]
    first_row: int


def read_sheets(path: Path, name: str, only: str | None = None) -> list[Sheet]:
    """The sheets of a workbook that hold something, or the one named `only`."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        check_area(path, name)
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names if only is None else [sheet for sheet in book.sheet_names if sheet == only]
        if not names:
            raise refuse(
                gettext_noop("{file} has no sheet {sheet}; it has {known}."),
                name,
                sheet=str(only),
                known=", ".join(book.sheet_names),
            )
        sheets = [read_sheet(book.get_sheet_by_name(sheet), sheet) for sheet in names]
    except PasswordError:
        raise refuse(
            gettext_noop("{file} is protected by a password."),
            name,
            gettext_noop("Open it in Excel, save it without a password, and import it again."),
        ) from None
    except (CalamineError, OSError, zipfile.BadZipFile, ValueError, KeyError):
        raise refuse(
            gettext_noop("{file} is damaged or not an Excel file."),
            name,
            gettext_noop("Open it in Excel and save it again, or save it as CSV."),
        ) from None
    return [sheet for sheet in sheets if any(any(cell.strip() for cell in row) for row in sheet.rows)]


def read_sheet(sheet: Any, name: str) -> Sheet:
    """One sheet as text; its empty rows stay, so that row numbers are those of the spreadsheet."""
    rows = [[as_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=True)]
    start = sheet.start
    return Sheet(name, rows, (start[0] if start else 0) + 1)


def as_text(cell: Any) -> str:
    """A cell as it would stand in a CSV file; whole numbers without a decimal point, dates in ISO form.

    >>> as_text(5.0), as_text(dt.datetime(2025, 1, 2)), as_text(True), as_text(dt.timedelta(minutes=90))
    ('5', '2025-01-02', 'true', '1:30:00')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        midnight = cell.time() == dt.time()
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    return str(cell)


def check_area(path: Path, name: str) -> None:
    """Refuse a sheet whose used area is absurd: one cell in the last corner needs the memory of all before it."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", member):
                continue
            with archive.open(member) as stream:
                rows, columns = used_area(stream)
            if rows * columns > MAX_CELLS:
                raise refuse(
                    gettext_noop("{file} uses cells up to row {rows}, column {columns}: too wide an area to read."),
                    name,
                    gettext_noop("Delete the empty rows and columns in Excel, or save the sheet as CSV."),
                    rows=rows,
                    columns=columns,
                )


def used_area(stream: Any) -> tuple[int, int]:
    """Last row and last column of a sheet's XML."""
    rows = columns = 0
    tail = b""
    while chunk := stream.read(1 << 20):
        for letters, digits in CELL.findall(tail + chunk):
            rows = max(rows, int(digits))
            column = 0
            for letter in letters:
                column = column * 26 + letter - 64
            columns = max(columns, column)
        tail = chunk[-40:]
    return rows, columns


def body_rows(sheet: Sheet, header: int, width: int) -> Iterator[tuple[int, list[str]]]:
    """Data rows under `header` rows, with their spreadsheet row, all of `width` cells."""
    for offset, row in enumerate(sheet.rows[header:]):
        yield sheet.first_row + header + offset, (row + [""] * width)[:width]
