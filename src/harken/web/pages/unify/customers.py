"""Customers: find one among all of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from harken.usecases.runs import utc
from harken.usecases.searching import CustomerList, list_customers
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.tables import asked_page, pages_of
from harken.web.workspace import shown_run, workspace

TITLE = Message(gettext_noop("Customers"))
SHOWN = ("account", "last", "risk", "value", "value_at_stake")


def customers(request: HttpRequest) -> HttpResponse:
    """All customers, or those that a search finds; one that is found alone is opened at once."""
    place = workspace()
    if not (place.lake_root / "pointer.json").exists():
        return render(request, "pages/nothing_yet.html", {"title": TITLE, "imported": False})
    run, search, page = shown_run(request), request.GET.get("q", "").strip(), asked_page(request)
    found = list_customers(place, run, search, page)
    if search and found.count == 1 and len(found.rows) == 1:
        return redirect("customer", customer_id=str(found.rows[0].customer_id))
    query = {name: request.GET[name] for name in ("q", "run") if request.GET.get(name)}
    context = {
        "headline": _headline(found, search),
        "found": found,
        "search": search,
        "pages": pages_of(found.count, page, query),
        "has": {name: any(getattr(row, name) is not None for row in found.rows) for name in SHOWN},
        "run": run,
        "currency": place.settings.currency,
        "zone": place.settings.time_zone,
    }
    return render(request, "pages/unify/customers.html", context)


def _headline(found: CustomerList, search: str) -> Message:
    names = {"n": found.count, "search": search}
    if search and found.more:
        return Message(gettext_noop("More than {n} customers match “{search}”: type more of it."), names)
    if search and found.count == 1:
        return Message(gettext_noop("One customer matches “{search}”."), {"search": search})
    if search:
        return Message(gettext_noop("{n} customers match “{search}”."), names)
    heard = found.heard
    if heard is None or heard.last_us is None:
        if found.count == 1:
            return Message(gettext_noop("One customer is known."))
        return Message(gettext_noop("{n} customers are known."), names)
    counts = {
        "n": heard.customers,
        "lately": heard.lately,
        "never": heard.never,
        "day": utc(heard.last_us).date(),
    }
    if heard.never:
        text = gettext_noop(
            "Of {n} customers {lately} left a signal in the 90 days before {day}; {never} never left one."
        )
        return Message(text, counts)
    return Message(gettext_noop("Of {n} customers {lately} left a signal in the 90 days before {day}."), counts)
