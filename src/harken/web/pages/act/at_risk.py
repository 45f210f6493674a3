"""Customers at risk: whom do we call, about what, and who calls?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from harken.usecases.accounts import list_people
from harken.usecases.at_risk import AtRiskPage, Chosen, at_risk_page, chosen_ids, sorts_of
from harken.usecases.customers import segments_of
from harken.usecases.exports.customers import customers_sheet
from harken.usecases.runs import Run
from harken.usecases.scores import choice_from
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import family_label, page, part, run_or_first_steps
from harken.web.pages.tables import asked_page, pages_of
from harken.web.parts.messages import language
from harken.web.shell import kept_choice
from harken.web.workspace import workspace

TITLE = Message(gettext_noop("Customers at risk"))
SORT_NAMES = {
    "value_at_stake": Message(gettext_noop("At stake")),
    "risk": Message(gettext_noop("Chance of leaving")),
    "value": Message(gettext_noop("Value a year")),
}
FIRST_HANDED = 20


def at_risk(request: HttpRequest) -> HttpResponse:
    """Customers in the order asked for, to be handed to somebody who calls them."""
    if request.GET.get("q"):  # the search had this address before
        return redirect(f"{reverse('customers')}?{urlencode({'q': request.GET['q']})}")
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    place = workspace()
    sorts, kept = sorts_of(run), kept_choice(request)
    chosen, unknown = asked_list(request.GET, run)
    query = kept | {name: value for name, value in (("sort", chosen.sort), ("family", chosen.family)) if value}
    listed = at_risk_page(place, run, chosen, page=asked_page(request))
    pages = pages_of(listed.count, asked_page(request), query)
    if not listed.rows and listed.count:  # a page beyond the last one
        listed = at_risk_page(place, run, chosen, page=pages.page)
    outcome, _ = part(run, "outcome")
    _, forecast_reason = part(run, "retention")
    value, value_reason = part(run, "value")
    found, _ = part(run, "actions")
    may = request.user.may_change_data  # type: ignore[union-attr]
    context = {
        "rows": listed.rows,
        "count": listed.count,
        "headline": _headline(listed, chosen),
        "unknown": unknown,
        "verdicts": VERDICTS,
        "looked": None if found is None else Message(LOOKED, {"n": found.considered}),
        "pages": pages,
        "outcome": outcome,
        "value": value,
        "forecast_reason": forecast_reason,
        "value_reason": value_reason,
        "has": {name: any(getattr(row, name) is not None for row in listed.rows) for name in SORT_NAMES},
        "sorts": [(name, SORT_NAMES[name]) for name in sorts if name],
        "sort": chosen.sort,
        "families": [(name, family_label(name)) for name in listed.families],
        "family": chosen.family,
        "segments": segments_of(run),
        "segment": "" if chosen.segment is None else ":".join(chosen.segment),
        "kept": [(name, value) for name, value in kept.items() if name != "segment"],
        "people": [account for account in list_people(place.root) if account.active] if may else [],
        "first": min(FIRST_HANDED, listed.count),
    }
    take = {"customers": customers_sheet(run, language=language(), ids=chosen_ids(run, chosen))}
    return page(
        request, "pages/act/at_risk.html", context, run, take, {} if value is None else {"customers": "value"}
    )


def asked_list(asked: Mapping[str, str], run: Run) -> tuple[Chosen, Message | None]:
    """The list that an address or a form names, without what the run does not have; what is to be said of that.

    Raises SettingsError for what is no segment.
    """
    sort, family = asked.get("sort", ""), asked.get("family", "")
    found, _ = part(run, "actions")
    named = set() if found is None else {reason.family for one in found.actions for reason in one.reasons}
    segment = choice_from({"segment": asked.get("segment", "")}).segment
    chosen = Chosen(sort if sort in sorts_of(run) else "", family if family in named else "", segment)
    if segment is None or segment in {(one.name, level) for one in segments_of(run) for level, _ in one.levels}:
        return chosen, None
    text = gettext_noop("This analysis does not tell who belongs to {segment}: all its customers are listed.")
    return replace(chosen, segment=None), Message(text, {"segment": ": ".join(segment)})


def _headline(listed: AtRiskPage, chosen: Chosen) -> Message:
    found = _finding(listed, chosen.sort, chosen.family)
    if chosen.segment is None:
        return found
    return Message(gettext_noop("{segment}: {finding}"), {"segment": chosen.segment[1], "finding": found})


def _finding(listed: AtRiskPage, sort: str, family: str) -> Message:
    first = listed.rows[0] if listed.rows else None
    if family:
        names = {"n": listed.count, "family": family_label(family)}
        if listed.count == 1:
            text = gettext_noop("One customer has {family} as a reason that somebody can change.")
            return Message(text, {"family": names["family"]})
        return Message(gettext_noop("{n} customers have {family} as a reason that somebody can change."), names)
    if first is None or first.risk is None:
        return Message(gettext_noop("These customers are most likely to be dissatisfied."))
    if first.value_at_stake is not None and sort in ("", "value_at_stake"):
        return Message(gettext_noop("Call those first where most is at stake, not those most likely to leave."))
    if sort == "value":
        return Message(gettext_noop("These customers are worth most, whether they are likely to leave or not."))
    return Message(gettext_noop("These customers are most likely to leave."))


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
