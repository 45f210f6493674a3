"""Two windows of the same company read as one: twice the leavers to learn drivers from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.folds import sample_mask
from harken.unify.features.catalogue import FeatureTable
from harken.vocabulary.errors import DataError
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EarlierWindow:
    """Customers of an earlier window with what became of them, to be read together with the latest one.

    `table` has the same columns as the latest; `y` (n,) are outcomes; `value` (n,) money, needed where the
    latest window has values.
    """

    table: FeatureTable
    y: NDArray[np.float64] | NDArray[np.bool_]
    value: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to learn from: `table`, `y` and `value` (None without) by row; `earlier` marks the earlier window's.

    A customer may be in it twice, once per window. Folds go by customer, so both rows are left out together; a
    customer had to stay through the first window to be in the second, so the errors of the two rows are
    not correlated.
    """

    table: FeatureTable
    y: Floats
    value: Floats | None
    earlier: NDArray[np.bool_]


def rows_of_windows(
    table: FeatureTable,
    y: NDArray[np.float64] | NDArray[np.bool_],
    value: NDArray[np.float64] | None,
    earlier: EarlierWindow | None,
    *,
    seed: int,
    limit: int,
) -> Rows:
    """The latest window and, if given, the earlier one below it; at most `limit` rows, a declared sample by number.

    Raises DataError where shapes or columns do not fit.
    """
    windows = (
        [(table, y, value)] if earlier is None else [(table, y, value), (earlier.table, earlier.y, earlier.value)]
    )
    parts = []
    for window, outcome, money in windows:
        _check(table, window, outcome, money, needs_money=value is not None)
        kept = sample_mask(window.customer_id, seed, limit // len(windows))
        whole = bool(kept.all())
        parts.append(
            (
                window.customer_id[kept],
                window.values if whole else window.values[kept],
                np.asarray(outcome, dtype=np.float64)[kept],
                None if money is None else np.nan_to_num(np.asarray(money, dtype=np.float64)[kept]),
            )
        )
    if len(parts) == 1:
        ids, values, outcome, money = parts[0]
        return Rows(
            FeatureTable(ids, values, table.features, table.as_of_us), outcome, money, np.zeros(len(ids), bool)
        )
    (ids, values, outcome, money), (ids_2, values_2, outcome_2, money_2) = parts
    return Rows(
        table=FeatureTable(np.concatenate([ids, ids_2]), np.concatenate([values, values_2]), table.features, None),
        y=np.concatenate([outcome, outcome_2]),
        value=None if money is None or money_2 is None else np.concatenate([money, money_2]),
        earlier=np.arange(len(ids) + len(ids_2)) >= len(ids),
    )


def _check(
    latest: FeatureTable,
    table: FeatureTable,
    y: NDArray[np.float64] | NDArray[np.bool_],
    value: NDArray[np.float64] | None,
    *,
    needs_money: bool,
) -> None:
    sizes = {len(table.customer_id), len(y), len(table.customer_id) if value is None else len(value)}
    if len(sizes) != 1 or not np.isfinite(np.asarray(y, dtype=np.float64)).all():
        raise DataError(Message(gettext_noop("Features, outcomes and values are not of the same customers.")))
    if [(f.name, f.levels) for f in table.features] != [(f.name, f.levels) for f in latest.features]:
        raise DataError(Message(gettext_noop("The windows of the analysis do not have the same columns.")))
    if needs_money and value is None:
        raise DataError(Message(gettext_noop("The earlier window has no values while the latest one has.")))
