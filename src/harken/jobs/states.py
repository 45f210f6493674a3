"""How a background task is doing, as pages show it; the note a running one leaves; how it is asked to stop."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from harken.usecases.encoding import decode, encode
from harken.vocabulary.errors import HarkenError
from harken.vocabulary.messages import Message
from harken.vocabulary.progress import Cancelled

SECONDS_BETWEEN_NOTES = 0.5
PROBLEMS_KEPT = 50


@dataclass(frozen=True, slots=True)
class JobState:
    """How the latest task of one kind is doing.

    `status` is "waiting", "running", "done", "cancelled" or "failed"; `step` and `done` (0 to 1) come from the
    running task, `stopping` is True once it was asked to stop; `problem`, `todo` and `places` say why it failed,
    without them it was a fault of Harken's own; `answer` is what a finished one returned; `arguments` are what the
    task was called with.
    """

    status: str
    since: datetime
    step: Message | None = None
    done: float = 0.0
    problem: Message | None = None
    todo: Message | None = None
    places: tuple[Message, ...] = ()
    answer: dict[str, Any] = field(default_factory=dict)
    stopping: bool = False
    arguments: tuple[Any, ...] = ()

    @property
    def busy(self) -> bool:
        """True while there is something to wait for."""
        return self.status in ("waiting", "running")


class Note:
    """A Progress that leaves a note for the pages, at most twice a second; raises Cancelled once asked to stop."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written = 0.0

    def __call__(self, step: Message, done: float) -> None:
        if _request(self.path).exists():
            raise Cancelled
        now = time.monotonic()
        if now - self.written < SECONDS_BETWEEN_NOTES:
            return
        self.written = now
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps({"step": encode(step), "done": done}), encoding="utf-8")
        draft.replace(self.path)


def carried_out(note: Path, work: Callable[[Note], dict[str, Any]]) -> dict[str, Any]:
    """What a task returns: what `work` did, why it could not be done, or that it was cancelled; no note stays."""
    try:
        return work(Note(note))
    except Cancelled:
        return {"cancelled": True}
    except HarkenError as error:
        return explained(error)
    finally:
        note.unlink(missing_ok=True)
        _request(note).unlink(missing_ok=True)


def enqueue(task: Any, note: Path, *arguments: Any) -> None:
    """Ask the worker for a task; a request to stop that came too late for the one before is forgotten."""
    _request(note).unlink(missing_ok=True)
    task.enqueue(*arguments)


def cancel(task_path: str, note: Path) -> bool:
    """Stop the latest task of one kind: at once where it waits, else at its next step; False where none is busy."""
    from django.utils import timezone
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    found = DBTaskResult.objects.filter(task_path=task_path).order_by("-enqueued_at").first()
    if found is None:
        return False
    same = DBTaskResult.objects.filter(id=found.id)
    # One statement, so that it and the worker's claim cannot both have the task.
    ended = {"status": TaskResultStatus.SUCCESSFUL, "finished_at": timezone.now()}
    if same.filter(status=TaskResultStatus.READY).update(return_value={"cancelled": True}, **ended):
        return True
    running = same.filter(status=TaskResultStatus.RUNNING)
    if not running.exists():
        return False
    _request(note).touch()
    return True


def explained(error: HarkenError) -> dict[str, Any]:
    """A failure as what a task returns, for the page to say in the reader's language."""
    places = [problem.message() for problem in error.problems[:PROBLEMS_KEPT]]
    return {"problem": encode(error.what), "todo": encode(error.todo), "places": encode(places)}


def latest(task_path: str, note: Path) -> JobState | None:
    """The state of the latest task of one kind; None where none ever was."""
    from django_tasks_db.models import DBTaskResult

    found = DBTaskResult.objects.filter(task_path=task_path).order_by("-enqueued_at").first()
    if found is None:
        return None
    return replace(_state(found, note), arguments=tuple(found.args_kwargs["args"]))


def _state(found: Any, note: Path) -> JobState:
    from django_tasks.base import TaskResultStatus

    if found.status == TaskResultStatus.READY:
        return JobState("waiting", found.enqueued_at)
    if found.status == TaskResultStatus.RUNNING:
        step, done = _noted(note)
        since = found.started_at or found.enqueued_at
        return JobState("running", since, step, done, stopping=_request(note).exists())
    ended = found.finished_at or found.enqueued_at
    answer = found.return_value or {}
    if found.status == TaskResultStatus.FAILED:
        return JobState("failed", ended)
    if "cancelled" in answer:
        return JobState("cancelled", ended)
    if "problem" in answer:
        told = {name: decode(answer[name]) for name in ("problem", "todo", "places")}
        return JobState("failed", ended, problem=told["problem"], todo=told["todo"], places=tuple(told["places"]))
    return JobState("done", ended, answer=answer)


def _request(note: Path) -> Path:
    """The file beside a note that asks its task to stop."""
    return note.with_suffix(".cancel")


def _noted(path: Path) -> tuple[Message | None, float]:
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None, 0.0
    return decode(note["step"]), float(note["done"])
