"""Scores: how are we doing, and is the change real?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import page, run_or_first_steps

TITLE = Message(gettext_noop("Scores"))


def scores(request: HttpRequest) -> HttpResponse:
    """Scores: how are we doing, and is the change real?"""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    return page(request, "pages/learn/scores.html", {}, run)
