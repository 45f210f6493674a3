"""From text cells to typed columns in layers of SQL, so that each step may use the one before by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harken.lake.staging.bases import Base
from harken.lake.staging.checks import Check, ProblemLog
from harken.lake.staging.delimited import ROW
from harken.lake.staging.times import TimePlan
from harken.lake.staging.zones import offset_of_local_sql, offset_of_utc_sql
from harken.vocabulary.messages import Message, gettext_noop

DAY_US = 86_400_000_000
EARLIEST_US = -2_208_988_800_000_000
"""1900-01-01: earlier times are placeholders of a program, not moments of a customer's life."""
BAD = "bad_"
LAYERS = 5
MASK_BITS = 60


@dataclass(slots=True)
class Recipe:
    """How the rows of a base become the rows of one part.

    Layer 0 holds text cells of the base; each later layer may use the columns of those before. `checks` look at
    all of them; a row with a true check gets its bit in `bad_`.
    """

    base: Base
    now_us: int
    company_zone: str
    layers: list[dict[str, str]] = field(default_factory=lambda: [{} for _ in range(LAYERS)])
    checks: list[Check] = field(default_factory=list)

    def cell(self, name: str, sql: str) -> str:
        """Add a text cell; returns its name."""
        self.layers[0][name] = sql
        return name

    def check(self, condition: str, column: str, value: str, reason: Message) -> None:
        """Add a check."""
        self.checks.append(Check(condition, column, value, reason))

    def add_number(self, name: str, sql: str, text: str, label: str) -> None:
        """A number column; text that is no number is a problem."""
        self.layers[1][name] = sql
        reason = Message(gettext_noop("{value} is not a number"))
        self.check(f"{name} IS NULL AND {text} IS NOT NULL", label, text, reason)

    def add_time(
        self,
        name: str,
        text: str,
        label: str,
        plan: TimePlan,
        zone: str,
        *,
        future: bool = False,
        certain: bool = False,
    ) -> None:
        """A moment `name` in microseconds UTC; unreadable, absurdly old and (unless `future`) future ones are
        problems."""
        local, offset = f"{name}_local", f"{name}_offset"
        self.layers[1][local] = plan.local_sql(text)
        self.layers[1][offset] = plan.offset_sql(text)
        if plan.absolute:
            self.layers[2][name] = local
        else:
            self.layers[2][name] = f"{local} - coalesce({offset}, {offset_of_local_sql(zone, local)})"
        if certain:
            return
        unreadable = Message(gettext_noop("{value} cannot be read as a date or time"))
        self.check(f"{local} IS NULL AND {text} IS NOT NULL", label, text, unreadable)
        self.check(
            f"{name} < {EARLIEST_US}", label, text, Message(gettext_noop("{value} lies before the year 1900"))
        )
        if not future:
            late = Message(gettext_noop("{value} lies in the future"))
            self.check(f"{name} > {self.now_us + DAY_US}", label, text, late)

    def add_day(self, name: str, moment: str) -> None:
        """The calendar day of a moment in the company's zone."""
        offset = offset_of_utc_sql(self.company_zone, moment)
        self.layers[3][name] = f"DATE '1970-01-01' + CAST(floor(({moment} + {offset}) / {DAY_US}.0) AS INTEGER)"

    def relation(self, where: str = "true") -> str:
        """The query with all layers; `where` selects rows of the base."""
        cells = "".join(f", {sql} AS {name}" for name, sql in self.layers[0].items())
        # Materialized, or DuckDB would compute each cell anew wherever a later layer uses it.
        query = (
            f"WITH cells AS MATERIALIZED (SELECT {ROW}{cells} FROM {self.base.relation} WHERE {where})"
            " SELECT * FROM cells"
        )
        for layer in self.layers[1:]:
            if layer:
                added = ", ".join(f"{sql} AS {name}" for name, sql in layer.items())
                query = f"SELECT *, {added} FROM ({query})"
        return query

    def run(self, columns: Mapping[str, str], where: str, keep: str, log: ProblemLog) -> str:
        """Make the table of the part: row number, bits of failed checks, `columns`; log every problem."""
        staging = self.base.staging
        table = f"part_{staging.number()}"
        masks = [self.checks[start : start + MASK_BITS] for start in range(0, len(self.checks), MASK_BITS)] or [[]]
        flags = "".join(f", {mask_sql(checks)} AS {BAD}{i}" for i, checks in enumerate(masks))
        listed = "".join(f", {sql} AS {name}" for name, sql in columns.items())
        staging.sql(
            f"CREATE TABLE {table} AS SELECT {ROW}{flags}{listed} FROM ({self.relation(where)}) WHERE {keep}"
        )
        failed = staging.row(
            "SELECT " + ", ".join(f"coalesce(bit_or({BAD}{i}), 0)" for i in range(len(masks))) + f" FROM {table}"
        )
        for i, checks in enumerate(masks):
            for position, check in enumerate(checks):
                if int(failed[i]) >> position & 1:
                    bad = f"SELECT {ROW} FROM {table} WHERE {BAD}{i} & {1 << position} <> 0"
                    log.add_query(self.base.table, check, self.relation(f"{ROW} IN ({bad})"))
        return table


def mask_sql(checks: list[Check]) -> str:
    """SQL for a number whose bits say which checks failed."""
    bits = " | ".join(
        f"(CASE WHEN {check.condition} THEN {1 << position} ELSE 0 END)" for position, check in enumerate(checks)
    )
    return f"CAST({bits or '0'} AS BIGINT)"
