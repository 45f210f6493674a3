"""Customers at risk: the list in the order asked for, with what to do and who is left alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harken.act.next_actions import NextAction, NextActions, held_out
from harken.lake.contacts import contacts
from harken.lake.log import Lake
from harken.usecases.customers import FORECAST, PAGE_ROWS, forecasts, ordered
from harken.usecases.runs import Run
from harken.usecases.workspaces import Workspace

SORTS = ("value_at_stake", "risk", "value")


@dataclass(frozen=True, slots=True)
class AtRisk:
    """One customer of the list: the run's chance of leaving (0 to 1) and money, what to do where it is known.

    `held_out` is one in ten, drawn by number: left alone, so that the gain of contacting others can be measured.
    """

    customer_id: int
    number: str
    name: str | None
    risk: float | None
    value: float | None
    value_at_stake: float | None
    action: NextAction | None
    held_out: bool

    @property
    def title(self) -> str:
        """What to call the customer on a page."""
        return self.name or self.number


@dataclass(frozen=True, slots=True)
class AtRiskPage:
    """A page of the list: `count` customers in all, `families` of reasons that the list can be limited to."""

    rows: tuple[AtRisk, ...]
    count: int
    families: tuple[str, ...]


def sorts_of(run: Run) -> tuple[str, ...]:
    """What this run's customers can be sorted by, the usual order first."""
    columns = forecasts(run, ordered(run, "", 0, 1))
    known = next(iter(columns.values()), (None,) * len(FORECAST))
    held = dict(zip(FORECAST, known, strict=True))
    return tuple(name for name in SORTS if held.get(name) is not None) or ("",)


def chosen_ids(run: Run, *, sort: str = "", family: str = "", start: int = 0, count: int) -> list[int]:
    """Customers of the list from `start` on, by id."""
    if not family:
        return ordered(run, sort, start, count)
    actions = _actions(run)
    few = [one.customer_id for one in actions.values() if any(reason.family == family for reason in one.reasons)]
    return _sorted(run, few, sort)[start : start + count]


def at_risk_page(workspace: Workspace, run: Run, *, sort: str = "", family: str = "", page: int = 1) -> AtRiskPage:
    """One page of the list; pages count from 1. `family` limits it to customers with a reason of that family."""
    actions = _actions(run)
    named = {reason.family for one in actions.values() for reason in one.reasons}
    start = (max(page, 1) - 1) * PAGE_ROWS
    ids = chosen_ids(run, sort=sort, family=family, start=start, count=PAGE_ROWS)
    count = run.info.customers
    if family:
        count = sum(any(reason.family == family for reason in one.reasons) for one in actions.values())
    return AtRiskPage(at_risk_rows(workspace, run, ids), count, tuple(sorted(named)))


def at_risk_rows(workspace: Workspace, run: Run, ids: list[int]) -> tuple[AtRisk, ...]:
    """Some customers as the run sees them, in the order given."""
    actions, known = _actions(run), forecasts(run, ids)
    people = contacts(Lake(workspace.lake_root).pin(), ids)
    alone = held_out(np.asarray(ids, dtype=np.int64), run.info.seed)
    rows = []
    for customer_id, left_alone in zip(ids, alone.tolist(), strict=True):
        person = people.get(customer_id)
        risk, value, stake = known.get(customer_id, (None, None, None))
        number, name = (str(customer_id), None) if person is None else (person.number, person.name)
        action = actions.get(customer_id)
        rows.append(AtRisk(customer_id, number, name, risk, value, stake, action, left_alone))
    return tuple(rows)


def _actions(run: Run) -> dict[int, NextAction]:
    found = run.parts.get("actions")
    return {one.customer_id: one for one in found.actions} if isinstance(found, NextActions) else {}


def _sorted(run: Run, ids: list[int], sort: str) -> list[int]:
    at = FORECAST.index(sort or SORTS[0])
    known = forecasts(run, ids)

    def key(customer_id: int) -> tuple[float, int]:
        value = known.get(customer_id, (None,) * len(FORECAST))[at]
        return (-np.inf if value is None else -value), customer_id

    return sorted(ids, key=key)
