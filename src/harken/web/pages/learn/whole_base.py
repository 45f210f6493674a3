"""Whole base: how do the silent customers feel?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import page, run_or_first_steps

TITLE = Message(gettext_noop("Whole base"))


def whole_base(request: HttpRequest) -> HttpResponse:
    """Whole base: how do the silent customers feel?"""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    return page(request, "pages/learn/whole_base.html", {}, run)
