"""The parts of a [[file]] section: people, accounts, answers and other signals, outcomes, snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from harken.listen.mapping.columns import slug
from harken.listen.mapping.model import (
    SIGNAL_NUMBERS,
    SIGNAL_TEXTS,
    TIME_WORDS,
    UNIT_SECONDS,
    AccountsPart,
    Field,
    OutcomePart,
    Part,
    PeoplePart,
    Score,
    SignalPart,
    SnapshotPart,
    Stretch,
    Who,
)
from harken.listen.mapping.reading import TableReader, as_text
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import SCALES, Headline, Scale

SECTION_KINDS: Mapping[str, str] = MappingProxyType(
    {"answers": "answer", "contacts": "contact", "orders": "order", "usage": "usage", "behaviour": "behaviour"}
)
"""Sections of a file that hold signals, and the kind each makes."""

NAMES = ("programme", "question")
PEOPLE_TEXTS = ("name", "email", "phone", "language", "role")
ACCOUNT_TEXTS = ("name", "parent", "owner")
SNAPSHOT_TYPES = ("number", "category", "time", "ignored")


def read_who(table: TableReader) -> Who:
    """Person, account, time and its format, wherever they are written."""
    formats = table.texts("time_format") or ()
    for text in formats:
        if text not in TIME_WORDS and "%" not in text:
            table.problem(
                gettext_noop(
                    "{place}: time_format {value} is neither a pattern such as %Y-%m-%d %H:%M:%S nor one of {known}"
                ),
                value=repr(text),
                known=", ".join(TIME_WORDS),
            )
    return Who(
        table.field("person"), table.field("account"), table.field("time"), formats, read_zone(table, "time_zone")
    )


def read_zone(table: TableReader, key: str) -> str | None:
    """A time zone name that exists."""
    name = table.text(key)
    if name is None:
        return None
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        table.problem(
            gettext_noop(
                "{place}: there is no time zone {value}; write one such as Asia/Shanghai or Europe/London"
            ),
            value=repr(name),
        )
        return None
    return name


def read_scale(table: TableReader) -> Scale | None:
    """A known scale by its id, or a scale of one's own as an inline table."""
    value = table.raw("scale")
    if isinstance(value, str):
        if value in SCALES:
            return SCALES[value]
        table.problem(
            gettext_noop("{place}: there is no scale {value}; known are {known}"),
            value=repr(value),
            known=", ".join(SCALES),
        )
        return None
    if isinstance(value, dict):
        return read_own_scale(table.inside(value, "scale"))
    if value is None:
        table.problem(
            gettext_noop("{place}: a score needs its scale, for example scale = {example}; known are {known}"),
            example='"nps_0_10"',
            known=", ".join(SCALES),
        )
    else:
        table.wrong("scale", Message(gettext_noop("the name of a scale or a table that describes one")))
    return None


def read_own_scale(table: TableReader) -> Scale | None:
    """A scale described on the spot: id, minimum, maximum, high_is_good; bands and headline as far as given."""
    name = table.text("id")
    label = table.text("label")
    low, high = table.number("minimum"), table.number("maximum")
    good = table.raw("high_is_good")
    favourable, unfavourable = table.number("favourable_from"), table.number("unfavourable_from")
    headline = table.one_of("headline", [word.value for word in Headline], Headline.MEAN.value)
    table.finish()
    if not name or low is None or high is None or not isinstance(good, bool):
        table.problem(gettext_noop("{place}: needs id, minimum, maximum, and high_is_good = true or false"))
        return None
    known = SCALES.get(name)
    if known is not None and (known.minimum, known.maximum, known.high_is_good) != (low, high, good):
        table.problem(gettext_noop("{place}: {value} is the name of another, known scale"), value=name)
        return None
    width = high - low
    top, bottom = (high - 0.25 * width, low + 0.25 * width) if good else (low + 0.25 * width, high - 0.25 * width)
    try:
        return Scale(
            name,
            label or name,
            low,
            high,
            good,
            top if favourable is None else favourable,
            bottom if unfavourable is None else unfavourable,
            Headline(headline),
        )
    except ValueError as error:
        table.problem("{place}: {why}", why=str(error))
        return None


def read_score(table: TableReader, first: str | None = None) -> Score | None:
    """The score of a signal with its scale and codes, or None; `first` is the first column of `scores`."""
    field = table.field("score") or (Field((first,)) if first is not None else None)
    blank = table.texts("blank") or ()
    absent = table.texts("not_applicable") or ()
    codes = read_codes(table)
    if field is None:
        table.raw("scale")
        return None
    scale = read_scale(table)
    if scale is None:
        return None
    for text, number in codes:
        if not scale.holds(number):
            table.problem(
                gettext_noop("{place}: the code {code} = {number} is not on the scale from {least} to {most}"),
                code=repr(text),
                number=number,
                least=scale.minimum,
                most=scale.maximum,
            )
    return Score(field, scale, blank, absent, codes)


def read_codes(table: TableReader) -> tuple[tuple[str, float], ...]:
    """Words that stand for numbers."""
    inner = table.table_of("codes")
    found = []
    for text in inner.table if inner is not None else ():
        number = inner.number(text) if inner is not None else None
        if number is not None:
            found.append((text, number))
    return tuple(found)


def read_stretch(table: TableReader, key: str) -> Stretch | None:
    """`wait` or `duration`: a column with its unit, or { from = ..., to = ... }."""
    unit = table.one_of(f"{key}_unit", UNIT_SECONDS, "")
    value = table.raw(key)
    if value is None:
        return None
    if isinstance(value, dict):
        inner = table.inside(value, key)
        start, end = inner.field("from"), inner.field("to")
        inner.finish()
        if start is None or end is None:
            inner.problem(gettext_noop("{place}: needs both from and to"))
            return None
        return Stretch(start=start, end=end)
    field = table.field(key)
    if field is None:
        return None
    if not unit:
        table.problem(
            gettext_noop("{place}: {key} needs its unit: {key}_unit = one of {known}"),
            key=key,
            known=", ".join(UNIT_SECONDS),
        )
        return None
    return Stretch(field=field, unit=unit)


def read_fields(table: TableReader, names: tuple[str, ...]) -> tuple[tuple[str, Field], ...]:
    """Those of `names` that are mapped."""
    return tuple((name, field) for name in names if (field := table.field(name)) is not None)


def read_names(table: TableReader) -> tuple[tuple[str, Field], ...]:
    """Programme and question: names, the same on every row, or { column = "..." } where a column holds them."""
    found = []
    for name in NAMES:
        if isinstance(table.table.get(name), dict):
            inner = table.inside(table.raw(name), name)
            field = inner.field("column")
            inner.finish()
        else:
            text = table.text(name)
            field = None if text is None else Field.constant_of(text.removeprefix("="))
        if field is not None:
            found.append((name, field))
    return tuple(found)


def read_numbers(table: TableReader) -> tuple[tuple[str, Field], ...]:
    """Quantity, amount and weight; an amount may be { price = ..., times = ... }, such as price by quantity."""
    price: tuple[tuple[str, Field], ...] = ()
    names = SIGNAL_NUMBERS
    if isinstance(table.table.get("amount"), dict):
        inner = table.inside(table.raw("amount"), "amount")
        price = read_fields(inner, ("price", "times"))
        inner.finish()
        names = tuple(name for name in SIGNAL_NUMBERS if name != "amount")
        if len(price) != 2:
            inner.problem(gettext_noop("{place}: needs both price and times"))
    return (*read_fields(table, names), *price)


def read_signals(table: TableReader, defaults: Who, kind: str | None) -> Sequence[Part]:
    """One [[file.answers]], [[file.contacts]], ... section; `scores` makes one part per column on a scale."""
    if kind is None:
        kind = table.text("kind")
        if not kind:
            table.problem(gettext_noop('{place}: needs a kind, for example kind = "visit"'))
            kind = "signal"
    scores = read_scores(table)
    part = SignalPart(
        table.place,
        kind,
        read_who(table).over(defaults),
        (*read_names(table), *read_fields(table, tuple(name for name in SIGNAL_TEXTS if name not in NAMES))),
        read_numbers(table),
        read_score(table, next(iter(scores), None)),
        read_stretch(table, "wait"),
        read_stretch(table, "duration"),
        table.texts("properties") or (),
        table.filters(),
    )
    if kind == "answer" and not {"score", "scores"} & set(table.table) and part.text("comment") is None:
        table.problem(gettext_noop("{place}: an answer needs a score, a comment or both"))
    if not scores or part.score is None:
        return [part]
    return [
        one_of_scores(part, column, question, first=column == next(iter(scores)))
        for column, question in scores.items()
    ]


def read_scores(table: TableReader) -> dict[str, str]:
    """Several columns on one scale: a list of columns, or a table { column = "question" }."""
    value = table.raw("scores")
    if value is None:
        return {}
    if "score" in table.table or "question" in table.table:
        table.problem(gettext_noop("{place}: scores stands for score and question, so leave these out"))
    if isinstance(value, dict):
        return dict(table.pairs("scores"))
    return {column: slug(column) for column in table.texts("scores") or ()}


def one_of_scores(part: SignalPart, column: str, question: str, *, first: bool) -> SignalPart:
    """The part of one of several score columns; the comment goes with the first."""
    texts = [(name, field) for name, field in part.texts if name != "question" and (first or name != "comment")]
    texts.append(("question", Field.constant_of(question)))
    score = replace(part.score, field=Field((column,))) if part.score is not None else None
    return replace(part, place=f"{part.place} {column}", texts=tuple(texts), score=score)


def read_people(table: TableReader, defaults: Who) -> Part:
    """The [file.people] section."""
    return PeoplePart(
        table.place,
        read_who(table).over(defaults),
        read_fields(table, PEOPLE_TEXTS),
        table.field("joined"),
        table.field("left"),
        table.filters(),
    )


def read_accounts(table: TableReader, defaults: Who) -> Sequence[Part]:
    """The [file.accounts] section."""
    who = read_who(table).over(defaults)
    period = read_period(table)
    texts = read_fields(table, ACCOUNT_TEXTS)
    value, renewal, filters = table.field("value"), table.field("renewal"), table.filters()
    if who.account is None:
        table.problem(gettext_noop("{place}: needs account, the column with the company's number"))
        return []
    account = (who.account, texts, value, period, renewal, who.time_format, who.time_zone, filters)
    return [AccountsPart(table.place, *account)]


def read_outcome(table: TableReader, defaults: Who) -> Part:
    """One [[file.outcomes]] section."""
    outcome = table.text("outcome")
    if not outcome:
        table.problem(gettext_noop('{place}: needs a name, for example outcome = "churn"'))
    good = table.raw("good")
    if good is not None and not isinstance(good, bool):
        table.wrong("good", Message(gettext_noop("true or false")))
    part = OutcomePart(
        table.place,
        outcome or "outcome",
        read_who(table).over(defaults),
        table.field("value"),
        words(table, "true"),
        words(table, "false"),
        table.filters(),
        good is True,
    )
    both = sorted(set(part.true) & set(part.false))
    if both:
        table.problem(gettext_noop("{place}: {value} stands for both true and false"), value=", ".join(both))
    return part


def words(table: TableReader, key: str) -> tuple[str, ...]:
    """Texts for `true` or `false`; a bare true or false counts as the word."""
    value = table.raw(key)
    items: list[Any] = value if isinstance(value, list) else [] if value is None else [value]
    if all(isinstance(item, str | int | float) for item in items):
        return tuple(str(item).lower() if isinstance(item, bool) else as_text(item) for item in items)
    table.wrong(key, Message(gettext_noop("a list of texts in quotes")))
    return ()


def read_period(table: TableReader) -> Literal["year", "month"]:
    """Whether a value is per year or per month."""
    return cast(Literal["year", "month"], table.one_of("value_period", ("year", "month"), "year"))


def read_snapshot(table: TableReader, defaults: Who, source: str) -> Part:
    """The [file.snapshot] section."""
    columns = table.texts("columns")
    types = table.pairs("types")
    for column, kind in types:
        if kind not in SNAPSHOT_TYPES:
            table.problem(
                gettext_noop("{place}: the type of {column} is {value}, but it should be one of {known}"),
                column=column,
                value=repr(kind),
                known=", ".join(SNAPSHOT_TYPES),
            )
    return SnapshotPart(
        table.place,
        table.text("source") or source,
        read_who(table).over(defaults),
        table.field("as_of"),
        None if columns is None or columns == ("*",) else columns,
        table.texts("except") or (),
        table.pairs("families"),
        types,
        table.texts("levers") or (),
        table.text("value"),
        read_period(table),
        table.filters(),
    )


def read_parts(table: TableReader, defaults: Who, source: str) -> tuple[Part, ...]:
    """All parts of a [[file]] section in a fixed order: lists first, then signals, outcomes, snapshot."""
    sections: list[tuple[str, Callable[[TableReader], Sequence[Part]]]] = [
        ("people", lambda inner: [read_people(inner, defaults)]),
        ("accounts", lambda inner: read_accounts(inner, defaults)),
    ]
    for name, kind in SECTION_KINDS.items():
        sections.append((name, lambda inner, kind=kind: read_signals(inner, defaults, kind)))  # type: ignore[misc]
    sections += [
        ("signals", lambda inner: read_signals(inner, defaults, None)),
        ("outcomes", lambda inner: [read_outcome(inner, defaults)]),
        ("snapshot", lambda inner: [read_snapshot(inner, defaults, source)]),
    ]
    parts: list[Part] = []
    for name, read in sections:
        for inner in table.tables(name, f"file.{name}"):
            parts.extend(read(inner))
            inner.finish()
    return tuple(parts)
