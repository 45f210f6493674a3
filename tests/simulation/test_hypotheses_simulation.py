"""A register of hypotheses about a company in which nothing goes with anything: hardly any is supported."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from driver_worlds import noise_table
from harken.learn.drivers import lever_effects, rank_families
from harken.learn.hypotheses import Side, Verdict
from harken.usecases.hypotheses.claims import LEAVING, LEVER, SCORE, Claim
from harken.usecases.hypotheses.testing import judge_claims

pytestmark = pytest.mark.slow

WORLDS = 250


def test_where_nothing_goes_with_anything_hardly_anything_is_supported() -> None:
    """250 worlds of 900 customers, each with hypotheses on all families and levers, one side and either side.

    With nothing true, a register supports anything at all in at most 5 % of the worlds; counts above the 99.9 %
    bound of that binomial happen to a correct method less than once in a thousand. What points the other way is
    held to the same.
    """
    supported = contradicted = tested = 0
    for seed in range(WORLDS):
        rng = np.random.default_rng(1_000 + seed)
        table = noise_table(rng, 900, p=8)
        left, score = rng.random(900) < 0.25, rng.normal(20, 90, 900)
        parts = {
            "levers": lever_effects(table, left, seed=seed),
            "drivers": rank_families(table, left, seed=seed),
            "score_drivers": rank_families(table, score, seed=seed),
        }
        sides = (Side.MORE, Side.EITHER)
        claims = [Claim(LEAVING, family, side=side) for family in table.families for side in sides]
        claims += [Claim(SCORE, family) for family in table.families]
        claims += [Claim(LEVER, one.column, side=Side.LESS) for one in parts["levers"].levers]
        verdicts = [one.verdict for one in judge_claims(tuple(claims), parts)]
        supported += Verdict.SUPPORTED in verdicts
        contradicted += Verdict.CONTRADICTED in verdicts
        tested += sum(verdict is not Verdict.CANNOT_BE_TESTED for verdict in verdicts)
    assert tested > 10 * WORLDS
    bound = stats.binom.ppf(0.999, WORLDS, 0.05)
    assert supported <= bound, (supported, contradicted, tested)
    assert contradicted <= bound, (supported, contradicted, tested)
