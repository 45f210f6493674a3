"""Writing sorted rows as Parquet files of a modest size, so that one customer's rows lie in few, small files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from harken.lake.delta import DataFile, file_name, table_folder
from harken.lake.schemas import PARTITIONED, arrow_schema, quoted
from harken.vocabulary.tables import Table

CELLS_PER_FILE = 4_000_000
"""Rows times columns of one file: about 130,000 signals, a few megabytes, so that erasing one customer is quick."""
ROWS_PER_FILE = (10_000, 500_000)
ROWS_PER_GROUP = 16_384
"""Rows that are read together: one customer of 20 million signals took a third of the time of whole files, and a
reading of everything no longer."""

# YYYY-MM in UTC; what lies beyond the years 1 to 9999 is as good as undated
_MONTH = (
    "CASE WHEN ts_us BETWEEN -62135596800000000 AND 253402300799999999"
    " THEN strftime(make_timestamp(ts_us), '%Y-%m') ELSE 'undated' END"
)


class FileWriter:
    """Writes the files of one commit: numbers them, and forgets them again if the commit is given up."""

    def __init__(self, root: Path, sequence: int) -> None:
        self._root = root
        self._sequence = sequence
        self._written: list[Path] = []

    def write(self, table: Table, rows: pa.RecordBatchReader) -> list[DataFile]:
        """Write rows, which come sorted (by partition first, where the table has one), as files of the table."""
        most = min(max(CELLS_PER_FILE // len(table.columns), ROWS_PER_FILE[0]), ROWS_PER_FILE[1])
        return [self._write_one(table, partition, chunk) for partition, chunk in _chunks(rows, table.name, most)]

    def link(self, table: str, files: Sequence[DataFile]) -> list[DataFile]:
        """Give stored files a second name in this commit: the same bytes, nothing copied where the disk allows."""
        folder = table_folder(self._root, table)
        linked = []
        for file in files:
            path = folder / file.path
            target = path.with_name(file_name(self._sequence, len(self._written)))
            self._written.append(target)
            try:
                target.hardlink_to(path)
            except OSError:  # a disk without hard links
                shutil.copy2(path, target)
            linked.append(replace(file, path=str(target.relative_to(folder))))
        return linked

    def discard(self) -> None:
        """Remove every file written."""
        for path in self._written:
            path.unlink(missing_ok=True)
        self._written.clear()

    def _write_one(self, table: Table, partition: str | None, rows: pa.Table) -> DataFile:
        name = file_name(self._sequence, len(self._written))
        relative = name if partition is None else f"{PARTITIONED[table.name]}={partition}/{name}"
        path = table_folder(self._root, table.name) / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        self._written.append(path)
        rows = rows.select(list(table.names)).cast(arrow_schema(table))
        numbers = [column.name for column in table.columns if column.type != "string"]
        pq.write_table(
            rows,
            path,
            row_group_size=ROWS_PER_GROUP,
            compression="zstd",
            compression_level=1,
            write_statistics=numbers,  # no text may outlive its erasure in a statistic
            store_schema=False,
        )
        imports = pc.min_max(rows.column("import_id")).as_py()
        return DataFile(relative, path.stat().st_size, len(rows), partition, imports["min"], imports["max"])


def sorted_sql(table: Table, rows: str) -> str:
    """A query of rows in the order they are stored in: by partition, then customer and time, else by key."""
    columns = [quoted(column) for column in table.names]
    order = [quoted(column) for column in table.key]
    if table.name in PARTITIONED:
        columns.append(f"{_MONTH} AS {PARTITIONED[table.name]}")
        order = [PARTITIONED[table.name], "person_key", "ts_us", *order]
    return f"SELECT {', '.join(columns)} FROM {rows} ORDER BY {', '.join(order)}"


def _chunks(rows: pa.RecordBatchReader, table: str, most: int) -> Iterator[tuple[str | None, pa.Table]]:
    """Cut a sorted stream into tables of at most `most` rows, each of one partition only."""
    held: list[pa.RecordBatch] = []
    count = 0
    current: str | None = None
    for partition, batch in _one_partition_each(rows, PARTITIONED.get(table)):
        start = 0
        if held and partition != current:
            yield current, pa.Table.from_batches(held)
            held, count = [], 0
        current = partition
        while start < len(batch):
            part = batch.slice(start, most - count)
            held.append(part)
            start += len(part)
            count += len(part)
            if count == most:
                yield current, pa.Table.from_batches(held)
                held, count = [], 0
    if held:
        yield current, pa.Table.from_batches(held)


def _one_partition_each(
    rows: pa.RecordBatchReader, column: str | None
) -> Iterator[tuple[str | None, pa.RecordBatch]]:
    for batch in rows:
        if column is None or not len(batch):
            yield None, batch
            continue
        runs = pc.run_end_encode(batch.column(column))
        start = 0
        for partition, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            yield partition, batch.slice(start, end - start)
            start = end
