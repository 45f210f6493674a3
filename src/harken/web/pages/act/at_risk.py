"""Customers at risk: whom do we call, about what?"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from harken.usecases.customers import customers_page
from harken.usecases.exports.customers import customers_sheet
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import page, part, run_or_first_steps
from harken.web.pages.tables import asked_page, pages_of
from harken.web.parts.messages import language

TITLE = Message(gettext_noop("Customers at risk"))


def at_risk(request: HttpRequest) -> HttpResponse:
    """Customers by value at stake."""
    if request.GET.get("q"):  # the search had this address before
        return redirect(f"{reverse('customers')}?{urlencode({'q': request.GET['q']})}")
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    query = {"run": request.GET["run"]} if request.GET.get("run") else {}
    pages = pages_of(run.info.customers, asked_page(request), query)
    rows: Any = customers_page(run, pages.page)
    outcome, _ = part(run, "outcome")
    _, forecast_reason = part(run, "retention")
    value, value_reason = part(run, "value")
    found, _ = part(run, "actions")
    actions = {} if found is None else {action.customer_id: action for action in found.actions}
    context = {
        "rows": [(row, actions.get(row.customer_id)) for row in rows],
        "verdicts": VERDICTS,
        "looked": None if found is None else Message(LOOKED, {"n": found.considered}),
        "pages": pages,
        "outcome": outcome,
        "value": value,
        "forecast_reason": forecast_reason,
        "value_reason": value_reason,
        "has": {name: any(getattr(row, name) is not None for row in rows) for name in SHOWN},
    }
    take = {"customers": customers_sheet(run, language=language())}
    return page(
        request, "pages/act/at_risk.html", context, run, take, {} if value is None else {"customers": "value"}
    )


VERDICTS = Message(
    gettext_noop(
        "Chances, not verdicts: read them in groups. "
        "What a call would gain is unknown as long as no contact was made at random."
    )
)
LOOKED = gettext_noop(
    "For {n} customers Harken looked for reasons that somebody can change; "
    "one in ten is left alone, so that the gain can be measured."
)
SHOWN = ("risk", "value", "value_at_stake")
