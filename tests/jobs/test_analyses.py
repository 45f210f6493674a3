"""Background analyses: asked for once, run by the worker, failures told in words."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from harken.vocabulary.errors import Busy
from harken.vocabulary.messages import Message


def test_an_analysis_is_queued_once_and_run_by_the_worker(records_root: Path) -> None:
    from harken.jobs.analyses import latest_analysis, start_analysis
    from harken.jobs.worker import work

    assert latest_analysis(records_root) is None
    assert start_analysis(records_root)
    assert not start_analysis(records_root), "one at a time"
    state = latest_analysis(records_root)
    assert state is not None
    assert (state.status, state.busy) == ("waiting", True)
    work(records_root, until_empty=True)
    state = latest_analysis(records_root)
    assert state is not None
    assert (state.status, state.busy) == ("failed", False), "there is nothing to analyse yet"
    assert state.problem is not None
    assert "no customers" in str(state.problem)
    assert start_analysis(records_root), "a failure does not block the next try"


def test_a_running_analysis_tells_how_far_it_is(workspace_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from django_tasks_db.models import DBTaskResult

    from harken.jobs import analyses
    from harken.jobs.states import Note

    analyses.start_analysis(workspace_root)
    DBTaskResult.objects.get().claim("test")
    note = Note(workspace_root / analyses.NOTE)
    note(Message("Reading {what}", {"what": "x"}), 0.25)
    note(Message("too soon to be written"), 0.3)
    state = analyses.latest_analysis(workspace_root)
    assert state is not None
    assert (state.status, str(state.step), state.done) == ("running", "Reading x", 0.25)


def test_what_a_dead_worker_left_is_marked_as_failed(records_root: Path) -> None:
    from django_tasks_db.models import DBTaskResult

    from harken.jobs.analyses import latest_analysis, start_analysis
    from harken.jobs.worker import work

    start_analysis(records_root)
    DBTaskResult.objects.get().claim("a worker that died")
    work(records_root, until_empty=True)
    state = latest_analysis(records_root)
    assert state is not None
    assert (state.status, state.problem) == ("failed", None)


def test_one_worker_is_enough(workspace_root: Path) -> None:
    from harken.jobs.worker import LOCK_FILE, work

    with (workspace_root / LOCK_FILE).open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Busy, match="already runs"):
            work(workspace_root, until_empty=True)
    work(workspace_root, until_empty=True)


def test_a_waiting_analysis_is_cancelled_at_once(records_root: Path) -> None:
    from harken.jobs.analyses import cancel_analysis, latest_analysis, start_analysis
    from harken.jobs.worker import work

    assert not cancel_analysis(records_root), "there is nothing to cancel"
    start_analysis(records_root)
    assert cancel_analysis(records_root)
    work(records_root, until_empty=True)
    state = latest_analysis(records_root)
    assert state is not None
    assert (state.status, state.busy) == ("cancelled", False)
    assert not cancel_analysis(records_root)
    assert start_analysis(records_root), "the next one is free to run"


def test_a_running_task_stops_at_its_next_step_and_the_next_one_does_not(workspace_root: Path) -> None:
    from django_tasks_db.models import DBTaskResult

    from harken.jobs import analyses
    from harken.jobs.states import Note, carried_out

    analyses.start_analysis(workspace_root)
    DBTaskResult.objects.get().claim("test")
    path = workspace_root / analyses.NOTE

    def work(note: Note) -> dict[str, str]:
        note(Message("first step"), 0.1)
        assert analyses.cancel_analysis(workspace_root)
        state = analyses.latest_analysis(workspace_root)
        assert state is not None
        assert (state.status, state.stopping) == ("running", True)
        note(Message("second step"), 0.2)
        raise AssertionError("a cancelled task goes no further")

    assert carried_out(path, work) == {"cancelled": True}
    assert list(workspace_root.glob(".analysis-progress*")) == []
    assert analyses.cancel_analysis(workspace_root), "asked for as it ended: nobody takes the request any more"
    DBTaskResult.objects.get().set_successful({"cancelled": True})
    analyses.start_analysis(workspace_root)
    assert list(workspace_root.glob(".analysis-progress*")) == [], "so the next start forgets it"


def test_a_real_analysis_cancelled_half_way_leaves_no_run_and_the_next_one_runs(
    workspace_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django_tasks_db.models import DBTaskResult

    import made_up
    from harken.jobs import analyses, states
    from harken.usecases.runs import list_runs
    from harken.usecases.workspaces import open_workspace

    workspace = open_workspace(workspace_root)
    made_up.fill_with_few(workspace)
    analyses.start_analysis(workspace_root, segment=("language", "en"))
    DBTaskResult.objects.get().claim("test")
    steps: list[float] = []
    told = states.Note.__call__

    def cancel_half_way(note: states.Note, step: Message, done: float) -> None:
        if done > 0.2 and (not steps or steps[-1] <= 0.2):
            assert analyses.cancel_analysis(workspace_root)
        steps.append(done)
        told(note, step, done)

    monkeypatch.setattr(states.Note, "__call__", cancel_half_way)
    assert analyses.analyze.func(str(workspace_root)) == {"cancelled": True}
    assert 0.2 < max(steps) < 1, "the work had begun"
    assert [path.name for path in workspace.runs_root.iterdir()] == ["write.lock"]
    DBTaskResult.objects.get().set_successful({"cancelled": True})
    monkeypatch.undo()
    assert analyses.start_analysis(workspace_root)
    made = analyses.analyze.func(str(workspace_root))
    assert [info.id for info in list_runs(workspace.runs_root)] == [made["run"]]


def test_a_worker_is_seen_and_looking_does_not_stop_one_from_starting(workspace_root: Path) -> None:
    from harken.jobs.worker import only_worker, worker_runs

    assert not worker_runs(workspace_root), "none ever ran"
    with only_worker(workspace_root):
        assert worker_runs(workspace_root)
    assert not worker_runs(workspace_root)
