"""What must hold of any score: order, labels and units do not matter, weights and repeats count as they should."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from harken.learn.scores import SegmentScores, cell_scores, score_series, segment_scores, summarize
from harken.learn.scores.answers import bands, scored, usable_answers
from harken.learn.scores.intervals import (
    mover,
    mover_p_value,
    net_bounds,
    net_distance,
    net_interval,
    wilson_bounds,
    wilson_distance,
    wilson_interval,
    z_of,
)
from harken.learn.scores.means import (
    mean_interval,
    mean_score_bounds,
    mean_score_distance,
    mean_t_bounds,
    mean_t_distance,
)
from harken.learn.scores.rest import rest_of
from harken.learn.scores.tallies import GROUP_COLUMNS, customer_sums, tally
from harken.vocabulary.errors import DataError
from harken.vocabulary.periods import Period
from harken.vocabulary.scales import SCALES, Headline, Scale

Floats = NDArray[np.float64]
NPS = SCALES["nps_0_10"]
OWN_SCALES = (
    Scale("own_percent", "0–100", 0, 100, True, 80, 40, Headline.MEAN),
    Scale("own_pain", "0–10, lower is better", 0, 10, False, 2, 7, Headline.NET),
)
ALL_SCALES = (*SCALES.values(), *OWN_SCALES)
counts = st.integers(0, 60)


@given(counts, counts, counts)
@settings(max_examples=60, deadline=None)
def test_three_roads_to_one_interval(down: int, mid: int, up: int) -> None:
    """Tango's closed form equals the general score interval of a mean, and mirrors when the bands are exchanged."""
    lower, upper = (float(end) for end in net_interval(down, mid, up))
    general = mean_interval([down, mid, up], [-1, 0, 1], (-1, 1))
    assert (lower, upper) == pytest.approx((float(general[0]), float(general[1])), abs=1e-8)
    mirrored = net_interval(up, mid, down)
    assert (lower, upper) == pytest.approx((-float(mirrored[1]), -float(mirrored[0])), abs=1e-9)
    n = down + mid + up
    assert -1 <= lower <= upper <= 1
    if n:
        assert lower - 1e-9 <= (up - down) / n <= upper + 1e-9
        assert upper - lower > 0


def test_only_passives_have_the_range_that_can_be_written_down() -> None:
    """With n passives alone D fits where n |D| <= z^2 (1 - |D|)."""
    n = np.arange(1.0, 12.0)
    lower, upper = net_interval(0 * n, n, 0 * n)
    widest = z_of(0.95) ** 2 / (n + z_of(0.95) ** 2)
    assert upper == pytest.approx(widest, abs=1e-9)
    assert lower == pytest.approx(-widest, abs=1e-9)


@given(counts, counts)
@settings(max_examples=40, deadline=None)
def test_wilson_is_the_general_interval_on_two_answers(miss: int, hit: int) -> None:
    found = wilson_interval(hit, hit + miss)
    general = mean_interval([miss, hit], [0, 1], (0, 1))
    assert (float(found[0]), float(found[1])) == pytest.approx((float(general[0]), float(general[1])), abs=1e-8)


def test_more_answers_and_lower_levels_make_ranges_narrower() -> None:
    n = np.array([10.0, 20.0, 40.0, 80.0, 1000.0])
    for lower, upper in (
        net_interval(0.2 * n, 0.3 * n, 0.5 * n),
        wilson_interval(0.3 * n, n),
        mean_interval(n[:, None] * np.array([0.1, 0.1, 0.2, 0.3, 0.3]), np.arange(1, 6), (1, 5)),
    ):
        assert all(first > second for first, second in pairwise(upper - lower))
    level = np.array([0.5, 0.8, 0.9, 0.95, 0.99])
    lower, upper = net_interval(20, 30, 50, level)
    assert all(first < second for first, second in pairwise(upper - lower))


def test_everybody_agreeing_is_not_certainty() -> None:
    """The rule of three: with n answers all 5, unseen ones may be elsewhere (Wilson's upper share for 0 of n)."""
    for n in (1, 5, 30, 1000):
        unseen = float(wilson_interval(0, n)[1])
        lower, upper = mean_interval([0, 0, 0, 0, n], np.arange(1, 6), (1, 5))
        assert float(upper) == 5.0
        assert float(lower) == pytest.approx(5.0 - 4.0 * unseen, abs=1e-6)
        fine = mean_t_bounds(5.0, 0.0, n, (1, 5), z_of(0.95))
        assert float(fine[0]) == pytest.approx(float(lower), abs=1e-6)


@pytest.mark.parametrize("correlation", [0.0, 0.4, -0.3])
def test_p_values_and_intervals_of_differences_never_contradict(correlation: float) -> None:
    """At level 1 - p the range of the difference just touches zero; for all four kinds of interval."""
    rng = np.random.default_rng(0)
    n = rng.integers(20, 80, 60)
    answers = np.arange(1.0, 6.0)
    first, second = (
        np.array([rng.multinomial(size, shares) for size in n]).astype(float)
        for shares in ([0.1, 0.1, 0.2, 0.3, 0.3], [0.2, 0.1, 0.2, 0.3, 0.2])
    )

    def kinds(table: Floats):  # type: ignore[no-untyped-def]
        up, down, mean = table[:, 4], table[:, 0], table @ answers / n
        variance = table @ answers**2 / n - mean**2
        return (
            ((up - down) / n, lambda z: net_bounds(up, down, n, z), lambda v: net_distance(up, down, n, v)),
            (up / n, lambda z: wilson_bounds(up, n, z), lambda v: wilson_distance(up, n, v)),
            (
                mean,
                lambda z: mean_score_bounds(table, answers, (1, 5), z),
                lambda v: mean_score_distance(table, answers, (1, 5), v),
            ),
            (
                mean,
                lambda z: mean_t_bounds(mean, variance, n, (1, 5), z),
                lambda v: mean_t_distance(mean, variance, n, (1, 5), v),
            ),
        )

    for (before, range_before, far_before), (after, range_after, far_after) in zip(
        kinds(first), kinds(second), strict=True
    ):
        p = mover_p_value(before, far_before, after, far_after, correlation)
        z = z_of(1.0 - p)
        lower, upper = mover(before, range_before(z), after, range_after(z), correlation)
        touching = np.where(after > before, lower, upper)
        told = (p > 1e-9) & (p < 1.0)
        assert told.sum() > 40
        assert np.abs(touching[told]).max() < 1e-7


@pytest.mark.parametrize("scale", ALL_SCALES, ids=lambda scale: scale.id)
def test_bands_equal_the_scale_s_own_rule(scale: Scale) -> None:
    values = np.linspace(scale.minimum, scale.maximum, 41)
    assert bands(values, scale).tolist() == [scale.band(value) for value in values.tolist()]


def some_answers(scale: Scale, n: int = 120, seed: int = 0) -> Floats:
    """Whole answers on the scale; broken ones on the fine scale."""
    rng = np.random.default_rng(seed)
    if scale.id == "own_percent":
        return rng.uniform(0, 100, n)
    return rng.integers(int(scale.minimum), int(scale.maximum) + 1, n).astype(float)


@pytest.mark.parametrize("scale", ALL_SCALES, ids=lambda scale: scale.id)
def test_order_weights_of_one_and_unit_of_weights_do_not_matter(scale: Scale) -> None:
    scores = some_answers(scale)
    weights = np.random.default_rng(1).uniform(0.2, 3.0, scores.size)
    order = np.random.default_rng(2).permutation(scores.size)
    plain = summarize(scores, scale)
    for other in (
        summarize(scores[order], scale),
        summarize(scores, scale, weights=np.ones(scores.size)),
        summarize(scores, scale, weights=np.full(scores.size, 7.0)),
        summarize(scores, scale, customer_id=order),
    ):
        assert_alike(plain, other)
    weighted = summarize(scores, scale, weights=weights)
    assert_alike(weighted, summarize(scores[order], scale, weights=1000.0 * weights[order]))
    assert weighted.n_effective < plain.n_effective == plain.n


def assert_alike(first: object, second: object) -> None:
    """Two summaries equal up to rounding."""
    one, other = _numbers(first), _numbers(second)
    assert one == pytest.approx(other, rel=1e-9, abs=1e-9)


def _numbers(summary: object) -> list[float]:
    headline, mean = summary.headline, summary.mean  # type: ignore[attr-defined]
    parts = [summary.n, summary.n_effective, summary.favourable_share, summary.unfavourable_share]  # type: ignore[attr-defined]
    for estimate in (headline, mean):
        parts += [estimate.value, estimate.interval.lower, estimate.interval.upper]
    return parts + [bar.share for bar in summary.histogram]  # type: ignore[attr-defined]


@pytest.mark.parametrize("scale", ALL_SCALES, ids=lambda scale: scale.id)
def test_a_customer_who_answers_twice_alike_counts_once(scale: Scale) -> None:
    scores = some_answers(scale, 60)
    once = summarize(scores, scale)
    twice = summarize(np.repeat(scores, 2), scale, customer_id=np.repeat(np.arange(60), 2))
    assert twice.n == 120
    assert twice.n_customers == 60
    assert twice.n_effective == pytest.approx(60)
    assert twice.design_effect == pytest.approx(2)
    assert once.headline is not None
    assert twice.headline is not None
    assert twice.headline.interval.lower == pytest.approx(once.headline.interval.lower, abs=1e-9)
    assert twice.headline.n == 60


def test_clustered_and_weighted_ranges_cover() -> None:
    """2,000 samples of 20 customers with 1 + Poisson(1.5) answers each, and of 60 weighted answers (cv 1).

    Nominal 95%; an interval that covers 91% fails below 0.888 less than once in a thousand (binomial).
    """
    rng = np.random.default_rng(3)
    shares, samples = np.array([0.2, 0.3, 0.5]), 2000
    for people, alike, more, spread in ((20, 0.3, 1.5, 0.0), (20, 0.7, 1.5, 0.0), (60, None, 0.0, 1.0)):
        times = 1 + rng.poisson(more, samples * people)
        own = np.broadcast_to(shares, (samples * people, 3))
        if alike is not None:
            own = rng.dirichlet(shares * (1 / alike - 1), samples * people)
        customer = np.repeat(np.arange(samples * people), times)
        draw = rng.random(customer.size)
        choice = (draw > own[customer, 0]).astype(int) + (draw > own[customer, :2].sum(axis=1))
        weights = np.exp(spread * rng.standard_normal(customer.size)) if spread else None
        answers = usable_answers(np.array([3.0, 7.0, 10.0])[choice], NPS, weights, customer)
        lower, upper = tally(answers, NPS, Headline.NET, customer // people, samples).at(0.95)
        assert ((lower <= 0.3) & (upper >= 0.3)).mean() > 0.888


@pytest.mark.parametrize("headline", list(Headline))
def test_the_rest_equals_counting_it(headline: Headline) -> None:
    """The tally of everybody outside a segment by subtraction equals the tally of those answers themselves."""
    rng = np.random.default_rng(4)
    n, groups = 400, 5
    answers = usable_answers(
        rng.integers(0, 11, n).astype(float), NPS, rng.uniform(0.5, 2.0, n), rng.integers(0, 150, n)
    )
    group = rng.integers(0, groups, n)
    whole = tally(answers, NPS, headline, group, groups)
    rest, correlation = rest_of(whole, customer_sums(answers, scored(answers, NPS, headline), group, groups))
    for one in range(groups):
        inside = (group == one).astype(np.int64)
        direct = tally(answers, NPS, headline, inside, 2)
        for name in GROUP_COLUMNS:
            assert getattr(rest, name)[one] == pytest.approx(getattr(direct, name)[0], rel=1e-9, abs=1e-9)
    assert np.all(np.abs(correlation) < 1)


def months(number: int) -> list[Period]:
    """Consecutive calendar months of 2026."""
    starts = [date(2026, month, 1) for month in range(1, number + 2)]
    return [Period(start, end) for start, end in pairwise(starts)]


def test_the_same_customers_make_a_change_surer() -> None:
    """Paired waves: the range of the change covers the truth and is narrower than for strangers."""
    rng = np.random.default_rng(5)
    repeats, people = 400, 80
    customer = np.arange(repeats * people)
    # Both waves have true shares 20/30/50; answers of one customer correlate about .7. A segment is a repetition.
    latent = 0.85 * rng.standard_normal(customer.size) + np.sqrt(1 - 0.85**2) * rng.standard_normal(
        (2, customer.size)
    )
    scores = np.where(latent < -0.8416, 3.0, np.where(latent < 0.0, 7.0, 10.0)).ravel()
    period, segment = np.repeat([0, 1], customer.size), np.tile(customer // people, 2)
    labels = [str(index) for index in range(repeats)]
    paired, strangers = (
        score_series(scores, period, months(2), NPS, segment_codes=segment, labels=labels, customer_id=who).changes
        for who in (np.tile(customer, 2), None)
    )
    assert {change.paired for change in paired} == {people}
    assert {change.paired for change in strangers} == {0}
    # 400 repetitions: 95% coverage falls below 365 less than once in a thousand (binomial).
    assert sum(not change.interval.excludes(0.0) for change in paired) >= 365
    shorter = [
        one.interval.half_width < 0.8 * other.interval.half_width
        for one, other in zip(paired, strangers, strict=True)
    ]
    assert sum(shorter) >= 0.95 * repeats


def segments_of(scores: Floats, code: NDArray[np.int64], labels: list[str]) -> SegmentScores:
    return segment_scores(scores, code, labels, NPS, draws=400)


def test_order_of_rows_and_segments_does_not_matter() -> None:
    rng = np.random.default_rng(6)
    n = 900
    code = rng.integers(0, 6, n)
    scores = np.where(code == 2, rng.integers(0, 8, n), rng.integers(4, 11, n)).astype(float)
    labels = [f"s{index}" for index in range(6)]
    plain = segments_of(scores, code, labels)
    rows = rng.permutation(n)
    assert segments_of(scores[rows], code[rows], labels) == plain
    order = np.array([4, 2, 0, 5, 1, 3])
    moved = segments_of(scores, np.argsort(order)[code], [labels[index] for index in order])
    for index, label in enumerate(moved.raw.labels):
        before = plain.raw.labels.index(label)
        for column in ("values", "lower", "upper"):
            for estimates in ("raw", "shrunken"):
                now = getattr(getattr(moved, estimates), column)[index]
                assert now == pytest.approx(getattr(getattr(plain, estimates), column)[before], abs=1e-9)
        assert moved.against_rest.shown[index] == plain.against_rest.shown[before]
    assert plain.against_rest.shown[2]
    assert plain.against_rest.values[2] == min(value for value in plain.against_rest.values if value is not None)


def test_series_of_segments_equal_the_segments_alone() -> None:
    rng = np.random.default_rng(7)
    n = 1200
    code, period = rng.integers(0, 2, n), rng.integers(0, 4, n)
    scores = rng.integers(0, 11, n).astype(float)
    both = score_series(scores, period, months(4), NPS, segment_codes=code, labels=["a", "b"])
    for index, label in enumerate(("a", "b")):
        alone = score_series(scores[code == index], period[code == index], months(4), NPS)
        assert both.lines[index].estimates == alone.lines[0].estimates
        own = [change for change in both.changes if change.label == label]
        for change, single in zip(own, alone.changes, strict=True):
            assert replace(change, label="", p_adjusted=None, message=single.message) == replace(
                single, p_adjusted=None
            )


@pytest.mark.parametrize("scale", ALL_SCALES, ids=lambda scale: scale.id)
def test_scores_from_counts_are_those_of_the_answers(scale: Scale) -> None:
    """240 cells, some of them empty, one answer or all alike: the same value and range as from single answers."""
    rng = np.random.default_rng(9)
    values = np.linspace(scale.minimum, scale.maximum, int(min(scale.maximum - scale.minimum, 10)) + 1)
    sizes = np.r_[0, 1, 1, 2, rng.integers(3, 300, 236)]
    counts = np.array([rng.multinomial(size, rng.dirichlet(np.ones(values.size))) for size in sizes])
    counts[3] = 0
    counts[3, -1] = 40
    found = cell_scores(counts, values, scale)
    for cell in (0, 1, 2, 3, *range(4, 240, 40)):
        headline = summarize(np.repeat(values, counts[cell]), scale).headline
        if headline is None:
            assert np.isnan(found.value[cell])
            continue
        assert found.value[cell] == pytest.approx(headline.value, abs=1e-9)
        assert found.lower[cell] == pytest.approx(headline.interval.lower, abs=1e-7)
        assert found.upper[cell] == pytest.approx(headline.interval.upper, abs=1e-7)
        assert (int(found.n[cell]), found.method) == (headline.n, headline.method)
    order = rng.permutation(values.size)
    again = cell_scores(counts[:, order], values[order], scale)
    assert again.lower == pytest.approx(found.lower, abs=1e-7)
    with pytest.raises(DataError, match="one column"):
        cell_scores(counts, values[1:], scale)
    with pytest.raises(DataError, match="one column"):
        cell_scores(-counts, values, scale)
