"""Setting up, changing, pausing and removing sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time

from harken.records import sources as records
from harken.records.sources import Plan
from harken.usecases.sources.kinds import FIELDS, gateway, kept, settings_in, shown
from harken.usecases.sources.views import ReadingView, SourceView, reading_view, source_view
from harken.usecases.workspaces import Workspace
from harken.vocabulary.errors import Problem, SettingsError
from harken.vocabulary.messages import Message, gettext_noop

UNITS = ("minutes", "hours", "days")
MOST: Mapping[str, int] = {"minutes": 1440, "hours": 168, "days": 1}
OWNERS_KINDS = frozenset({"folder", "sql"})
"""Kinds that reach whatever the server's own user can read, so that owners alone say where they look."""
READINGS_KEPT = records.READINGS_KEPT
LONGEST_LIMIT_HOURS = 24 * 366


def may_describe(kind: str, *, owner: bool) -> bool:
    """Whether an owner, or an analyst, may add, try, change and remove a source of this kind."""
    return owner or kind not in OWNERS_KINDS


def blank_values(kind: str) -> dict[str, str]:
    """What the form of a new source begins with; raises SettingsError for a kind that does not exist."""
    if kind not in FIELDS:
        raise _no_kind(kind)
    return {"kind": kind, "unit": "days", "every": "1", "at": "06:00", "limit_hours": "48", "mapping": ""}


def values_of(workspace: Workspace, name: str) -> dict[str, str]:
    """What the form of an existing source begins with, its secrets hidden."""
    plan = records.source_named(workspace.root, name).plan
    shared = {"name": plan.name, "kind": plan.kind, "mapping": plan.mapping, "unit": plan.unit, "at": plan.at}
    return {
        **shared,
        "every": str(plan.every),
        "limit_hours": str(plan.limit_hours),
        **shown(plan.kind, plan.settings),
    }


def with_secrets(
    workspace: Workspace,
    values: Mapping[str, str],
    *,
    name: str | None = None,
    draft: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The values of a form with the secrets that it shows hidden: from a `draft`, else from the source `name`.

    Raises SettingsError where a hidden one belongs to another address than before.
    """
    kind = blank_values(values.get("kind", ""))["kind"]
    earlier: list[Mapping[str, str]] = [] if draft is None else [draft]
    if name is not None:
        earlier.append(records.source_named(workspace.root, name).plan.settings)
    problems: list[Problem] = []
    settings = kept(kind, settings_in(kind, values), earlier, problems)
    if problems:
        raise _unfit(problems)
    return {**values, **settings}


def masked_values(values: Mapping[str, str]) -> dict[str, str]:
    """The values of a form as it may show them."""
    kind = blank_values(values.get("kind", ""))["kind"]
    return {**values, **shown(kind, settings_in(kind, values))}


def known_mappings(workspace: Workspace) -> tuple[str, ...]:
    """Names of the mapping files that a source may go by."""
    return tuple(sorted(path.name for path in (workspace.root / "mappings").glob("*.toml")))


def add_source(
    workspace: Workspace,
    values: Mapping[str, str],
    *,
    now: datetime,
    created_by: str | None = None,
    owner: bool = True,
) -> SourceView:
    """Set a source up from texts; it is read at once, then by its schedule.

    `values` are "name", "kind", the fields of that kind, "mapping" ("" lets Harken propose one at the first
    reading), "unit" (minutes, hours, days), "every" or "at", and "limit_hours". Raises SettingsError that names
    everything that does not fit, and for a kind that owners alone describe where `owner` is False.
    """
    _owners_only(values.get("kind", ""), owner)
    plan = plan_of(workspace, values)
    return source_view(workspace, records.add_source(workspace.root, plan, now=now, created_by=created_by), now)


def change_source(
    workspace: Workspace, name: str, values: Mapping[str, str], *, now: datetime, owner: bool = True
) -> SourceView:
    """Replace what was decided about a source, `values` and `owner` as in `add_source`; its kind stays."""
    kind = records.source_named(workspace.root, name).plan.kind
    _owners_only(kind, owner)
    plan = plan_of(workspace, {**values, "kind": kind})
    return source_view(workspace, records.change_source(workspace.root, name, plan), now)


def _owners_only(kind: str, owner: bool) -> None:
    if not may_describe(kind, owner=owner):
        raise SettingsError(
            Message(gettext_noop("Only owners say which folders and databases are read.")),
            Message(gettext_noop("Ask an owner to set the source up.")),
        )


def pause_source(workspace: Workspace, name: str) -> None:
    """Read a source no more until it is resumed."""
    records.set_active(workspace.root, name, False)


def resume_source(workspace: Workspace, name: str) -> None:
    """Read a paused source again; what it missed is made up by one reading."""
    records.set_active(workspace.root, name, True)


def remove_source(workspace: Workspace, name: str) -> None:
    """Forget a source and its history; what it brought stays, and can be undone import by import."""
    records.remove_source(workspace.root, name)


def history(workspace: Workspace, name: str, most: int = READINGS_KEPT) -> tuple[tuple[ReadingView, ...], int]:
    """The newest readings of a source, and how many are kept."""
    source = records.source_named(workspace.root, name)
    readings, count = records.readings_of(workspace.root, source.id, most)
    return tuple(reading_view(reading) for reading in readings), count


def plan_of(workspace: Workspace, values: Mapping[str, str]) -> Plan:
    """What the texts say; raises SettingsError that names everything that does not fit, by field."""
    problems: list[Problem] = []
    kind = values.get("kind", "")
    if kind not in FIELDS:
        raise _no_kind(kind)
    name = values.get("name", "").strip()
    if not re.fullmatch(r"[\w-]{1,60}", name):
        problems.append(_wrong("name", gettext_noop("Use letters, digits, _ and - (60 at most).")))
    mapping = values.get("mapping", "")
    if mapping and mapping not in known_mappings(workspace):
        problems.append(_wrong("mapping", gettext_noop("There is no mapping {name}."), name=mapping[:80]))
    unit = values.get("unit", "days")
    if unit not in UNITS:
        problems.append(_wrong("unit", gettext_noop("Choose minutes, hours or days.")))
        unit = "days"
    every = _between(values.get("every", ""), "every", 1, MOST[unit], problems) if unit != "days" else 1
    limit = _between(values.get("limit_hours", "") or "48", "limit_hours", 1, LONGEST_LIMIT_HOURS, problems)
    settings = settings_in(kind, values)
    try:
        gateway(kind).read_settings(settings)
    except SettingsError as error:
        problems += error.problems
    at = _clock(values.get("at", ""), unit, problems)
    if problems:
        raise _unfit(problems)
    return Plan(name, kind, settings, mapping, unit, every, at, limit)


def _clock(text: str, unit: str, problems: list[Problem]) -> str:
    text = text.strip() or "06:00"
    try:
        if not re.fullmatch(r"\d\d:\d\d", text):
            raise ValueError
        time.fromisoformat(text)
    except ValueError:
        if unit == "days":
            problems.append(_wrong("at", gettext_noop("Write the time of day as 06:00.")))
        return "06:00"
    return text


def _between(text: str, field: str, least: int, most: int, problems: list[Problem]) -> int:
    text = text.strip()
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        reason = gettext_noop("Write a whole number from {least} to {most}.")
        problems.append(_wrong(field, reason, least=least, most=most))
        return least
    return int(text)


def _wrong(field: str, text: str, **params: str | int) -> Problem:
    return Problem(Message(text, params), column=field)


def _unfit(problems: list[Problem]) -> SettingsError:
    return SettingsError(Message(gettext_noop("The source cannot be read as it is described.")), None, problems)


def _no_kind(kind: str) -> SettingsError:
    return SettingsError(
        Message(gettext_noop("{kind} is no kind of source."), {"kind": kind or "?"}),
        Message(gettext_noop("There are folder, sql and web.")),
    )
