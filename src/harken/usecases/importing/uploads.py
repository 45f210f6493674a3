"""Uploaded files on the disk: streamed there, under safe names, each upload in a folder of its own."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from harken.vocabulary.errors import DataError, Problem
from harken.vocabulary.messages import Message, gettext_noop

UPLOADS = "uploads"
DISK_BYTES_LEFT = 1024**3
Files = Iterable[tuple[str, BinaryIO]]


def receive(root: Path, files: Files) -> str:
    """Keep uploaded files in `uploads/<name>/` of a workspace; its name. Raises DataError as `keep`."""
    upload = secrets.token_hex(8)
    keep(root / UPLOADS / upload, files)
    return upload


def keep(folder: Path, files: Files) -> None:
    """Stream files into a new folder; their names lose any folder they come with.

    Raises DataError, and leaves nothing, where two have the same name or the disk would become too full.
    """
    folder.mkdir(parents=True)
    try:
        for name, file in files:
            target = folder / (Path(name.replace("\\", "/")).name.lstrip(".") or "file")
            if target.exists():
                raise DataError(
                    Message(gettext_noop("Two files of one import have the same name.")),
                    Message(gettext_noop("Rename one of them, or import the folders one after the other.")),
                    [Problem(Message(gettext_noop("{file}"), {"file": target.name}))],
                )
            with target.open("xb") as place:
                shutil.copyfileobj(file, place, 1024 * 1024)
            if shutil.disk_usage(folder).free < DISK_BYTES_LEFT:
                raise DataError(
                    Message(gettext_noop("The disk of this server is nearly full, so the files were not kept.")),
                    Message(gettext_noop("Make room on it, or bring fewer files at once.")),
                )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
