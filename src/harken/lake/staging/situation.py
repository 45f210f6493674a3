"""What every part of an import needs to know: the mapping, the company's zone and currency, now, how times are
written."""

from __future__ import annotations

from dataclasses import dataclass, field

from harken.lake.staging.bases import Base
from harken.lake.staging.checks import ProblemLog
from harken.lake.staging.delimited import ROW
from harken.lake.staging.recipes import Recipe
from harken.lake.staging.tables import Staging
from harken.lake.staging.times import Evidence, TimePlan, declared_plan, evidence_sql
from harken.lake.staging.values import literal
from harken.listen.mapping.model import Field, Mapping, Who
from harken.vocabulary.errors import Problem
from harken.vocabulary.messages import Message, gettext_noop

SAMPLE_ROWS = 200_000


@dataclass(slots=True)
class Situation:
    """One import under way. `obstacles` are problems of the mapping or of whole columns, which stop the import."""

    staging: Staging
    mapping: Mapping
    log: ProblemLog
    now_us: int
    company_zone: str | None
    reporting_currency: str | None
    obstacles: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    plans: dict[tuple[str, str], TimePlan] = field(default_factory=dict)

    @property
    def zone(self) -> str | None:
        """Zone of times written without one, unless a file says otherwise."""
        return self.mapping.time_zone or self.company_zone

    @property
    def currency(self) -> str | None:
        """Currency of amounts written without one."""
        return self.mapping.currency or self.reporting_currency

    def recipe(self, base: Base) -> Recipe:
        """An empty recipe over a base."""
        return Recipe(base, self.now_us, self.company_zone or self.zone or "UTC")

    def stop(self, base: Base, column: str, text: str, **params: str) -> None:
        """Note what stops the import; `text` is a marked message."""
        self.obstacles.append(Problem(Message(text, params), file=base.table.name, column=column or None))

    def add_time(
        self, recipe: Recipe, name: str, field: Field, who: Who, *, required: bool, future: bool = False
    ) -> None:
        """Add a moment to a recipe, finding out how it is written unless the mapping declares it."""
        text = recipe.cell(f"{name}_text", recipe.base.cell(field))
        plan = self.time_plan(recipe.base, field, who)
        zone = who.time_zone or self.zone
        if zone is None and not plan.absolute:
            self.stop(
                recipe.base,
                field.label,
                gettext_noop('times need a time zone: add time_zone = "Asia/Shanghai" (or yours) to [mapping]'),
            )
        recipe.add_time(name, text, field.label, plan, zone or "UTC", future=future)
        if required:
            recipe.check(f"{text} IS NULL", field.label, text, Message(gettext_noop("the time is missing")))

    def time_plan(self, base: Base, field: Field, who: Who) -> TimePlan:
        """How the times of a field are written: declared, else the way that reads most of the values."""
        cell = base.cell(field)
        key = (base.relation, cell + repr(who.time_format))
        if key in self.plans:
            return self.plans[key]
        if field.constant is not None:
            plan = declared_plan(who.time_format or ("iso",), offsets=True)
        else:
            plan = self._found_plan(base, field, cell, who.time_format)
        self.plans[key] = plan
        return plan

    def _found_plan(self, base: Base, field: Field, cell: str, formats: tuple[str, ...]) -> TimePlan:
        filled, quick, offsets = self.staging.row(
            "SELECT count(t),"
            " count(CASE WHEN regexp_matches(t, '^\\d{4}-\\d') THEN TRY_CAST(t AS TIMESTAMP) END),"
            f" count(*) FILTER (WHERE regexp_matches(t, '[ZCT0-9]$') AND regexp_matches(t, {OFFSET_LITERAL}))"
            f" FROM (SELECT {cell} AS t FROM {base.relation})"
        )
        if formats:
            return declared_plan(formats, offsets > 0)
        if not filled or filled == quick:
            return TimePlan("iso", offsets=offsets > 0)
        rows = int(self.staging.row(f"SELECT count(*) FROM {base.relation}")[0])
        step = max(1, rows // SAMPLE_ROWS)
        evidence = self._evidence(cell, f"{base.relation} WHERE {ROW} % {step} = 0")
        if evidence.ambiguous and step > 1:
            evidence = self._evidence(cell, base.relation)
        if evidence.ambiguous:
            self.stop(
                base,
                field.label,
                gettext_noop(
                    'dates may be day first or month first: add time_format = "dmy" or time_format = "mdy"'
                ),
            )
        plan = evidence.plan()
        if plan is None:
            self.stop(
                base,
                field.label,
                gettext_noop(
                    'most values cannot be read as dates or times: add time_format, such as "%d.%m.%Y %H:%M"'
                ),
            )
        return plan or TimePlan("iso")

    def _evidence(self, cell: str, relation: str) -> Evidence:
        return Evidence(*self.staging.row(evidence_sql(cell, relation)))

    def add_person(self, recipe: Recipe, who: Who) -> bool:
        """Add the person's number; False (and an obstacle) where the mapping names none."""
        if who.person is None:
            self.stop(
                recipe.base,
                "",
                gettext_noop(
                    'the mapping does not say whose rows these are: add person = "..." with the column of the'
                    ' customer number, or person = "#row" where every row is another person'
                ),
            )
            return False
        text = recipe.cell("person_text", recipe.base.cell(who.person))
        recipe.layers[1]["native_key"] = f"key_of({text})"
        missing = Message(gettext_noop("the customer number is missing"))
        recipe.check(f"{text} IS NULL", who.person.label, text, missing)
        return True

    def add_account(self, recipe: Recipe, account: Field | None) -> None:
        """Add the account's number, NULL where there is none."""
        recipe.layers[1]["account_native"] = f"key_of({recipe.base.cell(None)})"
        if account is not None:
            recipe.layers[1]["account_native"] = f"key_of({recipe.cell('account_text', recipe.base.cell(account))})"


def key_sql(situation: Situation) -> str:
    """The id space as a SQL literal."""
    return literal(situation.mapping.id_space)


OFFSET_LITERAL = literal(r":\d\d(?:[.,]\d+)?\s*(?:Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)$")
