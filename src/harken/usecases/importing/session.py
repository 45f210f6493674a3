"""Files on their way in: found, staged once per layout, joined to what the mapping says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from harken.lake.staging.applying import Applied, StoredTypes, apply
from harken.lake.staging.checks import ProblemLog
from harken.lake.staging.containers import RawFile, find
from harken.lake.staging.situation import Situation
from harken.lake.staging.tables import Layout, StagedTable, Staging
from harken.listen.mapping.columns import fits
from harken.listen.mapping.model import FileMapping, Mapping, SignalPart
from harken.listen.mapping.proposal.drafting import shared_start
from harken.usecases.importing.reports import FileReport
from harken.vocabulary.errors import DataError, Problem
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress

SHOWN_PROBLEMS = 1000
LEAST_NAME = 3


class Session:
    """Raw files, their staged tables and the mapping applied to them, within one staging area."""

    def __init__(self, staging: Staging, paths: Sequence[Path]) -> None:
        self.staging = staging
        self.paths = tuple(paths)
        self.raws, self.notes = find(paths, staging.unpacked)
        self._staged: dict[tuple[str, Layout], list[StagedTable]] = {}

    def name(self) -> str:
        """A name for where the files come from, the same for the next delivery: the folder, or what files share.

        A date at the end is left off, so that survey_2025.csv and survey_2026.csv have one source.
        """
        first = self.paths[0].resolve()
        if first.is_dir():
            return first.name
        stems = sorted(path.name.split(".")[0] for path in self.paths)
        stem = shared_start(stems)
        return without_date(stem if len(stem.strip("_- ")) >= LEAST_NAME else stems[0])

    def tables(self, raw: RawFile, layout: Layout) -> list[StagedTable]:
        """The tables of a raw file under a layout, staged once."""
        key = (raw.name, layout)
        if key not in self._staged:
            self._staged[key] = self.staging.stage(raw, layout)
        return self._staged[key]

    def plan(self, mapping: Mapping) -> tuple[list[tuple[FileMapping, list[StagedTable]]], list[Problem]]:
        """Each [[file]] section with the tables it reads, and notes on what is left out.

        Raises DataError where a file cannot be read or no section reads any.
        """
        plan: list[tuple[FileMapping, list[StagedTable]]] = []
        notes: list[Problem] = []
        failures: list[DataError] = []
        for file in mapping.files:
            raws = [raw for raw in self.raws if fits(file.name, raw.name)]
            tables: list[StagedTable] = []
            for raw in raws:
                try:
                    tables += self._chosen(raw, file, notes)
                except DataError as error:
                    failures.append(error)
            if tables:
                plan.append((file, tables))
            elif not raws:
                text = gettext_noop("no file of this name is here, so {place} reads nothing")
                notes.append(Problem(Message(text, {"place": file.place}), file=file.name))
        if len(failures) == 1:
            raise failures[0]
        if failures:
            problems = [Problem(error.what) for error in failures]
            raise DataError(Message(gettext_noop("Some files cannot be read:")), problems=problems)
        if not plan:
            names = ", ".join(raw.name for raw in self.raws[:20])
            raise DataError(
                Message(gettext_noop("The mapping names none of these files: {names}."), {"names": names}),
                Message(
                    gettext_noop("Correct name = ... of its [[file]] sections, or import the files they name.")
                ),
            )
        read = {table.name for _, tables in plan for table in tables}
        joined = {join.file for file in mapping.files for join in file.joins}
        unread = Message(gettext_noop("the mapping does not read this file"))
        notes += [
            Problem(unread, file=raw.name)
            for raw in self.raws
            if raw.name not in read and not any(fits(pattern, raw.name) for pattern in joined)
        ]
        return plan, notes

    def _chosen(self, raw: RawFile, file: FileMapping, notes: list[Problem]) -> list[StagedTable]:
        sheet = None if raw.kind == "text" else file.sheet
        tables = self.tables(raw, Layout(sheet, file.encoding, file.delimiter, file.header_rows))
        if len(tables) > 1:
            rest = ", ".join(str(table.sheet) for table in tables[1:])
            text = gettext_noop(
                "only the first sheet was read; for the others ({rest}) add sections with sheet = ..."
            )
            notes.append(Problem(Message(text, {"rest": rest}), file=raw.name))
        return tables[:1]

    def joined(self, file: FileMapping, name: str) -> StagedTable:
        """The table that a join of `file` names: among the imported files, else beside them."""
        raws = [raw for raw in self.raws if fits(name, raw.name)]
        if not raws:
            beside = [path.parent / name for path in self.paths if path.is_file()]
            there = [path for path in beside if path.is_file()][:1]
            raws = find(there, self.staging.unpacked)[0] if there else []
        if len(raws) != 1:
            text = (
                gettext_noop("{place} joins {name}, but there is no such file here.")
                if not raws
                else gettext_noop("{place} joins {name}, but several files fit this name.")
            )
            raise DataError(
                Message(text, {"place": file.place, "name": name}),
                Message(gettext_noop("Import the files together: name their folder, or all of them.")),
            )
        return self.tables(raws[0], Layout())[0]

    def apply(
        self,
        mapping: Mapping,
        *,
        now_us: int,
        time_zone: str | None,
        currency: str | None,
        stored: StoredTypes,
        progress: Progress,
    ) -> tuple[Situation, Applied]:
        """Apply the mapping; the situation holds problems and notes."""
        plan, notes = self.plan(mapping)
        situation = Situation(self.staging, mapping, ProblemLog(self.staging), now_us, time_zone, currency)

        def tell(name: str, done: float) -> None:
            progress(Message(gettext_noop("Reading {file}"), {"file": name}), 0.2 + 0.4 * done)

        applied = apply(situation, plan, self.joined, stored, tell)
        situation.notes[:0] = [*self.notes, *notes]
        return situation, applied


def without_date(stem: str) -> str:
    """A file's name without the digits at its end.

    >>> without_date("nps_2025-06"), without_date("2024"), without_date("orders")
    ('nps', '2024', 'orders')
    """
    short = re.sub(r"[\W_]*\d[\d_\-. ]*$", "", stem)
    return short if len(short) >= LEAST_NAME else stem


def file_reports(situation: Situation, applied: Applied) -> tuple[FileReport, ...]:
    """One line per table that was read."""
    return tuple(
        FileReport(
            table.name,
            table.sheet,
            table.rows,
            situation.log.rejected(table),
            table.columns,
            table.encoding,
            table.delimiter,
            table.header_rows,
        )
        for table in applied.tables
    )


def shown_problems(situation: Situation, applied: Applied) -> tuple[Problem, ...]:
    """The first thousand problems."""
    return tuple(problem for _, _, problem in situation.log.of_row(applied.tables, SHOWN_PROBLEMS))


def scales_used(mapping: Mapping) -> tuple[Message, ...]:
    """Every declared score with its scale and direction, said always and never guessed silently."""
    found = []
    for file in mapping.files:
        for part in file.parts:
            if not isinstance(part, SignalPart) or part.score is None:
                continue
            scale = part.score.scale
            text = (
                gettext_noop("{file}, {column}: {scale}, from {least} to {most}, higher is better")
                if scale.high_is_good
                else gettext_noop("{file}, {column}: {scale}, from {least} to {most}, LOWER is better")
            )
            params = {
                "file": file.name,
                "column": part.score.field.label,
                "scale": Message(scale.label),
                "least": f"{scale.minimum:g}",
                "most": f"{scale.maximum:g}",
            }
            found.append(Message(text, params))
    return tuple(found)
