"""Customer: who is this, how do they probably feel, what is at stake."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from harken.locale import formats
from harken.usecases.customers import CustomerRow, one_customer
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import page, part, run_or_first_steps
from harken.web.parts.quantities import band_names

TITLE = Message(gettext_noop("Customer"))
ID = re.compile(r"-?[0-9]{1,19}")


def moved(request: HttpRequest, customer_id: str) -> HttpResponse:
    """The address that a customer's page had before."""
    return redirect("customer", customer_id=customer_id, permanent=True)


def customer(request: HttpRequest, customer_id: str) -> HttpResponse:
    """One customer as the run knows them."""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    number = int(customer_id) if ID.fullmatch(customer_id) else None
    row = None if number is None or abs(number) >= 2**63 else one_customer(run, number)
    if row is None:
        raise Http404
    whole, _ = part(run, "whole_base")
    outcome, _ = part(run, "outcome")
    found, _ = part(run, "actions")
    action = (
        None if found is None else next((one for one in found.actions if one.customer_id == row.customer_id), None)
    )
    context = {
        "row": row,
        "action": action,
        "reasons": [] if action is None else [_reason(reason) for reason in action.reasons],
        "outcome": outcome,
        "usual_risk": None if outcome is None else outcome.left / max(outcome.customers, 1),
        "bands": _bands(row, whole),
        "headline": _headline(row, outcome),
    }
    return page(request, "pages/unify/customer.html", context, run)


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
