"""What a point is worth: paths add up, order changes nothing, money is in its unit, refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harken.learn.value_link import ValueLine, ValueLink, link_outcome, move_points, move_share
from harken.vocabulary.errors import NotEnoughData, SettingsError
from harken.vocabulary.estimates import Evidence
from harken.vocabulary.messages import Message
from harken.vocabulary.scales import Headline


def _world(seed: int = 3, n: int = 3000):
    rng = np.random.default_rng(seed)
    tenure = rng.normal(size=n)
    score = np.clip(np.round(7.5 + tenure + 1.5 * rng.normal(size=n)), 0, 10)
    return tenure[:, None], score, rng.random(n) < 0.3 - 0.01 * score - 0.05 * np.tanh(tenure)


def _found(link) -> ValueLink:
    line = ValueLine("leaving", "leaving", Message("Leaving"), 90, link, None, None)
    return ValueLink("a/b", "nps_0_10", Headline.NET, 10_000, (0.2, 0.4, 0.4), True, None, 1.0, (line,))


def test_paths_add_up_and_money_is_the_outcome_times_its_worth() -> None:
    tenure, score, left = _world()
    link = link_outcome(score, left, tenure, money=200.0)
    first, second, both = (path.adjusted.estimate.value for path in link.paths)
    assert first + second == pytest.approx(both, abs=1e-12)
    for path in link.paths:
        assert path.raw.evidence is Evidence.ASSOCIATIONAL
        assert path.adjusted.evidence is Evidence.ADJUSTED
        assert path.money.value == pytest.approx(-200 * path.adjusted.estimate.value), "fewer who leave is a gain"
        assert path.money.interval.half_width == pytest.approx(200 * path.adjusted.estimate.interval.half_width)
    detractors, promoters = left[score <= 6].mean(), left[score >= 9].mean()
    assert link.paths[2].raw.estimate.value == pytest.approx(promoters - detractors)


def test_the_order_of_rows_changes_nothing() -> None:
    tenure, score, left = _world(n=900)
    ids, order = np.arange(900) * 7, np.random.default_rng(1).permutation(900)
    once = link_outcome(score, left, tenure, customer_id=ids)
    again = link_outcome(score[order], left[order], tenure[order], customer_id=ids[order])
    assert again.paths[2].adjusted.estimate.value == pytest.approx(once.paths[2].adjusted.estimate.value, abs=1e-6)


def test_three_points_are_worth_something_else_on_each_path_and_nothing_without_one() -> None:
    tenure, score, left = _world()
    found = _found(link_outcome(score, left, tenure, money=200.0))
    assert move_points(found, None, 3.0).refused is not None
    step, whole = move_points(found, None, 3.0, 0, 1), move_points(found, None, 3.0, -1, 1)
    assert (step.moved, whole.moved) == (300, 150)
    assert whole.points == pytest.approx(3.0)
    by_share = move_share(found, "leaving", -1, 1, 150 / 2000)
    assert by_share.money == whole.money
    assert whole.change.value == pytest.approx(150 * found.lines[0].link.paths[2].adjusted.estimate.value)
    assert move_points(found, None, 60.0, -1, 1).refused is not None, "more than there are detractors"
    mean = replace(found, headline=Headline.MEAN)
    assert move_points(mean, None, 3.0, -1, 1).refused is not None
    with pytest.raises(SettingsError):
        move_share(found, None, 1, 0, 0.1)
    with pytest.raises(SettingsError):
        move_share(found, "upsell", 0, 1, 0.1)


def test_too_few_and_no_overlap_are_refused() -> None:
    tenure, score, left = _world()
    with pytest.raises(NotEnoughData):
        link_outcome(score[:150], left[:150], tenure[:150])
    with pytest.raises(NotEnoughData):
        link_outcome(np.full(3000, 9.0), left, tenure)
    told_by_tenure = np.where(tenure[:, 0] > 0.5, 10.0, np.where(tenure[:, 0] < -0.5, 2.0, 8.0))
    link = link_outcome(told_by_tenure, left, tenure)
    assert link.levels is None
    assert link.not_adjusted is not None
    assert link.paths[0].raw is not None
    assert link_outcome(score, left).paths[0].adjusted is None, "without covariates it stays associational"
