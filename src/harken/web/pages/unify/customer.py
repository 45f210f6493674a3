"""Customer: who is this, how do they probably feel, what is at stake, and what happened so far."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from harken.locale import formats
from harken.usecases.customers import CustomerRow, one_customer
from harken.usecases.hand_overs import handed_entries
from harken.usecases.runs import Run, utc
from harken.usecases.timeline import ENTRIES_PER_PAGE, CustomerStory, customer_story
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import part
from harken.web.pages.tables import asked_page, pages_of
from harken.web.pages.unify.telling import kind_name, told
from harken.web.parts.quantities import band_names
from harken.web.workspace import shown_run, workspace

ID = re.compile(r"-?[0-9]{1,19}")


def moved(request: HttpRequest, customer_id: str) -> HttpResponse:
    """The address that a customer's page had before."""
    return redirect("customer", customer_id=customer_id, permanent=True)


def customer(request: HttpRequest, customer_id: str) -> HttpResponse:
    """One customer as the run sees them and as the lake knows them, whichever there is."""
    number = int(customer_id) if ID.fullmatch(customer_id) else None
    if number is None or abs(number) >= 2**63:
        raise Http404
    place, run = workspace(), shown_run(request)
    kind = request.GET.get("kind", "")
    given = handed_entries(place, number)
    story = customer_story(place, number, kind=kind, page=asked_page(request), more=given)
    if story is None:
        raise Http404
    row = None if run is None else one_customer(run, number)
    query = {name: request.GET[name] for name in ("kind", "run") if request.GET.get(name)}
    context = {
        "story": story,
        "facts": [(fact.label, _value(fact)) for fact in story.facts],
        "numbers": [person.native_key for person in story.people],
        "months": [(month.first, [told(entry) for entry in month.entries]) for month in story.timeline.months],
        "kinds": [(count.kind, kind_name(count.kind), count.count) for count in story.timeline.kinds],
        "kind": kind,
        "pages": pages_of(story.timeline.entries, asked_page(request), query, ENTRIES_PER_PAGE),
        "headline": _story_headline(story),
        "run": run,
        "row": row,
        "currency": place.settings.currency,
        "zone": place.settings.time_zone,
    }
    if run is not None and row is not None:
        context |= _forecast(run, row)
    return render(request, "pages/unify/customer.html", context)


def _value(fact: Any) -> Any:
    """A field of a customer table: a moment, a text, or a number as it stands there."""
    if fact.kind == "time":
        return utc(int(fact.value)).date()
    if isinstance(fact.value, float):
        return str(int(fact.value)) if fact.value.is_integer() else str(round(fact.value, 4))
    return fact.value


def _forecast(run: Run, row: CustomerRow) -> dict[str, Any]:
    """What the run says of the customer, as chances."""
    whole, _ = part(run, "whole_base")
    outcome, _ = part(run, "outcome")
    found, _ = part(run, "actions")
    actions = () if found is None else found.actions
    action = next((one for one in actions if one.customer_id == row.customer_id), None)
    return {
        "action": action,
        "reasons": [] if action is None else [_reason(reason) for reason in action.reasons],
        "outcome": outcome,
        "usual_risk": None if outcome is None else outcome.left / max(outcome.customers, 1),
        "bands": _bands(row, whole),
        "headline": _headline(row, outcome),
    }


def _reason(reason: Any) -> dict[str, Any]:
    """One reason in words: what this customer has, what is usual, and what that does to the forecast."""
    numbers = {
        "change": formats.number(abs(reason.risk_change) * 100, 0),
        "value": round(float(reason.value), 2),
        "usual": round(float(reason.favourable), 2),
    }
    text = gettext_noop(
        "{value}, usual is {usual}; with that the forecast would be {change} percentage points lower."
    )
    return {"label": reason.label, "words": Message(text, numbers)}


def _bands(row: CustomerRow, whole: Any) -> list[tuple[Message, float, str]] | None:
    if whole is None or row.unfavourable is None:
        return None
    good, middle, bad = band_names(whole.scale_id)
    return [
        (bad, row.unfavourable, "detractor"),
        (middle, row.middle or 0.0, "passive"),
        (good, row.favourable or 0.0, "promoter"),
    ]


def _headline(row: CustomerRow, outcome: Any) -> Message:
    """How this customer compares with the others, as a chance."""
    if row.risk is None or outcome is None:
        return Message(gettext_noop("{name}"), {"name": row.title})
    usual = outcome.left / max(outcome.customers, 1)
    names = {"name": row.title, "times": round(row.risk / usual, 1) if usual else 0.0}
    if usual and row.risk >= 1.5 * usual:
        return Message(gettext_noop("{name}: {times} times as likely to leave as the average customer."), names)
    if usual and row.risk <= usual / 1.5:
        return Message(gettext_noop("{name}: less likely to leave than the average customer."), names)
    return Message(gettext_noop("{name}: about as likely to leave as the average customer."), names)


def _story_headline(story: CustomerStory) -> Message:
    """What was heard of a customer whom no run knows."""
    heard = sum(count.count for count in story.timeline.kinds)
    if not heard:
        return Message(gettext_noop("{name}: nothing was heard of this customer yet."), {"name": story.title})
    if heard == 1:
        return Message(gettext_noop("{name}: one signal so far."), {"name": story.title})
    return Message(gettext_noop("{name}: {n} signals so far."), {"name": story.title, "n": heard})
