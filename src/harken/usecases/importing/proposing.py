"""Propose a mapping for files, write it where it can be edited, use it at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harken.lake.staging.tables import Staging
from harken.listen.mapping.columns import missing
from harken.listen.mapping.model import Mapping
from harken.listen.mapping.parsing import parse
from harken.listen.mapping.proposal.corrections import NOTHING_SAID, Corrections
from harken.listen.mapping.proposal.drafting import Draft, draft, source_name
from harken.usecases.importing.looking import Seen, look
from harken.usecases.importing.session import Session, scales_used
from harken.vocabulary.errors import DataError, HarkenError, Problem
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class MappingProposal:
    """A proposed mapping: its text, the files it reads and those it does not, the scales it takes for granted."""

    source: str
    text: str
    files: tuple[str, ...]
    unread: tuple[str, ...]
    scales: tuple[Message, ...]
    notes: tuple[Problem, ...]


def propose(
    paths: Sequence[Path],
    *,
    time_zone: str | None = None,
    currency: str | None = None,
    progress: Progress = silent,
    say: Callable[[Message], str] = str,
) -> MappingProposal:
    """Propose a mapping for files, folders and archives from what columns are called and hold.

    `say` puts the remarks in the mapping into the reader's language. Raises DataError where no file can be read.
    """
    with Staging() as staging:
        session = Session(staging, paths)
        found, mapping = make(session, time_zone, currency, progress, say)
        return MappingProposal(
            found.source, found.text, found.read, found.unread, scales_used(mapping), tuple(session.notes)
        )


def make(
    session: Session, time_zone: str | None, currency: str | None, progress: Progress, say: Callable[[Message], str]
) -> tuple[Draft, Mapping]:
    """Look at every file of a session and draft a mapping."""
    seen = look(session, lambda step, done: progress(step, 0.2 * done))
    return drafted(seen, NOTHING_SAID, time_zone=time_zone, currency=currency, say=say)


def drafted(
    seen: Seen,
    corrections: Corrections,
    *,
    time_zone: str | None,
    currency: str | None,
    say: Callable[[Message], str],
) -> tuple[Draft, Mapping]:
    """A mapping for what was seen, as it seems and as a person corrected it.

    Raises DataError where nothing can be read or a correction cannot be followed, SettingsError where the
    corrections contradict each other.
    """
    found = draft(
        seen.tables,
        seen.overlap(),
        source=seen.name,
        time_zone=time_zone,
        currency=currency,
        say=say,
        corrections=corrections,
    )
    if not found.read:
        raise DataError(
            Message(
                gettext_noop("Harken found no column that says whose rows these are, nor any score or outcome.")
            ),
            Message(gettext_noop("Write a mapping that names them, and import with it.")),
            seen.notes,
        )
    return found, parse(found.text, f"{found.source}.toml")


def proposed_mapping(
    session: Session,
    folder: Path,
    *,
    time_zone: str | None,
    currency: str | None,
    progress: Progress,
    say: Callable[[Message], str],
) -> tuple[Mapping, str, Path, bool]:
    """The mapping written earlier for such files, perhaps edited since, else a new one, written to `folder`."""
    earlier = earlier_mapping(session, folder)
    if earlier is not None:
        return *earlier, False
    found, mapping = make(session, time_zone, currency, progress, say)
    return mapping, found.text, keep_mapping(folder, found.source, found.text), True


def keep_mapping(folder: Path, source: str, text: str) -> Path:
    """Write a mapping where later imports find it, beside earlier ones of other words; its path."""
    path = folder / f"{source}.toml"
    number = 1
    while path.exists() and path.read_text(encoding="utf-8") != text:
        number += 1
        path = folder / f"{source}_{number}.toml"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.touch()
    return path


def earlier_mapping(
    session: Session, folder: Path, *, any_source: bool = False
) -> tuple[Mapping, str, Path] | None:
    """A mapping in the folder for this source that reads these files and misses no column, the newest first.

    With `any_source` mappings of other names count too: a repaired file is called otherwise than all files were.
    """
    stem = "" if any_source else source_name(session.name())
    paths = sorted(folder.glob(f"{stem}*.toml"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in paths:
        text = path.read_text(encoding="utf-8-sig")
        try:
            mapping = parse(text, path.name)
            plan, _ = session.plan(mapping)
        except HarkenError:
            continue
        brought = {new for file, _ in plan for join in file.joins for new, _ in join.columns}
        whole = all(
            not missing(file, table.name, (*table.columns, *brought)) for file, tables in plan for table in tables
        )
        read = {table.name for _, tables in plan for table in tables}
        known = {raw.name for raw in session.raws}
        if whole and len(read) >= min(len(known), len(mapping.files)):
            return mapping, text, path
    return None
