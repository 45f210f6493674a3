"""Uplift curves as scikit-uplift computes them, staggered differences as `differences` and R's did do."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from harken.learn.impact import Comparison, lot_effect, staggered_effects
from harken.learn.uplift import qini_coefficient, qini_curve, uplift_at, uplift_coefficient, uplift_curve

REAL = os.environ.get("HARKEN_REAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")
ANSWERS = Path(REAL).parent / "known_answers"


def rows_of(name: str) -> list[dict[str, str]]:
    if not (ANSWERS / name).exists():
        pytest.skip(f"published data are never committed and {name} is not here")
    with (ANSWERS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_qini_and_uplift_are_those_of_scikit_uplift() -> None:
    # scikit-uplift 0.5.1: qini_auc_score, uplift_auc_score, uplift_at_k(strategy="overall", k=.3)
    rows = rows_of("qini_data.csv")
    y, t, score = (np.array([float(row[name]) for row in rows]) for name in ("y", "treatment", "uplift"))
    assert qini_coefficient(y, t == 1, score) == pytest.approx(0.0853630701082976, abs=1e-12)
    assert uplift_coefficient(y, t == 1, score) == pytest.approx(0.0669512994787537, abs=1e-12)
    assert uplift_at(y, t == 1, score, 0.3) == pytest.approx(0.09667096315391796, abs=1e-12)


def test_curves_are_what_counting_says() -> None:
    rng = np.random.default_rng(8)
    y, t = (rng.random(80) < 0.4).astype(float), rng.random(80) < 0.5
    score = rng.integers(0, 12, 80).astype(float)
    qini, uplift = qini_curve(y, t, score), uplift_curve(y, t, score)
    for at, k in enumerate(qini.customers):
        first = score >= (np.sort(score)[::-1][int(k) - 1] if k else np.inf)
        assert first.sum() == k
        reached, left, contacts, alone = (
            y[first & t].sum(),
            y[first & ~t].sum(),
            (first & t).sum(),
            (first & ~t).sum(),
        )
        assert qini.gained[at] == pytest.approx(reached - (left * contacts / alone if alone else 0.0))
        means = (reached / contacts if contacts else 0.0) - (left / alone if alone else 0.0)
        assert uplift.gained[at] == pytest.approx(means * k)


def test_staggered_effects_are_those_of_callaway_and_sant_anna() -> None:
    # differences 0.3.0 (dr, never-treated, no covariates) on R did's mpdta; the p of the pre-test as did prints it
    rows = rows_of("data_mpdta.csv")
    counties = {name: at for at, name in enumerate(sorted({row["countyreal"] for row in rows}))}
    years = np.arange(2003.0, 2008.0)
    outcome, start = np.full((len(counties), 5), np.nan), np.full(len(counties), np.inf)
    for row in rows:
        at = counties[row["countyreal"]]
        outcome[at, int(row["year"]) - 2003] = float(row["lemp"])
        start[at] = float(row["first.treat"]) or np.inf
    found = staggered_effects(outcome, start, years, band_draws=499)
    for one, value, se in (
        (found.overall, -0.039951, 0.012034),
        (found.cohort_overall, -0.031018, 0.012446),
        (found.lag_overall, -0.07724, 0.019965),
        (found.period_overall, -0.0417, 0.015972),
    ):
        assert (one.value, one.se) == (pytest.approx(value, abs=1e-6), pytest.approx(se, abs=1e-6))
    cohorts = {2004: (-0.079749, 0.026368), 2006: (-0.02291, 0.016703), 2007: (-0.026054, 0.016655)}
    lags = {
        -3: (0.030507, 0.015034), -2: (-0.000563, 0.013292), -1: (-0.024459, 0.014236), 0: (-0.019932, 0.011826),
        1: (-0.050957, 0.016893), 2: (-0.137259, 0.036436), 3: (-0.100811, 0.034359),
    }  # fmt: skip
    for each, expected in ((found.cohorts, cohorts), (found.lags, lags)):
        assert [one.at for one in each] == list(expected)
        for one, (value, se) in zip(each, expected.values(), strict=True):
            assert (one.value, one.se) == (pytest.approx(value, abs=1.01e-6), pytest.approx(se, abs=1.01e-6))
    assert found.pre_trend is not None
    assert found.pre_trend.p_value == pytest.approx(0.16812, abs=1e-5)
    assert (found.started, found.never, found.left_out) == (191, 309, 0)
    assert found.band is not None
    assert 2.4 < found.band < 2.9
    alone = staggered_effects(outcome, start, years, cluster=np.arange(len(start)))
    assert alone.overall.se == pytest.approx(found.overall.se)
    later = staggered_effects(outcome, start, years, comparison=Comparison.NOT_YET)
    assert later.overall.value == pytest.approx(found.overall.value, abs=0.002)


def test_what_was_known_before_leaves_one_minus_the_squared_correlation() -> None:
    rng = np.random.default_rng(1)
    before = rng.normal(size=60_000)
    after = 0.7 * before + np.sqrt(0.51) * rng.normal(size=60_000)
    found = lot_effect(after, rng.random(60_000) < 0.5, before)
    assert found.variance_left == pytest.approx(0.51, abs=0.01)
    assert found.effect.estimate.interval.half_width == pytest.approx(
        found.plain.interval.half_width * np.sqrt(found.variance_left), rel=0.01
    )
