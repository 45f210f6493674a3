"""Importing uploaded files as a background task."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from django_tasks import task

from harken.jobs.states import JobState, Note, cancel, carried_out, enqueue, latest
from harken.usecases.encoding import encode
from harken.vocabulary.errors import DataError, Problem
from harken.vocabulary.messages import Message, gettext_noop

NOTE = ".import-progress.json"
UPLOADS = "uploads"
PROBLEMS_KEPT = 20


@task()
def import_upload(root: str, upload: str, mapping: str = "", language: str = "en") -> dict[str, Any]:
    """Import the files of one upload; what came of it as messages, or the problem where it could not be done.

    `mapping` is the name of a file in `mappings/`, "" lets the uploaded mapping or a proposed one decide. The
    uploaded files are deleted afterwards: the lake holds what they said.
    """
    from harken.locale.formats import render
    from harken.usecases.importing import import_files
    from harken.usecases.workspaces import open_workspace

    workspace = open_workspace(Path(root))
    folder = workspace.root / UPLOADS / upload

    def work(note: Note) -> dict[str, Any]:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() != ".toml")
        uploaded = sorted(folder.glob("*.toml"))
        chosen = workspace.root / "mappings" / mapping if mapping else uploaded[0] if uploaded else None
        report = import_files(
            workspace.root,
            files,
            chosen,
            now_us=time.time_ns() // 1000,
            time_zone=workspace.settings.time_zone,
            currency=workspace.settings.currency,
            progress=note,
            say=lambda message: render(message, language),
        )
        return {
            "import_id": report.import_id,
            "source": report.source,
            "rows": report.rows,
            "rejected": report.rejected,
            "mapping": report.mapping_path.name if report.proposed and report.mapping_path else "",
            "scales": encode(list(report.scales)),
            "problems": encode([problem.message() for problem in report.problems[:PROBLEMS_KEPT]]),
            "notes": encode([problem.message() for problem in report.notes[:PROBLEMS_KEPT]]),
        }

    try:
        return carried_out(workspace.root / NOTE, work)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def receive(root: Path, files: Iterable[tuple[str, BinaryIO]]) -> str:
    """Keep uploaded files for the worker; the name of the upload. Names lose any folder they come with.

    Raises DataError where two files have the same name.
    """
    upload = secrets.token_hex(8)
    folder = root / UPLOADS / upload
    folder.mkdir(parents=True)
    for name, file in files:
        target = folder / (Path(name.replace("\\", "/")).name.lstrip(".") or "file")
        if target.exists():
            shutil.rmtree(folder)
            raise DataError(
                Message(gettext_noop("Two files of one import have the same name.")),
                Message(gettext_noop("Rename one of them, or import the folders one after the other.")),
                [Problem(Message(gettext_noop("{file}"), {"file": target.name}))],
            )
        with target.open("xb") as place:
            shutil.copyfileobj(file, place)
    return upload


def start_import(root: Path, upload: str, *, mapping: str = "", language: str = "en") -> None:
    """Ask the worker to import an upload."""
    enqueue(import_upload, root / NOTE, str(root), upload, mapping, language)


def cancel_import(root: Path) -> bool:
    """Stop the import that waits or runs; False where there is none. Nothing is stored then."""
    return cancel(import_upload.module_path, root / NOTE)


def latest_import(root: Path) -> JobState | None:
    """How the latest import that a page asked for is doing; None where none ever was."""
    return latest(import_upload.module_path, root / NOTE)
