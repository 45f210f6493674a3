"""harken.toml changed in place: comments stay, all mistakes are said at once, the file is replaced as a whole."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from harken.lake import facts
from harken.lake.log import Lake
from harken.lake.reading import Pinned
from harken.usecases.run_history import Difference, differences
from harken.usecases.runs import Run, list_runs, newest_of_all
from harken.usecases.workspaces import (
    KNOWN_SETTINGS,
    SETTINGS_FILE,
    Settings,
    Workspace,
    read_settings,
    settings_text,
)
from harken.vocabulary.errors import Problem, SettingsError
from harken.vocabulary.messages import Message, gettext_noop

FIELDS: Mapping[str, tuple[str, str]] = {
    name: place for place, (name, *_) in KNOWN_SETTINGS.items() if name != "seed"
}
"""What the page changes, and where each stands in the file."""
FORMULAS = "formulas"
STATES_HELD = 4
_HEADER = re.compile(r"\s*\[")
_FEATURE = re.compile(r"\s*\[\[\s*feature\s*\]\]")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the data hold for the settings that name something in them; `imported` is True once anything came in."""

    scores: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    value_columns: tuple[str, ...] = ()
    imported: bool = False


def choices(workspace: Workspace) -> Choices:
    """Questions, outcomes and columns that the lake knows."""
    if not (workspace.lake_root / "pointer.json").exists():
        return Choices()
    return _choices_at(Lake(workspace.lake_root).pin())


@lru_cache(maxsize=STATES_HELD)
def _choices_at(lake: Pinned) -> Choices:
    """Reads all signals once for each state of the lake."""
    with lake.connect() as connection:
        columns = connection.execute(
            "SELECT DISTINCT name FROM snapshot_columns WHERE type = 'category' AND role = 'feature' ORDER BY name"
        ).fetchall()
        values = [name for _, name in facts.value_columns(connection)]
        orders = connection.execute("SELECT count(*) FROM signals WHERE kind = 'order'").fetchall()[0][0]
        return Choices(
            scores=tuple(question.name for question in facts.questions(connection)),
            outcomes=(
                *(outcome.name for outcome in facts.outcome_names(connection)),
                *(("no_order",) if orders else ()),
            ),
            segments=tuple(dict.fromkeys(["language", "role", *(name for (name,) in columns)])),
            value_columns=tuple(dict.fromkeys([*values, *(("orders",) if orders else ())])),
            imported=True,
        )


def stamp(workspace: Workspace) -> str:
    """What tells two states of the settings file apart."""
    return hashlib.sha256((workspace.root / SETTINGS_FILE).read_bytes()).hexdigest()[:16]


def formulas_in(text: str) -> str:
    """The [[feature]] parts of a settings file, as they are written."""
    return "".join(line for line, own in _marked(text) if own).strip()


def change_settings(
    workspace: Workspace, values: Mapping[str, Any], formulas: str, *, read: str, newest: Run | None = None
) -> Settings:
    """Write other values into harken.toml; None leaves a setting to Harken.

    Values are what a person typed: what is no number or date stays a text, and is refused with the others.
    `read` is the stamp of the file that the person saw; `newest` is the run whose features own formulas are tried
    on. Raises SettingsError naming every setting that does not fit by its name in FIELDS; nothing is written then.
    """
    path = workspace.root / SETTINGS_FILE
    text = path.read_text(encoding="utf-8")
    if stamp(workspace) != read:
        raise SettingsError(
            Message(gettext_noop("The settings were changed by somebody else meanwhile.")),
            Message(gettext_noop("Look at them as they are now, then change them again.")),
        )
    new = {FIELDS[name]: value for name, value in values.items() if not _stands(workspace.settings, name, value)}
    changed = edited(text, new, formulas)
    problems: list[Problem] = []
    settings = None
    try:
        settings = read_settings(changed)
    except SettingsError as error:
        problems += [Problem(problem.reason, column=_field(problem.column)) for problem in error.problems]
    imported = (workspace.lake_root / "pointer.json").exists()
    if imported and values.get("currency") != workspace.settings.currency:
        reason = Message(gettext_noop("It cannot change once data were imported."))
        problems.append(Problem(reason, column="currency"))
    if settings is not None and newest is not None:
        problems += _tried(settings, newest)
    if problems or settings is None:
        raise SettingsError(Message(gettext_noop("The settings were not changed.")), None, problems)
    _replace(path, changed)
    return settings


def needs_analysis(workspace: Workspace) -> tuple[Difference, ...]:
    """Settings that shape results and are not those of the newest analysis: `here` is now, `there` was then."""
    newest = newest_of_all(list_runs(workspace.runs_root))
    return () if newest is None else differences(settings_text(workspace.settings), newest.settings)


def edited(text: str, values: Mapping[tuple[str, str], Any], formulas: str) -> str:
    """The text of a settings file with other values, everything else as it was.

    >>> print(edited("[value]\\n# margin = 1.0  # a share\\n", {("value", "margin"): 0.4}, ""), end="")
    [value]
    margin = 0.4  # a share
    """
    kept = "".join(line for line, own in _marked(text) if not own)
    lines = kept.splitlines()
    for (section, key), value in values.items():
        lines = _with_value(lines, section, key, value)
    new = "\n".join(lines).rstrip("\n") + "\n"
    return f"{new}\n{formulas.strip()}\n" if formulas.strip() else new


def _marked(text: str) -> list[tuple[str, bool]]:
    """Each line, and whether it belongs to a [[feature]]."""
    marked, own = [], False
    for line in text.splitlines(keepends=True):
        if _HEADER.match(line):
            own = bool(_FEATURE.match(line))
        marked.append((line, own))
    return marked


def _with_value(lines: list[str], section: str, key: str, value: Any) -> list[str]:
    """The lines with one setting set, or with it turned into a comment where the value is None."""
    header = re.compile(rf"\s*\[\s*{section}\s*\]")
    start = next((at for at, line in enumerate(lines) if header.match(line)), None)
    if start is None:
        return lines if value is None else [*lines, "", f"[{section}]", f"{key} = {_toml(value)}"]
    end = next((at for at in range(start + 1, len(lines)) if _HEADER.match(lines[at])), len(lines))
    active = next((at for at in range(start + 1, end) if re.match(rf"\s*{key}\s*=", lines[at])), None)
    if active is not None:
        last = _last_line(lines, active, end)
        if value is None:
            return [*lines[:active], *(f"# {line}" for line in lines[active : last + 1]), *lines[last + 1 :]]
        comment = _comment(lines[active]) if last == active else ""
        return [*lines[:active], f"{key} = {_toml(value)}{comment}", *lines[last + 1 :]]
    if value is None:
        return lines
    example = next((at for at in range(start + 1, end) if re.match(rf"\s*#\s*{key}\s*=", lines[at])), None)
    if example is not None:
        comment = _comment(re.sub(r"^\s*#\s*", "", lines[example]))
        return [*lines[:example], f"{key} = {_toml(value)}{comment}", *lines[example + 1 :]]
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return [*lines[:end], f"{key} = {_toml(value)}", *lines[end:]]


def _last_line(lines: list[str], first: int, end: int) -> int:
    """The line on which a value that begins on `first` ends: a list may go over several."""
    for last in range(first, end):
        try:
            tomllib.loads("\n".join(lines[first : last + 1]))
        except tomllib.TOMLDecodeError:
            continue
        return last
    return first


def _comment(line: str) -> str:
    """The comment behind a value, with the blanks before it."""
    for at, letter in enumerate(line):
        if letter == "#":
            before = line[:at]
            try:
                tomllib.loads(before)
            except tomllib.TOMLDecodeError:
                continue  # it stands inside a text
            return before[len(before.rstrip()) :] + line[at:]
    return ""


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(str(value), ensure_ascii=False)


def _stands(present: Settings, name: str, value: Any) -> bool:
    """Whether a setting has the value already: then its line stays as somebody wrote it."""
    if value is None:
        return bool(getattr(present, name) == getattr(Settings(), name))
    return bool(getattr(present, name) == (tuple(value) if isinstance(value, list) else value))


def _field(column: str | None) -> str | None:
    """The field of a place in the file: "[value] margin" is margin, a feature's name belongs to the formulas."""
    places = {f"[{section}] {key}": name for name, (section, key) in FIELDS.items()}
    return places.get(column or "", FORMULAS)


def _tried(settings: Settings, newest: Run) -> list[Problem]:
    """Own formulas tried on the features that the newest run knows."""
    from harken.unify.features.formulas import with_formulas
    from harken.unify.features.recipes import Block, Catalogue, Planned, Recipe

    features = getattr(newest.parts.get("inventory"), "features", ())
    known = tuple(Planned(feature, Recipe("total")) for feature in features if feature.source != "formula")
    try:
        with_formulas(Catalogue((Block("events", "known", known),)), settings.formulas)
    except SettingsError as error:
        return [Problem(problem.message(), column=FORMULAS) for problem in error.problems]
    return []


def _replace(path: Path, text: str) -> None:
    """The whole file or the one before: never half of it."""
    draft = path.with_name(f".{path.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(path.stat().st_mode & 0o777)
    draft.replace(path)
