"""How pages read a run: the part they show, or the page that says what to do first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from harken.usecases.exports.sheets import About
from harken.usecases.runs import NotRun, Run
from harken.vocabulary.messages import Message
from harken.web.pages.first_visit import first_steps
from harken.web.parts.take import Offer, Things, address_of, taken
from harken.web.workspace import shown_run, workspace


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    run: Run | None,
    take: Things | None = None,
    parts: Mapping[str, str] | None = None,
) -> HttpResponse | FileResponse:
    """A page with what every page names: the company's settings and, where it is about one, the run.

    `take` names the tables and charts that `{% take "name" %}` offers as files; the page's own address plus
    `?take=name.csv` answers with the file, everything else in the address unchanged. `parts` says which part of
    the run each is from, for those that can be taken as a notebook too.
    """
    settings, things = workspace().settings, take or {}
    if asked := request.GET.get("take"):
        about = About(
            finding=context.get("headline") or "",
            company=settings.company,
            run_id="" if run is None else run.info.id,
            as_of=None if run is None else run.info.as_of,
            address=address_of(request),
            taken=timezone.now().astimezone(ZoneInfo(settings.time_zone)),
        )
        offer = Offer(things, parts or {}, about, settings.currency, dark=getattr(request, "theme", "") == "dark")
        return taken(offer, asked)
    shared: dict[str, Any] = {
        "currency": settings.currency,
        "zone": settings.time_zone,
        "company": settings.company,
    }
    if run is not None:
        shared["run"] = run
    return render(request, template, {**shared, "things": things, "parts": parts or {}, **context})


def run_or_first_steps(request: HttpRequest, title: Message) -> Run | HttpResponse:
    """The run to show, or the page for a company that has none yet."""
    run = shown_run(request)
    if run is not None:
        return run
    return first_steps(request, title)


def part(run: Run, name: str) -> tuple[Any, Message | None]:
    """A part's result and None, or None and the reason why it could not run."""
    found = run.parts.get(name)
    if isinstance(found, NotRun):
        return None, found.reason
    return found, None


def family_label(family: str) -> Message:
    """What a driver family is called; one of the company's own keeps its name."""
    from harken.usecases.families import label

    return label(family)
