"""How is this computed? The card of a measure."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from harken.usecases.cards import FIELD_WORDS, TOPICS, card, cards
from harken.web.parts.messages import language


def how(request: HttpRequest, topic: str) -> HttpResponse:
    """One card, and the way to the others."""
    if topic not in TOPICS:
        raise Http404
    shown = card(topic, language())
    context = {
        "card": shown,
        "fields": [(label, getattr(shown, name)) for name, label in FIELD_WORDS.items()],
        "others": [other for other in cards(language()) if other.topic != topic],
    }
    return render(request, "pages/how.html", context)
