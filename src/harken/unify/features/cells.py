"""Aggregates over stretches of days before a moment, shared by the features of one pass over the rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from harken.unify.features.recipes import DAY_US

How = Literal["count", "sum", "max", "min", "distinct"]


class Cell(NamedTuple):
    """One thing to aggregate: how, which row expression, on which condition (SQL over the prepared rows)."""

    how: How
    value: str = ""
    condition: str = ""


@dataclass(slots=True)
class Cells:
    """The aggregates of one query: first every feature says what it needs, then it refers to them.

    Windows overlap (the last 30 days hold the last 7), so each row is added once, to the narrowest stretch that
    some feature tells apart, and a window is the sum of its stretches. `days` are the boundaries of stretches:
    stretch 0 is the last `days[0]` days, stretch 1 the days before that up to `days[1]`, and so on; rows older
    than all windows are in the last stretch.
    """

    as_of_us: int
    days: tuple[int, ...]
    needs: dict[Cell, set[int]] = field(default_factory=dict)
    whole: list[Cell] = field(default_factory=list)

    def need(self, cell: Cell, *days: int) -> None:
        """Says that `cell` will be asked for at these boundaries."""
        self.needs.setdefault(cell, set()).update(days)

    def need_whole(self, cell: Cell) -> None:
        """Says that `cell` will be asked for over all rows."""
        if cell not in self.whole:
            self.whole.append(cell)

    def stretch_sql(self) -> str:
        """The number of the stretch a row falls in."""
        cases = "".join(
            f" WHEN ts_us >= {self.as_of_us - days * DAY_US} THEN {number}" for number, days in enumerate(self.days)
        )
        return f"CASE{cases} ELSE {len(self.days)} END"

    def over(self, cell: Cell, newer: int, older: int) -> str:
        """The cell over the days from `older` to `newer` before the moment, combined from its stretches."""
        if cell.how == "distinct":
            return self._alias(cell, newer, older)
        parts = [self._alias(cell, low, high) for low, high in self._spans(cell) if newer <= low and high <= older]
        if cell.how in ("max", "min"):
            if len(parts) == 1:
                return parts[0]
            return f"{'GREATEST' if cell.how == 'max' else 'LEAST'}({', '.join(parts)})"
        if cell.how == "sum":
            parts = [f"COALESCE({part}, CAST(0 AS DOUBLE))" for part in parts]
        return f"({' + '.join(parts)})"

    def over_all(self, cell: Cell) -> str:
        """The cell over all rows."""
        return f"w{self.whole.index(cell)}"

    def select_sql(self) -> str:
        """Every aggregate with its alias."""
        columns = [
            f"{self._aggregate(cell, self._condition(low, high))} AS {self._alias(cell, low, high)}"
            for cell in self.needs
            for low, high in self._spans(cell)
        ]
        columns.extend(f"{self._aggregate(cell, '')} AS w{number}" for number, cell in enumerate(self.whole))
        return ", ".join(columns)

    def _spans(self, cell: Cell) -> list[tuple[int, int]]:
        edges = sorted(self.needs[cell])
        if cell.how == "distinct":  # distinct values cannot be added up over stretches
            return [(0, edge) for edge in edges]
        return list(zip([0, *edges[:-1]], edges, strict=True))

    def _alias(self, cell: Cell, low: int, high: int) -> str:
        return f"a{list(self.needs).index(cell)}_{low}_{high}"

    def _condition(self, low: int, high: int) -> str:
        first = 0 if low == 0 else self.days.index(low) + 1
        last = self.days.index(high)
        if first == last:
            return f"stretch = {first}"
        return f"stretch <= {last}" if first == 0 else f"stretch >= {first} AND stretch <= {last}"

    @staticmethod
    def _aggregate(cell: Cell, stretch: str) -> str:
        condition = " AND ".join(part for part in (stretch, cell.condition) if part)
        value = cell.value or "1"
        inner = f"CASE WHEN {condition} THEN {value} END" if condition else value
        if cell.how == "distinct":
            return f"COUNT(DISTINCT {inner})"
        return f"{cell.how.upper()}({inner})"
