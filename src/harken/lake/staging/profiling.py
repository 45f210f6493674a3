"""Profiles of staged tables, set by set."""

from __future__ import annotations

from collections.abc import Sequence

from harken.lake.staging.delimited import ROW, column_id
from harken.lake.staging.tables import StagedTable, Staging
from harken.lake.staging.times import Evidence, evidence_sql
from harken.lake.staging.values import filled_sql, number_sql
from harken.listen.mapping.model import DEFAULT_BLANK
from harken.listen.mapping.proposal.profiles import ColumnProfile, TableProfile

SAMPLE_ROWS = 100_000
TOP_VALUES = 12
TIME_SHARE = 0.9
LOOKS_DATED = "^[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月]|^[0-9]{8}$|[A-Za-z]{3}.*[0-9]{2}|^[0-9]{10,16}$"


def profile_table(staging: Staging, table: StagedTable) -> TableProfile:
    """The profile of a staged table; counts of a large one are from every k-th row, but different keys from all."""
    step = max(1, table.rows // SAMPLE_ROWS)
    positions = range(len(table.columns))
    columns = tuple(profile_column(staging, table, i, step, ".") for i in positions)
    decimal = "," if comma_decimals(columns) else "."
    if decimal == ",":
        columns = tuple(profile_column(staging, table, i, step, decimal) for i in positions)
    return TableProfile(
        table.name, table.sheet, table.rows, table.encoding, table.delimiter, table.header_rows, columns, decimal
    )


def comma_decimals(columns: Sequence[ColumnProfile]) -> bool:
    """True where numbers are written with a decimal comma, and none with a decimal point."""
    commas = any(column.decimal_commas > 0.5 * column.filled > 0 for column in columns)
    return commas and not any(column.numeric and column.whole < column.numbers for column in columns)


def profile_column(staging: Staging, table: StagedTable, position: int, step: int, decimal: str) -> ColumnProfile:
    """The profile of one column."""
    cell, relation = "t", f"sample_{staging.number()}"
    text = filled_sql(column_id(position), DEFAULT_BLANK)
    where = f" WHERE {ROW} % {step} = 0" if step > 1 else ""
    staging.sql(f"CREATE TEMP TABLE {relation} AS SELECT {ROW}, {text} AS t FROM {table.table}{where}")
    filled, numbers, whole, low, high, distinct, characters, codes, dated, commas = staging.row(
        f"SELECT count(t), count(n), count(*) FILTER (WHERE n = trunc(n)), min(n), max(n), count(DISTINCT t),"
        " coalesce(avg(length(t)), 0), coalesce(bool_or(regexp_matches(t, '^0[0-9]')), false),"
        f" count(*) FILTER (WHERE regexp_matches(t, '{LOOKS_DATED}')),"
        " count(*) FILTER (WHERE regexp_full_match(t, '-?(\\d{1,3}(\\.\\d{3})+|\\d+),\\d{1,2}\\s*[€$£%]?'))"
        f" FROM (SELECT t, {number_sql('t', decimal)} AS n FROM {relation})"
    )
    word, unsure, first_year, last_year, days_only = None, False, None, None, False
    if filled and dated >= TIME_SHARE * filled:
        word, unsure, first_year, last_year, days_only = times_of(staging, relation, cell)
    top = staging.sql(
        f"SELECT t, count(*) FROM {relation} WHERE t IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {TOP_VALUES}"
    ).fetchall()
    samples = staging.sql(
        f"SELECT t FROM {relation} WHERE t IS NOT NULL GROUP BY 1 ORDER BY min({ROW}) LIMIT 4"
    ).fetchall()
    staging.sql(f"DROP TABLE {relation}")
    numbers, whole, commas = numbers * step, whole * step, commas * step
    if step > 1 and distinct > 0.5 * filled:
        distinct, filled = staging.row(
            f"SELECT count(DISTINCT t), count(t) FROM (SELECT {text} AS t FROM {table.table})"
        )
    else:
        filled *= step
    return ColumnProfile(
        table.columns[position],
        table.labels[position],
        filled,
        min(numbers, filled),
        min(whole, filled),
        low,
        high,
        distinct,
        characters,
        codes,
        word,
        unsure,
        tuple((value[:60], count * step) for value, count in top),
        tuple(row[0][:60] for row in samples),
        commas,
        first_year,
        last_year,
        days_only,
    )


def times_of(staging: Staging, relation: str, cell: str) -> tuple[str | None, bool, int | None, int | None, bool]:
    """How the times of a column are written, whether that is unsure, first and last year, whether only days."""
    evidence = Evidence(*staging.row(evidence_sql(cell, relation)))
    plan = evidence.plan(TIME_SHARE)
    if plan is None or plan.word == "excel":
        return None, False, None, None, False
    first, last, days_only = staging.row(
        f"SELECT year(make_timestamp(min(t))), year(make_timestamp(max(t))), bool_and(t % 86400000000 = 0)"
        f" FROM (SELECT {plan.local_sql(cell)} AS t FROM {relation})"
    )
    return plan.word, evidence.ambiguous, first, last, bool(days_only)


def overlap(staging: Staging, left: StagedTable, left_column: str, right: StagedTable, right_column: str) -> float:
    """The share of a column's different values that stand in a column of another table too."""
    here = column_id(left.columns.index(left_column))
    there = column_id(right.columns.index(right_column))
    values = f"SELECT DISTINCT key_of({filled_sql(here, DEFAULT_BLANK)}) AS v FROM {left.table}"
    known = f"SELECT DISTINCT key_of({filled_sql(there, DEFAULT_BLANK)}) AS v FROM {right.table}"
    total, shared = staging.row(
        f"SELECT count(*), count(k.v) FROM (SELECT v FROM ({values}) WHERE v IS NOT NULL LIMIT {SAMPLE_ROWS}) AS h"
        f" LEFT JOIN ({known}) AS k ON h.v = k.v"
    )
    return float(shared) / float(total) if total else 0.0
