"""Checking a file of answers kept back, as a background task."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from django_tasks import task

from harken.jobs.states import JobState, Note, cancel, carried_out, enqueue, latest
from harken.usecases.encoding import encode
from harken.usecases.importing.uploads import UPLOADS, receive
from harken.vocabulary.messages import Message, gettext_noop

NOTE = ".check-progress.json"

__all__ = ["cancel_check", "forget_checks", "latest_check", "receive", "start_check"]


@task()
def check_upload(root: str, upload: str, run_id: str, customer: str = "", score: str = "") -> dict[str, Any]:
    """Compare one uploaded file of answers with a run's predictions; the file is deleted afterwards.

    `customer` and `score` name its columns, "" lets them be found.
    """
    from harken.usecases.held_back import check_answers
    from harken.usecases.runs import load_run
    from harken.usecases.workspaces import open_workspace

    workspace = open_workspace(Path(root))
    folder = workspace.root / UPLOADS / upload

    def work(note: Note) -> dict[str, Any]:
        note(Message(gettext_noop("Comparing the answers with the predictions")), 0.1)
        file = next(iter(sorted(folder.iterdir())))
        run = load_run(workspace.runs_root, run_id)
        found = check_answers(run, file, customer_column=customer or None, score_column=score or None)
        return {"run": run_id, "test": encode(found)}

    try:
        return carried_out(workspace.root / NOTE, work)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start_check(root: Path, upload: str, run_id: str, *, customer: str = "", score: str = "") -> None:
    """Ask the worker to check an upload."""
    enqueue(check_upload, root / NOTE, str(root), upload, run_id, customer, score)


def cancel_check(root: Path) -> bool:
    """Stop the check under way; False where none is."""
    return cancel(check_upload.module_path, root / NOTE)


def latest_check(root: Path) -> JobState | None:
    """How the latest check that a page asked for is doing; None where none ever was."""
    return latest(check_upload.module_path, root / NOTE)


def forget_checks(since: datetime) -> None:
    """Forget the results of checks asked for at a moment or later."""
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    ended = (TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED)
    DBTaskResult.objects.filter(
        task_path=check_upload.module_path, status__in=ended, enqueued_at__gte=since
    ).delete()
