"""Which columns a mapping names, and whether a file has them."""

from __future__ import annotations

import difflib
import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence

from harken.listen.mapping.model import (
    EACH_ROW,
    AccountsPart,
    Field,
    FileMapping,
    OutcomePart,
    Part,
    PeoplePart,
    SignalPart,
    SnapshotPart,
    Who,
)
from harken.vocabulary.errors import Problem
from harken.vocabulary.messages import Message, gettext_noop


def fits(pattern: str, name: str) -> bool:
    """True where a file's name fits the pattern of a [[file]] section, in any case, with or without its folder.

    A file of rejected rows fits too: it has .csv behind the name of the workbook it came from.

    >>> fits("surveys*.csv", "Surveys_2024.CSV"), fits("a.xlsx", "a.xlsx [May].csv"), fits("a.csv", "b.csv")
    (True, True, False)
    >>> fits("orders.csv", "2024/orders.csv")
    True
    """
    wanted = pattern.casefold()
    shown = name.casefold()
    inside = shown.rpartition("/")[2]
    origin = re.sub(r"( \[[^\]]*\])?\.csv$", "", inside)
    return any(
        fnmatch.fnmatchcase(candidate, wanted) or candidate == wanted for candidate in (shown, inside, origin)
    )


def find_column(name: str, columns: Sequence[str]) -> str | None:
    """The column of that name: as written, else the only one that differs in case or blanks alone.

    >>> find_column("customer id", ["Customer ID", "Score"])
    'Customer ID'
    """
    if name in columns:
        return name
    same = [column for column in columns if plain(column) == plain(name)]
    return same[0] if len(same) == 1 else None


def plain(name: str) -> str:
    """A column name without case and blanks."""
    return "".join(name.casefold().split())


def who_fields(who: Who) -> Iterator[tuple[str, Field]]:
    """Fields that say whose row it is and when."""
    for key, field in (("person", who.person), ("account", who.account), ("time", who.time)):
        if field is not None:
            yield key, field


def part_fields(part: Part) -> Iterator[tuple[str, Field]]:
    """Every field a part reads, with the key it is written under."""
    if isinstance(part, AccountsPart):
        yield "account", part.account
    else:
        yield from who_fields(part.who)
    if isinstance(part, SignalPart | PeoplePart | AccountsPart):
        yield from part.texts
    named: dict[str, Field | None] = {}
    if isinstance(part, SignalPart):
        yield from part.numbers
        if part.score is not None:
            yield "score", part.score.field
        for key, stretch in (("wait", part.wait), ("duration", part.duration)):
            if stretch is not None:
                named |= {key: stretch.field, f"{key} from": stretch.start, f"{key} to": stretch.end}
        for column in part.properties:
            yield "properties", Field((column,))
    elif isinstance(part, PeoplePart):
        named = {"joined": part.joined, "left": part.left}
    elif isinstance(part, AccountsPart):
        named = {"value": part.value, "renewal": part.renewal}
    elif isinstance(part, OutcomePart):
        named = {"value": part.value}
    elif isinstance(part, SnapshotPart):
        named = {"as_of": part.as_of}
        for key, names in (
            ("columns", part.columns or ()),
            ("except", part.without),
            ("families", tuple(name for name, _ in part.families)),
            ("types", tuple(name for name, _ in part.types)),
            ("levers", part.levers),
            ("value", (part.value,) if part.value else ()),
        ):
            for name in names:
                yield key, Field((name,))
    for key, value in named.items():
        if value is not None:
            yield key, value


def used(file: FileMapping) -> Iterator[tuple[str, str, str]]:
    """(place, key, column) of everything a file section reads from its rows, joins excluded."""
    for row_filter in file.filters:
        yield file.place, "only" if row_filter.keep else "skip", row_filter.column
    for part in file.parts:
        for key, field in part_fields(part):
            for column in field.named:
                if column != EACH_ROW:
                    yield part.place, key, column
        for row_filter in part.filters:
            yield part.place, "only" if row_filter.keep else "skip", row_filter.column


def missing(file: FileMapping, name: str, columns: Sequence[str]) -> list[Problem]:
    """A problem for every column that the mapping names and the file does not have."""
    found: dict[tuple[str, str], Problem] = {}
    for place, key, column in used(file):
        if find_column(column, columns) is None and (key, column) not in found:
            found[key, column] = no_such_column(place, key, column, name, columns)
    return list(found.values())


def no_such_column(place: str, key: str, column: str, name: str, columns: Sequence[str]) -> Problem:
    """The problem of one missing column, with the nearest that is there."""
    near = difflib.get_close_matches(column, columns, n=1, cutoff=0.5)
    params: Mapping[str, str] = {"place": place, "key": key, "near": near[0] if near else ""}
    if near:
        text = gettext_noop("there is no such column, which {key} of {place} names; did you mean {near}?")
    else:
        text = gettext_noop("there is no such column, which {key} of {place} names; the file has {known}")
        params = {"place": place, "key": key, "known": ", ".join(columns[:40])}
    return Problem(Message(text, params), file=name, column=column)


def slug(text: str) -> str:
    """A header as a column name: lower case, underscores, letters of any script.

    >>> slug("Monthly Charge ($)"), slug("月费（元）"), slug("%")
    ('monthly_charge', '月费_元', 'column')
    """
    return re.sub(r"\W+", "_", text.casefold()).strip("_") or "column"
