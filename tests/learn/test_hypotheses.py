"""Verdicts hold to chance and to the expected side; sources are counted, not findings."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from harken.learn.hypotheses import Verdict, Witness, judge, p_from_share, voices

Z = stats.norm.ppf(0.975)


def judged(values: np.ndarray, error: float | np.ndarray, sides: list[str], **options: object) -> list[Verdict]:
    return [one.verdict for one in judge(values, values - Z * error, values + Z * error, sides, **options)]


def test_verdicts_are_those_of_benjamini_and_hochberg_by_hand() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        values = rng.normal(0, 2, 7)
        sides = [str(side) for side in rng.choice(["more", "less", "either"], 7)]
        p = 2 * stats.norm.sf(np.abs(values))
        order = np.argsort(p)
        passing = [rank for rank, at in enumerate(order, start=1) if p[at] <= 0.05 * rank / 7]
        shown = set(order[: max(passing, default=0)].tolist())
        for at, verdict in enumerate(judged(values, 1.0, sides)):
            fits = sides[at] == "either" or (values[at] > 0) == (sides[at] == "more")
            expected = Verdict.NOT_SHOWN if at not in shown else Verdict.SUPPORTED if fits else Verdict.CONTRADICTED
            assert verdict is expected


def test_turning_effect_and_side_around_changes_no_verdict() -> None:
    values, errors = np.array([3.0, -2.5, 0.4, 9.0]), np.array([1.0, 1.0, 1.0, 2.0])
    turned = {"more": "less", "less": "more", "either": "either"}
    for sides in itertools.product(turned, repeat=4):
        assert judged(values, errors, list(sides)) == judged(-values, errors, [turned[side] for side in sides])
        more = judged(values, errors, ["more"] * 4)
        less = judged(values, errors, ["less"] * 4)
        swap = {Verdict.SUPPORTED: Verdict.CONTRADICTED, Verdict.CONTRADICTED: Verdict.SUPPORTED}
        assert less == [swap.get(verdict, verdict) for verdict in more]


def test_what_was_not_measured_is_not_tested_and_costs_the_others_nothing() -> None:
    alone = judge([2.1], [0.05], [4.15], ["more"])
    beside = judge([2.1, np.nan, np.nan], [0.05, 0, 0], [4.15, 0, 0], ["more"] * 3)
    assert beside[0] == alone[0]
    assert [one.verdict for one in beside[1:]] == [Verdict.CANNOT_BE_TESTED] * 2
    with pytest.raises(ValueError, match="in its interval"):
        judge([5.0], [6.0], [7.0], ["more"])
    assert judge([], [], [], []) == ()


def test_the_size_that_could_be_shown_is_found_eight_times_out_of_ten() -> None:
    """4,000 draws of an effect of just that size: the share found lies within 0.8 +- 3.3 standard errors."""
    error = 1.7
    size = judge([0.0], [-Z * error], [Z * error], ["either"])[0].could_show
    assert size is not None
    draws = np.random.default_rng(5).normal(size, error, 4_000)
    found = sum(judged(draws[at : at + 1], error, ["more"])[0] is Verdict.SUPPORTED for at in range(len(draws)))
    assert abs(found / 4_000 - 0.8) < 3.3 * np.sqrt(0.8 * 0.2 / 4_000)


def test_where_nothing_is_true_hardly_anything_is_supported() -> None:
    """2,000 registers of six empty hypotheses: some supported in at most 5 % (binomial bound, 1 in 1,000)."""
    rng, registers = np.random.default_rng(8), 2_000
    draws = rng.normal(0, 1, (registers, 6))
    either = sum(Verdict.SUPPORTED in judged(row, 1.0, ["either"] * 6) for row in draws)
    more = sum(Verdict.SUPPORTED in judged(row, 1.0, ["more"] * 6) for row in draws)
    assert either <= stats.binom.ppf(0.999, registers, 0.05)
    assert more <= stats.binom.ppf(0.999, registers, 0.025) + 1
    assert either > stats.binom.ppf(0.001, registers, 0.05), "nor is the test idle"


def test_a_share_is_judged_on_the_scale_of_its_root() -> None:
    z = 3.0
    root, error = 0.3, 0.1
    assert p_from_share(root**2, (root - Z * error) ** 2, (root + Z * error) ** 2) == pytest.approx(
        2 * stats.norm.sf(z / 1.25)
    )
    assert p_from_share(0.2, 0.0, 0.4) == 1.0


def test_sources_are_counted_not_findings() -> None:
    said = [({"billing"}, True), ({"billing"}, True), ({"surveys"}, True), ({"Lee 2019"}, True), ({"web"}, None)]
    found = voices(Witness(frozenset(names), agrees) for names, agrees in said)
    assert found.agree == ("Lee 2019", "billing", "surveys")
    assert found.against == ()
    joined = voices([Witness(frozenset({"a", "b"}), True), Witness(frozenset({"b", "c"}), True)])
    assert joined.agree == ("a + b + c",), "what shares a record speaks once"
    both = voices([Witness(frozenset({"Surveys "}), True), Witness(frozenset({"surveys"}), False)])
    assert both.agree == both.against == (), "who says both is heard on neither side"


def test_the_order_of_findings_changes_no_count() -> None:
    rng = np.random.default_rng(2)
    for _ in range(30):
        given = [
            Witness(frozenset(rng.choice(list("abcde"), rng.integers(1, 3)).tolist()), bool(rng.random() < 0.7))
            for _ in range(5)
        ]
        first = voices(given)
        for order in itertools.permutations(given):
            assert voices(order) == first
