"""Whom a driver family concerns: customers to act on for whom its lever is a reason."""

from __future__ import annotations

from dataclasses import dataclass

from harken.usecases.customers import CustomerRow, one_customer
from harken.usecases.runs import NotRun, Run

ROWS_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Concerned:
    """Customers to act on for whom one driver family is a reason: the first `rows` of `total`, of `considered`."""

    rows: tuple[CustomerRow, ...]
    total: int
    considered: int


def customers_of_family(run: Run, family: str) -> Concerned:
    """The customers with most at stake whose forecast falls when the family is set to what is usual elsewhere."""
    found = run.parts.get("actions")
    if found is None or isinstance(found, NotRun):
        return Concerned((), 0, 0)
    named = [
        action.customer_id
        for action in found.actions
        if not action.hold_out and any(reason.family == family for reason in action.reasons)
    ]
    rows = (one_customer(run, customer_id) for customer_id in named[:ROWS_AT_MOST])
    return Concerned(tuple(row for row in rows if row is not None), len(named), found.considered)
