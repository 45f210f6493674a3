"""What happens to the customers: contacts, orders, checkouts, price rises, fading. Drawn before anybody leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.demo.company import (
    BILL_ISSUE,
    DAY_SECONDS,
    FIRST_DAY,
    LAST_DAY,
    LATE_DAYS,
    NEW_DAYS,
    REPEAT_DAYS,
    STEP_DAYS,
    STEPS,
    Happening,
)
from harken.demo.customers import Customers, pick
from harken.demo.streams import stream

CHANNELS = ("phone", "chat", "app", "e-mail", "store")
INVOICE_DAYS = 60
INVOICES = (LAST_DAY - FIRST_DAY) // INVOICE_DAYS
PRODUCTS = ("phone case", "router", "earphones", "smart speaker", "SIM card", "charger", "phone")
PRODUCT_PRICES = np.array([39.0, 239.0, 299.0, 399.0, 20.0, 69.0, 2899.0])


@dataclass(frozen=True, slots=True)
class Contacts:
    """Tickets and calls, ordered by time; every array of shape (contacts,).

    `customer` is the row in the block, `second` counts from the start of the history, `repeat` marks a contact on
    an issue the same customer had contacted about within the 14 days before.
    """

    customer: NDArray[np.int64]
    second: NDArray[np.int64]
    issue: NDArray[np.int64]
    channel: NDArray[np.int64]
    wait_s: NDArray[np.int64]
    transfers: NDArray[np.int64]
    repeat: NDArray[np.bool_]

    @property
    def wait_minutes(self) -> NDArray[np.float64]:
        """Minutes waited, shape (contacts,)."""
        return self.wait_s / 60.0


@dataclass(frozen=True, slots=True)
class Orders:
    """Shop orders; `delivered_second` is when the parcel came, the rest as in `Contacts`; shape (orders,)."""

    customer: NDArray[np.int64]
    second: NDArray[np.int64]
    delivered_second: NDArray[np.int64]
    product: NDArray[np.int64]
    items: NDArray[np.int64]

    @property
    def late(self) -> NDArray[np.bool_]:
        """Delivered more than `LATE_DAYS` days after the order, shape (orders,)."""
        return self.delivered_second - self.second > LATE_DAYS * DAY_SECONDS


@dataclass(frozen=True, slots=True)
class Checkouts:
    """Checkouts in the web shop, bought or abandoned; shape (checkouts,)."""

    customer: NDArray[np.int64]
    second: NDArray[np.int64]
    clicks: NDArray[np.int64]
    bought: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Invoices:
    """One invoice every 60 days: `day` of shape (n, invoices), `charge` per month and `rise` in per cent alike."""

    day: NDArray[np.int64]
    charge: NDArray[np.float64]
    rise_percent: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Happenings:
    """All that happens to one block of customers, were nobody to leave; `fading` is of shape (n, STEPS)."""

    contacts: Contacts
    orders: Orders
    checkouts: Checkouts
    invoices: Invoices
    fading: NDArray[np.bool_]


def draw_happenings(customers: Customers, block: int, seed: int, happening: Happening) -> Happenings:
    """Everything that happens from the warm-up to 90 days after today, were nobody to leave."""
    orders = _orders(customers, stream(seed, block, "orders"), happening)
    return Happenings(
        contacts=_contacts(customers, stream(seed, block, "contacts"), happening),
        orders=orders,
        checkouts=_checkouts(customers, orders, stream(seed, block, "checkouts"), happening),
        invoices=_invoices(customers, stream(seed, block, "invoices"), happening),
        fading=_fading(customers, stream(seed, block, "fading"), happening),
    )


def team_wait_minutes(customers: Customers, happening: Happening) -> NDArray[np.float64]:
    """Usual wait at each customer's service team, shape (n,): longest at the teams of the rosy plan."""
    # teams are spread evenly over a log-normal, so that every seed has the same short and long queues
    ranks = (np.arange(happening.teams) + 0.5) / happening.teams
    spread = np.exp(happening.wait_team_spread * _normal_quantiles(ranks))[customers.team]
    median = np.where(customers.rosy, happening.wait_median_rosy_minutes, happening.wait_median_minutes)
    return median * spread


def _normal_quantiles(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of the standard normal, from the standard library."""
    from statistics import NormalDist

    return np.array([NormalDist().inv_cdf(float(share)) for share in shares])


def _times(counts: NDArray[np.int64], rng: np.random.Generator, day_from: int, day_to: int) -> NDArray[np.int64]:
    """A time between 8 and 22 for each of `counts` events, in seconds from the start of the history."""
    total = int(counts.sum())
    days = rng.integers(day_from, day_to, total)
    return days * DAY_SECONDS + (8 * 3600 + rng.beta(2.0, 2.2, total) * 14 * 3600).astype(np.int64)


def _contacts(customers: Customers, rng: np.random.Generator, happening: Happening) -> Contacts:
    """First contacts at the customer's own rate, bill questions on top, and the second contacts of the unsolved."""
    n = customers.n
    rate = happening.contacts * rng.gamma(happening.contacts_shape, 1 / happening.contacts_shape, n)
    usual = rng.poisson(rate * np.where(customers.rosy, happening.contacts_rosy_ratio, 1.0) * STEPS)
    bills = rng.poisson(np.full(n, happening.bill_contacts_new * STEPS))
    customer = np.concatenate([np.repeat(np.arange(n), usual), np.repeat(np.arange(n), bills)])
    second = np.concatenate([_times(usual, rng, FIRST_DAY, LAST_DAY), _times(bills, rng, FIRST_DAY, LAST_DAY)])
    shares = np.array([0.24, 0.12, 0.0, 0.16, 0.14, 0.16, 0.10, 0.08])
    issue = np.concatenate(
        [pick(rng.random(int(usual.sum())), shares), np.full(int(bills.sum()), BILL_ISSUE, dtype=np.int64)]
    )
    tenure = second / DAY_SECONDS - customers.joined_day[customer]
    # an old customer asks about the bill less often: keep that share of the questions drawn at the new one's rate
    thin = rng.random(len(customer)) < happening.bill_contacts_old / happening.bill_contacts_new
    keep = (tenure >= 0) & ((issue != BILL_ISSUE) | (tenure < NEW_DAYS) | thin)
    customer, second, issue = customer[keep], second[keep], issue[keep]

    unsolved_share = np.where(customers.rosy, happening.unsolved_rosy, happening.unsolved)[customer]
    unsolved = rng.random(len(customer)) < unsolved_share
    days_later, hours_later = rng.integers(1, REPEAT_DAYS, len(customer)), rng.uniform(-0.5, 0.5, len(customer))
    again = second + days_later * DAY_SECONDS + (hours_later * 3600).astype(np.int64)
    unsolved &= again < LAST_DAY * DAY_SECONDS
    customer = np.concatenate([customer, customer[unsolved]])
    second = np.concatenate([second, again[unsolved]])
    issue = np.concatenate([issue, issue[unsolved]])
    order = np.lexsort((customer, second))
    customer, second, issue = customer[order], second[order], issue[order]

    count = len(customer)
    wait = team_wait_minutes(customers, happening)[customer] * np.exp(
        rng.normal(0.0, happening.wait_contact_spread, count)
    )
    return Contacts(
        customer=customer,
        second=second,
        issue=issue,
        channel=pick(rng.random(count), np.array([0.42, 0.24, 0.18, 0.08, 0.08])),
        wait_s=np.round(wait * 60).astype(np.int64),
        transfers=np.minimum(rng.poisson(0.35, count), 4),
        repeat=mark_repeats(customer, second, issue),
    )


def mark_repeats(
    customer: NDArray[np.int64], second: NDArray[np.int64], issue: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Contacts with an earlier one of the same customer on the same issue in the 14 days before, shape (contacts,).

    >>> day = 86_400
    >>> mark_repeats(np.array([0, 0, 0, 1]), np.array([0, 14, 40, 15]) * day, np.array([3, 3, 3, 3])).tolist()
    [False, True, False, False]
    """
    order = np.lexsort((second, issue, customer))
    same = (np.diff(customer[order]) == 0) & (np.diff(issue[order]) == 0)
    soon = np.diff(second[order]) <= REPEAT_DAYS * DAY_SECONDS
    repeat = np.zeros(len(customer), dtype=bool)
    repeat[order[1:]] = same & soon
    return repeat


def _orders(customers: Customers, rng: np.random.Generator, happening: Happening) -> Orders:
    """Shop orders at the customer's own rate; a share of the deliveries is slow."""
    n = customers.n
    rate = happening.orders * rng.gamma(happening.orders_shape, 1 / happening.orders_shape, n)
    counts = rng.poisson(rate * STEPS)
    second = _times(counts, rng, FIRST_DAY, LAST_DAY)
    total = len(second)
    slow = rng.random(total) < happening.deliveries_slow
    days = np.where(slow, rng.uniform(5.5, 16.0, total), rng.uniform(0.8, 4.5, total))
    product = pick(rng.random(total), np.array([0.22, 0.14, 0.16, 0.12, 0.16, 0.14, 0.06]))
    items = 1 + np.minimum(rng.poisson(0.25, total), 4)
    customer = np.repeat(np.arange(n), counts)
    order = np.lexsort((customer, second))
    order = order[(second >= customers.joined_day[customer] * DAY_SECONDS)[order]]
    delivered = second + np.round(days * 1440).astype(np.int64) * 60
    return Orders(customer[order], second[order], delivered[order], product[order], items[order])


def _checkouts(customers: Customers, orders: Orders, rng: np.random.Generator, happening: Happening) -> Checkouts:
    """Every order has its checkout; some checkouts are abandoned. The old app takes about twice the clicks."""
    abandoned = np.flatnonzero(rng.random(len(orders.second)) < happening.checkouts_abandoned)
    earlier = orders.second[abandoned] - rng.integers(1800, 20 * 3600, len(abandoned))
    customer = np.concatenate([orders.customer, orders.customer[abandoned]])
    second = np.concatenate([orders.second - 45, earlier])
    bought = np.concatenate([np.ones(len(orders.second), dtype=bool), np.zeros(len(abandoned), dtype=bool)])
    order = np.lexsort((bought, customer, second))
    begin = np.maximum(customers.joined_day[customer], FIRST_DAY) * DAY_SECONDS
    order = order[(second >= begin)[order]]
    customer, second, bought = customer[order], second[order], bought[order]
    many, few = 15 + rng.binomial(12, 0.4, len(customer)), 7 + rng.binomial(6, 0.4, len(customer))
    clicks = np.where(customers.app_old[customer], many, few)
    return Checkouts(customer, second, clicks, bought)


def _invoices(customers: Customers, rng: np.random.Generator, happening: Happening) -> Invoices:
    """An invoice every 60 days on the customer's own day; from one year of tenure on the price may rise."""
    n = customers.n
    day = FIRST_DAY + rng.integers(0, INVOICE_DAYS, n)[:, None] + np.arange(INVOICES) * INVOICE_DAYS
    tenure = day - customers.joined_day[:, None]
    rises = (rng.random((n, INVOICES)) < happening.price_rise) & (tenure >= 365)
    percent = np.where(rises, np.round(rng.uniform(6.0, 15.0, (n, INVOICES)), 1), 0.0)
    dearer = np.cumprod(1 + percent / 100, axis=1)
    charge = np.round(customers.charge_first[:, None] * dearer, 2)
    return Invoices(day, charge.astype(np.float64), percent)


def _fading(customers: Customers, rng: np.random.Generator, happening: Happening) -> NDArray[np.bool_]:
    """Fading comes and goes as a two-state chain, started at its long-run share."""
    share = happening.fading_start / (happening.fading_start + happening.fading_end)
    now = rng.random(customers.n) < share
    fading = np.empty((customers.n, STEPS), dtype=bool)
    for step in range(STEPS):
        draw = rng.random(customers.n)
        now = np.where(now, draw >= happening.fading_end, draw < happening.fading_start)
        fading[:, step] = now
    return fading


def step_of(second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Column (0 to STEPS - 1) of the step in which a second of the history falls.

    >>> step_of(np.array([-1, 0, 10 * 86_400])).tolist()
    [17, 18, 19]
    """
    return second // (STEP_DAYS * DAY_SECONDS) + FIRST_DAY // -STEP_DAYS
