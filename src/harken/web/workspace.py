"""The workspace that this server serves, and the run that a page shows."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

from harken.usecases.runs import Run, list_runs, load_run, newest_of_all
from harken.usecases.workspaces import Workspace, open_workspace


def workspace() -> Workspace:
    """The workspace with its present settings."""
    return open_workspace(Path(settings.WORKSPACE))


@lru_cache(maxsize=4)
def _stored(runs_root: Path, run_id: str, written_ns: int) -> Run:
    """A run never changes until it is computed anew (`written_ns` tells), so a few are kept read."""
    return load_run(runs_root, run_id)


def _run(runs_root: Path, run_id: str) -> Run:
    path = runs_root / run_id / "parts.json"
    return _stored(runs_root, run_id, path.stat().st_mtime_ns) if path.exists() else load_run(runs_root, run_id)


def shown_run(request: HttpRequest) -> Run | None:
    """The run named in the address (`?run=`), else the newest of all customers; None where there is none yet."""
    wanted = request.GET.get("run")
    return named_run(wanted) if wanted else newest_run()


def newest_run() -> Run | None:
    """The newest run of all customers, None where there is none yet."""
    root = workspace().runs_root
    newest = newest_of_all(list_runs(root))
    return None if newest is None else _run(root, newest.id)


def named_run(run_id: str) -> Run:
    """A run by its id or the beginning of it; raises SettingsError for one that is unknown or not unique."""
    root = workspace().runs_root
    return _run(root, run_id) if run_id.isalnum() else load_run(root, run_id)
