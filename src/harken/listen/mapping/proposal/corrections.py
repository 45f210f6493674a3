"""What a person says about the tables and columns of a proposal, and how the proposal takes it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from harken.listen.mapping.columns import slug
from harken.listen.mapping.proposal.outcomes import OutcomeGuess, ValueGuess, outcome_guess
from harken.listen.mapping.proposal.profiles import ColumnProfile, TableProfile
from harken.listen.mapping.proposal.roles import FIELDS, Kind, Roles
from harken.listen.mapping.proposal.scores import ScoreGuess, guess_score, own, topic_of
from harken.vocabulary.errors import DataError, Problem
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import SCALES, Scale

SINGLE = ("person", "account", "native_id", "time", "joined", "left", "weight", "comment")
"""Roles that one column of a table has."""
NAMES = {"name": "name", "email": "email", "phone": "phone", "language": "language", "contact_role": "role"}
OUTCOMES = {"outcome_churn": "churn", "outcome_renewal": "renewal", "outcome_bought_again": "bought_again"}
VALUES = {"value_year": "year", "value_month": "month"}
COLUMN_ROLES = (*SINGLE, *NAMES, *OUTCOMES, *VALUES, *FIELDS, "score", "measure", "fact", "nothing")
TABLE_KINDS: tuple[Kind, ...] = (
    "wide",
    "panel",
    "accounts",
    "answers",
    "orders",
    "contacts",
    "usage",
    "behaviour",
    "signals",
    "leavers",
    "lookup",
)
OWN_SCALES: dict[str, Scale] = {
    scale.id: scale
    for scale in (
        own("score_1_7_hard", 1, 7, high_is_good=False),
        own("score_0_10_hard", 0, 10, high_is_good=False),
        own("rating_1_7", 1, 7),
        own("csat_1_4", 1, 4),
        own("csat_1_3", 1, 3),
        own("rating_1_10", 1, 10),
        own("score_1_10_hard", 1, 10, high_is_good=False),
        own("rating_0_100", 0, 100),
        own("score_0_100_hard", 0, 100, high_is_good=False),
    )
}
"""Scales a person can choose beside the usual ones, the other direction of each range among them."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person said a column is: one of COLUMN_ROLES; a score's `scale` by its id ("" = as proposed)."""

    role: str
    scale: str = ""


@dataclass(frozen=True, slots=True)
class Corrections:
    """All a person said about a proposal: (table, kind) and (table, column, wish); later words replace earlier."""

    kinds: tuple[tuple[str, str], ...] = ()
    columns: tuple[tuple[str, str, Wish], ...] = ()

    def kind(self, table: str) -> str | None:
        """The kind of a table, None where nothing was said."""
        return dict(self.kinds).get(table)

    def wishes(self, table: str) -> dict[str, Wish]:
        """The wishes for the columns of a table."""
        return {column: wish for name, column, wish in self.columns if name == table}

    def and_then(self, later: Corrections) -> Corrections:
        """These, replaced where `later` speaks of the same table or column.

        >>> first = Corrections((("a.csv", "orders"),))
        >>> first.and_then(Corrections((("a.csv", "usage"),))).kinds
        (('a.csv', 'usage'),)
        """
        columns = {(table, column): wish for table, column, wish in (*self.columns, *later.columns)}
        return Corrections(
            tuple((dict(self.kinds) | dict(later.kinds)).items()),
            tuple((table, column, wish) for (table, column), wish in columns.items()),
        )


NOTHING_SAID = Corrections()


def scale_choices(column: ColumnProfile) -> tuple[Scale, ...]:
    """The scales that hold nearly all of a column's numbers; for words those from 1 to 5."""
    known = (*SCALES.values(), *OWN_SCALES.values())
    if not column.numeric:
        return tuple(scale for scale in known if (scale.minimum, scale.maximum) == (1, 5) or scale.id == "yes_no")
    numbers = []
    for text, count in column.top:
        try:
            numbers.append((float(text), count))
        except ValueError:
            continue
    total = sum(count for _, count in numbers)
    return tuple(
        scale
        for scale in known
        if sum(count for number, count in numbers if scale.holds(number)) >= 0.9 * total > 0
    )


def apply(roles: Roles, table: TableProfile, wishes: Mapping[str, Wish]) -> None:
    """Change the roles of a table's columns as a person wished; saying it twice changes nothing more.

    Raises DataError that lists every wish that cannot be followed.
    """
    problems: list[Problem] = []
    known = [column for column in table.columns if column.name in wishes]
    for column in known:
        forget(roles, column.name)
        roles.settled.add(column.name)
    for column in known:
        wish = wishes[column.name]
        reason = give(roles, column, wish)
        if reason is not None:
            problems.append(Problem(reason, file=table.name, column=column.name))
    if problems:
        raise DataError(Message(gettext_noop("Harken cannot do this as you said:")), problems=problems)


def forget(roles: Roles, column: str) -> None:
    """Take every role from a column."""
    for name in (*SINGLE, "person_alias", "clock"):
        if getattr(roles, name) == column:
            setattr(roles, name, None)
    roles.scores = tuple(guess for guess in roles.scores if guess.column != column)
    roles.outcomes = tuple(guess for guess in roles.outcomes if guess.column != column)
    if roles.value is not None and roles.value.column == column:
        roles.value = None
    roles.fields = {name: held for name, held in roles.fields.items() if held != column}
    roles.names = {name: held for name, held in roles.names.items() if held != column}
    roles.measures = tuple(held for held in roles.measures if held != column)
    roles.left_out.discard(column)


def give(roles: Roles, column: ColumnProfile, wish: Wish) -> Message | None:
    """Give a column the role wished for; the reason where that cannot be."""
    role = wish.role
    if role in SINGLE:
        setattr(roles, role, column.name)
        if role == "person":
            roles.person_alias = None
        if role == "time":
            roles.clock = None
    elif role in NAMES:
        roles.names[NAMES[role]] = column.name
    elif role in VALUES:
        roles.value = ValueGuess(column.name, VALUES[role])
    elif role in FIELDS:
        roles.fields[role] = column.name
    elif role == "measure":
        roles.measures = (*roles.measures, column.name)
    elif role == "nothing":
        roles.left_out.add(column.name)
    elif role == "score":
        return give_score(roles, column, wish.scale)
    elif role in OUTCOMES:
        return give_outcome(roles, column, OUTCOMES[role])
    elif role != "fact":
        return Message(gettext_noop("there is no role {role}"), {"role": role})
    return None


def give_score(roles: Roles, column: ColumnProfile, scale: str) -> Message | None:
    """Make a column a score, on the scale chosen or the one it seems to be on."""
    guess = guess_score(column)
    chosen = SCALES.get(scale) or OWN_SCALES.get(scale)
    if chosen is None and guess is None:
        fitting = scale_choices(column)
        if not fitting:
            return Message(gettext_noop("its values are on no scale that Harken knows; write one as text"))
        chosen = fitting[0]
    if guess is None or (chosen is not None and chosen.id != guess.scale.id):
        held = (
            guess
            if guess is not None
            else ScoreGuess(column.name, topic_of(column) or slug(column.name), SCALES["yes_no"])
        )
        same = chosen is not None and (chosen.minimum, chosen.maximum) == (held.scale.minimum, held.scale.maximum)
        outside, codes = (held.outside, held.codes) if same else ((), ())
        guess = ScoreGuess(column.name, held.question, chosen or held.scale, outside, codes)
    confirmed = replace(guess, direction_sure=True, confirmed=bool(scale))
    roles.scores = (*roles.scores, confirmed)
    return None


def give_outcome(roles: Roles, column: ColumnProfile, outcome: str) -> Message | None:
    """Make a column the outcome: its values have to tell plainly whether it happened."""
    guess: OutcomeGuess | None = outcome_guess(column, outcome)
    if guess is None:
        return Message(
            gettext_noop(
                "its values do not tell plainly whether it happened; write true = [...] and false = [...] as text"
            )
        )
    roles.outcomes = (*(held for held in roles.outcomes if held.outcome != outcome), guess)
    return None
