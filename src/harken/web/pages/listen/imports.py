"""Imports: what came in, what was turned away, and undo."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from harken.jobs.imports import cancel_import, latest_import, receive, start_import
from harken.jobs.states import JobState
from harken.usecases.encoding import decode
from harken.usecases.exports.sheets import Field, Sheet
from harken.usecases.rejected import RejectedFile, rejected_files, rejected_path
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import page
from harken.web.pages.runs import progress_of
from harken.web.parts.messages import in_words, language
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
        from harken.usecases.importing import list_imports

        bad = rejected_files(place.root)
        shown = [_shown(entry, bad.get(entry.import_id, ())) for entry in reversed(list_imports(place.root))]
    state = latest_import(place.root)
    context = {
        "imports": shown,
        "zone": place.settings.time_zone,
        "rows": sum(count for one in shown for _, count in one.rows),
        "state": state,
        "report": _report(state, shown),
        "mappings": sorted(path.name for path in (place.root / "mappings").glob("*.toml")),
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


def _report(state: JobState | None, shown: list[Shown]) -> dict[str, Any] | None:
    """What the import just made said, as long as it is the newest and stands."""
    if state is None or state.status != "done":
        return None
    answer = state.answer
    newest = shown[0] if shown else None
    if answer["import_id"] is not None and (
        newest is None or newest.entry.import_id != answer["import_id"] or newest.undone
    ):
        return None
    return {**answer, **{name: decode(answer[name]) for name in ("scales", "problems", "notes")}}


def progress(request: HttpRequest) -> JsonResponse:
    """How far the import under way is, for the page that waits for it."""
    return progress_of(latest_import(workspace().root))


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take files for an import by the worker."""
    if not request.user.may_change_data:  # type: ignore[union-attr]
        raise PermissionDenied
    root = workspace().root
    files = request.FILES.getlist("files")
    known = {path.name for path in (root / "mappings").glob("*.toml")}
    mapping = request.POST.get("mapping", "")
    if not files:
        messages.warning(request, in_words(Message(gettext_noop("Choose at least one file."))))
    elif mapping in known or not mapping:
        name = receive(root, [(file.name or "", file.file) for file in files])
        start_import(root, name, mapping=mapping, language=language())
    return redirect("imports")


@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    """Stop the import that waits or runs."""
    if not request.user.may_change_data:  # type: ignore[union-attr]
        raise PermissionDenied
    cancel_import(workspace().root)
    return redirect("imports")


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


@require_POST
def undo(request: HttpRequest, import_id: int) -> HttpResponse:
    """Take everything an import brought out again."""
    if not request.user.may_change_data:  # type: ignore[union-attr]
        raise PermissionDenied
    from harken.usecases.importing import undo_import

    report = undo_import(workspace().root, import_id, now_us=time.time_ns() // 1000)
    removed = sum(report.removed.values())
    text = gettext_noop("Import {id} is undone: {rows} rows are out again. Analyse anew to see the difference.")
    messages.success(request, in_words(Message(text, {"id": str(import_id), "rows": removed})))
    if report.import_again:
        again = ", ".join(str(number) for number in report.import_again)
        text = gettext_noop("Import the files of {imports} again: they had left out rows that are now gone.")
        messages.warning(request, in_words(Message(text, {"imports": again})))
    return redirect("imports")
