"""What an import, a preview or an undo tells: plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harken.vocabulary.errors import Problem
from harken.vocabulary.messages import Message


@dataclass(frozen=True, slots=True)
class FileReport:
    """One table that was read: rows with anything in them, those with a problem, and how the file is written."""

    name: str
    sheet: str | None
    rows: int
    rejected: int
    columns: tuple[str, ...]
    encoding: str
    delimiter: str
    header_rows: int


@dataclass(frozen=True, slots=True)
class PartReport:
    """What became of the rows that one part of the mapping read from one file.

    `rows` = `added` + `corrected` + `already_there` + `rejected` + `skipped`, always. Rejected rows have a
    problem in any part; skipped ones are left out as the mapping declares (a filter, a blank score).
    """

    file: str
    part: str
    kind: str
    rows: int
    added: int
    corrected: int
    already_there: int
    rejected: int
    skipped: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    `import_id` is None where everything was in the lake already. `problems` are the first thousand of
    `problem_count`; every rejected row stands with its problems in `rejected_files`. `scales` say each scale used,
    its direction included. `proposed` is True where no mapping was given and `mapping_path` is Harken's proposal.
    """

    import_id: int | None
    source: str
    mapping_path: Path | None
    proposed: bool
    files: tuple[FileReport, ...]
    parts: tuple[PartReport, ...]
    problems: tuple[Problem, ...]
    problem_count: int
    rejected_files: tuple[Path, ...]
    notes: tuple[Problem, ...]
    scales: tuple[Message, ...]

    @property
    def rows(self) -> int:
        """Rows read from all files."""
        return sum(file.rows for file in self.files)

    @property
    def rejected(self) -> int:
        """Rows of all files with a problem."""
        return sum(file.rejected for file in self.files)


@dataclass(frozen=True, slots=True)
class PreviewPart:
    """The first good rows of one part as they would be stored, and how many rows would be taken."""

    file: str
    part: str
    kind: str
    rows: int
    good: int
    rejected: int
    skipped: int
    columns: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do; nothing is stored."""

    files: tuple[FileReport, ...]
    parts: tuple[PreviewPart, ...]
    problems: tuple[Problem, ...]
    problem_count: int
    notes: tuple[Problem, ...]
    scales: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class ImportEntry:
    """One line of the list of imports; times are epoch microseconds UTC, `rows` added or corrected per table."""

    import_id: int
    source: str
    accepted_us: int
    undone_us: int | None
    files: tuple[str, ...]
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What undoing an import removed and kept, rows per table; `import_again` are later imports to repeat."""

    import_id: int
    source: str
    removed: Mapping[str, int]
    kept: Mapping[str, int]
    import_again: tuple[int, ...]
