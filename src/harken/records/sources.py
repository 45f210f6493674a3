"""Scheduled sources and their readings for use cases: plain values in, plain values out, Django kept inside.

Messages are stored encoded: this module keeps them as it is given them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harken.records.connection import connect
from harken.vocabulary.errors import Problem, SettingsError
from harken.vocabulary.messages import Message, gettext_noop

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from harken.records.models import ScheduledSource, SourceReading

READINGS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person decides about a source. `settings` hold its secrets: they stay between records and gateways.

    `mapping` is the name of a file in `mappings/`, "" as long as Harken is to propose one.
    """

    name: str
    kind: str
    settings: Mapping[str, str] = field(repr=False)
    mapping: str
    unit: str
    every: int
    at: str
    limit_hours: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A source as it is kept: its plan, and what its last readings left (times in UTC, `problem` encoded)."""

    id: int
    plan: Plan
    active: bool
    created: datetime
    since: Mapping[str, Any] = field(repr=False)
    columns: Mapping[str, Mapping[str, str]]
    tried: datetime | None
    heard: datetime | None
    failures: int
    rows: int | None
    problem: Any


@dataclass(frozen=True, slots=True)
class StoredReading:
    """One reading as it is kept; `problem` and `changes` encoded."""

    id: int
    started: datetime
    ended: datetime | None
    state: str
    rows: int
    import_id: int | None
    problem: Any
    changes: Any
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reading ended: "done", "unchanged", "failed" or "cancelled", and what it leaves.

    `since`, `columns` and `mapping` are for the next reading; None where this one leaves those as they were.
    """

    state: str
    rows: int = 0
    import_id: int | None = None
    problem: Any = None
    changes: Any = ()
    files: tuple[str, ...] = ()
    since: Mapping[str, Any] | None = field(default=None, repr=False)
    columns: Mapping[str, Mapping[str, str]] | None = None
    mapping: str | None = None


def all_sources(root: Path) -> tuple[Stored, ...]:
    """Every source, by name; one query."""
    connect(root)
    from harken.records.models import ScheduledSource

    return tuple(_stored(row) for row in ScheduledSource.objects.order_by("name"))


def source_named(root: Path, name: str) -> Stored:
    """One source; raises SettingsError where there is none of that name."""
    connect(root)
    from harken.records.models import ScheduledSource

    row = ScheduledSource.objects.filter(name=name).first()
    if row is None:
        raise _unknown(name)
    return _stored(row)


def add_source(root: Path, plan: Plan, *, now: datetime, created_by: str | None = None) -> Stored:
    """Keep a new source; raises SettingsError where the name is taken."""
    connect(root)
    from django.db import IntegrityError, transaction

    from harken.records.models import ScheduledSource, User

    user = User.objects.filter(username=created_by).first() if created_by else None
    try:
        with transaction.atomic():
            row = ScheduledSource.objects.create(**_fields(plan), created=now, created_by=user)
    except IntegrityError:
        raise _taken(plan.name) from None
    return _stored(row)


def change_source(root: Path, name: str, plan: Plan) -> Stored:
    """Replace what was decided about a source; a failing one is tried again at once.

    Where its kind, settings or mapping changed it is read from the beginning.
    """
    connect(root)
    from django.db import IntegrityError, transaction

    from harken.records.models import ScheduledSource

    try:
        with transaction.atomic():
            row = ScheduledSource.objects.select_for_update().filter(name=name).first()
            if row is None:
                raise _unknown(name)
            before = row.kind, row.settings, row.mapping
            for column, value in _fields(plan).items():
                setattr(row, column, value)
            if before != (row.kind, row.settings, row.mapping):
                row.since = {}
            if before[:2] != (row.kind, row.settings):
                row.columns = {}
            if row.failures:
                row.tried, row.failures = None, 0
            row.save()
    except IntegrityError:
        raise _taken(plan.name) from None
    return _stored(row)


def set_active(root: Path, name: str, active: bool) -> None:
    """Pause a source, or let it go on."""
    connect(root)
    from harken.records.models import ScheduledSource

    if not ScheduledSource.objects.filter(name=name).update(active=active):
        raise _unknown(name)


def remove_source(root: Path, name: str) -> None:
    """Forget a source and its readings; what it brought stays in the lake."""
    connect(root)
    from harken.records.models import ScheduledSource

    removed, _ = ScheduledSource.objects.filter(name=name).delete()
    if not removed:
        raise _unknown(name)


def begin_reading(root: Path, source_id: int, now: datetime) -> int:
    """Note that a reading begins; one that never ended (its process was killed) is noted as failed."""
    connect(root)
    from harken.records.models import ScheduledSource, SourceReading

    close_abandoned(root, source_id)
    ScheduledSource.objects.filter(id=source_id).update(tried=now)
    return SourceReading.objects.create(source_id=source_id, started=now).pk


def close_abandoned(root: Path, source_id: int | None = None) -> int:
    """Note readings as failed that were under way when their process ended; only for whoever knows that it did."""
    connect(root)
    from django.db.models import F

    from harken.records.models import ScheduledSource, SourceReading

    abandoned = SourceReading.objects.filter(state=SourceReading.State.RUNNING)
    if source_id is not None:
        abandoned = abandoned.filter(source_id=source_id)
    sources = list(abandoned.values_list("source_id", flat=True))
    if sources:
        abandoned.update(state=SourceReading.State.FAILED)
        ScheduledSource.objects.filter(id__in=sources).update(failures=F("failures") + 1)
    return len(sources)


def end_reading(root: Path, source_id: int, reading_id: int, outcome: Outcome, now: datetime) -> None:
    """Keep what came of a reading, and what the next one must know."""
    connect(root)
    from django.db import transaction
    from django.db.models import F

    from harken.records.models import ScheduledSource, SourceReading

    left: dict[str, Any] = {"problem": outcome.problem}
    if outcome.state == "failed":
        left["failures"] = F("failures") + 1
    elif outcome.state != "cancelled":
        left |= {"failures": 0, "rows": outcome.rows}
    if outcome.state == "done":
        left["heard"] = now
    for name in ("since", "columns", "mapping"):
        value = getattr(outcome, name)
        if value is not None:
            left[name] = value
    with transaction.atomic():
        SourceReading.objects.filter(id=reading_id).update(
            ended=now,
            state=outcome.state,
            rows=outcome.rows,
            import_id=outcome.import_id,
            problem=outcome.problem,
            changes=outcome.changes,
            columns=outcome.columns or {},
            files=list(outcome.files),
        )
        ScheduledSource.objects.filter(id=source_id).update(**left)
        _forget_oldest(SourceReading.objects.filter(source_id=source_id))


def readings_of(root: Path, source_id: int, most: int) -> tuple[tuple[StoredReading, ...], int]:
    """The newest readings of a source, and how many there are."""
    connect(root)
    from harken.records.models import SourceReading

    rows = SourceReading.objects.filter(source_id=source_id).order_by("-started", "-id")
    return tuple(_reading(row) for row in rows[:most]), rows.count()


def _forget_oldest(readings: QuerySet[SourceReading]) -> None:
    kept = readings.order_by("-started", "-id").values_list("id", flat=True)[READINGS_KEPT : READINGS_KEPT + 1]
    oldest = list(kept)
    if oldest:
        readings.filter(id__lte=oldest[0]).delete()


def _fields(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "kind": plan.kind,
        "settings": dict(plan.settings),
        "mapping": plan.mapping,
        "unit": plan.unit,
        "every": plan.every,
        "at": plan.at,
        "limit_hours": plan.limit_hours,
    }


def _stored(row: ScheduledSource) -> Stored:
    plan = Plan(row.name, row.kind, row.settings, row.mapping, row.unit, row.every, row.at, row.limit_hours)
    return Stored(
        row.pk, plan, row.active, row.created, row.since, row.columns, row.tried, row.heard, row.failures, row.rows,
        row.problem,
    )  # fmt: skip


def _reading(row: SourceReading) -> StoredReading:
    return StoredReading(
        row.pk, row.started, row.ended, row.state, row.rows, row.import_id, row.problem, row.changes,
        tuple(row.files),
    )  # fmt: skip


def _unknown(name: str) -> SettingsError:
    return SettingsError(
        Message(gettext_noop("There is no source {name}."), {"name": name}),
        Message(gettext_noop("`harken sources list` shows those there are.")),
    )


def _taken(name: str) -> SettingsError:
    reason = Message(gettext_noop("There is a source {name} already."), {"name": name})
    return SettingsError(reason, None, [Problem(reason, column="name")])
