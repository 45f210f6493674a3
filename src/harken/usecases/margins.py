"""Margins: how many of all customers have each value of a column, as the user supplies it to weigh answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harken.usecases.settings_tables import checked_tables
from harken.vocabulary.errors import Problem
from harken.vocabulary.messages import Message, gettext_noop


@dataclass(frozen=True, slots=True)
class KnownMargin:
    """How many of all customers have each value of a column; `totals` holds (value, number) in the file's order."""

    column: str
    totals: tuple[tuple[str, float], ...]


def read_margins(entries: Any, file: str) -> tuple[KnownMargin, ...]:
    """The [[margins]] of a settings file. Raises SettingsError with every mistake at once.

    >>> read_margins([{"column": "plan", "totals": {"Basic": 700, "Plus": 300}}], "harken.toml")[0].totals
    (('Basic', 700.0), ('Plus', 300.0))
    """
    seen: set[str] = set()
    begins = Message(gettext_noop("a margin begins with [[margins]]"))
    tables = checked_tables(
        entries, "margins", file, begins, lambda entry, place: _problems(entry, place, file, seen)
    )
    return tuple(
        KnownMargin(entry["column"], tuple((level, float(total)) for level, total in entry["totals"].items()))
        for entry in tables
    )


def _problems(entry: dict[str, Any], place: str, file: str, seen: set[str]) -> Sequence[Problem]:
    def wrong(key: str, text: str, **values: str) -> Problem:
        return Problem(Message(text, values), file, column=f"{place} {key}", value=values.get("value"))

    found = [
        wrong(key, gettext_noop("this setting is not known; known are {known}"), known="column, totals")
        for key in entry
        if key not in ("column", "totals")
    ]
    column, totals = entry.get("column"), entry.get("totals")
    if not isinstance(column, str) or not column.strip():
        found.append(wrong("column", gettext_noop("it needs the name of a column")))
    elif column in seen:
        found.append(wrong("column", gettext_noop("{value} has a margin already"), value=column))
    else:
        seen.add(column)
    if not isinstance(totals, dict) or not totals:
        text = gettext_noop("it needs the number of all customers for each value, such as {example}")
        found.append(wrong("totals", text, example="{ Basic = 700, Plus = 300 }"))
        return found
    for level, total in totals.items():
        if isinstance(total, bool) or not isinstance(total, int | float) or not 0 < total < float("inf"):
            found.append(
                wrong(f"totals {level}", gettext_noop("{value} is not a number above 0"), value=str(total))
            )
    return found
