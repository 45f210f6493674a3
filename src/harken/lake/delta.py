"""Delta tables on the local disk: data files at a version, durable commits, rolling back unfinished ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from harken.lake.pointer import Pointer, fsync_files, fsync_folder
from harken.lake.schemas import DELTA_TYPES, FIXED_TABLES, PARTITIONED, SNAPSHOT_PREFIX, arrow_schema
from harken.vocabulary.tables import ColumnType, Table

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from deltalake import Schema as DeltaSchema
    from deltalake.transaction import AddAction, PostCommitHookProperties, RemoveAction

LOG_FOLDER = "_delta_log"
CHECKPOINT_EVERY = 50

_CONFIGURATION = {
    "delta.dataSkippingStatsColumns": "import_id",
    "delta.enableExpiredLogCleanup": "false",
    "delta.checkpointInterval": "1000000000",
}


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file of a table: `path` relative to the table's folder, and what its Delta entry says of it."""

    path: str
    size_bytes: int
    rows: int
    partition: str | None
    import_id_first: int
    import_id_last: int


def _no_hooks() -> PostCommitHookProperties:
    """What Delta does by itself after a commit: nothing.

    Checkpoints are made here, before the pointer moves, and logs are never cleaned behind our back: a clean-up
    after an unacknowledged commit could make the acknowledged version unreadable.
    """
    from deltalake.transaction import PostCommitHookProperties

    return PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)


def _opened(folder: Path, version: int | None = None) -> DeltaTable:
    """A table; Delta is loaded at the first one, not with this module, which every page imports."""
    from deltalake import DeltaTable

    return DeltaTable(folder, version=version)


def table_folder(root: Path, name: str) -> Path:
    """Where a table lies."""
    return root / name


@dataclass(frozen=True, slots=True)
class Stored:
    """A table at one version: its columns with their types (without the partition column) and its data files."""

    columns: Mapping[str, ColumnType]
    files: tuple[DataFile, ...]


def stored(root: Path, name: str, version: int) -> Stored:
    """What a table's log says at a version."""
    opened = _opened(table_folder(root, name), version=version)
    fields = json.loads(opened.schema().to_json())["fields"]
    partition = PARTITIONED.get(name)
    columns = {field["name"]: DELTA_TYPES[field["type"]] for field in fields if field["name"] != partition}
    files = tuple(
        DataFile(
            unquote(row["path"]),
            row["size_bytes"],
            row["num_records"],
            None if partition is None else row[f"partition.{partition}"],
            row["min.import_id"],
            row["max.import_id"],
        )
        for row in pa.table(opened.get_add_actions(flatten=True)).to_pylist()
    )
    return Stored(columns, files)


def file_columns(root: Path, name: str, file: DataFile) -> list[str]:
    """The columns that stand in one data file of a table."""
    return list(pq.read_schema(table_folder(root, name) / file.path).names)


def delta_schema(table: Table) -> DeltaSchema:
    """The schema of a table's Delta log: its columns and the partition column."""
    from deltalake import Schema as DeltaSchema

    fields = list(arrow_schema(table))
    if table.name in PARTITIONED:
        fields.append(pa.field(PARTITIONED[table.name], pa.string()))
    return DeltaSchema.from_arrow(pa.schema(fields))


def commit(
    root: Path,
    table: Table,
    version: int | None,
    added: Sequence[DataFile],
    removed: Sequence[DataFile] = (),
) -> int:
    """Write one change of a table to its Delta log, durably, and return the new version; no reader sees it yet.

    `version` is the pointer's, None for a table not yet there. `table` may have more columns than are stored (they
    are added) or fewer. Data files must lie in the folder already; they are made durable here.
    """
    from deltalake.transaction import create_table_with_add_actions

    folder = table_folder(root, table.name)
    _fsync_added(folder, added)
    schema = delta_schema(table)
    partition_by = [PARTITIONED[table.name]] if table.name in PARTITIONED else []
    if version is None:
        create_table_with_add_actions(
            str(folder),
            schema,
            [_add_action(table.name, file) for file in added],
            partition_by=partition_by,
            configuration=_CONFIGURATION,
            post_commithook_properties=_no_hooks(),
        )
    else:
        opened = _opened(folder)
        if opened.version() != version:
            raise RuntimeError(f"{table.name} is at version {opened.version()}, the pointer says {version}")
        _add_columns(opened, schema)
        actions = [_add_action(table.name, file) for file in added]
        actions += [_remove_action(table.name, file) for file in removed]
        opened = _opened(folder)
        opened.create_write_transaction(
            actions, "append", opened.schema(), partition_by=partition_by, post_commithook_properties=_no_hooks()
        )
    return _finished(folder, version)


def replace_all(root: Path, table: Table, added: Sequence[DataFile]) -> int:
    """Give a table other columns and other files in one commit of its log, durably; returns the new version."""
    folder = table_folder(root, table.name)
    _fsync_added(folder, added)
    before = _opened(folder).version()
    _opened(folder).create_write_transaction(
        [_add_action(table.name, file) for file in added],
        "overwrite",
        delta_schema(table),
        post_commithook_properties=_no_hooks(),
    )
    return _finished(folder, before)


def roll_back(root: Path, pointer: Pointer) -> None:
    """Remove what an unfinished commit left behind: log entries after the pointer's version and its data files.

    Nobody has ever read them. Log entries go from the highest down, so that a kill in the middle leaves a
    log without a gap; a torn entry needs no reading.
    """
    for name in tables_on_disk(root):
        folder = table_folder(root, name)
        state = pointer.tables.get(name)
        _truncate_log(folder / LOG_FOLDER, -1 if state is None else state.version)
        for file in folder.rglob("*.parquet"):
            if LOG_FOLDER not in file.parts and sequence_of(file) > pointer.sequence:
                file.unlink()


def tables_on_disk(root: Path) -> tuple[str, ...]:
    """The names of tables whose folder is there, committed or not."""
    names = [name for name in FIXED_TABLES if (root / name).is_dir()]
    names += [f"{SNAPSHOT_PREFIX}{folder.name}" for folder in sorted((root / SNAPSHOT_PREFIX).glob("*/"))]
    return tuple(names)


def file_name(sequence: int, number: int) -> str:
    """The name of a data file: which commit it belongs to, and its number in it.

    >>> file_name(12, 3)
    '00000012-00003.parquet'
    """
    return f"{sequence:08d}-{number:05d}.parquet"


def sequence_of(file: Path) -> int:
    """The commit a data file belongs to, from its name; -1 where the name is not ours."""
    match = re.fullmatch(r"(\d+)-\d+\.parquet", file.name)
    return int(match.group(1)) if match else -1


def _add_columns(opened: DeltaTable, schema: DeltaSchema) -> None:
    known = {field.name for field in opened.schema().fields}
    new = [field for field in schema.fields if field.name not in known]
    if new:
        from deltalake import Field

        # Rows from before have no value there, whatever the schema of new rows says.
        nullable = [Field(field.name, field.type, nullable=True) for field in new]
        opened.alter.add_columns(nullable, post_commithook_properties=_no_hooks())


def _add_action(name: str, file: DataFile) -> AddAction:
    from deltalake.transaction import AddAction

    # Only numbers of imports enter the log: a text in these statistics would outlive its erasure.
    stats = {
        "numRecords": file.rows,
        "minValues": {"import_id": file.import_id_first},
        "maxValues": {"import_id": file.import_id_last},
        "nullCount": {"import_id": 0},
    }
    return AddAction(file.path, file.size_bytes, _partition_values(name, file), 0, True, json.dumps(stats))


def _remove_action(name: str, file: DataFile) -> RemoveAction:
    from deltalake.transaction import RemoveAction

    return RemoveAction(file.path, True, 0, file.size_bytes, _partition_values(name, file))


def _partition_values(name: str, file: DataFile) -> dict[str, str | None]:
    return {PARTITIONED[name]: file.partition} if name in PARTITIONED else {}


def _fsync_added(folder: Path, added: Sequence[DataFile]) -> None:
    paths = [folder / file.path for file in added]
    fsync_files(paths)
    for parent in {path.parent for path in paths}:
        fsync_folder(parent)


def _finished(folder: Path, before: int | None) -> int:
    opened = _opened(folder)
    version = opened.version()
    if version // CHECKPOINT_EVERY > (before or 0) // CHECKPOINT_EVERY:
        opened.create_checkpoint()
    log = folder / LOG_FOLDER
    fsync_files(path for path in log.iterdir() if path.is_file() and _version_of(path) > _or_none(before))
    last = log / "_last_checkpoint"
    if last.exists():
        fsync_files([last])
    for path in (log, *_ancestors(folder)):
        fsync_folder(path)
    return version


def _or_none(version: int | None) -> int:
    return -1 if version is None else version


def _ancestors(folder: Path) -> Iterator[Path]:
    # The table's folder, the lake and, for a snapshot, the folder between them.
    yield folder
    yield folder.parent
    yield folder.parent.parent


def _version_of(path: Path) -> int:
    match = re.match(r"(\d{20})\.", path.name)
    return int(match.group(1)) if match else -1


def _truncate_log(log: Path, version: int) -> None:
    if not log.is_dir():
        return
    later = sorted((path for path in log.iterdir() if _version_of(path) > version), key=_version_of, reverse=True)
    if later:
        (log / "_last_checkpoint").unlink(missing_ok=True)
    for path in later:
        path.unlink()
    for path in [*log.glob("_commit_*"), *log.glob("*#*")]:  # what delta-rs leaves when it is killed while writing
        path.unlink()
