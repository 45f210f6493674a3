"""A mapping applied to staged tables: every part becomes rows ready for the lake, every problem is logged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harken.lake.staging import lists, signals, snapshots
from harken.lake.staging.bases import Base, base_of
from harken.lake.staging.outputs import Output
from harken.lake.staging.situation import Situation
from harken.lake.staging.snapshots import SnapshotField
from harken.lake.staging.tables import StagedTable
from harken.listen.mapping.columns import missing
from harken.listen.mapping.model import (
    AccountsPart,
    FileMapping,
    OutcomePart,
    Part,
    PeoplePart,
    SignalPart,
    SnapshotPart,
)
from harken.vocabulary.errors import DataError
from harken.vocabulary.messages import Message, gettext_noop

StoredTypes = Mapping[str, Mapping[str, str]]
"""For each snapshot source in the lake: the type of each of its columns."""


@dataclass(slots=True)
class Applied:
    """Everything an import is ready to deliver; `fields` are the columns of each snapshot source."""

    outputs: list[Output] = field(default_factory=list)
    tables: list[StagedTable] = field(default_factory=list)
    fields: dict[str, list[SnapshotField]] = field(default_factory=dict)


def apply(
    situation: Situation,
    plan: Sequence[tuple[FileMapping, Sequence[StagedTable]]],
    other: Callable[[FileMapping, str], StagedTable],
    stored: StoredTypes,
    tell: Callable[[str, float], None],
) -> Applied:
    """Apply each [[file]] section to its tables; `other` finds the table that a join names.

    Raises `DataError` with every obstacle at once: missing columns, times without a zone, currencies without a
    rate.
    """
    refuse_missing(situation, plan)
    applied = Applied()
    total = sum(len(tables) for _, tables in plan) or 1
    for file, tables in plan:
        bases = []
        for table in tables:
            tell(table.name, len(applied.tables) / total)
            if all(table.number != known.number for known in applied.tables):
                applied.tables.append(table)
                situation.log.add_bad_rows(table)
                situation.notes.extend(table.notes)
            bases.append(base_of(situation.staging, table, file, situation.mapping.blank, other))
        for part in file.parts:
            apply_part(situation, applied, file, part, bases, stored)
    refuse_obstacles(situation)
    return applied


def refuse_missing(situation: Situation, plan: Sequence[tuple[FileMapping, Sequence[StagedTable]]]) -> None:
    """Refuse a mapping that names columns the files do not have."""
    for file, tables in plan:
        brought = [new for join in file.joins for new, _ in join.columns]
        open_join = any(not join.columns for join in file.joins)
        for table in tables:
            if not open_join:
                situation.obstacles += missing(file, table.name, (*table.columns, *brought))
    refuse_obstacles(situation)


def refuse_obstacles(situation: Situation) -> None:
    """Raise if anything stops the import as a whole."""
    if situation.obstacles:
        raise DataError(
            Message(gettext_noop("The files and the mapping do not fit together:")),
            Message(gettext_noop("Nothing was imported. Correct the mapping and import again.")),
            situation.obstacles,
        )


def apply_part(
    situation: Situation,
    applied: Applied,
    file: FileMapping,
    part: Part,
    bases: Sequence[Base],
    stored: StoredTypes,
) -> None:
    """The rows of one part from each of its tables."""
    fields: list[SnapshotField] = []
    if isinstance(part, SnapshotPart):
        fields = snapshots.choose_fields(situation, file, part, bases, stored.get(part.source, {}))
        applied.fields[part.source] = fields
    only_lists = not any(isinstance(known, SignalPart) for known in file.parts)
    for base in bases:
        output: Output | None
        if isinstance(part, SignalPart):
            output = signals.make(situation, base, part)
            if output is not None:
                signals.check_currencies(situation, output)
        elif isinstance(part, PeoplePart):
            output = lists.make_people(situation, base, part, strict=only_lists)
        elif isinstance(part, AccountsPart):
            alone = only_lists and not any(isinstance(known, PeoplePart) for known in file.parts)
            output = lists.make_accounts(situation, base, part, strict=alone)
        elif isinstance(part, OutcomePart):
            output = lists.make_outcome(situation, base, part)
        else:
            output = snapshots.make(situation, base, part, fields)
        if output is not None:
            applied.outputs.append(output)
