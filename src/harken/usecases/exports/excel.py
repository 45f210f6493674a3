"""Excel files in constant memory: numbers as numbers, and a second sheet that says what the table is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from harken.locale import render
from harken.usecases.exports.sheets import About, Field, Sheet, arrow_batches, facts, heading
from harken.vocabulary.errors import DataError
from harken.vocabulary.messages import Message, gettext_noop

MOST_ROWS = 1_048_576 - 1
"""Rows of a sheet of Excel, the headings taken off."""
MOST_LETTERS = 32_767
"""Letters of a cell of Excel."""
EXACT = 2**53
"""From here on Excel rounds whole numbers."""
FORMATS = {
    "count": "#,##0",
    "number": "#,##0.00",
    "share": "0.0%",
    "per cent": '#,##0.0"%"',
    "money": "#,##0.00",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
}
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "remove_timezone": True,
}


def write_excel(sheet: Sheet, path: Path, about: About, language: str, currency: str) -> int:
    """Write a table as an Excel file. Raises DataError where a sheet of Excel cannot hold the rows."""
    import xlsxwriter

    if sheet.count > MOST_ROWS:
        raise DataError(
            Message(
                gettext_noop("The table has {rows} rows; a sheet of Excel holds {most}."),
                {"rows": sheet.count, "most": MOST_ROWS},
            ),
            Message(gettext_noop("Take CSV or Parquet: they hold any number of rows.")),
        )
    _, batches = arrow_batches(sheet, language)
    with xlsxwriter.Workbook(path, OPTIONS) as book:
        page = book.add_worksheet(render(Message(gettext_noop("Rows")), language))
        bold = book.add_format({"bold": True, "bottom": 1})
        headings = [heading(field, currency, language) for field in sheet.fields]
        for column, text in enumerate(headings):
            page.write_string(0, column, text, bold)
        page.freeze_panes(1, 0)
        formats = {kind: book.add_format({"num_format": pattern}) for kind, pattern in FORMATS.items()}
        row, shortened = 1, 0
        for batch in batches:
            columns = [_values(column) for column in batch.columns]
            writers = [_writer(page, field, formats) for field in sheet.fields]
            if row == 1:
                _widths(page, headings, columns)
            for values in zip(*columns, strict=True):
                for column, value in enumerate(values):
                    if value is not None:
                        shortened += writers[column](row, column, value)
                row += 1
        if row > 1:
            page.autofilter(0, 0, row - 1, len(headings) - 1)
        _about(book, facts(sheet, about, language), shortened, language)
    return row - 1


def _values(column: Any) -> list[Any]:
    """A column's values; short floats by the digits they have, not by those a longer float would show."""
    from pyarrow import types

    if types.is_float32(column.type):
        column = column.cast("string").cast("float64")
    return list(column.to_pylist())


def _writer(page: Any, field: Field, formats: dict[str, Any]) -> Callable[[int, int, Any], int]:
    """How one column's cells are written; each says how many cells it had to shorten."""
    style = formats.get(field.kind)

    def text(row: int, column: int, value: Any) -> int:
        words = str(value)
        page.write_string(row, column, words[: MOST_LETTERS - 1] + "…" if len(words) > MOST_LETTERS else words)
        return int(len(words) > MOST_LETTERS)

    def number(row: int, column: int, value: Any) -> int:
        if value != value or value in (float("inf"), float("-inf")):
            return 0
        if isinstance(value, int) and abs(value) >= EXACT:
            return text(row, column, value)
        page.write_number(row, column, value, style)
        return 0

    def moment(row: int, column: int, value: Any) -> int:
        page.write_datetime(row, column, value, style)
        return 0

    def truth(row: int, column: int, value: Any) -> int:
        page.write_boolean(row, column, value)
        return 0

    return {"text": text, "date": moment, "moment": moment, "truth": truth}.get(field.kind, number)


def _widths(page: Any, headings: list[str], columns: list[list[Any]]) -> None:
    """Columns as wide as their first rows need; Chinese letters count double."""
    for index, (head, values) in enumerate(zip(headings, columns, strict=True)):
        texts = [head, *(str(value) if isinstance(value, str) else "1,234,567.8" for value in values[:200])]
        widest = max(sum(2 if letter > "\u2e7f" else 1 for letter in text) for text in texts)
        page.set_column(index, index, min(max(widest + 2, 8), 60))


def _about(book: Any, told: dict[str, tuple[str, str]], shortened: int, language: str) -> None:
    """The second sheet: what the table is, from where, and how many of how many rows."""
    page = book.add_worksheet(render(Message(gettext_noop("About")), language))
    bold, wrapped = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True})
    page.set_column(0, 0, 16)
    page.set_column(1, 1, 100)
    lines = list(told.values())
    if shortened:
        text = gettext_noop("{n} texts longer than {most} letters are shortened: Excel holds no more in a cell.")
        note = render(Message(text, {"n": shortened, "most": MOST_LETTERS}), language)
        lines.append((render(Message(gettext_noop("Note")), language), note))
    for row, (label, text) in enumerate(lines):
        page.write_string(row, 0, label, bold)
        page.write_string(row, 1, text, wrapped)
