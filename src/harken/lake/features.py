"""Computes the features of every customer as of a moment, from one committed state of the lake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from harken.lake.feature_inventory import take_inventory
from harken.unify.features.catalogue import FeatureTable
from harken.unify.features.formulas import FormulaText, apply_formula, with_formulas
from harken.unify.features.inventory import Inventory
from harken.unify.features.plan import plan
from harken.unify.features.query import base_query, block_query
from harken.unify.features.recipes import Block, Catalogue
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent

if TYPE_CHECKING:
    import duckdb

BATCH_ROWS = 122_880


class Readable(Protocol):
    """A committed state of the lake that queries can be asked of (`harken.lake.reading.Pinned`)."""

    def connect(
        self, *, memory_limit_bytes: int | None = None, threads: int | None = None
    ) -> duckdb.DuckDBPyConnection:
        """A connection with a view of every table."""
        ...

    def snapshot_sources(self) -> tuple[str, ...]:
        """The sources that have a snapshot."""
        ...


def inventory(
    pinned: Readable,
    as_of_us: int | None,
    *,
    memory_limit_bytes: int | None = None,
    threads: int | None = None,
) -> Inventory:
    """What the lake holds before `as_of_us` (epoch microseconds UTC): the ground on which features are planned.

    With None only people and undated snapshots count.
    """
    with pinned.connect(memory_limit_bytes=memory_limit_bytes, threads=threads) as connection:
        return take_inventory(connection, pinned.snapshot_sources(), as_of_us)


def build(
    pinned: Readable,
    as_of_us: int | None,
    *,
    catalogue: Catalogue | None = None,
    sample_ids: NDArray[np.int64] | None = None,
    formulas: Sequence[FormulaText] = (),
    memory_limit_bytes: int | None = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> FeatureTable:
    """The features of every customer in the base at `as_of_us`, or of those among `sample_ids`.

    Only what happened before `as_of_us` is used, and never a signal without a date; with None only people and
    undated snapshots. Without a `catalogue` one is planned at this moment; to train at one moment and to predict
    at another give both the same catalogue, so that columns, levels and units agree. Rows are sorted by
    customer_id and columns lie one after the other in memory. Raises `SettingsError` for a formula that does not
    fit.
    """
    with pinned.connect(memory_limit_bytes=memory_limit_bytes, threads=threads) as connection:
        sources = pinned.snapshot_sources()
        progress(Message(gettext_noop("Looking at what the data hold")), 0.0)
        if catalogue is None:
            catalogue = plan(take_inventory(connection, sources, as_of_us))
        catalogue = with_formulas(catalogue, formulas)
        customer_id = _base(connection, as_of_us, sources, sample_ids)
        columns = np.empty((len(catalogue.features), len(customer_id)), dtype=np.float32)
        first = 0
        for number, block in enumerate(catalogue.blocks):
            step = Message(gettext_noop("Computing features from “{part}”"), {"part": block.name})
            progress(step, (number + 1) / (len(catalogue.blocks) + 2))
            into = columns[first : first + len(block.planned)]
            _fill(connection, block, as_of_us, sample_ids is not None, customer_id, into)
            first += len(block.planned)
    positions = {feature.name: index for index, feature in enumerate(catalogue.features)}
    for formula in catalogue.formulas:
        columns[positions[formula.feature.name]] = apply_formula(formula, lambda name: columns[positions[name]])
    progress(Message(gettext_noop("Features computed")), 1.0)
    return FeatureTable(customer_id, columns.T, catalogue.features, as_of_us)


def base_count(pinned: Readable, connection: duckdb.DuckDBPyConnection, as_of_us: int | None) -> int:
    """How many customers the base has at a moment."""
    sql = _base_sql(connection, as_of_us, pinned.snapshot_sources())
    return int(connection.execute(f"SELECT COUNT(*) FROM ({sql}) AS base").fetchall()[0][0])


def _base_sql(connection: duckdb.DuckDBPyConnection, as_of_us: int | None, sources: Sequence[str]) -> str:
    declared = connection.execute("SELECT COUNT(*) > 0 FROM people WHERE declared").fetchall()[0][0]
    return base_query(as_of_us, declared=declared, sources=sources)


def _base(
    connection: duckdb.DuckDBPyConnection,
    as_of_us: int | None,
    sources: Sequence[str],
    sample_ids: NDArray[np.int64] | None,
) -> NDArray[np.int64]:
    """The customers of the table, ascending; they are also the temporary table `feature_base`."""
    sql = _base_sql(connection, as_of_us, sources)
    if sample_ids is not None:
        import pyarrow as pa

        wanted = pa.table({"customer_id": pa.array(np.unique(sample_ids), pa.int64())})
        connection.register("feature_sample", wanted)
        sql = f"SELECT * FROM ({sql}) WHERE customer_id IN (SELECT customer_id FROM feature_sample)"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE feature_base AS {sql}")
    rows = connection.execute("SELECT customer_id FROM feature_base ORDER BY customer_id").fetchnumpy()
    return np.ascontiguousarray(rows["customer_id"], dtype=np.int64)


def _fill(
    connection: duckdb.DuckDBPyConnection,
    block: Block,
    as_of_us: int | None,
    restricted: bool,
    customer_id: NDArray[np.int64],
    into: NDArray[np.float32],
) -> None:
    """Run one block's query and put each customer's values in their place, shape (features, customers)."""
    for row, planned in zip(into, block.planned, strict=True):
        row.fill(block.value_when_nothing(planned.recipe))
    if not len(customer_id):
        return
    result = connection.sql(block_query(block, as_of_us, restricted=restricted))
    for batch in result.to_arrow_reader(BATCH_ROWS):
        ids = batch.column(0).to_numpy()
        place = np.searchsorted(customer_id, ids)
        place[place == len(customer_id)] = 0
        here = customer_id[place] == ids
        every = bool(here.all())
        for row, column in zip(into, batch.columns[1:], strict=True):
            values = _single(column.to_numpy(zero_copy_only=False))
            if every:
                row[place] = values
            else:
                row[place[here]] = values[here]


def _single(values: NDArray[Any]) -> NDArray[np.float32]:
    """The values in single precision; infinities and numbers beyond it are unknown."""
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    infinite = np.isinf(single)
    if infinite.any():
        single[infinite] = np.nan
    return single
