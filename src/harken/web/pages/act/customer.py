"""Customer: who is this, how do they probably feel, why."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import page, run_or_first_steps


def customer(request: HttpRequest, customer_id: str) -> HttpResponse:
    """One customer as the run knows them."""
    run = run_or_first_steps(request, Message(gettext_noop("Customer")))
    if isinstance(run, HttpResponse):
        return run
    return page(request, "pages/act/customer.html", {}, run)
