"""How sources are doing: due or not, fresh or late, in sentences; nothing here holds a secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast

from harken.listen.sources.freshness import Health, health
from harken.listen.sources.schedule import Schedule, next_reading
from harken.records import sources as records
from harken.usecases.encoding import decode
from harken.usecases.sources.kinds import shown
from harken.usecases.workspaces import Workspace, open_workspace
from harken.vocabulary.messages import Message, gettext_noop


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a reading failed: what happened, what to do, and each place."""

    what: Message
    todo: Message | None = None
    places: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source as people see it; `settings` have their secrets hidden, times are UTC.

    `health` is "fresh", "late", "failing" or "paused"; `heard` is when it last brought something new (None: never),
    `silent_hours` how long ago that was or, where it never did, since it was set up; `next` is None while paused.
    `columns` are those last seen in each table.
    """

    name: str
    kind: str
    settings: Mapping[str, str]
    mapping: str
    schedule: Message
    limit_hours: int
    active: bool
    health: str
    created: datetime
    tried: datetime | None
    heard: datetime | None
    silent_hours: int
    next: datetime | None
    failures: int
    rows: int | None
    trouble: Trouble | None
    columns: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class ReadingView:
    """One reading: how it ended ("running", "done", "unchanged", "failed", "cancelled") and what it said."""

    started: datetime
    ended: datetime | None
    state: str
    rows: int
    import_id: int | None
    files: tuple[str, ...]
    changes: tuple[Message, ...]
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class TrialTable:
    """The first rows of one file: `columns` with what each holds, `sample` rows as text."""

    name: str
    rows: int
    columns: tuple[tuple[str, Message], ...]
    sample: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a source gives, without importing it; `whole` is False where only first rows were read.

    `waiting` are files that somebody still writes to.
    """

    tables: tuple[TrialTable, ...]
    whole: bool
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alarm:
    """A source that is late or failing, in one sentence."""

    source: str
    health: str
    message: Message


def schedule_of(workspace: Workspace, plan: records.Plan) -> Schedule:
    """When a source is read, on the company's clock."""
    unit = cast(Literal["minutes", "hours", "days"], plan.unit)
    return Schedule(unit, plan.every, plan.at, workspace.settings.time_zone)


def source_view(workspace: Workspace, source: records.Stored, now: datetime) -> SourceView:
    """A stored source as people see it."""
    plan = source.plan
    heard = source.heard or source.created
    state = health(
        active=source.active, failures=source.failures, heard=heard, limit_hours=plan.limit_hours, now=now
    )
    return SourceView(
        plan.name,
        plan.kind,
        shown(plan.kind, plan.settings),
        plan.mapping,
        _schedule_words(plan),
        plan.limit_hours,
        source.active,
        state.value,
        source.created,
        source.tried,
        source.heard,
        max(0, int((now - heard).total_seconds() // 3600)),
        next_moment(workspace, source) if source.active else None,
        source.failures,
        source.rows,
        trouble_of(source.problem) if source.failures else None,
        tuple((table, tuple(columns)) for table, columns in sorted(source.columns.items())),
    )


def next_moment(workspace: Workspace, source: records.Stored) -> datetime:
    """When an active source is read next; in the past where it is due."""
    schedule = schedule_of(workspace, source.plan)
    moment = next_reading(schedule, created=source.created, tried=source.tried, failures=source.failures)
    return moment.astimezone(UTC)


def reading_view(reading: records.StoredReading) -> ReadingView:
    """A stored reading as people see it."""
    trouble = trouble_of(reading.problem)
    if trouble is None and reading.state == "failed":
        trouble = Trouble(Message(gettext_noop("Harken was stopped before the reading was done.")))
    return ReadingView(
        reading.started,
        reading.ended,
        reading.state,
        reading.rows,
        reading.import_id,
        reading.files,
        tuple(decode(reading.changes)),
        trouble,
    )


def trouble_of(problem: Any) -> Trouble | None:
    """A problem as it was stored."""
    return None if problem is None else cast(Trouble, decode(problem))


def list_sources(workspace: Workspace, now: datetime) -> tuple[SourceView, ...]:
    """Every source, by name; one query."""
    return tuple(source_view(workspace, source, now) for source in records.all_sources(workspace.root))


def show_source(workspace: Workspace, name: str, now: datetime) -> SourceView:
    """One source; raises SettingsError where there is none of that name."""
    return source_view(workspace, records.source_named(workspace.root, name), now)


def due(root: Path, now: datetime) -> tuple[str, ...]:
    """Names of the sources that are to be read now, the longest waiting first."""
    workspace = open_workspace(root)
    moments = [
        (next_moment(workspace, source), source.plan.name)
        for source in records.all_sources(workspace.root)
        if source.active
    ]
    return tuple(name for moment, name in sorted(moments) if moment <= now)


def headline(sources: Sequence[SourceView]) -> Message:
    """The finding about all sources: who is late, else who fails, else that all deliver."""
    late = sorted((one for one in sources if one.health == Health.LATE.value), key=lambda one: -one.silent_hours)
    failing = [one for one in sources if one.health == Health.FAILING.value]
    reading = [one for one in sources if one.active]
    if len(reading) == 1:
        return finding(reading[0])
    params: dict[str, Any] = {"n": len(late or failing), "total": len(reading)}
    if late:
        first = late[0]
        params |= {"name": first.name, "hours": first.silent_hours, "limit": first.limit_hours}
        if first.heard is None:
            params["since"] = Message(gettext_noop("never heard in {hours} hours"), {"hours": first.silent_hours})
        else:
            params["since"] = Message(gettext_noop("last heard {hours} hours ago"), {"hours": first.silent_hours})
        if len(late) == 1:
            text = gettext_noop("1 of {total} sources is late: {name}, {since} (limit {limit}).")
        else:
            text = gettext_noop("{n} of {total} sources are late, first {name}: {since} (limit {limit}).")
        return Message(text, {key: params[key] for key in params if key != "hours"})
    if failing:
        params["name"] = failing[0].name
        if len(failing) == 1:
            return Message(gettext_noop("1 of {total} sources fails: {name}. Harken tries again."), params)
        return Message(gettext_noop("{n} of {total} sources fail, first {name}. Harken tries again."), params)
    if not sources:
        return Message(gettext_noop("No source is read on a schedule yet."))
    if not reading:
        return Message(gettext_noop("Every source is paused."))
    return Message(gettext_noop("All {total} sources deliver in time."), {"total": len(reading)})


def finding(source: SourceView) -> Message:
    """What there is to say about one source, in one sentence."""
    values: dict[str, Any] = {"name": source.name, "hours": source.silent_hours, "limit": source.limit_hours}
    if not source.active:
        return Message(gettext_noop("{name} is paused."), {"name": source.name})
    if source.health == Health.LATE.value:
        text = (
            gettext_noop("{name} is late: last heard {hours} hours ago (limit {limit}).")
            if source.heard
            else gettext_noop("{name} is late: never heard in {hours} hours (limit {limit}).")
        )
        return Message(text, values)
    if source.failures:
        text = gettext_noop("{name} could not be read the last {n} times; Harken tries again.")
        once = gettext_noop("{name} could not be read the last time; Harken tries again.")
        return Message(text if source.failures > 1 else once, {"name": source.name, "n": source.failures})
    if source.heard is None:
        return Message(gettext_noop("{name} has brought nothing yet."), {"name": source.name})
    if not source.silent_hours:
        return Message(gettext_noop("{name} delivers in time: last heard within the hour."), {"name": source.name})
    if source.silent_hours == 1:
        return Message(gettext_noop("{name} delivers in time: last heard an hour ago."), {"name": source.name})
    return Message(gettext_noop("{name} delivers in time: last heard {hours} hours ago."), values)


def alarms(workspace: Workspace, now: datetime) -> tuple[Alarm, ...]:
    """A sentence for each source that is late or failing, the late ones first; one query."""
    found = []
    for one in list_sources(workspace, now):
        values: dict[str, Any] = {"name": one.name, "hours": one.silent_hours, "limit": one.limit_hours}
        if one.health == Health.LATE.value:
            text = (
                gettext_noop("{name} has brought nothing for {hours} hours (limit {limit}).")
                if one.heard
                else gettext_noop("{name} has never brought anything in {hours} hours (limit {limit}).")
            )
            found.append(Alarm(one.name, one.health, Message(text, values)))
        elif one.health == Health.FAILING.value:
            what = one.trouble.what if one.trouble else Message(gettext_noop("the last reading failed"))
            found.append(
                Alarm(one.name, one.health, Message(gettext_noop("{name}: {why}"), {"name": one.name, "why": what}))
            )
    return tuple(sorted(found, key=lambda alarm: alarm.health != Health.LATE.value))


def _schedule_words(plan: records.Plan) -> Message:
    if plan.unit == "days":
        return Message(gettext_noop("every day at {at}"), {"at": plan.at})
    if plan.unit == "hours":
        if plan.every == 1:
            return Message(gettext_noop("every hour"))
        return Message(gettext_noop("every {n} hours"), {"n": plan.every})
    if plan.every == 1:
        return Message(gettext_noop("every minute"))
    return Message(gettext_noop("every {n} minutes"), {"n": plan.every})
