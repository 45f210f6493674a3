"""What a mapping makes of each column of a file: read from the mapping, so that a page cannot say otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from harken.listen.mapping.columns import find_column, slug
from harken.listen.mapping.model import (
    AccountsPart,
    Field,
    FileMapping,
    OutcomePart,
    Part,
    PeoplePart,
    SignalPart,
    SnapshotPart,
    Stretch,
)
from harken.vocabulary.scales import Scale

KINDS: Mapping[str, str] = MappingProxyType(
    {"answer": "answers", "order": "orders", "contact": "contacts", "usage": "usage", "behaviour": "behaviour"}
)
RENAMED: Mapping[str, str] = MappingProxyType({"role": "contact_role", "price": "amount", "times": "quantity"})


@dataclass(frozen=True, slots=True)
class Use:
    """What a column is for: a role as a person can choose it, and a score's scale."""

    role: str
    scale: Scale | None = None


NOT_USED = Use("nothing")


def kind_of(file: FileMapping) -> str:
    """What the rows of a file are, in one word.

    >>> from harken.listen.mapping.model import FileMapping, OutcomePart, Who
    >>> kind_of(FileMapping("", "a.csv", parts=(OutcomePart("", "churn", Who()),)))
    'leavers'
    """
    parts = file.parts
    if any(isinstance(part, AccountsPart) for part in parts):
        return "accounts"
    snapshot = next((part for part in parts if isinstance(part, SnapshotPart)), None)
    if snapshot is not None and snapshot.as_of is not None and snapshot.who.time is not None:
        return "panel"
    signals = [part for part in parts if isinstance(part, SignalPart)]
    people = any(isinstance(part, PeoplePart) for part in parts)
    if snapshot is not None or (people and all(part.kind == "answer" for part in signals)):
        return "wide"
    for part in signals:
        if part.kind in KINDS:
            return KINDS[part.kind]
    return "signals" if signals else "leavers" if parts else "lookup"


def uses(file: FileMapping, columns: Sequence[str]) -> dict[str, Use]:
    """The use of every column of a file; where a column has several, the one that says most."""
    found: dict[str, Use] = {}
    for field, use in sorted_uses(file):
        for name in field.named:
            column = find_column(name, columns)
            if column is not None:
                found.setdefault(column, use)
    for part in file.parts:
        if isinstance(part, SnapshotPart):
            kept = columns if part.columns is None else part.columns
            for name in kept:
                if name not in part.without:
                    found.setdefault(name, Use("fact"))
    return {name: found.get(name, NOT_USED) for name in columns}


def sorted_uses(file: FileMapping) -> Iterator[tuple[Field, Use]]:
    """Every field of a file with its use, the most telling ones first."""
    for part in file.parts:
        if isinstance(part, AccountsPart):
            yield part.account, Use("account")
        elif part.who.person is not None:
            yield part.who.person, Use("person")
    for part in file.parts:
        yield from told(part)
    for part in file.parts:
        if not isinstance(part, AccountsPart):
            if part.who.time is not None:
                yield part.who.time, Use("time")
            if part.who.account is not None:
                yield part.who.account, Use("account")


def told(part: Part) -> Iterator[tuple[Field, Use]]:
    """What one part makes of its columns beside whose and when."""
    if isinstance(part, PeoplePart | AccountsPart | SignalPart):
        for name, field in part.texts:
            yield field, Use(RENAMED.get(name, name))
    if isinstance(part, PeoplePart):
        for name, place in (("joined", part.joined), ("left", part.left)):
            if place is not None:
                yield place, Use(name)
    elif isinstance(part, AccountsPart):
        if part.value is not None:
            yield part.value, Use(f"value_{part.value_period}")
    elif isinstance(part, OutcomePart):
        if part.value is not None:
            yield part.value, Use(f"outcome_{part.outcome}")
        elif part.who.time is not None:
            yield part.who.time, Use("left")
    elif isinstance(part, SnapshotPart):
        if part.value is not None:
            yield Field((part.value,)), Use(f"value_{part.value_period}")
    else:
        yield from measured(part)


def measured(part: SignalPart) -> Iterator[tuple[Field, Use]]:
    """The score and the numbers of a signal."""
    if part.score is not None:
        yield part.score.field, Use("score", part.score.scale)
    for name, field in part.numbers:
        own = name == "quantity" and part.kind not in KINDS and part.kind == slug(field.label)
        yield field, Use("measure" if own else RENAMED.get(name, name))
    for name, stretch in (("wait", part.wait), ("duration", part.duration)):
        if stretch is not None:
            yield from stretched(name, stretch)


def stretched(name: str, stretch: Stretch) -> Iterator[tuple[Field, Use]]:
    """The column that holds a wait or a duration, or the one in which it ends."""
    field = stretch.field or stretch.end
    if field is not None:
        yield field, Use(name)
