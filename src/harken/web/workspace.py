"""The workspace that this server serves, and the run that a page shows."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

from harken.usecases.runs import Run, list_runs, load_run
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
    """The run named in the address (`?run=`), else the newest; None where nothing was analysed yet."""
    root = workspace().runs_root
    wanted = request.GET.get("run")
    if wanted:
        return _run(root, wanted) if wanted.isalnum() else load_run(root, wanted)
    runs = list_runs(root)
    return _run(root, runs[0].id) if runs else None
