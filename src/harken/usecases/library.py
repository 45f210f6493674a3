"""The Python API for notebooks and scripts: the use cases with the present time and plain paths filled in."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from harken.usecases import importing, runs, workspaces
from harken.usecases.analyzing.run import analyze as compute
from harken.usecases.importing import ImportReport
from harken.usecases.runs import Run
from harken.usecases.workspaces import Workspace
from harken.vocabulary.progress import Progress, silent

create_workspace = workspaces.create_workspace


def open_workspace(folder: str | Path) -> Workspace:
    """A company's workspace. Raises SettingsError where the folder is none or its settings are wrong.

    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp()) / "tea"
    >>> created = create_workspace(root, company="Tea House", time_zone="Asia/Taipei", currency="TWD")
    >>> open_workspace(root).settings.currency
    'TWD'
    """
    return workspaces.open_workspace(Path(folder))


def import_files(
    workspace: Workspace,
    files: Sequence[str | Path],
    mapping: str | Path | None = None,
    *,
    strict: bool = False,
    progress: Progress = silent,
) -> ImportReport:
    """Bring files or folders in; without a mapping Harken proposes one. Importing twice changes nothing.

    Raises DataError for files that cannot be read and SettingsError for a mapping that does not fit.
    """
    return importing.import_files(
        workspace.root,
        [Path(file) for file in files],
        None if mapping is None else Path(mapping),
        strict=strict,
        now_us=time.time_ns() // 1000,
        time_zone=workspace.settings.time_zone,
        currency=workspace.settings.currency,
        progress=progress,
    )


def analyze(workspace: Workspace, *, again: bool = False, progress: Progress = silent) -> Run:
    """Compute everything the data allow; an equal run that exists is returned as it is unless `again`.

    Parts that cannot run are `NotRun` with a reason. Raises DataError for an empty lake.
    """
    return compute(workspace, now_us=time.time_ns() // 1000, again=again, progress=progress)


def load_run(workspace: Workspace, run_id: str | None = None) -> Run:
    """A run by its id or the beginning of it; without an id the newest."""
    return runs.load_run(workspace.runs_root, run_id)
