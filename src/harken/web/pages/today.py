"""Today: what changed for real, what is it worth, what to do now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import page, run_or_first_steps

TITLE = Message(gettext_noop("Today"))


def today(request: HttpRequest) -> HttpResponse:
    """Today: what changed for real, what is it worth, what to do now."""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    return page(request, "pages/today.html", {}, run)
