"""What is known of each import: its files, its counts, and whether it was undone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """One file that was imported: its name as the user knows it, the SHA-256 of its bytes, its size."""

    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class AppendCounts:
    """What became of the rows given to a table; `given` is `added` + `already_there` + `corrected`, always.

    `added` have a key not seen before; `already_there` change nothing; `corrected` have a known key and bring
    other content. `repeated` are those of `already_there` whose key came again in the same import, `conflicting`
    those of them with other content: the later row was kept.

    >>> AppendCounts(3, 2, 1, 0) + AppendCounts(1, 0, 0, 1)
    AppendCounts(given=4, added=2, already_there=1, corrected=1, repeated=0, conflicting=0)
    """

    given: int = 0
    added: int = 0
    already_there: int = 0
    corrected: int = 0
    repeated: int = 0
    conflicting: int = 0

    def __add__(self, other: AppendCounts) -> AppendCounts:
        return AppendCounts(
            self.given + other.given,
            self.added + other.added,
            self.already_there + other.already_there,
            self.corrected + other.corrected,
            self.repeated + other.repeated,
            self.conflicting + other.conflicting,
        )


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import: its number, source, files, mapping, when it was made, what it brought to each table.

    Times are epoch microseconds UTC; `undone_us` is None while the import stands.
    """

    import_id: int
    source: str
    accepted_us: int
    files: tuple[ImportedFile, ...]
    mapping_toml: str
    counts: Mapping[str, AppendCounts] = field(default_factory=dict)
    undone_us: int | None = None

    @property
    def undone(self) -> bool:
        """Whether everything the import brought was removed again."""
        return self.undone_us is not None


@dataclass(frozen=True, slots=True)
class UndoResult:
    """What undoing an import removed: rows per table.

    `kept` counts rows per table that stay because later imports speak of them (a customer known from tickets too
    stays as a bare number); `import_again` are later imports that left out rows as already there: some of these
    rows may now be gone, and importing their files again brings them back.
    """

    import_id: int
    source: str
    removed: Mapping[str, int]
    kept: Mapping[str, int]
    import_again: tuple[int, ...]


def to_row(record: ImportRecord) -> dict[str, Any]:
    """A record as a row of the table imports."""
    return {
        "import_id": record.import_id,
        "source": record.source,
        "accepted_us": record.accepted_us,
        "files": json.dumps([asdict(file) for file in record.files], ensure_ascii=False),
        "mapping_toml": record.mapping_toml,
        "counts": json.dumps({table: asdict(counts) for table, counts in record.counts.items()}),
        "undone_us": record.undone_us,
    }


def from_row(row: Mapping[str, Any]) -> ImportRecord:
    """A record from a row of the view imports."""
    return ImportRecord(
        row["import_id"],
        row["source"],
        row["accepted_us"],
        tuple(ImportedFile(**file) for file in json.loads(row["files"])),
        row["mapping_toml"],
        {table: AppendCounts(**counts) for table, counts in json.loads(row["counts"]).items()},
        row["undone_us"],
    )
