"""What a customer carries at a date out of the time before, with or without a cause."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from harken.demo.company import (
    BILL_ISSUE,
    LEAVING_STEPS,
    LIKING_STEPS,
    NEW_DAYS,
    STEP_DAYS,
    STEPS,
    WARM_UP_STEPS,
    Happening,
)
from harken.demo.customers import Customers
from harken.demo.happenings import Happenings, step_of

Matrix = NDArray[np.float32]
Mask = NDArray[np.bool_]
Cause = Literal[
    "waiting",
    "waiting_below_kink",
    "repeat_contact",
    "bill_wording",
    "price_rise",
    "late_delivery",
    "checkout_clicks",
    "monthly_contract",
    "fading",
]
CAUSES: tuple[Cause, ...] = get_args(Cause)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What happened in each step, float32 of shape (STEPS, n). All are whole numbers, so that sums are exact."""

    contacts: Matrix
    wait_s: Matrix
    repeats: Matrix
    bills: Matrix
    rises: Matrix
    lates: Matrix
    checkouts: Matrix
    clicks: Matrix
    fading: Matrix


@dataclass(frozen=True, slots=True)
class Carried:
    """What is carried into steps `first` to `first + k - 1`: float32 of shape (k, n), letters as in `company`."""

    first: int
    wait_minutes: Matrix
    repeat: Matrix
    bill: Matrix
    price: Matrix
    late: Matrix
    clicks: Matrix
    fading: Matrix


def _counted(
    n: int, rows: NDArray[np.int64], steps: NDArray[np.int64], values: NDArray[np.int64] | None = None
) -> Matrix:
    """How many (or the sum of what) fell in each customer's step, float32 of shape (STEPS, n)."""
    flat = np.bincount(steps * n + rows, weights=values, minlength=n * STEPS)
    return flat.reshape(STEPS, n).astype(np.float32)


def keep_ledger(customers: Customers, happenings: Happenings) -> Ledger:
    """The company's happenings step by step."""
    n, contacts, checkouts = customers.n, happenings.contacts, happenings.checkouts
    step, shop_step = step_of(contacts.second), step_of(checkouts.second)
    bill = contacts.issue == BILL_ISSUE
    return Ledger(
        contacts=_counted(n, contacts.customer, step),
        wait_s=_counted(n, contacts.customer, step, contacts.wait_s),
        repeats=_counted(n, contacts.customer[contacts.repeat], step[contacts.repeat]),
        bills=_counted(n, contacts.customer[bill], step[bill]),
        rises=_rises(n, happenings),
        lates=_lates(n, happenings),
        checkouts=_counted(n, checkouts.customer, shop_step),
        clicks=_counted(n, checkouts.customer, shop_step, checkouts.clicks),
        fading=np.ascontiguousarray(happenings.fading.T, dtype=np.float32),
    )


def _rises(n: int, happenings: Happenings) -> Matrix:
    """Price rises, on the day of the first dearer invoice."""
    rows, columns = np.nonzero(happenings.invoices.rise_percent)
    step = happenings.invoices.day[rows, columns] // STEP_DAYS + WARM_UP_STEPS
    return _counted(n, rows[step < STEPS], step[step < STEPS])


def _lates(n: int, happenings: Happenings) -> Matrix:
    """Late deliveries, on the day the parcel came."""
    orders = happenings.orders
    delivered = step_of(orders.delivered_second)
    late = orders.late & (delivered < STEPS)
    return _counted(n, orders.customer[late], delivered[late])


def remove(
    ledger: Ledger, cause: Cause, customers: Customers, happenings: Happenings, happening: Happening
) -> Ledger:
    """The ledger of a company without one cause, all else with the same draws.

    Without waiting: every wait is at most 12 minutes. Without waiting below the kink: customers who never waited
    longer do not wait at all. Without repeat contacts: the second contacts do not take place, nor do their waits.
    Without bill wording: the same contacts, but about something the customer understands. Without late deliveries:
    the same orders in time. Without checkout clicks: every checkout takes at most 9. Without fading or price
    rises: none.
    """
    if cause == "waiting":
        return cap_waits(ledger, happening.kink_minutes, customers, happenings)
    if cause == "waiting_below_kink":
        return _relieve_below_kink(ledger, customers, happenings, happening)
    if cause == "checkout_clicks":
        return cap_clicks(ledger, happening.clicks_easy, customers, happenings)
    if cause == "monthly_contract":
        return ledger  # nothing that happens changes: the customer has another contract
    nothing = np.zeros_like(ledger.contacts)
    if cause == "repeat_contact":
        contacts = happenings.contacts
        first = ~contacts.repeat
        step, rows = step_of(contacts.second)[first], contacts.customer[first]
        return replace(
            ledger,
            contacts=_counted(customers.n, rows, step),
            wait_s=_counted(customers.n, rows, step, contacts.wait_s[first]),
            repeats=nothing,
        )
    field = {"bill_wording": "bills", "price_rise": "rises", "late_delivery": "lates", "fading": "fading"}[cause]
    return replace(ledger, **{field: nothing})


def cap_waits(ledger: Ledger, minutes: float, customers: Customers, happenings: Happenings) -> Ledger:
    """The ledger of a company in which nobody waits longer than `minutes`."""
    contacts = happenings.contacts
    wait = np.minimum(contacts.wait_s, round(60 * minutes))
    return replace(ledger, wait_s=_counted(customers.n, contacts.customer, step_of(contacts.second), wait))


def _relieve_below_kink(
    ledger: Ledger, customers: Customers, happenings: Happenings, happening: Happening
) -> Ledger:
    """The ledger of a company in which customers who never waited beyond the kink do not wait at all."""
    contacts = happenings.contacts
    longest = np.zeros(customers.n, dtype=np.int64)
    np.maximum.at(longest, contacts.customer, contacts.wait_s)
    # one long wait among short ones may lift a mean over the kink: shorter waits of such customers do count
    short = longest[contacts.customer] <= 60 * happening.kink_minutes
    wait = np.where(short, 0, contacts.wait_s)
    return replace(ledger, wait_s=_counted(customers.n, contacts.customer, step_of(contacts.second), wait))


def cap_clicks(ledger: Ledger, clicks: float, customers: Customers, happenings: Happenings) -> Ledger:
    """The ledger of a company in which no checkout takes more than `clicks`."""
    checkouts = happenings.checkouts
    fewer = np.minimum(checkouts.clicks, round(clicks))
    return replace(ledger, clicks=_counted(customers.n, checkouts.customer, step_of(checkouts.second), fewer))


def splice(before: Ledger, after: Ledger, step: int) -> Ledger:
    """One ledger up to before `step`, another from it on."""

    def joined(name: str) -> Matrix:
        early, late = getattr(before, name), getattr(after, name)
        return late if early is late else np.concatenate([early[:step], late[step:]])

    return Ledger(**{field.name: joined(field.name) for field in fields(Ledger)})


def rolling(sums: Matrix, first: int, last: int, steps: int) -> Matrix:
    """For steps `first` to `last - 1` the total of the `steps` steps before each, shape (last - first, n).

    >>> rolling(np.array([[1], [0], [2], [4]], dtype=np.float32), 1, 4, steps=2)[:, 0].tolist()
    [1.0, 1.0, 2.0]
    """
    start = max(first - steps, 0)
    running = np.zeros((last - start, sums.shape[1]), dtype=np.float32)
    # row by row: numpy's cumsum along the first axis takes ten times as long
    for row in range(last - start - 1):
        np.add(running[row], sums[start + row], out=running[row + 1])
    ends = np.arange(first, last) - start
    return running[ends] - running[np.maximum(ends - steps, 0)]


def carry(
    customers: Customers, ledger: Ledger, happening: Happening, first: int, last: int, steps: int = LEAVING_STEPS
) -> Carried:
    """What is carried into steps `first` to `last - 1` out of the `steps` steps before each."""

    def total(sums: Matrix) -> Matrix:
        return rolling(sums, first, last, steps)

    def some(sums: Matrix) -> Matrix:
        return (total(sums) > 0).astype(np.float32)

    contacts, checkouts = total(ledger.contacts), total(ledger.checkouts)
    wait = np.divide(total(ledger.wait_s) / 60, contacts, out=np.zeros_like(contacts), where=contacts > 0)
    clicks = np.divide(
        total(ledger.clicks), checkouts, out=np.full_like(checkouts, happening.clicks_easy), where=checkouts > 0
    )
    days = (np.arange(first, last) - WARM_UP_STEPS) * STEP_DAYS
    new = days[:, None] - customers.joined_day < NEW_DAYS
    return Carried(
        first=first,
        wait_minutes=wait,
        repeat=some(ledger.repeats),
        bill=some(ledger.bills) * new,
        price=some(ledger.rises),
        late=some(ledger.lates),
        clicks=clicks,
        fading=ledger.fading[first:last],
    )


def fresh(customers: Customers, ledger: Ledger, happening: Happening, step: int) -> Carried:
    """What is carried into one step out of the 90 days before it: liking and answering depend on it."""
    return carry(customers, ledger, happening, step, step + 1, LIKING_STEPS)
