"""How a background task is doing, as pages show it, and the note a running one leaves of its progress."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from harken.usecases.encoding import decode, encode
from harken.vocabulary.errors import HarkenError
from harken.vocabulary.messages import Message

SECONDS_BETWEEN_NOTES = 0.5
PROBLEMS_KEPT = 50


@dataclass(frozen=True, slots=True)
class JobState:
    """How the latest task of one kind is doing.

    `status` is "waiting", "running", "done" or "failed"; `step` and `done` (0 to 1) come from the running task;
    `problem`, `todo` and `places` say why it failed, without them it was a fault of Harken's own; `answer` is
    what a finished one returned.
    """

    status: str
    since: datetime
    step: Message | None = None
    done: float = 0.0
    problem: Message | None = None
    todo: Message | None = None
    places: tuple[Message, ...] = ()
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def busy(self) -> bool:
        """True while there is something to wait for."""
        return self.status in ("waiting", "running")


class Note:
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


def explained(error: HarkenError) -> dict[str, Any]:
    """A failure as what a task returns, for the page to say in the reader's language."""
    places = [problem.message() for problem in error.problems[:PROBLEMS_KEPT]]
    return {"problem": encode(error.what), "todo": encode(error.todo), "places": encode(places)}


def latest(task_path: str, note: Path) -> JobState | None:
    """The state of the latest task of one kind; None where none ever was."""
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    found = DBTaskResult.objects.filter(task_path=task_path).order_by("-enqueued_at").first()
    if found is None:
        return None
    if found.status == TaskResultStatus.READY:
        return JobState("waiting", found.enqueued_at)
    if found.status == TaskResultStatus.RUNNING:
        step, done = _noted(note)
        return JobState("running", found.started_at or found.enqueued_at, step, done)
    ended = found.finished_at or found.enqueued_at
    answer = found.return_value or {}
    if found.status == TaskResultStatus.FAILED:
        return JobState("failed", ended)
    if "problem" in answer:
        told = {name: decode(answer[name]) for name in ("problem", "todo", "places")}
        return JobState("failed", ended, problem=told["problem"], todo=told["todo"], places=tuple(told["places"]))
    return JobState("done", ended, answer=answer)


def _noted(path: Path) -> tuple[Message | None, float]:
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None, 0.0
    return decode(note["step"]), float(note["done"])
