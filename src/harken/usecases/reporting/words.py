"""Words and numbers that reports share."""

from __future__ import annotations

from harken.locale import render
from harken.locale.formats import decimals_for, number, percent
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message, gettext_noop

Words = Message | str

FIELDS = ("how_to_read", "formula", "source")
"""The fields of a card that a report prints."""


def written(value: float, half_width: float, kind: str) -> str:
    """A number of a "share" (0 to 1), "per cent" (0 to 100), "count" or "number", as far as it can be told.

    >>> written(0.5712, 0.2, "share"), written(92.77, 0.4, "per cent"), written(949.7, 128, "count")
    ('57%', '92.8%', '950')
    """
    if kind == "share":
        return percent(value, decimals_for(half_width * 100, 1))
    if kind == "count":
        return number(value, 0)
    return number(value, decimals_for(half_width, 1 if kind == "per cent" else 3)) + (
        "%" if kind == "per cent" else ""
    )


def estimate(found: Estimate, language: str, kind: str) -> tuple[str, str]:
    """A number and its likely range as texts."""
    half = found.interval.half_width
    ends = {"low": written(found.interval.lower, half, kind), "high": written(found.interval.upper, half, kind)}
    return written(found.value, half, kind), render(Message(gettext_noop("{low} to {high}"), ends), language)
