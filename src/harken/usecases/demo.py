"""The demo company: grown, imported by the real import, analysed; ready to be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from harken.demo import SEGMENTS, DemoFiles, grow
from harken.usecases.importing import ImportReport, import_files
from harken.usecases.workspaces import SETTINGS_FILE, Workspace, create_workspace, open_workspace
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent

TODAY = date(2026, 6, 30)
COMPANY = "Heron Telecom & Shop (demo, simulated)"


@dataclass(frozen=True, slots=True)
class DemoWorkspace:
    """A workspace filled with the demo company, the imports that filled it, and where its truth stands."""

    workspace: Workspace
    imports: tuple[ImportReport, ...]
    truth: Path
    signals: int


def prepare_demo(
    root: Path,
    *,
    customers: int = 20_000,
    seed: int = 1,
    world: Literal["observed", "mood"] = "observed",
    now_us: int,
    progress: Progress = silent,
) -> DemoWorkspace:
    """Grow the demo company in `root`/raw and import its files, one mapping per source system.

    A folder that holds another company is refused with SettingsError; one that holds this demo is used as it is,
    and importing again changes nothing.
    """
    if (root / SETTINGS_FILE).exists():
        workspace = open_workspace(root)
        if workspace.settings.company != COMPANY:
            raise SettingsError(
                Message(gettext_noop("{folder} holds another company."), {"folder": str(root)}),
                Message(gettext_noop("Name another folder for the demo: `harken -w FOLDER demo`.")),
            )
    else:
        workspace = create_workspace(
            root, company=COMPANY, time_zone="Asia/Shanghai", currency="CNY", segments=SEGMENTS
        )
    files = grow(root / "raw", customers=customers, seed=seed, world=world, today=TODAY, progress=progress)
    reports = bring(workspace, files, now_us, progress)
    return DemoWorkspace(workspace, reports, files.truth, files.signals)


def bring(workspace: Workspace, files: DemoFiles, now_us: int, progress: Progress) -> tuple[ImportReport, ...]:
    """Import the demo's files, one source system after the other."""
    reports = []
    for position, (source, mapping) in enumerate(files.mappings.items()):
        step = Message(gettext_noop("Importing {source}"), {"source": source})
        progress(step, position / len(files.mappings))
        reports.append(
            import_files(
                workspace.root,
                list(files.sources[source]),
                mapping,
                now_us=now_us,
                time_zone=workspace.settings.time_zone,
                currency=workspace.settings.currency,
                progress=progress,
                of_demo=True,
            )
        )
    return tuple(reports)
