"""What each column of one table is for: whose row, when, how much, which words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from harken.listen.mapping.proposal import words
from harken.listen.mapping.proposal.outcomes import (
    OutcomeGuess,
    ValueGuess,
    guess_outcomes,
    guess_value,
    guess_weight,
)
from harken.listen.mapping.proposal.profiles import ColumnProfile, TableProfile
from harken.listen.mapping.proposal.scores import ScoreGuess, guess_score

Kind = Literal[
    "wide",
    "panel",
    "accounts",
    "leavers",
    "answers",
    "orders",
    "contacts",
    "usage",
    "behaviour",
    "signals",
    "lookup",
]
PANEL_NUMBERS = 4
FIELDS = ("amount", "quantity", "wait", "duration", "channel", "issue", "agent", "touchpoint", "currency")
"""Roles of columns that say more about an event."""
MEASURES = 3


@dataclass(slots=True)
class Roles:
    """The proposed use of one table's columns; names of columns, None where there is none.

    A person decided on the `settled` ones: no guess touches them; `fields` and `measures` are theirs too, and
    the `left_out` ones are not stored.
    """

    person: str | None = None
    person_alias: str | None = None
    account: str | None = None
    native_id: str | None = None
    time: str | None = None
    clock: str | None = None
    joined: str | None = None
    left: str | None = None
    weight: str | None = None
    comment: str | None = None
    scores: tuple[ScoreGuess, ...] = ()
    outcomes: tuple[OutcomeGuess, ...] = ()
    value: ValueGuess | None = None
    names: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    measures: tuple[str, ...] = ()
    settled: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)


def person_strength(column: ColumnProfile) -> int:
    """How much a column looks like a customer's number: 3 surely, 2 perhaps, 1 for want of a better one, 0 not."""
    name = words.spaced(column.name)
    if (
        not column.filled
        or column.distinct < 2
        or column.characters > 60
        or column.time_word in ("named", "dmy", "mdy")
    ):
        return 0
    if column.numeric and column.whole < column.numbers:
        return 0
    if words.PERSON_STRONG.search(name) and not re.search(
        r"name|type|姓名|名称|类型|level|age|since|count|数|segment|status", name
    ):
        return 3
    if words.NOT_PERSON.search(name):
        return 0
    few = column.distinct < min(20, 0.5 * column.filled)
    numbered = re.search(r"\bid\b|number|\bno\b|num\b|reference|号", name)
    exact = words.PERSON_MEDIUM.fullmatch(name) or (words.PERSON_MEDIUM.search(name) and numbered)
    if exact and not few:
        return 2
    return 1 if column.unique and (words.BARE_ID.search(name) or words.PERSON_WEAK.search(name)) else 0


def choose_person(table: TableProfile) -> tuple[str | None, str | None]:
    """The column with the customer's number, and a second one that is only a key of it.

    Two sure columns of which one is unique by row and the other is not (one number per order, one per person): the
    coarser one is the person, the finer one its alias, under which other files know the person.
    """
    ranked = sorted(
        (
            (person_strength(column), column.filled, -position, column)
            for position, column in enumerate(table.columns)
        ),
        key=lambda item: item[:3],
        reverse=True,
    )
    best = [item for item in ranked if item[0] > 0]
    if not best:
        return None, None
    strength, _, _, first = best[0]
    sure = [item[3] for item in best if item[0] == 3]
    if strength == 3 and len(sure) >= 2:
        fine, coarse = (sure[0], sure[1]) if sure[0].distinct > sure[1].distinct else (sure[1], sure[0])
        if fine.unique and coarse.distinct < fine.distinct and coarse.distinct > 0.2 * fine.distinct:
            return coarse.name, fine.name
    return first.name, None


def read_roles(table: TableProfile) -> Roles:
    """The roles of a table's columns as far as the table alone shows."""
    roles = Roles()
    roles.person, roles.person_alias = choose_person(table)
    free = [column for column in table.columns if column.name not in (roles.person, roles.person_alias)]
    roles.weight = guess_weight(table)
    roles.outcomes = guess_outcomes(table)
    taken = {guess.column for guess in roles.outcomes}
    roles.scores = tuple(
        guess for column in free if column.name not in taken and (guess := guess_score(column)) is not None
    )
    roles.scores = without_battery(table, roles.scores)
    roles.value = guess_value(table)
    roles.comment = choose_comment(free)
    roles.native_id = first(free, lambda c, n: c.distinct == c.filled and bool(words.NATIVE.search(n)))
    roles.account = first(free, lambda c, n: bool(words.ACCOUNT.search(n)) and c.distinct > 1)
    times = [column for column in free if plausible_time(column)]
    roles.joined = first(times, lambda c, n: bool(words.JOINED.search(n)))
    roles.left = first(times, lambda c, n: bool(words.LEFT.search(n)))
    roles.time = choose_time([column for column in times if column.name not in (roles.left,)])
    roles.clock = choose_clock(table, roles.time)
    roles.names = choose_names(free)
    return roles


def choose_clock(table: TableProfile, time: str | None) -> str | None:
    """The column with the time of day, where the time column holds only days."""
    if time is None or not table.column(time).days_only:
        return None
    for column in table.columns:
        clock = column.samples and all(re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", text) for text in column.samples)
        name = words.spaced(column.name)
        if clock and re.search(r"time|hour|clock|时间|時間|时刻", name) and not words.TIME_BAD.search(name):
            return column.name
    return None


def plausible_time(column: ColumnProfile) -> bool:
    """True for a column of moments in a customer's life: 1899 is how some programs write a bare time of day."""
    return column.time_word is not None and (column.first_year or 0) >= 1950 and (column.last_year or 9999) < 2150


def without_battery(table: TableProfile, scores: tuple[ScoreGuess, ...]) -> tuple[ScoreGuess, ...]:
    """Leave single items of a battery of ratings alone: 14 columns from 0 to 5 are facts, one of them no score."""
    kept = []
    for guess in scores:
        own = table.column(guess.column)
        alike = [
            column.name
            for column in table.columns
            if column.numeric
            and (column.low, column.high) == (own.low, own.high)
            and abs(column.distinct - own.distinct) <= 1
        ]
        guessed = sum(other.column in alike for other in scores)
        if guess.question in ("recommend", "satisfaction") or len(alike) - guessed < max(4, guessed):
            kept.append(guess)
    return tuple(kept)


def first(columns: Iterable[ColumnProfile], test: Callable[[ColumnProfile, str], bool]) -> str | None:
    """The first column that passes a test of its profile and its plain name."""
    return next((column.name for column in columns if test(column, words.spaced(column.name))), None)


def choose_time(times: list[ColumnProfile]) -> str | None:
    """The column that says when a row happened: by its name, the fullest first."""
    ranked = []
    for position, column in enumerate(times):
        name = words.spaced(column.name)
        score = 2 * bool(words.TIME_FIRST.search(name)) + bool(words.TIME_GOOD.search(name))
        score -= 3 * bool(words.TIME_BAD.search(name)) - (1 if column.time_word == "iso" else 0)
        ranked.append((score, column.filled, -position, column.name))
    if not ranked:
        return None
    best = max(ranked)
    return best[3] if best[0] > -1 else None


def choose_comment(columns: list[ColumnProfile]) -> str | None:
    """The column with the customer's words: long, mostly different texts."""
    best: tuple[float, str] | None = None
    for column in columns:
        if not column.filled or column.numeric or column.time_word is not None or column.distinct < 3:
            continue
        name = words.spaced(column.name)
        wide = sum("\u3400" <= letter <= "\u9fff" for text in column.samples for letter in text)
        length = column.characters * (3 if wide > 0.3 * sum(map(len, column.samples)) else 1)
        named = bool(words.COMMENT.search(name))
        different = column.distinct / column.filled
        prose = any(" " in text or wide for text in column.samples)
        if (named and length > 12 and different > 0.3 and prose) or (length > 45 and different > 0.5 and prose):
            rank = length * (2 if named else 1)
            if best is None or rank > best[0]:
                best = (rank, column.name)
    return None if best is None else best[1]


def choose_names(columns: list[ColumnProfile]) -> dict[str, str]:
    """Name, e-mail, phone, language and role of a person."""
    found: dict[str, str] = {}
    for key, pattern in (
        ("email", words.EMAIL),
        ("phone", words.PHONE),
        ("language", words.LANGUAGE),
        ("role", words.ROLE),
        ("name", words.NAME),
    ):
        for column in columns:
            name = words.spaced(column.name)
            different = column.distinct > 0.5 * column.filled
            if key == "email":
                fits = any("@" in text for text in column.samples)
            elif key == "phone":
                digits = [sum(letter.isdigit() for letter in text) for text in column.samples]
                fits = different and bool(digits) and min(digits) >= 7
            elif key == "language":
                fits = column.distinct <= 60 and column.characters <= 12 and not column.numeric
            else:
                fits = not column.numeric and (different or key == "role")
            if fits and column.filled and pattern.search(name) and column.name not in found.values():
                found[key] = column.name
                break
    return found


def choose_fields(
    table: TableProfile, kind: Kind, used: set[str], given: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """Amount, channel, wait and the other fields of events: as `given`, else from the first column that fits."""
    wanted: dict[str, tuple[re.Pattern[str], str]] = {
        "amount": (words.AMOUNT, "number"),
        "price": (words.PRICE, "number"),
        "quantity": (words.QUANTITY, "number"),
        "currency": (words.CURRENCY, "code"),
        "wait": (words.WAIT, "stretch"),
        "duration": (words.DURATION, "stretch"),
        "channel": (words.CHANNEL, "few"),
        "agent": (words.AGENT, "text"),
        "issue": (words.ISSUE, "few"),
        "touchpoint": (words.TOUCHPOINT, "text"),
    }
    allowed = {
        "orders": ("amount", "price", "quantity", "currency", "touchpoint", "channel"),
        "contacts": ("wait", "duration", "channel", "agent", "issue"),
        "usage": ("quantity", "duration", "amount", "currency", "channel", "touchpoint"),
        "behaviour": ("touchpoint", "duration", "channel", "quantity"),
        "answers": ("channel", "touchpoint"),
        "signals": (
            "amount",
            "currency",
            "quantity",
            "duration",
            "wait",
            "channel",
            "issue",
            "agent",
            "touchpoint",
        ),
    }.get(kind, ())
    found: dict[str, str] = dict(given)
    for key in allowed:
        pattern, shape = wanted[key]
        if key in found:
            continue
        for column in table.columns:
            name = words.spaced(column.name)
            if column.name in used or column.name in found.values() or not pattern.search(name):
                continue
            if key in ("amount", "price") and words.NOT_MONEY.search(name):
                continue
            if column.filled and shape_fits(column, shape, name):
                found[key] = column.name
                break
    if "amount" in found and "price" in found:
        del found["price"]
    if "price" in found and "quantity" not in found:
        found["amount"] = found.pop("price")
    if kind in ("usage", "signals") and not {"quantity", "amount"} & set(found):
        rest = (c for c in table.columns if c.name not in used and c.name not in found.values())
        measure = next((c.name for c in rest if c.numeric and c.time_word is None and not c.unique), None)
        found |= {} if measure is None else {"quantity": measure}
    return found


def choose_measures(table: TableProfile, kind: Kind, used: set[str]) -> list[ColumnProfile]:
    """Numbers of web and app events that are no field of theirs: measures of their own, the first three."""
    if kind != "behaviour":
        return []
    numbers = [
        column
        for column in table.columns
        if column.name not in used
        and column.numeric
        and column.time_word is None
        and column.distinct > 2
        and not column.unique
        and not words.NOT_PERSON.search(words.spaced(column.name))
        and not re.search(r"\b(id|no|code|index|number)\b|编号|編號", words.spaced(column.name))
    ]
    return numbers[:MEASURES]


def shape_fits(column: ColumnProfile, shape: str, name: str) -> bool:
    """True where a column's values are of the shape a field needs."""
    if re.search(r"\bid\b", name) and (shape != "text" or re.search(r"order|item|line", name)):
        return False
    if shape == "number":
        return column.numeric and column.time_word is None
    if shape == "stretch":
        clock = all(re.fullmatch(r"\d+:\d\d(:\d\d)?", text) for text in column.samples)
        return (column.numeric and (column.low or 0) >= 0) or clock
    if shape == "code":
        return column.characters == 3 and column.distinct < 200
    if shape == "few":
        return not column.numeric and column.time_word is None and column.distinct <= max(50, 0.1 * column.filled)
    return column.time_word is None and not (column.numeric and column.whole < column.numbers)


def unit_of(column: ColumnProfile) -> tuple[str, bool]:
    """The unit of a wait or duration, and whether the name says so."""
    name = words.spaced(column.name)
    if any(":" in text for text in column.samples):
        return "clock", True
    for unit, pattern in (
        ("milliseconds", r"\bms\b|milli|毫秒"),
        ("seconds", r"\b(s|sec|secs|seconds?)\b|秒"),
        ("minutes", r"\b(m|min|mins|minutes?)\b|分"),
        ("hours", r"\b(h|hrs?|hours?)\b|小时|小時"),
        ("days", r"\bdays?\b|天"),
    ):
        if re.search(pattern, name):
            return unit, True
    return ("seconds" if (column.high or 0) > 300 else "minutes"), False


def kind_of(table: TableProfile, roles: Roles, person: str | None, distinct: int) -> Kind:
    """What a table's rows are, once it is known whose they are."""
    if person is None:
        return "lookup"
    name = file_words(table)
    once = distinct >= 0.98 * max(table.rows, 1)
    asked = named_survey(table) or bool(roles.time and words.ASKED.search(words.spaced(roles.time)))
    if (
        once
        and words.FILE_CHURN.search(name)
        and not roles.outcomes
        and (roles.time or roles.left)
        and len(table.columns) < 8
    ):
        return "leavers"
    if once and not roles.outcomes and roles.time and roles.scores and asked:
        return "answers"
    events = event_kind(name)
    if once and (
        roles.time is None or roles.native_id is None or events is None or words.FILE_CUSTOMERS.search(name)
    ):
        return "wide"
    if roles.scores and (asked or events is None):
        return "answers"
    if events is not None:
        return events
    numbers = sum(column.numeric and column.distinct > 5 for column in table.columns)
    if (
        roles.time is not None
        and numbers >= PANEL_NUMBERS
        and distinct < 0.5 * table.rows
        and roles.native_id is None
    ):
        return "panel"
    columns = " ".join(words.spaced(column.name) for column in table.columns)
    return event_kind(columns, ("contacts", "orders")) or "signals"


def event_kind(text: str, among: tuple[Kind, ...] = ("contacts", "orders", "usage", "behaviour")) -> Kind | None:
    """The kind of events that words of a file's or columns' names speak of."""
    patterns: dict[Kind, re.Pattern[str]] = {
        "contacts": words.FILE_CONTACTS,
        "orders": words.FILE_ORDERS,
        "usage": words.FILE_USAGE,
        "behaviour": words.FILE_BEHAVIOUR,
    }
    if words.FILE_PAYMENTS.search(text):
        return "signals"  # what was ordered is counted once, by the orders
    return next((kind for kind in among if patterns[kind].search(text)), None)


def file_words(table: TableProfile) -> str:
    """The words of a file's and sheet's name."""
    return words.spaced(re.sub(r"\.\w+$", "", table.name) + " " + (table.sheet or ""))


def named_survey(table: TableProfile) -> bool:
    """True where the file's name says that it is a survey."""
    return bool(words.FILE_SURVEY.search(file_words(table)))
