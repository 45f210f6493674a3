"""Drafts: files that wait to be imported, with the mapping proposed for them and what a person says about it.

A draft is a folder `uploads/<id>/`: `files/` as they came, `mapping.toml`, which alone says how they are read, and
small JSON files: what was seen, what a person corrected, the last preview. It is gone once imported or dropped.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harken.lake.staging.tables import Staging
from harken.listen.mapping.parsing import parse
from harken.listen.mapping.proposal.corrections import NOTHING_SAID, Corrections
from harken.listen.mapping.proposal.sections import Check
from harken.usecases.encoding import decode, encode
from harken.usecases.importing.looking import Seen, look
from harken.usecases.importing.proposing import drafted, earlier_mapping, keep_mapping
from harken.usecases.importing.reports import ImportReport, Preview
from harken.usecases.importing.running import import_files, preview, read_mapping
from harken.usecases.importing.session import Session
from harken.usecases.importing.uploads import UPLOADS, Files, keep
from harken.usecases.workspaces import Settings, open_workspace
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent

FILES_MAX = 100
UPLOAD_BYTES_MAX = 2 * 1024**3
"""What one upload may weigh; larger files are imported by `harken import`."""
Say = Callable[[Message], str]


@dataclass(frozen=True, slots=True)
class DraftNote:
    """What is kept of a draft beside its files: when it was made (epoch microseconds UTC), what was corrected.

    `written` is "" for a proposal, "text" where a person wrote the mapping, else the name of the mapping that an
    earlier import left or that came with the files. `checks` are the guesses of the proposal.
    """

    created_us: int
    corrections: Corrections = NOTHING_SAID
    written: str = ""
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft as it lies in its folder; `seen`, `mapping` and `preview` are None until they were made."""

    id: str
    folder: Path
    note: DraftNote
    files: tuple[tuple[str, int], ...]
    seen: Seen | None
    mapping: str | None
    preview: Preview | None


def receive(root: Path, files: Files, *, now_us: int) -> str:
    """Keep uploaded files as a draft; its id. Raises DataError where they cannot be kept, and leaves nothing."""
    draft = secrets.token_hex(8)
    folder = root / UPLOADS / draft
    folder.mkdir(parents=True)
    try:
        keep(folder / "files", files)
        _write(folder / "draft.json", DraftNote(now_us))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return draft


def list_drafts(root: Path) -> tuple[Draft, ...]:
    """Every draft that waits, the newest first; without what was seen of it."""
    found = [_open(path.parent) for path in (root / UPLOADS).glob("*/draft.json")]
    return tuple(sorted(found, key=lambda draft: -draft.note.created_us))


def open_draft(root: Path, draft: str) -> Draft | None:
    """One draft with what was seen of it; None where there is none of this id."""
    folder = _folder(root, draft)
    if folder is None:
        return None
    found = _open(folder)
    return replace(found, seen=_read(folder / "seen.json"), preview=_read(folder / "preview.json"))


def drop_draft(root: Path, draft: str) -> None:
    """Delete a draft with its files."""
    folder = _folder(root, draft)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def look_at_draft(root: Path, draft: str, *, progress: Progress = silent, say: Say = str) -> None:
    """Look at a draft's files and propose a mapping: one that came with them, an earlier one, else a new one.

    Raises DataError or SettingsError that says what cannot be read.
    """
    folder, settings = _there(root, draft), open_workspace(root).settings
    files, brought = _sorted(folder)
    with Staging() as staging:
        session = Session(staging, files)
        seen = look(session, progress)
        earlier = None if brought else earlier_mapping(session, root / "mappings", any_source=True)
    _write(folder / "seen.json", seen)
    (folder / "preview.json").unlink(missing_ok=True)
    note = _open(folder).note
    if brought:
        _, text = read_mapping(brought[0])
        _keep(folder, text, replace(note, written=brought[0].name, checks=()))
    elif earlier is not None:
        _keep(folder, earlier[1], replace(note, written=earlier[2].name, checks=()))
    else:
        _draft(folder, seen, replace(note, written=""), settings, say)


def correct(root: Path, draft: str, said: Corrections, *, say: Say = str) -> None:
    """Take over what a person says about tables and columns: the mapping is drafted anew with all that was said.

    Raises DataError or SettingsError, and changes nothing, where it cannot be followed.
    """
    found = _looked_at(root, draft)
    note = replace(found.note, corrections=found.note.corrections.and_then(said), written="")
    _draft(found.folder, found.seen, note, open_workspace(root).settings, say)


def propose_anew(root: Path, draft: str, *, say: Say = str) -> None:
    """Forget corrections and what was written by hand: the mapping is Harken's own proposal again."""
    found = _looked_at(root, draft)
    note = DraftNote(found.note.created_us)
    _draft(found.folder, found.seen, note, open_workspace(root).settings, say)


def write_mapping(root: Path, draft: str, text: str) -> None:
    """Take a mapping written by hand; raises SettingsError that lists all that is wrong, keeping the old one."""
    folder = _there(root, draft)
    text = text.replace("\r\n", "\n")
    parse(text, "mapping.toml")
    _keep(folder, text, replace(_open(folder).note, written="text", checks=()))


def preview_draft(root: Path, draft: str, *, now_us: int, progress: Progress = silent) -> None:
    """Read the files by the mapping and keep what an import would do."""
    folder, settings = _there(root, draft), open_workspace(root).settings
    found = preview(
        _sorted(folder)[0],
        folder / "mapping.toml",
        now_us=now_us,
        time_zone=settings.time_zone,
        currency=settings.currency,
        progress=progress,
    )
    _write(folder / "preview.json", found)


def import_draft(
    root: Path, draft: str, *, now_us: int, progress: Progress = silent, say: Say = str
) -> tuple[ImportReport, str]:
    """Import a draft, keep its mapping for the next files of its kind, delete it; report and mapping name."""
    folder, settings = _there(root, draft), open_workspace(root).settings
    report = import_files(
        root,
        _sorted(folder)[0],
        folder / "mapping.toml",
        now_us=now_us,
        time_zone=settings.time_zone,
        currency=settings.currency,
        progress=progress,
        say=say,
    )
    kept = keep_mapping(root / "mappings", report.source, (folder / "mapping.toml").read_text(encoding="utf-8"))
    shutil.rmtree(folder, ignore_errors=True)
    return report, kept.name


def _draft(folder: Path, seen: Seen | None, note: DraftNote, settings: Settings, say: Say) -> None:
    assert seen is not None
    found, _ = drafted(seen, note.corrections, time_zone=settings.time_zone, currency=settings.currency, say=say)
    _keep(folder, found.text, replace(note, checks=found.checks))


def _keep(folder: Path, mapping: str, note: DraftNote) -> None:
    """A mapping and its note; a preview of the mapping before is none of this one."""
    (folder / "preview.json").unlink(missing_ok=True)
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    _write(folder / "draft.json", note)


def _looked_at(root: Path, draft: str) -> Draft:
    found = open_draft(root, draft)
    if found is None or found.seen is None:
        raise _gone()
    return found


def _there(root: Path, draft: str) -> Path:
    folder = _folder(root, draft)
    if folder is None:
        raise _gone()
    return folder


def _gone() -> SettingsError:
    return SettingsError(
        Message(gettext_noop("There is no such draft: it was imported or dropped.")),
        Message(gettext_noop("Bring the files again.")),
    )


def _folder(root: Path, draft: str) -> Path | None:
    known = {path.parent.name: path.parent for path in (root / UPLOADS).glob("*/draft.json")}
    return known.get(draft)


def _sorted(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files to import and the mappings that came with them."""
    files = sorted(path for path in (folder / "files").iterdir())
    return (
        [path for path in files if path.suffix.lower() != ".toml"],
        [path for path in files if path.suffix.lower() == ".toml"],
    )


def _open(folder: Path) -> Draft:
    mapping = folder / "mapping.toml"
    files = sorted((folder / "files").iterdir())
    return Draft(
        folder.name,
        folder,
        _read(folder / "draft.json"),
        tuple((path.name, path.stat().st_size) for path in files),
        None,
        mapping.read_text(encoding="utf-8") if mapping.exists() else None,
        None,
    )


def _write(path: Path, value: Any) -> None:
    """A JSON file that is whole or absent."""
    half = path.with_suffix(".half")
    half.write_text(json.dumps(encode(value), ensure_ascii=False), encoding="utf-8")
    half.replace(path)


def _read(path: Path) -> Any:
    return decode(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None
