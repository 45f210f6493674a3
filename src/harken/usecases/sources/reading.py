"""Reading a source: fetched, looked at, imported like any other files, and noted."""

from __future__ import annotations

import fcntl
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from harken.gateways.sources.visiting import Visit
from harken.listen.mapping.columns import fits
from harken.listen.mapping.writing import quote
from harken.listen.sources.schema import merged
from harken.records import sources as records
from harken.records.sources import Outcome, Stored
from harken.usecases.encoding import encode
from harken.usecases.importing import ImportReport, import_files, propose
from harken.usecases.importing.running import read_mapping
from harken.usecases.sources.kinds import gateway, settings_in
from harken.usecases.sources.looking import change_words, look
from harken.usecases.sources.managing import blank_values
from harken.usecases.sources.views import ReadingView, Trial, Trouble, reading_view
from harken.usecases.workspaces import Workspace
from harken.vocabulary.errors import Busy, HarkenError
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Cancelled, Progress, silent

SOURCES = "sources"
"""The folder of the workspace for what is being read, and for locks."""
TRIAL_ROWS = 100
PROBLEMS_KEPT = 20
Clock = Callable[[], datetime]
Say = Callable[[Message], str]


def read_source(
    workspace: Workspace, name: str, *, clock: Clock, progress: Progress = silent, say: Say = str
) -> ReadingView:
    """Read a source now, whether or not it is due, and note how that went.

    A failure that can be explained is noted, not raised; one of Harken's own is noted and raised. Raises Busy
    where another process is reading this source, Cancelled where `progress` does; nothing is imported then.
    """
    source = records.source_named(workspace.root, name)
    with _only_reader(workspace.root, source.id):
        started = clock()
        reading = records.begin_reading(workspace.root, source.id, started)
        outcome = Outcome("failed", problem=encode(Trouble(_BROKEN)))
        try:
            outcome = _outcome(workspace, source, started, progress, say)
        except Cancelled:
            outcome = Outcome("cancelled")
            raise
        except HarkenError as error:
            outcome = _failed(error)
        finally:
            records.end_reading(workspace.root, source.id, reading, outcome, clock())
    newest, _ = records.readings_of(workspace.root, source.id, 1)
    return reading_view(newest[0])


_BROKEN = Message(gettext_noop("Something in Harken broke. The server's log says what happened; please report it."))


def _outcome(workspace: Workspace, source: Stored, now: datetime, progress: Progress, say: Say) -> Outcome:
    plan = source.plan
    with _place(workspace.root / SOURCES / str(source.id)) as folder:
        door = gateway(plan.kind)
        visit = Visit(folder, plan.name, now, workspace.root, source.since)
        fetched = door.fetch(door.read_settings(plan.settings), visit, _first_part(progress))
        if not fetched.files:
            return Outcome("unchanged", since=fetched.since)
        path = workspace.root / "mappings" / (plan.mapping or _propose(workspace, source, fetched.files, say))
        mapping, _ = read_mapping(path)
        looked = look(fetched.files, mapping, source.columns)
        changed = change_words(source.columns, looked.columns)
        try:
            report = import_files(
                workspace.root,
                fetched.files,
                path,
                now_us=int(now.timestamp() * 1_000_000),
                time_zone=workspace.settings.time_zone,
                currency=workspace.settings.currency,
                progress=_second_part(progress),
                say=say,
            )
        except HarkenError as error:
            return _failed(error, changed)  # what changed is most likely why
    text = gettext_noop("Harken proposed the mapping {file}: look it over.")
    notes = [] if plan.mapping else [Message(text, {"file": path.name})]
    return Outcome(
        "unchanged" if report.import_id is None else "done",
        rows=report.rows,
        import_id=report.import_id,
        changes=encode([*notes, *changed, *_turned_away(report)]),
        files=tuple(file.name for file in fetched.files),
        since=fetched.since,
        columns=merged(source.columns, looked.columns),
        mapping=path.name,
    )


def _failed(error: HarkenError, changed: Sequence[Message] = ()) -> Outcome:
    places = tuple(problem.message() for problem in error.problems[:PROBLEMS_KEPT])
    return Outcome("failed", problem=encode(Trouble(error.what, error.todo, places)), changes=encode(list(changed)))


def _turned_away(report: ImportReport) -> list[Message]:
    """Rows that could not be imported are said, not hidden in a good reading."""
    if not report.rejected:
        return []
    text = gettext_noop("{rejected} of {rows} rows could not be imported; the page of imports has them to repair.")
    return [Message(text, {"rejected": report.rejected, "rows": report.rows})]


def try_source(workspace: Workspace, values: Mapping[str, str], *, now: datetime) -> Trial:
    """The first rows of a source as described by `values`, without importing or remembering anything.

    Raises SettingsError or DataError that says what is wrong.
    """
    kind = blank_values(values.get("kind", ""))["kind"]
    door = gateway(kind)
    described = door.read_settings(settings_in(kind, values))
    with tempfile.TemporaryDirectory(prefix="harken-trial-") as folder:
        visit = Visit(Path(folder), "rows", now, workspace.root, rows=TRIAL_ROWS)
        fetched = door.fetch(described, visit, silent)
        tables = look(fetched.files).tables if fetched.files else ()
    whole = kind != "sql" or sum(table.rows for table in tables) < TRIAL_ROWS
    return Trial(tables, whole, fetched.waiting)


def close_abandoned(root: Path) -> int:
    """Note readings as failed that ended with their process; only for whoever knows that none runs."""
    return records.close_abandoned(root)


def _propose(workspace: Workspace, source: Stored, files: Sequence[Path], say: Say) -> str:
    """Propose a mapping for the first reading; the name of its file in `mappings/`, by which later ones go."""
    proposal = propose(files, time_zone=workspace.settings.time_zone, currency=workspace.settings.currency, say=say)
    text = for_later_files(proposal.text, [path.name for path in files])
    folder = workspace.root / "mappings"
    folder.mkdir(exist_ok=True)
    path, number = folder / f"{source.plan.name}.toml", 1
    while path.exists() and path.read_text(encoding="utf-8-sig") != text:
        number += 1
        path = folder / f"{source.plan.name}_{number}.toml"
    path.write_text(text, encoding="utf-8")
    return path.name


def for_later_files(text: str, names: Sequence[str]) -> str:
    """A proposed mapping whose sections read the next deliveries too: dates in names of files become a *.

    >>> for_later_files('name = "orders_2026-06-01.csv"', ["orders_2026-06-01.csv"])
    'name = "orders_*.csv"'
    """
    for name in names:
        stem, dot, ending = name.rpartition(".")
        pattern = re.sub(r"\d[\d\-_. T:]*$", "*", stem) + dot + ending
        if pattern != name and not any(fits(pattern, other) for other in names if other != name):
            text = text.replace(f"name = {quote(name)}", f"name = {quote(pattern)}")
    return text


@contextmanager
def _place(folder: Path) -> Iterator[Path]:
    """An empty folder for fetched files, gone afterwards: the lake holds what they said."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _only_reader(root: Path, source_id: int) -> Iterator[None]:
    """Hold a source's lock, which the operating system gives back whatever happens to the process."""
    folder = root / SOURCES
    folder.mkdir(exist_ok=True)
    with (folder / f"{source_id}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(
                Message(gettext_noop("This source is being read already.")),
                Message(gettext_noop("Wait until it is done, then try again.")),
            ) from None
        yield


def _first_part(progress: Progress) -> Progress:
    return lambda step, done: progress(step, 0.3 * done)


def _second_part(progress: Progress) -> Progress:
    # The whole step counts: an import can be stopped until the last one says that it is done.
    return lambda step, done: progress(step, 0.3 + 0.7 * done)
