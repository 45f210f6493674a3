"""Typed access to a TOML table that collects every problem instead of stopping at the first."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harken.listen.mapping.model import Field, RowFilter
from harken.vocabulary.errors import Problem
from harken.vocabulary.messages import Message, gettext_noop


@dataclass(slots=True)
class TableReader:
    """One TOML table on its way into the model; `place` names it ("[[file]] 2, [[file.answers]] 1")."""

    table: Mapping[str, Any]
    place: str
    file: str
    problems: list[Problem]
    read: set[str] = field(default_factory=set)

    def inside(self, table: Mapping[str, Any], place: str) -> TableReader:
        """A reader of a table within this one; problems go to the same list."""
        return TableReader(table, f"{self.place}, {place}" if self.place else place, self.file, self.problems)

    def problem(self, text: str, **params: Any) -> None:
        """Note a problem at this place; `text` is a marked message that may use {place}."""
        self.problems.append(Problem(Message(text, {"place": self.place, **params}), file=self.file))

    def raw(self, key: str) -> Any:
        """The value as TOML gave it, or None."""
        self.read.add(key)
        return self.table.get(key)

    def wrong(self, key: str, expected: Message) -> None:
        """Note that `key` holds something of another kind than expected."""
        self.problem(
            gettext_noop("{place}: {key} should be {expected}, not {value}"),
            key=key,
            expected=expected,
            value=repr(self.table.get(key))[:80],
        )

    def text(self, key: str) -> str | None:
        """A text, or None where the key is absent."""
        value = self.raw(key)
        if value is None or isinstance(value, str):
            return value
        self.wrong(key, Message(gettext_noop('a text in quotes, such as {key} = "..."'), {"key": key}))
        return None

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A list of texts; one text or number counts as a list of one."""
        value = self.raw(key)
        if value is None:
            return None
        items = value if isinstance(value, list) else [value]
        if all(isinstance(item, str | int | float) and not isinstance(item, bool) for item in items):
            return tuple(as_text(item) for item in items)
        self.wrong(key, Message(gettext_noop("a list of texts in quotes")))
        return None

    def whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number from `least` to `most`."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        expected = Message(gettext_noop("a whole number from {least} to {most}"), {"least": least, "most": most})
        self.wrong(key, expected)
        return None

    def number(self, key: str) -> float | None:
        """A number."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        self.wrong(key, Message(gettext_noop("a number")))
        return None

    def one_of(self, key: str, words: Iterable[str], default: str) -> str:
        """One of the given words."""
        value = self.text(key)
        if value is None:
            return default
        known = list(words)
        if value in known:
            return value
        self.problem(
            gettext_noop("{place}: {key} is {value}, but it should be one of {known}"),
            key=key,
            value=repr(value),
            known=", ".join(known),
        )
        return default

    def field(self, key: str) -> Field | None:
        """A column, several columns, or a constant written "=constant"."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, str) and value:
            return Field.constant_of(value[1:]) if value.startswith("=") else Field((value,))
        if isinstance(value, list) and value and all(isinstance(item, str) and item for item in value):
            return Field(tuple(value))
        self.wrong(key, Message(gettext_noop('a column name, a list of them, or a constant such as "=phone"')))
        return None

    def table_of(self, key: str) -> TableReader | None:
        """A table within this one, or None."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, dict):
            return self.inside(value, key)
        self.wrong(key, Message(gettext_noop('a table such as {{ "this" = "that" }}')))
        return None

    def tables(self, key: str, shown: str) -> tuple[TableReader, ...]:
        """A list of tables ([[...]]), each with its own place; a single table counts as a list of one."""
        value = self.raw(key)
        if value is None:
            return ()
        items = [value] if isinstance(value, dict) else value
        if isinstance(items, list) and all(isinstance(item, dict) for item in items):
            named = [f"[[{shown}]] {i}" if len(items) > 1 else f"[[{shown}]]" for i in range(1, len(items) + 1)]
            return tuple(self.inside(item, name) for item, name in zip(items, named, strict=True))
        self.wrong(key, Message(gettext_noop("a section that starts with [[{shown}]]"), {"shown": shown}))
        return ()

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """A table of texts as (key, value) pairs in the order written."""
        inner = self.table_of(key)
        if inner is None:
            return ()
        found = []
        for name in inner.table:
            value = inner.text(name)
            if value is not None:
                found.append((name, value))
        return tuple(found)

    def filters(self) -> tuple[RowFilter, ...]:
        """The rows to use (`only`) and to leave out (`skip`) by what a column holds."""
        found: list[RowFilter] = []
        for key, keep in (("only", True), ("skip", False)):
            inner = self.table_of(key)
            for column in inner.table if inner is not None else ():
                values = inner.texts(column) if inner is not None else None
                if values is not None:
                    found.append(RowFilter(column, values, keep))
        return tuple(found)

    def finish(self) -> None:
        """Report every key nobody asked for, with the known key nearest to it."""
        for key in self.table:
            if key in self.read:
                continue
            near = difflib.get_close_matches(key, sorted(self.read), n=1)
            if near:
                self.problem(
                    gettext_noop("{place}: {key} is not known here; did you mean {near}?"), key=key, near=near[0]
                )
            else:
                self.problem(
                    gettext_noop("{place}: {key} is not known here; known are {known}"),
                    key=key,
                    known=", ".join(sorted(self.read)),
                )


def as_text(value: str | int | float) -> str:
    """A TOML value as it would stand in a file: 5 and 5.0 are both "5".

    >>> as_text(5.0), as_text("x"), as_text(0.5)
    ('5', 'x', '0.5')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
