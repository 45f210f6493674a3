"""Many segments: shrinkage covers, ranks are honest, and nothing is found where nothing is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from harken.learn.scores import segment_scores
from harken.learn.scores.answers import usable_answers
from harken.learn.scores.segments import compared_together
from harken.learn.scores.shrinkage import posterior
from harken.learn.scores.tallies import tally
from harken.vocabulary.errors import DataError
from harken.vocabulary.scales import SCALES, Headline, Scale

NPS = SCALES["nps_0_10"]
SCORES = np.array([3.0, 7.0, 10.0])


def branches(
    rng: np.random.Generator, number: int, precision: float | None, smallest: int = 3, largest: int = 60
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answers, branch codes and true NPS of branches whose shares vary around 20/30/50 with this precision."""
    shares = np.array([0.2, 0.3, 0.5])
    own = np.tile(shares, (number, 1)) if precision is None else rng.dirichlet(precision * shares, number)
    code = np.repeat(np.arange(number), rng.integers(smallest, largest + 1, number))
    draw = rng.random(code.size)
    choice = (draw > own[code, 0]).astype(int) + (draw > own[code, :2].sum(axis=1))
    return SCORES[choice], code, 100 * (own[:, 2] - own[:, 0])


# Coverage and error in points of the hierarchical grid over 300 branches with 3 to 60 answers, as a Dirichlet-
# multinomial fit gave in the same worlds: shares that vary at random with this precision (small = truly different).
@pytest.mark.parametrize(
    ("precision", "coverage", "error"),
    [(10, 0.949, 12.85), (40, 0.949, 9.45), (200, 0.932, 5.22), (1000, 0.977, 2.61)],
)
def test_shrunken_ranges_cover_and_beat_the_raw_scores(precision: float, coverage: float, error: float) -> None:
    rng = np.random.default_rng(11)
    found = np.array([judged(*branches(rng, 300, precision)) for _ in range(12)])
    covered, errors, raw_errors = found.mean(axis=0)
    # 3,600 branches in 12 worlds; the precision of a world is shared, so worlds differ by about .02.
    assert covered > coverage - 0.025
    assert errors**0.5 == pytest.approx(error, rel=0.12)
    assert errors < 0.7 * raw_errors


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.6])
def test_shrunken_ranges_cover_where_moods_shift(spread: float) -> None:
    """Branches that are better or worse throughout; a Dirichlet-multinomial fit covers only .81 to .91 of these."""
    rng = np.random.default_rng(12)
    found = []
    for _ in range(12):
        mood = spread * rng.standard_normal(300)
        code = np.repeat(np.arange(300), rng.integers(3, 61, 300))
        latent = mood[code] + rng.standard_normal(code.size)
        scores = SCORES[np.searchsorted([-0.84, 0.0], latent)]
        found.append(judged(scores, code, 100 * (ndtr(mood) - ndtr(-0.84 - mood))))
    covered, errors, raw_errors = np.array(found).mean(axis=0)
    # Coverage is .940 to .951; 12 worlds vary by at most .013, so a right one fails less than once in a thousand.
    assert covered > 0.90
    assert errors < 0.8 * raw_errors


def judged(scores: np.ndarray, code: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    """Share of true scores inside their shrunken range, squared error of the shrunken and of the raw scores."""
    sums = tally(usable_answers(scores, NPS), NPS, Headline.NET, code, truth.size)
    known = posterior(sums)
    lower, upper = known.at(0.95)
    return (
        float(((100 * lower <= truth) & (truth <= 100 * upper)).mean()),
        float(((100 * known.mean - truth) ** 2).mean()),
        float(((100 * sums.value - truth) ** 2).mean()),
    )


def test_shrunken_means_of_ratings_and_fine_scales_agree() -> None:
    """The same answers, fine or rounded to 21 classes, tell nearly the same; so does the spread of true means."""
    rng = np.random.default_rng(12)
    code = np.repeat(np.arange(80), rng.integers(15, 60, 80))
    centre = 60 + 8 * rng.standard_normal(80)
    fine = np.clip(centre[code] + 15 * rng.standard_normal(code.size), 0, 100)
    scale = Scale("own", "0–100", 0, 100, True, 80, 40, Headline.MEAN)
    classes = np.round(fine / 5.0) * 5.0
    by_normal = segment_scores(fine, code, [str(k) for k in range(80)], scale, draws=300)
    by_classes = segment_scores(classes, code, [str(k) for k in range(80)], scale, draws=300)
    assert by_normal.raw.method == "score.mean.t"
    assert by_classes.raw.method == "score.mean.score"
    assert by_normal.shrunken.values == pytest.approx(by_classes.shrunken.values, abs=1.5)
    assert by_normal.spread == pytest.approx(8.0, rel=0.35)
    assert by_classes.spread == pytest.approx(8.0, rel=0.35)


def test_extremes_by_luck_are_pulled_in_and_keep_a_range() -> None:
    scores = np.concatenate([[10.0] * 5, np.tile([3.0, 7.0, 7.0, 10.0, 10.0], 100)])
    code = np.concatenate([[0] * 5, np.repeat(np.arange(1, 11), 50)])
    found = segment_scores(scores, code, [str(k) for k in range(11)], NPS, draws=300)
    assert found.raw.values[0] == 100.0
    assert found.counts_only[0]
    assert found.shrunken.values[0] < 50
    assert found.shrunken.upper[0] - found.shrunken.lower[0] > 5


def test_everybody_agreeing_everywhere_is_not_certainty() -> None:
    for score, middle in ((10.0, False), (7.0, True)):
        found = segment_scores([score] * 80, np.repeat([0, 1], 40), ["a", "b"], NPS, draws=300)
        width = np.array(found.shrunken.upper) - np.array(found.shrunken.lower)
        assert np.all(width > 3)
        assert found.against_rest.values == (0.0, 0.0)
        assert found.against_rest.p == (1.0, 1.0)
        assert found.shrunken.values[0] == pytest.approx(0.0 if middle else 100.0, abs=2.0)


def test_ranks_are_ranges_and_only_from_thirty_customers_on() -> None:
    rng = np.random.default_rng(14)
    scores, code, _ = branches(rng, 30, None, smallest=35, largest=60)
    small, few = rng.choice(SCORES, 12), np.full(12, 30)
    found = segment_scores(
        np.concatenate([scores, small]), np.concatenate([code, few]), [str(k) for k in range(31)], NPS
    )
    assert (found.rank_best[30], found.rank_worst[30], found.ranked) == (None, None, 30)
    spans = [worst - best for best, worst in zip(found.rank_best, found.rank_worst, strict=True) if best and worst]
    # The branches are equal: a league table of them is noise, and the ranges say so.
    assert np.median(spans) >= 20
    far = segment_scores(np.repeat([10.0, 7.0, 3.0], 60), np.repeat([0, 1, 2], 60), ["a", "b", "c"], NPS)
    assert (far.rank_best, far.rank_worst) == ((1, 2, 3), (1, 2, 3))
    hard = segment_scores(np.repeat([1.0, 5.0], 60), np.repeat([0, 1], 60), ["a", "b"], SCALES["ces_1_5_hard"])
    assert hard.rank_best == (1, 2)


def test_equal_segments_are_rarely_said_to_differ() -> None:
    rng = np.random.default_rng(15)
    worlds_with_alarm = 0
    for _ in range(40):
        scores, code, _ = branches(rng, 100, None, smallest=4)
        found = segment_scores(scores, code, [str(k) for k in range(100)], NPS, threshold=0.0, draws=200)
        worlds_with_alarm += any(found.against_rest.shown)
    # 40 worlds, each with any alarm at most 5% of the time: more than 8 less than once in a thousand (binomial).
    assert worlds_with_alarm <= 8


def test_a_truly_bad_segment_is_found_and_a_small_true_difference_is_not_urgent() -> None:
    rng = np.random.default_rng(16)
    code = np.repeat([0, 1, 2, 3], 400)
    chance = np.where(code == 2, 0.55, 0.25)
    scores = np.where(rng.random(code.size) < chance, 3.0, 10.0)
    found = segment_scores(scores, code, ["a", "b", "c", "d"], NPS)
    assert found.against_rest.shown[2]
    value = found.against_rest.values[2]
    assert value is not None
    assert value < -40
    strict = segment_scores(scores, code, ["a", "b", "c", "d"], NPS, threshold=90.0)
    assert not any(strict.against_rest.shown)
    assert str(strict.finding) == "No segment differs from the rest beyond chance (4 compared)."


def test_customers_in_several_segments_are_not_taken_for_strangers() -> None:
    """Customers who rate two touchpoints: the difference is within persons, so its range is narrower."""
    rng = np.random.default_rng(17)
    customer = np.tile(np.arange(150), 2)
    mood = rng.integers(0, 3, 150)[customer % 150]
    scores = SCORES[np.clip(mood + rng.integers(0, 2, 300) * rng.integers(0, 2, 300), 0, 2)]
    code = np.repeat([0, 1], 150)
    aware = segment_scores(scores, code, ["a", "b"], NPS, customer_id=customer)
    blind = segment_scores(scores, code, ["a", "b"], NPS)
    width = [
        found.against_rest.upper[0] - found.against_rest.lower[0]  # type: ignore[operator]
        for found in (aware, blind)
    ]
    assert width[0] < 0.85 * width[1]


def test_empty_segments_are_named_and_unknown_codes_left_out() -> None:
    found = segment_scores([10.0, 3.0, 7.0, np.nan], [0, 2, -1, 1], ["a", "b", "c"], NPS)
    assert found.empty == ("b",)
    assert found.raw.labels == ("a", "c")
    assert found.n_answers == (1, 1)
    assert found.against_rest.p == (None, None)
    assert str(found.finding) == "Too few answers to compare segments."
    with pytest.raises(DataError, match="No segment has an answer"):
        segment_scores([np.nan], [0], ["a"], NPS)
    with pytest.raises(DataError, match="one segment or period"):
        segment_scores([1.0], [1], ["a"], NPS)


def test_several_divisions_are_scanned_as_one_list() -> None:
    rng = np.random.default_rng(18)
    n = 1500
    region = rng.integers(0, 2, n)
    scores = np.where(rng.random(n) < np.where(region == 0, 0.29, 0.36), 3.0, 10.0)
    found = segment_scores(scores, region, ["a", "b"], NPS, draws=200)
    noise = [
        segment_scores(scores, rng.integers(0, 20, n), [str(k) for k in range(20)], NPS, draws=200)
        for _ in range(5)
    ]
    together = compared_together([found, *noise])
    assert len(together) == 6
    before, after = found.against_rest.p_adjusted[0], together[0].against_rest.p_adjusted[0]
    assert before is not None
    assert after is not None
    assert after > before
    assert together[0].against_rest.p == found.against_rest.p
    assert compared_together([found]) == (found,)


@pytest.mark.parametrize("scale_id", ["nps_0_10", "csat_1_5", "ces_1_7_easy"])
@pytest.mark.parametrize("moved", [False, True])
def test_sums_from_counts_are_those_of_weighed_answers(scale_id: str, moved: bool) -> None:
    """Answers without weights take short ways, also where customers answered twice or moved between segments."""
    rng = np.random.default_rng(8)
    scale = SCALES[scale_id]
    customer = np.sort(rng.integers(0, 400, 900))
    code = (rng.integers(0, 5, 900) if moved else customer % 5) - 1
    score = rng.integers(int(scale.minimum), int(scale.maximum) + 1, 900).astype(float)
    given = {"customer_id": customer, "draws": 200}
    labels = ["a", "b", "c", "d"]
    short = segment_scores(score, code, labels, scale, **given)
    long = segment_scores(score, code, labels, scale, weights=np.ones(900), **given)
    order = rng.permutation(900)
    mixed = segment_scores(
        score[order], code[order], labels, scale, weights=np.ones(900), customer_id=customer[order], draws=200
    )
    for other in (long, mixed):
        assert other.n_answers == short.n_answers
        assert other.raw.n == short.raw.n
        for ours, theirs in (
            (short.raw, other.raw),
            (short.shrunken, other.shrunken),
            (short.against_rest, other.against_rest),
        ):
            assert ours.values == pytest.approx(theirs.values, rel=1e-9)
            assert ours.lower == pytest.approx(theirs.lower, rel=1e-8)
            assert ours.upper == pytest.approx(theirs.upper, rel=1e-8)
        assert short.against_rest.p == pytest.approx(other.against_rest.p, rel=1e-7)
