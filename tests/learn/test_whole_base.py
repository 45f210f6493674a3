"""From the few who answer to all customers: laws that hold for every base, and refusals that explain themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harken.learn.folds import folds
from harken.learn.whole_base.estimate import estimate_whole_base
from harken.learn.whole_base.result import WholeBase
from harken.learn.whole_base.segments import score_of_group
from harken.unify.features.catalogue import FeatureTable
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.progress import Cancelled
from harken.vocabulary.scales import SCALES, Headline
from whole_base_world import World, world

NPS = SCALES["nps_0_10"]


def only_the_north_answers(w: World) -> dict[str, np.ndarray]:
    """Whoever lives in one of four regions answers, nobody else does: nothing said there speaks of the others."""
    north = w.table.column("region") == 0
    return {"answered": north, "score": np.where(north, w.truth, np.nan)}


def regions(w: World) -> dict[str, tuple[np.ndarray, tuple[str, ...]]]:
    codes = w.table.column("region").astype(int)
    return {"region": (np.where(w.table.column("age") > 75, -1, codes), ("N", "E", "S", "W"))}


@pytest.fixture(scope="module")
def small() -> World:
    return world(4_000, seed=5)


@pytest.fixture(scope="module")
def result(small: World) -> WholeBase:
    return estimate_whole_base(small.table, small.answered, small.score, NPS, seed=1, segments=regions(small))


def test_segments_add_up_to_the_total(small, result):
    rows = result.segments[0].rows
    assert [row.label for row in rows] == ["N", "E", "S", "W", ""]
    assert sum(row.customers for row in rows) == 4_000
    assert sum(row.answers for row in rows) == small.answered.sum()
    assert sum(row.share_of_customers for row in rows) == pytest.approx(1)
    assert sum(row.share_of_answers for row in rows) == pytest.approx(1)
    total = sum(row.share_of_customers * row.whole_base.value for row in rows)
    assert total == pytest.approx(result.total.whole_base.value, abs=1e-9)
    predicted = sum(row.share_of_customers * row.predicted for row in rows)
    assert predicted == pytest.approx(result.total.predicted, abs=1e-9)


def test_customers_add_up_to_the_total(result):
    columns = result.columns
    bands = columns.unfavourable + columns.middle + columns.favourable
    assert bands == pytest.approx(np.ones(len(bands)))
    assert columns.contribution.mean() == pytest.approx(result.total.whole_base.value, abs=1e-9)
    assert columns.expected == pytest.approx(100 * (columns.favourable - columns.unfavourable))
    assert columns.expected.mean() == pytest.approx(result.total.whole_base.value, abs=1e-6)
    assert abs(result.predicted_minus_total) < 1e-6


def test_the_difference_is_answered_only_minus_whole_base(small, result):
    total = result.total
    assert total.answered_only.value == pytest.approx(100 * small.band[small.answered].mean())
    assert total.difference.value == pytest.approx(total.answered_only.value - total.whole_base.value)
    # the same answers are in both, so the difference is known better than two separate ranges would say
    apart = np.hypot(total.answered_only.interval.half_width, total.whole_base.interval.half_width)
    assert total.difference.interval.half_width < 0.8 * apart


def test_row_order_changes_nothing(small, result):
    order = np.random.default_rng(0).permutation(4_000)
    table = FeatureTable(small.table.customer_id[order], small.table.values[order], small.table.features, None)
    codes, labels = regions(small)["region"]
    other = estimate_whole_base(
        table,
        small.answered[order],
        small.score[order],
        NPS,
        seed=1,
        segments={"region": (codes[order], labels)},
    )
    assert other.total == result.total
    assert other.segments == result.segments
    assert (other.columns.expected == result.columns.expected).all()
    assert (other.columns.customer_id == result.columns.customer_id).all()


def test_weights_of_one_change_nothing_and_a_common_factor_neither(small, result):
    for weight in (1.0, 7.5):
        other = estimate_whole_base(
            small.table, small.answered, small.score, NPS, weights=np.full(4_000, weight), seed=1
        )
        assert other.total.whole_base.value == pytest.approx(result.total.whole_base.value, abs=1e-6)
        assert other.total.whole_base.interval.lower == pytest.approx(
            result.total.whole_base.interval.lower, abs=1e-6
        )
        assert other.total.difference.interval.upper == pytest.approx(
            result.total.difference.interval.upper, abs=1e-6
        )


def test_a_silent_group_is_listed_without_a_number(small):
    quiet = small.table.column("region") == 2
    answered = small.answered & ~quiet
    result = estimate_whole_base(
        small.table, answered, np.where(answered, small.score, np.nan), NPS, seed=1, segments=regions(small)
    )
    row = result.segments[0].rows[2]
    assert row.customers > 900
    assert row.answers == 0
    assert row.whole_base is row.answered_only is row.difference is None
    assert f"None of the {row.customers} customers" in str(row.reason)


@pytest.mark.parametrize("scale", ["csat_1_5", "ces_1_5_hard", "stars_1_5", "yes_no", "rating_0_10"])
def test_every_kind_of_headline(small, scale):
    chosen = SCALES[scale]
    score = np.round(chosen.minimum + small.score / 10 * (chosen.maximum - chosen.minimum))
    result = estimate_whole_base(small.table, small.answered, score, chosen, seed=1, segments=regions(small))
    everybody = np.round(chosen.minimum + small.truth / 10 * (chosen.maximum - chosen.minimum))
    truth = 100 * np.mean([chosen.band(s) == 1 for s in everybody])
    if chosen.headline is Headline.MEAN:
        truth = everybody.mean()
    whole = result.total.whole_base
    assert abs(whole.value - truth) < 3.3 * result.standard_error  # one seed, frozen: 1 in 1000
    assert result.columns.expected.mean() == pytest.approx(whole.value, abs=1e-6)
    rows = result.segments[0].rows
    assert sum(r.share_of_customers * r.whole_base.value for r in rows) == pytest.approx(whole.value, abs=1e-9)
    assert result.sensitivity.band.lower <= whole.interval.lower
    assert result.sensitivity.band.upper >= whole.interval.upper


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda w: {"answered": w.answered & (np.cumsum(w.answered) <= 20)}, "20 customers answered; at least 30"),
        (lambda w: {"answered": np.ones(4_000, bool), "score": w.truth}, "All 4000 customers answered"),
        (lambda w: {"score": np.where(w.answered, 9.0, np.nan)}, "fall in one band"),
        (
            lambda w: {"table": FeatureTable(w.table.customer_id, w.table.values[:, :0], (), None)},
            "Nothing is known of the customers",
        ),
        (
            lambda w: {"table": replace(w.table, values=np.ones_like(w.table.values))},
            "none of the 7 features varies",
        ),
        (lambda w: only_the_north_answers(w), r"\d+ of 4000 customers had practically no chance to answer"),
    ],
)
def test_refusals_say_why(small, change, sentence):
    w = replace(small, **change(small))
    with pytest.raises(NotEnoughData, match=sentence):
        estimate_whole_base(w.table, w.answered, w.score, NPS, seed=1)


def test_everything_wrong_is_named_at_once(small):
    score = small.score.copy()
    first, second = np.flatnonzero(small.answered)[:2]
    score[first], score[second] = np.nan, 11
    with pytest.raises(DataError) as caught:
        estimate_whole_base(small.table, small.answered, score, NPS, weights=np.zeros(4_000), seed=1)
    text = str(caught.value)
    assert "1 customers are marked as having answered but have no score" in text
    assert "not between 0 and 10, the first is 11.0" in text
    assert "weight must be a number above zero" in text
    with pytest.raises(DataError, match="3 values were given for 4000 customers"):
        estimate_whole_base(small.table, small.answered, small.score, NPS, weights=np.ones(3), seed=1)
    with pytest.raises(DataError, match="code 4 has no label"):
        estimate_whole_base(
            small.table,
            small.answered,
            small.score,
            NPS,
            seed=1,
            segments={"plan": (np.full(4_000, 4), ("a", "b", "c", "d"))},
        )


def test_thirty_answers_still_work(small):
    few = small.answered & (np.cumsum(small.answered) <= 30)
    result = estimate_whole_base(small.table, few, small.score, NPS, seed=1)
    assert result.total.whole_base.interval.half_width > 15


def test_useless_features_leave_the_answers_to_speak_for_themselves(small):
    noise = np.random.default_rng(3).normal(size=(4_000, 2)).astype(np.float32)
    table = FeatureTable(small.table.customer_id, noise, small.table.features[:2], None)
    result = estimate_whole_base(table, small.answered, small.score, NPS, seed=1)
    assert not result.total.difference.interval.excludes(0.0)
    assert abs(result.total.difference.value) < 2


def test_any_group_from_the_stored_columns(small, result):
    region = small.table.column("region")
    old = small.table.column("age") > 75
    for at, row in enumerate(result.segments[0].rows[:4]):
        stored = score_of_group(result.columns, (region == at) & ~old, NPS)
        assert stored.value == pytest.approx(row.whole_base.value, abs=1e-9)
        assert stored.n == row.answers
        assert stored.interval.lower == pytest.approx(row.whole_base.interval.lower, abs=3)
        assert stored.interval.upper == pytest.approx(row.whole_base.interval.upper, abs=3)
    assert score_of_group(result.columns, ~small.answered, NPS) is None


def test_rough_data_still_work(small):
    values = small.table.values.copy()
    values[:, 0] = np.nan
    values[::3, 1] = np.inf
    values[:, 4] = 1.0
    values[5, 2] = 1e30
    rough = estimate_whole_base(replace(small.table, values=values), small.answered, small.score, NPS, seed=1)
    assert np.isfinite(rough.columns.expected).all()
    assert np.isfinite(rough.columns.answer_chance).all()
    nearly_all = np.arange(4_000) != 17
    score = np.where(nearly_all, small.truth, np.nan)
    one_silent = estimate_whole_base(small.table, nearly_all, score, NPS, seed=1)
    assert one_silent.total.whole_base.value == pytest.approx(small.nps, abs=0.1)


def test_work_can_be_stopped_and_tells_how_far_it_is(small):
    steps = []
    estimate_whole_base(
        small.table, small.answered, small.score, NPS, seed=1, progress=lambda step, done: steps.append(done)
    )
    assert steps == sorted(steps)
    assert steps[0] == 0
    assert steps[-1] <= 1

    def stop(step, done):
        raise Cancelled

    with pytest.raises(Cancelled):
        estimate_whole_base(small.table, small.answered, small.score, NPS, seed=1, progress=stop)


def test_a_sample_to_fit_on_changes_little(small, result):
    sampled = estimate_whole_base(small.table, small.answered, small.score, NPS, seed=1, fit_sample=1_500)
    assert sampled.fitted_on == 1_500
    assert abs(sampled.total.whole_base.value - result.total.whole_base.value) < result.standard_error
    assert sampled.columns.answer_chance.mean() == pytest.approx(small.answered.mean(), abs=0.01)


def test_the_formulas_by_hand(small, result):
    c, r = result.columns, small.answered
    value = 100.0 * small.band
    phi = c.expected.copy()
    phi[r] += (value[r] - c.expected[r]) / c.answer_chance[r]
    assert phi.mean() == pytest.approx(result.total.whole_base.value, abs=1e-9)
    assert phi.std(ddof=0) / np.sqrt(4_000) == pytest.approx(result.standard_error_superpopulation)
    exact = (((value[r] - c.expected[r]) / c.answer_chance[r]) ** 2 * (1 - c.answer_chance[r])).sum() ** 0.5 / 4_000
    assert exact == pytest.approx(result.standard_error)
    # the interval has the shape of the plain score's, at about 1.96 standard errors
    assert result.total.whole_base.interval.half_width == pytest.approx(1.96 * exact, rel=0.05)
    weights = 1 / c.answer_chance[r]
    assert result.overlap.n_effective == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


def test_weights_move_the_estimate_to_the_weighted_truth(small):
    weights = np.where(small.table.column("tickets") > 0, 3.0, 1.0)
    result = estimate_whole_base(small.table, small.answered, small.score, NPS, weights=weights, seed=1)
    truth = 100 * np.average(small.band, weights=weights)
    assert truth < small.nps - 3
    assert abs(result.total.whole_base.value - truth) < 3.3 * result.standard_error  # one seed, frozen
    assert np.average(result.columns.expected, weights=weights) == pytest.approx(result.total.whole_base.value)


def test_no_customer_is_predicted_by_a_model_that_saw_its_answer(small, result):
    """Turning one answer upside down may move others, but not by learning it by heart for that customer itself."""
    at = int(np.flatnonzero(small.answered & (small.truth == 10))[0])
    score = small.score.copy()
    score[at] = 0
    other = estimate_whole_base(small.table, small.answered, score, NPS, seed=1)
    moved = np.abs(other.columns.expected - result.columns.expected)
    fold = folds(small.table.customer_id, 1, 5)
    own = moved[fold == fold[at]]
    # only the calibration, three numbers for everybody, links a customer's own fold to its answer
    assert moved[at] < 3
    assert own.max() < 0.5 * moved[fold != fold[at]].max()
