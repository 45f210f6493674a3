"""Retention: why customers stay or leave."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import page, run_or_first_steps

TITLE = Message(gettext_noop("Retention"))


def retention(request: HttpRequest) -> HttpResponse:
    """Retention: why customers stay or leave."""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    return page(request, "pages/learn/retention.html", {}, run)
