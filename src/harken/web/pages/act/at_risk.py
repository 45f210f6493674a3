"""Customers at risk: whom do we call, about what?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from harken.usecases.customers import PAGE_ROWS, customers_page, find_customers
from harken.usecases.exports.customers import customers_sheet
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import page, part, run_or_first_steps
from harken.web.parts.messages import language

TITLE = Message(gettext_noop("Customers at risk"))


@dataclass(frozen=True, slots=True)
class Pages:
    """Where in a long table the reader is; addresses are None at the ends."""

    page: int
    count: int
    previous: str | None
    next: str | None


def pages_of(rows: int, page_number: int, query: dict[str, str]) -> Pages:
    """The pages of a table of `rows`, the page asked for kept within it."""
    count = max(1, -(-rows // PAGE_ROWS))
    at = min(max(page_number, 1), count)

    def address(number: int) -> str | None:
        return "?" + urlencode({**query, "page": number}) if 1 <= number <= count else None

    return Pages(at, count, address(at - 1), address(at + 1))


def at_risk(request: HttpRequest) -> HttpResponse:
    """Customers by value at stake, or those that a search finds."""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    search = request.GET.get("q", "").strip()
    query = {"run": request.GET["run"]} if request.GET.get("run") else {}
    asked = request.GET.get("page", "1")
    pages = pages_of(run.info.customers, int(asked) if asked.isdigit() else 1, query)
    rows: Any = find_customers(run, search) if search else customers_page(run, pages.page)
    if search and len(rows) == 1 and "take" not in request.GET:
        return redirect("customer", customer_id=str(rows[0].customer_id))
    outcome, _ = part(run, "outcome")
    _, forecast_reason = part(run, "retention")
    value, value_reason = part(run, "value")
    found, _ = part(run, "actions")
    actions = {} if found is None else {action.customer_id: action for action in found.actions}
    context = {
        "rows": [(row, actions.get(row.customer_id)) for row in rows],
        "verdicts": VERDICTS,
        "looked": None if found is None else Message(LOOKED, {"n": found.considered}),
        "search": search,
        "pages": pages,
        "outcome": outcome,
        "value": value,
        "forecast_reason": forecast_reason,
        "value_reason": value_reason,
        "has": {name: any(getattr(row, name) is not None for row in rows) for name in SHOWN},
    }
    take = {"customers": customers_sheet(run, language=language(), search=search)}
    return page(request, "pages/act/at_risk.html", context, run, take)


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
