"""The leak scan finds what knows the outcome, in whatever form, and leaves honest columns alone."""

from __future__ import annotations

import numpy as np
import pytest

from driver_worlds import noise_table, table_of
from harken.learn.leaks import LeakReason, scan_leaks
from harken.learn.leaks.bins import CertainCalls, bin_codes, count_bins, cross_fitted_auc
from harken.learn.leaks.estimate import is_certain
from harken.unify.features.catalogue import FeatureTable
from harken.vocabulary.errors import DataError


def _honest(rng: np.random.Generator, n: int, base: float) -> tuple[dict, np.ndarray]:
    strong = rng.normal(size=n)
    logit = np.log(base / (1 - base)) + 1.5 * strong + 0.7 * rng.normal(size=n)
    y = rng.random(n) < 1 / (1 + np.exp(-logit))
    months = rng.integers(0, 72, n)
    return {"strong": strong, "months": months, "plan": rng.integers(0, 3, n)}, y


@pytest.mark.parametrize(("n", "base"), [(400, 0.25), (3_000, 0.5), (8_000, 0.02), (8_000, 0.8)])
def test_each_kind_of_leak_is_found_and_named(n: int, base: float) -> None:
    rng = np.random.default_rng(n)
    columns, y = _honest(rng, n, base)
    reasons = np.where(y, rng.integers(0, 4, n), np.nan)
    columns["cancel_reason"] = np.where(rng.random(n) < 0.75, reasons, np.nan)
    columns["status"] = np.where(y, 2, rng.integers(0, 2, n))
    columns["score"] = np.where(y, rng.uniform(60, 100, n), rng.uniform(0, 62, n))
    columns["model_output"] = 1 / (1 + np.exp(-(6 * (y - 0.5) + rng.normal(size=n))))
    table = table_of(
        columns,
        levels={"plan": ("a", "b", "c"), "cancel_reason": ("w", "x", "y", "z"), "status": ("in", "new", "out")},
    )
    scan = scan_leaks(table, y, seed=3)
    by_name = {leak.column: leak for leak in scan.set_aside}
    assert set(by_name) == {"cancel_reason", "status", "score", "model_output"}
    assert by_name["cancel_reason"].reasons == (LeakReason.MISSING_FOLLOWS,)
    assert all(str(message) for leak in scan.set_aside for message in leak.messages)


def test_a_noisy_score_made_after_the_fact_is_flagged_by_its_rank_alone() -> None:
    rng = np.random.default_rng(4)
    columns, y = _honest(rng, 5_000, 0.3)
    columns["churn_score"] = 1.9 * y + 0.85 * rng.normal(size=len(y))
    scan = scan_leaks(table_of(columns), y, seed=1)
    assert scan.names == ("churn_score",)
    assert scan.set_aside[0].reasons == (LeakReason.IMPLAUSIBLE_AUC,)
    assert scan.rest_auc is not None
    assert scan.rest_auc.value < 0.85


def test_a_dominating_honest_column_stays() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=6_000)
    y = rng.random(6_000) < 1 / (1 + np.exp(-2.2 * x))
    table = table_of({"x": x, "a": rng.normal(size=6_000), "b": x + rng.normal(size=6_000)})
    assert scan_leaks(table, y, seed=1).names == ()


def test_values_that_only_stayers_have_are_said_but_kept() -> None:
    rng = np.random.default_rng(6)
    bound = rng.random(5_000) < 0.6
    y = ~bound & (rng.random(5_000) < 0.3)
    scan = scan_leaks(table_of({"bound": bound, "other": rng.normal(size=5_000)}), y, seed=1)
    assert scan.names == ()
    assert [leak.column for leak in scan.suspects] == ["bound"]


def test_dates_after_the_moment_are_flagged_where_they_go_with_leaving() -> None:
    rng = np.random.default_rng(7)
    columns, y = _honest(rng, 3_000, 0.2)
    late_for_leavers = y & (rng.random(3_000) < 0.3)
    late_for_anyone = rng.random(3_000) < 0.1
    scan = scan_leaks(
        table_of(columns), y, occurred_after={"months": late_for_leavers, "plan": late_for_anyone}, seed=1
    )
    assert scan.names == ("months",)
    assert scan.set_aside[0].reasons == (LeakReason.DATED_AFTER,)
    assert [leak.column for leak in scan.suspects] == ["plan"]


def test_no_column_of_noise_is_ever_flagged() -> None:
    # 120 scans of 12 columns; a flag needs bounds of 1 in 20 on pure bins, held out: expected count about zero.
    flags = 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        n = int(rng.choice([60, 300, 2_000]))
        flags += len(scan_leaks(noise_table(rng, n), rng.random(n) < rng.uniform(0.1, 0.9), seed=seed).names)
    assert flags == 0


def test_scale_and_order_of_rows_change_nothing() -> None:
    rng = np.random.default_rng(8)
    columns, y = _honest(rng, 2_000, 0.3)
    columns["leak"] = np.where(y, rng.uniform(1, 2, 2_000), np.nan)
    table = table_of(columns)
    scaled = FeatureTable(table.customer_id, table.values * 1000, table.features, None)
    first, second = scan_leaks(table, y, seed=1), scan_leaks(scaled, y, seed=1)
    assert first.names == second.names == ("leak",)
    assert [leak.auc for leak in first.set_aside] == [leak.auc for leak in second.set_aside]
    # rows swapped together with their numbers: the same customers, the same verdicts
    order = rng.permutation(2_000)
    swapped = FeatureTable(table.customer_id[order], table.values[order], table.features, None)
    assert scan_leaks(swapped, y[order], seed=1) == first


def test_few_customers_are_not_judged_and_bad_shapes_refused() -> None:
    rng = np.random.default_rng(9)
    table = noise_table(rng, 50)
    scan = scan_leaks(table, np.arange(50) < 5, seed=1)
    assert scan.set_aside == ()
    assert "Only 5 of 50" in str(scan.notes[0])
    with pytest.raises(DataError, match="49 outcomes"):
        scan_leaks(table, np.zeros(49, dtype=bool), seed=1)


def test_certainty_needs_both_evidence_and_purity() -> None:
    assert is_certain(CertainCalls(200, 0, 0.5, (1,)), 0.7)
    assert not is_certain(CertainCalls(200, 6, 0.5, (1,)), 0.7)  # 3 % exceptions: strong, not certain
    assert not is_certain(CertainCalls(15, 0, 0.5, (1,)), 0.7)  # pure, but too few to show it
    assert is_certain(CertainCalls(2044, 10, 0.99, (1,)), 0.796)  # clerical errors are forgiven


def test_cross_fitted_auc_of_many_noise_levels_is_a_half() -> None:
    rng = np.random.default_rng(10)
    areas = []
    for _ in range(40):
        codes, single = bin_codes(rng.integers(0, 400, 2_000).astype(np.float32), category=True)
        counts = count_bins(
            codes, rng.random(2_000) < 0.3, rng.integers(0, 5, 2_000), folds=5, single_values=single
        )
        areas.append(cross_fitted_auc(counts))
    assert np.mean(areas) == pytest.approx(0.5, abs=0.01)  # standard error about .002


def test_of_many_columns_those_that_tell_most_speak_for_the_rest() -> None:
    rng = np.random.default_rng(12)
    n, signal = 1_500, rng.normal(size=1_500)
    y = rng.random(n) < 1 / (1 + np.exp(-1.5 * signal))
    columns: dict[str, np.ndarray] = {f"noise_{k}": rng.normal(size=n) for k in range(120)}
    columns |= {"signal": signal, "reason": 3.0 * (y != (rng.random(n) < 0.06)) + rng.random(n)}
    scan = scan_leaks(table_of(columns), y, seed=1)
    assert scan.names == ("reason",)
    assert scan.rest_auc is not None
    assert 0.70 < scan.rest_auc.value < 0.85  # the signal alone reaches about .82
