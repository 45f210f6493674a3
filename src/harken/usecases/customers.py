"""Customers of a run: a page of them, one of them, and the search for one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harken.usecases.runs import Run

PAGE_ROWS = 50
FOUND_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer as a run sees them: probabilities (0 to 1) and money, None where the run cannot say.

    `number` and `name` are the company's own; `unfavourable`, `middle`, `favourable` are the chances of each kind
    of answer; `risk` is the chance of leaving within the horizon; `value` money a year, `value_at_stake` risk times
    value; `more` holds whatever else the run keeps per customer.
    """

    customer_id: int
    number: str
    name: str | None
    answered: bool | None
    answer_chance: float | None
    unfavourable: float | None
    middle: float | None
    favourable: float | None
    risk: float | None
    value: float | None
    value_at_stake: float | None
    more: dict[str, Any]

    @property
    def title(self) -> str:
        """What to call the customer on a page."""
        return self.name or self.number


_FIELDS = tuple(name for name in CustomerRow.__dataclass_fields__ if name != "more")


def _row(values: dict[str, Any]) -> CustomerRow:
    known = {name: _known(values.get(name)) for name in _FIELDS}
    known["number"] = known["number"] or str(values["customer_id"])
    return CustomerRow(**known, more={name: _known(v) for name, v in values.items() if name not in known})


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value


def customers_page(run: Run, page: int) -> tuple[CustomerRow, ...]:
    """One page of customers, highest value at stake first; pages count from 1."""
    table = run.customers(start=(page - 1) * PAGE_ROWS, count=PAGE_ROWS)
    return tuple(_row(values) for values in table.to_pylist())


def one_customer(run: Run, customer_id: int) -> CustomerRow | None:
    """A customer by id, None where the run does not know them."""
    values = run.customer(customer_id)
    return None if values is None else _row(values)


def find_customers(run: Run, text: str) -> tuple[CustomerRow, ...]:
    """Customers whose number is `text` or whose number or name contains it, exact numbers first; at most 20."""
    import pyarrow.compute as pc

    wanted = text.strip()
    if not wanted:
        return ()
    table = run.customers()
    number, name = table["number"].cast("string"), table["name"].cast("string")
    exact = pc.equal(number, wanted)
    within = pc.or_kleene(
        pc.match_substring(number, wanted, ignore_case=True), pc.match_substring(name, wanted, ignore_case=True)
    )
    first = table.filter(exact)
    others = table.filter(pc.and_kleene(within, pc.invert(exact))).slice(0, FOUND_AT_MOST)
    rows = [*first.to_pylist(), *others.to_pylist()]
    return tuple(_row(values) for values in rows[:FOUND_AT_MOST])
