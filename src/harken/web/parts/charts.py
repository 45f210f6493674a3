"""Charts drawn by templates as plain SVG: places as attributes, colours as classes, words for screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template

from harken.locale import formats
from harken.vocabulary.estimates import Estimate, Evidence
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
    compared: Estimate | float | None = None,
    other_label: Words = "",
    low: float | None = None,
    high: float | None = None,
    tone: str = "accent",
) -> dict[str, Any]:
    """One number standing on its interval, with a comparison (an estimate with its own decimals) as an open dot."""
    interval, factor = estimate.interval, unit.factor
    other = compared.value if isinstance(compared, Estimate) else compared
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
    other_half = compared.interval.half_width if isinstance(compared, Estimate) else half
    row = Row("", estimate.value, interval.lower, interval.upper)
    other_text = "" if other is None else f"{in_words(other_label)} {unit.write(other, other_half)}".strip()
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


@register.inclusion_tag("parts/estimate.html")
def money_change(estimate: Estimate, currency: str) -> dict[str, Any]:
    """A change of money, which may be a loss, standing on its interval."""
    return estimate_bar(estimate, Unit("money", currency), tone="money")  # type: ignore[no-any-return]
