"""Positions on a chart: values to per cent of its width or to pixels of its height."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

INSET = 3.0
"""Per cent of the width kept free on either side, so that a dot at the end is whole."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of values from `low` to `high`, marked at `ticks`."""

    low: float
    high: float
    ticks: tuple[float, ...] = ()

    def share(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high end; beyond them it is held back."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def x(self, value: float) -> str:
        """A value's place across, as an SVG percentage.

        >>> Axis(0, 10).x(5)
        '50.00%'
        """
        return f"{INSET + self.share(value) * (100 - 2 * INSET):.2f}%"

    def across(self, value: float) -> float:
        """A value's place across on a drawing 100 wide, without inset."""
        return round(self.share(value) * 100, 3)

    def y(self, value: float, height: float, inset: float = 8.0) -> float:
        """A value's place from the top of a drawing `height` pixels high."""
        return round(inset + (1 - self.share(value)) * (height - 2 * inset), 2)


def step_for(span: float, parts: int) -> float:
    """A round step (1, 2 or 5 times a power of ten) that cuts `span` into about `parts`.

    >>> step_for(0.36, 4), step_for(45, 4)
    (0.1, 10.0)
    """
    raw = span / parts
    power = 10.0 ** math.floor(math.log10(raw))
    size = next(size for size in (1, 2, 5, 10) if raw <= size * power * 1.25)
    return float(f"{size * power:.12g}")


def axis_over(
    values: Iterable[float | None],
    *,
    parts: int = 4,
    low: float | None = None,
    high: float | None = None,
    room: float = 0.0,
) -> Axis:
    """A round axis that holds all values; `low` and `high` pin an end, `room` widens it by that share each way.

    >>> axis_over([0.05, 0.32], low=0.0)
    Axis(low=0.0, high=0.4, ticks=(0.0, 0.1, 0.2, 0.3, 0.4))
    """
    known = [value for value in values if value is not None and math.isfinite(value)] or [0.0, 1.0]
    bottom, top = min(known), max(known)
    size = max(abs(bottom), abs(top))
    if size < 1e-12 or top - bottom <= 1e-9 * size:
        widen = size * 0.1 if size >= 1e-12 else 1.0
        bottom, top = bottom - widen, top + widen
    span = top - bottom
    bottom, top = bottom - span * room, top + span * room
    bottom = bottom if low is None else max(low, bottom) if room else low
    top = top if high is None else min(high, top) if room else high
    step = step_for(max(top - bottom, 1e-12), parts)
    first, last = math.floor(bottom / step + 1e-9), math.ceil(top / step - 1e-9)
    ticks = [float(f"{index * step:.12g}") for index in range(first, max(last, first + 1) + 1)]
    if high is not None:
        ticks = [tick for tick in ticks if tick <= high + 1e-12]
    if low is not None:
        ticks = [tick for tick in ticks if tick >= low - 1e-12]
    return Axis(ticks[0], ticks[-1], tuple(ticks)) if len(ticks) > 1 else Axis(bottom, top, (bottom, top))
