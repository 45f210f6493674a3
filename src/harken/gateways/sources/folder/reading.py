"""New and changed files of a folder; those still being written are left for the next time."""

from __future__ import annotations

import fnmatch
import hashlib
import os
from pathlib import Path

from harken.gateways.sources.folder.settings import FolderSettings
from harken.gateways.sources.visiting import Fetched, Visit
from harken.vocabulary.errors import DataError
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress

UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", "~")
CHUNK_BYTES = 1 << 20


def fetch(settings: FolderSettings, visit: Visit, progress: Progress) -> Fetched:
    """Copy files that are new or changed since the last reading; never one outside the folder.

    What is remembered is size, time of change and SHA-256 of each file: a file that was only touched is not read
    again. A file that changed within `settled_seconds`, or while it was copied, waits for the next reading.
    Raises DataError where the folder or a file cannot be read.
    """
    known = visit.since.get("files", {})
    seen: dict[str, list[object]] = {}
    files: list[Path] = []
    waiting: list[str] = []
    visit.into.mkdir(parents=True, exist_ok=True)
    candidates = _candidates(settings, visit.root)
    for number, path in enumerate(candidates):
        progress(Message(gettext_noop("Looking at {file}"), {"file": path.name}), number / len(candidates))
        before = _stamp(path)
        if before is None:
            continue  # it went away meanwhile
        earlier = known.get(path.name)
        if earlier is not None and earlier[:2] == before:
            seen[path.name] = earlier
            continue
        if visit.now.timestamp() - before[1] / 1e9 < settings.settled_seconds:
            digest = None
        else:
            digest = _copied(path, visit.into / path.name)
        if digest is None or _stamp(path) != before:
            (visit.into / path.name).unlink(missing_ok=True)
            waiting.append(path.name)
            if earlier is not None:
                seen[path.name] = earlier
            continue
        seen[path.name] = [*before, digest]
        if earlier is not None and earlier[2] == digest:
            (visit.into / path.name).unlink()
            continue
        files.append(visit.into / path.name)
        if visit.rows is not None:
            break
    return Fetched(tuple(files), {"files": seen}, tuple(waiting))


def _candidates(settings: FolderSettings, own: Path) -> list[Path]:
    """Files of the folder that fit, by name; links that lead out of it and half-written files are left out."""
    try:
        folder = settings.folder.resolve(strict=True)
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        raise DataError(
            Message(gettext_noop("There is no folder {folder} on the server."), {"folder": str(settings.folder)}),
            Message(gettext_noop("Check its name, and that Harken's user on the server may read it.")),
        ) from None
    except OSError as error:
        raise DataError(
            Message(
                gettext_noop("The folder {folder} cannot be read: {why}."),
                {"folder": str(settings.folder), "why": error.strerror or str(error)},
            ),
            Message(gettext_noop("Check its name, and that Harken's user on the server may read it.")),
        ) from None
    if folder.is_relative_to(own.resolve()):
        raise DataError(
            Message(gettext_noop("{folder} belongs to Harken itself."), {"folder": str(settings.folder)}),
            Message(gettext_noop("Name a folder outside the company's own.")),
        )
    found = []
    for entry in entries:
        hidden = entry.name.startswith((".", "~$")) or entry.name.casefold().endswith(UNFINISHED)
        if hidden or not fnmatch.fnmatchcase(entry.name.casefold(), settings.pattern.casefold()):
            continue
        path = Path(entry.path)
        if path.is_file() and path.resolve().parent == folder:
            found.append(path)
    return found


def _stamp(path: Path) -> list[int] | None:
    """Size in bytes and time of change in nanoseconds; None where the file is gone."""
    try:
        state = path.stat()
    except OSError:
        return None
    return [state.st_size, state.st_mtime_ns]


def _copied(path: Path, target: Path) -> str:
    """Copy a file; the SHA-256 of its content."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as source, target.open("wb") as out:
            while chunk := source.read(CHUNK_BYTES):
                digest.update(chunk)
                out.write(chunk)
    except OSError as error:
        raise DataError(
            Message(
                gettext_noop("{file} cannot be read: {why}"),
                {"file": path.name, "why": error.strerror or str(error)},
            ),
            Message(gettext_noop("Check that Harken's user on the server may read it.")),
        ) from None
    return digest.hexdigest()
