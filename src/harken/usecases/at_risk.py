"""Customers at risk: the list in the order asked for, with what to do and who is left alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harken.lake.contacts import contacts
from harken.lake.log import Lake
from harken.usecases.customers import FORECAST, PAGE_ROWS, forecasts, ordered
from harken.usecases.runs import Run
from harken.usecases.workspaces import Workspace

if TYPE_CHECKING:
    from harken.act.next_actions import NextAction

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
    columns = forecasts(run, ordered(run, "")[:1].tolist())
    known = next(iter(columns.values()), (None,) * len(FORECAST))
    held = dict(zip(FORECAST, known, strict=True))
    return tuple(name for name in SORTS if held.get(name) is not None) or ("",)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which customers are listed, in which order: `sort` one of SORTS, "" for the run's own order.

    `family` limits the list to customers with a reason of that family, `segment` to a column and one of its levels.
    """

    sort: str = ""
    family: str = ""
    segment: tuple[str, str] | None = None


def chosen_ids(run: Run, chosen: Chosen = Chosen()) -> NDArray[np.int64]:
    """The customers of the whole list, by id, in its order."""
    ids = ordered(run, chosen.sort, chosen.segment)
    if not chosen.family:
        return ids
    with_reason = [
        one.customer_id
        for one in _actions(run).values()
        if any(reason.family == chosen.family for reason in one.reasons)
    ]
    return ids[np.isin(ids, with_reason)]


def at_risk_page(workspace: Workspace, run: Run, chosen: Chosen = Chosen(), *, page: int = 1) -> AtRiskPage:
    """One page of the list; pages count from 1."""
    named = {reason.family for one in _actions(run).values() for reason in one.reasons}
    start = (max(page, 1) - 1) * PAGE_ROWS
    ids = chosen_ids(run, chosen)
    rows = at_risk_rows(workspace, run, ids[start : start + PAGE_ROWS].tolist())
    return AtRiskPage(rows, len(ids), tuple(sorted(named)))


def at_risk_rows(workspace: Workspace, run: Run, ids: list[int]) -> tuple[AtRisk, ...]:
    """Some customers as the run sees them, in the order given."""
    actions, known = _actions(run), forecasts(run, ids)
    people = contacts(Lake(workspace.lake_root).pin(), ids)
    from harken.act.next_actions import held_out

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
    from harken.act.next_actions import NextActions

    found = run.parts.get("actions")
    return {one.customer_id: one for one in found.actions} if isinstance(found, NextActions) else {}
