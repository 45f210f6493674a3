"""The shape of a delimited text file: delimiter, rows above the header, header rows, names of the columns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DELIMITERS = (",", "\t", ";", "|", "^", "~")
HEAD_CHARACTERS = 1 << 18
HEAD_ROWS = 300
IMPORT_ID = re.compile(r"""\{['"]ImportId['"]""")
SEP_LINE = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a delimited text is laid out.

    `above` rows stand over the header, then `header_rows` rows of header, then data rows of `width` fields.
    `body_byte` is where the data start in the UTF-8 text; `first_row` is the spreadsheet row of the first data row.
    `labels` are the fuller names of the columns where a second header row has them, else the names.
    """

    delimiter: str
    above: int
    header_rows: int
    width: int
    columns: tuple[str, ...]
    labels: tuple[str, ...]
    body_byte: int
    first_row: int


def read_head(path: Path) -> str:
    """The first quarter million characters of a UTF-8 file, without its byte-order mark."""
    with path.open("rb") as file:
        raw = file.read(HEAD_CHARACTERS)
    return raw.decode("utf-8", "ignore").removeprefix("\ufeff")


def records(text: str, delimiter: str, limit: int = HEAD_ROWS) -> list[list[str]]:
    """The first records of a text; a record that the end of the text cuts off is left out."""
    csv.field_size_limit(HEAD_CHARACTERS * 4)
    found: list[list[str]] = []
    lines = io.StringIO(text, newline="")
    try:
        for record in csv.reader(lines, delimiter=delimiter):
            found.append(record)
            if len(found) > limit:
                break
    except csv.Error:
        pass
    if len(text) >= HEAD_CHARACTERS - 4 and len(found) > 1 and len(found) <= limit:
        found.pop()
    return found


def sniff_delimiter(text: str) -> str:
    """The delimiter under which most rows have the same number of fields.

    >>> sniff_delimiter("a;b;c\\n1,5;2;3\\n2,5;4;5\\n")
    ';'
    >>> sniff_delimiter("only\\none\\ncolumn\\n")
    ','
    """
    best: tuple[float, int, int] = (0.0, 1, 0)
    chosen = ","
    for order, delimiter in enumerate(DELIMITERS):
        widths = [len(record) for record in records(text, delimiter, 120) if any(record)]
        if not widths:
            continue
        width, rows = mode(widths)
        if width < 2:
            continue
        share = rows / len(widths)
        rank = (round(share, 1), min(width, 3), -order)
        if share > 0.5 and rank > best:
            best, chosen = rank, delimiter
    if best[1] < 2 and spaced(text):
        return " "
    return chosen


def mode(values: Sequence[int]) -> tuple[int, int]:
    """The most frequent value (the larger of two equally frequent) and how often it stands."""
    counts = Counter(values)
    value = max(counts, key=lambda item: (counts[item], item))
    return value, counts[value]


def spaced(text: str) -> bool:
    """True for columns that are lined up with runs of blanks."""
    lines = [line.split() for line in text.splitlines()[:100] if line.strip()]
    widths = {len(line) for line in lines[:-1] or lines}
    runs = sum("  " in line.strip() for line in text.splitlines()[:100])
    return len(widths) == 1 and widths.pop() >= 2 and runs > 0.5 * len(lines)


def find_shape(
    path: Path, *, delimiter: str | None, header_rows: int | None, above: int | None = None
) -> Shape | None:
    """The shape of a UTF-8 text file, or None where it holds nothing; declared values win over found ones."""
    text = read_head(path)
    offset = 3 if has_mark(path) else 0
    sep = SEP_LINE.match(text.split("\n", 1)[0])
    if sep:
        first_line = text.split("\n", 1)[0] + "\n"
        offset += len(first_line.encode())
        text = text[len(first_line) :]
        delimiter = delimiter or sep.group(1)
    delimiter = delimiter or sniff_delimiter(text)
    head = records(text, delimiter)
    if not any(any(cell.strip() for cell in record) for record in head):
        return None
    start = skip_title(head) if above is None else above
    rows = count_header_rows(head[start:]) if header_rows is None else header_rows
    header = head[start : start + rows]
    body = [record for record in head[start + rows :] if any(cell.strip() for cell in record)]
    names, labels = column_names(header)
    width = body_width(body, len(names)) if body else len(names)
    names, labels = widen(names, labels, width)
    columns = unique(names)
    shown = tuple(label or column for label, column in zip(labels, columns, strict=True))
    consumed = byte_length(text, delimiter, start + rows)
    return Shape(delimiter, start, rows, width, columns, shown, offset + consumed, start + rows + 1)


def has_mark(path: Path) -> bool:
    """True where the file starts with the UTF-8 byte-order mark."""
    with path.open("rb") as file:
        return file.read(3) == b"\xef\xbb\xbf"


def byte_length(text: str, delimiter: str, rows: int) -> int:
    """Bytes that the first `rows` records take, counting quoted line breaks as part of a record."""
    if not rows:
        return 0
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter)
    for _ in range(rows):
        next(reader, None)
    return len(text[: lines.tell()].encode()) if reader.line_num else 0


def skip_title(head: list[list[str]]) -> int:
    """How many rows of title stand above the header: rows with one filled cell, or far fewer than below."""
    width = mode([len(record) for record in head])[0]
    if len(head) < 3 or width < 3:
        return 0
    for row, record in enumerate(head[:20]):
        filled = sum(1 for cell in record if cell.strip())
        if len(record) >= 0.5 * width and filled > 1:
            return row
    return 0


def count_header_rows(head: list[list[str]]) -> int:
    """1, or more for exports of survey tools that put labels under the names; 0 where the first row is data.

    Qualtrics has names, questions and a row of {"ImportId": ...}; its old exports have names and questions;
    LimeSurvey has labels and codes; SurveyMonkey has questions and choices ("Response").
    """
    if len(head) < 2:
        return 1
    for row in (2, 1):
        if len(head) > row and sum(bool(IMPORT_ID.match(cell)) for cell in head[row]) > 1:
            return row + 1
    first, second = head[0], head[1]
    if {"submitdate", "startlanguage"} <= {cell.strip() for cell in second}:
        return 2
    same = [a == b and bool(a.strip()) and not is_value(a) for a, b in zip(first, second, strict=False)]
    if sum(same) >= 3 and same[0]:
        return 2
    if second and second[0].replace(" ", "").lower() == "responseid" and first[0] != second[0]:
        return 2
    empty_names = sum(not cell.strip() for cell in first)
    words = sum(cell.strip() in ("Response", "Open-Ended Response") for cell in second)
    if second and not second[0].strip() and (words or empty_names > 0.2 * len(first)):
        return 2
    if all(is_value(cell) for cell in first if cell.strip()) and len(first) > 1:
        return 0
    return 1


def is_value(text: str) -> bool:
    """True for numbers and dates, which are no names of columns."""
    return bool(re.fullmatch(r"\s*[-+$€£¥]?[\d.,:/\-]+(\s[\d.:]+)?%?\s*", text))


def column_names(header: list[list[str]]) -> tuple[list[str], list[str]]:
    """Names and fuller labels from the header rows.

    Where the first row names every column, the second row holds labels; where it has gaps, a gap continues the
    question to its left and the second row tells the choices apart.
    """
    if not header:
        return [], []
    first = [tidy(cell) for cell in header[0]]
    if len(header) == 1:
        return first, [""] * len(first)
    width = max(len(first), len(header[1]))
    first += [""] * (width - len(first))
    second = [tidy(cell) for cell in header[1]] + [""] * (width - len(header[1]))
    if {"submitdate", "startlanguage"} <= set(second):
        return second, first
    if first.count("") <= 0.02 * width:
        return first, second
    names: list[str] = []
    question = ""
    for above, below in zip(first, second, strict=True):
        question = above or question
        choice = "" if below in ("Response", "Open-Ended Response") else below
        names.append(" / ".join(part for part in (question, choice) if part))
    return names, [""] * width


def tidy(text: str) -> str:
    """A header cell on one line, without the blanks around it.

    >>> tidy(" How likely\\n are you? ")
    'How likely are you?'
    """
    return " ".join(text.replace("\ufeff", "").replace("\u3000", " ").split())


def body_width(body: list[list[str]], named: int) -> int:
    """Fields of a data row: what most rows have, but never fewer than the filled names."""
    width, rows = mode([len(record) for record in body])
    return width if width > named and rows > 0.5 * len(body) else max(named, 1)


def widen(names: list[str], labels: list[str], width: int) -> tuple[list[str], list[str]]:
    """Names and labels brought to `width` columns."""
    return (names + [""] * width)[:width], (labels + [""] * width)[:width]


def unique(names: Sequence[str]) -> tuple[str, ...]:
    """Every column gets a name of its own: an empty one its number, a second one of the same name a "(2)".

    >>> unique(["id", "", "score", "score"])
    ('id', 'column 2', 'score', 'score (2)')
    """
    taken: set[str] = set()
    found = []
    for position, name in enumerate(names, start=1):
        base = name or f"column {position}"
        candidate, number = base, 1
        while candidate in taken:
            number += 1
            candidate = f"{base} ({number})"
        taken.add(candidate)
        found.append(candidate)
    return tuple(found)
