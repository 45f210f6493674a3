"""Columns of one file as numbers, moments and names, for an evaluation; every cell that cannot be read is named."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.vocabulary.errors import DataError, Problem
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

YES = frozenset({"1", "1.0", "yes", "y", "true", "t", "treated", "是", "有"})
NO = frozenset({"0", "0.0", "no", "n", "false", "f", "control", "否", "无", "無"})
LEVELS_AT_MOST = 12


@dataclass(frozen=True, slots=True)
class Cells:
    """Some columns of a file: `texts` by column, None where blank; `numbers` by column, NaN where none is read."""

    file: str
    rows: int
    texts: dict[str, list[str | None]]
    numbers: dict[str, Floats]

    def words(self, column: str) -> list[str]:
        """Every cell of a column as text; blank ones are a problem."""
        self._refuse(column, [at for at, text in enumerate(self.texts[column]) if text is None])
        return [str(text) for text in self.texts[column]]

    def figures(self, column: str) -> Floats:
        """A column of numbers (n,), NaN where blank."""
        found = self.numbers[column]
        wrong = [at for at, text in enumerate(self.texts[column]) if text is not None and math.isnan(found[at])]
        self._refuse(column, wrong)
        return found

    def flags(self, column: str) -> NDArray[np.bool_]:
        """A column of yes and no, or 1 and 0."""
        texts = [None if text is None else text.lower() for text in self.texts[column]]
        self._refuse(column, [at for at, text in enumerate(texts) if text not in YES | NO])
        return np.array([text in YES for text in texts], dtype=np.bool_)

    def moments(self, column: str) -> Floats:
        """A column of periods (n,): numbers, or days as days since year 1; NaN where blank."""
        texts = self.texts[column]
        if all(text is None or not math.isnan(self.numbers[column][at]) for at, text in enumerate(texts)):
            return self.numbers[column]
        found = [_day(text) for text in texts]
        self._refuse(column, [at for at, text in enumerate(texts) if text is not None and math.isnan(found[at])])
        return np.array(found)

    def covariate(self, column: str) -> tuple[Floats, tuple[str, ...]]:
        """A column as numbers (n, 1), or as one column for each of its at most 12 levels but the commonest."""
        texts, values = self.texts[column], self.numbers[column]
        filled = sum(text is not None for text in texts)
        if filled == int(np.isfinite(values).sum()):
            return values[:, None], (column,)
        levels, counts = np.unique([text for text in texts if text is not None], return_counts=True)
        if len(levels) > LEVELS_AT_MOST:
            text = gettext_noop("{levels} different texts are too many to compare; give numbers or at most {most}.")
            reason = Message(text, {"levels": len(levels), "most": LEVELS_AT_MOST})
            raise DataError(
                Message(gettext_noop("{file} cannot be evaluated."), {"file": self.file}),
                problems=[Problem(reason, self.file, column=column)],
            )
        shown = [str(level) for level in np.delete(levels, int(np.argmax(counts)))]
        known = np.array([text is not None for text in texts])
        columns = [np.where(known, [text == level for text in texts], np.nan) for level in shown]
        return np.column_stack(columns), tuple(f"{column}: {level}" for level in shown)

    def _refuse(self, column: str, wrong: list[int]) -> None:
        if not wrong:
            return
        problems = []
        for at in wrong:
            text = self.texts[column][at]
            reason = (
                gettext_noop("the cell is blank") if text is None else gettext_noop("{value} cannot be read here")
            )
            problems.append(Problem(Message(reason, {"value": (text or "")[:80]}), self.file, at + 2, column, text))
        raise DataError(
            Message(gettext_noop("{file} cannot be evaluated."), {"file": self.file}), problems=problems
        )


def read_cells(file: Path, columns: tuple[str, ...]) -> Cells:
    """The named columns of a CSV, Excel or Parquet file; raises DataError for a column that it does not have."""
    from harken.lake.staging.containers import find
    from harken.lake.staging.delimited import ROW, column_id
    from harken.lake.staging.profiling import profile_table
    from harken.lake.staging.tables import Staging
    from harken.lake.staging.values import filled_sql, number_sql
    from harken.listen.mapping.model import DEFAULT_BLANK

    wanted = tuple(dict.fromkeys(columns))
    with Staging() as staging:
        raws, _ = find([file], staging.unpacked)
        table = staging.stage(raws[0])[0]
        missing = [name for name in wanted if name not in table.columns]
        if missing:
            reason = Message(gettext_noop("there is no such column"))
            raise DataError(
                Message(gettext_noop("{file} cannot be evaluated."), {"file": file.name}),
                Message(gettext_noop("The file has: {columns}."), {"columns": ", ".join(table.columns)}),
                [Problem(reason, file.name, column=name) for name in missing],
            )
        decimal = profile_table(staging, table).decimal
        texts = [filled_sql(column_id(table.columns.index(name)), DEFAULT_BLANK) for name in wanted]
        asked = ", ".join([*texts, *(number_sql(text, decimal) for text in texts)])
        found = staging.sql(f"SELECT {asked} FROM {table.table} ORDER BY {ROW}").fetchall()
    count = len(wanted)
    return Cells(
        file.name,
        len(found),
        {name: [row[at] for row in found] for at, name in enumerate(wanted)},
        {
            name: np.array(
                [np.nan if row[count + at] is None else row[count + at] for row in found], dtype=np.float64
            )
            for at, name in enumerate(wanted)
        },
    )


def _day(text: str | None) -> float:
    try:
        return float(date.fromisoformat((text or "")[:10].replace("/", "-")).toordinal())
    except ValueError:
        return float("nan")
