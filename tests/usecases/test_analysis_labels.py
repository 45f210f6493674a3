"""Labels against a customer-by-customer reading of the same rules."""

import numpy as np
import pytest

from harken.lake.facts import DAY_US, UNDATED_US
from harken.usecases.analyzing.labels import OutcomeRows, label, label_silence
from harken.usecases.analyzing.plan import OutcomeChoice

CUSTOMERS = np.arange(40)


def by_hand(rows, kind, good, start, end):
    counted, left = [], []
    for customer in CUSTOMERS:
        own = [(t, v) for c, t, v in rows if c == customer]
        inside = [v for t, v in own if start <= t < end]
        if kind == "snapshot":
            counted.append(bool(own))
            happened = any(v > 0 for _, v in own)
        elif kind == "verdict":
            counted.append(bool(inside))
            happened = any(v > 0 for v in inside)
        else:
            counted.append(good or not any(t < start and v > 0 for t, v in own))
            happened = any(v > 0 for v in inside)
        left.append(counted[-1] and happened != good)
    return counted, left


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("kind", "good"), [("event", False), ("event", True), ("verdict", True), ("snapshot", False)]
)
def test_labels_follow_the_rules_customer_by_customer(kind, good, seed):
    rng = np.random.default_rng(seed)
    ids = np.sort(rng.integers(0, 40, 60))
    times = np.full(60, UNDATED_US) if kind == "snapshot" else rng.integers(0, 100, 60) * DAY_US
    values = np.ones(60) if kind == "event" else rng.integers(0, 2, 60).astype(float)
    start, horizon = 40 * DAY_US, 30
    labels = label(CUSTOMERS, OutcomeRows(ids, times, values), OutcomeChoice("x", kind, good, horizon), start)
    rows = list(zip(ids, times, values, strict=True))
    counted, left = by_hand(rows, kind, good, start, start + horizon * DAY_US)
    assert labels.counted.tolist() == counted
    assert labels.left.tolist() == left


def test_an_event_on_the_border_belongs_to_the_window_it_begins():
    rows = OutcomeRows(np.array([1, 2]), np.array([40, 70]) * DAY_US, np.ones(2))
    labels = label(np.array([1, 2]), rows, OutcomeChoice("churn", "event", False, 30), 40 * DAY_US)
    assert labels.left.tolist() == [True, False]


def test_silence_of_orders_by_hand():
    rng = np.random.default_rng(9)
    pairs = sorted(
        {(int(c), int(d)) for c, d in zip(rng.integers(0, 40, 200), rng.integers(0, 120, 200), strict=True)}
    )
    ids, days = np.array([c for c, _ in pairs]), np.array([d for _, d in pairs])
    labels = label_silence(CUSTOMERS, ids, days, 60, 25)
    for customer in CUSTOMERS:
        own = days[ids == customer]
        active = bool(((own >= 35) & (own < 60)).any())
        assert labels.counted[customer] == active
        assert labels.left[customer] == (active and not bool(((own >= 60) & (own < 85)).any()))
