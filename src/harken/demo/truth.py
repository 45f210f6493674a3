"""The truth about the company: what would be without each cause, found by re-simulating with the same draws."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from harken.demo.block import Block
from harken.demo.company import (
    HISTORY_DAYS,
    HORIZON_STEPS,
    LANGUAGES,
    NEW_DAYS,
    PLANS,
    ROSY_PLAN,
    STEPS,
    WARM_UP_STEPS,
    WAVE_DAYS,
    Company,
)
from harken.demo.customers import REGIONS
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
from harken.demo.memory import (
    CAUSES,
    Cause,
    Ledger,
    cap_clicks,
    cap_waits,
    carry,
    column,
    remove,
    splice,
)

Mask = NDArray[np.bool_]
Mode = str
MODES: tuple[Mode, ...] = ("before", "always")
"""A cause is removed from the 180 days before a date only, or at all times."""
WAIT_CAPS_MINUTES = (5, 8, 10, 12, 15, 20, 30)
CLICK_CAPS = (9, 12, 15, 18)
DOSE_DAY = HISTORY_DAYS - 90


class Tally:
    """Sums over customers, added block by block; keys are tuples of words and numbers.

    `sums[key]` holds whatever `add` counts; means and differences are made of them in `statement`.
    """

    def __init__(self) -> None:
        self.sums: defaultdict[tuple[str | int, ...], float] = defaultdict(float)

    def add(self, block: Block, company: Company) -> None:
        """Count one block: waves, leaving and liking with and without each cause, money at stake."""
        self._count_base(block)
        self._count_waves(block)
        self._count_bands(block, company)
        self._count_doses(block, company)
        for cause in CAUSES:
            ledger = remove(block.ledger, cause, block.customers, block.happenings, company.happening)
            self._count_history(block, company, cause, ledger)
            for day in AS_OF_DAYS:
                self._count_liking(block, company, cause, ledger, day)
                for mode in MODES:
                    spliced = splice(ledger, block.ledger, step_at(day)) if mode == "before" else ledger
                    self._count_leaving(block, company, cause, spliced, day, mode)

    def _add(self, key: tuple[str | int, ...], value: float) -> None:
        self.sums[key] += float(value)

    def _count_base(self, block: Block) -> None:
        left = block.left_day
        for day in range(0, HISTORY_DAYS, 30):
            there = active(block.customers, left, day)
            self._add(("customer months",), there.sum())
            self._add(("left in month",), (there & (left < day + 30)).sum())
        self._add(("left",), (left < HISTORY_DAYS).sum())
        self._add(("active today",), active(block.customers, left, HISTORY_DAYS).sum())
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

    def _count_bands(self, block: Block, company: Company) -> None:
        """Expected leaving among those who would be promoters, passives and detractors."""
        for day in AS_OF_DAYS:
            there = active(block.customers, block.left_day, day)
            answer = latent_at(block, company, block.ledger, day)
            chance = leaving_chance(block, company, block.ledger, day)
            bands = (("promoters", answer >= 9), ("detractors", answer <= 6), ("all", answer >= 0))
            for band, mask in (*bands, ("passives", (answer >= 7) & (answer <= 8))):
                self._add(("band", day, band, "n"), (there & mask).sum())
                self._add(("band", day, band, "chance"), chance[there & mask].sum())
        there = active(block.customers, block.left_day, HISTORY_DAYS)
        value = 12 * charge_now(block)
        chance = leaving_chance(block, company, block.ledger, HISTORY_DAYS)
        for segment, mask in segments(block):
            self._add(("stake", segment, "n"), (there & mask).sum())
            self._add(("stake", segment, "value"), value[there & mask].sum())
            self._add(("stake", segment, "leaving"), chance[there & mask].sum())
            self._add(("stake", segment, "money"), (chance * value)[there & mask].sum())

    def _count_doses(self, block: Block, company: Company) -> None:
        """Leaving and liking if no wait were longer, no checkout had more clicks, than each of several limits."""
        there = active(block.customers, block.left_day, DOSE_DAY)
        for name, caps, cap in (("wait", WAIT_CAPS_MINUTES, cap_waits), ("clicks", CLICK_CAPS, cap_clicks)):
            for limit in (0, *caps):
                ledger = cap(block.ledger, limit, block.customers, block.happenings) if limit else block.ledger
                answer = latent_at(block, company, ledger, DOSE_DAY)[there]
                self._add(("dose", name, limit, "n"), there.sum())
                self._add(
                    ("dose", name, limit, "chance"), leaving_chance(block, company, ledger, DOSE_DAY)[there].sum()
                )
                self._add(("dose", name, limit, "nps"), band(answer).sum())

    def _count_history(self, block: Block, company: Company, cause: Cause, ledger: Ledger) -> None:
        carried = carry(block.customers, ledger, company.happening, WARM_UP_STEPS, STEPS)
        hazard = np.zeros((block.customers.n, STEPS), dtype=np.float32)
        hazard[:, WARM_UP_STEPS:] = hazards(block.customers, carried, company)
        self._add(("left without", cause), (leaving_times(block.customers, hazard) < HISTORY_DAYS).sum())

    def _count_liking(self, block: Block, company: Company, cause: Cause, ledger: Ledger, day: int) -> None:
        with_cause = band(latent_at(block, company, block.ledger, day))
        without = band(latent_at(block, company, ledger, day))
        there = active(block.customers, block.left_day, day)
        exposed = expected_at(block, company, block.ledger, day) != expected_at(block, company, ledger, day)
        for group, mask in groups(block, day, exposed):
            self._add_pair(("liking", day, cause, group), with_cause[there & mask], without[there & mask])

    def _count_leaving(
        self, block: Block, company: Company, cause: Cause, ledger: Ledger, day: int, mode: Mode
    ) -> None:
        with_cause = leaving_chance(block, company, block.ledger, day)
        without = leaving_chance(block, company, ledger, day)
        there = active(block.customers, block.left_day, day)
        now = splice(ledger, block.ledger, step_at(day))
        exposed = hazard_at(block, company, block.ledger, day) != hazard_at(block, company, now, day)
        value = 12 * charge_now(block)
        for group, mask in groups(block, day, exposed):
            rows = there & mask
            key = ("leaving", day, cause, mode, group)
            self._add_pair(key, with_cause[rows], without[rows])
            self._add((*key, "money"), ((with_cause - without) * value)[rows].sum())

    def _add_pair(self, key: tuple[str | int, ...], with_cause: Vector, without: Vector) -> None:
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


def leaving_chance(block: Block, company: Company, ledger: Ledger, day: int) -> Vector:
    """Expected chance to leave in the 90 days from `day` on, given what happens until then, shape (n,)."""
    first = step_at(day)
    carried = carry(block.customers, ledger, company.happening, first, first + HORIZON_STEPS)
    return 1.0 - np.exp(-hazards(block.customers, carried, company).sum(axis=1, dtype=np.float64))


def hazard_at(block: Block, company: Company, ledger: Ledger, day: int) -> Vector:
    """Hazard of the ten days from `day` on, shape (n,)."""
    first = step_at(day)
    carried = carry(block.customers, ledger, company.happening, first, first + 1)
    return hazards(block.customers, carried, company)[:, 0].astype(np.float64)


def expected_at(block: Block, company: Company, ledger: Ledger, day: int) -> Vector:
    """Liking on a day without its noise, shape (n,)."""
    first = step_at(day)
    return expected_liking(
        block.customers, carry(block.customers, ledger, company.happening, first, first + 1), company
    )


def latent_at(block: Block, company: Company, ledger: Ledger, day: int) -> NDArray[np.int64]:
    """Everybody's latent answer on a day, with the noise of that day, shape (n,)."""
    return latent_answer(expected_at(block, company, ledger, day), draw_noise_of(block, company, day))


def draw_noise_of(block: Block, company: Company, day: int) -> Vector:
    """The noise of a day, equal in every re-simulation, shape (n,)."""
    return draw_noise(block.customers, block.index, block.seed, day, company)


def segments(block: Block) -> Iterator[tuple[str, Mask]]:
    """The segments the truth is stated for: all, by plan, region, language, business or not."""
    customers = block.customers
    yield "all", np.ones(customers.n, dtype=bool)
    for name, names, code in (
        ("plan", PLANS, customers.plan),
        ("region", REGIONS, customers.region),
        ("language", LANGUAGES, customers.language),
    ):
        for number, label in enumerate(names):
            yield f"{name}: {label}", code == number
    yield "business", customers.business
    yield "consumer", ~customers.business


def groups(block: Block, day: int, exposed: Mask) -> Iterator[tuple[str, Mask]]:
    """The groups an effect is stated for: all, the exposed, new and established customers, the rosy plan."""
    new = day - block.customers.joined_day < NEW_DAYS
    yield "all", np.ones(block.customers.n, dtype=bool)
    yield "exposed", exposed
    yield "new", new
    yield "established", ~new
    yield "new exposed", new & exposed
    yield f"plan: {ROSY_PLAN}", block.customers.rosy


def ratio(
    sums: Mapping[tuple[str | int, ...], float], key: tuple[str | int, ...], top: str, bottom: str = "n"
) -> float:
    """One sum over another, NaN where there is nobody."""
    below = sums.get((*key, bottom), 0.0)
    return sums.get((*key, top), 0.0) / below if below else float("nan")


__all__ = ["DOSE_DAY", "MODES", "WAVE_DAYS", "Tally", "column", "leaving_chance", "ratio", "segments"]
