"""The analysis as a background task: started from a page, run by the worker, one at a time."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from django_tasks import task

from harken.jobs.states import JobState, Note, explained, latest
from harken.vocabulary.errors import HarkenError

NOTE = ".analysis-progress.json"


@task()
def analyze(root: str, again: bool = False) -> dict[str, Any]:
    """Analyse the workspace in `root`; the run's id, or the problem as messages where it could not be done."""
    from harken.usecases.analyzing.run import analyze as compute
    from harken.usecases.workspaces import open_workspace

    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))
    note = Path(root) / NOTE
    try:
        run = compute(open_workspace(Path(root)), now_us=time.time_ns() // 1000, progress=Note(note), again=again)
    except HarkenError as error:
        return explained(error)
    finally:
        note.unlink(missing_ok=True)
    return {"run": run.info.id}


def start_analysis(root: Path, *, again: bool = False) -> bool:
    """Ask the worker for an analysis; False where one is waiting or running already."""
    state = latest_analysis(root)
    if state is not None and state.busy:
        return False
    analyze.enqueue(str(root), again)
    return True


def latest_analysis(root: Path) -> JobState | None:
    """How the latest analysis that a page asked for is doing; None where none ever was."""
    return latest(analyze.module_path, root / NOTE)
