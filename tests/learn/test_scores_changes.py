"""Change over time: real changes are told, luck is not, and the sentence says which."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from harken.learn.scores import answers_needed, cusum, judged_together, noticeable_change, score_series
from harken.vocabulary.errors import DataError
from harken.vocabulary.periods import Period
from harken.vocabulary.scales import SCALES

NPS = SCALES["nps_0_10"]
SCORES = np.array([3.0, 7.0, 10.0])


def months(number: int) -> list[Period]:
    starts = [date(2025 + month // 12, month % 12 + 1, 1) for month in range(number + 1)]
    return [Period(start, end) for start, end in pairwise(starts)]


def test_no_change_in_300_branches_raises_almost_no_alarm() -> None:
    """40 comparisons of two months in 300 branches with 4 to 60 answers, nothing changed.

    The rule "20 points or more" cries 110 times per comparison, the single interval about 14 times, the whole rule
    almost never: any alarm in at most 5% of comparisons (Benjamini-Hochberg under no change at all).
    """
    rng = np.random.default_rng(21)
    labels = [str(branch) for branch in range(300)]
    naive = alone = with_alarm = 0
    for _ in range(40):
        n = rng.integers(4, 61, (300, 2))
        code = np.repeat(np.repeat(np.arange(300), 2), n.ravel())
        period = np.repeat(np.tile([0, 1], 300), n.ravel())
        scores = rng.choice(SCORES, size=code.size, p=[0.2, 0.3, 0.5])
        changes = score_series(
            scores, period, months(2), NPS, segment_codes=code, labels=labels, threshold=0.0
        ).changes
        naive += sum(abs(change.change) >= 20 for change in changes)
        alone += sum(change.interval.excludes(0.0) for change in changes)
        with_alarm += any(change.real for change in changes)
    assert naive / 40 == pytest.approx(110, abs=6)
    assert alone / 40 == pytest.approx(13.6, abs=2.5)
    # 40 comparisons at 5%: more than 8 less than once in a thousand (binomial).
    assert with_alarm <= 8


def test_a_real_fall_is_found_among_many_branches() -> None:
    rng = np.random.default_rng(22)
    code, period = np.repeat(np.arange(60), 400), np.tile(np.repeat([0, 1], 200), 60)
    low = np.where((code == 7) & (period == 1), 0.45, 0.2)
    scores = np.where(rng.random(code.size) < low, 3.0, 10.0)
    found = score_series(
        scores, period, months(2), NPS, segment_codes=code, labels=[f"branch {k}" for k in range(60)]
    )
    real = [change for change in found.changes if change.real]
    assert [change.label for change in real] == ["branch 7"]
    assert (real[0].arrow, real[0].better) == (-1, False)
    assert str(real[0].message).startswith("Down ")
    assert str(found.changes[0].message).startswith("No change shown: ")


def one_change(before: list[int], after: list[int], scale: str = "nps_0_10", threshold: float | None = None):  # type: ignore[no-untyped-def]
    """The change between two months with these numbers of low, middle and high answers."""
    low, middle, high = {
        "nps_0_10": (3.0, 7.0, 10.0),
        "ces_1_5_hard": (1.0, 3.0, 5.0),
        "csat_1_5": (1.0, 3.0, 5.0),
    }[scale]
    scores = np.repeat([low, middle, high, low, middle, high], before + after)
    period = np.repeat([0, 1], [sum(before), sum(after)])
    return score_series(scores, period, months(2), SCALES[scale], threshold=threshold).changes[0]


def test_sentences_for_each_verdict() -> None:
    assert str(one_change([50, 50, 100], [100, 50, 50]).message) == "Down 50.0 points (likely 33.3 to 65.6)."
    assert str(one_change([3, 3, 3], [3, 3, 3]).message) == (
        "Too few customers answered to compare with the period before."
    )
    small = one_change([2000, 2000, 6000], [1800, 2000, 6200])
    assert str(small.message).endswith("real, but too small to matter.")
    assert (small.real, small.arrow, small.better) == (False, 0, None)
    chance = one_change([20, 30, 50], [22, 30, 48])
    assert "can be chance" in str(chance.message)
    assert chance.answers_needed is not None
    assert 3000 < chance.answers_needed < 5000
    share = one_change([50, 50, 100], [20, 30, 150], "csat_1_5")
    assert "percentage points" in str(share.message)


def test_falling_effort_is_better() -> None:
    found = one_change([20, 40, 140], [100, 60, 40], "ces_1_5_hard")
    assert found.change < 0
    assert (found.arrow, found.better, found.higher_is_better) == (-1, True, False)


def test_arrows_need_thirty_customers_in_both_periods() -> None:
    found = one_change([0, 0, 200], [25, 0, 0])
    assert (found.real, found.arrow) == (True, 0)
    assert one_change([0, 0, 200], [30, 0, 0]).arrow == -1


def test_months_without_answers_make_no_change() -> None:
    scores = np.repeat([10.0, 3.0], 40)
    found = score_series(scores, np.repeat([0, 2], 40), months(3), NPS)
    assert found.lines[0].estimates[1] is None
    assert found.changes == ()
    assert score_series([], [], months(2), NPS).changes == ()
    with pytest.raises(DataError, match="one segment or period"):
        score_series([10.0], [2], months(2), NPS)


def test_more_questions_ask_for_stronger_changes() -> None:
    """A change that holds alone may not hold among the changes of other questions scanned with it."""
    rng = np.random.default_rng(23)
    alone = score_series(
        np.repeat([3.0, 10.0, 3.0, 10.0], [70, 130, 92, 108]), np.repeat([0, 1], 200), months(2), NPS
    )
    assert alone.changes[0].real
    noise = [score_series(rng.choice(SCORES, 4000), rng.integers(0, 20, 4000), months(20), NPS) for _ in range(10)]
    together = judged_together([alone, *noise])
    assert not together[0].changes[0].real
    assert "among so many comparisons" in str(together[0].changes[0].message)
    assert together[0].changes[0].p == alone.changes[0].p


def test_needed_answers_and_noticeable_change_are_inverse() -> None:
    for n in (10, 100, 5000):
        assert answers_needed(noticeable_change(n, 75.0) * (1 + 1e-9), 75.0) == n
    with pytest.raises(ValueError, match="above 0"):
        answers_needed(0.0, 75.0)
    with pytest.raises(ValueError, match="above 0"):
        noticeable_change(0, 75.0)


def test_needed_answers_give_the_promised_power() -> None:
    """With the stated number of answers a change of that size is noticed about 80% of the time."""
    rng = np.random.default_rng(24)
    before, after = np.array([0.2, 0.3, 0.5]), np.array([0.25, 0.3, 0.45])
    deviation = 100 * np.sqrt((0.7 - 0.09 + 0.7 - 0.04) / 2)
    n = answers_needed(10.0, float(deviation))
    code = np.repeat(np.arange(300), 2 * n)
    period = np.tile(np.repeat([0, 1], n), 300)
    scores = np.concatenate([rng.choice(SCORES, n, p=shares) for _ in range(300) for shares in (before, after)])
    changes = score_series(
        scores, period, months(2), NPS, segment_codes=code, labels=[str(k) for k in range(300)]
    ).changes
    noticed = sum(change.interval.excludes(0.0) for change in changes)
    # 300 repetitions at 80%: outside 215 to 263 less than once in a thousand (binomial).
    assert 215 <= noticed <= 263


def test_cusum_notices_a_lasting_shift_and_starts_again() -> None:
    found = cusum([[0.0] * 5 + [-1.5] * 12, [0.3, -0.3] * 8 + [0.0]])
    assert found.falls[0].sum() == 2
    assert not found.rises.any()
    assert not found.falls[1].any()
    gaps = cusum([-2.0, np.nan, -2.0, -2.0, np.nan, -2.0])
    assert gaps.falls[0].tolist() == [False, False, False, False, False, True]
