"""Messages in the active language, with numbers and dates in its form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from harken.locale.catalogue import LANGUAGES, translator
from harken.locale.formats import parameter, render
from harken.vocabulary.messages import Message


def language() -> str:
    """The reader's language; English where none is active."""
    active = get_language()
    return active if active in LANGUAGES else "en"


def in_words(message: Message | str) -> str:
    """A message as plain text in the reader's language; texts of the company's own come back as they are."""
    return render(message, language()) if isinstance(message, Message) else str(message)


def in_html(text: str, values: Mapping[str, Any]) -> SafeString:
    """The sentence `text` with its places filled; values that are not marked safe are escaped."""
    filled = {}
    for name, value in values.items():
        if isinstance(value, Message):
            value = in_words(value)
        elif not isinstance(value, str):
            value = parameter(value, language())
        filled[name] = conditional_escape(value)
    return mark_safe(conditional_escape(translator(language())(text)).format(**filled))
