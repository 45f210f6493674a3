"""When every customer joined, and what groups they belong to: of all who ever were, those who left included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harken.lake.facts import UNDATED_US
from harken.unify.features.query import latest_query

if TYPE_CHECKING:
    from harken.lake.facts import Connection

Ints = NDArray[np.int64]


def beginnings(connection: Connection, until_us: int) -> tuple[Ints, Ints, Ints]:
    """(customer_id ascending, declared moment of joining, first dated signal), UNDATED_US where not known.

    Only what lies before `until_us` is read; epoch microseconds UTC.
    """
    columns = connection.execute(
        """
        select p.customer_id, coalesce(p.joined_us, ?) as joined_us, coalesce(s.first_us, ?) as first_us from
        (select customer_id, min(joined_us) as joined_us from people group by 1) p
        left join (select customer_id, min(ts_us) as first_us from signals where ts_us < ? group by 1) s
        on p.customer_id = s.customer_id order by 1
        """,
        [int(UNDATED_US), int(UNDATED_US), until_us],
    ).fetchnumpy()
    ids, joined, first = (np.asarray(np.ma.getdata(columns[name]), dtype=np.int64) for name in columns)
    return ids, joined, first


def groups(
    connection: Connection,
    customer_id: Ints,
    source: str | None,
    levels: Sequence[tuple[str, tuple[str, ...]]],
    as_of_us: int | None,
) -> list[Ints]:
    """The place of each customer's latest value among the levels of (column, levels), -1 where it is none of them.

    `source` is a snapshot, None for the people; customers who have left are read like all others.
    """
    table = connection.sql(latest_query(source, [column for column, _ in levels], as_of_us)).to_arrow_table()
    ids = np.asarray(table["customer_id"], dtype=np.int64)
    if not len(ids):
        return [np.full(len(customer_id), -1, dtype=np.int64) for _ in levels]
    place = np.minimum(np.searchsorted(ids, customer_id), len(ids) - 1)
    found = []
    for number, (_, names) in enumerate(levels, start=1):
        column = table.column(number).cast("string").combine_chunks().dictionary_encode()
        known = {name: code for code, name in enumerate(names)}
        codes = np.array([known.get(name, -1) for name in column.dictionary.to_pylist()] + [-1], dtype=np.int64)
        code = codes[np.asarray(column.indices.fill_null(len(codes) - 1), dtype=np.int64)][place]
        found.append(np.where(ids[place] == customer_id, code, -1))
    return found


def daily_amounts(connection: Connection, kind: str, until_us: int) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Days on which each customer had a signal of `kind` worth something: (customer_id, day since 1970, money).

    In the reporting currency, ordered by customer and day; amounts are counted in 4096ths, so that sums are exact.
    """
    columns = connection.execute(
        """
        select customer_id, cast(local_date - date '1970-01-01' as bigint) as day,
               sum(floor(amount_reporting * 4096.0 + 0.5)) / 4096.0 as amount
        from signals where kind = ? and ts_us < ? and amount_reporting > 0 group by 1, 2 order by 1, 2
        """,
        [kind, until_us],
    ).fetchnumpy()
    ids, day = (np.asarray(np.ma.getdata(columns[name]), dtype=np.int64) for name in ("customer_id", "day"))
    return ids, day, np.asarray(np.ma.getdata(columns["amount"]), dtype=np.float64)
