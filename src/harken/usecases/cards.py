"""Cards: how each measure is computed, how to read it and what to do about it, in the reader's language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from harken.vocabulary.messages import Message, gettext_noop

TOPICS: dict[str, str] = {
    "scores": "harken.learn.scores",
    "whole-base": "harken.learn.whole_base",
    "ratings": "harken.learn.ratings",
    "leaks": "harken.learn.leaks",
    "retention": "harken.learn.retention",
    "survival": "harken.learn.survival",
    "lifetime-value": "harken.learn.lifetime_value",
    "drivers": "harken.learn.drivers",
    "what-if": "harken.learn.what_if",
    "importance": "harken.learn.importance",
    "value": "harken.learn.value",
    "value-link": "harken.learn.value_link",
    "hypotheses": "harken.learn.hypotheses",
    "next-actions": "harken.act.next_actions",
    "uplift": "harken.learn.uplift",
    "impact": "harken.learn.impact",
}
"""Name of each card in addresses, and the package it lies in."""

FIELD_WORDS = {
    "how_to_read": Message(gettext_noop("How to read it")),
    "what_to_do": Message(gettext_noop("What to do about it")),
    "unit": Message(gettext_noop("Unit")),
    "grain": Message(gettext_noop("What one number is about")),
    "formula": Message(gettext_noop("How it is computed")),
    "source": Message(gettext_noop("Whose method")),
}
"""What the fields of a card are called, in the order in which they are read."""


@dataclass(frozen=True, slots=True)
class Card:
    """What one measure is: the question it answers, its unit and grain, how it is computed and by whose method."""

    topic: str
    question: str
    unit: str
    grain: str
    formula: str
    source: str
    how_to_read: str
    what_to_do: str


@lru_cache(maxsize=32)
def _document(topic: str) -> dict[str, Any]:
    return tomllib.loads((files(TOPICS[topic]) / "card.toml").read_text(encoding="utf-8"))


def card(topic: str, language: str) -> Card:
    """The card of a topic in "en", "zh-hans" or "zh-hant"; raises KeyError for a topic without one.

    >>> card("scores", "en").topic
    'scores'
    """
    texts = {name: str(said[language]).strip() for name, said in _document(topic).items() if isinstance(said, dict)}
    return Card(topic, **{name: texts[name] for name in Card.__dataclass_fields__ if name != "topic"})


def cards(language: str) -> tuple[Card, ...]:
    """Every card."""
    return tuple(card(topic, language) for topic in TOPICS)
