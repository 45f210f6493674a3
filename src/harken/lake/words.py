"""Customers' own words: comments of some customers, with what they were about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

if TYPE_CHECKING:
    from harken.lake.facts import Connection

LONGEST = 280
"""Characters; a longer comment is no quote to read in passing."""


@dataclass(frozen=True, slots=True)
class Comment:
    """What one customer wrote, as written: on which day, in an answer (its score) or a contact (about what)."""

    customer_id: int
    day: date | None
    kind: str
    channel: str | None
    issue: str | None
    scale: str | None
    score: float | None
    text: str


def comments_of(
    connection: Connection,
    customer_id: NDArray[np.int64],
    *,
    before_us: int | None,
    since_us: int | None,
    pattern: str,
    least: int,
    count: int,
) -> tuple[Comment, ...]:
    """At most `count` comments of customers, in the order of `customer_id`; of each customer the latest.

    Of `least` to 280 characters, one for each wording, matching the regular expression `pattern`, dated from
    `since_us` to before `before_us`; undated ones only where both are None.
    """
    order = pa.table({"customer_id": customer_id, "place": np.arange(len(customer_id))})
    connection.register("asked_customers", order)
    try:
        rows = connection.execute(
            """
            with said as (
                select s.customer_id, s.local_date, s.kind, s.channel, s.issue, s.scale, s.score, t.text, a.place,
                       row_number() over (partition by s.customer_id order by s.ts_us desc, s.signal_id) as latest,
                from signals as s
                join asked_customers as a on a.customer_id = s.customer_id
                join texts as t on t.text_id = s.text_ref
                where length(t.text) between ? and ? and regexp_matches(t.text, ?)
                  and (s.ts_us < ? or (s.ts_us is null and ? is null)) and (s.ts_us >= ? or ? is null)
            ), once as (
                select *, row_number() over (partition by text order by place) as repeat from said where latest = 1
            )
            select customer_id, local_date, kind, channel, issue, scale, score, text from once
            where repeat = 1 order by place limit ?
            """,
            [least, LONGEST, pattern, before_us, before_us, since_us, since_us, count],
        ).fetchall()
    finally:
        connection.unregister("asked_customers")
    return tuple(Comment(*row) for row in rows)
