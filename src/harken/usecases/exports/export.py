"""A table of a run to a file on disk: all of it or, after a failure, nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harken.usecases.exports.customers import customers_sheet
from harken.usecases.exports.sheets import About
from harken.usecases.exports.tables import TABLES, table_of
from harken.usecases.exports.writing import write_sheet
from harken.usecases.runs import Run, utc
from harken.usecases.workspaces import Workspace
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop


@dataclass(frozen=True, slots=True)
class Exported:
    """How many rows were written, of how many there are."""

    rows: int
    of: int


def export_table(workspace: Workspace, run: Run, name: str, path: Path, *, language: str, now_us: int) -> Exported:
    """Write the table `name` ("customers" or one of TABLES) in the format of the file's ending.

    Raises SettingsError for an unknown table or ending, DataError where the part could not run or Excel cannot
    hold the rows.
    """
    if name not in (*TABLES, "customers"):
        known = ", ".join(("customers", *TABLES))
        raise SettingsError(
            Message(gettext_noop("There is no table {name}."), {"name": name}),
            Message(gettext_noop("Choose one of these: {kinds}."), {"kinds": known}),
        )
    sheet = customers_sheet(run, language=language) if name == "customers" else table_of(run, name)
    settings = workspace.settings
    about = About(company=settings.company, run_id=run.info.id, as_of=run.info.as_of, taken=utc(now_us))
    draft = path.with_name(f".{path.name}.draft")
    try:
        rows = write_sheet(
            sheet, draft, path.suffix.removeprefix("."), about, language=language, currency=settings.currency
        )
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return Exported(rows, sheet.of or sheet.count)
