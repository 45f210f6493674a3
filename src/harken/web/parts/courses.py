"""Charts of a course: points over time or groups, and curves along a number, each with its band."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import template

from harken.vocabulary.estimates import COUNTS_ONLY_BELOW
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.axes import Axis, axis_over
from harken.web.parts.charts import Row, Unit, Words, said
from harken.web.parts.messages import in_words

register = template.Library()


@dataclass(frozen=True, slots=True)
class Column:
    """One point of a series: `value` on its interval, `other` as an open dot; None where too few answered."""

    label: Words
    value: float | None
    lower: float | None = None
    upper: float | None = None
    n: int | None = None
    other: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Points in order on one axis: `heads` names label, value and, where drawn, the open dots."""

    columns: Sequence[Column]
    unit: Unit
    heads: tuple[Words, ...]
    joined: bool = True
    tone: str = "accent"
    caption: Words = ""
    height: int = 200
    labels: int = 10
    """So many labels stand below the points at most."""
    axis: Axis = field(default_factory=lambda: Axis(0, 1))


def series(columns: Sequence[Column], unit: Unit, heads: tuple[Words, ...], **options: Any) -> Series:
    """A series whose axis holds all of its intervals."""
    low, high = options.pop("low", None), options.pop("high", None)
    factor = unit.factor
    values: list[float | None] = []
    for column in columns:
        values += [column.value, column.lower, column.upper, column.other]
    scaled = axis_over(
        [None if value is None else value * factor for value in values],
        low=None if low is None else low * factor,
        high=None if high is None else high * factor,
    )
    axis = Axis(scaled.low / factor, scaled.high / factor, tuple(tick / factor for tick in scaled.ticks))
    return Series(columns, unit, heads, axis=axis, **options)


@register.inclusion_tag("parts/series.html")
def series_chart(chart: Series) -> dict[str, Any]:
    """`{% series_chart series %}`: points over time or over groups in order, each on its interval."""
    axis, height, unit = chart.axis, chart.height, chart.unit
    count = len(chart.columns)
    every = max(1, -(-count // chart.labels))
    drawn: list[dict[str, Any]] = []
    for index, column in enumerate(chart.columns):
        point: dict[str, Any] = {
            "x": f"{(index + 0.5) / count * 100:.2f}%",
            "column": column,
            "label": in_words(column.label) if index % every == 0 else "",
            "said": said(Row("", column.value, column.lower, column.upper, note=FEW), unit),
            "other_said": "" if column.other is None else unit.write(column.other, 0.005 / unit.factor * 100),
        }
        if column.value is not None:
            point["y"] = axis.y(column.value, height)
            if column.lower is not None and column.upper is not None:
                point["y1"], point["y2"] = axis.y(column.upper, height), axis.y(column.lower, height)
        if column.other is not None:
            point["other"] = axis.y(column.other, height)
        drawn.append(point)
    known = [point for point in drawn if "y" in point]
    lines = list(itertools.pairwise(known)) if chart.joined else []
    return {
        "chart": chart,
        "points": drawn,
        "lines": lines,
        "ticks": [(axis.y(tick, height), unit.write(tick)) for tick in axis.ticks],
        "zero": axis.y(0.0, height) if axis.low < 0 < axis.high else None,
        "height": height,
        "compared": any(column.other is not None for column in chart.columns),
    }


FEW = Message(gettext_noop("fewer than {least} answers: too few for a number"), {"least": COUNTS_ONLY_BELOW})


@dataclass(frozen=True, slots=True)
class Curve:
    """A line over numbers with a band around it; `marks` are upright lines with a label, `level` a flat one.

    `points` are (x, y, lower, upper), x ascending; lower and upper may be None. `bounds` are what y can be at all.
    """

    points: Sequence[tuple[float, float, float | None, float | None]]
    x_unit: Unit
    y_unit: Unit
    heads: tuple[Words, ...]
    marks: tuple[tuple[float, Words], ...] = ()
    level: float | None = None
    tone: str = "accent"
    caption: Words = ""
    height: int = 190
    bounds: tuple[float, float] | None = None


@register.inclusion_tag("parts/curve.html")
def curve_chart(curve: Curve) -> dict[str, Any]:
    """`{% curve_chart curve %}`: how one thing goes with another, with its band."""
    height = curve.height
    least, most = curve.bounds or (float("-inf"), float("inf"))
    y_values = [value for point in curve.points for value in point[1:]] + [curve.level]
    y_values = [None if value is None else min(max(value, least), most) for value in y_values]
    factor = curve.y_unit.factor
    scaled = axis_over([None if value is None else value * factor for value in y_values])
    ys = Axis(scaled.low / factor, scaled.high / factor, tuple(tick / factor for tick in scaled.ticks))
    x_factor = curve.x_unit.factor
    spread = axis_over([point[0] * x_factor for point in curve.points])
    xs = Axis(curve.points[0][0], curve.points[-1][0], tuple(tick / x_factor for tick in spread.ticks))
    place: Callable[[float, float], str] = lambda x, y: f"{xs.across(x)},{ys.y(y, height)}"  # noqa: E731
    upper = [place(x, high) for x, _, _, high in curve.points if high is not None]
    lower = [place(x, low) for x, _, low, _ in curve.points if low is not None]
    return {
        "curve": curve,
        "height": height,
        "line": " ".join(place(x, y) for x, y, _, _ in curve.points),
        "band": " ".join(upper + lower[::-1]) if upper else "",
        "x_ticks": [
            (f"{xs.across(tick):.2f}%", curve.x_unit.write(tick)) for tick in xs.ticks if xs.low <= tick <= xs.high
        ],
        "y_ticks": [(ys.y(tick, height), curve.y_unit.write(tick)) for tick in ys.ticks],
        "level": None if curve.level is None else ys.y(curve.level, height),
        "marks": [
            (f"{xs.across(x):.2f}%", in_words(label), "end" if xs.share(x) > 0.6 else "start")
            for x, label in curve.marks
        ],
        "table": _curve_table(curve),
    }


def _curve_table(curve: Curve) -> list[tuple[str, str]]:
    """At most twelve points of a curve in words."""
    every = max(1, -(-len(curve.points) // 12))
    return [
        (curve.x_unit.write(x), said(Row("", y, low, high), curve.y_unit))
        for x, y, low, high in list(curve.points)[::every]
    ]
