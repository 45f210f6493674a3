"""Laws of every measure of scores, on any scale, for any answers: order, copies, labels, weights, parts, edges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from harken.learn.scores import (
    Margin,
    calibrated_score,
    cell_scores,
    compare,
    live_band,
    raked,
    score_series,
    segment_scores,
    summarize,
)
from harken.vocabulary.errors import DataError
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.periods import Period
from harken.vocabulary.scales import SCALES, Headline, Scale

Floats = NDArray[np.float64]
OWN_SCALES = (
    Scale("own_percent", "0–100", 0, 100, True, 80, 40, Headline.MEAN),
    Scale("own_pain", "0–10, lower is better", 0, 10, False, 2, 7, Headline.NET),
)
SCALES_TRIED = (*SCALES.values(), *OWN_SCALES)
MONTHS = (Period(date(2026, 1, 1), date(2026, 2, 1)), Period(date(2026, 2, 1), date(2026, 3, 1)))
LABELS = ("north", "south", "west")


@dataclass(frozen=True)
class World:
    """Answers (some blank) of customers who may answer twice, in two months and three segments."""

    scale: Scale
    score: Floats
    customer: NDArray[np.int64]
    month: NDArray[np.int64]
    segment: NDArray[np.int64]

    def reordered(self, order: NDArray[np.int64]) -> World:
        return World(self.scale, self.score[order], self.customer[order], self.month[order], self.segment[order])


@st.composite
def worlds(draw: st.DrawFn, least: int = 0) -> World:
    scale = draw(st.sampled_from(SCALES_TRIED))
    n = draw(st.integers(least, 45))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = int(min(scale.maximum - scale.minimum, 10))
    score = np.linspace(scale.minimum, scale.maximum, steps + 1)[rng.integers(0, steps + 1, n)]
    if draw(st.booleans()):
        score = score[:1].repeat(n)  # everybody alike
    blank = rng.random(n) < draw(st.sampled_from([0.0, 0.2]))
    customer = rng.integers(0, max(n, 1), n) if draw(st.booleans()) else np.arange(n)
    return World(scale, np.where(blank, np.nan, score), customer, rng.integers(0, 2, n), rng.integers(0, 3, n))


def ends(scale: Scale) -> tuple[float, float]:
    low = {Headline.NET: -100.0, Headline.TOP_SHARE: 0.0, Headline.MEAN: float(scale.minimum)}[scale.headline]
    return low, float(scale.maximum) if scale.headline is Headline.MEAN else 100.0


def figures(estimate: Estimate | None) -> list[float]:
    return (
        [] if estimate is None else [estimate.value, estimate.interval.lower, estimate.interval.upper, estimate.n]
    )


def close(one: list[float], other: list[float]) -> None:
    assert one == pytest.approx(other, rel=1e-7, abs=1e-7)


def every_measure(world: World) -> list[float]:
    """All numbers that the answers give, in an order that does not hang on the order of rows."""
    w = world
    whole = summarize(w.score, w.scale, customer_id=w.customer)
    found = [whole.n, whole.blank, whole.n_customers]
    found += figures(whole.headline) + figures(whole.mean) + figures(whole.satisfied)
    found += [bar.count for bar in whole.histogram]
    series = score_series(
        w.score, w.month, MONTHS, w.scale, segment_codes=w.segment, labels=LABELS, customer_id=w.customer
    )
    for line in series.lines:
        found += [figure for estimate in line.estimates for figure in figures(estimate)]
    found += [
        figure for change in series.changes for figure in (change.change, change.interval.lower, change.paired)
    ]
    both = compare(w.score, w.month, MONTHS, w.scale, customer_id=w.customer)
    found += [] if both.change is None else [both.change.change, both.change.interval.upper]
    found += [] if both.movement is None else [part.amount for part in both.movement.parts]
    band = live_band(w.score, w.month, w.scale, customer_id=w.customer)
    return found + [figure for estimate in band.estimates for figure in figures(estimate)]


@given(worlds(), st.integers(0, 2**32 - 1))
@settings(max_examples=12, deadline=None)
def test_the_order_of_rows_and_the_names_of_customers_do_not_matter(world: World, seed: int) -> None:
    rng = np.random.default_rng(seed)
    moved = world.reordered(rng.permutation(world.score.size))
    close(every_measure(world), every_measure(moved))
    named = World(world.scale, world.score, 10**9 - 7 * world.customer, world.month, world.segment)
    close(every_measure(world), every_measure(named))


@given(worlds(1))
@settings(max_examples=25, deadline=None)
def test_every_number_lies_on_its_scale_inside_a_range_that_is_no_point(world: World) -> None:
    low, high = ends(world.scale)
    whole = summarize(world.score, world.scale, customer_id=world.customer)
    assert whole.n + whole.blank == world.score.size
    assert whole.blank == int(np.isnan(world.score).sum())
    if whole.n == 0:
        assert whole.headline is None
        assert "Nobody has answered" in str(whole.sentence)
        return
    for estimate, (least, most) in (
        (whole.headline, (low, high)),
        (whole.mean, (world.scale.minimum, world.scale.maximum)),
        (whole.satisfied, (0, 100)),
    ):
        assert estimate is not None
        interval = estimate.interval
        assert least - 1e-9 <= interval.lower <= estimate.value + 1e-9
        assert estimate.value - 1e-9 <= interval.upper <= most + 1e-9
        assert interval.upper > interval.lower, "a few answers are never certainty"
        assert estimate.counts_only == (whole.n_customers < 10)


@given(worlds(1))
@settings(max_examples=20, deadline=None)
def test_weights_of_one_and_an_answer_noted_twice_change_nothing(world: World) -> None:
    plain = summarize(world.score, world.scale)
    for weight in (1.0, 3.0):
        weighted = summarize(world.score, world.scale, weights=np.full(world.score.size, weight))
        close(figures(plain.headline), figures(weighted.headline))
    ones = np.arange(world.score.size)
    twice = summarize(np.tile(world.score, 2), world.scale, customer_id=np.tile(ones, 2))
    close(figures(plain.headline), figures(twice.headline))
    assert twice.n == 2 * plain.n
    if plain.n:
        margin = Margin("all", np.zeros(world.score.size, np.int64), ("all",), np.array([1000.0]))
        equal = calibrated_score(world.score, world.scale, raked([margin]))
        assert plain.headline is not None
        assert equal.estimate.value == pytest.approx(plain.headline.value, abs=1e-9)
        close(figures(equal.unweighted), figures(plain.headline))


@given(worlds(1))
@settings(max_examples=20, deadline=None)
def test_parts_make_up_the_whole_and_the_names_of_segments_do_not_matter(world: World) -> None:
    whole = summarize(world.score, world.scale)
    if whole.headline is None:
        with pytest.raises(DataError, match="No segment has an answer"):
            segment_scores(world.score, world.segment, LABELS, world.scale)
        return
    parts = segment_scores(world.score, world.segment, LABELS, world.scale, draws=50)
    together = np.average(parts.raw.values, weights=parts.n_answers)
    assert together == pytest.approx(whole.headline.value, abs=1e-9)
    counted = (sum(parts.favourable), sum(parts.middle), sum(parts.unfavourable))
    assert counted == (whole.favourable, whole.middle, whole.unfavourable)
    assert sum(parts.n_answers) == whole.n
    assert set(parts.raw.labels) | set(parts.empty) == set(LABELS)
    order = np.array([2, 0, 1])
    named = segment_scores(
        world.score, np.argsort(order)[world.segment], [LABELS[at] for at in order], world.scale, draws=50
    )
    for label in parts.raw.labels:
        one, other = (found.raw.one(found.raw.labels.index(label)) for found in (parts, named))
        close(figures(one), figures(other))
    assert len(set(world.segment[np.isfinite(world.score)])) == len(parts.raw.labels)


@given(worlds(2))
@settings(max_examples=20, deadline=None)
def test_a_change_is_the_sum_of_its_parts_and_turns_round_with_time(world: World) -> None:
    both = compare(world.score, world.month, MONTHS, world.scale, customer_id=world.customer)
    if both.change is None:
        assert both.movement is None
        return
    assert both.movement is not None
    assert sum(part.amount for part in both.movement.parts) == pytest.approx(both.change.change, abs=1e-8)
    interval = both.change.interval
    assert interval.lower - 1e-9 <= both.change.change <= interval.upper + 1e-9
    back = compare(world.score, 1 - world.month, MONTHS, world.scale, customer_id=world.customer).change
    assert back is not None
    close([back.change, back.interval.lower], [-both.change.change, -interval.upper])
    assert not (both.change.arrow and min(both.change.n_before, both.change.n_after) < 30)


@given(worlds(1))
@settings(max_examples=20, deadline=None)
def test_counts_tell_what_the_answers_tell(world: World) -> None:
    known = world.score[np.isfinite(world.score)]
    values, count = np.unique(known, return_counts=True)
    whole = summarize(world.score, world.scale).headline
    if whole is None:
        return
    cell = cell_scores(count[None, :], values, world.scale)
    close([cell.value[0], cell.lower[0], cell.upper[0], cell.n[0]], figures(whole))
