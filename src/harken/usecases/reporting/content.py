"""What a report holds, in the reader's language: headline, figures, sections of texts, tables and charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harken.usecases.charts.drawings import Drawing


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `style` is "plain", "lead" (larger, a finding) or "quiet"; `chip` a word beside it."""

    words: str
    style: str = "plain"
    chip: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: `heads` over the columns, texts in rows; the columns from `numbers_from` on stand to the right."""

    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    numbers_from: int = 1


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what is said of each, one below the other."""

    pairs: tuple[tuple[str, str], ...]


Block = Text | Grid | Facts | Drawing


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report; `level` 2 stands below one of level 1."""

    title: str
    blocks: tuple[Block, ...]
    level: int = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that matters, with its likely range and how many it rests on."""

    label: str
    value: str
    interval: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. `facts` stand under the headline, `appendix` begins on a page of its own."""

    language: str
    kind: str
    company: str
    headline: str
    lede: str
    facts: tuple[str, ...]
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]
    appendix_title: str
    appendix: tuple[Section, ...]
    page_of: str
