"""Which data files of a table can hold a key: read once from their footers, kept for as long as a state lasts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pyarrow.parquet as pq

from harken.lake.delta import DataFile, table_folder
from harken.lake.reading import Pinned, stored_at

Span = tuple[int, int] | None


def files_holding(lake: Pinned, name: str, column: str, keys: Sequence[int]) -> tuple[DataFile, ...]:
    """The files of a table whose smallest and largest `column` (whole numbers) leave room for one of `keys`.

    Files are sorted, so that of a table in months about one file a month is left.
    """
    state = lake.pointer.tables.get(name)
    if state is None:
        return ()
    spans = _spans(lake.root, name, column, state.version, lake.pointer_id)
    return tuple(
        file
        for file, span in zip(lake.files(name), spans, strict=True)
        if span is None or any(span[0] <= key <= span[1] for key in keys)
    )


@lru_cache(maxsize=64)
def _spans(root: Path, name: str, column: str, version: int, pointer_id: str) -> tuple[Span, ...]:
    folder = table_folder(root, name)
    return tuple(_span(folder / file.path, column) for file in stored_at(root, name, version, pointer_id).files)


def _span(path: Path, column: str) -> Span:
    """Smallest and largest value in a file, None where its footer does not say."""
    footer = pq.read_metadata(path)
    place = footer.schema.names.index(column)
    spans = [footer.row_group(group).column(place).statistics for group in range(footer.num_row_groups)]
    if not spans or any(each is None or not each.has_min_max for each in spans):
        return None
    return min(each.min for each in spans), max(each.max for each in spans)
