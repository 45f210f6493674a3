"""What a customer carries at a date out of the 180 days before, with or without a cause."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from harken.demo.company import (
    BILL_ISSUE,
    MEMORY_STEPS,
    NEW_DAYS,
    SHORT_MEMORY_STEPS,
    STEP_DAYS,
    STEPS,
    WARM_UP_STEPS,
    Happening,
)
from harken.demo.customers import Customers
from harken.demo.happenings import Happenings, step_of

Matrix = NDArray[np.float32]
Cause = Literal[
    "waiting",
    "waiting_below_kink",
    "repeat_contact",
    "bill_wording",
    "price_rise",
    "late_delivery",
    "checkout_clicks",
    "fading",
]
CAUSES: tuple[Cause, ...] = get_args(Cause)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Sums of what happened in each step, all float32 of shape (n, STEPS)."""

    contacts: Matrix
    wait_minutes: Matrix
    repeats: Matrix
    bills: Matrix
    rises: Matrix
    lates: Matrix
    checkouts: Matrix
    clicks: Matrix
    fading: Matrix


@dataclass(frozen=True, slots=True)
class Carried:
    """What is carried into steps `first` to `first + k - 1`: float32 of shape (n, k), letters as in `company`."""

    first: int
    wait_minutes: Matrix
    repeat: Matrix
    bill: Matrix
    price: Matrix
    late: Matrix
    clicks: Matrix
    fading: Matrix


def _counted(
    n: int, rows: NDArray[np.int64], steps: NDArray[np.int64], values: NDArray[np.float64] | None = None
) -> Matrix:
    """How many (or the sum of what) fell in each customer's step, float32 of shape (n, STEPS)."""
    flat = np.bincount(rows * STEPS + steps, weights=values, minlength=n * STEPS)
    return flat.reshape(n, STEPS).astype(np.float32)


def keep_ledger(customers: Customers, happenings: Happenings) -> Ledger:
    """The company's happenings step by step."""
    n, contacts, checkouts = customers.n, happenings.contacts, happenings.checkouts
    step, shop_step = step_of(contacts.second), step_of(checkouts.second)
    bill = contacts.issue == BILL_ISSUE
    return Ledger(
        contacts=_counted(n, contacts.customer, step),
        wait_minutes=_counted(n, contacts.customer, step, contacts.wait_minutes),
        repeats=_counted(n, contacts.customer[contacts.repeat], step[contacts.repeat]),
        bills=_counted(n, contacts.customer[bill], step[bill]),
        rises=_rises(n, happenings),
        lates=_lates(n, happenings),
        checkouts=_counted(n, checkouts.customer, shop_step),
        clicks=_counted(n, checkouts.customer, shop_step, checkouts.clicks.astype(np.float64)),
        fading=happenings.fading.astype(np.float32),
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

    Without waiting: every wait is at most 12 minutes. Without waiting below the kink: customers who
    never waited longer do not wait at all. Without repeat contacts: the second contacts do not take place, nor do their waits. Without bill
    wording: the same contacts, but about something the customer understands. Without late deliveries: the same
    orders in time. Without checkout clicks: every checkout takes at most 9. Without fading or price rises: none.
    """
    nothing = np.zeros_like(ledger.contacts)
    if cause == "waiting":
        return cap_waits(ledger, happening.kink_minutes, customers, happenings)
    if cause == "waiting_below_kink":
        return _below_kink(ledger, customers, happenings, happening)
    if cause == "checkout_clicks":
        return cap_clicks(ledger, happening.clicks_easy, customers, happenings)
    if cause == "repeat_contact":
        contacts = happenings.contacts
        first = ~contacts.repeat
        step = step_of(contacts.second)[first]
        rows, wait = contacts.customer[first], contacts.wait_minutes[first]
        return replace(
            ledger,
            contacts=_counted(customers.n, rows, step),
            wait_minutes=_counted(customers.n, rows, step, wait),
            repeats=nothing,
        )
    field = {"bill_wording": "bills", "price_rise": "rises", "late_delivery": "lates", "fading": "fading"}[cause]
    return replace(ledger, **{field: nothing})


def cap_waits(ledger: Ledger, minutes: float, customers: Customers, happenings: Happenings) -> Ledger:
    """The ledger of a company in which nobody waits longer than `minutes`."""
    contacts = happenings.contacts
    wait = np.minimum(contacts.wait_minutes, minutes)
    return replace(ledger, wait_minutes=_counted(customers.n, contacts.customer, step_of(contacts.second), wait))


def _below_kink(ledger: Ledger, customers: Customers, happenings: Happenings, happening: Happening) -> Ledger:
    """The ledger of a company whose customers with a mean wait up to the kink in every memory do not wait at all."""
    contacts = happenings.contacts
    longest = np.zeros(customers.n)
    np.maximum.at(longest, contacts.customer, contacts.wait_minutes)
    # one long wait among short ones may lift a mean over the kink: only customers without any long wait are relieved
    wait = np.where(longest[contacts.customer] <= happening.kink_minutes, 0.0, contacts.wait_minutes)
    return replace(ledger, wait_minutes=_counted(customers.n, contacts.customer, step_of(contacts.second), wait))


def cap_clicks(ledger: Ledger, clicks: float, customers: Customers, happenings: Happenings) -> Ledger:
    """The ledger of a company in which no checkout takes more than `clicks`."""
    checkouts = happenings.checkouts
    fewer = np.minimum(checkouts.clicks.astype(np.float64), clicks)
    return replace(ledger, clicks=_counted(customers.n, checkouts.customer, step_of(checkouts.second), fewer))


def splice(before: Ledger, after: Ledger, step: int) -> Ledger:
    """One ledger up to before `step`, another from it on."""

    def joined(name: str) -> Matrix:
        early, late = getattr(before, name), getattr(after, name)
        return late if early is late else np.concatenate([early[:, :step], late[:, step:]], axis=1)

    return Ledger(**{field.name: joined(field.name) for field in fields(Ledger)})


def rolling(sums: Matrix, first: int, last: int, steps: int = MEMORY_STEPS) -> Matrix:
    """For steps `first` to `last - 1` the total of the `steps` steps before each, shape (n, last - first).

    >>> rolling(np.array([[1, 0, 2, 4]], dtype=np.float32), 1, 4, steps=2).tolist()
    [[1.0, 1.0, 2.0]]
    """
    start = max(first - steps, 0)
    running = np.zeros((sums.shape[0], last - start + 1), dtype=np.float64)
    np.cumsum(sums[:, start:last], axis=1, dtype=np.float64, out=running[:, 1:])
    ends = np.arange(first, last) - start
    begins = np.maximum(ends - steps, 0)
    # sums of counts are whole, those of minutes carry rounding of about 1e-10: cut what is no contact at all
    return (running[:, ends] - running[:, begins]).astype(np.float32)


def carry(
    customers: Customers,
    ledger: Ledger,
    happening: Happening,
    first: int = 0,
    last: int = STEPS,
    steps: int = MEMORY_STEPS,
) -> Carried:
    """What is carried into steps `first` to `last - 1` out of the `steps` steps before each."""

    def total(sums: Matrix) -> Matrix:
        return rolling(sums, first, last, steps)

    contacts, checkouts = total(ledger.contacts), total(ledger.checkouts)
    wait = np.divide(total(ledger.wait_minutes), contacts, out=np.zeros_like(contacts), where=contacts > 0)
    clicks = np.divide(
        total(ledger.clicks), checkouts, out=np.full_like(checkouts, happening.clicks_easy), where=checkouts > 0
    )
    days = (np.arange(first, last) - WARM_UP_STEPS) * STEP_DAYS
    new = days[None, :] - customers.joined_day[:, None] < NEW_DAYS
    return Carried(
        first=first,
        wait_minutes=wait,
        repeat=(total(ledger.repeats) > 0).astype(np.float32),
        bill=((total(ledger.bills) > 0) & new).astype(np.float32),
        price=(total(ledger.rises) > 0).astype(np.float32),
        late=(total(ledger.lates) > 0).astype(np.float32),
        clicks=clicks,
        fading=ledger.fading[:, first:last],
    )


def short_memory(customers: Customers, ledger: Ledger, happening: Happening, step: int) -> Carried:
    """What the 90 days before one step hold; answering depends on it."""
    return carry(customers, ledger, happening, step, step + 1, SHORT_MEMORY_STEPS)


def column(carried: Carried, step: int) -> Carried:
    """What is carried into one step only, arrays of shape (n, 1)."""
    at = slice(step - carried.first, step - carried.first + 1)
    return replace(
        carried,
        first=step,
        **{
            name: getattr(carried, name)[:, at]
            for name in ("wait_minutes", "repeat", "bill", "price", "late", "clicks", "fading")
        },
    )
