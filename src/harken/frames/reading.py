"""Columns of anyone's data frame as the arrays the statistics take; every problem of a call is told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
import pyarrow
import pyarrow.compute
from numpy.typing import NDArray

from harken.unify.features.catalogue import Feature, FeatureTable
from harken.vocabulary.errors import DataError, Problem
from harken.vocabulary.messages import Message, Parameter, gettext_noop
from harken.vocabulary.scales import SCALES, Scale

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]
T = TypeVar("T")


@runtime_checkable
class ArrowStream(Protocol):
    """Whatever hands out its rows as an Arrow stream: a frame of pandas, polars or pyarrow, a DuckDB relation."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The stream (Arrow PyCapsule interface)."""


Frame = ArrowStream | Mapping[str, Any]
"""A data frame of any make, or a dictionary of columns of equal length."""


class Columns:
    """The columns of one frame; problems are collected, `check` tells them all.

    Where a column has a problem, what is returned has the right shape and no meaning.
    """

    def __init__(self, table: pyarrow.Table) -> None:
        self.rows = table.num_rows
        self._table = table
        self._problems: list[Problem] = []

    def numbers(self, name: str) -> Floats:
        """A column of numbers or of true and false, float64, NaN where nothing stands."""
        return self._read(name, np.full(self.rows, np.nan), self._as_numbers)

    def flags(self, name: str) -> Bools:
        """A yes-or-no column without gaps: true and false, or 1 and 0."""

        def read(column: pyarrow.ChunkedArray) -> Bools:
            values = self._as_numbers(column)
            wrong = ~((values == 0) | (values == 1))
            if wrong.any():
                raise _Refused(
                    gettext_noop("{count} of {rows} values are neither true nor false (1 or 0)."),
                    {"count": int(wrong.sum()), "rows": self.rows},
                )
            yes: Bools = values == 1
            return yes

        return self._read(name, np.zeros(self.rows, np.bool_), read)

    def levels(self, name: str) -> tuple[Integers, tuple[str, ...]]:
        """A column of groups as codes 0, 1, ... (-1 where nothing stands) and the groups' names in their order."""
        nothing: tuple[str, ...] = ()
        return self._read(name, (np.full(self.rows, -1), nothing), _levels)

    def identities(self, name: str | None) -> Integers:
        """Who each row speaks of, as whole numbers in the order of the names; by position where `name` is None."""
        if name is None:
            return np.arange(self.rows)

        def read(column: pyarrow.ChunkedArray) -> Integers:
            codes = _levels(column)[0]
            if (codes < 0).any():
                raise _Refused(
                    gettext_noop("{count} of {rows} rows do not say whose they are."),
                    {"count": int((codes < 0).sum()), "rows": self.rows},
                )
            return codes

        return self._read(name, np.arange(self.rows), read)

    def days(self, name: str) -> Days:
        """A column of dates or moments, in days; NaT where nothing stands."""

        def read(column: pyarrow.ChunkedArray) -> Days:
            if not (pyarrow.types.is_timestamp(column.type) or pyarrow.types.is_date(column.type)):
                raise _Refused(
                    gettext_noop("is no date but {type}; make it one first."), {"type": str(column.type)}
                )
            days: Days = column.cast(pyarrow.timestamp("us")).to_numpy().astype("datetime64[D]")
            return days

        return self._read(name, np.full(self.rows, np.datetime64("NaT", "D")), read)

    def features(
        self,
        names: Sequence[str],
        identity: Integers,
        *,
        families: Mapping[str, Sequence[str]] | None = None,
        levers: Sequence[str] = (),
    ) -> tuple[FeatureTable, NDArray[np.intp]]:
        """One row per customer in the order of their numbers, and which row of the frame each one is.

        Text, true/false and categories become categories, the rest numbers. `families` names the columns that
        belong to one driver family; a column in none is its own. `levers` are those that somebody can change.
        """
        family = {column: name for name, columns in (families or {}).items() for column in columns}
        for unknown in sorted((set(family) | set(levers)) - set(names)):
            self.problem(gettext_noop("is named as a driver but not among the columns given."), {}, unknown)
        order = np.argsort(identity, kind="stable")
        twice = self.rows - len(np.unique(identity))
        if twice:
            self.problem(
                gettext_noop("{count} of {rows} rows repeat a customer; give one row per customer."),
                {"count": twice, "rows": self.rows},
            )
        values = np.empty((len(names), self.rows), dtype=np.float32)
        features = []
        for position, name in enumerate(names):
            category = self._is_category(name)
            levels: tuple[str, ...] = ()
            if category:
                codes, levels = self.levels(name)
                values[position] = np.where(codes < 0, np.nan, codes)[order]
            else:
                values[position] = self.numbers(name)[order]
            features.append(
                Feature(
                    name=name,
                    family=family.get(name, name),
                    label=Message(gettext_noop("{name}"), {"name": name}),
                    type="category" if category else "number",
                    lever=name in levers,
                    levels=levels,
                )
            )
        if twice or self._problems:
            return FeatureTable(np.arange(self.rows), values.T, tuple(features), None), order
        return FeatureTable(identity[order], values.T, tuple(features), None), order

    def matrix(self, names: Sequence[str]) -> tuple[Floats, tuple[str, ...]]:
        """Columns side by side (n, p), each level of a category but its first as 0 and 1; and names."""
        parts, called = [], []
        for name in names:
            if not self._is_category(name):
                parts.append(self.numbers(name))
                called.append(name)
                continue
            codes, levels = self.levels(name)
            for code, level in enumerate(levels[1:], start=1):
                parts.append((codes == code).astype(np.float64))
                called.append(f"{name}: {level}")
        return (np.column_stack(parts) if parts else np.empty((self.rows, 0))), tuple(called)

    def problem(self, text: str, values: Mapping[str, Parameter], column: str | None = None) -> None:
        """Note something wrong, to be told by `check` with everything else."""
        self._problems.append(Problem(Message(text, dict(values)), column=column))

    def check(self) -> None:
        """Raise DataError where anything was wrong, naming all of it."""
        if self._problems:
            raise DataError(
                Message(
                    gettext_noop("The data frame of {rows} rows cannot be used as it is."), {"rows": self.rows}
                ),
                problems=self._problems,
            )

    def _read(self, name: str, otherwise: T, read: Callable[[pyarrow.ChunkedArray], T]) -> T:
        names = self._table.column_names
        if names.count(name) != 1:
            known = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
            self.problem(
                gettext_noop("There are {count} columns of this name; the frame has {known}."),
                {"count": names.count(name), "known": known},
                name,
            )
            return otherwise
        try:
            return read(_plain(self._table.column(name)))
        except _Refused as refused:
            self.problem(refused.text, refused.values, name)
            return otherwise

    def _is_category(self, name: str) -> bool:
        if self._table.column_names.count(name) != 1:
            return False
        kind = _plain(self._table.column(name)).type
        return bool(pyarrow.types.is_string(kind) or pyarrow.types.is_boolean(kind))

    def _as_numbers(self, column: pyarrow.ChunkedArray) -> Floats:
        if not (pyarrow.types.is_boolean(column.type) or _is_number(column.type)):
            first = next((value for value in column.to_pylist() if value is not None), None)
            raise _Refused(
                gettext_noop("holds no numbers but {type}, such as {value}."),
                {"type": str(column.type), "value": str(first)[:40]},
            )
        if pyarrow.types.is_boolean(column.type):
            column = column.cast(pyarrow.int8())
        numbers: Floats = column.cast(pyarrow.float64()).fill_null(float("nan")).to_numpy()
        return numbers


class _Refused(Exception):
    """A column that cannot be read as asked; becomes one of the collected problems."""

    def __init__(self, text: str, values: Mapping[str, Parameter]) -> None:
        super().__init__(text)
        self.text, self.values = text, values


@contextmanager
def reading(frame: Frame) -> Iterator[Columns]:
    """Read columns of a frame; at the end of the block all problems are raised together as a DataError.

    >>> with reading({"score": [9, None, 4]}) as columns:
    ...     score = columns.numbers("score")
    >>> score.tolist()
    [9.0, nan, 4.0]
    """
    if not isinstance(frame, Mapping | ArrowStream):
        raise DataError(
            Message(gettext_noop("A {type} is no data frame."), {"type": type(frame).__name__}),
            Message(gettext_noop("Give a frame of pandas, polars, pyarrow or DuckDB, or a dictionary of columns.")),
        )
    try:
        table = pyarrow.table(dict(frame) if isinstance(frame, Mapping) else frame)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, pyarrow.ArrowNotImplementedError) as error:
        raise DataError(
            Message(gettext_noop("The data frame cannot be read: {error}"), {"error": str(error)[:200]})
        ) from error
    columns = Columns(table)
    yield columns
    columns.check()


def scale_of(scale: Scale | str) -> Scale:
    """A scale by its id, or as it is given; raises DataError for an id that is not known."""
    if isinstance(scale, Scale):
        return scale
    if scale not in SCALES:
        raise DataError(
            Message(gettext_noop("There is no scale {scale}."), {"scale": scale}),
            Message(
                gettext_noop("Known are {known}; or give a Scale of your own."),
                {"known": ", ".join(sorted(SCALES))},
            ),
        )
    return SCALES[scale]


def _plain(column: pyarrow.ChunkedArray) -> pyarrow.ChunkedArray:
    """Categories and other spellings of text as plain text."""
    if pyarrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pyarrow.types.is_large_string(column.type) or pyarrow.types.is_string_view(column.type):
        column = column.cast(pyarrow.string())
    return column


def _is_number(kind: pyarrow.DataType) -> bool:
    kinds = (
        pyarrow.types.is_integer,
        pyarrow.types.is_floating,
        pyarrow.types.is_decimal,
        pyarrow.types.is_null,
    )
    return any(is_kind(kind) for is_kind in kinds)


def _levels(column: pyarrow.ChunkedArray) -> tuple[Integers, tuple[str, ...]]:
    """Codes in the order of the values, so that the order of rows does not matter."""
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pyarrow.ChunkedArray):  # older layouts keep the chunk
        encoded = encoded.combine_chunks()
    order = pyarrow.compute.array_sort_indices(encoded.dictionary).to_numpy()
    place = np.empty(len(order) + 1, dtype=np.int64)
    place[order] = np.arange(len(order))
    place[-1] = -1
    codes = encoded.indices.cast(pyarrow.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return place[codes], tuple(str(value) for value in encoded.dictionary.take(order).to_pylist())
