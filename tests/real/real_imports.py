"""Where the real data lie, and importing them by the examples' mappings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from harken.lake.log import Lake
from harken.usecases.importing import ImportReport, import_files

REPOSITORY = Path(__file__).resolve().parents[2]
NOW_US = 1_782_864_000_000_000


def real_folder(name: str) -> Path:
    """The folder of a data set, under HARKEN_REAL_DATA or beside the repository; without it the test is skipped."""
    root = Path(os.environ.get("HARKEN_REAL_DATA", REPOSITORY.parent / "shared" / "data"))
    folder = root / name
    if not folder.exists():
        pytest.skip(f"real data: {name} is not in {root} (set HARKEN_REAL_DATA)")
    return folder


def bring(workspace: Path, example: str | None, folder: Path, time_zone: str = "UTC") -> ImportReport:
    """Import a folder by an example's mapping, or by what Harken proposes; counts have to add up."""
    mapping = None if example is None else REPOSITORY / "examples" / f"{example}.toml"
    report = import_files(workspace, [folder], mapping, now_us=NOW_US, time_zone=time_zone)
    for part in report.parts:
        assert part.rows == part.added + part.corrected + part.already_there + part.rejected + part.skipped
    return report


def ask(workspace: Path, query: str) -> list[tuple[Any, ...]]:
    """What the lake answers."""
    with Lake(workspace / "lake").pin().connect(threads=1) as connection:
        found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return found
