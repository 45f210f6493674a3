"""Runs: what one analysis found, kept unchanged; pages, commands and the Python API read runs only."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harken.locale.catalogue import nearest_language
from harken.usecases.encoding import decode, encode
from harken.usecases.findings import Finding, as_html, findings
from harken.vocabulary.errors import DataError, SettingsError
from harken.vocabulary.messages import Message, gettext_noop

if TYPE_CHECKING:
    import pyarrow

SCHEMA_VERSION = 2


@dataclass(frozen=True, slots=True)
class NotRun:
    """A part of an analysis that could not run, and why."""

    reason: Message


@dataclass(frozen=True, slots=True)
class Segment:
    """The customers that a run is limited to: those whose `column` has `value`, out of `of_customers` in all."""

    column: str
    value: str
    of_customers: int

    @property
    def text(self) -> str:
        """column=value, as commands name it."""
        return f"{self.column}={self.value}"


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What identifies a run: its inputs, its moment, how long it took and which parts could not run.

    `segment` is None where the run is about all customers.
    """

    id: str
    created: datetime
    as_of: date | None
    pointer_id: str
    seed: int
    settings: Mapping[str, str]
    versions: Mapping[str, str]
    seconds: float
    customers: int
    not_run: Mapping[str, Message]
    segment: Segment | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One analysis: `parts` maps a part's name to its result or to NotRun.

    Columns of all customers lie beside it in customers.parquet, highest value at stake first: `customers()`; all
    answers in answers.parquet, for scores of any period and segment.
    In a notebook a run shows what it found; `findings()` gives the same as data.
    """

    info: RunInfo
    parts: Mapping[str, Any]
    folder: Path

    def part(self, name: str) -> Any:
        """The result of a part, or NotRun; raises KeyError for a part that does not exist."""
        return self.parts[name]

    def findings(self, part: str | None = None) -> tuple[Finding, ...]:
        """What the run, or one part of it, found: sentences with their estimates; why a part could not run."""
        if part is None:
            return tuple(found for name in self.parts for found in self.findings(name))
        result = self.part(part)
        if isinstance(result, NotRun):
            return (Finding(result.reason),)
        return findings(part, result)

    def __repr__(self) -> str:
        as_of = "no date" if self.info.as_of is None else self.info.as_of.isoformat()
        return f"<Run {self.info.id}, as of {as_of}, {self.info.customers:,} customers>"

    def _repr_html_(self) -> str:
        language = nearest_language(os.environ.get("HARKEN_LANGUAGE", "en"))
        return as_html(repr(self).strip("<>"), {name: self.findings(name) for name in self.parts}, language)

    def customers(
        self, columns: list[str] | None = None, *, start: int = 0, count: int | None = None
    ) -> pyarrow.Table:
        """At most `count` rows of customers.parquet from `start` on, as an Arrow table.

        pandas (`.to_pandas()`), polars (`polars.from_arrow`) and DuckDB (by the variable's name) take it as it is;
        only the row groups needed are read. Raises KeyError for a column that is not there.
        """
        import pyarrow.parquet

        with pyarrow.parquet.ParquetFile(self.folder / "customers.parquet") as file:
            unknown = sorted(set(columns or ()) - set(file.schema_arrow.names))
            if unknown:
                raise KeyError(f"no column {', '.join(unknown)}; there are {', '.join(file.schema_arrow.names)}")
            wanted, first, groups = count, start, []
            for group in range(file.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                if first >= rows and not groups:
                    first -= rows
                    continue
                groups.append(group)
                if (
                    wanted is not None
                    and sum(file.metadata.row_group(g).num_rows for g in groups) >= first + wanted
                ):
                    break
            table = file.read_row_groups(groups, columns=columns) if groups else file.schema_arrow.empty_table()
        return table.slice(first, wanted)

    def customer(self, customer_id: int) -> dict[str, Any] | None:
        """One customer's row, or None where the run does not know the customer."""
        import pyarrow.parquet

        path = self.folder / "customers.parquet"
        table = pyarrow.parquet.read_table(path, filters=[("customer_id", "=", customer_id)])
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows[0] if rows else None


def cache_key(
    pointer_id: str,
    settings: Mapping[str, str],
    seed: int,
    versions: Mapping[str, str],
    segment: tuple[str, str] | None = None,
) -> str:
    """The id of the run that these inputs lead to: equal inputs, equal run."""
    inputs: list[Any] = [
        SCHEMA_VERSION,
        pointer_id,
        dict(sorted(settings.items())),
        seed,
        dict(sorted(versions.items())),
    ]
    if segment is not None:
        inputs.append(segment)
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:16]


def write_run(
    runs_root: Path,
    info: RunInfo,
    parts: Mapping[str, Any],
    customers: pyarrow.Table,
    answers: pyarrow.Table | None = None,
) -> Run:
    """Store a run: all of it or, after a crash, nothing of it."""
    import pyarrow.parquet

    folder = runs_root / info.id
    draft = runs_root / f".{info.id}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    pyarrow.parquet.write_table(customers, draft / "customers.parquet", row_group_size=20_000, compression="zstd")
    if answers is not None:
        pyarrow.parquet.write_table(answers, draft / "answers.parquet", compression="zstd")
    write_json(draft / "parts.json", encode(dict(parts)))
    write_json(draft / "run.json", {"schema_version": SCHEMA_VERSION, "info": encode(info)})
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return Run(info, dict(parts), folder)


def write_json(path: Path, document: Any) -> None:
    """Write a JSON document that is on the disk when this returns."""
    with path.open("w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())


def list_runs(runs_root: Path) -> tuple[RunInfo, ...]:
    """All runs, newest first."""
    found = []
    for path in runs_root.glob("[0-9a-f]*/run.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema_version"] == SCHEMA_VERSION:
            found.append(decode(document["info"]))
    return tuple(sorted(found, key=lambda info: (info.created, info.id), reverse=True))


def load_run(runs_root: Path, run_id: str | None = None) -> Run:
    """One run by its id (or the beginning of it), without an id the newest of all customers.

    Raises DataError where nothing was analysed yet, SettingsError for an id that is unknown or not unique.
    """
    known = [path.parent.name for path in runs_root.glob("[0-9a-f]*/run.json")]
    if not known:
        raise DataError(
            Message(gettext_noop("Nothing has been analysed yet.")),
            Message(gettext_noop("Import data, then run `harken analyze`.")),
        )
    if run_id is None:
        run_id = _newest(runs_root)
    matches = [name for name in known if name.startswith(run_id)]
    if len(matches) != 1:
        raise SettingsError(
            Message(
                gettext_noop("{count} runs have an id that starts with {id}."),
                {"count": len(matches), "id": run_id},
            ),
            Message(gettext_noop("`harken runs` lists the ids.")),
        )
    folder = runs_root / matches[0]
    document = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    parts = json.loads((folder / "parts.json").read_text(encoding="utf-8"))
    try:
        if document["schema_version"] == SCHEMA_VERSION:
            return Run(decode(document["info"]), decode(parts), folder)
    except (TypeError, AttributeError, ImportError):
        pass  # a result has other fields in this version
    raise DataError(
        Message(gettext_noop("Run {id} was written by another version of Harken."), {"id": matches[0]}),
        Message(gettext_noop("Analyse again: results are recomputed, never converted.")),
    )


def _newest(runs_root: Path) -> str:
    runs = list_runs(runs_root)
    if not runs:
        raise DataError(
            Message(gettext_noop("All runs were written by another version of Harken.")),
            Message(gettext_noop("Analyse again: results are recomputed, never converted.")),
        )
    newest = newest_of_all(runs)
    if newest is None:
        raise DataError(
            Message(gettext_noop("So far only segments were analysed.")),
            Message(gettext_noop("Analyse all customers, or name a run.")),
        )
    return newest.id


def newest_of_all(runs: tuple[RunInfo, ...]) -> RunInfo | None:
    """The newest run of all customers: what pages show where no run is named."""
    return next((info for info in runs if info.segment is None), None)


def utc(now_us: int) -> datetime:
    """A moment in epoch microseconds as a datetime in UTC.

    >>> utc(0).isoformat()
    '1970-01-01T00:00:00+00:00'
    """
    return datetime.fromtimestamp(now_us / 1e6, tz=UTC)
