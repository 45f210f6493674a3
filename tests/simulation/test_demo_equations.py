"""The company's equations seen in its latent data by brute force, and its truth against another company's."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from harken.demo.block import Block, live
from harken.demo.company import HISTORY_DAYS, STEPS, WARM_UP_STEPS, Company
from harken.demo.lives import AS_OF_DAYS, active, answer_chance, expected_liking, hazards, step_at
from harken.demo.memory import CAUSES, Carried, carry, fresh
from harken.demo.traces import seen_before
from harken.demo.truth import GROUPS, Tally, latent_at, leaving_chance, world_without

COMPANY = Company()
CUSTOMERS = 12_000
HISTORY_STEP = np.arange(HISTORY_DAYS // 10)
Z_ONE_IN_TEN_THOUSAND = 3.9
"""Two-sided bound of a standard normal; with under ten comparisons a test fails by chance less than 1 in 1,000."""


@cache
def block(seed: int) -> Block:
    return live(1, CUSTOMERS, 0, seed=seed, world="observed", company=COMPANY)


@cache
def tally(seed: int) -> Tally:
    sums = Tally()
    sums.add(block(seed), COMPANY)
    return sums


def carried_in_history(of: Block) -> Carried:
    return carry(of.customers, of.ledger, COMPANY.happening, WARM_UP_STEPS, WARM_UP_STEPS + len(HISTORY_STEP))


def full_steps(of: Block) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which customer lives each step of the history from its start, and who leaves in it: shape (54, n)."""
    begin = HISTORY_STEP[:, None] * 10
    there = (of.customers.joined_day <= begin) & (of.left_day >= begin)
    return there, there & (of.left_day < begin + 10)


def ratio_of_observed_to_expected(of: Block, without: Carried, mask: NDArray[np.bool_]) -> tuple[float, float]:
    """Leavers among the masked person-steps over those expected without a cause, and the relative error."""
    there, leaves = full_steps(of)
    expected = (1 - np.exp(-hazards(of.customers, without, COMPANY)))[there & mask].sum()
    observed = leaves[mask].sum()
    return observed / expected, 1 / math.sqrt(observed)


def test_a_repeat_contact_doubles_who_leaves() -> None:
    of = block(11)
    carried = carried_in_history(of)
    without = dataclasses.replace(carried, repeat=np.zeros_like(carried.repeat))
    ratio, error = ratio_of_observed_to_expected(of, without, carried.repeat > 0)
    assert abs(ratio - 2.0) < Z_ONE_IN_TEN_THOUSAND * 2.0 * error + 0.02
    ratio, error = ratio_of_observed_to_expected(of, without, carried.repeat == 0)
    assert abs(ratio - 1.0) < Z_ONE_IN_TEN_THOUSAND * error


def test_waits_hurt_from_twelve_minutes_on_and_not_before() -> None:
    of = block(11)
    carried = carried_in_history(of)
    without = dataclasses.replace(carried, wait_minutes=np.zeros_like(carried.wait_minutes))
    for low, high in ((0.0, 6.0), (6.0, 12.0)):
        mask = (carried.wait_minutes > low) & (carried.wait_minutes <= high)
        ratio, error = ratio_of_observed_to_expected(of, without, mask)
        assert abs(ratio - 1.0) < Z_ONE_IN_TEN_THOUSAND * error, (low, high)
    for low, high in ((15.0, 20.0), (25.0, 30.0)):
        mask = (carried.wait_minutes > low) & (carried.wait_minutes <= high)
        ratio, error = ratio_of_observed_to_expected(of, without, mask)
        middle = math.exp(COMPANY.leaving.wait_minute * ((low + high) / 2 - 12))
        assert abs(ratio - middle) < Z_ONE_IN_TEN_THOUSAND * middle * error + 0.05 * middle, (low, high)


def test_bill_wording_hurts_the_new_only() -> None:
    of = block(11)
    carried = carried_in_history(of)
    asked = carry_bills(of)
    without = dataclasses.replace(carried, bill=np.zeros_like(carried.bill))
    new, old = asked & (carried.bill > 0), asked & (carried.bill == 0)
    ratio, error = ratio_of_observed_to_expected(of, without, new)
    raised = math.exp(COMPANY.leaving.bill)
    assert abs(ratio - raised) < Z_ONE_IN_TEN_THOUSAND * raised * error + 0.15
    ratio, error = ratio_of_observed_to_expected(of, without, old)
    assert abs(ratio - 1.0) < Z_ONE_IN_TEN_THOUSAND * error


def carry_bills(of: Block) -> NDArray[np.bool_]:
    """Person-steps with a bill question in the 180 days before, by counting contacts one customer at a time."""
    from harken.demo.company import BILL_ISSUE
    from harken.demo.happenings import step_of

    contacts = of.happenings.contacts
    asked = np.zeros((len(HISTORY_STEP), of.customers.n), dtype=bool)
    about = np.flatnonzero(contacts.issue == BILL_ISSUE)
    for customer, step in zip(contacts.customer[about], step_of(contacts.second[about]), strict=True):
        first = max(step + 1 - WARM_UP_STEPS, 0)
        asked[first : max(step + 19 - WARM_UP_STEPS, 0), customer] = True
    return asked


def test_what_is_carried_is_what_a_plain_count_finds() -> None:
    of = live(1, 150, 0, seed=5, world="observed", company=COMPANY)
    contacts = of.happenings.contacts
    for day in (90, 360):
        step = step_at(day)
        carried = fresh(of.customers, of.ledger, COMPANY.happening, step)
        for customer in range(of.customers.n):
            mine = contacts.customer == customer
            seconds = contacts.second[mine]
            recent = (seconds >= (day - 90) * 86_400) & (seconds < day * 86_400)
            waits = contacts.wait_s[mine][recent] / 60
            assert math.isclose(
                carried.wait_minutes[0, customer], waits.mean() if len(waits) else 0.0, abs_tol=1e-4
            )
            assert carried.repeat[0, customer] == any(brute_repeats(contacts.issue[mine], seconds)[recent])


def brute_repeats(issue: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.array(
        [
            any(issue[j] == issue[i] and 0 < second[i] - second[j] <= 14 * 86_400 for j in range(len(issue)))
            for i in range(len(issue))
        ],
        dtype=bool,
    )


def test_leavers_agree_with_expected_hazards() -> None:
    for seed in (11, 12):
        of = block(seed)
        for day in AS_OF_DAYS:
            there = active(of.customers, of.left_day, day)
            chance = leaving_chance(of, COMPANY, day)[there]
            left = (of.left_day[there] < day + 90).sum()
            spread = math.sqrt((chance * (1 - chance)).sum())
            assert abs(left - chance.sum()) < Z_ONE_IN_TEN_THOUSAND * spread


def test_drivers_declared_null_enter_no_equation() -> None:
    of = block(11)
    rng = np.random.default_rng(0)
    shuffled = {
        name: rng.permutation(getattr(of.customers, name))
        for name in ("region", "gender", "payment", "device", "sales_channel", "newsletter", "role")
    }
    others = dataclasses.replace(of.customers, **shuffled)
    carried = carry(of.customers, of.ledger, COMPANY.happening, WARM_UP_STEPS, STEPS)
    assert np.array_equal(hazards(of.customers, carried, COMPANY), hazards(others, carried, COMPANY))
    lately = fresh(of.customers, of.ledger, COMPANY.happening, step_at(450))
    assert np.array_equal(expected_liking(of.customers, lately, COMPANY), expected_liking(others, lately, COMPANY))


def test_in_the_observed_world_answering_knows_nothing_of_the_answer() -> None:
    of = block(11)
    lately = fresh(of.customers, of.ledger, COMPANY.happening, step_at(450))
    seen = seen_before(lately, of.usage, 450)
    answer = of.waves[-1].latent
    arguments = (COMPANY.answering, COMPANY.happening)
    observed = answer_chance(of.customers, seen, 450, answer, *arguments, "observed")
    assert np.array_equal(observed, answer_chance(of.customers, seen, 450, answer * 0, *arguments, "observed"))
    mood = answer_chance(of.customers, seen, 450, answer, *arguments, "mood")
    assert ((mood > observed) == (answer > 8)).all()


def test_weighting_by_the_true_chance_recovers_the_whole_base_and_the_rosy_plan() -> None:
    """12 seeds of 12,000 customers: the inverse-chance estimate of NPS is within its error of the truth."""
    errors: list[float] = []
    rosy_errors: list[float] = []
    naive: list[float] = []
    for seed in range(40, 52):
        of = live(1, 4_000, 0, seed=seed, world="observed", company=COMPANY)
        for wave in of.waves:
            net = (wave.latent >= 9).astype(float) - (wave.latent <= 6)
            for mask, found in ((wave.invited, errors), (wave.invited & of.customers.rosy, rosy_errors)):
                weight = wave.answered[mask] / wave.chance[mask]
                residual = weight * (net[mask] - net[mask].mean())
                found.append(residual.sum() / math.sqrt((residual**2).sum()))
            naive.append(net[wave.answered].mean() - net[wave.invited].mean())
    assert abs(np.mean(errors)) < Z_ONE_IN_TEN_THOUSAND / math.sqrt(len(errors))
    assert abs(np.mean(rosy_errors)) < Z_ONE_IN_TEN_THOUSAND / math.sqrt(len(rosy_errors)) + 0.25
    assert np.mean(naive) > 0.10


def test_the_rosy_plan_flips() -> None:
    of = block(11)
    rosy = of.customers.rosy
    whole, heard = [], []
    for wave in of.waves:
        net = (wave.latent >= 9).astype(float) - (wave.latent <= 6)
        whole.append(100 * net[wave.invited & rosy].mean())
        heard.append(100 * net[wave.answered & rosy].mean())
    assert np.mean(whole) < -5
    assert np.mean(heard) > 10


def estimands(of: Tally) -> Iterator[tuple[str, float, float]]:
    """Every effect on leaving and liking of one company: its name, the mean difference and its variance."""
    for kind, modes in (("leaving", ("before", "always")), ("liking", (None,))):
        for cause in CAUSES:
            for mode in modes:
                for group in GROUPS:
                    totals = np.zeros(4)
                    for day in AS_OF_DAYS:
                        key = (kind, day, cause, *((mode,) if mode else ()), group)
                        totals += [of.sums.get((*key, part), 0.0) for part in ("n", "with", "without", "squares")]
                    if totals[0] > 50:
                        n = totals[0]
                        mean = (totals[1] - totals[2]) / n
                        yield f"{kind} {cause} {mode} {group}", mean, (totals[3] / n - mean**2) / n


def test_effects_agree_with_those_of_another_seed() -> None:
    """Differences between two companies are chance: about 100 comparisons, none over 5 standard errors.

    The three dates share customers, so the variance of their mean is taken as three times as large.
    """
    here = {name: (mean, variance) for name, mean, variance in estimands(tally(11))}
    there = {name: (mean, variance) for name, mean, variance in estimands(tally(12))}
    shared = sorted(here.keys() & there.keys())
    assert len(shared) > 80
    for name in shared:
        spread = math.sqrt(3 * (here[name][1] + there[name][1]))
        assert abs(here[name][0] - there[name][0]) <= 5 * spread + 1e-12, name


def test_the_stated_effect_is_a_direct_re_simulation() -> None:
    """Without repeat contacts: other lives are lived by hand, once per customer, from the date on."""
    of = block(12)
    day = HISTORY_DAYS - 90
    there = active(of.customers, of.left_day, day)
    world = world_without(of, "repeat_contact", COMPANY)
    difference = leaving_chance(of, COMPANY, day) - leaving_chance(world, COMPANY, day)
    key = ("leaving", day, "repeat_contact", "always", "all")
    sums = tally(12).sums
    stated = (sums[(*key, "with")] - sums[(*key, "without")]) / sums[(*key, "n")]
    assert math.isclose(stated, difference[there].mean(), rel_tol=1e-9)
    rng = np.random.default_rng(3)
    draws = rng.exponential(1.0, (200, int(there.sum())))
    totals = [-np.log1p(-leaving_chance(lives, COMPANY, day)[there]) for lives in (of, world)]
    lived = [(draws < total).mean() for total in totals]
    spread = math.sqrt(lived[0] * (1 - lived[1]) / draws.size)
    assert abs((lived[0] - lived[1]) - stated) < Z_ONE_IN_TEN_THOUSAND * spread


def test_a_latent_answer_is_the_one_in_the_wave() -> None:
    of = block(11)
    for wave in of.waves:
        assert np.array_equal(latent_at(of, COMPANY, wave.day), wave.latent)
