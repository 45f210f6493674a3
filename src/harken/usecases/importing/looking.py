"""A first look at files on their way in: what each column holds, and which tables share their keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from harken.lake.staging.profiling import overlap, profile_table
from harken.lake.staging.tables import Layout, StagedTable
from harken.listen.mapping.proposal.drafting import group
from harken.listen.mapping.proposal.profiles import TableProfile
from harken.listen.mapping.proposal.relations import Overlap, shared_key
from harken.usecases.importing.session import Session
from harken.vocabulary.errors import DataError, Problem
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress


@dataclass(frozen=True, slots=True)
class Shared:
    """The share (0 to 1) of the values of one column that stand in a column of another table."""

    left: tuple[str, str | None]
    left_column: str
    right: tuple[str, str | None]
    right_column: str
    share: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of files, enough to propose a mapping without opening them again.

    `name` is what the files have in common, `tables` a profile of each table, `shared` the keys that tables have
    in common, `notes` what could not be read.
    """

    name: str
    tables: tuple[TableProfile, ...]
    shared: tuple[Shared, ...]
    notes: tuple[Problem, ...]

    def overlap(self) -> Overlap:
        """The comparison of columns that a draft asks for, from what was seen."""
        known = {(one.left, one.left_column, one.right, one.right_column): one.share for one in self.shared}

        def compare(left: TableProfile, left_column: str, right: TableProfile, right_column: str) -> float:
            return known.get((left.key, left_column, right.key, right_column), 0.0)

        return compare


def look(session: Session, progress: Progress) -> Seen:
    """Stage and profile every file of a session; raises DataError where none can be read."""
    tables: dict[tuple[str, str | None], StagedTable] = {}
    profiles: list[TableProfile] = []
    failures: list[Problem] = []
    for position, raw in enumerate(session.raws):
        progress(Message(gettext_noop("Looking at {file}"), {"file": raw.name}), position / len(session.raws))
        try:
            staged = session.tables(raw, Layout())
        except DataError as error:
            failures.append(Problem(error.what))
            continue
        for table in staged:
            tables[table.name, table.sheet] = table
            profiles.append(profile_table(session.staging, table))
    session.notes += failures
    if not profiles:
        if len(failures) == 1:
            raise DataError(failures[0].reason)
        raise DataError(Message(gettext_noop("None of the files can be read:")), problems=failures)
    shared = compared(session, tables, profiles)
    return Seen(session.name(), tuple(profiles), tuple(shared), tuple(session.notes))


def compared(
    session: Session, tables: dict[tuple[str, str | None], StagedTable], profiles: Sequence[TableProfile]
) -> list[Shared]:
    """The shares of all pairs of columns that could be one key, whatever a person will say about them."""
    found = []
    first = [members[0] for _, members in group(profiles)]
    for left, right in permutations(first, 2):
        for column in left.columns:
            key = shared_key(column, right)
            if key is None or not column.filled:
                continue
            share = overlap(session.staging, tables[left.key], column.name, tables[right.key], key.name)
            if share > 0:
                found.append(Shared(left.key, column.name, right.key, key.name, share))
    return found
