"""Wide tables of facts about each customer: which columns are taken, as what, under which name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harken.lake import ids
from harken.lake.staging.bases import Base
from harken.lake.staging.delimited import ROW
from harken.lake.staging.outputs import Output, refuse_contradictions
from harken.lake.staging.recipes import EARLIEST_US, Recipe
from harken.lake.staging.situation import Situation, key_sql
from harken.lake.staging.tables import PROBLEM_COLUMN
from harken.lake.staging.times import TimePlan
from harken.lake.staging.values import number_sql
from harken.listen.mapping.columns import find_column, plain, slug
from harken.listen.mapping.model import Field, FileMapping, OutcomePart, Part, PeoplePart, SignalPart, SnapshotPart
from harken.listen.mapping.proposal.words import spaced
from harken.vocabulary.errors import Problem
from harken.vocabulary.messages import Message, gettext_noop

KEYS = ("person_key", "native_key", "as_of_us")
RESERVED = frozenset({"person_key", "as_of_us", "import_id", "customer_id", "native_key"})
TEXT_DISTINCT_SHARE = 0.5
TEXT_DISTINCT_LEAST = 200
TEXT_CHARACTERS_MEAN = 60
QUERY_COLUMNS = 30
"""Columns computed in one query: planning takes far more than twice as long for twice as many."""
STRAY_SHARE, STRAY_WORDS = 0.05, 3
"""A column of numbers may hold so many cells of other texts, of so few different ones, and still is one."""
ID_NAME = re.compile(
    r"(^|\s)(id|uuid|guid|no|nr|number|key|index|row)$|^unnamed|编号|編號|序号|序號", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class SnapshotField:
    """A column of a snapshot: `type` number, category or time; `role` feature or value; `times` multiplies it."""

    name: str
    label: str
    type: str
    role: str
    family: str | None
    lever: bool | None
    times: float = 1.0
    certain: bool = False
    """True where every value is known to be readable, so that no check is needed."""


def used_otherwise(file: FileMapping) -> set[str]:
    """Columns that parts of the file use as number, id, weight, outcome, name or words: no features."""
    taken: set[str] = set()
    for part in file.parts:
        for field in fields_used_up(part):
            taken |= {plain(column) for column in field.columns}
    return taken


def fields_used_up(part: Part) -> list[Field]:
    """Fields of a part that a snapshot of all columns leaves out."""
    fields: list[Field | None] = []
    if not hasattr(part, "who"):
        return []
    fields += [part.who.person, part.who.account, part.who.time]
    if isinstance(part, SignalPart):
        fields += [part.text("native_id"), part.text("comment"), dict(part.numbers).get("weight")]
    elif isinstance(part, OutcomePart):
        fields.append(part.value)
    elif isinstance(part, PeoplePart):
        fields += [field for name, field in part.texts if name in ("name", "email", "phone")]
        fields += [part.joined, part.left]
    elif isinstance(part, SnapshotPart):
        fields.append(part.as_of)
    return [field for field in fields if field is not None]


def choose_fields(
    situation: Situation, file: FileMapping, part: SnapshotPart, bases: Sequence[Base], stored: Mapping[str, str]
) -> list[SnapshotField]:
    """The columns of a snapshot over all its files; `stored` are types of columns already in the lake."""
    labels = list(dict.fromkeys(label for base in bases for label in base.columns))
    chosen = pick(file, part, labels)
    declared = {find_column(name, labels) or name: kind for name, kind in part.types}
    families = {find_column(name, labels) or name: family for name, family in part.families}
    levers = {find_column(name, labels) or name for name in part.levers}
    value = find_column(part.value, labels) if part.value is not None else None
    taken: set[str] = set(RESERVED)
    fields: list[SnapshotField] = []
    for label in chosen:
        name = free_name(slug(label), taken)
        fixed = declared.get(label) or stored.get(name) or ("number" if label == value else None)
        kind = infer(situation, bases, label, fixed, explicit=part.columns is not None)
        if label == value and kind != "number":
            situation.stop(bases[0], label, gettext_noop("the value of a customer should be a number"))
        if kind == "ignored":
            continue
        taken.add(name)
        yearly = label == value and part.value_period == "year"
        fields.append(
            SnapshotField(
                name,
                label,
                kind,
                "value" if yearly else "feature",
                families.get(label),
                True if label in levers else None,
                certain=fixed is None,
            )
        )
        if label == value and not yearly:
            yearly_name = free_name(f"{name}_per_year", taken)
            taken.add(yearly_name)
            fields.append(SnapshotField(yearly_name, label, kind, "value", families.get(label), None, 12.0, True))
    return fields


def pick(file: FileMapping, part: SnapshotPart, labels: Sequence[str]) -> list[str]:
    """The columns to take: those listed, else all that are not used otherwise."""
    without = {find_column(name, labels) for name in part.without} | {PROBLEM_COLUMN}
    if part.columns is not None:
        found = [find_column(name, labels) for name in part.columns]
        if part.value is not None:
            found.append(find_column(part.value, labels))
        return [name for name in dict.fromkeys(found) if name is not None and name not in without]
    used = used_otherwise(file)
    if part.value is not None:
        used -= {plain(part.value)}
    return [label for label in labels if label not in without and plain(label) not in used]


def free_name(name: str, taken: set[str]) -> str:
    """The name itself, or with a number where it is taken."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def infer(situation: Situation, bases: Sequence[Base], label: str, fixed: str | None, *, explicit: bool) -> str:
    """number, time or category, from all values of a column; `ignored` for empty ones, ids and free text."""
    if fixed is not None:
        return fixed
    profiles = [profile(situation, base, label) for base in bases if label in base.columns]
    filled = sum(p.filled for p in profiles)
    note = situation.notes.append
    place = bases[0].table.name
    if not filled:
        note(Problem(Message(gettext_noop("the column is empty and was left out")), file=place, column=label))
        return "ignored"
    numeric = all(p.numbers == p.filled and not p.coded for p in profiles)
    strays = filled - sum(p.numbers for p in profiles)
    if not numeric and strays <= STRAY_SHARE * filled and not any(p.coded for p in profiles):
        words = stray_words(situation, bases, label)
        if len(words) <= STRAY_WORDS:
            text = gettext_noop("{count} cells hold no number ({words}) and were left empty")
            note(Problem(Message(text, {"count": strays, "words": ", ".join(words)}), file=place, column=label))
            numeric = True
    distinct, characters = max(p.distinct for p in profiles), max(p.characters for p in profiles)
    if not explicit:
        unlike = distinct >= max(TEXT_DISTINCT_LEAST, TEXT_DISTINCT_SHARE * filled)
        words = not numeric and (unlike or (characters > TEXT_CHARACTERS_MEAN and distinct > 20))
        numbering = numeric and distinct >= 0.99 * filled > 20 and bool(ID_NAME.search(spaced(label)))
        if (words and time_of(situation, bases, label) is None) or numbering:
            reason = gettext_noop(
                "every value is different (a number, a name or free text), so the column was left out"
            )
            note(Problem(Message(reason), file=place, column=label))
            return "ignored"
    if numeric:
        return "number"
    return "category" if time_of(situation, bases, label) is None else "time"


def stray_words(situation: Situation, bases: Sequence[Base], label: str) -> list[str]:
    """The different texts of a column that are no numbers, a few at most."""
    found: set[str] = set()
    for base in bases:
        if label in base.columns:
            query = (
                f"SELECT DISTINCT t FROM (SELECT {base.cell(Field((label,)))} AS t FROM {base.relation})"
                f" WHERE t IS NOT NULL AND {number_sql('t', base.decimal)} IS NULL"
                f" ORDER BY t LIMIT {STRAY_WORDS + 1}"
            )
            found |= {row[0] for row in situation.staging.sql(query).fetchall()}
    return sorted(found)


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """Counts over one column: filled cells, numbers among them, different values, mean length, codes with leading
    0."""

    filled: int
    numbers: int
    distinct: int
    characters: float
    coded: bool
    dated: int


def profile(situation: Situation, base: Base, label: str) -> ColumnProfile:
    """The counts of one column."""
    cell = base.cell(Field((label,)))
    row = situation.staging.row(
        f"SELECT count(t), count({number_sql('t', base.decimal)}), count(DISTINCT t), coalesce(avg(length(t)), 0),"
        " coalesce(bool_or(regexp_matches(t, '^0[0-9]')), false),"
        " count(*) FILTER (WHERE regexp_matches(t, '^[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月]|[A-Za-z]{3}.*[0-9]{2}'))"
        f" FROM (SELECT {cell} AS t FROM {base.relation})"
    )
    return ColumnProfile(*row)


def time_of(situation: Situation, bases: Sequence[Base], label: str) -> TimePlan | None:
    """How the times of a column are written, None where it holds none."""
    plans = []
    for base in bases:
        if label not in base.columns:
            continue
        counts = profile(situation, base, label)
        if counts.dated < 0.95 * counts.filled:
            return None
        evidence = situation._evidence(base.cell(Field((label,))), base.relation)
        plan = evidence.plan(0.95)
        if plan is None or plan.word not in ("iso", "named", "dmy", "mdy"):
            return None
        cell = base.cell(Field((label,)))
        earliest = situation.staging.row(
            f"SELECT min({plan.local_sql('t')}) FROM (SELECT {cell} AS t FROM {base.relation})"
        )
        if earliest[0] is None or earliest[0] < EARLIEST_US:
            return None  # a bare time of day, written as a moment of 1899
        plans.append(plan)
    return plans[0] if plans else None


def make(situation: Situation, base: Base, part: SnapshotPart, fields: Sequence[SnapshotField]) -> Output | None:
    """The rows of a snapshot from one file."""
    recipe = situation.recipe(base)
    if not situation.add_person(recipe, part.who):
        return None
    keys = {"person_key": ids.person_key_sql(key_sql(situation), "native_key"), "native_key": "native_key"}
    keys["as_of_us"] = "CAST(NULL AS BIGINT)"
    if part.as_of is not None:
        situation.add_time(recipe, "as_of_us", part.as_of, part.who, required=True)
        keys["as_of_us"] = "as_of_us"
    where = base.where(part.filters)
    relations = [recipe.run(keys, where, "true", situation.log)]
    names = list(keys)
    for start in range(0, len(fields), QUERY_COLUMNS):
        recipe = situation.recipe(base)
        columns = dict(add_field(situation, recipe, field) for field in fields[start : start + QUERY_COLUMNS])
        relations.append(recipe.run(columns, where, "true", situation.log))
        names += columns
    relation = side_by_side(situation, relations, names)
    output = Output(part, base.table, f"snapshots/{part.source}", "snapshot", relation, tuple(names))
    label = part.who.person.label if part.who.person is not None else ""
    reason = Message(gettext_noop("{value} stands in row {detail} too, with other content"))
    refuse_contradictions(
        situation.staging, situation.log, output, ("person_key", "as_of_us"), label, "native_key", reason
    )
    return output


def add_field(situation: Situation, recipe: Recipe, field: SnapshotField) -> tuple[str, str]:
    """Add one column of a snapshot to a recipe; its quoted name and the SQL of its value."""
    base = recipe.base
    here = find_column(field.label, tuple(base.columns))
    position = len(recipe.layers[0])
    if here is None:
        return quoted(field.name), f"CAST(NULL AS {'VARCHAR' if field.type == 'category' else 'DOUBLE'})"
    text = recipe.cell(f"x{position}", base.cell(Field((here,))))
    if field.type == "category":
        return quoted(field.name), text
    if field.type == "time":
        plan = time_of(situation, (base,), here) or TimePlan("iso")
        zone = situation.zone or "UTC"
        recipe.add_time(f"n{position}", text, field.label, plan, zone, future=True, certain=field.certain)
        return quoted(field.name), f"CAST(n{position} AS DOUBLE)"
    number = f"{number_sql(text, base.decimal)} * {field.times!r}"
    if field.certain:
        recipe.layers[1][f"n{position}"] = number
    else:
        recipe.add_number(f"n{position}", number, text, field.label)
    return quoted(field.name), f"n{position}"


def side_by_side(situation: Situation, relations: Sequence[str], names: Sequence[str]) -> str:
    """One table of the columns of several that hold the same rows."""
    staging = situation.staging
    table = f"part_{staging.number()}"
    first, *rest = relations
    joins = "".join(f" JOIN {other} USING ({ROW})" for other in rest)
    staging.sql(f"CREATE TABLE {table} AS SELECT {', '.join([ROW, *names])} FROM {first}{joins}")
    for relation in relations:
        staging.sql(f"DROP TABLE {relation}")
    return table


def quoted(name: str) -> str:
    """A column name for SQL."""
    return '"' + name.replace('"', '""') + '"'
