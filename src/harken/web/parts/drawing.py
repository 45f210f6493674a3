"""A page's chart as a plain drawing, to be taken away as a picture or a Vega-Lite spec."""

from __future__ import annotations

from typing import Any, cast

from harken.usecases.charts.drawings import Drawing, Spot, UnitKind
from harken.usecases.exports.sheets import About
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.charts import Bars, Heading, Row, Unit, Words, said
from harken.web.parts.courses import FEW, Curve, Series
from harken.web.parts.messages import in_words, language


def title_of(chart: Bars | Series | Curve) -> Words:
    """What a chart is called."""
    return chart.caption or chart.heads[0]


def drawing_of(chart: Bars | Series | Curve, about: About) -> Drawing:
    """The chart with its finding as title and, below it, the analysis and the date it is from."""
    if isinstance(chart, Bars):
        drawn = _bars(chart)
    else:
        drawn = _series(chart) if isinstance(chart, Series) else _curve(chart)
    spots: tuple[Spot, ...] = drawn.pop("spots")
    caption = in_words(chart.caption or (chart.heads[1] if isinstance(chart, Bars) else chart.heads[0]))
    return Drawing(
        spots=spots,
        title=in_words(about.finding) or caption,
        subtitle=caption if about.finding else "",
        source=_source(chart, about),
        said=f"{caption}: " + "; ".join(_in_short(spot, chart) for spot in spots if not spot.heading),
        language=language(),
        **drawn,
    )


def _source(chart: Bars | Series | Curve, about: About) -> str:
    """Company, analysis, date and how many."""
    items = chart.rows if isinstance(chart, Bars) else chart.columns if isinstance(chart, Series) else ()
    counts = [one.n for one in items if not isinstance(one, Heading) and one.n is not None]
    facts: list[Words] = [about.company] if about.company else []
    if about.run_id:
        facts.append(Message(gettext_noop("analysis {id}"), {"id": about.run_id[:8]}))
    if about.as_of:
        facts.append(Message(gettext_noop("as of {day}"), {"day": about.as_of}))
    if counts:
        low, high = min(counts), max(counts)
        facts.append(
            Message("n = {n}", {"n": low})
            if low == high
            else Message(gettext_noop("n = {low} to {high}"), {"low": low, "high": high})
        )
    return " · ".join(in_words(fact) for fact in facts)


def _in_short(spot: Spot, chart: Any) -> str:
    place = spot.label if spot.x is None else chart.x_unit.write(spot.x)
    return f"{place} {spot.text or spot.note}".strip()


def _unit(unit: Unit) -> UnitKind:
    return cast(UnitKind, unit.kind)


def _written(
    value: float | None, lower: float | None, upper: float | None, unit: Unit, signed: bool = False
) -> str:
    """A value and its likely range, short."""
    if value is None:
        return ""
    if lower is None or upper is None:
        return unit.write(value, signed=signed)
    half = (upper - lower) / 2
    ends = (unit.write(one, half, signed=signed) for one in (value, lower, upper))
    text = dict(zip(("value", "low", "high"), ends, strict=True))
    return in_words(Message(gettext_noop("{value} ({low} to {high})"), text))


def _bars(table: Bars) -> dict[str, Any]:
    spots = []
    for row in table.rows:
        if isinstance(row, Heading):
            spots.append(Spot(in_words(row.label or row.note), heading=True))
            continue
        spots.append(
            Spot(
                in_words(row.label),
                row.value,
                row.lower,
                row.upper,
                row.other,
                _written(row.value, row.lower, row.upper, table.unit, table.signed),
                in_words(row.note),
                row.tone,
            )
        )
    heads = (in_words(table.heads[0]), in_words(table.heads[-1]))
    other = in_words(table.other) if table.other else ""
    return {"kind": "bars", "spots": tuple(spots), "unit": _unit(table.unit), "heads": heads, "other": other,
            "currency": table.unit.currency, "zero": table.zero or table.axis.low == 0}  # fmt: skip


def _series(chart: Series) -> dict[str, Any]:
    spots = tuple(
        Spot(
            in_words(one.label),
            one.value,
            one.lower,
            one.upper,
            one.other,
            said(Row("", one.value, one.lower, one.upper, note=FEW), chart.unit),
        )
        for one in chart.columns
    )
    heads = (in_words(chart.heads[0]), in_words(chart.heads[1]))
    other = in_words(chart.heads[2]) if len(chart.heads) > 2 else ""
    return {"kind": "series", "spots": spots, "unit": _unit(chart.unit), "heads": heads, "other": other,
            "joined": chart.joined, "tone": chart.tone, "currency": chart.unit.currency,
            "zero": chart.axis.low == 0}  # fmt: skip


def _curve(curve: Curve) -> dict[str, Any]:
    least, most = curve.bounds or (float("-inf"), float("inf"))

    def within(value: float | None) -> float | None:
        return None if value is None else min(max(value, least), most)

    spots = tuple(
        Spot(
            value=within(y),
            lower=within(lower),
            upper=within(upper),
            x=x,
            text=_written(y, lower, upper, curve.y_unit),
        )
        for x, y, lower, upper in curve.points
    )
    heads = (in_words(curve.heads[0]), in_words(curve.heads[1]))
    marks = tuple((x, in_words(label)) for x, label in curve.marks)
    return {
        "kind": "curve",
        "spots": spots,
        "unit": _unit(curve.y_unit),
        "x_unit": _unit(curve.x_unit),
        "heads": heads,
        "marks": marks,
        "level": curve.level,
        "tone": curve.tone,
        "currency": curve.y_unit.currency,
    }
