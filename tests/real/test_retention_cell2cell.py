"""A real mobile network with 51,047 customers: the forecast, its drivers and a lever known from the trade."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from wide_tables import feature_table, joined, rows_of

from harken.learn.drivers import lever_effects, rank_families
from harken.learn.drivers.shape import ShapeKind
from harken.learn.leaks import scan_leaks
from harken.learn.retention import fit_retention
from harken.unify.features.catalogue import FeatureTable
from harken.unify.features.families import is_lever, propose

pytestmark = pytest.mark.real


def _with_families(table: FeatureTable) -> FeatureTable:
    families = [propose(feature.name) or "profile" for feature in table.features]
    features = tuple(
        replace(feature, family=family, lever=is_lever(family))
        for feature, family in zip(table.features, families, strict=True)
    )
    return FeatureTable(table.customer_id, table.values, features, None)


@pytest.fixture(scope="module")
def network() -> tuple[FeatureTable, np.ndarray]:
    rows = rows_of("cell2cell/cell2celltrain.csv.zip")
    table = feature_table(rows, without=["CustomerID", "Churn"])
    return _with_families(table), np.array([row["Churn"] == "Yes" for row in rows])


def test_the_forecast_reaches_what_is_known_for_these_data(network: tuple[FeatureTable, np.ndarray]) -> None:
    table, left = network
    figures = fit_retention(table, left, seed=1).result.validation
    assert figures.auc.value >= 0.66
    assert figures.calibration_slope.value == pytest.approx(1.0, abs=0.05)
    assert figures.deciles[-1].actual.value > 4 * figures.deciles[0].actual.value


def test_equipment_usage_and_tenure_lead_and_old_equipment_has_its_threshold(
    network: tuple[FeatureTable, np.ndarray],
) -> None:
    table, left = network
    ranking = rank_families(table, left, seed=1)
    assert {row.family for row in ranking.families[:3]} == {"equipment", "usage", "tenure"}
    equipment = lever_effects(table, left, seed=1, families=["equipment"]).levers[0]
    assert equipment.column == "CurrentEquipmentDays"
    assert equipment.effect.adjusted.estimate.interval.lower > 0.05
    assert equipment.effect.adjusted.estimate.value < equipment.effect.raw.estimate.value
    # contracts with a subsidised phone end after about ten months
    assert equipment.shape is not None
    assert equipment.shape.kind is ShapeKind.THRESHOLD
    assert 280 < equipment.shape.threshold.place.value < 330


def test_the_telecom_sample_is_honest_once_its_leaks_are_set_aside() -> None:
    stem = "ibm_telco_cognos/Telco_customer_churn_"
    rows = joined([f"{stem}{part}.csv" for part in ("demographics", "services", "status")], "Customer ID")
    table = _with_families(feature_table(rows, without=["Customer ID"]))
    left = np.array([row["Churn Value"] == "1" for row in rows])
    leaks = scan_leaks(table, left, seed=1).names
    result = fit_retention(table, left, seed=1, leaks_set_aside=leaks).result
    assert 0.84 < result.validation.auc.value < 0.92
    assert set(result.set_aside) == set(leaks)
    ranking = rank_families(table, left, seed=1, without=leaks)
    assert ranking.families[0].family in ("price", "plan", "services")
    plan = lever_effects(table, left, seed=1, without=leaks, families=["plan"]).levers[0]
    assert plan.column == "Contract"
    assert str(plan.part.words) == "Month-to-Month"
    assert plan.effect.risk_ratio.interval.lower > 2
