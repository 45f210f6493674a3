"""Touchpoint ratings: exact without gaps (R relaimpo), and lawful with them."""

import numpy as np
import pytest

from harken.learn.importance.lmg import lmg
from harken.learn.ratings.estimate import RATING_ANSWERS_MIN, rank_ratings
from harken.vocabulary.errors import NotEnoughData


def company(n=2_000, seed=3, effects=(12.0, 6.0, 0.0)):
    rng = np.random.default_rng(seed)
    mood = rng.normal(size=n)
    ratings = np.clip(np.round(3 + 0.7 * mood[:, None] + rng.normal(size=(n, len(effects)))), 1, 5)
    score = ratings @ np.array(effects) + rng.normal(0, 25, n)
    return score, ratings


def test_without_gaps_the_shares_are_plain_lmg():
    score, ratings = company()
    result = rank_ratings(score, ratings, ["a", "b", "c"], seed=1)
    exact = lmg(np.corrcoef(np.column_stack([ratings, score]).T))
    shares = {driver.question: driver.share.value for driver in result.drivers}
    np.testing.assert_allclose([shares[q] for q in "abc"], 100 * np.array(exact.shares) / exact.r2, atol=1e-9)
    assert result.r2.value == pytest.approx(exact.r2, abs=1e-12)
    assert sum(shares.values()) == pytest.approx(100)
    slopes = [driver.slope.estimate.value for driver in sorted(result.drivers, key=lambda d: d.question)]
    least_squares = np.linalg.lstsq(np.column_stack([ratings, np.ones(len(score))]), score, rcond=None)[0][:3]
    np.testing.assert_allclose(slopes, least_squares, rtol=1e-6)


def test_gaps_at_random_keep_the_order_and_every_answer():
    score, ratings = company()
    ratings[np.random.default_rng(1).random(ratings.shape) < 0.4] = np.nan
    result = rank_ratings(score, ratings, ["a", "b", "c"], seed=1)
    assert [driver.question for driver in result.drivers][:2] == ["a", "b"]
    assert result.n == 2_000
    assert {driver.question: driver.n for driver in result.drivers} == {
        question: int(np.isfinite(column).sum()) for question, column in zip("abc", ratings.T, strict=True)
    }


def test_a_rating_given_twice_gets_half_each():
    score, ratings = company(effects=(12.0,))
    result = rank_ratings(score, np.column_stack([ratings, ratings]), ["a", "copy"], seed=1)
    assert [driver.share.value for driver in result.drivers] == pytest.approx([50, 50], abs=1e-6)


def test_intervals_cover_the_truth_of_the_slope():
    # 60 companies, true slope 12; a 95% interval misses more than 10 times with probability < 1e-3 (binomial).
    missed = 0
    for seed in range(60):
        score, ratings = company(n=400, seed=seed)
        driver = next(
            d for d in rank_ratings(score, ratings, ["a", "b", "c"], seed=seed).drivers if d.question == "a"
        )
        missed += driver.slope.estimate.interval.excludes(12.0)
    assert missed <= 10


def test_touchpoints_few_people_met_are_listed_not_ranked():
    score, ratings = company()
    ratings[RATING_ANSWERS_MIN - 1 :, 2] = np.nan
    result = rank_ratings(score, ratings, ["a", "b", "rare"], seed=1)
    assert result.not_ranked == (("rare", RATING_ANSWERS_MIN - 1),)


@pytest.mark.parametrize(
    ("score", "ratings"),
    [
        (np.full(500, 50.0), np.ones((500, 2))),
        (np.arange(50.0), np.ones((50, 2))),
        (np.arange(500.0), np.full((500, 2), np.nan)),
    ],
)
def test_too_little_to_rank_is_said(score, ratings):
    with pytest.raises(NotEnoughData):
        rank_ratings(score, ratings, ["a", "b"], seed=1)
