"""Who stays, who would recommend, who answers: the three structural equations of the company, applied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.demo.company import (
    HISTORY_DAYS,
    STEP_DAYS,
    WARM_UP_STEPS,
    WAVE_DAYS,
    Answering,
    Company,
    Happening,
    World,
)
from harken.demo.customers import Customers
from harken.demo.memory import Carried, Matrix
from harken.demo.streams import stream

Vector = NDArray[np.float64]
NEVER = 10**6
"""A day that is never reached."""


def step_at(day: int) -> int:
    """Column of the step that begins at a day of the history.

    >>> step_at(0), step_at(540)
    (18, 72)
    """
    return day // STEP_DAYS + WARM_UP_STEPS


def wait_excess(wait_minutes: Matrix, happening: Happening) -> Matrix:
    """Minutes beyond the kink, cut at the most that counts."""
    excess: Matrix = np.clip(wait_minutes - happening.kink_minutes, 0.0, happening.wait_excess_most_minutes)
    return excess


def hazards(customers: Customers, carried: Carried, company: Company) -> Matrix:
    """Hazard of leaving in each carried step, per step of ten days, shape of the carried arrays."""
    c, h = company.leaving, company.happening
    own = (
        np.log(c.base)
        + np.array(c.contract)[customers.contract]
        + c.addon_cancelled * customers.addons_cancelled
        + c.mood * customers.mood
    ).astype(np.float32)
    steps = carried.first + np.arange(carried.repeat.shape[0])
    days = (steps - WARM_UP_STEPS) * STEP_DAYS
    years = np.clip((days[:, None] - customers.joined_day) / 365.25, 0.0, c.tenure_years_most)
    log_hazard = own + (c.tenure_year * years).astype(np.float32)
    log_hazard += c.wait_minute * wait_excess(carried.wait_minutes, h)
    log_hazard += c.repeat * carried.repeat
    log_hazard += c.bill * carried.bill
    log_hazard += c.price * carried.price
    log_hazard += c.late * carried.late
    log_hazard += c.click * np.maximum(carried.clicks - h.clicks_easy, 0.0)
    log_hazard += c.fading * carried.fading
    hazard: Matrix = np.exp(log_hazard)
    return hazard


def leaving_times(customers: Customers, hazard: Matrix) -> Vector:
    """Day of the history (with a fraction) on which each customer leaves, NEVER for those who stay; shape (n,).

    `hazard` is of shape (k, n) and begins with the first step of the history; it counts from the start of the
    history or from joining on, whichever is later.
    """
    days = np.arange(hazard.shape[0]) * STEP_DAYS
    # the share of each step lived as a customer: part of the step of joining, none before
    lived = np.clip((days[:, None] + STEP_DAYS - customers.joined_day) / STEP_DAYS, 0.0, 1.0)
    total = np.cumsum(hazard * lived, axis=0)
    leaves = total[-1] >= customers.lifetime
    step = np.minimum((total < customers.lifetime).sum(axis=0), len(days) - 1)
    rows = np.arange(customers.n)
    before = np.where(step > 0, total[step - 1, rows], 0.0)
    part = np.clip((customers.lifetime - before) / hazard[step, rows], 0.0, 0.9999)
    begin = np.maximum(days[step], customers.joined_day)
    return np.where(leaves, begin + part * STEP_DAYS, float(NEVER))


def leaving_seconds(left_day: Vector) -> NDArray[np.int64]:
    """The leaving time rounded to the minute, in seconds from the start of the history, shape (n,)."""
    return np.floor(left_day * 1440).astype(np.int64) * 60


def expected_liking(customers: Customers, carried: Carried, company: Company) -> Vector:
    """Latent liking without the noise of the day, from what one step carries of the 90 days before, shape (n,)."""
    c, h = company.liking, company.happening
    liking: Vector = (
        c.base
        + c.mood * customers.mood
        + c.age_decade * (customers.age_years - 43) / 10
        + c.wait_minute * wait_excess(carried.wait_minutes[0], h)
        + c.repeat * carried.repeat[0]
        + c.bill * carried.bill[0]
        + c.price * carried.price[0]
        + c.late * carried.late[0]
        + c.click * np.maximum(carried.clicks[0] - h.clicks_easy, 0.0)
    )
    return liking


def draw_noise(customers: Customers, block: int, seed: int, day: int, company: Company) -> Vector:
    """The noise of the day in the latent answer, the same in every re-simulation, shape (n,)."""
    return company.liking.noise * stream(seed, block, f"noise {day}").normal(size=customers.n)


def latent_answer(liking: Vector, noise: Vector) -> NDArray[np.int64]:
    """The answer 0 to 10 that each customer would give, shape (n,).

    >>> latent_answer(np.array([8.4, 12.0, -3.0]), np.array([0.3, 0.0, 0.0])).tolist()
    [9, 10, 0]
    """
    return np.clip(np.floor(liking + noise + 0.5), 0, 10).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the files show of each customer before a wave, arrays of shape (n,): answering depends on it."""

    repeat: NDArray[np.bool_]
    wait_minutes: Vector
    usage: Vector
    usage_drop: NDArray[np.bool_]


def answer_chance(
    customers: Customers, seen: Seen, day: int, answer: NDArray[np.int64], c: Answering, h: Happening, world: World
) -> Vector:
    """Chance to answer the relationship survey sent on `day`, shape (n,)."""
    years = np.clip((day - customers.joined_day) / 365.25, 0.0, 6.0)
    hurt = seen.repeat | (seen.wait_minutes > h.kink_minutes)
    logit = (
        c.base
        + c.usage * seen.usage
        + c.tenure_year * (years - 2)
        + c.age_decade * (customers.age_years - 43) / 10
        + np.array(c.language)[customers.language]
        + c.usage_drop * seen.usage_drop
        + c.hurt * hurt
        + np.where(customers.rosy, np.where(hurt, c.rosy_hurt, c.rosy_content), 0.0)
    )
    if world == "mood":
        logit = logit + c.mood_score * (answer - 8)
    chance: Vector = 1.0 / (1.0 + np.exp(-logit))
    return chance


def active(customers: Customers, left_day: Vector, day: int) -> NDArray[np.bool_]:
    """Customers who had joined and not left at the start of `day`, shape (n,)."""
    return (customers.joined_day < day) & (left_day >= day)


AS_OF_DAYS = (HISTORY_DAYS - 180, HISTORY_DAYS - 90, HISTORY_DAYS)
"""Days for which the truth states the next 90 days: two whose outcome is in the files, and today."""
LIKING_DAYS = (*WAVE_DAYS, HISTORY_DAYS)
"""Days with a latent answer of everybody: the waves sent, and today's that was never sent."""
