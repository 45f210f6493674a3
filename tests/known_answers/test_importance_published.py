"""Exact LMG, relative weights and McFadden shares against R's relaimpo and glm."""

from __future__ import annotations

import csv
import os
from itertools import combinations
from math import comb
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from r_data import ATTITUDE, MTCARS, SWISS

from harken.learn.importance import correlation_matrix, lmg, mcfadden_shapley, ordinal_shapley
from harken.learn.importance import fits as importance_fits
from harken.learn.importance.lmg import relative_weights

Floats = NDArray[np.float64]

# relaimpo 2.2-7, calc.relimp(type = "lmg"): shares and R2 of outcome ~ all others.
RELAIMPO = [
    (
        SWISS,
        [0.0570912207680913, 0.171173028900234, 0.260134678624385, 0.105570150373494, 0.112765922926522],
        0.706735001592726,
    ),
    (
        ATTITUDE,
        [
            *(0.370816194319328, 0.0509037929715443, 0.155765990169141),
            *(0.120345079403627, 0.00658872254586087, 0.0281822131216471),
        ],
        0.732601992531149,
    ),
    (
        MTCARS,
        [
            *(0.121345154641526, 0.120238702127569, 0.10698627193132, 0.0732701430661754, 0.158288796250376),
            *(0.0382707293797452, 0.0658805189999677, 0.0733762266488726, 0.0440933163993616, 0.0672659050328514),
        ],
        0.869015764477765,
    ),
]


@pytest.mark.parametrize(("data", "shares", "r2"), RELAIMPO, ids=["swiss", "attitude", "mtcars"])
def test_lmg_is_that_of_relaimpo(data: Floats, shares: list[float], r2: float) -> None:
    found = lmg(correlation_matrix(data[:, 1:], data[:, 0]))
    assert found.shares == pytest.approx(shares, abs=1e-12)
    assert found.r2 == pytest.approx(r2, abs=1e-12)
    assert found.method == "lmg.exact"


def test_weighted_lmg_is_that_of_relaimpo() -> None:
    weights = np.linspace(1.0, 2.0, 30)
    found = lmg(correlation_matrix(ATTITUDE[:, 1:], ATTITUDE[:, 0], weights))
    shares = [0.3861792, 0.0439983, 0.1530941, 0.1273285, 0.0072697, 0.0317005]
    assert found.shares == pytest.approx(shares, abs=5e-8)
    assert found.r2 == pytest.approx(0.7495704, abs=5e-8)


def test_relative_weights_are_genizi_s() -> None:
    correlation = correlation_matrix(ATTITUDE[:, 1:], ATTITUDE[:, 0])
    genizi = [0.362760199658131, 0.0560022787788537, 0.163611, 0.12178, 0.008255, 0.020193]
    found = relative_weights(correlation, [[column] for column in range(6)])
    assert found.tolist() == pytest.approx(genizi, abs=6e-7)


def log_likelihood(design: Floats, y: Floats) -> float:
    """Log-likelihood of a logistic regression fitted by iteratively reweighted least squares."""
    linear = np.zeros(len(y))
    for _ in range(40):
        chance = 1 / (1 + np.exp(-linear))
        weight = np.sqrt(chance * (1 - chance))
        response = linear + (y - chance) / weight**2
        beta = np.linalg.lstsq(design * weight[:, None], response * weight, rcond=None)[0]
        linear = design @ beta
    return float((y * linear - np.log1p(np.exp(linear))).sum())


def mcfadden_by_permutation(X: Floats, y: Floats) -> Floats:
    """Shapley shares of McFadden's R2 from one regression per subset: slow, obvious, independent."""
    p = X.shape[1]
    null = log_likelihood(np.ones((len(y), 1)), y)
    r2 = {}
    for size in range(p + 1):
        for subset in combinations(range(p), size):
            design = np.column_stack([np.ones(len(y)), X[:, list(subset)]])
            r2[subset] = 1 - log_likelihood(design, y) / null
    shares = np.zeros(p)
    for driver in range(p):
        for subset in r2:
            if driver not in subset:
                weight = 1 / (p * comb(p - 1, len(subset)))
                shares[driver] += weight * (r2[tuple(sorted((*subset, driver)))] - r2[subset])
    return shares


def test_mcfadden_shares_equal_one_regression_per_subset() -> None:
    X, y = SWISS[:, 1:], (SWISS[:, 0] > 70).astype(float)
    found = mcfadden_shapley(X, y)
    assert found.method == "mcfadden.exact"
    assert found.shares == pytest.approx(mcfadden_by_permutation(X, y).tolist(), abs=1e-8)


def pima() -> tuple[Floats, Floats]:
    """Seven measures and the diagnosis of 200 women, from R's MASS."""
    folder = os.environ.get("HARKEN_KNOWN_ANSWERS")
    if not folder or not (Path(folder) / "data_pima_tr.csv").exists():
        pytest.skip("Pima.tr of R's MASS (data_pima_tr.csv) is not in the folder HARKEN_KNOWN_ANSWERS names")
    with (Path(folder) / "data_pima_tr.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    drivers = ["npreg", "glu", "bp", "skin", "bmi", "ped", "age"]
    X = np.array([[float(row[name]) for name in drivers] for row in rows])
    return X, np.array([float(row["type"] == "Yes") for row in rows])


# R's glm, one logistic regression per subset of the seven drivers.
PIMA = [0.0279576100503994, 0.137618663816535, 0.00930750619114298, 0.0141151252698227]
PIMA += [0.0323945974049755, 0.0332622267262085, 0.0496313473821536]


@pytest.mark.real
def test_mcfadden_shares_of_pima_are_r_s() -> None:
    found = mcfadden_shapley(*pima())
    assert found.shares == pytest.approx(PIMA, abs=1e-12)
    assert found.r2 == pytest.approx(0.304287076841238, abs=1e-12)


@pytest.mark.real
def test_approximated_shares_of_pima_lie_two_hundredths_off_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importance_fits, "EXACT_PLAYERS_MAX", 0)
    found = mcfadden_shapley(*pima())
    assert found.method == "mcfadden.wls_gram"
    assert found.r2 == pytest.approx(0.304287076841238, abs=1e-12)
    parts = np.array(found.shares) / found.r2
    assert parts == pytest.approx(np.array(PIMA) / sum(PIMA), abs=0.0204)  # glu: .4726 beside .4523
    assert parts == pytest.approx([0.097, 0.473, 0.035, 0.033, 0.097, 0.104, 0.161], abs=6e-4)


def ordered(n: int, cuts: list[float], seed: int = 0) -> tuple[Floats, Floats]:
    """Related drivers and an answer in steps that depends on three of the four."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4)) + 0.6 * rng.normal(size=(n, 1))
    return X, np.digitize(X @ [1.0, 0.5, 0.2, 0.0] + rng.logistic(size=n), cuts).astype(float)


def ordered_by_brute_force(X: Floats, y: Floats) -> list[float]:
    """Shapley shares of McFadden's R2 from one proportional-odds model of statsmodels per subset."""
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    counts, p = np.unique(y, return_counts=True)[1], X.shape[1]
    null = float((counts * np.log(counts / counts.sum())).sum())
    r2: dict[tuple[int, ...], float] = {(): 0.0}
    for size in range(1, p + 1):
        for subset in combinations(range(p), size):
            model = OrderedModel(y.astype(int), X[:, list(subset)], distr="logit")
            r2[subset] = 1 - model.fit(method="bfgs", disp=0, gtol=1e-8).llf / null
    return [
        sum(
            (r2[tuple(sorted((*subset, driver)))] - before) / (p * comb(p - 1, len(subset)))
            for subset, before in r2.items()
            if driver not in subset
        )
        for driver in range(p)
    ]


@pytest.mark.parametrize("cuts", [[-1.0, 1.0], [-1.5, -0.3, 0.5, 2.0]], ids=["three bands", "one to five"])
def test_ordinal_shares_equal_one_proportional_odds_model_per_subset(cuts: list[float]) -> None:
    X, y = ordered(300, cuts)
    found = ordinal_shapley(X, y)
    assert found.method == "ordinal.exact"
    assert found.shares == pytest.approx(ordered_by_brute_force(X, y), abs=1e-9)


def test_approximated_ordinal_shares_are_near_the_exact_ones_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = ordered(400, [-1.0, 1.0])
    exact = ordinal_shapley(X, y)
    monkeypatch.setattr(importance_fits, "EXACT_PLAYERS_MAX", 0)
    found = ordinal_shapley(X, y)
    assert found.method == "ordinal.wls_gram"
    assert found.r2 == pytest.approx(exact.r2, abs=1e-12)
    assert np.array(found.shares) / found.r2 == pytest.approx(np.array(exact.shares) / exact.r2, abs=0.02)
