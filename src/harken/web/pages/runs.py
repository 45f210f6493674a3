"""Analyses: what was computed when, from what, and which parts could not run."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from harken.jobs.analyses import cancel_analysis, latest_analysis, start_analysis
from harken.jobs.states import JobState
from harken.usecases.runs import list_runs, load_run
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.messages import in_words
from harken.web.parts.words import moment
from harken.web.workspace import workspace

PARTS = {
    "scores": Message(gettext_noop("Scores")),
    "ratings": Message(gettext_noop("Touchpoint ratings")),
    "whole_base": Message(gettext_noop("Whole base")),
    "score_drivers": Message(gettext_noop("Drivers of the score")),
    "outcome": Message(gettext_noop("Outcome")),
    "leaks": Message(gettext_noop("Data leaks")),
    "retention": Message(gettext_noop("Retention forecast")),
    "drivers": Message(gettext_noop("Drivers of retention")),
    "levers": Message(gettext_noop("Levers")),
    "value": Message(gettext_noop("Value at stake")),
    "actions": Message(gettext_noop("Customers to act on")),
    "inventory": Message(gettext_noop("Data inventory")),
}
"""What the parts of a run are called."""


def runs(request: HttpRequest) -> HttpResponse:
    """All analyses, newest first, and the one under way."""
    place = workspace()
    context = {
        "runs": list_runs(place.runs_root),
        "state": latest_analysis(place.root),
        "zone": place.settings.time_zone,
        "imported": place.lake_root.joinpath("pointer.json").exists(),
    }
    return render(request, "pages/runs.html", context)


def run(request: HttpRequest, run_id: str) -> HttpResponse:
    """One analysis: inputs, versions, and every part with its state."""
    place = workspace()
    found = load_run(place.runs_root, run_id)
    parts = [(PARTS.get(name, Message(name)), found.info.not_run.get(name)) for name in found.parts]
    made = moment(found.info.created, place.settings.time_zone)
    context = {"run": found, "parts": parts, "made": made}
    return render(request, "pages/run.html", context)


def progress_of(state: JobState | None) -> JsonResponse:
    """The state of a background task for a page that waits for it."""
    if state is None or not state.busy:
        return JsonResponse({"busy": False})
    step = "" if state.step is None else in_words(state.step)
    return JsonResponse({"busy": True, "step": step, "done": round(state.done, 3)})


def progress(request: HttpRequest) -> JsonResponse:
    """How far the analysis under way is, for the page that waits for it."""
    return progress_of(latest_analysis(workspace().root))


@require_POST
def analyze(request: HttpRequest) -> HttpResponse:
    """Start an analysis in the background."""
    if not request.user.may_change_data:  # type: ignore[union-attr]
        raise PermissionDenied
    started = start_analysis(workspace().root, again="again" in request.POST)
    text = (
        gettext_noop("The analysis has started.") if started else gettext_noop("An analysis is under way already.")
    )
    messages.info(request, in_words(Message(text)))
    return redirect("runs")


@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    """Stop the analysis that waits or runs."""
    if not request.user.may_change_data:  # type: ignore[union-attr]
        raise PermissionDenied
    cancel_analysis(workspace().root)
    return redirect("runs")
