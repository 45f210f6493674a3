"""The Python API for notebooks and scripts: the use cases with the present time and plain paths filled in.

Everything raises `harken.HarkenError` with a sentence that says whose fault it is, what, where and what to do.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from harken.usecases import held_back, importing, runs, workspaces
from harken.usecases.analyzing.run import analyze as compute
from harken.usecases.comparing import Comparison, compare_runs
from harken.usecases.exports.export import Exported, export_table
from harken.usecases.held_back import HeldBackTest
from harken.usecases.importing import ImportEntry, ImportReport, MappingProposal, Preview, UndoReport
from harken.usecases.runs import NotRun, Run, RunInfo
from harken.usecases.scores import choice, viewing
from harken.usecases.scores.viewing import ScoreView
from harken.usecases.what_if import Answer, ask, choose
from harken.usecases.workspaces import Workspace
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.progress import Progress, silent


def create_workspace(
    folder: str | Path, *, company: str, time_zone: str = "UTC", currency: str = "EUR", segments: Sequence[str] = ()
) -> Workspace:
    """Make a folder ready for a company: its settings file and empty stores.

    `time_zone` is the company's (days are counted there), `currency` the three letters of the reporting currency,
    `segments` names columns of your customer tables (default: Harken chooses those with few values).
    Raises SettingsError where the folder already is a workspace, or for a zone or currency that does not exist.

    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp()) / "tea"
    >>> create_workspace(root, company="Tea House", time_zone="Asia/Taipei", currency="TWD").settings.company
    'Tea House'
    """
    return workspaces.create_workspace(
        folder, company=company, time_zone=time_zone, currency=currency, segments=tuple(segments)
    )


def open_workspace(folder: str | Path) -> Workspace:
    """A company's workspace; its `settings` are what `harken.toml` says.

    Raises SettingsError where the folder is none or its settings are wrong.

    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp()) / "tea"
    >>> created = create_workspace(root, company="Tea House", time_zone="Asia/Taipei", currency="TWD")
    >>> open_workspace(root).settings.currency
    'TWD'
    """
    return workspaces.open_workspace(Path(folder))


def propose(workspace: Workspace, files: Sequence[str | Path], *, progress: Progress = silent) -> MappingProposal:
    """What each column of your files seems to mean, as a mapping to look over; nothing is imported.

    `text` is the mapping file, `scales` what Harken takes for granted of each score, its direction included,
    `unread` the files it makes nothing of. Raises DataError where no file can be read.

    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> workspace = create_workspace(root / "tea", company="Tea House")
    >>> rows = "customer,day,recommend\\n7,2026-05-01,9\\n8,2026-05-02,3\\n9,2026-05-02,10\\n"
    >>> _ = (root / "nps.csv").write_text(rows)
    >>> proposal = propose(workspace, [root / "nps.csv"])
    >>> print(*proposal.files, *proposal.scales, sep="\\n")
    nps.csv
    nps.csv, recommend: Net Promoter Score (NPS), 0–10, from 0 to 10, higher is better
    """
    return importing.propose(
        [Path(file) for file in files],
        time_zone=workspace.settings.time_zone,
        currency=workspace.settings.currency,
        progress=progress,
    )


def preview(
    workspace: Workspace, files: Sequence[str | Path], mapping: str | Path, *, progress: Progress = silent
) -> Preview:
    """What importing files by a mapping would do: rows good and bad, the first as they would be stored.

    Nothing is stored. Raises DataError for files that cannot be read, SettingsError for a mapping that does not
    fit.

    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> workspace = create_workspace(root / "tea", company="Tea House")
    >>> _ = (root / "nps.csv").write_text("customer,day,recommend\\n7,2026-05-01,9\\n8,2026-05-02,33\\n")
    >>> _ = (root / "shop.toml").write_text('''
    ... [mapping]
    ... source = "shop"
    ... [[file]]
    ... name = "nps.csv"
    ... person = "customer"
    ... time = "day"
    ... [[file.answers]]
    ... score = "recommend"
    ... scale = "nps_0_10"
    ... ''')
    >>> shown = preview(workspace, [root / "nps.csv"], root / "shop.toml")
    >>> [(part.kind, part.rows, part.good, part.rejected) for part in shown.parts]
    [('answer', 2, 1, 1)]
    >>> print(shown.problems[0])
    nps.csv, row 3, column recommend: 33 is not on the scale from 0 to 10 (nps_0_10)
    """
    return importing.preview(
        [Path(file) for file in files],
        Path(mapping),
        now_us=time.time_ns() // 1000,
        time_zone=workspace.settings.time_zone,
        currency=workspace.settings.currency,
        progress=progress,
    )


def import_files(
    workspace: Workspace,
    files: Sequence[str | Path],
    mapping: str | Path | None = None,
    *,
    strict: bool = False,
    progress: Progress = silent,
) -> ImportReport:
    """Bring files or folders in; without a mapping Harken proposes one. Importing twice changes nothing.

    Bad rows are written to `rejected_files` with their problems, or refuse everything where `strict`; `rows` of
    every part are `added` + `corrected` + `already_there` + `rejected` + `skipped`. Raises DataError for files that
    cannot be read and SettingsError for a mapping that does not fit.

    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> workspace = create_workspace(root / "tea", company="Tea House")
    >>> _ = (root / "nps.csv").write_text("customer,day,recommend\\n7,2026-05-01,9\\n8,2026-05-02,3\\n")
    >>> first, again = (import_files(workspace, [root / "nps.csv"]) for _ in range(2))
    >>> first.import_id, first.rows, first.rejected, again.import_id
    (1, 2, 0, None)
    """
    return importing.import_files(
        workspace.root,
        [Path(file) for file in files],
        None if mapping is None else Path(mapping),
        strict=strict,
        now_us=time.time_ns() // 1000,
        time_zone=workspace.settings.time_zone,
        currency=workspace.settings.currency,
        progress=progress,
    )


def list_imports(workspace: Workspace) -> tuple[ImportEntry, ...]:
    """Every import, oldest first: its number, files, and rows per table; `undone_us` is None where it holds.

    >>> import tempfile
    >>> list_imports(create_workspace(Path(tempfile.mkdtemp()) / "tea", company="Tea House"))
    ()
    """
    return importing.list_imports(workspace.root)


def undo_import(workspace: Workspace, number: int) -> UndoReport:
    """Take one import back; what other imports brought stays.

    Raises DataError for a number that is not known, or that was undone already.

    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> workspace = create_workspace(root / "tea", company="Tea House")
    >>> _ = (root / "nps.csv").write_text("customer,day,recommend\\n7,2026-05-01,9\\n8,2026-05-02,3\\n")
    >>> report = import_files(workspace, [root / "nps.csv"])
    >>> undone = undo_import(workspace, report.import_id)
    >>> undone.import_id, list_imports(workspace)[0].undone_us is None
    (1, False)
    """
    return importing.undo_import(workspace.root, number, now_us=time.time_ns() // 1000)


def analyze(
    workspace: Workspace,
    *,
    segment: tuple[str, str] | None = None,
    again: bool = False,
    progress: Progress = silent,
) -> Run:
    """Compute everything the data allow; an equal run that exists is returned as it is unless `again`.

    `segment` limits it to the customers whose column has a value: ("plan", "SmartHome"). Parts that cannot run are
    `NotRun` with a reason. Raises DataError where nothing was imported yet, SettingsError for a segment that nobody
    is in, Busy where another analysis of this workspace runs.

    >>> import tempfile
    >>> workspace = create_workspace(Path(tempfile.mkdtemp()) / "tea", company="Tea House")
    >>> analyze(workspace)
    Traceback (most recent call last):
    harken.vocabulary.errors.DataError: There are no customers yet.
    Import your data first: `harken import FILES`.
    """
    return compute(workspace, now_us=time.time_ns() // 1000, again=again, segment=segment, progress=progress)


def load_run(workspace: Workspace, run_id: str | None = None) -> Run:
    """A run by its id or the beginning of it; without an id the newest.

    Raises DataError where nothing was analysed yet, SettingsError for an id that is not known or not unique.

    >>> import tempfile
    >>> load_run(create_workspace(Path(tempfile.mkdtemp()) / "tea", company="Tea House"))
    Traceback (most recent call last):
    harken.vocabulary.errors.DataError: Nothing has been analysed yet.
    Import data, then run `harken analyze`.
    """
    return runs.load_run(workspace.runs_root, run_id)


def list_runs(workspace: Workspace) -> tuple[RunInfo, ...]:
    """What identifies each run (id, moment, as-of day, seed, settings, versions), newest first.

    >>> import tempfile
    >>> list_runs(create_workspace(Path(tempfile.mkdtemp()) / "tea", company="Tea House"))
    ()
    """
    return runs.list_runs(workspace.runs_root)


def scores(
    run: Run,
    *,
    question: str | None = None,
    first: str | date | None = None,
    last: str | date | None = None,
    segment: tuple[str, str] | None = None,
) -> ScoreView:
    """How those who answered feel, for any question, period and segment, and whether that changed.

    `question` is programme/question (default: the run's own), `first` and `last` are days such as "2026-04-01",
    `segment` a column and one of its values: ("plan", "Basic"). `overview.summary.headline` is the estimate,
    `comparison` the change against the period before. Raises SettingsError for what the run does not know,
    NotEnoughData where nobody answered.
    """
    parts = {
        "question": question or "",
        "from": "" if first is None else str(first),
        "to": "" if last is None else str(last),
        "segment": "" if segment is None else ":".join(segment),
    }
    return viewing.scores(run, choice.choice_from(parts))


def check_answers(
    run: Run, file: str | Path, *, customer_column: str | None = None, score_column: str | None = None
) -> HeldBackTest:
    """Compare answers that were never imported with what the run predicted for their customers.

    `check` holds `passed`, the `gap` and the `groups` of like prediction; the rest says which rows were left out.
    `file` is CSV, Excel or Parquet with customer numbers and scores; its columns are found unless named. Tests
    customers who answer only. Raises DataError where the columns are not plain, NotEnoughData below 30 answers.
    """
    return held_back.check_answers(run, Path(file), customer_column=customer_column, score_column=score_column)


def export(
    workspace: Workspace, table: str, file: str | Path, *, run_id: str | None = None, language: str = "en"
) -> Exported:
    """Write a table of a run, complete, as CSV, Excel or Parquet, by the ending of the file's name.

    `table` is "customers", "drivers", "levers", "whole-base" or another that `harken export --help` lists. Raises
    SettingsError for a table or ending that is not known, DataError where nothing was analysed yet.

    >>> import tempfile
    >>> export(create_workspace(Path(tempfile.mkdtemp()) / "tea", company="Tea House"), "customers", "all.csv")
    Traceback (most recent call last):
    harken.vocabulary.errors.DataError: Nothing has been analysed yet.
    Import data, then run `harken analyze`.
    """
    run = load_run(workspace, run_id)
    return export_table(workspace, run, table, Path(file), language=language, now_us=time.time_ns() // 1000)


def compare(first: Run, second: Run) -> Comparison:
    """Two runs side by side: inputs, main figures and drivers, each with what can be said of the difference.

    `figures` and `drivers` hold second minus first; a difference is called one only where it is beyond chance among
    all that are looked at. `can_tell` says what the customers in both runs allow to say.
    """
    return compare_runs(first, second)


def what_if(run: Run, lever: str | None = None, target: float | str | None = None) -> Answer:
    """What would go with moving every customer on the wrong side of a target to it.

    `lever` is a column or driver family (default: the first whose effect is beyond chance), `target` a value that
    some customers have today (default: the median). Outside these the answer is empty and `refused` says why.
    `leaving` carries how far it may be read as a cause. Raises SettingsError for a lever that is not known,
    NotEnoughData where the run could not answer such questions.
    """
    found = run.part("what_if")
    if isinstance(found, NotRun):
        raise NotEnoughData(found.reason)
    return ask(found, choose(found, lever), target)
