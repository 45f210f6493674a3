"""Published numbers of survival and lifetime value: R's lung cancer data, and CDNOW as its authors fitted it."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from harken.learn.lifetime_value import PurchaseModel
from harken.learn.survival import compare_groups, concordance, proportional_hazards, survival_curve, tenures


@pytest.fixture(scope="module")
def lung() -> dict[str, np.ndarray]:
    """`lung` of R's survival (Loprinzi and others 1994): 228 patients, 165 deaths."""
    folder = os.environ.get("HARKEN_KNOWN_ANSWERS", "")
    if not folder or not (Path(folder) / "data_lung.csv").exists():
        pytest.skip("lung of R's survival (data_lung.csv) is not in the folder HARKEN_KNOWN_ANSWERS names")
    with (Path(folder) / "data_lung.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        name: np.array([float(row[name]) if row[name] != "NA" else np.nan for row in rows])
        for name in ("time", "status", "age", "sex", "ph.ecog")
    }


def test_kaplan_meier_of_lung_as_r(lung: dict[str, np.ndarray]) -> None:
    seen = tenures(lung["time"], lung["status"] == 2)
    curve = survival_curve(seen, interval="greenwood")
    told = [curve.at(days) for days in (100, 365, 730)]
    assert [one.value for one in told] == pytest.approx([0.8639690, 0.4092416, 0.1156931], abs=1e-7)
    errors = [one.interval.half_width / 1.959964 for one in told]
    assert errors == pytest.approx([0.0227, 0.0358, 0.0283], abs=5e-5)
    # R: survfit(Surv(time, status) ~ 1), median 310, 95 % 285 to 363 (log); log-log differs by a day or so
    assert curve.median()[0] == 310


def test_log_rank_of_sex_as_r(lung: dict[str, np.ndarray]) -> None:
    seen = tenures(lung["time"], lung["status"] == 2)
    test = compare_groups(seen, (lung["sex"] - 1).astype(np.int64))
    assert round(test.chi2, 1) == 10.3
    assert test.observed.tolist() == [112, 53]
    assert test.expected == pytest.approx([91.6, 73.4], abs=0.05)


def test_proportional_hazards_with_efron_ties_as_r(lung: dict[str, np.ndarray]) -> None:
    known = np.isfinite(lung["ph.ecog"])
    seen = tenures(np.where(known, lung["time"], np.nan), lung["status"] == 2)
    design = np.column_stack([lung["age"], lung["sex"], lung["ph.ecog"]])
    fitted = proportional_hazards(seen, design)
    assert fitted.weights == pytest.approx([0.01106676, -0.55261240, 0.46372848], abs=1e-8)
    assert fitted.errors == pytest.approx([0.009267411, 0.167739054, 0.113577266], abs=1e-8)
    assert fitted.log_likelihood == pytest.approx(-729.2301, abs=5e-5)
    assert concordance(seen, design @ fitted.weights) == pytest.approx(0.6371355, abs=1e-7)


def test_late_entries_as_lifelines() -> None:
    from lifelines import CoxPHFitter, KaplanMeierFitter

    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(5)
    x, entry = rng.normal(size=(600, 2)), rng.integers(0, 12, 600).astype(float)
    stay = np.ceil(rng.exponential(10 * np.exp(-0.4 * x[:, 0])))
    duration = np.minimum(stay, entry + 9)
    left = stay <= entry + 9
    seen = tenures(duration, left, entry)
    kept = seen.rows
    fitted = proportional_hazards(seen, x)
    frame = pandas.DataFrame({"t": duration, "e": left, "s": entry, "a": x[:, 0], "b": x[:, 1]}).iloc[kept]
    cox = CoxPHFitter().fit(frame, "t", "e", entry_col="s")
    # lifelines takes ties with late entries slightly otherwise than Efron's formula: third decimal
    assert fitted.weights == pytest.approx(cox.params_.to_numpy(), abs=5e-3)
    curve = survival_curve(seen)
    theirs = KaplanMeierFitter().fit(duration[kept], left[kept], entry=entry[kept])
    assert curve.survival == pytest.approx(theirs.predict(curve.times).to_numpy(), abs=1e-9)


def test_cdnow_customer_of_fader_hardie_and_lee() -> None:
    model = PurchaseModel(0.243, 4.414, 0.793, 2.426, np.eye(4), 0.0, 2357)
    history = (np.array([2.0]), np.array([30.43]), np.array([38.86]))
    # the worked example of their note: 1.226 purchases within the next 39 weeks
    assert model.expected(*history, 39.0)[0] == pytest.approx(1.226, abs=5e-4)
