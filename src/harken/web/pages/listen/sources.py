"""Sources that are read on a schedule: whether they deliver, and setting them up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from harken.jobs.sources import cancel_reading, latest_reading, start_reading
from harken.usecases import sources as use
from harken.usecases.exports.sheets import Field, Sheet
from harken.vocabulary.errors import HarkenError
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.listen.source_forms import KIND_FIELDS, SourceForm
from harken.web.pages.reading import page
from harken.web.parts.jobs import progress_of
from harken.web.parts.messages import in_words, language
from harken.web.workspace import workspace

KINDS = {
    "folder": Message(gettext_noop("Folder on the server")),
    "sql": Message(gettext_noop("Database")),
    "web": Message(gettext_noop("Web address")),
}
HEALTH = {
    "fresh": (Message(gettext_noop("fresh")), "chip-good"),
    "late": (Message(gettext_noop("late")), "chip-bad"),
    "failing": (Message(gettext_noop("failing")), "chip-attention"),
    "paused": (Message(gettext_noop("paused")), ""),
}
STATES = {
    "running": (Message(gettext_noop("under way")), ""),
    "done": (Message(gettext_noop("imported")), "chip-good"),
    "unchanged": (Message(gettext_noop("nothing new")), ""),
    "failed": (Message(gettext_noop("failed")), "chip-attention"),
    "cancelled": (Message(gettext_noop("cancelled")), ""),
}
SHOWN = 50
"""Readings on a source's page; all that are kept can be taken away."""
DRAFT = "source-draft"
"""Where a session keeps the secrets of a form that was tried or refused, so that no page needs to hold them."""


@dataclass(frozen=True, slots=True)
class SourceAlarm:
    """A source that is late or failing, as one sentence, and where to look; for Today and the data inventory."""

    message: Message
    url: str
    late: bool


def alarms() -> tuple[SourceAlarm, ...]:
    """What is to be said about sources now, the late ones first; nothing where all deliver. One query."""
    return tuple(
        SourceAlarm(alarm.message, reverse("source", args=[alarm.source]), alarm.health == "late")
        for alarm in use.alarms(workspace(), timezone.now())
    )


def sources(request: HttpRequest) -> HttpResponse:
    """All sources: fresh, late, failing or paused, last and next reading."""
    place, owner = workspace(), cast(Any, request.user).may_manage
    found = use.list_sources(place, timezone.now())
    context = {
        "headline": use.headline(found),
        "sources": [(one, KINDS[one.kind], *HEALTH[one.health]) for one in found],
        "kinds": {kind: label for kind, label in KINDS.items() if use.may_describe(kind, owner=owner)},
        "owner": owner,
    }
    take = {"sources": _sources_sheet(found) if found else None}
    return page(request, "pages/listen/sources.html", context, None, take)


def _sources_sheet(found: tuple[use.SourceView, ...]) -> Sheet:
    """The sources as a table to take away."""
    fields = (
        Field("source", Message(gettext_noop("Source"))),
        Field("kind", Message(gettext_noop("Kind"))),
        Field("state", Message(gettext_noop("State"))),
        Field("schedule", Message(gettext_noop("Is read"))),
        Field("limit_hours", Message(gettext_noop("Late after so many hours without news")), "count"),
        Field("last_reading", Message(gettext_noop("Last reading")), "moment"),
        Field("last_news", Message(gettext_noop("Last news")), "moment"),
        Field("next_reading", Message(gettext_noop("Next reading")), "moment"),
        Field("rows", Message(gettext_noop("Rows, last time")), "count"),
        Field("problem", Message(gettext_noop("Problem"))),
    )
    rows = [
        (one.name, KINDS[one.kind], HEALTH[one.health][0], one.schedule, one.limit_hours, one.tried, one.heard,
         one.next, one.rows, one.trouble.what if one.trouble else None)
        for one in found
    ]  # fmt: skip
    return Sheet(fields, rows, Message(gettext_noop("Sources")))


def source(request: HttpRequest, name: str) -> HttpResponse:
    """One source: what is read, its history, what was wrong, what changed in its columns."""
    place = workspace()
    one = use.show_source(place, name, timezone.now())
    readings, count = use.history(place, name, use.READINGS_KEPT if "take" in request.GET else SHOWN)
    labels = {field: words.label for field, words in KIND_FIELDS[one.kind].items()}
    health, chip = HEALTH[one.health]
    context = {
        "source": one,
        "headline": use.finding(one),
        "kind": KINDS[one.kind],
        "may_describe": use.may_describe(one.kind, owner=cast(Any, request.user).may_manage),
        "health": health,
        "chip": chip,
        "fields": [(labels[field], text) for field, text in one.settings.items() if field in labels],
        "readings": [(reading, *STATES[reading.state]) for reading in readings],
        "count": count,
        "state": latest_reading(place.root),
    }
    take = {"readings": _readings_sheet(one.name, readings) if readings else None}
    return page(request, "pages/listen/source.html", context, None, take)


def _readings_sheet(name: str, readings: tuple[use.ReadingView, ...]) -> Sheet:
    """All readings that are kept of a source, as a table to take away."""
    fields = (
        Field("started", Message(gettext_noop("Begun")), "moment"),
        Field("ended", Message(gettext_noop("Ended")), "moment"),
        Field("state", Message(gettext_noop("State"))),
        Field("rows", Message(gettext_noop("Rows")), "count"),
        Field("import", Message(gettext_noop("Import")), "id"),
        Field("files", Message(gettext_noop("Files"))),
        Field("changes", Message(gettext_noop("What changed"))),
        Field("problem", Message(gettext_noop("Problem"))),
    )
    rows = [
        (one.started, one.ended, STATES[one.state][0], one.rows, one.import_id, ", ".join(one.files),
         " ".join(in_words(change) for change in one.changes), one.trouble.what if one.trouble else None)
        for one in readings
    ]  # fmt: skip
    return Sheet(fields, rows, Message(gettext_noop("Readings of {name}"), {"name": name}))


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, kind: str) -> HttpResponse:
    """Describe a new source, try it, set it up."""
    if kind not in KINDS:
        raise Http404
    _may_describe(request, kind)
    return _form(request, kind, use.blank_values(kind), None)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, name: str) -> HttpResponse:
    """Describe an existing source anew."""
    _may_change(request)
    values = use.values_of(workspace(), name)
    _may_describe(request, values["kind"])
    return _form(request, values["kind"], values, name)


def _form(request: HttpRequest, kind: str, values: dict[str, str], name: str | None) -> HttpResponse:
    """The form; "try" shows first rows and changes nothing, "save" sets up. No secret that was typed comes back."""
    place, now, user = workspace(), timezone.now(), cast(Any, request.user)
    mappings = use.known_mappings(place)
    context: dict[str, Any] = {"kind": KINDS[kind], "name": name, "source_kind": kind}
    form = SourceForm(kind, mappings, initial=values)
    if request.method == "POST":
        form = SourceForm(kind, mappings, request.POST)
        typed = form.values()
        try:
            typed = use.with_secrets(place, typed, name=name, draft=_draft(request, kind))
            if "try" in request.POST:
                context["trial"] = use.try_source(place, typed, now=now)
            elif name is None:
                saved = use.add_source(place, typed, now=now, created_by=user.username, owner=user.may_manage)
            else:
                saved = use.change_source(place, name, typed, now=now, owner=user.may_manage)
        except HarkenError as error:
            context |= {"refused": form.refuse(error), "todo": error.todo}
        else:
            if "try" not in request.POST:
                request.session.pop(DRAFT, None)
                messages.success(
                    request, in_words(Message(gettext_noop("{name} is set up."), {"name": saved.name}))
                )
                if name is None:
                    start_reading(place.root, saved.name, language=language())
                return redirect("source", saved.name)
        request.session[DRAFT] = {"kind": kind, "values": {field: typed[field] for field in KIND_FIELDS[kind]}}
        form = form.hiding(use.masked_values(typed))
    context["form"] = form
    return render(request, "pages/listen/source_form.html", context)


def _draft(request: HttpRequest, kind: str) -> dict[str, str] | None:
    draft = request.session.get(DRAFT)
    return draft["values"] if draft and draft["kind"] == kind else None


@require_POST
def read(request: HttpRequest, name: str) -> HttpResponse:
    """Read a source now, by the worker."""
    _may_change(request)
    root = workspace().root
    use.show_source(workspace(), name, timezone.now())
    if not start_reading(root, name, language=language()):
        messages.warning(
            request, in_words(Message(gettext_noop("{name} is waiting to be read already."), {"name": name}))
        )
    return redirect("source", name)


@require_POST
def pause(request: HttpRequest, name: str) -> HttpResponse:
    """Stop reading a source until it is resumed."""
    _may_change(request)
    use.pause_source(workspace(), name)
    return redirect("source", name)


@require_POST
def resume(request: HttpRequest, name: str) -> HttpResponse:
    """Read a paused source again."""
    _may_change(request)
    use.resume_source(workspace(), name)
    return redirect("source", name)


@require_POST
def remove(request: HttpRequest, name: str) -> HttpResponse:
    """Forget a source; what it brought stays."""
    _may_change(request)
    _may_describe(request, use.show_source(workspace(), name, timezone.now()).kind)
    use.remove_source(workspace(), name)
    text = gettext_noop("{name} is removed; what it brought stays.")
    messages.success(request, in_words(Message(text, {"name": name})))
    return redirect("sources")


def progress(request: HttpRequest) -> JsonResponse:
    """How far the reading under way is, for the page that waits for it."""
    return progress_of(latest_reading(workspace().root))


@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    """Stop the reading that waits or runs."""
    _may_change(request)
    cancel_reading(workspace().root)
    return redirect("sources")


def _may_change(request: HttpRequest) -> None:
    if not request.user.may_change_data:  # type: ignore[union-attr]
        raise PermissionDenied


def _may_describe(request: HttpRequest, kind: str) -> None:
    user: Any = request.user
    if not user.may_change_data or not use.may_describe(kind, owner=user.may_manage):
        raise PermissionDenied
