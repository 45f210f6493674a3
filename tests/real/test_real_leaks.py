"""Leaks in real files: all that know the outcome are found unasked, hardly anything else is touched."""

from __future__ import annotations

import numpy as np
import pytest
from wide_tables import feature_table, joined, rows_of

from harken.learn.leaks import scan_leaks

pytestmark = pytest.mark.real

TELECOM = "ibm_telco_cognos/Telco_customer_churn_"


def test_every_column_written_after_the_fact_is_set_aside_and_no_other() -> None:
    parts = [f"{TELECOM}{part}.csv" for part in ("demographics", "services", "location", "status")]
    rows = joined(parts, "Customer ID")
    table = feature_table(rows, without=["Customer ID"])
    left = np.array([row["Churn Value"] == "1" for row in rows])
    scan = scan_leaks(table, left, seed=1)
    assert set(scan.names) == {
        "Satisfaction Score",
        "Customer Status",
        "Churn Label",
        "Churn Value",
        "Churn Score",
        "Churn Category",
        "Churn Reason",
    }
    assert scan.suspects == ()
    assert all(leak.messages for leak in scan.set_aside)


def test_at_most_one_honest_column_is_flagged_in_three_honest_files() -> None:
    classic = rows_of("ibm_telco_classic/Telco-Customer-Churn.csv")
    phones = rows_of("cell2cell/cell2celltrain.csv.zip")
    flights = rows_of("airline_satisfaction/train.csv.zip")
    flagged = []
    for rows, outcome, yes, identifiers in (
        (classic, "Churn", "Yes", ["customerID"]),
        (phones, "Churn", "Yes", ["CustomerID"]),
        (flights, "satisfaction", "satisfied", ["", "id"]),
    ):
        happened = np.array([row[outcome] == yes for row in rows])
        table = feature_table(rows, without=[outcome, *identifiers])
        for y in (happened, ~happened):
            flagged += scan_leaks(table, y, seed=1).names
    assert len(flagged) <= 1, flagged
