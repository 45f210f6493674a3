"""Benchmarks: only what the user supplied, compared on the same scale, mistakes named all at once."""

from __future__ import annotations

import numpy as np
import pytest

from harken.learn.scores import summarize
from harken.learn.scores.benchmark import against_benchmark
from harken.learn.scores.intervals import mover, net_interval
from harken.usecases.benchmarks import Benchmark, beside_benchmarks
from harken.usecases.changing_settings import edited
from harken.usecases.workspaces import read_settings, settings_text
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.scales import SCALES

NPS = SCALES["nps_0_10"]
GIVEN = """
[[benchmarks]]
source = "Trade association"
year = 2025
scale = "nps_0_10"
value = 31
n = 1200

[[benchmarks]]
source = "A report"
year = 2024
scale = "csat_1_5"
value = 81.5
question = "survey/satisfied"
"""


def test_benchmarks_are_read_and_shape_no_result() -> None:
    settings = read_settings(GIVEN)
    assert settings.benchmarks == (
        Benchmark("Trade association", 2025, "nps_0_10", 31.0, 1200),
        Benchmark("A report", 2024, "csat_1_5", 81.5, None, "survey/satisfied"),
    )
    assert settings_text(settings) == settings_text(read_settings(""))
    kept = edited("[value]\nmargin = 1.0\n" + GIVEN, {("value", "margin"): 0.4}, "")
    assert read_settings(kept).benchmarks == settings.benchmarks, "changing another setting leaves them"


def test_all_mistakes_are_said_at_once() -> None:
    text = """
[[benchmarks]]
source = " "
year = 25
scale = "nps_0_10"
value = 310
n = 0
sector = "tea"

[[benchmarks]]
source = "x"
value = true
"""
    with pytest.raises(SettingsError) as caught:
        read_settings("[company]\nmoney = 1\n" + text)
    places = [problem.column for problem in caught.value.problems]
    first, second = "[[benchmarks]] 1", "[[benchmarks]] 2"
    assert places == [
        "[company] money", f"{first} sector", f"{first} source", f"{first} year", f"{first} value", f"{first} n",
        f"{second} year", f"{second} scale", f"{second} value",
    ]  # fmt: skip
    with pytest.raises(SettingsError, match="begins with"):
        read_settings("[benchmarks]\nvalue = 1\n")


def test_another_scale_or_question_is_not_compared() -> None:
    ours = summarize(np.tile([3.0, 7.0, 10.0, 10.0], 100), NPS).headline
    given = read_settings(GIVEN).benchmarks
    (only,) = beside_benchmarks(given, "survey/recommend", NPS, ours)
    assert only.found is not None
    assert only.found.difference == pytest.approx(25.0 - 31.0)
    nps, csat = beside_benchmarks(given, "survey/satisfied", SCALES["csat_1_5"], ours)
    assert nps.found is None
    assert "scale nps_0_10, ours is csat_1_5" in str(nps.refusal)
    assert csat.found is not None
    few = summarize([10.0] * 5, NPS).headline
    assert [one.found for one in beside_benchmarks(given, "survey/recommend", NPS, few)] == [None]
    assert [one.found for one in beside_benchmarks(given, "survey/recommend", NPS, None)] == [None]


def test_the_range_is_mover_s_and_never_narrower_than_the_truth_could_be() -> None:
    score = np.tile([3.0, 7.0, 10.0, 10.0, 9.0], 80)
    ours = summarize(score, NPS).headline
    assert ours is not None
    found = against_benchmark(ours, NPS, 20.0, 300)
    own = np.array(ours.interval.lower) / 100, np.array(ours.interval.upper) / 100
    # Nobody in between: 180 promoters and 120 detractors; with passives the same score would be surer.
    lower, upper = mover(0.2, net_interval(120, 0, 180), 0.4, own)
    assert found.interval is not None
    assert (found.interval.lower, found.interval.upper) == pytest.approx((100 * float(lower), 100 * float(upper)))
    surer = mover(0.2, net_interval(60, 120, 120), 0.4, own)
    assert lower < surer[0] < surer[1] < upper
    assert found.told is True
    assert "20.0 points above" in str(found.message)
    assert against_benchmark(ours, NPS, 38.0, 300).told is False
    bare = against_benchmark(ours, NPS, 60.0)
    assert (bare.interval, bare.told) == (None, None)
    for scale_id, value in (("csat_1_5", 70.0), ("ces_1_7_easy", 5.5)):
        scale = SCALES[scale_id]
        headline = summarize(np.tile([3.0, 4.0, 5.0], 100), scale).headline
        assert headline is not None
        one = against_benchmark(headline, scale, value, 500)
        assert one.interval is not None
        assert one.interval.lower < one.difference < one.interval.upper
        wider = against_benchmark(headline, scale, value, 50).interval
        assert wider is not None
        assert wider.half_width > one.interval.half_width
