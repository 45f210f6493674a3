"""Rows that could not be imported: the files to repair, by import."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = "rejected"


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file of rejected rows with their problems, to correct and import again."""

    import_id: int
    name: str
    size_bytes: int


def rejected_files(root: Path) -> dict[int, tuple[RejectedFile, ...]]:
    """The rejected files of every import that has some."""
    found: dict[int, tuple[RejectedFile, ...]] = {}
    for folder in (root / FOLDER).glob("[0-9]*"):
        if folder.name.isdigit() and folder.is_dir():
            number = int(folder.name)
            files = sorted(path for path in folder.iterdir() if path.is_file())
            found[number] = tuple(RejectedFile(number, path.name, path.stat().st_size) for path in files)
    return {number: files for number, files in found.items() if files}


def rejected_path(root: Path, import_id: int, name: str) -> Path | None:
    """Where a rejected file lies; None for any name that is not one of the import's own."""
    known = {file.name for file in rejected_files(root).get(import_id, ())}
    return root / FOLDER / str(import_id) / name if name in known else None
