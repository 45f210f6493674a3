"""Delimited text into Arrow batches of text columns, each row with the number a spreadsheet shows.

The quick reader is Arrow's. Rows with another number of fields than the header come back as bad rows. Quotation
marks that do not match would make it swallow rows silently; so wherever a field holds a line break or the marks
are odd in number, the strict reader checks the file, and if it fails reads it row by row and gives up single rows
only.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from harken.lake.staging.shape import Shape

ROW = "row_number"
BLOCKS = (1 << 23, 1 << 26, 1 << 29)
BATCH_ROWS = 50_000
WRONG_FIELDS = "fields"
OPEN_QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that has not the fields of the header: its spreadsheet row, what it holds, why it is bad."""

    row: int
    fields: tuple[str, ...]
    reason: str


@dataclass(slots=True)
class Reading:
    """Bad rows found while a file is read."""

    bad: list[BadRow] = field(default_factory=list)


Batches = Iterator[pa.RecordBatch]


def column_id(position: int) -> str:
    """The name of a text column in a staged table.

    >>> column_id(3)
    'c3'
    """
    return f"c{position}"


def schema_of(width: int) -> pa.Schema:
    """Row number and `width` text columns."""
    return pa.schema([(ROW, pa.int64()), *((column_id(i), pa.string()) for i in range(width))])


def read_quickly(path: Path, shape: Shape, reading: Reading, block_bytes: int) -> Batches:
    """Batches by Arrow's reader; rows with a wrong number of fields go to `reading`."""
    skipped: list[int] = []
    salvaged: list[tuple[int, list[str]]] = []

    def keep(row: pa_csv.InvalidRow) -> str:
        skipped.append(row.number)
        fields = next(iter(csv.reader([row.text], delimiter=shape.delimiter)), [])
        repaired = fitted(fields, shape.width)
        number = shape.first_row + row.number - 1
        if repaired is not None:
            salvaged.append((number, repaired))
        else:
            reading.bad.append(BadRow(number, tuple(fields), WRONG_FIELDS))
        return "skip"

    csv.field_size_limit(sys.maxsize)
    names = [column_id(i) for i in range(shape.width)]
    with path.open("rb") as file:
        file.seek(shape.body_byte)
        if not file.read(1):
            return
        file.seek(shape.body_byte)
        reader = pa_csv.open_csv(
            file,
            pa_csv.ReadOptions(use_threads=False, block_size=block_bytes, column_names=names),
            pa_csv.ParseOptions(
                delimiter=shape.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
        done = 0
        for batch in reader:
            ordinals = np.arange(done, done + batch.num_rows, dtype=np.int64)
            done += batch.num_rows
            gaps = np.asarray(skipped, dtype=np.int64) - 1 - np.arange(len(skipped), dtype=np.int64)
            numbers = ordinals + np.searchsorted(gaps, ordinals, side="right") + shape.first_row
            yield pa.RecordBatch.from_arrays([pa.array(numbers), *batch.columns], schema=schema_of(shape.width))
    if salvaged:
        yield from batched(iter(salvaged), shape.width)


def fitted(fields: list[str], width: int) -> list[str] | None:
    """The fields brought to `width` where only blank ones are too many; None where the row is really wrong.

    >>> fitted(["a", "b", ""], 2), fitted(["a"], 2), fitted([], 2)
    (['a', 'b'], None, ['', ''])
    """
    if not any(text.strip() for text in fields):
        return [""] * width
    if len(fields) > width and not any(text.strip() for text in fields[width:]):
        return fields[:width]
    return fields if len(fields) == width else None


def batched(rows: Iterator[tuple[int, list[str]]], width: int) -> Batches:
    """Rows as Arrow batches."""
    numbers: list[int] = []
    held: list[list[str]] = []
    for number, fields in rows:
        numbers.append(number)
        held.append(fields)
        if len(held) >= BATCH_ROWS:
            yield as_batch(numbers, held, width)
            numbers, held = [], []
    if held:
        yield as_batch(numbers, held, width)


def as_batch(numbers: list[int], rows: list[list[str]], width: int) -> pa.RecordBatch:
    """One Arrow batch of equal-length rows."""
    columns: list[Any] = [pa.array(numbers, pa.int64())]
    columns += [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema_of(width))


class Lines:
    """Physical lines of a text that can be handed out again."""

    def __init__(self, stream: io.TextIOBase) -> None:
        self.stream = stream
        self.waiting: list[str] = []
        self.taken: list[str] = []

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self.waiting.pop() if self.waiting else self.stream.readline()
        if not line:
            raise StopIteration
        self.taken.append(line)
        return line

    def give_back_all_but_first(self) -> str:
        """Keep the first line of the record at hand, hand the others out again."""
        first = self.taken[0]
        self.waiting.extend(reversed(self.taken[1:]))
        self.taken.clear()
        return first


def open_body(path: Path, shape: Shape) -> io.TextIOWrapper:
    """The text of the data rows."""
    file = path.open("rb")
    file.seek(shape.body_byte)
    return io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")


def quotes_match(path: Path, shape: Shape) -> bool:
    """True where the whole file parses strictly."""
    csv.field_size_limit(sys.maxsize)
    with open_body(path, shape) as body:
        try:
            for _ in csv.reader(body, delimiter=shape.delimiter, strict=True):
                pass
        except csv.Error:
            return False
    return True


def read_carefully(path: Path, shape: Shape, reading: Reading) -> Batches:
    """Batches row by row: a quotation mark that does not match costs one line and not the rest of the file."""
    csv.field_size_limit(sys.maxsize)

    def rows() -> Iterator[tuple[int, list[str]]]:
        with open_body(path, shape) as body:
            lines = Lines(body)
            reader = csv.reader(lines, delimiter=shape.delimiter, strict=True)
            number = shape.first_row - 1
            while True:
                lines.taken.clear()
                reason = WRONG_FIELDS
                try:
                    fields = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    line = lines.give_back_all_but_first()
                    reader = csv.reader(lines, delimiter=shape.delimiter, strict=True)
                    fields, reason = loosely(line, shape), OPEN_QUOTE
                number += 1
                whole = fitted(fields, shape.width)
                if whole is None:
                    reading.bad.append(BadRow(number, tuple(fields), reason))
                else:
                    yield number, whole

    return batched(rows(), shape.width)


def loosely(line: str, shape: Shape) -> list[str]:
    """One physical line, first with lenient quotes, else with its quotation marks taken as letters."""
    text = line.rstrip("\r\n")
    fields = next(iter(csv.reader([text], delimiter=shape.delimiter)), [])
    if len(fields) == shape.width and "\n" not in "".join(fields):
        return fields
    return text.split(shape.delimiter)


def read(path: Path, shape: Shape, odd_quotes: bool, load: Callable[[Batches], bool]) -> Reading:
    """Read the file into `load`, which empties its table, takes all batches and says whether a field has a line
    break."""
    for block_bytes in BLOCKS:
        reading = Reading()
        try:
            broken = load(read_quickly(path, shape, reading, block_bytes))
        except (pa.ArrowInvalid, csv.Error, OSError, ValueError):
            continue
        broken = broken or any("\n" in text for bad in reading.bad for text in bad.fields)
        if not (broken or odd_quotes) or quotes_match(path, shape):
            return reading
        break
    reading = Reading()
    load(read_carefully(path, shape, reading))
    return reading
