"""Analyses: what was computed when, from what, and which parts could not run."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from harken.jobs.analyses import cancel_analysis, latest_analysis, start_analysis
from harken.jobs.states import JobState
from harken.jobs.worker import worker_runs
from harken.usecases.exports.sheets import Field, Sheet
from harken.usecases.importing import holds_data
from harken.usecases.parts import PARTS
from harken.usecases.run_history import OTHER_LEVEL, past_runs, read_segment, remove_run, segments_of
from harken.usecases.runs import RunInfo, load_run
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.changing import changes_data
from harken.web.pages.reading import page
from harken.web.parts.jobs import progress_of
from harken.web.parts.messages import in_words
from harken.web.parts.words import moment
from harken.web.workspace import newest_run, workspace


def runs(request: HttpRequest) -> HttpResponse:
    """All analyses, newest first, and the one under way."""
    place = workspace()
    history = past_runs(place.runs_root)
    state = latest_analysis(place.root)
    context = {
        "runs": [(past, _parts(past.info.not_run)) for past in history],
        "newest": next((past.info.id for past in history if past.kept), ""),
        "state": state,
        "made": _made(state, {past.info.id for past in history}),
        "idle": state is not None and state.status == "waiting" and not worker_runs(place.root),
        "zone": place.settings.time_zone,
        "imported": holds_data(place.root),
        "segments": _segments(),
        "wanted": request.GET.get("segment", ""),
    }
    return page(
        request,
        "pages/runs.html",
        context,
        None,
        {"runs": _sheet([past.info for past in history]) if history else None},
    )


def analysis_of(column: str, value: str) -> str:
    """The address at which one segment can be analysed alone; none for a group that gathers many values."""
    if not value or value == OTHER_LEVEL:
        return ""
    return f"{reverse('runs')}?{urlencode({'segment': f'{column}={value}'})}#start"


def _sheet(found: list[RunInfo]) -> Sheet:
    """The analyses as a table to take away."""
    fields = (
        Field("run", Message(gettext_noop("Analysis"))),
        Field("as_of", Message(gettext_noop("As of")), "date"),
        Field("made", Message(gettext_noop("Made")), "moment"),
        Field("customers", Message(gettext_noop("Customers")), "count"),
        Field("seconds", Message(gettext_noop("Seconds")), "number"),
        Field("not_run", Message(gettext_noop("Parts that could not run")), "count"),
    )
    rows = [(info.id, info.as_of, info.created, info.customers, info.seconds, len(info.not_run)) for info in found]
    return Sheet(fields, rows, Message(gettext_noop("Analyses")))


def _parts(names: Iterable[str]) -> list[Message]:
    return [PARTS.get(name, Message(name)) for name in names]


def _made(state: JobState | None, known: set[str]) -> str:
    """The run that the last task made, if it is still there."""
    made = "" if state is None or state.status != "done" else str(state.answer.get("run", ""))
    return made if made in known else ""


def _segments() -> dict[str, list[tuple[str, str]]]:
    """Columns with their values, each with the text that names it in a form."""
    newest = newest_run()
    found = {} if newest is None else segments_of(newest)
    return {column: [(value, f"{column}={value}") for value in values] for column, values in found.items()}


def run(request: HttpRequest, run_id: str) -> HttpResponse:
    """One analysis: inputs, versions, and every part with its state."""
    place = workspace()
    found = load_run(place.runs_root, run_id)
    parts = [(PARTS.get(name, Message(name)), found.info.not_run.get(name)) for name in found.parts]
    made = moment(found.info.created, place.settings.time_zone)
    context = {"run": found, "parts": parts, "made": made}
    return render(request, "pages/run.html", context)


def progress(request: HttpRequest) -> JsonResponse:
    """How far the analysis under way is, for the page that waits for it."""
    return progress_of(latest_analysis(workspace().root))


@changes_data
def analyze(request: HttpRequest) -> HttpResponse:
    """Start an analysis in the background, of all customers or of one segment."""
    text = request.POST.get("segment", "")
    segment = read_segment(text) if text else None
    started = start_analysis(workspace().root, again="again" in request.POST, segment=segment)
    text = (
        gettext_noop("The analysis has started.") if started else gettext_noop("An analysis is under way already.")
    )
    messages.info(request, in_words(Message(text)))
    return redirect("runs")


@changes_data
def cancel(request: HttpRequest) -> HttpResponse:
    """Stop the analysis that waits or runs."""
    cancel_analysis(workspace().root)
    return redirect("runs")


@changes_data
def remove(request: HttpRequest, run_id: str) -> HttpResponse:
    """Remove an old analysis."""
    removed = remove_run(workspace().runs_root, run_id)
    text = gettext_noop("Analysis {id} is removed.")
    messages.success(request, in_words(Message(text, {"id": removed.id[:8]})))
    return redirect("runs")
