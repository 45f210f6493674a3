"""Charts drawn by templates as plain SVG: places as attributes, colours as classes, words for screen readers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import template

from harken.locale import formats
from harken.vocabulary.estimates import COUNTS_ONLY_BELOW, Estimate, Evidence
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.axes import Axis, axis_over
from harken.web.parts.messages import in_words, language

register = template.Library()

Words = Message | str


@dataclass(frozen=True, slots=True)
class Unit:
    """How the numbers of a chart are written.

    `kind` is "points", "per cent" (0 to 100), "share" (0 to 1, written as per cent), "scale" (units of an answer
    scale), "money", "count" or "number".
    """

    kind: str = "number"
    currency: str = ""

    @property
    def factor(self) -> float:
        """What a number is multiplied by before it is written."""
        return 100.0 if self.kind == "share" else 1.0

    def write(self, value: float, half_width: float | None = None, *, signed: bool = False) -> str:
        """A number in this unit, with the decimals that an interval of this half-width can bear."""
        if self.kind == "money":
            return formats.money(value, self.currency, language())
        if self.kind == "count":
            return formats.number(round(value), 0, signed=signed)
        if half_width is None:
            text = formats.number(value * self.factor, signed=signed)
        else:
            decimals = formats.decimals_for(half_width * self.factor, MOST_DECIMALS.get(self.kind, 3))
            text = formats.number(value * self.factor, decimals, signed=signed)
        return text + ("%" if self.kind in ("share", "per cent") else "")


MOST_DECIMALS = {"points": 1, "share": 1, "per cent": 1, "scale": 2}
POINTS, SHARE, NUMBER, COUNT = Unit("points"), Unit("share"), Unit("number"), Unit("count")


@dataclass(frozen=True, slots=True)
class Row:
    """One bar of many: `value` on its interval, `other` as an open dot; without `value` its `note` says why.

    `tone` is a colour with a meaning: accent, grey, detractor, promoter, money or attention.
    """

    label: Words
    value: float | None
    lower: float | None = None
    upper: float | None = None
    note: Words = ""
    tone: str = "accent"
    other: float | None = None
    evidence: Evidence | None = None
    url: str = ""
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A line between bars that says what the next ones divide by; `note` is what they found."""

    label: Words
    note: Words = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """A table of bars on one axis. `heads` names its columns: label, chart, number."""

    rows: Sequence[Row | Heading]
    unit: Unit
    heads: tuple[Words, ...]
    axis: Axis
    zero: bool = False
    signed: bool = False
    other: Words = ""
    caption: Words = ""


def bars(rows: Sequence[Row | Heading], unit: Unit, heads: tuple[Words, ...], **options: Any) -> Bars:
    """A table of bars whose axis holds all of its intervals."""
    limits = {name: options.pop(name) for name in ("low", "high") if name in options}
    values: list[float | None] = []
    for row in rows:
        if isinstance(row, Row):
            values += [row.value, row.lower, row.upper, row.other]
    if options.get("zero"):
        values.append(0.0)
    factor = unit.factor
    scaled = axis_over(
        [None if value is None else value * factor for value in values],
        **{name: end * factor for name, end in limits.items()},
    )
    axis = Axis(scaled.low / factor, scaled.high / factor, tuple(tick / factor for tick in scaled.ticks))
    return Bars(rows, unit, heads, axis, **options)


def said(row: Row, unit: Unit, signed: bool = False) -> str:
    """A bar in words, for who cannot see it."""
    if row.value is None:
        return in_words(row.note)
    if row.lower is None or row.upper is None:
        return unit.write(row.value, signed=signed)
    half = (row.upper - row.lower) / 2
    ends = {
        "value": unit.write(row.value, half, signed=signed),
        "low": unit.write(row.lower, half, signed=signed),
        "high": unit.write(row.upper, half, signed=signed),
    }
    return in_words(Message(gettext_noop("{value}, likely between {low} and {high}"), ends))


@register.inclusion_tag("parts/bars.html")
def bar_table(table: Bars) -> dict[str, Any]:
    """`{% bar_table bars %}`: label, bar and number of each row, under headings where there are some."""
    axis = table.axis
    return {
        "table": table,
        "rows": [{"heading": row} if isinstance(row, Heading) else _bar(row, table) for row in table.rows],
        "ticks": [(axis.x(tick), table.unit.write(tick, signed=table.signed)) for tick in axis.ticks],
        "zero": axis.x(0.0) if table.zero else None,
    }


def _bar(row: Row, table: Bars) -> dict[str, Any]:
    """Where one bar is drawn and what stands beside it."""
    axis, unit = table.axis, table.unit
    drawn: dict[str, Any] = {"row": row, "said": said(row, unit, table.signed)}
    if row.other is not None:
        drawn["other"] = axis.x(row.other)
    if row.value is None:
        return drawn
    drawn["x"] = axis.x(row.value)
    if row.lower is None or row.upper is None:
        return drawn | {"value": unit.write(row.value, signed=table.signed)}
    half = (row.upper - row.lower) / 2
    return drawn | {
        "x1": axis.x(row.lower),
        "x2": axis.x(row.upper),
        "value": unit.write(row.value, half, signed=table.signed),
        "low": unit.write(row.lower, half, signed=table.signed),
        "high": unit.write(row.upper, half, signed=table.signed),
    }


@register.inclusion_tag("parts/estimate.html")
def estimate_bar(
    estimate: Estimate,
    unit: Unit = POINTS,
    other: float | None = None,
    other_label: Words = "",
    low: float | None = None,
    high: float | None = None,
    tone: str = "accent",
) -> dict[str, Any]:
    """One number standing on its interval, with a comparison as an open dot."""
    interval, factor = estimate.interval, unit.factor
    ends = [estimate.value, interval.lower, interval.upper] + ([] if other is None else [other])
    scaled = axis_over(
        [end * factor for end in ends],
        parts=4,
        low=None if low is None else low * factor,
        high=None if high is None else high * factor,
        room=0.8,
    )
    axis = Axis(scaled.low / factor, scaled.high / factor)
    half = interval.half_width
    row = Row("", estimate.value, interval.lower, interval.upper)
    other_text = "" if other is None else f"{in_words(other_label)} {unit.write(other, half)}".strip()
    sentence = said(row, unit)
    if other_text:
        sentence = in_words(
            Message(gettext_noop("{sentence}; {other}"), {"sentence": sentence, "other": other_text})
        )
    share = 0.5 if other is None else axis.share(other)
    return {
        "value": unit.write(estimate.value, half),
        "low": unit.write(interval.lower, half),
        "high": unit.write(interval.upper, half),
        "x": axis.x(estimate.value),
        "x1": axis.x(interval.lower),
        "x2": axis.x(interval.upper),
        "low_anchor": "end" if axis.share(interval.lower) > 0.2 else "start",
        "high_anchor": "start" if axis.share(interval.upper) < 0.8 else "end",
        "stacked": axis.share(interval.lower) <= 0.2 and axis.share(interval.upper) < 0.5,
        "other": None if other is None else axis.x(other),
        "other_anchor": "start" if share < 0.25 else "end" if share > 0.75 else "middle",
        "other_text": other_text,
        "ends": (unit.write(axis.low), unit.write(axis.high)),
        "said": sentence,
        "tone": tone,
    }


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
    every = max(1, -(-count // 8))
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

    `points` are (x, y, lower, upper), x ascending; lower and upper may be None.
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


@register.inclusion_tag("parts/curve.html")
def curve_chart(curve: Curve) -> dict[str, Any]:
    """`{% curve_chart curve %}`: how one thing goes with another, with its band."""
    height = curve.height
    y_values = [value for point in curve.points for value in point[1:]] + [curve.level]
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


@register.inclusion_tag("parts/shares.html")
def share_bar(parts: Sequence[tuple[Words, float, str]], sentence: Words = "") -> dict[str, Any]:
    """Shares of one whole side by side: (label, share, tone)."""
    drawn, start = [], 0.0
    for label, share, tone in parts:
        drawn.append(
            {
                "x": f"{start * 100:.2f}%",
                "width": f"{share * 100:.2f}%",
                "tone": tone,
                "label": label,
                "share": SHARE.write(share, 0.05),
            }
        )
        start += share
    words = "; ".join(f"{in_words(part['label'])} {part['share']}" for part in drawn)
    return {"parts": drawn, "said": in_words(sentence) or words}


@register.inclusion_tag("parts/mini.html")
def mini_bar(share: float | None, tone: str = "attention") -> dict[str, Any]:
    """A share as a thin bar beside its number, which says it in words already."""
    return {"width": None if share is None else f"{min(max(share, 0.0), 1.0) * 100:.1f}%", "tone": tone}


@register.inclusion_tag("parts/estimate.html")
def money_bar(estimate: Estimate, currency: str) -> dict[str, Any]:
    """An amount of money standing on its interval."""
    return estimate_bar(estimate, Unit("money", currency), tone="money", low=0.0)  # type: ignore[no-any-return]
