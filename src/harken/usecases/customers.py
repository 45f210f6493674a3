"""Customers of a run: one of them, what it forecasts of some, all of them in an order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.usecases.encoding import decode
from harken.usecases.runs import Run
from harken.vocabulary.messages import Message

PAGE_ROWS = 50
SEGMENT = "segment_"
"""How the columns of customers.parquet begin that hold a customer's segments."""
ABOUT = b"harken"


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer as a run sees them: probabilities (0 to 1) and money, None where the run cannot say.

    `number` and `name` are the company's own; `unfavourable`, `middle`, `favourable` are the chances of each kind
    of answer; `risk` is the chance of leaving within the horizon; `value` money a year, `value_at_stake` risk times
    value; `more` holds whatever else the run keeps per customer.
    """

    customer_id: int
    number: str
    name: str | None
    answered: bool | None
    answer_chance: float | None
    unfavourable: float | None
    middle: float | None
    favourable: float | None
    risk: float | None
    value: float | None
    value_at_stake: float | None
    more: dict[str, Any]

    @property
    def title(self) -> str:
        """What to call the customer on a page."""
        return self.name or self.number


_FIELDS = tuple(name for name in CustomerRow.__dataclass_fields__ if name != "more")


def _row(values: dict[str, Any]) -> CustomerRow:
    known = {name: _known(values.get(name)) for name in _FIELDS}
    known["number"] = known["number"] or str(values["customer_id"])
    return CustomerRow(**known, more={name: _known(v) for name, v in values.items() if name not in known})


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value


def one_customer(run: Run, customer_id: int) -> CustomerRow | None:
    """A customer by id, None where the run does not know them."""
    columns = _columns_of(run)
    at = _position(columns, customer_id)
    return None if at is None else _row(run.customers(start=int(columns.place[at]), count=1).to_pylist()[0])


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where each customer stands in a run's table, and their forecast: columns ascending by `customer_id`."""

    customer_id: NDArray[np.int64]
    place: NDArray[np.int64]
    forecast: tuple[NDArray[np.float32] | None, ...]


FORECAST = ("risk", "value", "value_at_stake")


@lru_cache(maxsize=2)
def _columns(folder: Path, written_ns: int) -> _Columns:
    """A run's columns, 30 MB for a million customers, kept for as long as the run is not computed anew."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(folder / "customers.parquet") as file:
        held = [name for name in ("customer_id", *FORECAST) if name in file.schema_arrow.names]
        table = file.read(columns=held)
    ids = table["customer_id"].to_numpy()
    order = np.argsort(ids)
    forecast = tuple(table[name].to_numpy()[order] if name in held else None for name in FORECAST)
    return _Columns(ids[order], order, forecast)


def _columns_of(run: Run) -> _Columns:
    return _columns(run.folder, (run.folder / "customers.parquet").stat().st_mtime_ns)


def _position(columns: _Columns, customer_id: int) -> int | None:
    at = int(np.searchsorted(columns.customer_id, customer_id))
    return at if at < len(columns.customer_id) and columns.customer_id[at] == customer_id else None


def forecasts(run: Run, customer_ids: Sequence[int]) -> dict[int, tuple[float | None, ...]]:
    """Risk, value a year and value at stake of the customers that a run knows."""
    columns = _columns_of(run)
    found = {}
    for customer_id in customer_ids:
        at = _position(columns, customer_id)
        if at is not None:
            found[customer_id] = tuple(
                None if column is None else _known(float(column[at])) for column in columns.forecast
            )
    return found


@lru_cache(maxsize=4)
def _order(folder: Path, written_ns: int, sort: str) -> NDArray[np.int64]:
    """Places in `_columns` of all customers, highest first; in the run's order where `sort` is "" or they tie."""
    columns = _columns(folder, written_ns)
    held = dict(zip(FORECAST, columns.forecast, strict=True)).get(sort)
    if held is None:
        return np.argsort(columns.place)
    return np.lexsort((columns.place, -np.nan_to_num(held, nan=-np.inf)))


@lru_cache(maxsize=4)
def _ids_in_order(folder: Path, written_ns: int, sort: str) -> NDArray[np.int64]:
    """Ids of all customers, highest first: 8 MB for a million, kept since a page asks for them again and again."""
    ids = _columns(folder, written_ns).customer_id[_order(folder, written_ns, sort)]
    ids.flags.writeable = False
    return ids


def ordered(run: Run, sort: str, segment: tuple[str, str] | None = None) -> NDArray[np.int64]:
    """Ids of a run's customers, or of those of a segment (column, level), highest `sort` (one of FORECAST) first.

    A segment that the run does not have (see `segments_of`) has nobody.
    """
    written = (run.folder / "customers.parquet").stat().st_mtime_ns
    if segment is None:
        return _ids_in_order(run.folder, written, sort)
    columns, order = _columns(run.folder, written), _order(run.folder, written, sort)
    codes, levels = _codes(run.folder, written, segment[0])
    level = levels.index(segment[1]) if segment[1] in levels else -2
    return columns.customer_id[order[codes[columns.place[order]] == level]]


def rows_of(run: Run, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """In which rows of customers.parquet customers stand that the run knows."""
    columns = _columns_of(run)
    return columns.place[np.searchsorted(columns.customer_id, ids)]


@dataclass(frozen=True, slots=True)
class SegmentColumn:
    """One division of a run's customers: `levels` are its segments, each with its number of customers."""

    name: str
    label: Message
    levels: tuple[tuple[str, int], ...]


@lru_cache(maxsize=4)
def _codes(folder: Path, written_ns: int, name: str) -> tuple[NDArray[np.int16], tuple[str, ...]]:
    """A segment column in the table's order as codes (-1 not known) and levels; nobody's where there is none."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(folder / "customers.parquet") as file:
        if SEGMENT + name not in file.schema_arrow.names:
            return np.full(file.metadata.num_rows, -1, np.int16), ()
        column = file.read(columns=[SEGMENT + name]).column(0).unify_dictionaries().combine_chunks()
    return column.indices.fill_null(-1).to_numpy().astype(np.int16), tuple(column.dictionary.to_pylist())


def segments_of(run: Run) -> tuple[SegmentColumn, ...]:
    """The columns that divide a run's customers; none for a run of before segments were kept."""
    return _segments(run.folder, (run.folder / "customers.parquet").stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _segments(folder: Path, written_ns: int) -> tuple[SegmentColumn, ...]:
    import pyarrow.parquet

    about = json.loads((pyarrow.parquet.read_schema(folder / "customers.parquet").metadata or {}).get(ABOUT, b"{}"))
    labels: list[tuple[str, Message]] = decode(about["segments"]) if about else []
    found = []
    for name, label in labels:
        codes, levels = _codes(folder, written_ns, name)
        counts = np.bincount(codes[codes >= 0], minlength=len(levels)).tolist()
        held = tuple((level, count) for level, count in zip(levels, counts, strict=True) if count)
        found.append(SegmentColumn(name, label, held))
    return tuple(found)
