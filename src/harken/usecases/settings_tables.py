"""Tables that may stand several times in harken.toml, such as [[margins]]: judged one by one, told all at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harken.vocabulary.errors import Problem, SettingsError
from harken.vocabulary.messages import Message, gettext_noop


def checked_tables(
    entries: Any,
    name: str,
    file: str,
    begins: Message,
    problems_of: Callable[[dict[str, Any], str], Sequence[Problem]],
) -> list[dict[str, Any]]:
    """The tables [[name]] of a settings file as they stand there.

    `begins` says how such a table begins, where `entries` is none; `problems_of` judges one table, whose place it
    is given, such as "[[margins]] 2". Raises SettingsError with every mistake at once.
    """
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        problems = [
            problem
            for place, entry in enumerate(entries, start=1)
            for problem in problems_of(entry, f"[[{name}]] {place}")
        ]
    else:
        problems = [Problem(begins, file, column=f"[{name}]")]
    if problems:
        raise SettingsError(
            Message(gettext_noop("The settings cannot be used.")),
            Message(gettext_noop("Correct the named places in {file} and try again."), {"file": file}),
            problems,
        )
    return list(entries)
