"""Which ratings of a flight go with satisfaction: the ranking of one half of the customers is that of the other."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr
from wide_tables import rows_of

from harken.learn.importance import ImportanceBootstrap, lmg_bootstrap

pytestmark = pytest.mark.real

# The fourteen ratings from 1 to 5; 0 stands for "not applicable".
RATINGS = (
    *("Inflight wifi service", "Departure/Arrival time convenient", "Ease of Online booking", "Gate location"),
    *("Food and drink", "Online boarding", "Seat comfort", "Inflight entertainment", "On-board service"),
    *("Leg room service", "Baggage handling", "Checkin service", "Inflight service", "Cleanliness"),
)


def _ranked(rows: list[dict[str, str]]) -> ImportanceBootstrap:
    ratings: NDArray[np.float64] = np.array([[float(row[name]) for name in RATINGS] for row in rows])
    ratings[ratings == 0] = np.nan
    satisfied = np.array([float(row["satisfaction"] == "satisfied") for row in rows])
    return lmg_bootstrap(ratings, satisfied, labels=RATINGS, replicates=200, seed=1)


def test_both_halves_of_the_customers_rank_the_drivers_alike() -> None:
    rows = sorted(rows_of("airline_satisfaction/train.csv.zip"), key=lambda row: int(row["id"]))
    halves = [_ranked(rows[start::2]) for start in (0, 1)]
    first, second = (np.array(half.relative.values) for half in halves)
    alike = float(spearmanr(first, second).statistic)
    print(f"rank correlation of the halves {alike:.4f}, R2 {halves[0].r2.value:.4f} and {halves[1].r2.value:.4f}")
    for at in np.argsort(-first):
        low, high = halves[0].relative.lower[at], halves[0].relative.upper[at]
        print(f"  {RATINGS[at]:36s} {first[at]:5.2f} ({low:.2f} to {high:.2f}), other half {second[at]:5.2f}")
    assert alike > 0.95
    assert RATINGS[int(np.argmax(first))] == RATINGS[int(np.argmax(second))] == "Online boarding"
    # each half's interval holds 95 % of the other's estimates only after widening by the square root of two
    centre = (np.array(halves[0].relative.lower) + np.array(halves[0].relative.upper)) / 2
    width = (np.array(halves[0].relative.upper) - np.array(halves[0].relative.lower)) / 2
    outside = int((np.abs(second - centre) > np.sqrt(2) * width).sum())
    assert outside <= 4  # of 14 at 5 % each: more has a chance below 1 in 1,000
    # what one half calls sure (999 of 1,000 resamples) the other does not turn round
    sure = np.array(halves[0].outranks) > 0.999
    assert not (sure & (np.array(halves[1].outranks) < 0.05)).any()
