"""Import files into a workspace, preview it, undo it, list what was imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from harken.lake.customer_index import forget_others
from harken.lake.log import ImportedFile, Lake
from harken.lake.staging.applying import Applied
from harken.lake.staging.delivering import PartCounts, deliver, write_rejected
from harken.lake.staging.situation import Situation
from harken.lake.staging.tables import Staging
from harken.listen.mapping.model import Mapping
from harken.listen.mapping.parsing import parse
from harken.usecases.importing.proposing import proposed_mapping
from harken.usecases.importing.reports import (
    ImportEntry,
    ImportReport,
    PartReport,
    Preview,
    PreviewPart,
    UndoReport,
)
from harken.usecases.importing.session import Session, file_reports, scales_used, shown_problems
from harken.usecases.workspaces import DEMO_MARKER
from harken.vocabulary.errors import DataError, SettingsError
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent

SAMPLE_ROWS = 5


def read_mapping(path: Path) -> tuple[Mapping, str]:
    """A mapping file and its text; raises SettingsError that lists everything wrong in it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            Message(gettext_noop("The mapping {file} cannot be read."), {"file": str(path)}),
            Message(gettext_noop("Check the path; a mapping is a text file in UTF-8.")),
        ) from None
    return parse(text, path.name), text


def import_files(
    workspace_root: Path,
    paths: Sequence[Path],
    mapping_path: Path | None = None,
    *,
    strict: bool = False,
    now_us: int,
    time_zone: str | None = None,
    currency: str | None = None,
    progress: Progress = silent,
    say: Callable[[Message], str] = str,
    of_demo: bool = False,
) -> ImportReport:
    """Import files, folders and archives by a mapping, or by one that Harken proposes and writes to `mappings/`.

    `now_us` is the moment of the import (epoch microseconds UTC), `time_zone` the company's zone, `currency` the
    reporting currency. With `strict` a single bad row refuses everything; else good rows are imported and bad
    ones written to `rejected/<import_id>/` in their own columns, with the problems that `say` puts in the
    reader's language. Raises DataError or SettingsError that lists every problem; nothing is imported then. While
    the demo company visits the workspace only its own files (`of_demo`) come in.
    """
    if not of_demo:
        refuse_beside_demo(workspace_root)
    with Staging() as staging:
        progress(Message(gettext_noop("Opening files")), 0.0)
        session = Session(staging, paths)
        mapping, text, path, proposed = chosen_mapping(
            session, workspace_root, mapping_path, time_zone, currency, progress, say
        )
        lake = Lake(workspace_root / "lake")
        situation, applied = session.apply(
            mapping,
            now_us=now_us,
            time_zone=time_zone,
            currency=currency,
            stored=stored_types(lake),
            progress=progress,
        )
        refuse_bad(situation, applied, strict)
        import_id, counts, rejected = store(
            lake, workspace_root, session, situation, applied, text, now_us, progress, say
        )
        return ImportReport(
            import_id,
            mapping.source,
            path,
            proposed,
            file_reports(situation, applied),
            tuple(part_report(count) for count in counts),
            shown_problems(situation, applied),
            situation.log.count(),
            tuple(rejected),
            tuple(situation.notes),
            scales_used(mapping),
        )


def refuse_beside_demo(workspace_root: Path) -> None:
    """Raise SettingsError while the demo company visits: a company's own data never mix with simulated ones."""
    if (workspace_root / DEMO_MARKER).exists():
        raise SettingsError(
            Message(gettext_noop("The demo company is here, and everything in it is simulated.")),
            Message(gettext_noop("Leave the demo first, so that your own data do not mix with it.")),
        )


def chosen_mapping(
    session: Session,
    workspace_root: Path,
    mapping_path: Path | None,
    time_zone: str | None,
    currency: str | None,
    progress: Progress,
    say: Callable[[Message], str],
) -> tuple[Mapping, str, Path | None, bool]:
    """The mapping to use, its text, where it is, and whether Harken proposed it."""
    if mapping_path is None:
        folder = workspace_root / "mappings"
        return proposed_mapping(session, folder, time_zone=time_zone, currency=currency, progress=progress, say=say)
    mapping, text = read_mapping(mapping_path)
    return mapping, text, mapping_path, False


def stored_types(lake: Lake) -> dict[str, dict[str, str]]:
    """The type of every snapshot column in the lake, by source and name."""
    pinned = lake.pin()
    found: dict[str, dict[str, str]] = {}
    if not pinned.rows("snapshot_columns"):
        return found
    with pinned.connect(threads=1) as connection:
        rows = connection.execute("SELECT source, name, type FROM snapshot_columns").fetchall()
    for source, name, kind in rows:
        found.setdefault(source, {})[name] = kind
    return found


def refuse_bad(situation: Situation, applied: Applied, strict: bool) -> None:
    """Refuse the import where `strict` and anything is bad, or where no row is left."""
    count = situation.log.count()
    good = sum(table.rows - situation.log.rejected(table) for table in applied.tables)
    if strict and count:
        raise DataError(
            Message(
                gettext_noop("{count} problems were found, and --strict refuses all rows if any is bad."),
                {"count": count},
            ),
            Message(gettext_noop("Repair the rows, or import without --strict to set them aside.")),
            shown_problems(situation, applied),
        )
    if not good:
        raise DataError(
            Message(
                gettext_noop("Every row has a problem ({count} in all), so nothing was imported."), {"count": count}
            ),
            Message(gettext_noop("Most likely the mapping does not fit; correct it and import again.")),
            shown_problems(situation, applied)[:50],
        )


def store(
    lake: Lake,
    workspace_root: Path,
    session: Session,
    situation: Situation,
    applied: Applied,
    mapping_toml: str,
    now_us: int,
    progress: Progress,
    say: Callable[[Message], str],
) -> tuple[int | None, list[PartCounts], list[Path]]:
    """Bring everything into the lake in one commit; the import's number is None where nothing was new."""
    used = {table.name for table in applied.tables}
    files = [ImportedFile(raw.name, raw.sha256, raw.size) for raw in session.raws if raw.name in used]

    def tell(name: str, done: float) -> None:
        progress(Message(gettext_noop("Storing {file}"), {"file": name}), 0.6 + 0.3 * done)

    source = situation.mapping.source
    with lake.begin_import(source=source, files=files, mapping_toml=mapping_toml, now_us=now_us) as writer:
        counts = deliver(situation, applied, writer, tell)
        progress(Message(gettext_noop("Finishing the import")), 1.0)  # the last moment at which it can be stopped
        folder = workspace_root / "rejected" / str(writer.import_id)
        changed = any(count.added or count.corrected for count in counts)
        if not changed:
            return (
                None,
                counts,
                write_rejected(situation, applied, workspace_root / "rejected" / "nothing_new", say),
            )
        rejected = write_rejected(situation, applied, folder, say)
        record = writer.commit()
    return record.import_id, counts, rejected


def part_report(count: PartCounts) -> PartReport:
    """A part's counts as reported."""
    return PartReport(
        count.file,
        count.part,
        count.kind,
        count.rows,
        count.added,
        count.corrected,
        count.already_there,
        count.rejected,
        count.skipped,
    )


def preview(
    paths: Sequence[Path],
    mapping_path: Path,
    *,
    now_us: int,
    time_zone: str | None = None,
    currency: str | None = None,
    progress: Progress = silent,
) -> Preview:
    """What importing these files by this mapping would do, with the first rows of each part; nothing is stored."""
    mapping, _ = read_mapping(mapping_path)
    with Staging() as staging:
        session = Session(staging, paths)
        situation, applied = session.apply(
            mapping, now_us=now_us, time_zone=time_zone, currency=currency, stored={}, progress=progress
        )
        return Preview(
            file_reports(situation, applied),
            tuple(preview_parts(situation, applied)),
            shown_problems(situation, applied),
            situation.log.count(),
            tuple(situation.notes),
            scales_used(mapping),
        )


def preview_parts(situation: Situation, applied: Applied) -> list[PreviewPart]:
    """The parts with their first good rows; columns that are empty in all of these are left out."""
    parts = []
    for output in applied.outputs:
        good = output.good_sql(situation.log)
        count = int(situation.staging.row(f"SELECT count(*) FROM ({good})")[0])
        rows = situation.staging.sql(
            f"SELECT * EXCLUDE (row_number) FROM ({good}) ORDER BY row_number LIMIT {SAMPLE_ROWS}"
        ).fetchall()
        names = [name.strip('"') for name in output.columns]
        hidden = {"person_key", "account_key", "parent_key"}
        shown = [
            i for i, name in enumerate(names) if name not in hidden and any(row[i] is not None for row in rows)
        ]
        rejected = situation.log.rejected(output.table)
        parts.append(
            PreviewPart(
                output.table.name,
                output.part.place,
                output.kind,
                output.table.rows,
                count,
                rejected,
                output.table.rows - rejected - count,
                tuple(names[i] for i in shown),
                tuple(tuple("" if row[i] is None else str(row[i]) for i in shown) for row in rows),
            )
        )
    return parts


def undo_import(workspace_root: Path, import_id: int, *, now_us: int) -> UndoReport:
    """Remove everything one import brought; raises DataError for an unknown import or one undone already."""
    lake = Lake(workspace_root / "lake")
    result = lake.undo(import_id, now_us)
    forget_others(lake.pin())  # the search index knows what the import brought
    return UndoReport(result.import_id, result.source, dict(result.removed), dict(result.kept), result.import_again)


def holds_data(workspace_root: Path) -> bool:
    """True where any import stands; imports that were undone left nothing."""
    if not (workspace_root / "lake" / "pointer.json").exists():
        return False
    return any(entry.undone_us is None for entry in list_imports(workspace_root))


def list_imports(workspace_root: Path) -> tuple[ImportEntry, ...]:
    """Every import, oldest first."""
    return tuple(
        ImportEntry(
            record.import_id,
            record.source,
            record.accepted_us,
            record.undone_us,
            tuple(file.name for file in record.files),
            {table: counts.added + counts.corrected for table, counts in record.counts.items()},
        )
        for record in Lake(workspace_root / "lake").imports()
    )
