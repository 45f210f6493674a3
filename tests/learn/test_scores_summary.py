"""One question's summary: blanks, impossible answers, few answers, every scale, words."""

from __future__ import annotations

import numpy as np
import pytest

from harken.learn.scores import summarize
from harken.vocabulary.errors import DataError
from harken.vocabulary.scales import SCALES, Headline, Scale

NPS = SCALES["nps_0_10"]


def test_blank_impossible_and_unweighted_answers_are_left_out_and_counted() -> None:
    scores = [9.0, np.nan, 11.0, -1.0, 6.0, np.inf, 8.0, 10.0]
    weights = [1.0, 1.0, 1.0, 1.0, 0.0, 1.0, np.nan, 2.0]
    found = summarize(scores, NPS, weights=weights)
    assert (found.n, found.blank, found.off_scale, found.unweighted) == (2, 1, 3, 2)
    assert (found.favourable, found.middle, found.unfavourable) == (2, 0, 0)


def test_nobody_answered() -> None:
    for scores in ([], [np.nan, np.nan]):
        found = summarize(scores, NPS)
        assert (found.headline, found.mean, found.satisfied, found.n) == (None, None, None, 0)
        assert str(found.sentence) == "Nobody has answered yet."
        assert sum(bar.share for bar in found.histogram) == 0


def test_one_answer_knows_next_to_nothing() -> None:
    headline = summarize([10.0], NPS).headline
    assert headline is not None
    assert headline.counts_only
    assert (headline.value, headline.interval.upper) == (100.0, 100.0)
    assert headline.interval.lower < -50


@pytest.mark.parametrize(("n", "counts_only", "arrow"), [(9, True, False), (10, False, False), (30, False, True)])
def test_small_numbers_show_less(n: int, counts_only: bool, arrow: bool) -> None:
    headline = summarize([10.0, 7.0, 3.0] * (n // 3) + [10.0] * (n % 3), NPS).headline
    assert headline is not None
    assert (headline.counts_only, headline.may_show_arrow) == (counts_only, arrow)


def test_below_ten_the_sentence_holds_counts_and_no_score() -> None:
    found = summarize([10.0, 10.0, 7.0, 3.0], NPS)
    assert str(found.sentence) == (
        "Answers: 4 (promoters 2, passives 1, detractors 1). Too few for a score: at least 10 are needed."
    )


def test_ten_answers_of_one_customer_are_one_customer() -> None:
    found = summarize([9.0] * 10 + [3.0] * 2, NPS, customer_id=[5] * 12)
    assert found.headline is not None
    assert found.headline.counts_only
    assert (found.n, found.n_customers) == (12, 1)
    assert found.n_effective == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("scale", "value", "unit", "direction"),
    [
        ("nps_0_10", 0.0, "points", "higher is better"),
        ("csat_1_5", 40.0, "per cent", "higher is better"),
        ("ces_1_5_hard", 3.0, "scale", "lower is better"),
        ("ces_1_7_easy", 4.0, "scale", "higher is better"),
        ("stars_1_5", 3.0, "scale", "higher is better"),
        ("yes_no", 50.0, "per cent", "higher is better"),
        ("rating_1_5", 3.0, "scale", "higher is better"),
        ("rating_0_10", 5.0, "scale", "higher is better"),
    ],
)
def test_every_scale_prints_its_own_number_unit_and_direction(
    scale: str, value: float, unit: str, direction: str
) -> None:
    declared = SCALES[scale]
    answers = np.arange(declared.minimum, declared.maximum + 1)
    if declared.headline is Headline.NET:
        # Two promoters' steps against seven detractors' and two passives'.
        answers = np.repeat(answers, [1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 4])
    found = summarize(np.tile(answers, 10), declared)
    assert found.headline is not None
    assert found.headline.value == pytest.approx(value, abs=1e-9)
    assert (found.unit, str(found.direction)) == (unit, direction)
    low, high = found.headline.interval.lower, found.headline.interval.upper
    assert low < value < high
    if declared.headline is Headline.MEAN:
        assert direction in str(found.sentence)


def test_low_is_good_on_a_scale_of_effort() -> None:
    found = summarize([1.0] * 12 + [5.0] * 4, SCALES["ces_1_5_hard"])
    assert (found.favourable, found.unfavourable) == (12, 4)
    assert found.satisfied is not None
    assert found.satisfied.value == pytest.approx(75.0)


def test_an_eleven_point_answer_is_not_taken_for_one_to_ten() -> None:
    own = Scale("own_1_10", "1–10", 1, 10, True, 9, 6, Headline.NET)
    answers = np.arange(0.0, 11.0)
    assert summarize(answers, own).off_scale == 1
    assert summarize(answers, NPS).off_scale == 0


def test_histogram_counts_every_answer_also_on_fine_scales() -> None:
    whole = summarize([0.0, 0.0, 7.0, 10.0], NPS).histogram
    assert [bar.count for bar in whole] == [2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1]
    assert [(bar.start, bar.end) for bar in whole[:2]] == [(0.0, 0.0), (1.0, 1.0)]
    fine = Scale("own", "0–100", 0, 100, True, 80, 40, Headline.MEAN)
    broken = summarize([0.0, 9.9, 10.0, 99.5, 100.0], fine, weights=[1, 1, 1, 1, 4]).histogram
    assert [bar.count for bar in broken] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    assert broken[-1].share == pytest.approx(5 / 8)


def test_weighted_score_is_the_weighted_share_and_wider() -> None:
    scores, weights = [10.0] * 50 + [0.0] * 50, [3.0] * 50 + [1.0] * 50
    weighted, plain = summarize(scores, NPS, weights=weights), summarize(scores, NPS)
    assert weighted.headline is not None
    assert plain.headline is not None
    assert weighted.headline.value == pytest.approx(50.0)
    assert weighted.favourable_share == pytest.approx(0.75)
    assert (weighted.favourable, weighted.unfavourable) == (50, 50)
    # Kish: (150 + 50)^2 / (50 x 9 + 50 x 1) = 80.
    assert weighted.n_effective == pytest.approx(80.0)
    assert weighted.design_effect == pytest.approx(1.25)


def test_columns_that_do_not_fit_are_refused_in_words() -> None:
    with pytest.raises(DataError, match="one length"):
        summarize([1.0, 2.0], NPS, weights=[1.0])
    with pytest.raises(DataError, match="negative"):
        summarize([1.0, 2.0], NPS, weights=[1.0, -1.0])
    with pytest.raises(DataError, match="one length"):
        summarize([1.0, 2.0], NPS, customer_id=[1])
