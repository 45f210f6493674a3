"""Small files, mappings and a look into the lake for the tests of importing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harken.lake.log import Lake
from harken.usecases.importing import ImportReport, import_files

NOW_US = 1_782_864_000_000_000  # 2026-07-01 00:00 UTC


@dataclass
class Company:
    """A workspace folder, a folder of files, and short words for what tests do with them."""

    root: Path
    files: Path

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        """A file to import."""
        path = self.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(encoding))
        return path

    def mapping(self, body: str, head: str = "") -> Path:
        """A mapping of source `s`; `head` adds keys to [mapping]."""
        path = self.root / "m.toml"
        path.write_text(f'[mapping]\nsource = "s"\ntime_zone = "Asia/Shanghai"\n{head}\n{body}', encoding="utf-8")
        return path

    def bring(self, mapping: Path | None, *paths: Path, **options: Any) -> ImportReport:
        """Import the paths, or the whole folder."""
        options = {"now_us": NOW_US, "time_zone": "Asia/Shanghai", "currency": "CNY"} | options
        return import_files(self.root, paths or (self.files,), mapping, **options)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the lake answers."""
        with Lake(self.root / "lake").pin().connect(threads=1) as connection:
            found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
            return found


def check_sums(report: ImportReport) -> None:
    """Counts add up for every part, and each file's rejected rows are those of its parts."""
    rejected = {(file.name, file.rejected) for file in report.files}
    for part in report.parts:
        assert part.rows == part.added + part.corrected + part.already_there + part.rejected + part.skipped
        assert (part.file, part.rejected) in rejected
