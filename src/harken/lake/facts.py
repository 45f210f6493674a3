"""What the lake knows of answers, outcomes, money and names, as columns ready for the stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import duckdb
    import pyarrow

    Connection = duckdb.DuckDBPyConnection

DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Question:
    """One question that customers answered with a score: where it was asked, its scale, how many answers."""

    programme: str
    question: str
    scale: str
    answers: int
    customers: int
    dated: bool

    @property
    def name(self) -> str:
        """programme/question, as settings name it."""
        return f"{self.programme}/{self.question}"


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to one question, ordered by (customer, time, signal): columns of equal length (n,).

    `ts_us` is epoch microseconds UTC, NaN-free int64 with the minimum of int64 where undated; `day` is
    datetime64[D], NaT where undated; `weight` is NaN where none was given.
    """

    customer_id: NDArray[np.int64]
    score: NDArray[np.float64]
    weight: NDArray[np.float64]
    ts_us: NDArray[np.int64]
    day: NDArray[np.datetime64]

    def __len__(self) -> int:
        return len(self.customer_id)


@dataclass(frozen=True, slots=True)
class Span:
    """First and last dated moment in the lake, epoch microseconds UTC and local days; None where undated."""

    first_us: int | None
    last_us: int | None
    first_day: date | None
    last_day: date | None
    signals: int
    people: int


@dataclass(frozen=True, slots=True)
class OutcomeName:
    """One declared outcome: rows, how many happened, whether dated, whether rows that did not happen are listed."""

    name: str
    rows: int
    happened: int
    dated: bool
    lists_zeros: bool


UNDATED_US = np.iinfo(np.int64).min


def span(connection: duckdb.DuckDBPyConnection) -> Span:
    """From when to when the lake has signals and outcomes, and how many."""
    row: Any = connection.execute(
        """
        select min(ts_us), max(ts_us), min(local_date), max(local_date), count(*) from (
            select ts_us, local_date from signals
            union all select ts_us, local_date from outcomes where ts_us is not null
        )
        """
    ).fetchone()
    people: Any = connection.execute("select count(distinct customer_id) from people").fetchone()
    signals: Any = connection.execute("select count(*) from signals").fetchone()
    return Span(row[0], row[1], row[2], row[3], signals[0], people[0])


def questions(connection: duckdb.DuckDBPyConnection) -> tuple[Question, ...]:
    """Every question with scores, most answered first; ties by name."""
    rows = connection.execute(
        """
        select coalesce(programme, ''), coalesce(question, ''), scale, count(*) as answers,
               count(distinct customer_id), count(ts_us) = count(*)
        from signals where kind = 'answer' and score is not null and scale is not null
        group by 1, 2, 3 order by answers desc, 1, 2, 3
        """
    ).fetchall()
    return tuple(Question(*row) for row in rows)


def answers(connection: duckdb.DuckDBPyConnection, question: Question) -> Answers:
    """All answers to one question."""
    columns = connection.execute(
        """
        select customer_id, score, coalesce(weight, 'nan'::double) as weight,
               coalesce(ts_us, ?) as ts_us,
               coalesce(local_date, date '1970-01-01' + cast(floor(ts_us / 86400000000.0) as integer)) as day
        from signals
        where kind = 'answer' and score is not null and scale = ?
          and coalesce(programme, '') = ? and coalesce(question, '') = ?
        order by customer_id, ts_us, signal_id
        """,
        [int(UNDATED_US), question.scale, question.programme, question.question],
    ).fetchnumpy()
    return Answers(
        _column(columns["customer_id"], np.int64),
        _column(columns["score"], np.float64),
        _column(columns["weight"], np.float64),
        _column(columns["ts_us"], np.int64),
        _days(columns["day"]),
    )


def outcome_names(connection: duckdb.DuckDBPyConnection) -> tuple[OutcomeName, ...]:
    """Every declared outcome, most rows first."""
    rows = connection.execute(
        """
        select outcome, count(*) as n, count(*) filter (where value > 0), count(ts_us) > 0,
               count(*) filter (where value = 0) > 0
        from outcomes group by 1 order by n desc, 1
        """
    ).fetchall()
    return tuple(OutcomeName(*row) for row in rows)


def outcomes(
    connection: duckdb.DuckDBPyConnection, name: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Rows of one outcome as (customer_id, ts_us or UNDATED_US, value), ordered by customer and time."""
    columns = connection.execute(
        "select customer_id, coalesce(ts_us, ?) as ts_us, value from outcomes where outcome = ? order by 1, 2, 3",
        [int(UNDATED_US), name],
    ).fetchnumpy()
    return (
        _column(columns["customer_id"], np.int64),
        _column(columns["ts_us"], np.int64),
        _column(columns["value"], np.float64),
    )


def days_with(connection: duckdb.DuckDBPyConnection, kind: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Days on which each customer had a signal of `kind`: (customer_id, day number since 1970), both ascending."""
    columns = connection.execute(
        """
        select distinct customer_id, cast(local_date - date '1970-01-01' as bigint) as day
        from signals where kind = ? and ts_us is not null and (amount is null or amount > 0) order by 1, 2
        """,
        [kind],
    ).fetchnumpy()
    return _column(columns["customer_id"], np.int64), _column(columns["day"], np.int64)


def yearly_amount(
    connection: duckdb.DuckDBPyConnection, customer_id: NDArray[np.int64], *, kind: str, until_us: int
) -> NDArray[np.float64]:
    """Money of each customer's signals of `kind` in the year before `until_us`, reporting currency, else 0.

    Amounts are counted in 4096ths: such sums are exact, whatever the order of the rows.
    """
    columns = connection.execute(
        """
        select customer_id, sum(floor(amount_reporting * 4096.0 + 0.5)) / 4096.0 as amount from signals
        where kind = ? and ts_us < ? and ts_us >= ? and amount_reporting is not null group by 1 order by 1
        """,
        [kind, until_us, until_us - 365 * DAY_US],
    ).fetchnumpy()
    return align(
        customer_id, _column(columns["customer_id"], np.int64), _column(columns["amount"], np.float64), 0.0
    )


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One source in the data inventory: what it brought and from when to when."""

    source: str
    kind: str
    rows: int
    customers: int
    first_day: date | None
    last_day: date | None


def source_entries(connection: duckdb.DuckDBPyConnection, snapshots: Sequence[str]) -> tuple[SourceEntry, ...]:
    """What every source brought: signals by kind, people, outcomes and snapshots."""
    parts = [
        "select source, kind, count(*), count(distinct customer_id), min(local_date), max(local_date) "
        "from signals group by 1, 2",
        "select source, 'people', count(*), count(distinct customer_id), null, null from people group by 1",
        "select source, outcome, count(*), count(distinct customer_id), min(local_date), max(local_date) "
        "from outcomes group by 1, 2",
    ]
    for source in snapshots:
        view, text = f"snapshots_{source}".replace('"', '""'), source.replace("'", "''")
        parts.append(
            f"select '{text}', 'snapshot', count(*), count(distinct customer_id), null, null from \"{view}\""
        )
    rows = connection.execute(" union all ".join(parts) + " order by 1, 2").fetchall()
    return tuple(SourceEntry(*row) for row in rows)


def value_columns(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[str, str], ...]:
    """Snapshot columns declared as money per customer and year: (source, column name)."""
    rows = connection.execute(
        "select distinct source, name from snapshot_columns where role = 'value' order by 1, 2"
    ).fetchall()
    return tuple((source, name) for source, name in rows)


def snapshot_amount(
    connection: duckdb.DuckDBPyConnection,
    customer_id: NDArray[np.int64],
    *,
    source: str,
    name: str,
    before_us: int | None,
) -> NDArray[np.float64]:
    """The latest value of a snapshot's number column for each customer, NaN where none is known.

    Rows dated at or after `before_us` are not read; undated rows always are.
    """
    view, column = (text.replace('"', '""') for text in (f"snapshots_{source}", name))
    columns = connection.execute(
        f"""
        select customer_id, cast(arg_max("{column}", coalesce(as_of_us, -9223372036854775807)) as double) as amount
        from "{view}" where "{column}" is not null and (as_of_us is null or as_of_us < ?) group by 1 order by 1
        """,
        [np.iinfo(np.int64).max if before_us is None else before_us],
    ).fetchnumpy()
    ids, amount = _column(columns["customer_id"], np.int64), _column(columns["amount"], np.float64)
    return align(customer_id, ids, amount, np.nan)


def align(
    customer_id: NDArray[np.int64], ids: NDArray[np.int64], values: NDArray[np.float64], missing: float
) -> NDArray[np.float64]:
    """`values` of ascending `ids` laid out in the order of `customer_id`; `missing` where an id has none.

    >>> align(np.array([3, 5, 9]), np.array([3, 9]), np.array([1.0, 2.0]), 0.0).tolist()
    [1.0, 0.0, 2.0]
    """
    if not len(ids):
        return np.full(len(customer_id), missing)
    place = np.minimum(np.searchsorted(ids, customer_id), len(ids) - 1)
    return np.where(ids[place] == customer_id, values[place], missing)


def names(connection: duckdb.DuckDBPyConnection) -> pyarrow.Table:
    """Number and name of every customer as Arrow: customer_id ascending, native_key, name."""
    table: pyarrow.Table = connection.sql(
        """
        select customer_id, min(native_key) as native_key, min(name) as name
        from people group by customer_id order by customer_id
        """
    ).to_arrow_table()
    return table


def accounts_of(connection: duckdb.DuckDBPyConnection) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
    """The account of every customer who belongs to one: (customer_id ascending, account 0, 1, ...); else None."""
    columns = connection.execute(
        """
        select customer_id, dense_rank() over (order by account_key) - 1 as account from (
            select customer_id, min(account_key) as account_key from people where account_key is not null group by 1
        ) order by customer_id
        """
    ).fetchnumpy()
    ids = _column(columns["customer_id"], np.int64)
    return (ids, _column(columns["account"], np.float64)) if len(ids) else None


def rating_matrix(
    connection: duckdb.DuckDBPyConnection, chosen: Question, others: Sequence[Question]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """The latest answers of each customer: (customer_id, score of `chosen`, scores of `others`), NaN where none.

    Shapes (n,), (n,) and (n, number of others); customers without an answer to `chosen` are left out.
    """
    latest = {question.name: _latest(answers(connection, question)) for question in (chosen, *others)}
    ids, score = latest[chosen.name]
    matrix = np.full((len(ids), len(others)), np.nan)
    for position, question in enumerate(others):
        matrix[:, position] = align(ids, *latest[question.name], np.nan)
    return ids, score, matrix


def _latest(rows: Answers) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    last = np.r_[rows.customer_id[1:] != rows.customer_id[:-1], True] if len(rows) else np.zeros(0, bool)
    return rows.customer_id[last], rows.score[last]


def _column(values: Any, dtype: Any) -> NDArray[Any]:
    return np.asarray(np.ma.getdata(values), dtype=dtype)


def _days(values: Any) -> NDArray[np.datetime64]:
    days = np.ma.asarray(values).astype("datetime64[D]")
    return np.asarray(days.filled(np.datetime64("NaT")), dtype="datetime64[D]")
