"""Raking and post-stratification of the API data of R's survey package: its means, totals and standard error."""

from __future__ import annotations

import csv
import gzip

import numpy as np
import pytest
from real_imports import real_folder

from harken.learn.scores import calibrated_score, margin_of, post_stratified, raked
from harken.vocabulary.scales import Headline, Scale

pytestmark = pytest.mark.real
STYPE = {"E": 4421, "H": 755, "M": 1018}
WIDE = {"No": 1072, "Yes": 5122}
API = Scale("api", "200-1000", 200, 1000, True, 800, 600, Headline.MEAN)


def test_means_and_standard_errors_are_those_of_r_survey() -> None:
    with gzip.open(real_folder("weighting_r") / "apiclus1.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    api, enrolled, base = (np.array([float(row[name]) for row in rows]) for name in ("api00", "enroll", "pw"))
    stype = margin_of("stype", [row["stype"] for row in rows], STYPE)
    wide = margin_of("sch.wide", [row["sch.wide"] for row in rows], WIDE)
    both = raked([stype, wide], base=base)
    score = calibrated_score(api, API, both)
    assert score.estimate.value == pytest.approx(641.2303, abs=5e-5)
    assert score.standard_error == pytest.approx(7.779, abs=5e-4)
    assert score.unweighted.value == pytest.approx(644.1694, abs=5e-5)
    assert both.weights @ enrolled == pytest.approx(3_647_280, abs=0.5)
    alone = calibrated_score(api, API, post_stratified(stype, base=base))
    assert alone.estimate.value == pytest.approx(642.3108, abs=5e-5)
