"""Rows of one part that are ready for one table of the lake, but for the rows that a problem rejects."""

from __future__ import annotations

from dataclasses import dataclass

from harken.lake.staging.checks import ProblemLog
from harken.lake.staging.delimited import ROW
from harken.lake.staging.tables import StagedTable, Staging
from harken.lake.staging.values import literal
from harken.listen.mapping.model import Part
from harken.vocabulary.messages import Message


@dataclass(frozen=True, slots=True)
class Output:
    """`relation` holds the rows that `part` reads from `table`, for the lake's table `target`."""

    part: Part
    table: StagedTable
    target: str
    kind: str
    relation: str
    columns: tuple[str, ...]

    def good_sql(self, log: ProblemLog) -> str:
        """A query of the rows whose source row has no problem in any part."""
        listed = ", ".join((ROW, *self.columns))
        return f"SELECT {listed} FROM {self.relation} WHERE {ROW} NOT IN ({log.rejected_sql(self.table)})"


def refuse_contradictions(
    staging: Staging,
    log: ProblemLog,
    output: Output,
    keys: tuple[str, ...],
    column: str,
    shown: str,
    reason: Message,
) -> None:
    """Log rows that repeat the key of an earlier row of the file with other content; equal rows are no problem.

    `keys` are columns of the relation, `column` names them in the file, `shown` is SQL for the value to show; the
    reason may use {detail}, the row of the first.
    """
    content = [name for name in output.columns if name not in keys]
    compared = f"hash({', '.join(content)})" if content else "0"
    partition = ", ".join(keys)
    filled = " AND ".join(f"{key} IS NOT NULL" for key in keys[:1])
    number = log.reason_number(reason)
    repeated = f"SELECT {partition} FROM {output.relation} WHERE {filled} GROUP BY {partition} HAVING count(*) > 1"
    same = " AND ".join(f"o.{key} IS NOT DISTINCT FROM r.{key}" for key in keys)
    staging.sql(
        "INSERT INTO problems SELECT"
        f" {output.table.number}, {ROW}, {literal(column)}, substr({shown}, 1, 80), {number},"
        " CAST(first_row AS VARCHAR)"
        f" FROM (SELECT o.*, {compared} AS content_, first_value({compared}) OVER w AS first_content,"
        f" first_value({ROW}) OVER w AS first_row FROM {output.relation} AS o"
        f" SEMI JOIN ({repeated}) AS r ON {same}"
        f" WINDOW w AS (PARTITION BY {partition} ORDER BY {ROW}))"
        f" WHERE content_ <> first_content"
    )
