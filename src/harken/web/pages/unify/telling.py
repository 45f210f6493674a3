"""How one entry of a timeline is told: a heading, what stands beside it, the customer's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harken.locale import formats
from harken.usecases.timeline import FACTS, HANDED_OVER, JOINED, LEFT, OUTCOME, Entry
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.messages import language

KINDS = {
    "people": Message(gettext_noop("customers")),
    "snapshot": Message(gettext_noop("customer table")),
    "answer": Message(gettext_noop("survey answers")),
    "contact": Message(gettext_noop("contacts")),
    "order": Message(gettext_noop("orders")),
    "usage": Message(gettext_noop("usage")),
    "behaviour": Message(gettext_noop("behaviour on web and app")),
    OUTCOME: Message(gettext_noop("outcomes")),
    JOINED: Message(gettext_noop("joined")),
    LEFT: Message(gettext_noop("left")),
    FACTS: Message(gettext_noop("customer tables")),
    HANDED_OVER: Message(gettext_noop("hand-overs")),
}
"""What the kinds of rows are called; kinds and outcomes of a company's own keep their names."""

HANDED_OUTCOMES = {
    "reached": Message(gettext_noop("reached")),
    "not_reached": Message(gettext_noop("not reached")),
    "not_needed": Message(gettext_noop("not needed")),
}
"""What can come of contacting a customer who was handed over."""

TONES = {1: "promoter", 0: "passive", -1: "detractor"}
_HEADINGS = {
    "contact": gettext_noop("Contact"),
    "order": gettext_noop("Order"),
    "usage": gettext_noop("Usage"),
    "behaviour": gettext_noop("On web and app"),
    "answer": gettext_noop("Answer"),
    JOINED: gettext_noop("Became a customer"),
    LEFT: gettext_noop("Ceased to be a customer"),
    HANDED_OVER: gettext_noop("Handed over"),
}
_SPANS = (
    (2 * 86_400, 86_400, gettext_noop("{n} days")),
    (2 * 3_600, 3_600, gettext_noop("{n} h")),
    (90, 60, gettext_noop("{n} min")),
    (0, 1, gettext_noop("{n} s")),
)


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as a page shows it; `beside` are short facts, `tone` the colour of an answer's band."""

    entry: Entry
    heading: Message | str
    beside: tuple[Message | str, ...]
    tone: str = ""


def kind_name(kind: str) -> Message | str:
    """What a kind of rows is called."""
    return KINDS.get(kind, kind)


def span_of(seconds: float) -> Message:
    """A length of time in the unit a person would use.

    >>> str(span_of(5400))
    '90 min'
    """
    for least, unit, text in _SPANS:
        if seconds >= least:
            return Message(text, {"n": round(seconds / unit)})
    return Message(_SPANS[-1][2], {"n": 0})


def told(entry: Entry) -> Told:
    """An entry in words."""
    tone = "" if entry.band is None else TONES[entry.band]
    return Told(entry, _heading(entry), tuple(_beside(entry)), tone)


def _heading(entry: Entry) -> Message | str:
    if entry.kind == "answer" and entry.score is not None:
        return _answer(entry)
    if entry.kind == OUTCOME:
        return _outcome(entry)
    if entry.kind == FACTS:
        names = {"source": entry.source, "n": int(entry.quantity or 0)}
        return Message(gettext_noop("Customer table {source}: {n} fields"), names)
    if entry.kind == "contact" and entry.issue:
        return Message(gettext_noop("Contact about {issue}"), {"issue": entry.issue})
    heading: Message | str = Message(_HEADINGS[entry.kind]) if entry.kind in _HEADINGS else entry.kind
    if entry.kind == HANDED_OVER and entry.name:
        return Message(gettext_noop("Handed over to {person}"), {"person": entry.name})
    if entry.count > 1:
        return Message(gettext_noop("{kind}, {n} times"), {"kind": heading, "n": entry.count})
    return heading


def _answer(entry: Entry) -> Message:
    score = formats.number(entry.score or 0.0, 0 if float(entry.score or 0.0).is_integer() else 1)
    if entry.scale_range is None:
        return Message(gettext_noop("Answered {score}"), {"score": score})
    low, high = (formats.number(end, 0 if end.is_integer() else 1) for end in map(float, entry.scale_range))
    text = gettext_noop("Answered {score} on a scale from {low} to {high}")
    return Message(text, {"score": score, "low": low, "high": high})


def _outcome(entry: Entry) -> Message:
    names = {"outcome": entry.name or ""}
    if entry.value == 0:
        return Message(gettext_noop("{outcome}: did not happen"), names)
    if entry.value == 1:
        return Message(gettext_noop("{outcome}: happened"), names)
    return Message(gettext_noop("{outcome}: {value}"), {**names, "value": formats.number(entry.value or 0.0)})


def _beside(entry: Entry) -> Any:
    if entry.kind == "answer":
        yield from (text for text in (entry.programme, entry.question) if text)
    if entry.amount is not None:
        yield _amount(entry)
    if entry.quantity and entry.kind != FACTS:
        yield Message(gettext_noop("quantity {n}"), {"n": formats.number(entry.quantity)})
    if entry.wait_s is not None:
        yield Message(gettext_noop("waited {span}"), {"span": span_of(entry.wait_s)})
    if entry.duration_s is not None:
        yield Message(gettext_noop("took {span}"), {"span": span_of(entry.duration_s)})
    yield from (text for text in (entry.channel, *entry.touchpoints) if text)
    if entry.issue and entry.kind != "contact":
        yield HANDED_OUTCOMES.get(entry.issue, entry.issue) if entry.kind == HANDED_OVER else entry.issue
    if entry.agent:
        yield Message(gettext_noop("served by {agent}"), {"agent": entry.agent})
    yield from (f"{name}: {value}" for name, value in entry.details)


def _amount(entry: Entry) -> str:
    amount = entry.amount or 0.0
    if entry.currency is None:
        return formats.number(amount, 2)
    return formats.money(amount, entry.currency, language(), decimals=2 if abs(amount) < 1_000 else None)
