"""Columns that divide the customers, and the customers of one of their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harken.lake.feature_inventory import take_inventory
from harken.unify.features.plan import plan
from harken.unify.features.query import level_query

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class SegmentColumn:
    """A column of words about customers: `name` as features and pages call it, where it is stored, its values.

    `source` is the snapshot it stands in, None for the people; `values` are the 31 most frequent, most first.
    """

    name: str
    source: str | None
    column: str
    values: tuple[str, ...]


def segment_columns(
    connection: duckdb.DuckDBPyConnection, sources: tuple[str, ...], as_of_us: int | None
) -> tuple[SegmentColumn, ...]:
    """Every column that customers can be divided by, those that are features first."""
    held = take_inventory(connection, sources, as_of_us, events=False)
    people = {"language": held.languages, "role": held.roles}
    snapshots = {(item.source, item.name): item.levels for item in held.snapshots if item.type == "category"}
    found: dict[str, SegmentColumn] = {}
    for block in plan(held).blocks:
        for planned in block.planned:
            name, key = planned.feature.name, planned.recipe.key
            if planned.recipe.form == "category" and block.rows == "people":
                found[name] = SegmentColumn(name, None, key, tuple(level.value for level in people.pop(key)))
            elif planned.recipe.form == "category":
                levels = snapshots.pop((block.name, key))
                found[name] = SegmentColumn(name, block.name, key, tuple(level.value for level in levels))
    # What is no feature, such as a column with one value only, can still be asked for by its own name.
    for key, levels in people.items():
        if levels:
            found.setdefault(key, SegmentColumn(key, None, key, tuple(level.value for level in levels)))
    for (source, key), levels in snapshots.items():
        if levels:
            found.setdefault(key, SegmentColumn(key, source, key, tuple(level.value for level in levels)))
    return tuple(found.values())


def members(
    connection: duckdb.DuckDBPyConnection, column: SegmentColumn, value: str, as_of_us: int | None
) -> NDArray[np.int64]:
    """The customers whose latest row before the moment has the value, ascending."""
    sql = f"{level_query(column.source, column.column, value, as_of_us)} ORDER BY customer_id"
    found = connection.execute(sql).fetchnumpy()["customer_id"]
    return np.asarray(np.ma.getdata(found), dtype=np.int64)
