"""Reading sources when they are due: looked for once a minute, read one after the other."""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from django_tasks import task

from harken.jobs.states import JobState, Note, cancel, carried_out, enqueue, latest
from harken.vocabulary.errors import HarkenError

NOTE = ".source-progress.json"
SECONDS_BETWEEN_LOOKS = 60.0
log = logging.getLogger(__name__)


@task()
def read(root: str, name: str, language: str = "en") -> dict[str, Any]:
    """Read one source; how it went is noted with the source, so little is returned."""
    from django.utils import timezone

    from harken.locale.formats import render
    from harken.usecases.sources import read_source
    from harken.usecases.workspaces import open_workspace

    workspace = open_workspace(Path(root))

    def work(note: Note) -> dict[str, Any]:
        reading = read_source(
            workspace, name, clock=timezone.now, progress=note, say=lambda message: render(message, language)
        )
        return {"state": reading.state}

    return carried_out(workspace.root / NOTE, work)


def start_reading(root: Path, name: str, *, language: str = "en") -> bool:
    """Ask the worker to read a source; False where that was asked already and is not done yet."""
    from django.db import transaction

    from harken.records.models import ScheduledSource

    with transaction.atomic():
        # Whoever holds the row asks alone: two askers at once make one task.
        if not ScheduledSource.objects.select_for_update().filter(name=name).exists() or name in awaited(root):
            return False
        enqueue(read, root / NOTE, str(root), name, language)
    return True


def awaited(root: Path) -> frozenset[str]:
    """Names of the sources that wait for the worker or are being read by it."""
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    unfinished = DBTaskResult.objects.filter(
        task_path=read.module_path, status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING]
    )
    asked = unfinished.values_list("args_kwargs", flat=True)
    return frozenset(arguments["args"][1] for arguments in asked if arguments["args"][0] == str(root))


def start_due(root: Path, now: datetime) -> tuple[str, ...]:
    """Ask the worker for every source that is due; names of those asked for."""
    from harken.usecases.sources import due

    return tuple(name for name in due(root, now) if start_reading(root, name))


def cancel_reading(root: Path) -> bool:
    """Stop the reading that was asked for last; False where none waits or runs."""
    return cancel(read.module_path, root / NOTE)


def latest_reading(root: Path) -> JobState | None:
    """How the reading that was asked for last is doing; None where none ever was."""
    return latest(read.module_path, root / NOTE)


def keep_reading(root: Path, stopping: threading.Event | None = None) -> threading.Thread:
    """Look once a minute which sources are due, in a thread that ends with the process or once `stopping` is set.

    Beside the worker's loop and not in it: the loop belongs to the task library and stands still during a long
    task, while a source that comes due then should be in the queue behind it.
    """

    stopping = stopping or threading.Event()

    def look() -> None:
        from django.db import close_old_connections
        from django.utils import timezone

        while not stopping.is_set():
            try:
                close_old_connections()
                start_due(root, timezone.now())
            except HarkenError as error:  # the settings cannot be read at this moment
                log.info("due sources: %s", error)
            except Exception:
                log.exception("due sources")
            stopping.wait(SECONDS_BETWEEN_LOOKS)

    thread = threading.Thread(target=look, name="due-sources", daemon=True)
    thread.start()
    return thread
