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
def analyze(root: str, again: bool = False) -> dict[str, Any]:
    """Analyse the workspace in `root`; the run's id, or the problem as messages where it could not be done."""
    from harken.usecases.analyzing.run import analyze as compute
    from harken.usecases.workspaces import open_workspace

    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))

    def work(note: Note) -> dict[str, Any]:
        run = compute(open_workspace(Path(root)), now_us=time.time_ns() // 1000, progress=note, again=again)
        return {"run": run.info.id}

    return carried_out(Path(root) / NOTE, work)


def start_analysis(root: Path, *, again: bool = False) -> bool:
    """Ask the worker for an analysis; False where one is waiting or running already."""
    state = latest_analysis(root)
    if state is not None and state.busy:
        return False
    enqueue(analyze, root / NOTE, str(root), again)
    return True


def cancel_analysis(root: Path) -> bool:
    """Stop the analysis that waits or runs; False where there is none. No run is stored then."""
    return cancel(analyze.module_path, root / NOTE)


def latest_analysis(root: Path) -> JobState | None:
    """How the latest analysis that a page asked for is doing; None where none ever was."""
    return latest(analyze.module_path, root / NOTE)
