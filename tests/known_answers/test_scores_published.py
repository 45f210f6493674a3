"""Score intervals, Wilson, Benjamini-Hochberg and sample sizes against published and R-computed numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harken.learn.scores.cusum import cusum
from harken.learn.scores.intervals import false_discovery_adjusted, net_interval, wilson_interval
from harken.learn.scores.planning import answers_needed, net_half_width, noticeable_change
from harken.learn.scores.summary import summarize
from harken.vocabulary.scales import SCALES

# (detractors, passives, promoters), 95% score interval in points; R PropCIs scoreci.mp agrees to its 4 decimals.
NET_INTERVALS = [
    ((1, 2, 2), (-44.4622, 69.7053)),
    ((0, 0, 5), (13.1035, 100.0)),
    ((2, 1, 2), (-62.0758, 62.0758)),
    ((0, 3, 7), (22.8194, 89.2209)),
    ((3, 9, 18), (21.8417, 69.7986)),
    ((30, 25, 45), (-1.982, 31.0533)),
    ((12, 2, 7), (-57.0087, 16.4133)),
    ((0, 10, 0), (-27.7533, 27.7533)),
    ((87, 113, 200), (20.2312, 35.8487)),
    ((7, 13, 1), (-51.7232, -2.6003)),
]


@pytest.mark.parametrize(("counts", "bounds"), NET_INTERVALS)
def test_net_interval_is_tango_s(counts: tuple[int, int, int], bounds: tuple[float, float]) -> None:
    lower, upper = net_interval(*counts)
    assert (100 * float(lower), 100 * float(upper)) == pytest.approx(bounds, abs=6e-5)


@pytest.mark.parametrize(("counts", "bounds"), NET_INTERVALS)
def test_summary_prints_the_same_interval(counts: tuple[int, int, int], bounds: tuple[float, float]) -> None:
    answers = [3.0] * counts[0] + [7.0] * counts[1] + [10.0] * counts[2]
    headline = summarize(answers, SCALES["nps_0_10"]).headline
    assert headline is not None
    assert headline.value == pytest.approx(100 * (counts[2] - counts[0]) / sum(counts))
    assert (headline.interval.lower, headline.interval.upper) == pytest.approx(bounds, abs=6e-5)


def test_paired_example_of_fagerland_lydersen_and_laake_2014() -> None:
    lower, upper = net_interval(7, 13, 1)
    assert (round(float(lower), 3), round(float(upper), 3)) == (-0.517, -0.026)


@pytest.mark.parametrize(
    ("count", "n", "lower", "upper"),
    [
        (81, 263, 0.2552885198782742, 0.36620957698280004),
        (15, 148, 0.06238639953073628, 0.16048724172330803),
        (0, 20, 0.0, 0.1611251580528194),
        (1, 29, 0.006113214292762667, 0.17175521879320294),
        (4, 5, 0.3755346297625252, 0.9637758913675698),
        (5, 5, 0.5655175352168252, 1.0),
    ],
)
def test_wilson_interval_is_r_s_and_newcombe_s(count: int, n: int, lower: float, upper: float) -> None:
    found = wilson_interval(count, n)
    assert (float(found[0]), float(found[1])) == pytest.approx((lower, upper), abs=1e-12)


def test_false_discovery_of_benjamini_and_hochberg_1995() -> None:
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p += [0.324, 0.4262, 0.5719, 0.6528, 0.759, 1.0]
    adjusted = [0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.06385714285714286, 0.06385714285714286, 0.0645]
    adjusted += [0.07650000000000001, 0.486, 0.5811818181818181, 0.7148749999999999, 0.7532307692307693]
    adjusted += [0.8132142857142857, 1.0]
    found = false_discovery_adjusted(p)
    assert found.tolist() == pytest.approx(adjusted, abs=1e-15)
    assert (found <= 0.05).sum() == 4


# n, half width of the interval and smallest noticeable change between two periods (80% power) at 20/30/50 per cent.
NEEDED = [
    (5, 58.1, 138.4),
    (10, 44.6, 97.9),
    (20, 32.9, 69.2),
    (30, 27.2, 56.5),
    (50, 21.3, 43.8),
    (100, 15.2, 30.9),
    (200, 10.8, 21.9),
    (400, 7.6, 15.5),
    (800, 5.4, 10.9),
    (1600, 3.8, 7.7),
    (3200, 2.7, 5.5),
]
DEVIATION = 100 * math.sqrt(0.7 - 0.3**2)


@pytest.mark.parametrize(("n", "half_width", "change"), NEEDED)
def test_how_many_answers_a_score_needs(n: int, half_width: float, change: float) -> None:
    assert net_half_width(n, 0.2, 0.5) == pytest.approx(half_width, abs=0.06)
    exact = noticeable_change(n, DEVIATION)
    assert exact == pytest.approx(change, abs=0.06)
    assert answers_needed(exact * (1 + 1e-9), DEVIATION) == n


@pytest.mark.parametrize(
    ("limit", "shift", "run_length", "one_sided"),
    [
        (4.0, 0.0, 335.37, True),
        (4.0, 0.0, 167.68, False),
        (5.0, 0.0, 930.89, True),
        (5.0, 0.0, 465.44, False),
        (5.0, 1.0, 10.376, False),
    ],
)
def test_run_lengths_of_cusum_are_those_of_r_package_spc(
    limit: float, shift: float, run_length: float, one_sided: bool
) -> None:
    # 1,000 series of 2,000 periods: the number of alarms has a relative error below 2.5% (one standard deviation)
    # for the rarest; five of them fail a correct sum less than once in a million.
    z = np.random.default_rng(7).standard_normal((1000, 2000)) - shift
    found = cusum(z, limit=limit)
    alarms = int(found.falls.sum()) + (0 if one_sided or shift else int(found.rises.sum()))
    assert z.size / alarms == pytest.approx(run_length, rel=5 / math.sqrt(z.size / run_length) + 0.01)
