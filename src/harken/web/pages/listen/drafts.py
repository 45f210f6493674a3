"""The draft of an import: what Harken makes of each column, corrections, the preview, and then the import."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from harken.jobs.imports import STEPS, latest_import, start
from harken.jobs.states import JobState
from harken.usecases.importing import drafts
from harken.usecases.importing.describing import DraftTable, balance_of, said, tables_of
from harken.usecases.importing.reports import Preview
from harken.vocabulary.errors import HarkenError
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.changing import changes_data
from harken.web.pages.listen.words import KINDS, PARTS, ROLES
from harken.web.parts.messages import in_words, language
from harken.web.workspace import workspace

PROBLEMS_SHOWN = 50


@require_GET
def draft(request: HttpRequest, draft_id: str) -> HttpResponse:
    """One draft: its files, what they are taken for, the preview once there is one, and the next step."""
    return page(request, draft_id)


def page(
    request: HttpRequest, draft_id: str, *, refused: HarkenError | None = None, text: str | None = None
) -> HttpResponse:
    """The draft's page; `refused` is why the last correction, or the mapping in `text`, was not taken over."""
    root = workspace().root
    found = drafts.open_draft(root, draft_id)
    state = latest_import(root)
    own = state if state is not None and state.arguments[1:2] == (draft_id,) else None
    if found is None:
        if own is not None and own.status == "done":
            return redirect("imports")  # the page waited for the import, which took the draft with it
        raise Http404
    tables = tables_of(found)
    context = {
        "draft": found,
        "size": sum(size for _, size in found.files),
        "state": own,
        "step": own.arguments[2] if own is not None else "look",
        "busy": state is not None and state.busy,
        "tables": tables,
        "questions": sum(table.questions for table in tables),
        "rows": sum(table.rows for table in tables),
        "kinds": KINDS,
        "roles": ROLES,
        "preview": found.preview,
        "balance": balance_of(found),
        "headline": headline(found, tables, own),
        "refused": refused,
        "text": found.mapping if text is None else text,
        **({} if found.preview is None else previewed(found.preview)),
    }
    return render(request, "pages/listen/draft.html", context, status=200 if refused is None else 422)


def headline(found: drafts.Draft, tables: tuple[DraftTable, ...], state: JobState | None) -> Message:
    """The finding: what the preview says, else what was understood, else what is being done."""
    if found.preview is not None:
        rows = sum(file.rows for file in found.preview.files)
        bad = sum(file.rejected for file in found.preview.files)
        if not bad:
            return Message(gettext_noop("All {rows} rows can be imported."), {"rows": rows})
        if bad == 1:
            text = gettext_noop("{good} of {rows} rows can be imported, one has to be repaired.")
            return Message(text, {"good": rows - 1, "rows": rows})
        text = gettext_noop("{good} of {rows} rows can be imported, {bad} have to be repaired.")
        return Message(text, {"good": rows - bad, "rows": rows, "bad": bad})
    if tables:
        read = sum(table.kind != "lookup" or bool(table.joined_by) for table in tables)
        if len(tables) == 1:
            yes, no = (
                gettext_noop("The table is understood: look it over."),
                gettext_noop("The table is not understood."),
            )
            return Message(yes if read else no)
        text = gettext_noop("{read} of {n} tables are understood: look them over.")
        return Message(text, {"read": read, "n": len(tables)})
    one = len(found.files) == 1
    if state is not None and state.busy:
        if one:
            return Message(gettext_noop("Harken looks at the file."))
        return Message(gettext_noop("Harken looks at {n} files."), {"n": len(found.files)})
    if one:
        return Message(gettext_noop("A file waits to be looked at."))
    return Message(gettext_noop("{n} files wait to be looked at."), {"n": len(found.files)})


def previewed(preview: Preview) -> dict[str, Any]:
    """What the page shows of a preview."""
    return {
        "parts": [(PARTS.get(part.kind, part.kind), part) for part in preview.parts],
        "problems": preview.problems[:PROBLEMS_SHOWN],
        "sure": preview.scales,
    }


@changes_data
def correct(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Take over what was said about tables and columns; then preview, where asked."""
    root = workspace().root
    found = drafts.open_draft(root, draft_id)
    if found is None:
        raise Http404
    chosen: dict[str, dict[Any, str]] = {"kind": {}, "role": {}, "scale": {}}
    for name, value in request.POST.items():
        kind, *place = name.split("-")
        if kind in chosen and place and all(part.isdigit() for part in place):
            numbers = tuple(int(part) for part in place)
            chosen[kind][numbers if kind != "kind" else numbers[0]] = str(value)
    try:
        wishes = said(tables_of(found), chosen["kind"], chosen["role"], chosen["scale"])
        if wishes.kinds or wishes.columns:
            drafts.correct(root, draft_id, wishes, say=in_words)
    except HarkenError as error:
        return page(request, draft_id, refused=error)
    if request.POST.get("then") == "preview":
        _start(request, draft_id, "preview")
    return redirect("draft", draft_id)


@changes_data
def write(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Take over a mapping written by hand; where anything is wrong, all of it is listed and the text kept."""
    text = request.POST.get("mapping", "")
    try:
        drafts.write_mapping(workspace().root, draft_id, text)
    except HarkenError as error:
        return page(request, draft_id, refused=error, text=text)
    return redirect("draft", draft_id)


@changes_data
def anew(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Go back to what Harken proposes."""
    try:
        drafts.propose_anew(workspace().root, draft_id, say=in_words)
    except HarkenError as error:
        return page(request, draft_id, refused=error)
    return redirect("draft", draft_id)


@changes_data
def work(request: HttpRequest, draft_id: str, step: str) -> HttpResponse:
    """Look at the files, preview them, or import them."""
    found = drafts.open_draft(workspace().root, draft_id)
    if found is None or step not in STEPS:
        raise Http404
    if step == "import" and found.preview is None:
        messages.warning(request, in_words(Message(gettext_noop("Look at the preview first."))))
    else:
        _start(request, draft_id, step)
    return redirect("draft", draft_id)


@changes_data
def drop(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Delete a draft with its files, unless the worker is at it."""
    root = workspace().root
    state = latest_import(root)
    if state is not None and state.busy and state.arguments[1:2] == (draft_id,):
        messages.warning(request, in_words(Message(gettext_noop("Cancel what runs first."))))
        return redirect("draft", draft_id)
    drafts.drop_draft(root, draft_id)
    messages.info(request, in_words(Message(gettext_noop("The draft and its files are gone."))))
    return redirect("imports")


def _start(request: HttpRequest, draft_id: str, step: str) -> None:
    if not start(workspace().root, draft_id, step, language=language()):
        text = gettext_noop("Another import is under way: one runs after the other. Try again when it is done.")
        messages.warning(request, in_words(Message(text)))
