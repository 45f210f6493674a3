"""A chart's Vega-Lite spec: intervals as bands, open dots to compare, thresholds, the finding as its title."""

from __future__ import annotations

import json
from typing import Any

from harken.usecases.charts.drawings import Drawing, Spot
from harken.usecases.charts.theme import TONES, colour, config

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
BARS_WIDTH, WIDTH, HEIGHT, ROW = 360, 560, 240, 40
LINE_UNITS = 66
"""How wide a line of the title may be; a Chinese letter counts two."""

_LARGE = {"zh-hans": ("亿", "万"), "zh-hant": ("億", "萬")}


def vega_lite(drawing: Drawing, *, dark: bool = False, framed: bool = True) -> dict[str, Any]:
    """The spec of a chart. `framed` gives it its title and source line; a report has these in its own text."""
    layers = {"bars": _bars, "series": _series, "curve": _curve}[drawing.kind](drawing, dark)
    width = BARS_WIDTH if drawing.kind == "bars" else WIDTH
    height = ROW * len(drawing.spots) if drawing.kind == "bars" else HEIGHT
    spec: dict[str, Any] = {
        "$schema": SCHEMA,
        "description": drawing.said or drawing.title,
        "width": width,
        "height": height,
        "config": config(drawing.language, dark=dark),
        "data": {"values": [_datum(index, spot) for index, spot in enumerate(drawing.spots)]},
        "layer": layers,
    }
    if framed:
        spec["title"] = {"text": wrapped(drawing.title), "subtitle": wrapped(drawing.subtitle, LINE_UNITS * 4 // 3)}
        if drawing.source:
            below = height + (34 if drawing.kind == "bars" else 62)
            layers.append(_note(drawing.source, below, dark))
    else:
        spec["config"] |= {"padding": 4, "background": "transparent"}
    return spec


def wrapped(text: str, units: int = LINE_UNITS) -> list[str]:
    """A text in lines of at most `units`, a Chinese letter counting two; words are kept whole.

    >>> wrapped("What weighs most for who leaves", 16)
    ['What weighs most', 'for who leaves']
    """
    lines, line, width = [], "", 0.0
    for piece in _pieces(text):
        size = sum(2 if letter > "\u2e7f" else 1 for letter in piece)
        if line and width + size > units + (piece.endswith(" ")):
            lines.append(line.strip())
            line, width = "", 0
        line, width = line + piece, width + size
    return [*lines, line.strip()] if line.strip() else lines or [""]


def _pieces(text: str) -> list[str]:
    """Words with the space after them, and single Chinese letters with the mark after them."""
    found: list[str] = []
    for letter in text:
        joins = bool(found) and found[-1][-1] <= "\u2e7f" and not found[-1].endswith(" ") and letter <= "\u2e7f"
        closes = bool(found) and letter in ",。;:、!?)」”"
        if joins or closes:
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _datum(index: int, spot: Spot) -> dict[str, Any]:
    kept = ("label", "value", "lower", "upper", "other", "text", "note", "tone", "x")
    known = {name: getattr(spot, name) for name in kept if getattr(spot, name) not in (None, "")}
    return {"key": index, **known} | ({"heading": True} if spot.heading else {})


def _axis(unit: str, title: str, drawing: Drawing) -> dict[str, Any]:
    """An axis whose numbers are written as the pages write them."""
    axis: dict[str, Any] = {"title": title or None, "tickCount": 5}
    if unit == "share":
        return axis | {"format": "%"}
    if unit == "per cent":
        return axis | {"labelExpr": "datum.label + '%'"}
    if unit == "money" and drawing.language in _LARGE:
        most, much = _LARGE[drawing.language]
        return axis | {
            "labelExpr": f"abs(datum.value) >= 1e8 ? format(datum.value / 1e8, ',~r') + '{most}' : "
            f"abs(datum.value) >= 1e4 ? format(datum.value / 1e4, ',~r') + '{much}' : datum.label"
        }
    return axis | ({"format": "~s"} if unit == "money" else {})


def _tones(dark: bool) -> dict[str, Any]:
    """Colour by the tone of a bar."""
    names = list(TONES)
    scale = {"domain": names, "range": [colour(TONES[name], dark=dark) for name in names]}
    return {"field": "tone", "type": "nominal", "scale": scale, "legend": None}


def _open(dark: bool) -> dict[str, Any]:
    """An open dot, for what is compared."""
    fill, stroke = colour("card", dark=dark), colour("ink-2", dark=dark)
    return {
        "type": "point",
        "filled": True,
        "fill": fill,
        "stroke": stroke,
        "strokeWidth": 1.5,
        "size": 64,
        "opacity": 1,
    }


def _note(text: str, below: float, dark: bool) -> dict[str, Any]:
    """The line under a chart that says where it is from."""
    mark = {"type": "text", "align": "left", "baseline": "top", "fontSize": 11, "color": colour("ink-3", dark=dark)}
    place = {"x": {"value": 0}, "y": {"value": below}}
    return {"data": {"values": [{}]}, "mark": mark | {"text": text}, "encoding": place}


def _bars(drawing: Drawing, dark: bool) -> list[dict[str, Any]]:
    """Rows with their label to the left, the interval in the middle, the number to the right."""
    scale: dict[str, Any] = {"zero": drawing.zero, "nice": True}
    x = {"field": "value", "type": "quantitative", "scale": scale, "axis": _axis(drawing.unit, "", drawing)}
    y = {"field": "key", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0, "paddingOuter": 0}}
    middle = {"y": {**y, "bandPosition": 0.5}}
    ink, third = colour("ink", dark=dark), colour("ink-3", dark=dark)
    noted = "isValid(datum.note) && isValid(datum.value)"
    label = {"type": "text", "align": "right", "limit": 250, "color": ink, "fontSize": 13}
    return [
        {"mark": {"type": "rule", "strokeWidth": 7, "strokeCap": "round", "opacity": 0.32},
         "transform": [{"filter": "isValid(datum.lower)"}],
         "encoding": middle | {"x": {**x, "field": "lower"}, "x2": {"field": "upper"}, "color": _tones(dark)}},
        *([{"mark": _open(dark), "transform": [{"filter": "isValid(datum.other)"}],
            "encoding": middle | {"x": {**x, "field": "other"}}}] if drawing.other else []),
        {"mark": {"type": "point", "filled": True, "size": 100, "opacity": 1},
         "transform": [{"filter": "isValid(datum.value)"}],
         "encoding": middle | {"x": x, "color": _tones(dark)}},
        {"mark": label | {"dx": -14}, "transform": [{"filter": f"!({noted}) && !datum.heading"}],
         "encoding": middle | {"x": {"value": 0}, "text": {"field": "label"}}},
        {"mark": label | {"dx": -14, "dy": -7}, "transform": [{"filter": noted}],
         "encoding": middle | {"x": {"value": 0}, "text": {"field": "label"}}},
        {"mark": label | {"dx": -14, "dy": 8, "fontSize": 11, "color": third}, "transform": [{"filter": noted}],
         "encoding": middle | {"x": {"value": 0}, "text": {"field": "note"}}},
        {"mark": label | {"dx": -14, "fontWeight": "bold", "fontSize": 12},
         "transform": [{"filter": "isValid(datum.heading)"}],
         "encoding": middle | {"x": {"value": 0}, "text": {"field": "label"}}},
        {"mark": {"type": "text", "align": "left", "color": ink, "dx": 14},
         "transform": [{"filter": "isValid(datum.value)"}],
         "encoding": middle | {"x": {"value": BARS_WIDTH}, "text": {"field": "text"}}},
        {"mark": {"type": "text", "align": "left", "color": third, "limit": BARS_WIDTH + 150},
         "transform": [{"filter": "!isValid(datum.value) && !datum.heading"}],
         "encoding": middle | {"x": {"value": 0}, "text": {"field": "note"}}},
        *_other_legend(drawing, dark),
    ]  # fmt: skip


def _other_legend(drawing: Drawing, dark: bool) -> list[dict[str, Any]]:
    """What the open dots are, above the rows."""
    if not drawing.other:
        return []
    text = {"type": "text", "align": "right", "fontSize": 11, "color": colour("ink-2", dark=dark)}
    width = BARS_WIDTH if drawing.kind == "bars" else WIDTH
    place = {"x": {"value": width}, "y": {"value": -8}}
    return [{"data": {"values": [{}]}, "mark": text | {"text": f"○ {drawing.other}"}, "encoding": place}]


def _series(drawing: Drawing, dark: bool) -> list[dict[str, Any]]:
    """Points in order, each on its interval."""
    tone = colour(TONES[drawing.tone], dark=dark)
    names = [spot.label for spot in drawing.spots]
    shown = f"{json.dumps(names, ensure_ascii=False)}[datum.value]"
    every = max(1, -(-len(names) // 10))
    across = {"title": drawing.heads[0], "grid": False, "labelAngle": 0, "labelExpr": shown,
              "values": list(range(0, len(names), every))}  # fmt: skip
    x = {"field": "key", "type": "ordinal", "axis": across}
    y = {"field": "value", "type": "quantitative", "scale": {"zero": drawing.zero},
         "axis": _axis(drawing.unit, drawing.heads[1], drawing)}  # fmt: skip
    known = [{"filter": "isValid(datum.value)"}]
    line = [{"mark": {"type": "line", "stroke": tone}, "transform": known, "encoding": {"x": x, "y": y}}]
    return [
        {"mark": {"type": "rule", "strokeWidth": 7, "strokeCap": "round", "opacity": 0.32, "stroke": tone},
         "transform": [{"filter": "isValid(datum.lower)"}],
         "encoding": {"x": x, "y": {**y, "field": "lower"}, "y2": {"field": "upper"}}},
        *(line if drawing.joined else []),
        *([{"mark": _open(dark), "transform": [{"filter": "isValid(datum.other)"}],
            "encoding": {"x": x, "y": {**y, "field": "other"}}}] if drawing.other else []),
        {"mark": {"type": "point", "filled": True, "size": 70, "fill": tone, "opacity": 1}, "transform": known,
         "encoding": {"x": x, "y": y}},
        *_other_legend(drawing, dark),
    ]  # fmt: skip


def _curve(drawing: Drawing, dark: bool) -> list[dict[str, Any]]:
    """A line with its band, thresholds upright, the usual value flat."""
    tone, edge = colour(TONES[drawing.tone], dark=dark), colour("edge", dark=dark)
    x = {"field": "x", "type": "quantitative", "scale": {"zero": False, "nice": False},
         "axis": _axis(drawing.x_unit, drawing.heads[0], drawing) | {"grid": False}}  # fmt: skip
    y = {"field": "value", "type": "quantitative", "scale": {"zero": drawing.zero},
         "axis": _axis(drawing.unit, drawing.heads[1], drawing)}  # fmt: skip
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "area", "color": tone, "opacity": 0.14},
         "transform": [{"filter": "isValid(datum.lower)"}],
         "encoding": {"x": x, "y": {**y, "field": "lower"}, "y2": {"field": "upper"}}},
        {"mark": {"type": "line", "stroke": tone}, "encoding": {"x": x, "y": y}},
    ]  # fmt: skip
    if drawing.level is not None:
        flat = {"y": {"datum": drawing.level, "type": "quantitative"}}
        layers.append({"data": {"values": [{}]}, "mark": {"type": "rule", "stroke": edge}, "encoding": flat})
    middle = (drawing.spots[0].x or 0) * 0.5 + (drawing.spots[-1].x or 0) * 0.5
    for place, label in drawing.marks:
        upright = {"x": {"datum": place, "type": "quantitative"}}
        attention, late = colour("attention", dark=dark), place > middle
        text = {"type": "text", "align": "right" if late else "left", "dx": -6 if late else 6, "baseline": "top"}
        layers += [
            {"data": {"values": [{}]}, "mark": {"type": "rule", "stroke": attention, "strokeDash": [3, 3]},
             "encoding": upright},
            {"data": {"values": [{}]}, "mark": text | {"text": label},
             "encoding": upright | {"y": {"value": 0}}},
        ]  # fmt: skip
    return layers
