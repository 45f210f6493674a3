"""What the company's systems record of daily life: usage, app log-ins, pages of the website."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.demo.company import DAY_SECONDS, HISTORY_DAYS, STEP_DAYS, WARM_UP_STEPS, Happening
from harken.demo.customers import Customers
from harken.demo.happenings import Happenings
from harken.demo.lives import NEVER, Seen, Vector
from harken.demo.memory import Carried
from harken.demo.streams import stream

USAGE_DAYS = 30
LOGIN_DAYS = 90
PAGES = ("help", "offers", "cancel")
HELP_VISITS = 0.012
OFFER_VISITS = 0.01
CANCEL_VISITS = 0.002
CANCEL_VISITS_FADING = 0.04
"""Visits per step of ten days."""
CANCEL_BEFORE_LEAVING = 0.5
HELP_BEFORE_CONTACT = 0.35


@dataclass(frozen=True, slots=True)
class Usage:
    """Usage of each 30 days of the history: gigabytes and minutes called, (n, 18), 0 where not a customer."""

    gigabytes: NDArray[np.float64]
    minutes: NDArray[np.int64]
    logins: NDArray[np.int64]
    """App log-ins of each 90 days, shape (n, 6)."""


@dataclass(frozen=True, slots=True)
class Visits:
    """Page visits by customers logged in, ordered by time, shape (visits,)."""

    customer: NDArray[np.int64]
    second: NDArray[np.int64]
    page: NDArray[np.int64]
    seconds_there: NDArray[np.int64]


def share_there(customers: Customers, period_days: int) -> NDArray[np.float64]:
    """Share of each period of the history after joining, shape (n, periods)."""
    starts = np.arange(0, HISTORY_DAYS, period_days)
    return np.clip((starts + period_days - customers.joined_day[:, None]) / period_days, 0.0, 1.0)


def draw_usage(customers: Customers, happenings: Happenings, block: int, seed: int, happening: Happening) -> Usage:
    """Usage falls while fading and wobbles otherwise; log-ins follow contract and usual usage, nothing else."""
    rng = stream(seed, block, "usage")
    n, periods = customers.n, HISTORY_DAYS // USAGE_DAYS
    steps = USAGE_DAYS // STEP_DAYS
    fading = happenings.fading[:, WARM_UP_STEPS : WARM_UP_STEPS + periods * steps]
    level = 1.0 - (1.0 - happening.usage_when_fading) * fading.reshape(n, periods, steps).mean(axis=2)
    there = share_there(customers, USAGE_DAYS)
    gigabytes = customers.usage_gb[:, None] * level * there * np.exp(rng.normal(0.0, 0.18, (n, periods)))
    minutes = 9.0 * customers.usage_gb[:, None] ** 0.8 * level * there * np.exp(rng.normal(0.0, 0.25, (n, periods)))
    rate = 9.0 * np.array([1.6, 1.0, 0.8])[customers.contract] * (customers.usage_gb / 13.0) ** 0.3
    rate *= rng.random(n) < 0.45
    logins = rng.poisson(rate[:, None] * share_there(customers, LOGIN_DAYS))
    return Usage(np.round(gigabytes, 2), np.round(minutes).astype(np.int64), logins)


def draw_visits(customers: Customers, happenings: Happenings, left_day: Vector, block: int, seed: int) -> Visits:
    """Visits of help (often before a contact), offers and the cancel page (while fading, just before leaving)."""
    rng = stream(seed, block, "visits")
    n = customers.n
    steps = HISTORY_DAYS // STEP_DAYS
    help_counts = rng.poisson(HELP_VISITS * steps, n)
    offer_counts = rng.poisson(OFFER_VISITS * steps, n)
    fading = happenings.fading[:, WARM_UP_STEPS : WARM_UP_STEPS + steps]
    cancel_rows, cancel_steps = np.nonzero(
        rng.random((n, steps)) < np.where(fading, CANCEL_VISITS_FADING, CANCEL_VISITS)
    )
    idle = rng.integers(0, HISTORY_DAYS * DAY_SECONDS, int(help_counts.sum() + offer_counts.sum()))
    contacts = happenings.contacts
    helped = np.flatnonzero(rng.random(len(contacts.second)) < HELP_BEFORE_CONTACT)
    leaver = np.flatnonzero((left_day < NEVER) & (rng.random(n) < CANCEL_BEFORE_LEAVING))
    before = (left_day[leaver] - rng.uniform(0.02, 10.0, len(leaver))) * DAY_SECONDS
    in_step = rng.integers(0, STEP_DAYS * DAY_SECONDS, len(cancel_rows))
    parts = (
        (np.repeat(np.arange(n), help_counts), idle[: int(help_counts.sum())], 0),
        (np.repeat(np.arange(n), offer_counts), idle[int(help_counts.sum()) :], 1),
        (contacts.customer[helped], contacts.second[helped] - rng.integers(300, 7200, len(helped)), 0),
        (cancel_rows, cancel_steps * STEP_DAYS * DAY_SECONDS + in_step, 2),
        (leaver, before.astype(np.int64), 2),
    )
    customer = np.concatenate([part[0] for part in parts])
    second = np.concatenate([part[1] for part in parts])
    page = np.concatenate([np.full(len(part[0]), part[2], dtype=np.int64) for part in parts])
    there = np.round(np.exp(rng.normal(3.6, 0.8, len(customer)))).astype(np.int64) + 2
    order = np.lexsort((page, customer, second))
    return Visits(customer[order], second[order], page[order], there[order])


def seen_before(carried: Carried, usage: Usage, day: int) -> Seen:
    """What the files show of each customer before a wave, `carried` into its step out of 90 days."""
    period = day // USAGE_DAYS
    last = usage.gigabytes[:, period - 1]
    earlier = usage.gigabytes[:, period - 3 : period - 1].mean(axis=1)
    return Seen(
        repeat=carried.repeat[0] > 0,
        wait_minutes=carried.wait_minutes[0].astype(np.float64),
        usage=np.clip((np.log(np.maximum(last, 0.3)) - 2.5) / 0.75, -2.5, 2.5),
        usage_drop=(earlier > 0) & (last < 0.65 * earlier),
    )
