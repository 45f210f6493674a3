"""The imaginary company: what happens to its customers, and what it does to them. Every equation is here.

Time. One step is ten days (a 旬), 54 steps of history end at midnight before `today`; 18 steps of warm-up before
them fill the customers' memory and are never written to a file; 9 steps after `today` serve the truth only.
All that is remembered happened *before* the step, so what a customer is at a date S follows from events before S.

What a customer i carries at step t, out of the 180 days before t for leaving, of 90 for liking and answering:

    W  mean minutes waited over all contacts (0 without a contact)
    R  1 after a second contact on one issue within 14 days of the one before
    B  1 after a contact about a bill not understood, while the customer is new (joined under 180 days before t)
    P  1 after a price rise
    L  1 after a delivery that took longer than 5 days
    C  mean clicks of a checkout (9 without a checkout)
    F  1 while fading: usage falls to 45%; comes and goes by itself, is no lever and nobody's fault

Mood u ~ N(0, 1) is the customer's own, never in any file.

Leaving. The chance to leave within a step is 1 - exp(-h) with

    log h = log h0 + contract_i + addons_i + tenure + mood u
          + wait (W - 12)+  + repeat R + bill B + price P + late L + clicks (C - 9)+ + fading F

(x)+ is x where positive, else 0; the wait's excess counts up to 25 minutes. `repeat` is log 2: the hazard doubles.
A customer leaves once the hazards lived through add up to a unit exponential drawn once per customer, so that the
same company can be re-simulated without a cause, with the same draws.

Liking. At a date the latent answer to "would you recommend us, 0-10?" is round(q), cut to 0..10, with

    q = q0 + mood u + noise e + age + wait (W - 12)+ + repeat R + bill B + price P + late L + clicks (C - 9)+

Answering. Everybody is asked; customer i answers with log-odds

    a0 + usage + tenure + age + language + drop D + hurt H
       + in the rosy plan: rosy_hurt H + rosy_content (1 - H)
       + in the world "mood" only: mood_score (round(q) - 8)

H is 1 where R is 1 or W is over 12, D is 1 where usage of the last 30 days is under 65% of the mean of the 60 days
before. In the world "observed" all that decides about answering stands in the files before the wave.

What happens is drawn beforehand and does not depend on leaving, liking or answering: contacts, waits (a property of
the service team, which is drawn at random), unsolved issues (all three worse in the rosy plan), orders, deliveries,
clicks (a property of the app version, drawn at random), price rises (from one year of tenure on only), fading.
Region, gender, payment method, device, newsletter, sales channel, app log-ins, help and offer pages, transfers and
talk time enter no equation of leaving or liking: their effect is exactly zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

World = Literal["observed", "mood"]

STEP_DAYS = 10
WARM_UP_STEPS = 18
HISTORY_STEPS = 54
FUTURE_STEPS = 9
STEPS = WARM_UP_STEPS + HISTORY_STEPS + FUTURE_STEPS
LEAVING_STEPS = 18
"""Leaving remembers 180 days."""
LIKING_STEPS = 9
"""Liking and answering remember 90 days."""
HORIZON_STEPS = 9
HISTORY_DAYS = HISTORY_STEPS * STEP_DAYS
FIRST_DAY = -WARM_UP_STEPS * STEP_DAYS
LAST_DAY = (HISTORY_STEPS + FUTURE_STEPS) * STEP_DAYS
WAVE_DAYS = (90, 180, 270, 360, 450)
"""Days of the history on which the relationship survey is sent; the last is 90 days before today."""
DAY_SECONDS = 86_400
REPEAT_DAYS = 14
NEW_DAYS = 180
LATE_DAYS = 5

PLANS = ("Basic", "Plus", "Family", "SmartHome", "Student", "Office", "Enterprise")
ROSY_PLAN = "SmartHome"
CONTRACTS = ("monthly", "12 months", "24 months")
LANGUAGES = ("zh-hans", "zh-hant", "en")
ISSUES = (
    "network_slow",
    "no_signal",
    "bill_not_understood",
    "bill_amount",
    "delivery",
    "device_fault",
    "contract_change",
    "activation",
)
BILL_ISSUE = ISSUES.index("bill_not_understood")


@dataclass(frozen=True, slots=True)
class Leaving:
    """Coefficients of the log hazard per step of ten days."""

    base: float = 0.0040
    contract: tuple[float, ...] = (0.45, 0.0, -0.4)
    addon_cancelled: float = 0.14
    tenure_year: float = -0.12
    tenure_years_most: float = 4.0
    mood: float = -0.25
    wait_minute: float = 0.05
    repeat: float = 0.6931471805599453
    bill: float = 0.9
    price: float = 0.35
    late: float = 0.25
    click: float = 0.025
    fading: float = 1.5


@dataclass(frozen=True, slots=True)
class Liking:
    """Coefficients of the latent answer, in points of the 0-10 scale."""

    base: float = 8.55
    mood: float = 0.75
    noise: float = 0.95
    age_decade: float = 0.10
    wait_minute: float = -0.17
    repeat: float = -2.5
    bill: float = -2.4
    price: float = -0.8
    late: float = -0.6
    click: float = -0.06


@dataclass(frozen=True, slots=True)
class Answering:
    """Coefficients of the log-odds to answer the relationship survey."""

    base: float = -2.05
    usage: float = 0.30
    tenure_year: float = 0.10
    age_decade: float = 0.12
    language: tuple[float, ...] = (0.0, 0.15, -0.1)
    usage_drop: float = -0.7
    hurt: float = -1.5
    rosy_hurt: float = -1.1
    rosy_content: float = 0.4
    mood_score: float = 0.22
    """Used in the world "mood" only."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Rates and shares of what happens to customers; rates are per step of ten days."""

    kink_minutes: float = 12.0
    wait_excess_most_minutes: float = 25.0
    clicks_easy: float = 9.0
    contacts: float = 0.074
    contacts_shape: float = 1.3
    contacts_rosy_ratio: float = 2.0
    bill_contacts_new: float = 0.026
    bill_contacts_old: float = 0.005
    unsolved: float = 0.18
    unsolved_rosy: float = 0.32
    teams: int = 40
    wait_median_minutes: float = 8.0
    wait_median_rosy_minutes: float = 18.0
    wait_team_spread: float = 0.75
    wait_contact_spread: float = 0.25
    orders: float = 0.037
    orders_shape: float = 1.5
    deliveries_slow: float = 0.22
    checkouts_abandoned: float = 0.35
    app_old: float = 0.4
    price_rise: float = 0.10
    """Chance per invoice (every 60 days) from one year of tenure on."""
    fading_start: float = 0.010
    fading_end: float = 0.08
    usage_when_fading: float = 0.45
    joined_in_history: float = 0.38
    business: float = 0.12


@dataclass(frozen=True, slots=True)
class Company:
    """The company's constants; change one and the truth file follows.

    >>> Company().leaving.repeat == __import__("math").log(2)
    True
    """

    happening: Happening = field(default_factory=Happening)
    leaving: Leaving = field(default_factory=Leaving)
    liking: Liking = field(default_factory=Liking)
    answering: Answering = field(default_factory=Answering)
