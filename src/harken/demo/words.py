"""What customers write: comments and ticket texts from small grammars in three languages."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.demo.company import ISSUES, LANGUAGES

Texts = NDArray[np.object_]
THEMES = ("waiting", "repeat", "bill", "price", "delivery", "checkout", "network", "fine", "praise")
"""What a comment is about; the first six are problems the company causes."""
GOOD = ("fine", "praise")


@cache
def _grammar() -> dict[str, dict[str, dict[str, list[str]]]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


@cache
def _sentences(kind: str, language: str, topic: str, again: bool = False) -> Texts:
    """Every sentence of one topic in one language, in a fixed order."""
    words = _grammar()[kind][language]
    if kind == "tickets":
        openings, endings = words["again" if again else "first"], [""]
    else:
        openings, endings = words["openings"], words["good_endings" if topic in GOOD else "endings"]
    return np.array([o + body + e for o in openings for body in words[topic] for e in endings], dtype=object)


def comments(
    language: NDArray[np.int64], theme: NDArray[np.int64], minutes: NDArray[np.int64], draw: NDArray[np.float64]
) -> Texts:
    """One comment each: codes of `LANGUAGES` and `THEMES`, minutes waited, a uniform draw; all of shape (n,).

    >>> str(comments(np.array([2]), np.array([8]), np.array([0]), np.array([0.0]))[0])
    'fast and stable network'
    """
    text = np.empty(len(language), dtype=object)
    for code, name in enumerate(LANGUAGES):
        for number, topic in enumerate(THEMES):
            rows = np.flatnonzero((language == code) & (theme == number))
            sentences = _sentences("comments", name, topic)
            text[rows] = sentences[(draw[rows] * len(sentences)).astype(np.int64)]
    for row in np.flatnonzero(theme == THEMES.index("waiting")):
        text[row] = text[row].replace("{m}", str(max(int(minutes[row]), 1)))
    return text


def ticket_texts(
    language: NDArray[np.int64], issue: NDArray[np.int64], again: NDArray[np.bool_], draw: NDArray[np.float64]
) -> Texts:
    """One ticket text each: codes of `LANGUAGES` and `ISSUES`, whether it is a repeat, a uniform draw; shape (n,).

    >>> str(ticket_texts(np.array([2]), np.array([2]), np.array([False]), np.array([0.99]))[0])
    'why is the bill so complicated, I cannot follow it'
    """
    text = np.empty(len(language), dtype=object)
    for code, name in enumerate(LANGUAGES):
        for number, topic in enumerate(ISSUES):
            for repeated in (False, True):
                rows = np.flatnonzero((language == code) & (issue == number) & (again == repeated))
                sentences = _sentences("tickets", name, topic, repeated)
                text[rows] = sentences[(draw[rows] * len(sentences)).astype(np.int64)]
    return text
