"""Killed at any touch of the disk, the lake loses nothing acknowledged and shows nothing half-done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from lake_killing import FIRST, SECOND, STARTED_FROM_CLEAN, killed
from lake_samples import NOW_US, everything, run

from harken.lake import delta
from harken.lake.log import Lake


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, dict, dict]]:
    """A lake with one import, and what it says before and after a change."""
    # pyarrow loads pandas wherever it is installed, which takes longer than the whole import
    STARTED_FROM_CLEAN.set_forkserver_preload(["harken.lake.log", "pandas"])
    made: dict[str, tuple[Path, dict, dict]] = {}

    def state(what: str) -> tuple[Path, dict, dict]:
        if what not in made:
            root = tmp_path_factory.mktemp(what) / "lake"
            lake = Lake(root)
            run(lake, *FIRST)
            if what == "undo":
                run(lake, *SECOND)
            before, copy = everything(lake), root.with_name("changed")
            shutil.copytree(root, copy)
            assert killed(copy, what) is not None
            made[what] = (root, before, everything(Lake(copy)))
        return made[what]

    return state


def touches(what: str, states: Callable[[str], tuple[Path, dict, dict]], folder: Path) -> tuple[int, int]:
    """How often a change touches the disk when nothing kills it, and the touch that moves the pointer."""
    shutil.copytree(states(what)[0], folder / "counted")
    touched = killed(folder / "counted", what)
    assert touched is not None
    assert touched.count("os.rename") == 1
    return len(touched), touched.index("os.rename") + 1


def check_whole(root: Path, before: dict, after: dict) -> None:
    """One of two states, and a next import that works and leaves no stray file."""
    lake = Lake(root)
    assert everything(lake) in (before, after)
    run(lake, ("texts", [{"text_id": 5, "text": "next"}]))
    said = everything(lake)
    assert said.pop("texts")[1] == [(5, 1, lake.imports()[-1].import_id, "next")]
    assert said in ({k: v for k, v in state.items() if k != "texts"} for state in (before, after))
    pinned = lake.pin()
    for name, version in pinned.versions.items():
        log = root / name / "_delta_log"
        assert max(int(path.name[:20]) for path in log.glob("0*.json")) == version
        known = {root / name / file.path for v in range(version + 1) for file in delta.stored(root, name, v).files}
        found = {path for path in (root / name).rglob("*.parquet") if "_delta_log" not in path.parts}
        assert found == known
    assert not list((root / "tmp").glob("import-*"))


def check_kill(what: str, at: int, states: Callable[[str], tuple[Path, dict, dict]], folder: Path) -> None:
    start, before, after = states(what)
    root = folder / f"killed {at}"
    shutil.copytree(start, root)
    if killed(root, what, at) is not None:
        assert everything(Lake(root)) == after
    check_whole(root, before, after)


@pytest.mark.parametrize("what", ["import", "undo"])
def test_a_kill_leaves_the_state_before_or_after(what: str, states, tmp_path: Path) -> None:
    count, pointer = touches(what, states, tmp_path)
    assert count > 30
    for at in {pointer - 1, pointer, pointer + 1, *range(3, count, count // 3)}:
        check_kill(what, at, states, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["import", "undo"])
def test_a_kill_at_every_touch_leaves_the_state_before_or_after(what: str, states, tmp_path: Path) -> None:
    for at in range(1, touches(what, states, tmp_path)[0] + 2):
        check_kill(what, at, states, tmp_path)


def test_a_kill_while_cleaning_up_after_a_kill_does_no_harm(states, tmp_path: Path) -> None:
    start, before, after = states("import")
    _, pointer = touches("import", states, tmp_path)
    for at in (2, 6, 12):
        root = tmp_path / f"twice {at}"
        shutil.copytree(start, root)
        assert killed(root, "import", pointer) is None  # all is written, only the pointer has not moved
        assert everything(Lake(root)) == before
        killed(root, "import", at)
        check_whole(root, before, after)


def test_everything_is_durable_before_the_pointer_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(tmp_path / "lake")
    synced: set[str] = set()
    moved: list[set[str]] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        fsync(descriptor)
        synced.add(str(Path(f"/proc/self/fd/{descriptor}").readlink()))

    def noted_replace(source: Path, target: Path) -> None:
        moved.append(set(synced))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    monkeypatch.setattr(delta, "CHECKPOINT_EVERY", 1)
    for step in (lambda: run(lake, *FIRST), lambda: run(lake, *SECOND), lambda: lake.undo(1, NOW_US)):
        synced.clear()
        known = set(lake.root.rglob("*"))
        step()
        written = {path for path in lake.root.rglob("*") if path.parent != lake.root} - known
        assert written
        needed = {str(path) for path in written} | {str(path.parent) for path in written}
        assert needed <= moved[-1]
        assert str(lake.root / "pointer.json.new") in moved[-1]
        assert str(lake.root) in synced
