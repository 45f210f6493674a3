"""Writing raw files: columns of texts and numbers to CSV, dates and times as the source systems print them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from harken.demo.company import DAY_SECONDS

Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Layout:
    """One raw file: its name, header, encoding and line end.

    >>> Layout("nps_2026-04-01.csv", ("recommend",)).source
    'surveys'
    """

    name: str
    header: tuple[str, ...]
    encoding: str = "utf-8"
    line_end: str = "\n"

    @property
    def source(self) -> str:
        """The source system that exports the file: what its name begins with."""
        begin = self.name.split("_")[0]
        return "surveys" if begin in ("nps", "after") else begin


class RawFiles:
    """Open raw files that take columns block by block; a context manager.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with RawFiles(folder, [Layout("a.csv", ("x", "y"))]) as files:
    ...     files.write("a.csv", [np.array([1, 2]), ["p", "q"]])
    >>> (folder / "a.csv").read_text()
    'x,y\\n1,p\\n2,q\\n'
    """

    def __init__(self, folder: Path, layouts: Iterable[Layout]) -> None:
        self.rows: dict[str, int] = {}
        self._stack = ExitStack()
        self._files: dict[str, TextIO] = {}
        self._line_ends: dict[str, str] = {}
        for layout in layouts:
            file = self._stack.enter_context((folder / layout.name).open("w", encoding=layout.encoding, newline=""))
            csv.writer(file, lineterminator=layout.line_end).writerow(layout.header)
            self._files[layout.name], self._line_ends[layout.name] = file, layout.line_end
            self.rows[layout.name] = 0

    def __enter__(self) -> RawFiles:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def write(self, name: str, columns: Sequence[NDArray[Any] | Sequence[object]]) -> None:
        """Append rows: one array or list per column, all of one length."""
        lists = [column.tolist() if isinstance(column, np.ndarray) else column for column in columns]
        csv.writer(self._files[name], lineterminator=self._line_ends[name]).writerows(zip(*lists, strict=True))
        self.rows[name] += len(lists[0])


class Clock:
    """Prints days and seconds of the history as the local calendar does, from tables made once.

    >>> clock = Clock(date(2025, 1, 1), 0, 30)
    >>> clock.times(np.array([86_400 + 61]))[0], clock.dates(np.array([2]))[0]
    ('2025-01-02 00:01:01', '2025-01-03')
    """

    def __init__(self, start: date, first_day: int, last_day: int) -> None:
        self._first = first_day
        self._days = np.array(
            [(start + timedelta(days=day)).isoformat() for day in range(first_day, last_day + 1)], dtype=object
        )
        self._seconds = np.array(
            [f" {s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(DAY_SECONDS)], dtype=object
        )

    def dates(self, day: NDArray[np.int64]) -> Texts:
        """Dates of days counted from the start of the history."""
        return self._days[day - self._first]

    def times(self, second: NDArray[np.int64]) -> Texts:
        """Dates with times of seconds counted from the start of the history."""
        texts: Texts = self.dates(second // DAY_SECONDS) + self._seconds[second % DAY_SECONDS]
        return texts


def decimals(values: NDArray[Any], places: int) -> list[str]:
    """Numbers with a fixed number of places.

    >>> decimals(np.array([1.0, 2.345]), 1)
    ['1.0', '2.3']
    """
    form = f"%.{places}f"
    return [form % value for value in values.tolist()]


def named(names: Sequence[str], code: NDArray[np.int64]) -> Texts:
    """The names of codes.

    >>> named(("a", "b"), np.array([1, 0])).tolist()
    ['b', 'a']
    """
    return np.array(names, dtype=object)[code]
