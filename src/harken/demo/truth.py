"""The truth about the company: what would be without each cause, found by re-simulating with the same draws."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from harken.demo.block import Block
from harken.demo.company import (
    CONTRACTS,
    HISTORY_DAYS,
    HORIZON_STEPS,
    LANGUAGES,
    LEAVING_STEPS,
    LIKING_STEPS,
    NEW_DAYS,
    PLANS,
    ROSY_PLAN,
    STEPS,
    WARM_UP_STEPS,
    Company,
)
from harken.demo.customers import DEVICES, GENDERS, PAYMENTS, REGIONS, SALES_CHANNELS, Customers
from harken.demo.exports import charge_now
from harken.demo.lives import (
    AS_OF_DAYS,
    Vector,
    active,
    draw_noise,
    expected_liking,
    hazards,
    latent_answer,
    leaving_times,
    step_at,
)
from harken.demo.memory import CAUSES, Cause, Mask, cap_clicks, cap_waits, carry, fresh, remove, splice

Key = tuple[str | int, ...]
MODES = ("before", "always")
"""A cause is removed from everything before a date only, or at all times."""
GROUPS = ("all", "exposed", "exposed in 90 days", "new", "established", "new exposed", f"plan: {ROSY_PLAN}")
WAIT_CAPS_MINUTES = (5, 8, 10, 12, 15, 20, 30)
CLICK_CAPS = (9, 12, 15, 18)
DOSE_DAY = HISTORY_DAYS - 90


class Tally:
    """Sums over customers, added block by block; keys are tuples of words and numbers.

    The truth file's means, ratios and differences are made of `sums` in `statement`.
    """

    def __init__(self) -> None:
        self.sums: defaultdict[Key, float] = defaultdict(float)

    def add(self, block: Block, company: Company) -> None:
        """Count one block: who left, the waves, leaving and liking with and without each cause, money at stake."""
        self._count_base(block)
        self._count_waves(block)
        self._count_doses(block, company)
        worlds = {cause: world_without(block, cause, company) for cause in CAUSES}
        for cause, world in worlds.items():
            self._count_history(world, company, cause)
        for day in AS_OF_DAYS:
            chance = leaving_chance(block, company, day)
            answer = latent_at(block, company, day)
            self._count_bands(block, day, chance, answer)
            for cause, world in worlds.items():
                self._count_liking(block, world, company, cause, day, answer)
                self._count_leaving(block, world, company, cause, day, chance)

    def _add(self, key: Key, value: float | np.generic) -> None:
        self.sums[key] += float(value)

    def _count_base(self, block: Block) -> None:
        left = block.left_day
        for day in range(0, HISTORY_DAYS, 30):
            there = active(block.customers, left, day)
            self._add(("customer months",), there.sum())
            self._add(("left in month",), (there & (left < day + 30)).sum())
        self._add(("left",), (left < HISTORY_DAYS).sum())
        for day in AS_OF_DAYS:
            there = active(block.customers, left, day)
            self._add(("active", day), there.sum())
            self._add(("left in 90 days", day), (there & (left < day + 90)).sum())

    def _count_waves(self, block: Block) -> None:
        for wave in block.waves:
            for segment, mask in segments(block):
                for which, there in (("whole", mask & wave.invited), ("answered", mask & wave.answered)):
                    key = ("wave", wave.day, segment, which)
                    self._add((*key, "n"), there.sum())
                    self._add((*key, "promoters"), (wave.latent[there] >= 9).sum())
                    self._add((*key, "detractors"), (wave.latent[there] <= 6).sum())
                    self._add((*key, "sum"), wave.latent[there].sum())

    def _count_bands(self, block: Block, day: int, chance: Vector, answer: NDArray[np.int64]) -> None:
        """Expected leaving among would-be promoters, passives and detractors; today also the money at stake."""
        there = active(block.customers, block.left_day, day)
        sign = band(answer)
        for name, mask in (
            ("all", there),
            ("promoters", there & (sign > 0)),
            ("passives", there & (sign == 0)),
            ("detractors", there & (sign < 0)),
        ):
            self._add(("band", day, name, "n"), mask.sum())
            self._add(("band", day, name, "chance"), chance[mask].sum())
        if day != HISTORY_DAYS:
            return
        value = 12 * charge_now(block)
        for segment, mask in segments(block):
            rows = there & mask
            self._add(("stake", segment, "n"), rows.sum())
            self._add(("stake", segment, "value"), value[rows].sum())
            self._add(("stake", segment, "leaving"), chance[rows].sum())
            self._add(("stake", segment, "money"), (chance * value)[rows].sum())

    def _count_doses(self, block: Block, company: Company) -> None:
        """Leaving and liking if no wait were longer, no checkout had more clicks, than each of several limits."""
        there = active(block.customers, block.left_day, DOSE_DAY)
        for name, caps, cap in (("wait", WAIT_CAPS_MINUTES, cap_waits), ("clicks", CLICK_CAPS, cap_clicks)):
            for limit in (0, *caps):
                ledger = cap(block.ledger, limit, block.customers, block.happenings) if limit else block.ledger
                world = replace(block, ledger=ledger)
                self._add(("dose", name, limit, "n"), there.sum())
                self._add(("dose", name, limit, "chance"), leaving_chance(world, company, DOSE_DAY)[there].sum())
                self._add(("dose", name, limit, "nps"), band(latent_at(world, company, DOSE_DAY))[there].sum())

    def _count_history(self, world: Block, company: Company, cause: Cause) -> None:
        """How many would have left in the history had the cause never been there."""
        carried = carry(world.customers, world.ledger, company.happening, WARM_UP_STEPS, STEPS)
        left_day = leaving_times(world.customers, hazards(world.customers, carried, company))
        self._add(("left without", cause), (left_day < HISTORY_DAYS).sum())

    def _count_liking(
        self, block: Block, world: Block, company: Company, cause: Cause, day: int, answer: NDArray[np.int64]
    ) -> None:
        there = active(block.customers, block.left_day, day)
        without = latent_at(world, company, day)
        exposed = expected_at(block, company, day) != expected_at(world, company, day)
        for group, mask in groups(block, day, exposed, exposed):
            rows = there & mask
            self._add_pair(("liking", day, cause, group), band(answer[rows]), band(without[rows]))

    def _count_leaving(
        self, block: Block, world: Block, company: Company, cause: Cause, day: int, with_cause: Vector
    ) -> None:
        there = active(block.customers, block.left_day, day)
        before = replace(world, ledger=splice(world.ledger, block.ledger, step_at(day)))
        exposed, lately = (
            hazard_at(block, company, day, steps) != hazard_at(before, company, day, steps)
            for steps in (LEAVING_STEPS, LIKING_STEPS)
        )
        value = 12 * charge_now(block)
        for mode, changed in zip(MODES, (before, world), strict=True):
            without = leaving_chance(changed, company, day)
            for group, mask in groups(block, day, exposed, lately):
                rows = there & mask
                key = ("leaving", day, cause, mode, group)
                self._add_pair(key, with_cause[rows], without[rows])
                self._add((*key, "money"), ((with_cause - without) * value)[rows].sum())

    def _add_pair(self, key: Key, with_cause: Vector, without: Vector) -> None:
        difference = with_cause - without
        self._add((*key, "n"), len(difference))
        self._add((*key, "with"), with_cause.sum())
        self._add((*key, "without"), without.sum())
        self._add((*key, "squares"), (difference**2).sum())


def band(answer: NDArray[np.int64]) -> Vector:
    """1 for promoters, -1 for detractors, 0 between.

    >>> band(np.array([10, 8, 6])).tolist()
    [1.0, 0.0, -1.0]
    """
    return (answer >= 9).astype(np.float64) - (answer <= 6)


def world_without(block: Block, cause: Cause, company: Company) -> Block:
    """The same block without one cause; who really left and answered stays what it was."""
    return replace(
        block,
        customers=resign(block.customers) if cause == "monthly_contract" else block.customers,
        ledger=remove(block.ledger, cause, block.customers, block.happenings, company.happening),
    )


def resign(customers: Customers) -> Customers:
    """The same customers with a contract of 12 months where they have a monthly one."""
    return replace(customers, contract=np.maximum(customers.contract, CONTRACTS.index("12 months")))


def leaving_chance(block: Block, company: Company, day: int) -> Vector:
    """Expected chance to leave in the 90 days from `day` on, given what happens until then, shape (n,)."""
    first = step_at(day)
    carried = carry(block.customers, block.ledger, company.happening, first, first + HORIZON_STEPS)
    chance: Vector = 1.0 - np.exp(-hazards(block.customers, carried, company).sum(axis=0, dtype=np.float64))
    return chance


def hazard_at(block: Block, company: Company, day: int, steps: int) -> Vector:
    """Hazard of the ten days from `day` on, were only the `steps` steps before remembered, shape (n,)."""
    first = step_at(day)
    carried = carry(block.customers, block.ledger, company.happening, first, first + 1, steps)
    hazard: Vector = hazards(block.customers, carried, company)[0].astype(np.float64)
    return hazard


def expected_at(block: Block, company: Company, day: int) -> Vector:
    """Liking on a day without its noise, shape (n,)."""
    carried = fresh(block.customers, block.ledger, company.happening, step_at(day))
    return expected_liking(block.customers, carried, company)


def latent_at(block: Block, company: Company, day: int) -> NDArray[np.int64]:
    """Everybody's latent answer on a day, with that day's noise (the same in every re-simulation), shape (n,)."""
    noise = draw_noise(block.customers, block.index, block.seed, day, company)
    return latent_answer(expected_at(block, company, day), noise)


def segments(block: Block) -> Iterator[tuple[str, Mask]]:
    """The segments the truth is stated for: all, and by every column of kinds in the files."""
    customers = block.customers
    yield "all", np.ones(customers.n, dtype=bool)
    for name, names, code in (
        ("plan", PLANS, customers.plan),
        ("customer_type", ("consumer", "business"), customers.business),
        ("contract", CONTRACTS, customers.contract),
        ("region", REGIONS, customers.region),
        ("language", LANGUAGES, customers.language),
        ("gender", GENDERS, customers.gender),
        ("payment_method", PAYMENTS, customers.payment),
        ("device", DEVICES, customers.device),
        ("sales_channel", SALES_CHANNELS, customers.sales_channel),
        ("newsletter", ("no", "yes"), customers.newsletter),
    ):
        for number, label in enumerate(names):
            yield f"{name}: {label}", code == number


def groups(block: Block, day: int, exposed: Mask, lately: Mask) -> Iterator[tuple[str, Mask]]:
    """The groups an effect is stated for, in the order of `GROUPS`."""
    new = day - block.customers.joined_day < NEW_DAYS
    everybody = np.ones(block.customers.n, dtype=bool)
    masks = (everybody, exposed, lately, new, ~new, new & exposed, block.customers.rosy)
    return zip(GROUPS, masks, strict=True)


def ratio(sums: Mapping[Key, float], key: Key, top: str, bottom: str = "n") -> float:
    """One sum over another, NaN where there is nobody.

    >>> ratio({("a", "n"): 4.0, ("a", "x"): 1.0}, ("a",), "x")
    0.25
    """
    below = sums.get((*key, bottom), 0.0)
    return sums.get((*key, top), 0.0) / below if below else float("nan")
