"""Mapping files: every section and key that the parser reads, found by watching it read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docs.generator.mapping_words import EXAMPLE, INTRO, KEYS, SECTIONS
from docs.generator.markdown import MADE, fenced, table

from harken.listen.mapping.model import Field, RowFilter
from harken.listen.mapping.parsing import read_mapping
from harken.listen.mapping.parts import SECTION_KINDS
from harken.listen.mapping.reading import TableReader
from harken.vocabulary.errors import Problem
from harken.vocabulary.scales import SCALES

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
ALIKE = {f"[[file.{name}]]": "[[file.signals]]" for name in SECTION_KINDS} | {
    "[[file.signals]] wait": "[[file.signals]] duration",
    "[[file.signals]] question": "[[file.signals]] programme",
}
"""Sections that are read alike, under the name of the one that reads everything."""

TOP = "the top of the file"
COLUMN = 'a column, a list of columns, or a constant `"=…"`'


@dataclass(slots=True)
class WatchedReader(TableReader):
    """A reader that notes each key it is asked for, the kind of value expected, and whether it was there."""

    section: str = TOP
    kinds: dict[tuple[str, str], str] = field(default_factory=dict)
    present: set[tuple[str, str]] = field(default_factory=set)

    def inside(self, table: Mapping[str, Any], place: str) -> WatchedReader:
        name = re.sub(r" \d+$", "", place)
        section = f"[{name}]" if name == "mapping" else name if name.startswith("[") else f"{self.section} {name}"
        for alike, same in ALIKE.items():
            section = section.replace(alike, same)
        place = f"{self.place}, {place}" if self.place else place
        return WatchedReader(table, place, self.file, self.problems, set(), section, self.kinds, self.present)

    def note(self, key: str, kind: str) -> None:
        """Remember what is expected of a key; the first, most telling word for it counts."""
        self.kinds.setdefault((self.section, key), kind)
        if key in self.table:
            self.present.add((self.section, key))

    def raw(self, key: str) -> Any:
        self.note(key, "")
        return TableReader.raw(self, key)

    def text(self, key: str) -> str | None:
        self.note(key, "a text")
        return TableReader.text(self, key)

    def texts(self, key: str) -> tuple[str, ...] | None:
        self.note(key, "a text or a list of texts")
        return TableReader.texts(self, key)

    def whole(self, key: str, least: int, most: int) -> int | None:
        self.note(key, f"a whole number from {least:,} to {most:,}")
        return TableReader.whole(self, key, least, most)

    def number(self, key: str) -> float | None:
        self.note(key, "a number")
        return TableReader.number(self, key)

    def one_of(self, key: str, words: Iterable[str], default: str) -> str:
        known = list(words)
        standard = f"; default `{default}`" if default else ""
        self.note(key, f"one of {', '.join(f'`{word}`' for word in known)}{standard}")
        return TableReader.one_of(self, key, known, default)

    def field(self, key: str) -> Field | None:
        self.note(key, COLUMN)
        return TableReader.field(self, key)

    def tables(self, key: str, shown: str) -> tuple[TableReader, ...]:
        self.note(key, f"sections `[[{shown}]]`")
        return TableReader.tables(self, key, shown)

    def table_of(self, key: str) -> TableReader | None:
        self.note(key, "a table")
        return TableReader.table_of(self, key)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        self.note(key, 'a table `{ "this" = "that" }`')
        return TableReader.pairs(self, key)

    def filters(self) -> tuple[RowFilter, ...]:
        self.note("only", "a table `{ column = [values] }`")
        self.note("skip", "a table `{ column = [values] }`")
        return TableReader.filters(self)


def watch(text: str) -> WatchedReader:
    """Read a mapping and note what the parser looks for."""
    problems: list[Problem] = []
    reader = WatchedReader(tomllib.loads(text), "", "mapping.toml", problems)
    read_mapping(reader)
    if problems:
        raise ValueError("\n".join(map(str, problems)))
    return reader


def known_keys() -> dict[tuple[str, str], str]:
    """Every (section, key) the parser looks for, and the kind of value it expects."""
    kinds = watch(EXAMPLE).kinds
    own = (" codes", " only", " skip", " scores", " on", " columns", " families", " types")  # keys are the user's
    return {
        (section, key): kind
        for (section, key), kind in kinds.items()
        if not section.endswith(own) and section != TOP and not kind.startswith("sections")
    }


def used_in() -> dict[tuple[str, str], list[str]]:
    """For every (section, key) the examples that use it."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted(EXAMPLES.glob("*.toml")):
        for pair in watch(path.read_text(encoding="utf-8")).present:
            found.setdefault(pair, []).append(path.name)
    return found


def page() -> str:
    """The reference of mapping files."""
    keys, examples = known_keys(), used_in()
    parts = [MADE, "# Mapping files", INTRO, fenced(EXAMPLE, "toml")]
    for section, (title, words) in SECTIONS.items():
        rows = []
        for key in (key for where, key in KEYS if where == section):
            files = examples.get((section, key), [])
            shown = ", ".join(f"[{name}](../../examples/{name})" for name in files[:2])
            rows.append((f"`{key}`", KEYS[section, key], keys[section, key], shown))
        parts += [f"## {title}", words, table(("key", "what it says", "value", "as in"), rows)]
    scales = [(f"`{scale.id}`", scale.label) for scale in SCALES.values()]
    parts += [
        "## Scales",
        "A scale says its direction; it is never guessed.",
        table(("scale", ""), scales),
    ]
    return "\n\n".join(parts)
