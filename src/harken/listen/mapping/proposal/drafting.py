"""From what the columns seem to be to a mapping file with comments, to be read, corrected and imported."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from harken.listen.mapping.columns import fits, slug
from harken.listen.mapping.proposal import sections, words
from harken.listen.mapping.proposal.corrections import NOTHING_SAID, Corrections, apply
from harken.listen.mapping.proposal.outcomes import ValueGuess, order_count
from harken.listen.mapping.proposal.profiles import ColumnProfile, TableProfile
from harken.listen.mapping.proposal.relations import Overlap, Related, relate, surely_person
from harken.listen.mapping.proposal.roles import Kind, Roles, choose_fields, kind_of, read_roles
from harken.listen.mapping.writing import TomlText, quote
from harken.vocabulary.messages import Message, gettext_noop

SHOWN_COLUMNS = 60
Say = Callable[[Message], str]


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed mapping: its TOML text, the tables it reads and leaves out, and what only a person can confirm."""

    text: str
    source: str
    read: tuple[str, ...]
    unread: tuple[str, ...]
    checks: tuple[sections.Check, ...] = ()


def draft(
    tables: Sequence[TableProfile],
    overlap: Overlap,
    *,
    source: str,
    time_zone: str | None,
    currency: str | None,
    say: Say = str,
    corrections: Corrections = NOTHING_SAID,
) -> Draft:
    """Propose a mapping for tables; `overlap` compares values of two columns, `say` puts remarks into words.

    Raises DataError where a correction cannot be followed.
    """
    groups = group(tables)
    first = [members[0] for _, members in groups]
    titles = [title(pattern, table) for (pattern, _), table in zip(groups, first, strict=True)]
    related = relate(first, roles_of(first, titles, corrections), overlap)
    several = {members[0].name for _, members in groups if len(members) > 1}
    for item in related:
        if any(step.table in several for step in item.joins):
            item.joins, item.person = [], item.roles.person
    if not any(item.person for item in related):
        number_rows(related)
    source = source_name(source)
    out = TomlText()
    kinds = [kind_of(item.table, item.roles, item.person, item.distinct) for item in related]
    head(out, source, id_space(related, source), time_zone, currency, say)
    kinds = [
        settled(kind, item, members, kinds, related)
        for kind, item, (_, members) in zip(kinds, related, groups, strict=True)
    ]
    count_orders_once(kinds, related)
    kinds = [
        corrected_kind(corrections.kind(name), kind, item)
        for name, kind, item in zip(titles, kinds, related, strict=True)
    ]
    keep_one_value([item for item, kind in zip(related, kinds, strict=True) if kind == "wide"])
    context = sections.Context(
        source,
        say,
        any_outcome=any(item.roles.outcomes for item in related) or "leavers" in kinds,
        any_wide="wide" in kinds,
        snapshots=sum(kind in ("wide", "panel") for kind in kinds),
    )
    read, unread = [], []
    for (pattern, members), name, item, kind in zip(groups, titles, related, kinds, strict=True):
        describe(out, name, members, say)
        context.table = name
        if kind == "lookup":
            leave_out(out, item, say)
            if item.joined_into is None:
                unread.append(pattern)
            continue
        read.append(pattern)
        sections.write(out, pattern, item, kind, context)
    return Draft(out.text(), source, tuple(read), tuple(unread), tuple(context.checks))


def title(pattern: str, table: TableProfile) -> str:
    """What a table, or several of the same columns, is called: its file, and its sheet where there are several."""
    return pattern if table.sheet is None else f"{pattern} [{table.sheet}]"


def roles_of(tables: Sequence[TableProfile], titles: Sequence[str], corrections: Corrections) -> list[Roles]:
    """The roles of all tables as they seem and as a person said; orders counted are the outcome for want of one."""
    found = [read_roles(table) for table in tables]
    if not any(roles.outcomes or roles.left for roles in found):
        for roles, table in zip(found, tables, strict=True):
            guess = order_count(table, roles.person)
            roles.outcomes = () if guess is None else (guess,)
    for roles, table, name in zip(found, tables, titles, strict=True):
        apply(roles, table, corrections.wishes(name))
    return found


def count_orders_once(kinds: list[Kind], related: Sequence[Related]) -> None:
    """Where one table holds the lines of the orders of another, the lines are the orders; the other says how they
    went, such as the days until delivery."""
    joined = {
        step.table for kind, item in zip(kinds, related, strict=True) if kind == "orders" for step in item.joins
    }
    for position, (kind, item) in enumerate(zip(kinds, related, strict=True)):
        if kind == "orders" and item.table.name in joined:
            fields = choose_fields(item.table, kind, sections.used_columns(item.roles, item))
            if "amount" not in fields:
                kinds[position] = "signals"


def corrected_kind(said: str | None, kind: Kind, item: Related) -> Kind:
    """The kind a person gave a table, else the one it seems to be; every row needs somebody it is about."""
    if said is None:
        return kind
    if item.person is None and said == "accounts":
        item.person = item.roles.account
    if item.person is None and said != "lookup":
        item.person, item.distinct = "#row", item.table.rows
    return cast(Kind, said)


def group(tables: Sequence[TableProfile]) -> list[tuple[str, list[TableProfile]]]:
    """Files of the same columns and like names make one section with a * in its name; the largest stands first."""
    groups: dict[tuple[object, ...], list[TableProfile]] = {}
    for table in tables:
        columns = tuple(column.name for column in table.columns)
        kind = re.sub(r"[\d\W_]+", "", table.name.casefold())
        groups.setdefault((columns, kind, table.sheet, table.name if table.sheet else None), []).append(table)
    found = []
    for members in groups.values():
        names = [member.name for member in members]
        pattern = names[0]
        if len(names) > 1:
            pattern = f"{shared_start(names)}*{shared_start([name[::-1] for name in names])[::-1]}"
            others = [table.name for table in tables if table.name not in names]
            if any(fits(pattern, name) for name in others):
                found += [(member.name, [member]) for member in members]
                continue
        found.append((pattern, sorted(members, key=lambda table: -table.rows)))
    return found


def shared_start(names: Sequence[str]) -> str:
    """The letters that all names begin with.

    >>> shared_start(["nps_2024.csv", "nps_2025.csv"])
    'nps_202'
    """
    count = 0
    for letters in zip(*names, strict=False):
        if len(set(letters)) > 1:
            break
        count += 1
    return names[0][:count]


def settled(
    kind: Kind, item: Related, members: Sequence[TableProfile], kinds: Sequence[Kind], related: Sequence[Related]
) -> Kind:
    """The kind of a table in view of the others.

    One survey alone, each person once, is also the list of its people; a list of companies that others refer to
    is no list of people.
    """
    once = item.distinct >= 0.98 * item.table.rows
    if kind == "answers" and once and len(members) == 1 and "wide" not in kinds:
        return "wide"
    if kind == "wide" and item.person is not None and words.ACCOUNT.search(words.spaced(item.person)):
        others = (other.roles.account for other in related if other is not item and other.person != item.person)
        if any(account is not None for account in others):
            return "accounts"
    return kind


def keep_one_value(related: Sequence[Related]) -> None:
    """A customer has one value: of several columns the plainest stays (lifetime, then monthly, then totals)."""
    ranked = [
        (-1 if item.roles.value.column in item.roles.settled else value_rank(item.roles.value), item)
        for item in related
        if item.roles.value is not None
    ]
    for _, item in sorted(ranked, key=lambda pair: pair[0])[1:]:
        item.roles.value = None


def value_rank(value: ValueGuess | None) -> int:
    """0 for the plainest names of a value, more for vaguer ones."""
    name = words.spaced(value.column) if value is not None else ""
    patterns = (words.VALUE_YEARLY, words.VALUE_MONTHLY)
    return next((rank for rank, pattern in enumerate(patterns) if pattern.search(name)), len(patterns))


def number_rows(related: Sequence[Related]) -> None:
    """Without any customer number each row of each table with something to tell is a person of its own."""
    for item in related:
        if item.roles.scores or item.roles.outcomes or item.roles.comment or len(related) == 1:
            item.person, item.distinct = "#row", item.table.rows


def source_name(text: str) -> str:
    """A name for the source: small letters, digits and _.

    >>> source_name("Telco 2024 (final)"), source_name("客户")
    ('telco_2024_final', 'data')
    """
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")[:40] or "data"


def id_space(related: Sequence[Related], source: str) -> str:
    """customers where the numbers are the company's own, so that later imports meet them; else the source."""
    for item in related:
        if (
            item.roles.person is not None
            and item.person is not None
            and surely_person(item, item.roles.person) == 3
        ):
            return "customers"
    return source


def head(out: TomlText, source: str, space: str, time_zone: str | None, currency: str | None, say: Say) -> None:
    """The first section with its remarks."""
    out.comment(
        say(Message(gettext_noop("Proposed by Harken from names and values. Read it, mend it, import again.")))
    )
    out.comment(say(Message(gettext_noop("Lines marked CHECK are guesses that only you can confirm."))))
    out.blank()
    out.section("[mapping]")
    out.put("version", 1)
    out.put("source", source)
    shared = Message(gettext_noop("customer numbers mean the same people in every mapping with this id_space"))
    out.put("id_space", space, say(shared))
    if time_zone is None:
        out.put("time_zone", "UTC", "CHECK " + say(Message(gettext_noop("the zone of times written without one"))))
    else:
        out.put("time_zone", time_zone)
    out.put("currency", currency)


def describe(out: TomlText, name: str, members: Sequence[TableProfile], say: Say) -> None:
    """A comment that shows the table: rows and every column with its kind and samples."""
    table = members[0]
    out.blank()
    rows = Message(gettext_noop("{count} rows"), {"count": f"{sum(member.rows for member in members):,}"})
    out.comment(f"━━ {name}: {say(rows)}" + (f", {table.encoding}" if table.encoding else ""))
    for column in table.columns[:SHOWN_COLUMNS]:
        out.comment(
            f"  {column.name} · {say(nature(column))} · {', '.join(shorten(text) for text in column.samples)}"
        )
    if len(table.columns) > SHOWN_COLUMNS:
        more = Message(gettext_noop("and {count} more columns"), {"count": len(table.columns) - SHOWN_COLUMNS})
        out.comment(f"  … {say(more)}")


def shorten(text: str) -> str:
    """A sample on one line, cut."""
    line = " ".join(text.split())
    return line if len(line) <= 24 else line[:23] + "…"


def nature(column: ColumnProfile) -> Message:
    """What a column holds, in a few words."""
    if not column.filled:
        return Message(gettext_noop("empty"))
    if column.time_word is not None:
        return Message(gettext_noop("times"))
    if column.numeric and column.low is not None and column.high is not None:
        span = {"low": f"{column.low:g}", "high": f"{column.high:g}"}
        return Message(gettext_noop("numbers {low} to {high}"), span)
    return Message(gettext_noop("{count} different texts"), {"count": column.distinct})


def leave_out(out: TomlText, item: Related, say: Say) -> None:
    """Say why a table is not read by itself."""
    if item.joined_into is not None:
        text = Message(gettext_noop("Its columns are brought to {file} by a join."), {"file": item.joined_into})
    else:
        text = Message(gettext_noop("Not read: no column says whose rows these are. To read it, name one:"))
    out.comment(say(text))
    if item.joined_into is None:
        out.comment(f"[[file]] name = {quote(item.table.name)}  person = ...")


def stem(name: str) -> str:
    """A file's name without its ending, as a slug.

    >>> stem("Survey 2024.csv"), stem("满意度.xlsx")
    ('survey_2024', '满意度')
    """
    return slug(re.sub(r"(\.\w{1,7})+$", "", name.replace("*", "")))


__all__ = ["Draft", "Kind", "draft", "source_name", "stem"]
