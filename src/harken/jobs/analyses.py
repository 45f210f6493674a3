"""The analysis as a background task: started from a page, run by the worker, one at a time."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from django_tasks import task

from harken.jobs.states import JobState, Note, cancel, carried_out, enqueue, latest

NOTE = ".analysis-progress.json"


@task()
def analyze(root: str, again: bool = False, segment: list[str] | None = None) -> dict[str, Any]:
    """Analyse the workspace in `root`, or one segment (column, value) of its customers.

    Returns the run's id, or the problem as messages where it could not be done.
    """
    from django.utils import timezone

    from harken.usecases.analyzing.run import analyze as compute
    from harken.usecases.hypotheses import judge_register
    from harken.usecases.workspaces import open_workspace

    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))

    def work(note: Note) -> dict[str, Any]:
        workspace, now_us = open_workspace(Path(root)), time.time_ns() // 1000
        limit = None if segment is None else (segment[0], segment[1])
        run = compute(workspace, now_us=now_us, progress=note, again=again, segment=limit)
        judge_register(workspace, run, now=timezone.now())
        return {"run": run.info.id}

    return carried_out(Path(root) / NOTE, work)


def start_analysis(root: Path, *, again: bool = False, segment: tuple[str, str] | None = None) -> bool:
    """Ask the worker for an analysis, of all customers or of one segment (column, value).

    False where one is waiting or running already.
    """
    state = latest_analysis(root)
    if state is not None and state.busy:
        return False
    enqueue(analyze, root / NOTE, str(root), again, None if segment is None else list(segment))
    return True


def cancel_analysis(root: Path) -> bool:
    """Stop the analysis that waits or runs; False where there is none. No run is stored then."""
    return cancel(analyze.module_path, root / NOTE)


def latest_analysis(root: Path) -> JobState | None:
    """How the latest analysis that a page asked for is doing; None where none ever was."""
    return latest(analyze.module_path, root / NOTE)
