"""Customers at risk: whom do we call, about what?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import page, run_or_first_steps

TITLE = Message(gettext_noop("Customers at risk"))


def at_risk(request: HttpRequest) -> HttpResponse:
    """Customers at risk: whom do we call, about what?"""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    return page(request, "pages/act/at_risk.html", {}, run)
