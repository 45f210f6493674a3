"""The visit of the demo company as background tasks: it comes, and it leaves."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from django_tasks import task

from harken.jobs.held_back import forget_checks
from harken.jobs.states import JobState, Note, cancel, carried_out, enqueue, latest

NOTE = ".demo-progress.json"


@task()
def move_demo(root: str, step: str) -> dict[str, Any]:
    """Bring the demo company into the workspace (`step` "visit") or take it out again ("leave")."""
    from harken.usecases.demo_visit import forget_records, here_since, leave, visit

    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))

    def work(note: Note) -> dict[str, Any]:
        now_us = time.time_ns() // 1000
        if step == "visit":
            return {"run": visit(Path(root), now_us=now_us, progress=note)}
        # Before the demo itself leaves: the marker, which says since when it is here, goes last.
        since = here_since(Path(root))
        if since is not None:
            forget_records(Path(root))
            forget_checks(since)
        leave(Path(root), now_us=now_us, progress=note)
        return {}

    return carried_out(Path(root) / NOTE, work)


def start_demo(root: Path, step: str) -> bool:
    """Ask the worker to bring the demo company or to take it out; False where one is under way."""
    state = latest_demo(root)
    if state is not None and state.busy:
        return False
    enqueue(move_demo, root / NOTE, str(root), step)
    return True


def cancel_demo(root: Path) -> bool:
    """Stop the demo company on its way in: everything of it is taken out again. Its leaving is not stopped."""
    state = latest_demo(root)
    if state is None or state.arguments[1:] != ("visit",):
        return False
    return cancel(move_demo.module_path, root / NOTE)


def latest_demo(root: Path) -> JobState | None:
    """How the demo's coming or leaving is doing, the step in `arguments`; None where none ever was."""
    return latest(move_demo.module_path, root / NOTE)
