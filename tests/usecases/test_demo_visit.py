"""The demo company comes into an empty workspace only, and leaves nothing behind."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from harken.usecases import demo_visit
from harken.usecases.importing import holds_data, import_files
from harken.usecases.runs import list_runs
from harken.usecases.workspaces import create_workspace, open_workspace
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message
from harken.vocabulary.progress import Cancelled

NOW_US = time.time_ns() // 1000


def names(root: Path) -> set[str]:
    """Every file of a workspace outside the lake, whose log remembers that imports were undone."""
    return {
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and "lake" not in path.parts and path.name != "write.lock"
    }


def test_it_comes_stays_apart_and_leaves(tmp_path: Path) -> None:
    root = tmp_path / "own"
    create_workspace(root, company="Own & Co", time_zone="Europe/Paris", currency="EUR")
    before, settings = names(root), (root / "harken.toml").read_text()
    run = demo_visit.visit(root, customers=60, now_us=NOW_US)
    workspace = open_workspace(root)
    assert "simulated" in workspace.settings.company
    assert (workspace.settings.currency, workspace.visited_by_demo) == ("CNY", True)
    assert [found.id for found in list_runs(workspace.runs_root)] == [run]
    own = tmp_path / "own.csv"
    own.write_text("customer_id,nps,answered_on\n" + "\n".join(f"C{n},{n % 11},2026-05-01" for n in range(40)))
    with pytest.raises(SettingsError, match="simulated"):
        import_files(root, [own], now_us=NOW_US)
    with pytest.raises(SettingsError, match="empty workspace"):
        demo_visit.visit(root, customers=60, now_us=NOW_US)
    demo_visit.leave(root, now_us=NOW_US)
    assert not holds_data(root)
    assert (root / "harken.toml").read_text() == settings
    assert names(root) == before
    demo_visit.leave(root, now_us=NOW_US)
    import_files(root, [own], now_us=NOW_US, time_zone="Europe/Paris")
    with pytest.raises(SettingsError, match="holds data"):
        demo_visit.visit(root, customers=60, now_us=NOW_US)


def test_a_visit_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    root = tmp_path / "own"
    create_workspace(root, company="Own & Co")
    before = names(root)

    def stop_after_an_import(step: Message, done: float) -> None:
        if done > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        demo_visit.visit(root, customers=60, now_us=NOW_US, progress=stop_after_an_import)
    assert names(root) == before
    assert not holds_data(root)
    assert open_workspace(root).settings.company == "Own & Co"
