"""One driver family: its measures, what its lever goes with, and which customers it concerns."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from harken.locale import formats
from harken.usecases.concerned import customers_of_family
from harken.usecases.hypotheses import believed_of, wording
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.learn.levers import lever_view
from harken.web.pages.reading import family_label, page, part, run_or_first_steps
from harken.web.workspace import workspace

TITLE = Message(gettext_noop("Retention"))


def driver(request: HttpRequest, family: str) -> HttpResponse:
    """Everything the run knows of one driver family; not found where the company has no such family."""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    inventory, _ = part(run, "inventory")
    measures = [] if inventory is None else [item for item in inventory.features if item.family == family]
    ranking, _ = part(run, "drivers")
    effects, _ = part(run, "levers")
    lever = None if effects is None else effects.family(family)
    if not measures and lever is None:
        raise Http404
    share = None if ranking is None else next((one for one in ranking.families if one.family == family), None)
    value, _ = part(run, "value")
    view = None if lever is None else lever_view(lever, value)
    scenarios, _ = part(run, "what_if")
    concerned = customers_of_family(run, family)
    context = {
        "family": family_label(family),
        "headline": _headline(family, share, view),
        "share": _share(share),
        "view": view,
        "asked": None if scenarios is None or lever is None else scenarios.lever(lever.column),
        "measures": sorted(measures, key=lambda item: (not item.lever, item.name)),
        "lever_count": sum(item.lever for item in measures),
        "concerned": concerned,
        "believed": [
            (one, wording.STANDINGS[one.standing])
            for one in believed_of(workspace(), family, [item.name for item in measures])
        ],
    }
    take = {} if view is None else {"lever": view.curve or view.levels}
    return page(request, "pages/learn/driver.html", context, run, take)


def _headline(family: str, share: Any, view: Any) -> Message:
    if view is not None:
        return Message(
            gettext_noop("{family}: {finding}"), {"family": family_label(family), "finding": view.headline}
        )
    if share is not None and share.shown:
        return Message(
            gettext_noop("{family} goes with leaving, and nobody can move it."), {"family": family_label(family)}
        )
    return Message(
        gettext_noop("{family}: nothing goes with leaving beyond chance."), {"family": family_label(family)}
    )


def _share(share: Any) -> Message | None:
    """What part of the explained leaving goes with the family."""
    if share is None:
        return None
    interval = share.share.interval
    numbers = {
        "share": formats.percent(share.share.value, 0),
        "low": formats.percent(interval.lower, 0),
        "high": formats.percent(interval.upper, 0),
    }
    if not share.shown:
        return Message(gettext_noop("As a whole the family is not told from chance."))
    return Message(
        gettext_noop("{share} ({low} to {high}) of what the data explain of leaving goes with it."), numbers
    )
