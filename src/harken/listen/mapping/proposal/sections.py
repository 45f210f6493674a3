"""The [[file]] section of one table, from its roles."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harken.listen.mapping.columns import slug
from harken.listen.mapping.proposal import words
from harken.listen.mapping.proposal.profiles import ColumnProfile
from harken.listen.mapping.proposal.relations import Related
from harken.listen.mapping.proposal.roles import (
    Kind,
    Roles,
    choose_fields,
    choose_measures,
    first,
    plausible_time,
    unit_of,
)
from harken.listen.mapping.proposal.scores import ScoreGuess
from harken.listen.mapping.writing import TomlText, key, value_text
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import SCALES

EVENT_SECTIONS = {
    "orders": "orders",
    "contacts": "contacts",
    "usage": "usage",
    "behaviour": "behaviour",
    "signals": "signals",
}


@dataclass(frozen=True, slots=True)
class Check:
    """A guess that only a person can confirm: about a column of a table, or (column "") about the table."""

    table: str
    column: str
    remark: Message


@dataclass(slots=True)
class Context:
    """What the sections of one draft share: names of snapshots given, whether there is an outcome at all."""

    source: str
    say: Callable[[Message], str]
    any_outcome: bool
    any_wide: bool
    snapshots: int
    taken: set[str] = field(default_factory=set)
    table: str = ""
    checks: list[Check] = field(default_factory=list)

    def check(self, text: str, column: str = "", **params: str) -> str:
        """A remark that asks the reader to confirm what a column of the present table, or the table itself, is."""
        message = Message(text, params)
        self.checks.append(Check(self.table, column, message))
        return "CHECK " + self.say(message)

    def snapshot_source(self, name: str) -> str:
        """A name for a snapshot that no other one of the draft has."""
        base = self.source
        if self.snapshots > 1:
            own = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")
            base = f"{self.source}_{own}"[:56] if own else self.source
        candidate, number = base, 1
        while candidate in self.taken:
            number += 1
            candidate = f"{base}_{number}"
        self.taken.add(candidate)
        return candidate


def write(out: TomlText, pattern: str, item: Related, kind: Kind, context: Context) -> None:
    """Write the section."""
    table, roles = item.table, item.roles
    out.section("[[file]]")
    out.put("name", pattern)
    out.put("sheet", table.sheet)
    if table.header_rows != 1:
        out.put("header_rows", table.header_rows)
    out.put("decimal", "," if table.decimal == "," else None)
    if kind != "accounts":
        write_person(out, item, context)
    time = roles.time if kind != "wide" or roles.scores or roles.comment else None
    if time in (roles.joined, roles.left) and kind == "wide":
        time = None
    if time is not None and kind not in ("wide", "accounts", "leavers"):
        write_time(out, item, time, context)
    for step in item.joins:
        out.section("[[file.join]]")
        out.put("file", step.table)
        out.put("on", {step.here: step.there})
        out.put("columns", dict(step.columns))
    if kind == "accounts":
        write_accounts(out, item)
        return
    if kind == "leavers":
        if roles.outcomes:
            write_outcomes(out, item, context)
        else:
            write_leavers(out, item, context)
        return
    if kind in ("wide", "panel") or (not context.any_wide and kind != "answers"):
        write_people(out, item, kind, context)
    if roles.scores or kind == "answers" or (kind == "wide" and roles.comment is not None):
        write_answers(out, item, kind, time, context)
    if kind in EVENT_SECTIONS and not (kind == "signals" and roles.scores):
        write_events(out, item, kind, context)
    write_outcomes(out, item, context)
    if kind in ("wide", "panel"):
        write_snapshot(out, item, kind, context)


def write_person(out: TomlText, item: Related, context: Context) -> None:
    """Whose rows these are."""
    person = item.person or "#row"
    if person == "#row":
        note = context.check(gettext_noop("no customer number was found: every row counts as another person"))
        out.put("person", person, note)
        return
    out.put("person", person)
    if item.table.has(person):
        column = item.table.column(person)
        blanks = item.table.rows - column.filled
        nobody = placeholder(column)
        if nobody is not None:
            text = gettext_noop("{count} rows have the customer number {value}: taken for nobody")
            params = {"count": f"{column.top[0][1]:,}", "value": nobody}
            note = context.check(text, column=person, **params)
            out.lines.append(f"skip = {{ {key(person)} = {value_text([nobody, ''])} }}   # {note}")
        elif blanks > 0:
            text = gettext_noop("{count} rows have no customer number and are left out")
            note = context.say(Message(text, {"count": f"{blanks:,}"}))
            out.lines.append(f'skip = {{ {key(person)} = [""] }}   # {note}')


def placeholder(column: ColumnProfile) -> str | None:
    """A customer number such as 0 that stands for nobody: far more frequent than any other."""
    if len(column.top) < 2 or not words.NOBODY.match(column.top[0][0]):
        return None
    return column.top[0][0] if column.top[0][1] > 5 * column.top[1][1] else None


def column_of(item: Related, name: str) -> ColumnProfile | None:
    """The profile of a column of the table or of one that a join brought."""
    if item.table.has(name):
        return item.table.column(name)
    return next((column for column in item.brought if name.startswith(column.name)), None)


def write_time(out: TomlText, item: Related, name: str, context: Context) -> None:
    """When it happened, and how that is written."""
    out.put("time", [name, item.roles.clock] if item.roles.clock is not None and name == item.roles.time else name)
    write_time_format(out, column_of(item, name), context)


def write_time_format(out: TomlText, column: ColumnProfile | None, context: Context) -> None:
    """The way times are written, where it is not the year first."""
    if column is None or column.time_word in (None, "iso", "named"):
        return
    note = ""
    if column.time_unsure:
        note = context.check(
            gettext_noop("day first (dmy) or month first (mdy)? both are possible"), column=column.name
        )
    out.put("time_format", column.time_word, note)


def write_people(out: TomlText, item: Related, kind: Kind, context: Context) -> None:
    """The customer list."""
    roles = item.roles
    out.section("[file.people]")
    for name in ("name", "email", "phone", "language", "role"):
        out.put(name, roles.names.get(name))
    out.put("account", roles.account if roles.account != item.person else None)
    if kind == "wide":
        out.put("joined", roles.joined)
        out.put("left", roles.left)
        write_time_format(out, column_of(item, roles.joined or roles.left or ""), context)


def write_answers(out: TomlText, item: Related, kind: Kind, time: str | None, context: Context) -> None:
    """One section for each score; the comment stands with the first."""
    roles = item.roles
    programme = re.sub(r"[\d_]+$", "", slug(re.sub(r"(\.\w{1,7})+$", "", item.table.name))) or context.source
    fields = (
        choose_fields(item.table, "answers", used_columns(roles, item), roles.fields) if kind == "answers" else {}
    )
    topics = [guess.question for guess in roles.scores]
    scores: list[ScoreGuess | None] = list(roles.scores) or [None]
    for position, guess in enumerate(scores):
        if guess is None and roles.comment is None:
            continue
        out.section("[[file.answers]]")
        if guess is not None:
            write_scale(out, guess, context)
        out.put("programme", programme)
        if guess is not None:
            out.put("question", guess.question if topics.count(guess.question) == 1 else slug(guess.column))
        if kind == "wide" and time is not None:
            write_time(out, item, time, context)
        out.put("weight", roles.weight)
        if position == 0:
            out.put("comment", roles.comment)
        out.put("native_id", roles.native_id)
        for name, column in fields.items():
            out.put(name, column)


def write_scale(out: TomlText, guess: ScoreGuess, context: Context) -> None:
    """The score with its scale, its direction said aloud, and values that are no answer."""
    scale = guess.scale
    good = gettext_noop("scale: {least} to {most}, higher is better")
    bad = gettext_noop("scale: {least} to {most}, LOWER is better")
    ends = {"least": f"{scale.minimum:g}", "most": f"{scale.maximum:g}"}
    told = good if scale.high_is_good else bad
    if guess.confirmed:
        note = context.say(Message(told, ends))
    else:
        note = context.check(told, column=guess.column, **ends)
    if not guess.direction_sure:
        note += "; " + context.say(Message(gettext_noop("the direction is a guess")))
    out.put("score", guess.column)
    if scale.id in SCALES:
        out.put("scale", scale.id, note)
    else:
        label = f' label = "{scale.label}",' if guess.confirmed else ""
        good_text = "true" if scale.high_is_good else "false"
        out.lines.append(
            f'scale = {{ id = "{scale.id}",{label} minimum = {scale.minimum:g}, maximum = {scale.maximum:g},'
            f" high_is_good = {good_text} }}   # {note}"
        )
    if guess.outside:
        note = context.check(gettext_noop("values outside the scale, taken for no answer"), column=guess.column)
        out.put("blank", guess.outside, note)
    if guess.codes:
        note = context.check(gettext_noop("words taken for numbers"), column=guess.column)
        out.put("codes", dict(guess.codes), note)


def used_columns(roles: Roles, item: Related) -> set[str]:
    """Columns that already have a role."""
    named = {
        item.person,
        roles.person,
        roles.person_alias,
        roles.time,
        roles.native_id,
        roles.comment,
        roles.weight,
        roles.account,
    }
    found = {name for name in named if name is not None} | roles.settled
    return found | {guess.column for guess in roles.scores} | {guess.column for guess in roles.outcomes}


def write_events(out: TomlText, item: Related, kind: Kind, context: Context) -> None:
    """Orders, contacts, usage, behaviour or other events."""
    roles = item.roles
    fields = choose_fields(item.table, kind, used_columns(roles, item), roles.fields)
    out.section(f"[[file.{EVENT_SECTIONS[kind]}]]")
    if kind == "signals":
        own = re.sub(r"[^a-z0-9]+", "_", item.table.name.rsplit(".", 1)[0].casefold()).strip("_") or "event"
        own = "delivery" if delivered(item) else own
        out.put("kind", own, context.check(gettext_noop("a name for what these rows are")))
    out.put("native_id", roles.native_id)
    if "price" in fields and "quantity" in fields:
        out.put("amount", {"price": fields.pop("price"), "times": fields["quantity"]})
    for name, column in fields.items():
        if name in ("wait", "duration") and item.table.column(column).time_word is not None:
            out.put(name, {"from": item.roles.time or column, "to": column})
            continue
        out.put(name, column)
        if name in ("wait", "duration"):
            unit, sure = unit_of(item.table.column(column))
            note = "" if sure else context.check(gettext_noop("the unit is a guess"), column=column)
            out.put(f"{name}_unit", unit, note)
    if kind in ("contacts", "signals") or roles.comment in roles.settled:
        out.put("comment", roles.comment)
    write_spans(out, item, kind, fields)
    used = used_columns(roles, item) | set(fields.values())
    given = [item.table.column(name) for name in roles.measures]
    for measure in (*given, *choose_measures(item.table, kind, used)):
        write_measure(out, measure, context)


def write_measure(out: TomlText, column: ColumnProfile, context: Context) -> None:
    """A number of some rows, such as the clicks of a checkout, as a signal of its own kind."""
    out.section("[[file.signals]]")
    out.put(
        "kind",
        slug(column.name),
        context.check(gettext_noop("a number of its own, where the row has it"), column=column.name),
    )
    out.put("quantity", column.name)
    out.lines.append(f'skip = {{ {key(column.name)} = [""] }}')


def write_spans(out: TomlText, item: Related, kind: Kind, fields: Mapping[str, str]) -> None:
    """Waits and durations that stand between two times: bought and delivered, opened and closed."""
    wanted = {
        "orders": (("wait", words.DELIVERED),),
        "signals": (("wait", words.DELIVERED),),
        "contacts": (("wait", words.RESPONDED), ("duration", words.RESOLVED)),
    }.get(kind, ())
    for name, pattern in wanted:
        if name in fields or item.roles.time is None:
            continue
        for column in item.table.columns:
            if column.name != item.roles.time and ends_span(item, column, pattern):
                out.put(name, {"from": item.roles.time, "to": column.name})
                break


def ends_span(item: Related, column: ColumnProfile, pattern: re.Pattern[str]) -> bool:
    """True for a time at which what the pattern speaks of really ended, not for one that was promised."""
    text = words.spaced(column.name)
    promised = re.search(r"estimated|expected|promised|预计|預計", text)
    there = column.time_word is not None and column.name not in item.roles.settled and plausible_time(column)
    return there and bool(pattern.search(text)) and not promised and "carrier" not in text


def delivered(item: Related) -> bool:
    """True where rows say when something bought was delivered."""
    timed = item.roles.time is not None
    return timed and any(ends_span(item, column, words.DELIVERED) for column in item.table.columns)


def write_accounts(out: TomlText, item: Related) -> None:
    """A list of companies."""
    table = item.table
    out.section("[file.accounts]")
    out.put("account", item.person)
    free = [column for column in table.columns if column.name != item.person]
    out.put("name", first(free, lambda c, n: bool(words.NAME.search(n) or n.endswith(" name"))))
    out.put("parent", first(free, lambda c, n: bool(words.PARENT.search(n))))
    out.put("owner", first(free, lambda c, n: bool(words.OWNER.search(n)) and not c.numeric))
    if item.roles.value is not None:
        out.put("value", item.roles.value.column)
        out.put("value_period", item.roles.value.period)
    out.put("renewal", first(free, lambda c, n: c.time_word is not None and bool(words.RENEWAL_DATE.search(n))))


def write_leavers(out: TomlText, item: Related, context: Context) -> None:
    """A list of customers who have left: every row says that it happened."""
    out.section("[[file.outcomes]]")
    out.put(
        "outcome", "churn", context.check(gettext_noop("every row of this file means that a customer has left"))
    )
    when = item.roles.left or item.roles.time
    if when is not None:
        write_time(out, item, when, context)


def write_outcomes(out: TomlText, item: Related, context: Context) -> None:
    """What happened in the end."""
    if item.roles.left is not None and not context.any_outcome:
        out.section("[[file.outcomes]]")
        text = gettext_noop("customers with a date in this column have left, the others have not")
        out.put("outcome", "churn", context.check(text, column=item.roles.left))
        write_time(out, item, item.roles.left, context)
    for guess in item.roles.outcomes:
        out.section("[[file.outcomes]]")
        out.put("outcome", guess.outcome)
        if guess.good:
            out.put("good", True, context.say(Message(gettext_noop("wanted: leaving is its absence"))))
        out.put("value", guess.column)
        if guess.true:
            note = context.check(gettext_noop("these values mean that it happened"), column=guess.column)
            out.put("true", guess.true, note)
            out.put("false", guess.false)
        else:
            text = gettext_noop("orders counted: all above this number have bought again")
            out.put("false", guess.false, context.check(text, column=guess.column))


def write_snapshot(out: TomlText, item: Related, kind: Kind, context: Context) -> None:
    """The facts about each customer."""
    roles = item.roles
    if kind == "wide" and not leftover(item):
        return
    out.section("[file.snapshot]")
    if context.snapshots > 1:
        out.put("source", context.snapshot_source(item.table.name.rsplit(".", 1)[0]))
    if kind == "panel":
        out.put("as_of", roles.time)
    else:
        out.put("as_of", day_of_all(item))
    out.put("columns", "*")
    left_out = [guess.column for guess in roles.scores] if not context.any_outcome else []
    if roles.person_alias is not None:
        left_out.append(roles.person_alias)
    left_out += sorted(roles.left_out)
    if left_out:
        out.put("except", left_out)
    if roles.value is not None:
        out.put(
            "value",
            roles.value.column,
            context.check(gettext_noop("what a customer is worth"), column=roles.value.column),
        )
        out.put("value_period", roles.value.period)


def day_of_all(item: Related) -> str | None:
    """A column with one date on all rows: the day on which the table was true."""
    for column in item.table.columns:
        named = re.search(
            r"date|as of|snapshot|month|period|日期|截止|统计|時間|时间|月", words.spaced(column.name)
        )
        if column.distinct == 1 and column.filled == item.table.rows and named and plausible_time(column):
            return column.name
    return None


def leftover(item: Related) -> bool:
    """True where a table holds anything about its customers beside numbers, names, words and times of its own."""
    used = (
        used_columns(item.roles, item)
        | set(item.roles.names.values())
        | {item.roles.joined or "", item.roles.left or ""}
    )
    rest = [column for column in item.table.columns if column.name not in used and column.filled]
    return bool(item.brought) or any(column.numeric or not column.unique for column in rest)
