"""The analysis as a background task: started from a page, run by the worker, one at a time."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django_tasks import task

from harken.usecases.encoding import decode, encode
from harken.vocabulary.errors import HarkenError
from harken.vocabulary.messages import Message

PROGRESS_FILE = ".progress.json"
SECONDS_BETWEEN_NOTES = 0.5


@dataclass(frozen=True, slots=True)
class AnalysisState:
    """How the latest background analysis is doing.

    `status` is "waiting", "running", "done" or "failed"; `step` and `done` (0 to 1) come from the running analysis;
    `problem` and `todo` say why it failed, None where the reason is a fault of Harken's own.
    """

    status: str
    since: datetime
    step: Message | None = None
    done: float = 0.0
    problem: Message | None = None
    todo: Message | None = None

    @property
    def busy(self) -> bool:
        """True while there is something to wait for."""
        return self.status in ("waiting", "running")


class _Note:
    """A Progress that leaves a note for the pages, at most twice a second."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written = 0.0

    def __call__(self, step: Message, done: float) -> None:
        now = time.monotonic()
        if now - self.written < SECONDS_BETWEEN_NOTES:
            return
        self.written = now
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps({"step": encode(step), "done": done}), encoding="utf-8")
        draft.replace(self.path)


@task()
def analyze(root: str, again: bool = False) -> dict[str, Any]:
    """Analyse the workspace in `root`; the run's id, or the problem as messages where it could not be done."""
    from harken.usecases.analyzing.run import analyze as compute
    from harken.usecases.workspaces import open_workspace

    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))
    try:
        workspace = open_workspace(Path(root))
        note = workspace.runs_root / PROGRESS_FILE
        run = compute(workspace, now_us=time.time_ns() // 1000, progress=_Note(note), again=again)
    except HarkenError as error:
        return {"problem": encode(error.what), "todo": encode(error.todo)}
    finally:
        (Path(root) / "runs" / PROGRESS_FILE).unlink(missing_ok=True)
    return {"run": run.info.id}


def start_analysis(root: Path, *, again: bool = False) -> bool:
    """Ask the worker for an analysis; False where one is waiting or running already."""
    state = latest_analysis(root)
    if state is not None and state.busy:
        return False
    analyze.enqueue(str(root), again)
    return True


def latest_analysis(root: Path) -> AnalysisState | None:
    """How the latest analysis that a page asked for is doing; None where none ever was."""
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    found = DBTaskResult.objects.filter(task_path=analyze.module_path).order_by("-enqueued_at").first()
    if found is None:
        return None
    if found.status == TaskResultStatus.READY:
        return AnalysisState("waiting", found.enqueued_at)
    if found.status == TaskResultStatus.RUNNING:
        step, done = _noted(root / "runs" / PROGRESS_FILE)
        return AnalysisState("running", found.started_at or found.enqueued_at, step, done)
    ended = found.finished_at or found.enqueued_at
    if found.status == TaskResultStatus.FAILED:
        return AnalysisState("failed", ended)
    answer = found.return_value or {}
    if "problem" in answer:
        return AnalysisState("failed", ended, problem=decode(answer["problem"]), todo=decode(answer["todo"]))
    return AnalysisState("done", ended)


def _noted(path: Path) -> tuple[Message | None, float]:
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None, 0.0
    return decode(note["step"]), float(note["done"])
