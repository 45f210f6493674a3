"""Finding a customer among all of them, and listing them, whether or not anything was analysed yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from harken.lake import customer_search
from harken.lake.customer_index import build_index, index_path
from harken.lake.customer_search import Heard
from harken.lake.log import Lake
from harken.usecases.customers import PAGE_ROWS, forecasts
from harken.usecases.runs import Run, utc
from harken.usecases.workspaces import Workspace


@dataclass(frozen=True, slots=True)
class ListedCustomer:
    """One customer in a list: their own number and name, their account's name, their latest signal.

    `signals` counts what was heard of them, None while no index tells; `risk` (0 to 1), `value` (money a year) and
    `value_at_stake` are the run's, None where there is none.
    """

    customer_id: int
    number: str
    name: str | None
    account: str | None
    last: datetime | None
    signals: int | None
    risk: float | None = None
    value: float | None = None
    value_at_stake: float | None = None

    @property
    def title(self) -> str:
        """What to call the customer on a page."""
        return self.name or self.number


@dataclass(frozen=True, slots=True)
class CustomerList:
    """One page of customers: `count` found in all, `more` where even more match.

    `heard` says of how many there are signals; None while the index of the present data is being built.
    """

    rows: tuple[ListedCustomer, ...]
    count: int
    more: bool
    heard: Heard | None


def list_customers(workspace: Workspace, run: Run | None, text: str, page: int) -> CustomerList:
    """Customers that `text` finds, all where it is empty; pages of 50 count from 1.

    Never waits for the index: while it is being built the customers are read one by one, which is slower and finds
    less.
    """
    lake = Lake(workspace.lake_root).pin()
    start = (max(page, 1) - 1) * PAGE_ROWS
    with customer_search.opened(lake) as index:
        if index is None:
            found = customer_search.scanned(lake, text, start, PAGE_ROWS)
        elif text.strip():
            found = customer_search.found(index, text, start, PAGE_ROWS)
        else:
            found = customer_search.listed(index, start, PAGE_ROWS)
        heard = None if index is None else customer_search.heard(index)
    known = {} if run is None else forecasts(run, [row.customer_id for row in found.rows])
    rows = tuple(
        ListedCustomer(
            row.customer_id,
            row.number,
            row.name,
            row.account,
            None if row.last_us is None else utc(row.last_us),
            None if heard is None else row.signals,
            *known.get(row.customer_id, ()),
        )
        for row in found.rows
    )
    return CustomerList(rows, found.count, found.more, heard)


def index_is_current(workspace: Workspace) -> bool:
    """Whether the search index of the present data is there; nothing needs one while there are no data."""
    lake = Lake(workspace.lake_root).pin()
    return not lake.pointer_id or index_path(lake).exists()


def keep_index(workspace: Workspace, *, now_us: int) -> bool:
    """Build the search index of the present data where it is not there; whether it had to be built.

    Raises Busy while another process builds it.
    """
    if index_is_current(workspace):
        return False
    build_index(Lake(workspace.lake_root).pin(), now_us=now_us)
    return True
