"""How is this computed? The card of a measure."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from harken.usecases.cards import TOPICS, card, cards
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.messages import language

FIELDS = {
    "how_to_read": Message(gettext_noop("How to read it")),
    "what_to_do": Message(gettext_noop("What to do about it")),
    "unit": Message(gettext_noop("Unit")),
    "grain": Message(gettext_noop("What one number is about")),
    "formula": Message(gettext_noop("How it is computed")),
    "source": Message(gettext_noop("Whose method")),
}


def how(request: HttpRequest, topic: str) -> HttpResponse:
    """One card, and the way to the others."""
    if topic not in TOPICS:
        raise Http404
    shown = card(topic, language())
    context = {
        "card": shown,
        "fields": [(label, getattr(shown, name)) for name, label in FIELDS.items()],
        "others": [other for other in cards(language()) if other.topic != topic],
    }
    return render(request, "pages/how.html", context)
