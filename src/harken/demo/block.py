"""One block of customers, lived through: the company is simulated block by block, so that it may be large."""

from __future__ import annotations

from dataclasses import dataclass

from harken.demo.company import DAY_SECONDS, STEPS, WARM_UP_STEPS, WAVE_DAYS, Company, World
from harken.demo.customers import Customers, draw_customers
from harken.demo.happenings import Happenings, draw_happenings
from harken.demo.lives import Vector, hazards, leaving_seconds, leaving_times, step_at
from harken.demo.memory import Ledger, carry, fresh, keep_ledger
from harken.demo.surveys import ContactAnswers, Wave, ask_after_contacts, hold_wave
from harken.demo.traces import Usage, Visits, draw_usage, draw_visits, seen_before

BLOCK = 20_000
"""Customers simulated at a time."""


@dataclass(frozen=True, slots=True)
class Block:
    """Everything about one block of customers, what no file shows included.

    `left_day` is the day of the history (with a fraction, rounded to the minute) on which each customer leaves.
    """

    index: int
    seed: int
    customers: Customers
    happenings: Happenings
    ledger: Ledger
    left_day: Vector
    usage: Usage
    visits: Visits
    waves: tuple[Wave, ...]
    contact_answers: ContactAnswers


def live(first: int, n: int, index: int, *, seed: int, world: World, company: Company) -> Block:
    """Simulate the `n` customers numbered from `first` through warm-up, history and the 90 days after today.

    >>> block = live(1, 50, 0, seed=1, world="observed", company=Company())
    >>> block.customers.n, len(block.waves)
    (50, 5)
    """
    happening = company.happening
    customers = draw_customers(first, n, index, seed, happening)
    happenings = draw_happenings(customers, index, seed, happening)
    ledger = keep_ledger(customers, happenings)
    hazard = hazards(customers, carry(customers, ledger, happening, WARM_UP_STEPS, STEPS), company)
    left_day = leaving_seconds(leaving_times(customers, hazard)) / DAY_SECONDS
    usage = draw_usage(customers, happenings, index, seed, happening)

    def wave(day: int) -> Wave:
        carried = fresh(customers, ledger, happening, step_at(day))
        seen = seen_before(carried, usage, day)
        return hold_wave(customers, carried, seen, left_day, day, index, seed, company, world)

    return Block(
        index=index,
        seed=seed,
        customers=customers,
        happenings=happenings,
        ledger=ledger,
        left_day=left_day,
        usage=usage,
        visits=draw_visits(customers, happenings, left_day, index, seed),
        waves=tuple(wave(day) for day in WAVE_DAYS),
        contact_answers=ask_after_contacts(customers, happenings.contacts, index, seed, company),
    )
