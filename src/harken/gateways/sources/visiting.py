"""What a reading is told and what it brings: the same for every kind of source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from harken.vocabulary.errors import Problem, SettingsError
from harken.vocabulary.messages import Message, gettext_noop


@dataclass(frozen=True, slots=True)
class Visit:
    """One reading: files go `into` a folder of its own and are named after `name`, the source.

    `since` is what the last good reading asked to be remembered, `root` the company's own folder, of which nothing
    is read. With `rows` it is a trial: the first so many rows of one file suffice, and nothing is remembered.
    """

    into: Path
    name: str
    now: datetime
    root: Path
    since: Mapping[str, Any] = field(default_factory=dict)
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a reading brought: files, what to remember (plain JSON), and files left for the next time."""

    files: tuple[Path, ...]
    since: Mapping[str, Any]
    waiting: tuple[str, ...] = ()


def unusable(problems: list[Problem]) -> SettingsError:
    """The error that lists everything wrong in a source's settings; `column` names the field."""
    return SettingsError(Message(gettext_noop("The source cannot be read as it is described.")), None, problems)


def wrong(column: str, text: str, **params: str | int) -> Problem:
    """One thing wrong in the field `column`."""
    return Problem(Message(text, params), column=column)


def whole(values: Mapping[str, str], name: str, default: int, problems: list[Problem]) -> int:
    """A whole number above zero in a field, or its default."""
    text = values.get(name, "").strip() or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 1_000_000:
        problems.append(wrong(name, gettext_noop("{value} is not a whole number above zero."), value=text[:80]))
        return default
    return int(text)
