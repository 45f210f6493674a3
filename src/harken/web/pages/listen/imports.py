"""Imports: what came in, what was turned away, and undo."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from harken.jobs.imports import cancel_import, latest_import, start
from harken.jobs.states import JobState
from harken.usecases.encoding import decode
from harken.usecases.exports.sheets import Field, Sheet
from harken.usecases.importing import drafts, list_imports, undo_import
from harken.usecases.rejected import RejectedFile, rejected_files, rejected_path
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.changing import changes_data
from harken.web.pages.listen.words import PARTS
from harken.web.pages.reading import page
from harken.web.parts.jobs import progress_of
from harken.web.parts.messages import in_words, language
from harken.web.uploads import TOO_LARGE
from harken.web.workspace import workspace

TABLES = {
    "people": Message(gettext_noop("customers")),
    "accounts": Message(gettext_noop("accounts")),
    "signals": Message(gettext_noop("signals")),
    "outcomes": Message(gettext_noop("outcomes")),
    "texts": Message(gettext_noop("comments")),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One import as the page lists it."""

    entry: Any
    made: datetime
    undone: datetime | None
    rows: tuple[tuple[Message, int], ...]
    rejected: tuple[RejectedFile, ...]


def imports(request: HttpRequest) -> HttpResponse:
    """All imports, newest first, the one under way, and the way to bring more files."""
    place = workspace()
    shown = []
    if (place.lake_root / "pointer.json").exists():
        bad = rejected_files(place.root)
        shown = [_shown(entry, bad.get(entry.import_id, ())) for entry in reversed(list_imports(place.root))]
    state = latest_import(place.root)
    context = {
        "imports": shown,
        "zone": place.settings.time_zone,
        "rows": sum(count for one in shown if one.undone is None for _, count in one.rows),
        "state": state,
        "report": _report(state, shown),
        "standing": sum(one.undone is None for one in shown),
        "drafts": [(draft, sum(size for _, size in draft.files)) for draft in drafts.list_drafts(place.root)],
        "demo": place.visited_by_demo,
        **upload_limits(),
    }
    take = {"imports": _sheet(shown) if shown else None}
    return page(request, "pages/listen/imports.html", context, None, take)


def _sheet(shown: list[Shown]) -> Sheet:
    """The imports as a table to take away."""
    fields = (
        Field("import", Message(gettext_noop("Import")), "id"),
        Field("source", Message(gettext_noop("Source"))),
        Field("made", Message(gettext_noop("Made")), "moment"),
        Field("undone", Message(gettext_noop("undone")), "moment"),
        Field("rows", Message(gettext_noop("Rows")), "count"),
        Field("files", Message(gettext_noop("Files"))),
    )
    rows = [
        (
            one.entry.import_id,
            one.entry.source,
            one.made,
            one.undone,
            sum(count for _, count in one.rows),
            ", ".join(one.entry.files),
        )
        for one in shown
    ]
    return Sheet(fields, rows, Message(gettext_noop("Imports")))


def upload_limits() -> dict[str, Any]:
    """What the form for files says and checks of their size."""
    return {"bytes_max": drafts.UPLOAD_BYTES_MAX, "files_max": drafts.FILES_MAX}


def _report(state: JobState | None, shown: list[Shown]) -> dict[str, Any] | None:
    """What the import just made said, as long as it is the newest and stands."""
    if state is None or state.status != "done" or state.arguments[2:3] != ("import",):
        return None
    answer = state.answer
    newest = shown[0] if shown else None
    if answer["import_id"] is not None and (
        newest is None or newest.entry.import_id != answer["import_id"] or newest.undone
    ):
        return None
    told = {name: decode(answer[name]) for name in ("parts", "scales", "problems", "notes")}
    parts = [(PARTS.get(part.kind, part.kind), part) for part in told["parts"]]
    return {**answer, **told, "good": answer["rows"] - answer["rejected"], "parts": parts}


def progress(request: HttpRequest) -> JsonResponse:
    """How far the import under way is, for the page that waits for it."""
    return progress_of(latest_import(workspace().root))


@changes_data
def upload(request: HttpRequest) -> HttpResponse:
    """Keep files as a draft and let the worker look at them."""
    place = workspace()
    files = request.FILES.getlist("files")
    if request.META.get(TOO_LARGE):
        size = Message(gettext_noop("{n} GB"), {"n": f"{drafts.UPLOAD_BYTES_MAX / 1024**3:g}"})
        text = gettext_noop("These files weigh more than {size}: bring fewer at once, or use `harken import`.")
        messages.warning(request, in_words(Message(text, {"size": size})))
    elif place.visited_by_demo:
        text = gettext_noop("Leave the demo first, so that your own data do not mix with it.")
        messages.warning(request, in_words(Message(text)))
    elif not files or all((file.name or "").lower().endswith(".toml") for file in files):
        messages.warning(request, in_words(Message(gettext_noop("Choose at least one file."))))
    else:
        now_us = time.time_ns() // 1000
        draft = drafts.receive(place.root, [(file.name or "", file.file) for file in files], now_us=now_us)
        start(place.root, draft, "look", language=language())
        return redirect("draft", draft)
    return redirect("imports")


@changes_data
def cancel(request: HttpRequest) -> HttpResponse:
    """Stop the step of an import that waits or runs."""
    state = latest_import(workspace().root)
    cancel_import(workspace().root)
    return redirect("imports") if state is None else redirect("draft", state.arguments[1])


def _shown(entry: Any, rejected: tuple[RejectedFile, ...]) -> Shown:
    rows = []
    for table, count in entry.rows.items():
        if table.startswith("snapshots/"):
            rows.append((Message(gettext_noop("rows of customer tables")), count))
        elif table in TABLES:
            rows.append((TABLES[table], count))
    made = datetime.fromtimestamp(entry.accepted_us / 1e6, tz=UTC)
    undone = None if entry.undone_us is None else datetime.fromtimestamp(entry.undone_us / 1e6, tz=UTC)
    return Shown(entry, made, undone, tuple((name, count) for name, count in rows if count), rejected)


def rejected(request: HttpRequest, import_id: int, name: str) -> FileResponse:
    """A file of rows that could not be imported, to repair."""
    path = rejected_path(workspace().root, import_id, name)
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)


@changes_data
def undo(request: HttpRequest, import_id: int) -> HttpResponse:
    """Take everything an import brought out again."""
    report = undo_import(workspace().root, import_id, now_us=time.time_ns() // 1000)
    removed = sum(report.removed.values())
    text = gettext_noop("Import {id} is undone: {rows} rows are out again. Analyse anew to see the difference.")
    messages.success(request, in_words(Message(text, {"id": str(import_id), "rows": removed})))
    if report.import_again:
        again = ", ".join(str(number) for number in report.import_again)
        text = gettext_noop("Import the files of {imports} again: they had left out rows that are now gone.")
        messages.warning(request, in_words(Message(text, {"imports": again})))
    return redirect("imports")
