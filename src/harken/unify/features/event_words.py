"""How kinds of signals and their measures are called, their families and the units they are told in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harken.unify.features.families import can_be_fewer, is_lever, propose
from harken.vocabulary.messages import Message, Parameter, gettext_noop


@dataclass(frozen=True, slots=True)
class KindWords:
    """A kind of signal in words: one of them, many of them, the family of its counts.

    `lever` is True where the company can change how many there are (contacts, by removing their causes), False
    where that is the customer's own doing (visits, usage, orders) or the rhythm of the business (bills). `manner`
    is True where it can change how one of them goes: how long it takes, in how many steps.
    """

    one: Message
    many: Message
    family: str
    lever: bool
    manner: bool


_KINDS: dict[str, tuple[str, str, str, bool]] = {
    "contact": (gettext_noop("contact"), gettext_noop("contacts"), "contacts", True),
    "order": (gettext_noop("order"), gettext_noop("orders"), "orders", False),
    "usage": (gettext_noop("usage record"), gettext_noop("usage records"), "usage", False),
    "behaviour": (gettext_noop("web or app visit"), gettext_noop("web and app visits"), "web", False),
    "answer": (gettext_noop("survey answer"), gettext_noop("survey answers"), "past_scores", False),
}


def kind_words(kind: str) -> KindWords:
    """The words of a kind; a kind of the company's own is called by its name and proposes its own family.

    >>> str(kind_words("contact").many), kind_words("payment").family, kind_words("garden_visit_2").family
    ('contacts', 'billing', 'web')
    """
    if kind in _KINDS:
        one, many, family, lever = _KINDS[kind]
        return KindWords(Message(one), Message(many), family, lever, lever)
    family = propose(kind) or kind
    return KindWords(
        Message(gettext_noop("event “{kind}”"), {"kind": kind}),
        Message(gettext_noop("events “{kind}”"), {"kind": kind}),
        family,
        is_lever(family) and can_be_fewer(kind, family),
        is_lever(family),
    )


@dataclass(frozen=True, slots=True)
class MeasureWords:
    """A measure of a kind in words: its part of the feature name, its noun, its family.

    `additive` is True where totals speak (money, pieces), False where means do (waits); `longest` where its
    maximum is called longest, not highest.
    """

    slug: str
    noun: Message
    family: str
    additive: bool = True
    longest: bool = False


_MEASURES: dict[tuple[str, str], tuple[str, str, str, bool, bool]] = {
    ("contact", "wait_s"): ("wait", gettext_noop("wait"), "waiting", False, True),
    ("contact", "duration_s"): ("duration", gettext_noop("handling time"), "contacts", True, True),
    ("contact", "quantity"): ("transfers", gettext_noop("number of transfers"), "transfers", True, False),
    ("contact", "amount_reporting"): ("amount", gettext_noop("amount"), "billing", True, False),
    ("order", "wait_s"): ("delivery", gettext_noop("delivery time"), "delivery", False, True),
    ("order", "duration_s"): ("duration", gettext_noop("duration"), "orders", True, True),
    ("order", "quantity"): ("items", gettext_noop("number of items"), "orders", True, False),
    ("order", "amount_reporting"): ("amount", gettext_noop("amount"), "orders", True, False),
    ("usage", "wait_s"): ("wait", gettext_noop("wait"), "waiting", False, True),
    ("usage", "duration_s"): ("duration", gettext_noop("duration"), "usage", True, True),
    ("usage", "quantity"): ("quantity", gettext_noop("quantity"), "usage", True, False),
    ("usage", "amount_reporting"): ("amount", gettext_noop("charges"), "price", True, False),
    ("behaviour", "duration_s"): ("duration", gettext_noop("duration"), "web", True, True),
}
_ANY_KIND: dict[str, tuple[str, str, str, bool, bool]] = {
    "wait_s": ("wait", gettext_noop("wait"), "waiting", False, True),
    "duration_s": ("duration", gettext_noop("duration"), "", True, True),
    "quantity": ("quantity", gettext_noop("quantity"), "", True, False),
    "amount_reporting": ("amount", gettext_noop("amount"), "", True, False),
}

MEASURES: tuple[str, ...] = tuple(_ANY_KIND)
"""The columns of signals that are measured; scores have a plan of their own."""


def measure_words(kind: str, measure: str) -> MeasureWords:
    """The words of a measure; for a kind of the company's own the measure's general words and the kind's family.

    >>> measure_words("order", "wait_s").slug, measure_words("visit", "wait_s").family
    ('delivery', 'waiting')
    """
    slug, noun, family, additive, longest = _MEASURES.get((kind, measure), _ANY_KIND[measure])
    return MeasureWords(slug, Message(noun), family or kind_words(kind).family, additive, longest)


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit a measure is told in: its name, seconds (or other lake units) in one, limits worth a share."""

    name: str
    factor: float = 1.0
    limits: tuple[int, ...] = ()


_TIME_UNITS: tuple[tuple[float, Unit], ...] = (
    (2 * 3600.0, Unit("minutes", 60.0, (5, 10, 15, 20))),
    (48 * 3600.0, Unit("hours", 3600.0, (2, 8, 24, 48))),
    (float("inf"), Unit("days", 86400.0, (2, 5, 7, 14))),
)


def unit_of(measure: str, mean: float) -> Unit:
    """The unit a measure is told in, by its mean: minutes below 2 hours, hours below 48 hours, else days.

    >>> unit_of("wait_s", 400.0).name, unit_of("wait_s", 9 * 86400.0).limits
    ('minutes', (2, 5, 7, 14))
    """
    if measure in ("wait_s", "duration_s"):
        return next(unit for below, unit in _TIME_UNITS if mean < below)
    return Unit("currency") if measure == "amount_reporting" else Unit("")


UNIT_LABELS: dict[str, str] = {
    "minutes": gettext_noop("minutes"),
    "hours": gettext_noop("hours"),
    "days": gettext_noop("days"),
    "currency": gettext_noop("reporting currency"),
}


def with_unit(label: Message, unit: str) -> Message:
    """The label with its unit in brackets, or the label alone where there is no unit to tell.

    >>> str(with_unit(Message("Mean wait"), "minutes"))
    'Mean wait (minutes)'
    """
    if unit not in UNIT_LABELS:
        return label
    params: dict[str, Parameter | Message] = {"label": label, "unit": Message(UNIT_LABELS[unit])}
    return Message(gettext_noop("{label} ({unit})"), params)


def slug(text: str) -> str:
    """Text as part of a feature name: letters of any script and digits in lower case, everything else one `_`.

    >>> slug("E-Mail / Chat"), slug("账单 问题"), slug("?!")
    ('e_mail_chat', '账单_问题', 'x')
    """
    return re.sub(r"[\W_]+", "_", text.lower()).strip("_") or "x"
