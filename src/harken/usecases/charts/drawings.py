"""A chart as plain data in the reader's language: what a Vega-Lite spec is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

UnitKind = Literal["points", "share", "per cent", "scale", "money", "count", "number"]


@dataclass(frozen=True, slots=True)
class Spot:
    """One bar or point: `value` on its interval, `other` as an open dot; without a value `note` says why.

    `label` names it, or `x` places it on a curve; `text` is the value as it is written; `heading` marks a line
    that only says what the next ones divide by; `tone` is a key of TONES.
    """

    label: str = ""
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    other: float | None = None
    text: str = ""
    note: str = ""
    tone: str = "accent"
    x: float | None = None
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart: `title` is its finding, `subtitle` what it shows, `source` where it is from and how many.

    `heads` names label and value; `other` the open dots; `marks` are thresholds (place, label) and `level` the
    usual value, both on curves; `said` is the chart in words, for who cannot see it.
    """

    kind: Literal["bars", "series", "curve"]
    spots: tuple[Spot, ...]
    unit: UnitKind
    heads: tuple[str, str]
    title: str = ""
    subtitle: str = ""
    source: str = ""
    said: str = ""
    language: str = "en"
    currency: str = ""
    other: str = ""
    x_unit: UnitKind = "number"
    marks: tuple[tuple[float, str], ...] = ()
    level: float | None = None
    joined: bool = True
    tone: str = "accent"
    zero: bool = False
