"""The one commit of the lake: pointer.json, replaced as a whole, names the version of every table."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from harken.vocabulary.errors import DataError
from harken.vocabulary.messages import Message, gettext_noop

POINTER_FILE = "pointer.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class TableState:
    """What the pointer knows of one table: its Delta version, its rows, and what a reader must reckon with.

    `repeats`: some key stands in rows of several imports, so readers resolve them;
    `evolved`: some files lack columns that came later.
    """

    version: int
    rows: int
    repeats: bool = False
    evolved: bool = False


@dataclass(frozen=True, slots=True)
class Pointer:
    """The committed state of the lake.

    `sequence` counts commits; `state` is a hash over all commits that changed data, so that equal states
    mean equal data; `last_import_id` is the highest id of a committed import.
    """

    sequence: int = 0
    last_import_id: int = 0
    state: str = ""
    tables: Mapping[str, TableState] = field(default_factory=dict)

    def advanced(self, tables: Mapping[str, TableState], last_import_id: int, what: str, data: bool) -> Pointer:
        """The next pointer after a commit described by `what`; `data` says whether any data changed."""
        state = hashlib.sha256(f"{self.state}\n{what}".encode()).hexdigest() if data else self.state
        return replace(
            self, sequence=self.sequence + 1, last_import_id=last_import_id, state=state, tables=dict(tables)
        )


def read_pointer(root: Path) -> Pointer | None:
    """The committed pointer of a lake, or None where nothing was ever written."""
    try:
        text = (root / POINTER_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        given = json.loads(text)
        if given["format"] != FORMAT:
            raise DataError(
                Message(
                    gettext_noop("The lake in {folder} has format {found}; this version of Harken reads {known}."),
                    {"folder": str(root), "found": str(given["format"]), "known": str(FORMAT)},
                ),
                Message(gettext_noop("Use the version of Harken that wrote it, or a newer one.")),
            )
        tables = {name: TableState(**state) for name, state in given["tables"].items()}
        return Pointer(given["sequence"], given["last_import_id"], given["state"], tables)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            Message(gettext_noop("The file {file} is damaged."), {"file": str(root / POINTER_FILE)}),
            Message(gettext_noop("Restore it from a backup of the workspace; change nothing by hand.")),
        ) from error


def write_pointer(root: Path, pointer: Pointer) -> None:
    """Replace pointer.json as a whole; when this returns, the commit survives a loss of power."""
    tables = {
        name: {
            "version": state.version,
            "rows": state.rows,
            "repeats": state.repeats,
            "evolved": state.evolved,
        }
        for name, state in sorted(pointer.tables.items())
    }
    content = {
        "format": FORMAT,
        "sequence": pointer.sequence,
        "last_import_id": pointer.last_import_id,
        "state": pointer.state,
        "tables": tables,
    }
    temporary = root / (POINTER_FILE + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, root / POINTER_FILE)  # noqa: PTH105  (the atomic step, named as the manual names it)
    fsync_folder(root)


def fsync_files(paths: Iterable[Path]) -> None:
    """Make files durable (delta-rs and pyarrow never do)."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def fsync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    fsync_files([path])
