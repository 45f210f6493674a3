"""Surveys: a relationship wave to everybody each quarter, and a short one after some contacts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.demo.company import DAY_SECONDS, Company, World
from harken.demo.customers import Customers, pick
from harken.demo.happenings import Contacts
from harken.demo.lives import (
    Seen,
    Vector,
    active,
    answer_chance,
    draw_noise,
    expected_liking,
    latent_answer,
    wait_excess,
)
from harken.demo.memory import Carried
from harken.demo.streams import stream
from harken.demo.words import THEMES, Texts, comments

WAVE_CHANNELS = ("e-mail", "SMS", "WeCom")
ANSWER_WITHIN_DAYS = 18.0
COMMENT_SHARE = 0.6
CONTACT_SURVEY_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Wave:
    """One relationship wave. Of shape (n,): who was a customer, everybody's latent answer, who answered.

    Of shape (answers,), in the order of `rows`: when, by which channel, the words (empty where none).
    """

    day: int
    invited: NDArray[np.bool_]
    latent: NDArray[np.int64]
    answered: NDArray[np.bool_]
    chance: Vector
    rows: NDArray[np.int64]
    second: NDArray[np.int64]
    channel: NDArray[np.int64]
    comment: Texts


@dataclass(frozen=True, slots=True)
class ContactAnswers:
    """Answers after a contact, shape (answers,): row of the contact, time, satisfaction 1-5, ease 1-7."""

    contact: NDArray[np.int64]
    second: NDArray[np.int64]
    csat: NDArray[np.int64]
    ces: NDArray[np.int64]


def hold_wave(
    customers: Customers,
    carried: Carried,
    seen: Seen,
    left_day: Vector,
    day: int,
    block: int,
    seed: int,
    company: Company,
    world: World,
) -> Wave:
    """Ask everybody who is a customer on `day`; the draws are the same in both worlds, only the chances differ."""
    rng = stream(seed, block, f"wave {day}")
    n = customers.n
    latent = latent_answer(
        expected_liking(customers, carried, company), draw_noise(customers, block, seed, day, company)
    )
    invited = active(customers, left_day, day)
    chance = answer_chance(customers, seen, day, latent, company.answering, company.happening, world)
    answered = invited & (rng.random(n) < chance)
    delay = np.minimum(rng.exponential(3.0, n), ANSWER_WITHIN_DAYS) * (0.05 + 0.95 * rng.random(n))
    # who leaves soon answered before leaving: answering must not depend on what comes later
    delay = np.minimum(10 / 24 + delay, np.maximum(left_day - day, 0.0) * rng.random(n))
    channel = pick(rng.random(n), np.array([0.5, 0.3, 0.2]))
    says, which = rng.random(n) < COMMENT_SHARE, rng.random(n)
    theme = comment_themes(carried, latent, company, rng.random(n))
    rows = np.flatnonzero(answered)
    minutes = np.round(carried.wait_minutes[0, rows]).astype(np.int64)
    words = comments(customers.language[rows], theme[rows], minutes, which[rows])
    words[~says[rows]] = ""
    second = day * DAY_SECONDS + np.floor(delay[rows] * DAY_SECONDS).astype(np.int64)
    return Wave(day, invited, latent, answered, chance, rows, second, channel[rows], words)


def comment_themes(
    carried: Carried, answer: NDArray[np.int64], company: Company, draw: NDArray[np.float64]
) -> NDArray[np.int64]:
    """What each customer would write about: the problem that cost most liking, by chance another one."""
    c, h = company.liking, company.happening
    cost = -np.stack(
        [
            c.wait_minute * wait_excess(carried.wait_minutes[0], h),
            c.repeat * carried.repeat[0],
            c.bill * carried.bill[0],
            c.price * carried.price[0],
            c.late * carried.late[0],
            c.click * np.maximum(carried.clicks[0] - h.clicks_easy, 0.0),
        ],
        axis=1,
    )
    total = cost.sum(axis=1, keepdims=True)
    shares = np.divide(cost, total, out=np.zeros_like(cost), where=total > 0)
    # squared and normed again: mostly the largest one
    shares = shares**2 / np.maximum((shares**2).sum(axis=1, keepdims=True), 1e-9)
    problem = np.where(total[:, 0] > 0.2, np.minimum(pick(draw, shares), 5), THEMES.index("network"))
    content = np.where(answer >= 9, THEMES.index("praise"), THEMES.index("fine"))
    return np.where(answer <= 6, problem, np.where((answer <= 8) & (draw < 0.4), problem, content))


def ask_after_contacts(
    customers: Customers, contacts: Contacts, block: int, seed: int, company: Company
) -> ContactAnswers:
    """Satisfaction and ease after a contact, out of its own wait, transfers and being a repeat, and mood."""
    rng = stream(seed, block, "contact survey")
    count = len(contacts.second)
    answers = rng.random(count) < CONTACT_SURVEY_SHARE * np.where(contacts.repeat, 0.7, 1.0)
    noise, hours = rng.normal(0.0, 1.0, (2, count)), rng.uniform(0.1, 6.0, count)
    h = company.happening
    excess = np.clip(contacts.wait_minutes - h.kink_minutes, 0.0, h.wait_excess_most_minutes)
    trouble = 0.05 * excess + 0.9 * contacts.repeat + 0.3 * contacts.transfers
    csat = 4.5 - trouble + 0.3 * customers.mood[contacts.customer] + 0.7 * noise[0]
    ces = 5.9 - 1.5 * trouble + 0.2 * customers.mood[contacts.customer] + 0.9 * noise[1]
    rows = np.flatnonzero(answers)
    return ContactAnswers(
        contact=rows,
        second=contacts.second[rows] + np.floor(hours[rows] * 3600).astype(np.int64) + contacts.wait_s[rows],
        csat=np.clip(np.floor(csat[rows] + 0.5), 1, 5).astype(np.int64),
        ces=np.clip(np.floor(ces[rows] + 0.5), 1, 7).astype(np.int64),
    )
