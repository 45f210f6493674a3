"""How pages read a run: the part they show, or the page that says what to do first."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from harken.usecases.runs import NotRun, Run
from harken.vocabulary.messages import Message
from harken.web.workspace import shown_run, workspace


def page(request: HttpRequest, template: str, context: dict[str, Any], run: Run) -> HttpResponse:
    """A page about a run, with what every such page names: the run and the company's settings."""
    settings = workspace().settings
    shared = {"run": run, "currency": settings.currency, "zone": settings.time_zone, "company": settings.company}
    return render(request, template, {**shared, **context})


def run_or_first_steps(request: HttpRequest, title: Message) -> Run | HttpResponse:
    """The run to show, or the page for a company that has none yet."""
    run = shown_run(request)
    if run is not None:
        return run
    imported = any((workspace().lake_root).glob("pointer.json"))
    return render(request, "pages/nothing_yet.html", {"title": title, "imported": imported})


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
