"""Looking at, previewing and importing the drafts of a workspace as background tasks, one at a time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django_tasks import task

from harken.jobs.states import JobState, Note, cancel, carried_out, enqueue, latest
from harken.usecases.encoding import encode
from harken.usecases.importing.reports import ImportReport

NOTE = ".import-progress.json"
PROBLEMS_KEPT = 20
STEPS = ("look", "preview", "import")


@task()
def work_on_draft(root: str, draft: str, step: str, language: str = "en") -> dict[str, Any]:
    """Look at a draft, preview it or import it (`step`); what came of it, or why it could not be done.

    A draft stays as it was where its task fails, is cancelled, or ends with the worker.
    """
    from harken.locale.formats import render
    from harken.usecases.importing import drafts
    from harken.vocabulary.messages import Message

    place = Path(root)

    def say(message: Message) -> str:
        return render(message, language)

    def work(note: Note) -> dict[str, Any]:
        now_us = time.time_ns() // 1000
        if step == "look":
            drafts.look_at_draft(place, draft, progress=note, say=say)
        elif step == "preview":
            drafts.preview_draft(place, draft, now_us=now_us, progress=note)
        else:
            return told(*drafts.import_draft(place, draft, now_us=now_us, progress=note, say=say))
        return {}

    return carried_out(place / NOTE, work)


def told(report: ImportReport, mapping: str) -> dict[str, Any]:
    """What an import tells the page that waited for it."""
    return {
        "import_id": report.import_id,
        "source": report.source,
        "rows": report.rows,
        "rejected": report.rejected,
        "mapping": mapping,
        "parts": encode(list(report.parts)),
        "scales": encode(list(report.scales)),
        "problem_count": report.problem_count,
        "problems": encode([problem.message() for problem in report.problems[:PROBLEMS_KEPT]]),
        "notes": encode([problem.message() for problem in report.notes[:PROBLEMS_KEPT]]),
    }


def start(root: Path, draft: str, step: str, *, language: str = "en") -> bool:
    """Ask the worker for a step of a draft; False where another one waits or runs."""
    state = latest_import(root)
    if state is not None and state.busy:
        return False
    enqueue(work_on_draft, root / NOTE, str(root), draft, step, language)
    return True


def cancel_import(root: Path) -> bool:
    """Stop the step that waits or runs; False where there is none. Nothing is stored then, the draft stays."""
    return cancel(work_on_draft.module_path, root / NOTE)


def latest_import(root: Path) -> JobState | None:
    """How the latest step that a page asked for is doing, its draft and step in `arguments`; None for none."""
    return latest(work_on_draft.module_path, root / NOTE)
