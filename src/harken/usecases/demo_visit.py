"""The demo company visits an empty workspace: it can be looked at, and leaves without a trace."""

from __future__ import annotations

import contextlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

from harken.demo import SEGMENTS, grow
from harken.records import hand_overs, hypotheses
from harken.usecases.analyzing.run import analyze
from harken.usecases.demo import COMPANY, TODAY, bring
from harken.usecases.follow_up import FOLDER as FOLLOW_UPS
from harken.usecases.importing.running import holds_data, list_imports, undo_import
from harken.usecases.workspaces import DEMO_MARKER, SETTINGS_FILE, new_settings, open_workspace
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent

OWN_SETTINGS = "harken.own.toml"
FILES = "demo-files"
CUSTOMERS = 20_000


def visit(
    root: Path, *, customers: int = CUSTOMERS, seed: int = 1, now_us: int, progress: Progress = silent
) -> str:
    """Bring the demo company into an empty workspace and analyse it; the run's id.

    The company's own settings are kept aside until `leave`. Where it fails or is cancelled everything is taken out
    again. Raises SettingsError where the workspace holds data of its own.
    """
    if (root / DEMO_MARKER).exists() or holds_data(root):
        raise SettingsError(
            Message(gettext_noop("The demo company comes into an empty workspace only, and this one holds data.")),
            Message(gettext_noop("Make another workspace for the demo: `harken -w FOLDER demo --serve`.")),
        )
    before = sorted(path.name for path in (root / "runs").glob("*"))
    (root / DEMO_MARKER).write_text(json.dumps({"runs_before": before, "since_us": now_us}), encoding="utf-8")
    try:
        settings = root / SETTINGS_FILE
        shutil.copyfile(settings, root / OWN_SETTINGS)
        _replace(settings, new_settings(COMPANY, "Asia/Shanghai", "CNY", SEGMENTS))
        workspace = open_workspace(root)
        files = grow(root / FILES, customers=customers, seed=seed, today=TODAY, progress=_part(progress, 0.0, 0.15))
        bring(workspace, files, now_us, _part(progress, 0.15, 0.5))
        shutil.rmtree(root / FILES)
        return analyze(workspace, now_us=now_us, progress=_part(progress, 0.5, 1.0)).info.id
    except BaseException:
        leave(root, now_us=now_us)
        raise


def here_since(root: Path) -> datetime | None:
    """When the demo company came; None where it is not here."""
    marker = root / DEMO_MARKER
    if not marker.exists():
        return None
    return datetime.fromtimestamp(json.loads(marker.read_text(encoding="utf-8")).get("since_us", 0) / 1e6, UTC)


def forget_records(root: Path) -> None:
    """Forget what people handed over, believed and decided of the demo company; nothing where it is not here."""
    since = here_since(root)
    if since is not None:
        hand_overs.remove_since(root, since)
        hypotheses.remove_since(root, since)


def leave(root: Path, *, now_us: int, progress: Progress = silent) -> None:
    """Take the demo company out again: its imports, its runs, its settings; does nothing where it is not here.

    May be repeated where it was interrupted: the marker goes last.
    """
    marker = root / DEMO_MARKER
    if not marker.exists():
        return
    standing = [entry for entry in list_imports(root) if entry.undone_us is None]
    for position, entry in enumerate(reversed(standing)):
        step = Message(gettext_noop("Taking out {source}"), {"source": entry.source})
        progress(step, position / len(standing))
        undo_import(root, entry.import_id, now_us=now_us)
        shutil.rmtree(root / "rejected" / str(entry.import_id), ignore_errors=True)
    before = set(json.loads(marker.read_text(encoding="utf-8"))["runs_before"])
    for run in (root / "runs").glob("*"):
        if run.name not in before and run.is_dir():
            shutil.rmtree(run)
            for drawn in (root / FOLLOW_UPS).glob(f"{run.name}-*.json"):
                drawn.unlink()
    shutil.rmtree(root / FILES, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        (root / OWN_SETTINGS).replace(root / SETTINGS_FILE)
    marker.unlink()


def _replace(path: Path, text: str) -> None:
    half = path.with_suffix(".half")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


def _part(progress: Progress, start: float, end: float) -> Progress:
    """A progress that runs from `start` to `end` of the whole."""

    def tell(step: Message, done: float) -> None:
        progress(step, start + (end - start) * min(max(done, 0.0), 1.0))

    return tell
