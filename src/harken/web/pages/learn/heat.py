"""Where it differs: who leaves and who lives with which lever, by segment; coloured only beyond chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harken.locale import formats
from harken.usecases.exports.sheets import Field, Sheet
from harken.usecases.exports.tables import DIVISION, SEGMENT
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import family_label
from harken.web.pages.runs import analysis_of

DIVISIONS_SHOWN = 3
LEVELS_SHOWN = 8
STRONG = 0.5
"""From half as much again as the rest on a cell is coloured strongly."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One share as it is shown: its tone is a class, empty where it does not differ beyond chance."""

    text: str
    tone: str
    said: Message | None


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A level of a division with its cells; without cells the line that names the division.

    `url` leads to an analysis of that segment alone.
    """

    label: Message | str
    n: int = 0
    cells: tuple[Cell, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Heat:
    """The table: `heads` name its columns, `cut` says what is not shown."""

    heads: tuple[Message, ...]
    rows: tuple[HeatRow, ...]
    coloured: int
    cut: Message | None


def heat(found: Any, *, linked: bool) -> Heat | None:
    """The divisions that differ most, on one table; None where there are none.

    Where `linked`, a segment leads to an analysis of it alone.
    """
    if found is None or not found.divisions:
        return None
    rows: list[HeatRow] = []
    shown = levels = 0
    for division in found.divisions[:DIVISIONS_SHOWN]:
        rows.append(HeatRow(division.label))
        for level in division.levels[:LEVELS_SHOWN]:
            cells = (_cell(level.leaving), *(_cell(one) for one in level.parts))
            url = analysis_of(division.name, level.label) if linked else ""
            rows.append(HeatRow(level.label, level.n, cells, url))
            shown += 1
    levels = sum(len(division.levels) for division in found.divisions)
    heads = (
        Message(gettext_noop("left")),
        *(
            Message(gettext_noop("{family}: {part}"), {"family": family_label(lever.family), "part": lever.part})
            for lever in found.levers
        ),
    )
    coloured = sum(bool(cell.tone) for row in rows for cell in row.cells)
    cut = Message(gettext_noop("{shown} of {n} segments are shown."), {"shown": shown, "n": levels})
    return Heat(heads, tuple(rows), coloured, cut if shown < levels else None)


def _cell(against: Any) -> Cell:
    if against is None:
        return Cell("–", "", None)
    share = formats.percent(against.share.value, 0 if against.share.value >= 0.1 else 1)
    if not against.differs:
        return Cell(share, "", None)
    gap = against.difference.value
    strength = 2 if abs(gap) >= STRONG * max(against.rest.value, 1e-9) else 1
    text = gettext_noop("more than elsewhere") if gap > 0 else gettext_noop("less than elsewhere")
    return Cell(share, f"{'more' if gap > 0 else 'less'}{strength}", Message(text))


def sheet(found: Any) -> Sheet | None:
    """Every cell with its interval and the rest beside it, to take away."""
    if found is None or not found.divisions:
        return None
    fields = (
        DIVISION,
        SEGMENT,
        Field("measure", Message(gettext_noop("Measure"))),
        Field("share", Message(gettext_noop("Share")), "share"),
        Field("share_lower", Message(gettext_noop("likely from")), "share"),
        Field("share_upper", Message(gettext_noop("likely to")), "share"),
        Field("rest", Message(gettext_noop("All others")), "share"),
        Field("difference", Message(gettext_noop("Difference")), "share"),
        Field("difference_lower", Message(gettext_noop("likely from")), "share"),
        Field("difference_upper", Message(gettext_noop("likely to")), "share"),
        Field("n", "n", "count"),
        Field("differs", Message(gettext_noop("Beyond chance")), "truth"),
    )
    left = Message(gettext_noop("left"))
    rows = [
        (
            division.label, level.label, label, one.share.value, one.share.interval.lower, one.share.interval.upper,
            one.rest.value, one.difference.value, one.difference.interval.lower, one.difference.interval.upper,
            one.share.n, one.differs,
        )
        for division in found.divisions
        for level in division.levels
        for label, one in (
            (left, level.leaving),
            *((lever.label, part) for lever, part in zip(found.levers, level.parts, strict=True)),
        )
        if one is not None
    ]  # fmt: skip
    return Sheet(fields, rows, Message(gettext_noop("Where it differs")))
