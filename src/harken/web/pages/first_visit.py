"""The first visit: bring your own data, or look at the demo company first; and the demo's coming and leaving."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from harken.jobs.demo import cancel_demo, latest_demo, start_demo
from harken.usecases.importing import holds_data
from harken.usecases.importing.drafts import FILES_MAX, UPLOAD_BYTES_MAX
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.changing import changes_data
from harken.web.parts.jobs import progress_of
from harken.web.parts.messages import in_words
from harken.web.workspace import workspace


def first_steps(request: HttpRequest, title: Message) -> HttpResponse:
    """The page of a company that has no analysis yet: what to do first."""
    place = workspace()
    demo = latest_demo(place.root)
    context = {
        "title": title,
        "imported": holds_data(place.root),
        "demo": demo,
        "demo_kind": "demo-leaving" if demo is not None and demo.arguments[1:] == ("leave",) else "demo",
        "demo_here": place.visited_by_demo,
        "bytes_max": UPLOAD_BYTES_MAX,
        "files_max": FILES_MAX,
    }
    return render(request, "pages/nothing_yet.html", context)


@changes_data
def enter_demo(request: HttpRequest) -> HttpResponse:
    """Let the demo company in, where nothing of the company's own is here."""
    place = workspace()
    if place.visited_by_demo or holds_data(place.root):
        text = gettext_noop("The demo company comes into an empty workspace only, and this one holds data.")
        messages.warning(request, in_words(Message(text)))
    else:
        start_demo(place.root, "visit")
    return redirect("today")


@changes_data
def leave_demo(request: HttpRequest) -> HttpResponse:
    """Take the demo company out again."""
    if not start_demo(workspace().root, "leave"):
        messages.warning(request, in_words(Message(gettext_noop("The demo company is on its way already."))))
    return redirect("demo-leaving")


def leaving(request: HttpRequest) -> HttpResponse:
    """While the demo company leaves, and what became of it."""
    place = workspace()
    state = latest_demo(place.root)
    busy = state is not None and state.busy
    if not busy and not place.visited_by_demo:
        return redirect("today")
    return render(request, "pages/demo_leaving.html", {"state": state, "busy": busy})


@changes_data
def cancel(request: HttpRequest) -> HttpResponse:
    """Stop the demo company on its way in."""
    cancel_demo(workspace().root)
    return redirect("today")


def progress(request: HttpRequest) -> JsonResponse:
    """How far the demo company is on its way."""
    return progress_of(latest_demo(workspace().root))
