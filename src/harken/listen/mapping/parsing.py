"""From the text of a mapping file to the model, with every mistake in it at once."""

from __future__ import annotations

import re
import tomllib
from codecs import lookup
from datetime import date

from harken.listen.mapping.model import DEFAULT_BLANK, FileMapping, Join, Mapping, Rate, SnapshotPart
from harken.listen.mapping.parts import read_parts, read_who, read_zone
from harken.listen.mapping.reading import TableReader
from harken.vocabulary.errors import Problem, SettingsError
from harken.vocabulary.messages import Message, gettext_noop

VERSION = 1


def parse(text: str, name: str = "mapping.toml") -> Mapping:
    """A mapping file's text as a `Mapping`; `name` is shown in errors.

    >>> mapping = parse('''
    ... [mapping]
    ... source = "shop"
    ... [[file]]
    ... name = "nps.csv"
    ... person = "customer"
    ... [[file.answers]]
    ... score = "Q1"
    ... scale = "nps_0_10"
    ... ''')
    >>> mapping.id_space, mapping.files[0].parts[0].score.scale.maximum
    ('shop', 10)

    Raises `SettingsError` that lists everything wrong.
    """
    try:
        tables = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            Message(gettext_noop("The mapping {name} is not valid TOML: {why}"), {"name": name, "why": str(error)}),
            Message(gettext_noop("Put texts in quotes and write every section once.")),
        ) from None
    problems: list[Problem] = []
    mapping = read_mapping(TableReader(tables, "", name, problems))
    if problems:
        raise SettingsError(
            Message(gettext_noop("The mapping {name} cannot be used:"), {"name": name}), problems=problems
        )
    return mapping


def read_mapping(table: TableReader) -> Mapping:
    """The whole file; problems are collected in the reader."""
    head = table.table_of("mapping") or TableReader({}, "[mapping]", table.file, table.problems)
    head.place = "[mapping]"
    version = head.whole("version", 1, 1_000_000)
    if version is not None and version > VERSION:
        head.problem(gettext_noop("{place}: version {value} is newer than this Harken knows"), value=version)
    source = head.text("source") or ""
    id_space = head.text("id_space") or source
    for key, value in (("source", source), ("id_space", id_space)):
        if not re.fullmatch(r"[a-z0-9_]{1,60}", value):
            head.problem(
                gettext_noop("{place}: {key} should be of small letters, digits and _, for example {example}"),
                key=key,
                example=f'{key} = "shop"',
            )
    currency = read_currency(head, "currency")
    blank = head.texts("blank")
    zone = read_zone(head, "time_zone")
    head.finish()
    files = tuple(read_file(inner, source) for inner in table.tables("file", "file"))
    if not files:
        table.problems.append(
            Problem(Message(gettext_noop("there is no [[file]] section, so no file is read")), file=table.file)
        )
    check_snapshots(files, table)
    rates = tuple(rate for inner in table.tables("rate", "rate") if (rate := read_rate(inner)) is not None)
    table.place = gettext_noop("The top of the file")
    table.finish()
    return Mapping(
        source,
        id_space,
        files,
        zone,
        currency,
        DEFAULT_BLANK if blank is None else tuple(dict.fromkeys(("", *blank))),
        rates,
    )


def read_file(table: TableReader, source: str) -> FileMapping:
    """One [[file]] section."""
    name = table.text("name")
    if not name:
        table.problem(
            gettext_noop("{place}: needs the name of the file, for example name = {example}"), example='"a.csv"'
        )
    else:
        table.place = f"{table.place} {name}"
    encoding = table.text("encoding")
    if encoding is not None:
        try:
            encoding = lookup(encoding).name
        except LookupError:
            table.problem(
                gettext_noop(
                    "{place}: there is no encoding {value}; usual are utf-8, gb18030, big5, cp1252, utf-16"
                ),
                value=repr(encoding),
            )
    delimiter = table.text("delimiter")
    delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        table.problem(gettext_noop('{place}: delimiter should be one character, such as ";" or "tab"'))
    joins = tuple(join for inner in table.tables("join", "file.join") if (join := read_join(inner)) is not None)
    mapped = FileMapping(
        table.place,
        name or "*",
        table.text("sheet"),
        encoding,
        delimiter,
        table.whole("header_rows", 1, 20),
        table.one_of("decimal", (".", ","), "."),
        joins,
        table.filters(),
        read_parts(table, read_who(table), source),
    )
    table.finish()
    return mapped


def read_join(table: TableReader) -> Join | None:
    """One [[file.join]] section."""
    other = table.text("file")
    on, columns = table.pairs("on"), table.pairs("columns")
    table.finish()
    if not other or not on:
        table.problem(
            gettext_noop("{place}: needs file and on, for example on = {example}"), example='{ order_id = "id" }'
        )
        return None
    return Join(other, on, columns)


def read_currency(table: TableReader, key: str) -> str | None:
    """A three-letter currency code."""
    code = table.text(key)
    if code is not None and not re.fullmatch(r"[A-Z]{3}", code):
        table.problem(
            gettext_noop("{place}: {key} should be three capital letters such as CNY or EUR, not {value}"),
            key=key,
            value=repr(code),
        )
    return code


def read_rate(table: TableReader) -> Rate | None:
    """One [[rate]] section."""
    currency, day, rate = read_currency(table, "currency"), table.raw("date"), table.number("rate")
    table.finish()
    if isinstance(day, str):
        try:
            day = date.fromisoformat(day)
        except ValueError:
            day = None
    if currency is None or not isinstance(day, date) or rate is None or not 0 < rate < float("inf"):
        table.problem(gettext_noop("{place}: needs currency, date (such as 2025-01-01) and a rate above 0"))
        return None
    return Rate(currency, date(day.year, day.month, day.day), rate)


def check_snapshots(files: tuple[FileMapping, ...], table: TableReader) -> None:
    """Two [file.snapshot] sections may not share a source: their columns would overwrite each other."""
    seen: set[str] = set()
    for part in (part for file in files for part in file.parts if isinstance(part, SnapshotPart)):
        if not re.fullmatch(r"[a-z0-9_]{1,60}", part.source):
            reason = Message(
                gettext_noop("{place}: source should be of small letters, digits and _"), {"place": part.place}
            )
            table.problems.append(Problem(reason, file=table.file))
        if part.source in seen:
            reason = Message(
                gettext_noop(
                    "{place}: another snapshot has the source {value}; give this one its own, source = ..."
                ),
                {"place": part.place, "value": repr(part.source)},
            )
            table.problems.append(Problem(reason, file=table.file))
        seen.add(part.source)
