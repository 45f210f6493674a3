"""A draft as a page shows it: each table with what its rows are, each column with its use and what to confirm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from harken.listen.mapping.columns import fits
from harken.listen.mapping.model import FileMapping, OutcomePart, Part, SignalPart
from harken.listen.mapping.parsing import parse
from harken.listen.mapping.proposal.corrections import (
    COLUMN_ROLES,
    OWN_SCALES,
    TABLE_KINDS,
    Corrections,
    Wish,
    scale_choices,
)
from harken.listen.mapping.proposal.drafting import group, nature, shorten, title
from harken.listen.mapping.proposal.profiles import ColumnProfile, TableProfile
from harken.listen.mapping.proposal.sections import Check
from harken.listen.mapping.uses import NOT_USED, Use, kind_of, uses
from harken.usecases.importing.drafts import Draft
from harken.vocabulary.errors import DataError, Problem
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import SCALES, Scale

__all__ = ["DraftColumn", "DraftTable", "balance_of", "said", "tables_of"]
WHOSE = ("person", "account")
ABOUT = ("name", "email", "phone", "language", "contact_role", "joined", "left", "value_month", "value_year")
OUTCOMES = ("outcome_churn", "outcome_renewal", "outcome_bought_again")
ANSWER = ("score", "comment", "weight", "native_id")
EVENT = ("amount", "quantity", "currency", "wait", "duration", "channel", "issue", "agent", "touchpoint", "measure")
EVENTS = ("person", "time", *EVENT, *ANSWER[:2], "native_id", *OUTCOMES, "nothing")
ROLES_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "wide": (*WHOSE, "time", *ABOUT, *OUTCOMES, *ANSWER, "fact", "nothing"),
        "panel": (*WHOSE, "time", *ABOUT[-2:], *OUTCOMES, *ANSWER[:2], "fact", "nothing"),
        "accounts": ("account", "name", *ABOUT[-2:], "nothing"),
        "answers": ("person", "time", *ANSWER, "channel", "touchpoint", *OUTCOMES, "nothing"),
        "leavers": ("person", "time", "left", *OUTCOMES, "nothing"),
        "lookup": ("person", "time", *ANSWER[:2], *OUTCOMES, "nothing"),
    }
)
"""Roles that columns of a table of each kind can have; all kinds of events share theirs."""
GOOD = gettext_noop("{least} to {most}, higher is better")
BAD = gettext_noop("{least} to {most}, LOWER is better")


@dataclass(frozen=True, slots=True)
class ScaleChoice:
    """A scale a person can choose for a score, its direction always said."""

    id: str
    label: Message


@dataclass(frozen=True, slots=True)
class DraftColumn:
    """One column: what it holds, what it is taken for, on which scale, and what a person has to confirm.

    `roles` are those it could have in its table, its own among them.
    `scale` is the id of the scale it is on, "" where it is no score; `scales` are those it could be on; `unmet` is
    True where a person wished for another role than the mapping could give it.
    """

    name: str
    nature: Message
    samples: tuple[str, ...]
    role: str
    roles: tuple[str, ...]
    scale: str
    scales: tuple[ScaleChoice, ...]
    checks: tuple[Message, ...]
    unmet: bool


@dataclass(frozen=True, slots=True)
class DraftTable:
    """One table, or several files of the same columns: how it is written, what its rows are, who joins it."""

    title: str
    files: int
    rows: int
    encoding: str
    kind: str
    joined_by: tuple[str, ...]
    columns: tuple[DraftColumn, ...]
    checks: tuple[Message, ...]

    @property
    def questions(self) -> int:
        """How many guesses a person should confirm."""
        return len(self.checks) + sum(bool(column.checks) for column in self.columns)


def tables_of(draft: Draft) -> tuple[DraftTable, ...]:
    """Every table of a draft that was looked at."""
    if draft.seen is None or draft.mapping is None:
        return ()
    mapping = parse(draft.mapping, "mapping.toml")
    found = []
    for pattern, members in group(draft.seen.tables):
        table = members[0]
        merged = _merged([file for file in mapping.files if _reads(file, table)])
        kind = "lookup" if merged is None else kind_of(merged)
        name = title(pattern, table)
        joiners = tuple(file.name for file in mapping.files for join in file.joins if fits(join.file, table.name))
        wishes = draft.note.corrections.wishes(name)
        found.append(
            DraftTable(
                name,
                len(members),
                sum(member.rows for member in members),
                table.encoding,
                kind,
                tuple(dict.fromkeys(joiners)),
                _columns(
                    table, merged, [check for check in draft.note.checks if check.table == name], wishes, kind
                ),
                tuple(check.remark for check in draft.note.checks if check.table == name and not check.column),
            )
        )
    return tuple(found)


def balance_of(draft: Draft) -> tuple[Message, ...]:
    """How outcomes and scores are spread in the files of a draft, for a person to compare with all customers."""
    if draft.seen is None or draft.mapping is None:
        return ()
    found = []
    for file in parse(draft.mapping, "mapping.toml").files:
        for table in draft.seen.tables:
            for part in file.parts if _reads(file, table) else ():
                found += _spread(part, table)
    return tuple(found)


def _spread(part: Part, table: TableProfile) -> list[Message]:
    if isinstance(part, OutcomePart) and part.value is not None and table.has(part.value.label):
        column = table.column(part.value.label)
        counts = dict(column.top)
        no = sum(counts.get(text, 0) for text in part.false) + (0 if part.true else counts.get("0", 0))
        yes = sum(counts.get(text, 0) for text in part.true) if part.true else column.filled - no
        text = gettext_noop("{file}: {outcome} is true for {n} of {all} customers, {share}")
        return [_share(text, yes, column.filled, file=table.name, outcome=part.outcome)]
    if isinstance(part, SignalPart) and part.score is not None and table.has(part.score.field.label):
        column, scale = table.column(part.score.field.label), part.score.scale
        numbers = [(float(text), n) for text, n in column.top if text.replace(".", "", 1).isdigit()]
        held = sum(n for number, n in numbers if scale.holds(number))
        bad = sum(n for number, n in numbers if scale.holds(number) and scale.band(number) < 0)
        text = gettext_noop("{file}, {column}: {n} of {all} answers are unfavourable, {share}")
        return [_share(text, bad, held, file=table.name, column=column.name)] if held else []
    return []


def _share(text: str, n: int, count: int, **names: str) -> Message:
    return Message(text, {"n": n, "all": count, "share": f"{n / max(count, 1):.1%}", **names})


def _merged(sections: Sequence[FileMapping]) -> FileMapping | None:
    """Several sections that read one table as one; None where none does."""
    if not sections:
        return None
    return replace(sections[0], parts=tuple(part for file in sections for part in file.parts))


def _reads(file: FileMapping, table: TableProfile) -> bool:
    return fits(file.name, table.name) and (file.sheet is None or table.sheet in (None, file.sheet))


def _columns(
    table: TableProfile, file: FileMapping | None, checks: Sequence[Check], wishes: Mapping[str, Wish], kind: str
) -> tuple[DraftColumn, ...]:
    used = uses(file, [column.name for column in table.columns]) if file is not None else {}
    return tuple(
        _column(
            column,
            used.get(column.name, NOT_USED),
            tuple(check.remark for check in checks if check.column == column.name),
            wishes.get(column.name),
            kind,
        )
        for column in table.columns
    )


def _column(
    column: ColumnProfile, use: Use, checks: tuple[Message, ...], wish: Wish | None, kind: str
) -> DraftColumn:
    scales = list(scale_choices(column))
    if use.scale is not None and use.scale.id not in [scale.id for scale in scales]:
        scales.insert(0, use.scale)
    role = use.role if use.role in COLUMN_ROLES else "nothing"
    return DraftColumn(
        column.name,
        nature(column),
        tuple(shorten(text) for text in column.samples),
        role,
        tuple(dict.fromkeys((*ROLES_OF.get(kind, EVENTS), role))),
        "" if use.scale is None else use.scale.id,
        tuple(ScaleChoice(scale.id, _told(scale)) for scale in scales),
        checks,
        wish is not None and wish.role not in (role, "fact", "nothing"),
    )


def _told(scale: Scale) -> Message:
    ends = {"least": f"{scale.minimum:g}", "most": f"{scale.maximum:g}"}
    said = Message(GOOD if scale.high_is_good else BAD, ends)
    if scale.id not in SCALES:
        return said
    return Message(gettext_noop("{scale} ({said})"), {"scale": Message(SCALES[scale.id].label), "said": said})


def said(
    tables: Sequence[DraftTable],
    kinds: Mapping[int, str],
    roles: Mapping[tuple[int, int], str],
    scales: Mapping[tuple[int, int], str],
) -> Corrections:
    """What a filled-in page says otherwise than it showed, tables and columns by their position.

    A score whose guess was to be confirmed counts as said, so that its scale is no guess any more. Raises DataError
    for words that no page offers.
    """
    new_kinds: list[tuple[str, str]] = []
    columns: list[tuple[str, str, Wish]] = []
    strange: list[str] = []
    for i, table in enumerate(tables):
        kind = kinds.get(i, table.kind)
        strange += [] if kind in TABLE_KINDS else [kind]
        if kind != table.kind:
            new_kinds.append((table.title, kind))
        for j, column in enumerate(table.columns):
            role, scale = roles.get((i, j), column.role), scales.get((i, j), column.scale)
            strange += [] if role in COLUMN_ROLES else [role]
            strange += [] if scale in ("", column.scale) or scale in SCALES or scale in OWN_SCALES else [scale]
            asked = role == "score" and (scale != column.scale or (bool(column.checks) and (i, j) in scales))
            if role != column.role or asked:
                columns.append((table.title, column.name, Wish(role, scale if role == "score" else "")))
    if strange:
        raise DataError(
            Message(gettext_noop("This form does not fit the draft any more.")),
            Message(gettext_noop("Load the page again and repeat what you chose.")),
            [Problem(Message(gettext_noop("{value}"), {"value": value})) for value in strange],
        )
    return Corrections(tuple(new_kinds), tuple(columns))
