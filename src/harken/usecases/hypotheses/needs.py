"""Which data a hypothesis needs, whether they are held, and for how many customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harken.usecases.families import label as family_label
from harken.usecases.hypotheses.claims import (
    ABOUT_FAMILIES,
    CHANGE,
    LEAVING,
    LEVER,
    SEGMENT_LEAVING,
    Claim,
    choices,
    held,
    subject_label,
)
from harken.usecases.hypotheses.testing import leaving_told_by, score_told_by, sources_of
from harken.usecases.runs import NotRun
from harken.vocabulary.messages import Message, gettext_noop


@dataclass(frozen=True, slots=True)
class Need:
    """Something a hypothesis needs to be tested: `covered` of `customers` have it, from `sources`.

    `covered` is 0 where it is not held, None where the data do not tell for how many customers it is.
    """

    what: Message | str
    held: bool
    sources: tuple[str, ...]
    covered: int | None
    customers: int


def needs(claim: Claim, parts: Mapping[str, Any]) -> tuple[Need, ...]:
    """What a claim needs: its subject, and the outcome it speaks of. Nothing for one that is bound to nothing."""
    if not claim.kind:
        return ()
    return tuple(one for one in (_subject(claim, parts), _outcome(claim, parts)) if one is not None)


def _subject(claim: Claim, parts: Mapping[str, Any]) -> Need | None:
    if claim.kind == CHANGE:
        return None
    features = held(parts, "inventory", "features")
    by_family = claim.kind in ABOUT_FAMILIES
    columns = {one.name for one in features if (one.family if by_family else one.name) == claim.subject}
    sources = sources_of(parts, columns)
    kinds = {one.source for one in features if one.name in columns}
    entries = [one for one in held(parts, "inventory", "sources") if one.kind in kinds or one.source in kinds]
    words = subject_label(claim, parts)
    return _need(words, bool(columns), sources, [one.customers for one in entries], parts)


def _outcome(claim: Claim, parts: Mapping[str, Any]) -> Need:
    if claim.kind in (LEAVING, LEVER, SEGMENT_LEAVING):
        outcome: Any = parts.get("outcome")
        known = outcome is not None and not isinstance(outcome, NotRun)
        told = [outcome.customers] if known else []
        return _need(Message(gettext_noop("who left")), known, leaving_told_by(parts), told, parts)
    sources = score_told_by(parts)
    told = [one.customers for one in held(parts, "inventory", "sources") if one.kind == "answer"]
    return _need(Message(gettext_noop("answers with a score")), bool(sources), sources, told, parts)


def _need(
    what: Message | str, known: bool, sources: frozenset[str], covered: list[int], parts: Mapping[str, Any]
) -> Need:
    inventory = parts.get("inventory")
    customers = getattr(inventory, "customers", 0)
    most = min(max(covered), customers) if covered else None
    return Need(what, known, tuple(sorted(sources)), most if known else 0, customers)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A hypothesis one might write down; `key` names what it is about. It says nothing of what the data hold."""

    key: str
    side: str
    statement: Message


EXPECTED: Mapping[str, Message] = {
    "waiting": Message(gettext_noop("Long waits make customers leave.")),
    "repeat_contact": Message(gettext_noop("Having to call again about the same thing makes customers leave.")),
    "transfers": Message(gettext_noop("Being passed on from one to another makes customers leave.")),
    "price": Message(gettext_noop("Price rises make customers leave.")),
    "billing": Message(gettext_noop("Bills that surprise make customers leave.")),
    "delivery": Message(gettext_noop("Late or failed deliveries make customers leave.")),
    "service_quality": Message(gettext_noop("Faults of the service make customers leave.")),
}
"""What companies believe most often, by driver family."""
SUGGESTED_MOST = 8


def suggestions(parts: Mapping[str, Any], taken: frozenset[str] = frozenset()) -> tuple[Suggestion, ...]:
    """Things one might believe, from the driver families that are held, those with a lever first; none in `taken`.

    The order does not follow what the analysis found: whoever writes down what was found believes nothing.
    """
    offered = {one.key for group in choices(parts) for one in group.choices}
    rows = held(parts, "drivers", "families")
    levers = {row.family: row.has_lever for row in rows}
    told = []
    for family in sorted(levers, key=lambda name: (name not in EXPECTED, not levers[name], name)):
        key = Claim(LEAVING, family).key
        if key not in offered or key in taken or family == "other":
            continue
        plain = Message(gettext_noop("{subject}: it goes with leaving."), {"subject": family_label(family)})
        told.append(Suggestion(key, "more" if family in EXPECTED else "either", EXPECTED.get(family, plain)))
    return tuple(told[:SUGGESTED_MOST])
