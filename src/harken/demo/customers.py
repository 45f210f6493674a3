"""Who the customers are: what each one brings along before anything happens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.demo.company import HISTORY_DAYS, PLANS, ROSY_PLAN, Happening
from harken.demo.streams import stream

BUSINESS_PLANS = ("Office", "Enterprise")
CONSUMER_PLANS = ("Basic", "Plus", "Family", "SmartHome", "Student")
CONSUMER_SHARES = (0.23, 0.29, 0.20, 0.16, 0.12)
MONTHLY_CHARGE = {
    "Basic": 48.0,
    "Plus": 88.0,
    "Family": 138.0,
    "SmartHome": 168.0,
    "Student": 32.0,
    "Office": 260.0,
    "Enterprise": 520.0,
}
CONTRACT_SHARES = {
    "Basic": (0.5, 0.35, 0.15),
    "Plus": (0.35, 0.4, 0.25),
    "Family": (0.2, 0.45, 0.35),
    "SmartHome": (0.2, 0.45, 0.35),
    "Student": (0.65, 0.3, 0.05),
    "Office": (0.2, 0.4, 0.4),
    "Enterprise": (0.1, 0.3, 0.6),
}
REGIONS = ("North", "East", "South", "West", "Taiwan North", "Taiwan South", "Overseas")
"""Four for mainland customers, two for Taiwan, one for the rest; without effect on anything."""
ROLES = ("decision maker", "influencer", "user", "payer")
GENDERS = ("female", "male", "")
PAYMENTS = ("WeChat Pay", "Alipay", "bank debit", "card")
DEVICES = ("Android", "iPhone", "HarmonyOS")
SALES_CHANNELS = ("store", "web", "partner", "phone")
CONTACTS_PER_ACCOUNT = 12
"""Mean number of customers (lines) in one business account."""


@dataclass(frozen=True, slots=True)
class Customers:
    """One block of customers, every array of shape (n,).

    `number` counts from 1 over the whole company; codes index the tuples of this module and of `company`;
    `joined_day` counts days from the start of the history (negative: before); `account` is -1 for consumers;
    `usage_gb` is the usual monthly usage; `mood` is unobserved; `lifetime` is the unit exponential that decides
    when the hazards lived through are enough to leave.
    """

    number: NDArray[np.int64]
    joined_day: NDArray[np.int64]
    language: NDArray[np.int64]
    plan: NDArray[np.int64]
    contract: NDArray[np.int64]
    region: NDArray[np.int64]
    account: NDArray[np.int64]
    role: NDArray[np.int64]
    age_years: NDArray[np.int64]
    gender: NDArray[np.int64]
    payment: NDArray[np.int64]
    device: NDArray[np.int64]
    sales_channel: NDArray[np.int64]
    newsletter: NDArray[np.bool_]
    addons_cancelled: NDArray[np.int64]
    team: NDArray[np.int64]
    app_old: NDArray[np.bool_]
    charge_first: NDArray[np.float64]
    usage_gb: NDArray[np.float64]
    mood: NDArray[np.float64]
    lifetime: NDArray[np.float64]

    @property
    def n(self) -> int:
        """Number of customers in the block."""
        return len(self.number)

    @property
    def rosy(self) -> NDArray[np.bool_]:
        """Who has the plan whose survey is rosy, shape (n,)."""
        rosy: NDArray[np.bool_] = self.plan == PLANS.index(ROSY_PLAN)
        return rosy

    @property
    def business(self) -> NDArray[np.bool_]:
        """Who belongs to a business account, shape (n,)."""
        return self.account >= 0


def pick(uniform: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Codes drawn by `shares`, shape (k,) for all or (n, k) for each, from uniforms of shape (n,).

    >>> pick(np.array([0.1, 0.5, 0.95]), np.array([0.3, 0.6, 0.1])).tolist()
    [0, 1, 2]
    """
    steps = np.cumsum(np.broadcast_to(shares, (len(uniform), shares.shape[-1])), axis=1)[:, :-1]
    codes: NDArray[np.int64] = (uniform[:, None] >= steps).sum(axis=1)
    return codes


def draw_customers(first: int, n: int, block: int, seed: int, happening: Happening) -> Customers:
    """The customers numbered `first` to `first + n - 1`.

    >>> draw_customers(1, 4, 0, 1, Happening()).number.tolist()
    [1, 2, 3, 4]
    """
    rng = stream(seed, block, "customers")
    business = rng.random(n) < happening.business
    consumer_plan = pick(rng.random(n), np.array(CONSUMER_SHARES))
    business_plan = len(CONSUMER_PLANS) + (rng.random(n) < 0.35)
    plan = np.where(business, business_plan, consumer_plan)
    contract = pick(rng.random(n), np.array([CONTRACT_SHARES[name] for name in PLANS])[plan])
    language = pick(rng.random(n), np.array([0.62, 0.2, 0.18]))
    mainland, taiwan, region_draw = rng.random(n), rng.random(n), np.full(n, len(REGIONS) - 1)
    region_draw = np.where(language == 1, 4 + (taiwan < 0.4), region_draw)
    region = np.where(language == 0, (mainland * 4).astype(np.int64), region_draw)
    earlier = -1 - np.minimum(rng.exponential(1000.0, n), 3650.0).astype(np.int64)
    during = rng.integers(0, HISTORY_DAYS, n)
    usual_charge = np.array([MONTHLY_CHARGE[name] for name in PLANS])[plan]
    team_uniform = rng.random(n)
    return Customers(
        number=np.arange(first, first + n),
        joined_day=np.where(rng.random(n) < happening.joined_in_history, during, earlier),
        language=language,
        plan=plan,
        contract=contract,
        region=region,
        account=_accounts(first, business),
        role=pick(rng.random(n), np.array([0.12, 0.18, 0.58, 0.12])),
        age_years=np.where(
            plan == PLANS.index("Student"),
            rng.integers(18, 27, n),
            np.clip(rng.normal(43, 13, n), 18, 88).astype(np.int64),
        ),
        gender=pick(rng.random(n), np.array([0.48, 0.48, 0.04])),
        payment=pick(rng.random(n), np.array([0.35, 0.3, 0.2, 0.15])),
        device=pick(rng.random(n), np.array([0.45, 0.33, 0.22])),
        sales_channel=pick(rng.random(n), np.array([0.4, 0.3, 0.2, 0.1])),
        newsletter=rng.random(n) < 0.4,
        addons_cancelled=np.minimum(rng.poisson(0.45, n), 4),
        team=(team_uniform * happening.teams).astype(np.int64),
        app_old=rng.random(n) < happening.app_old,
        charge_first=np.round(usual_charge * np.exp(rng.normal(0, 0.12, n)), 0),
        usage_gb=np.exp(rng.normal(2.6, 0.7, n)) * np.where(business, 1.6, 1.0),
        mood=rng.normal(0.0, 1.0, n),
        lifetime=rng.exponential(1.0, n),
    )


def _accounts(first: int, business: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Neighbouring business customers share an account; block by block, so that no account spans two blocks."""
    order = np.cumsum(business) - 1
    # sizes 1, 2, ... 23 in turn: few accounts are equally large
    sizes = np.tile(np.arange(1, 2 * CONTACTS_PER_ACCOUNT), 1 + len(business) // CONTACTS_PER_ACCOUNT)
    account = np.searchsorted(np.cumsum(sizes), order, side="right")
    return np.where(business, first + account, -1)
