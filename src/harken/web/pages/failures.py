"""Pages for what went wrong: not found, forged form, a fault of Harken's own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.messages import language


def _failure(request: HttpRequest, status: int, what: Message, todo: Message) -> HttpResponse:
    return render(request, "pages/failure.html", {"what": what, "todo": todo}, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404"""
    what = Message(gettext_noop("There is no such page."))
    return _failure(request, 404, what, Message(gettext_noop("The navigation leads to every page there is.")))


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403"""
    what = Message(gettext_noop("Your account may not do this."))
    return _failure(request, 403, what, Message(gettext_noop("An owner can give you the right to.")))


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token."""
    what = Message(gettext_noop("This form is too old, or did not come from this page."))
    return _failure(
        request, 403, what, Message(gettext_noop("Go back, load the page again and repeat your entry."))
    )


def broken(request: HttpRequest) -> HttpResponse:
    """500: drawn without the shell, whose parts may be what broke."""
    what = Message(gettext_noop("Something in Harken broke."))
    todo = gettext_noop("Nothing was changed half-way. The server's log says what happened; please report it.")
    page = render_to_string("pages/broken.html", {"what": what, "todo": Message(todo), "language": language()})
    return HttpResponse(page, status=500)
