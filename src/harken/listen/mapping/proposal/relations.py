"""How tables hang together: which file tells whose row it is, and which joins bring that to the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harken.listen.mapping.columns import plain
from harken.listen.mapping.proposal import words
from harken.listen.mapping.proposal.profiles import ColumnProfile, TableProfile
from harken.listen.mapping.proposal.roles import Roles, person_strength

Overlap = Callable[[TableProfile, str, TableProfile, str], float]
"""Share of the different values of the first column that stand in the second."""

LEAST_OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class JoinStep:
    """Join `table` where its `there` equals `here`, and bring `columns` as (new name, name there)."""

    table: str
    sheet: str | None
    here: str
    there: str
    columns: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Related:
    """A table with the joins it needs; `person` is the column with the customer's number after them."""

    table: TableProfile
    roles: Roles
    person: str | None
    distinct: int
    joins: list[JoinStep] = field(default_factory=list)
    brought: list[ColumnProfile] = field(default_factory=list)
    joined_into: str | None = None


def relate(tables: Sequence[TableProfile], roles: Sequence[Roles], overlap: Overlap) -> list[Related]:
    """Every table with the person of its rows, found in the table itself or through joins."""
    found = [
        Related(table, role, role.person, table.column(role.person).distinct if role.person else 0)
        for table, role in zip(tables, roles, strict=True)
    ]
    drop_weak_persons(found)
    follow_aliases(found, overlap)
    for _ in range(len(found)):
        if not any(reach(item, found, overlap) for item in found if item.person is None):
            break
    add_lookups(found, overlap)
    return found


def drop_weak_persons(found: list[Related]) -> None:
    """A bare "id" is the person only where no other table has a better number that this one refers to."""
    strong = any(item.person and surely_person(item, item.person) >= 2 for item in found)
    if len(found) > 1 and strong:
        for item in found:
            if item.person is not None and surely_person(item, item.person) == 1:
                item.person, item.distinct = None, 0


def surely_person(item: Related, column: str) -> int:
    """How much a column looks like a customer's number; as much as can be where a person said so."""
    return 3 if column in item.roles.settled else person_strength(item.table.column(column))


def follow_aliases(found: list[Related], overlap: Overlap) -> None:
    """Where a table translates one customer number into the person's own, other tables follow it."""
    for guide in found:
        alias = guide.roles.person_alias
        if alias is None or guide.person is None:
            continue
        for item in found:
            if item is guide or item.person is None or plain(item.person) != plain(alias):
                continue
            if overlap(item.table, item.person, guide.table, alias) >= LEAST_OVERLAP:
                new = free_name(guide.person, item)
                item.joins.append(
                    JoinStep(guide.table.name, guide.table.sheet, item.person, alias, ((new, guide.person),))
                )
                item.person = new
                item.distinct = min(item.distinct, guide.distinct)


def free_name(name: str, item: Related) -> str:
    """A name for a brought column that the table does not have."""
    taken = {column.name for column in item.table.columns} | {new for join in item.joins for new, _ in join.columns}
    candidate = name
    number = 1
    while candidate in taken:
        number += 1
        candidate = f"{name} ({number})"
    return candidate


def reach(item: Related, found: list[Related], overlap: Overlap) -> bool:
    """Find a table that knows the person of this one's rows; True where one was found."""
    for column in item.table.columns:
        if column.time_word is not None or column.distinct < 2 or column.characters > 60:
            continue
        for other in found:
            key = shared_key(column, other.table)
            if other is item or other.person is None or key is None:
                continue
            if overlap(item.table, column.name, other.table, key.name) < LEAST_OVERLAP:
                continue
            bring(item, other, column.name, key.name)
            return True
    return False


def shared_key(column: ColumnProfile, other: TableProfile) -> ColumnProfile | None:
    """The column of another table that has the same name (or is its `id`) and no value twice."""
    name = words.spaced(column.name)
    stem = words.spaced(other.name.rsplit(".", 1)[0])
    for candidate in other.columns:
        same = plain(candidate.name) == plain(column.name)
        own = (
            words.BARE_ID.search(words.spaced(candidate.name))
            and name.endswith(" id")
            and name[:-3].rstrip("s") in stem
        )
        if (same or own) and candidate.unique and candidate.distinct >= candidate.filled and key_like(candidate):
            return candidate
    return None


def key_like(column: ColumnProfile) -> bool:
    """True for columns that number or name things: no measures, no times."""
    return (
        column.time_word is None
        and not (column.numeric and column.whole < column.numbers)
        and column.characters < 60
    )


def bring(item: Related, other: Related, here: str, there: str) -> None:
    """Add the joins that lead from `item` over `other` to the person."""
    wanted: list[tuple[str, str]] = []
    first_person = other.roles.person if other.joins else other.person
    if first_person is not None and first_person != there:
        wanted.append((free_name(first_person, item), first_person))
    if item.roles.time is None and other.roles.time is not None:
        new = free_name(other.roles.time, item)
        wanted.append((new, other.roles.time))
        item.brought.append(other.table.column(other.roles.time))
        item.roles.time = new
    if wanted:
        item.joins.append(JoinStep(other.table.name, other.table.sheet, here, there, tuple(wanted)))
    item.person = wanted[0][0] if first_person is not None and first_person != there else here
    for step in other.joins:
        if first_person is None or step.here != first_person:
            continue
        new = free_name(step.columns[0][0], item)
        item.joins.append(JoinStep(step.table, step.sheet, item.person, step.there, ((new, step.columns[0][1]),)))
        item.person = new
    item.distinct = min(other.distinct, item.table.rows)


def add_lookups(found: list[Related], overlap: Overlap) -> None:
    """Bring tables that describe places or products, not people, to the customer tables that name their key."""
    for lookup in found:
        if lookup.person is not None:
            continue
        for item in found:
            if item.person is None or item is lookup or item.distinct < 0.98 * item.table.rows:
                continue
            for column in item.table.columns:
                key = shared_key(column, lookup.table)
                if key is None or column.name == item.person:
                    continue
                if overlap(item.table, column.name, lookup.table, key.name) < LEAST_OVERLAP:
                    continue
                names = [
                    c.name
                    for c in lookup.table.columns
                    if c.name != key.name
                    and not words.BARE_ID.search(words.spaced(c.name))
                    and not item.table.has(c.name)
                ]
                if names:
                    columns = tuple((name, name) for name in names)
                    item.joins.append(
                        JoinStep(lookup.table.name, lookup.table.sheet, column.name, key.name, columns)
                    )
                    item.brought += [lookup.table.column(name) for name in names]
                    lookup.joined_into = item.table.name
                break
