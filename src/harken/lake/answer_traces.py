"""How answers were given: by whom people were served before, over which channel, how quickly, with words or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harken.lake.facts import UNDATED_US, Question

if TYPE_CHECKING:
    from harken.lake.facts import Connection

Names = tuple[NDArray[np.int64], tuple[str, ...]]
"""Codes (n,), -1 where nothing is noted, and the names they stand for."""
PLACES = ("agent", "channel", "touchpoint")
LAST_US = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Traces:
    """Answers to one question, ordered by (customer, time, signal); arrays (n,).

    `ts_us` is UNDATED_US where undated, `duration_s` NaN where unknown, `words` True where words came with the
    answer; `places` are the agent, channel and touchpoint noted on it.
    """

    customer_id: NDArray[np.int64]
    ts_us: NDArray[np.int64]
    score: NDArray[np.float64]
    duration_s: NDArray[np.float64]
    words: NDArray[np.bool_]
    places: dict[str, Names]


@dataclass(frozen=True, slots=True)
class ContactsServed:
    """Contacts that name who served, ordered by (customer, time, signal); arrays (m,)."""

    customer_id: NDArray[np.int64]
    ts_us: NDArray[np.int64]
    agent: Names


def answer_traces(
    connection: Connection, question: Question, from_us: int | None = None, until_us: int | None = None
) -> Traces:
    """How the answers to one question were given, from one moment to before another; also undated ones."""
    table = connection.sql(
        """
        select customer_id, coalesce(ts_us, ?) as ts_us, score,
               coalesce(duration_s, 'nan'::double) as duration_s, text_ref is not null as words,
               agent, channel, touchpoint
        from signals
        where kind = 'answer' and score is not null and scale = ?
          and coalesce(programme, '') = ? and coalesce(question, '') = ?
          and (ts_us is null or (ts_us >= ? and ts_us < ?))
        order by customer_id, ts_us, signal_id
        """,
        params=[
            int(UNDATED_US), question.scale, question.programme, question.question,
            int(UNDATED_US) if from_us is None else from_us, LAST_US if until_us is None else until_us,
        ],
    ).to_arrow_table()  # fmt: skip
    return Traces(
        customer_id=_numbers(table, "customer_id", np.int64),
        ts_us=_numbers(table, "ts_us", np.int64),
        score=_numbers(table, "score", np.float64),
        duration_s=_numbers(table, "duration_s", np.float64),
        words=_numbers(table, "words", np.bool_),
        places={place: _names(table, place) for place in PLACES},
    )


def contacts_served(
    connection: Connection, from_us: int | None = None, until_us: int | None = None
) -> ContactsServed:
    """Dated contacts that name who served, from one moment to before another."""
    table = connection.sql(
        """
        select customer_id, ts_us, agent from signals
        where kind = 'contact' and agent is not null and ts_us >= ? and ts_us < ?
        order by customer_id, ts_us, signal_id
        """,
        params=[int(UNDATED_US) if from_us is None else from_us, LAST_US if until_us is None else until_us],
    ).to_arrow_table()
    return ContactsServed(
        _numbers(table, "customer_id", np.int64), _numbers(table, "ts_us", np.int64), _names(table, "agent")
    )


def _numbers(table: Any, name: str, kind: Any) -> Any:
    return table[name].to_numpy().astype(kind)


def _names(table: Any, name: str) -> Names:
    """A column of texts as codes and names in order."""
    column = table[name].combine_chunks().dictionary_encode()
    names = column.dictionary.to_pylist()
    order = sorted(range(len(names)), key=lambda at: str(names[at]))
    place = np.empty(len(names) + 1, dtype=np.int64)
    place[order] = np.arange(len(names))
    place[-1] = -1
    codes = column.indices.fill_null(len(names)).to_numpy(zero_copy_only=False).astype(np.int64)
    return place[codes], tuple(str(names[at]) for at in order)
