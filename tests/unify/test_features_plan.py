"""The plan gives any company its features: any kind, any column, readable, unique, in at most 15 families."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from harken.unify.features.event_plan import grain
from harken.unify.features.formulas import FormulaText, apply_formula, read_formulas, with_formulas
from harken.unify.features.inventory import (
    Inventory,
    KindInventory,
    Level,
    Measured,
    ScoreInventory,
    SnapshotColumn,
)
from harken.unify.features.plan import COLUMNS_AT_MOST, plan
from harken.unify.features.recipes import Catalogue
from harken.vocabulary.errors import SettingsError


def kind(name: str, count: int = 1000, **more: object) -> KindInventory:
    return replace(KindInventory(name, count, -100, -1), **more)


def measured(name: str, mean: float, known: int = 900) -> Measured:
    return Measured(name, known, mean, abs(mean) * known)


def levels(*names: str, count: int = 100) -> tuple[Level, ...]:
    return tuple(Level(name, count) for name in names)


COMPANY = Inventory(
    as_of_us=0,
    people=500,
    joined=400,
    languages=levels("zh-hans", "en"),
    kinds=(
        kind(
            "contact",
            measures=(measured("wait_s", 500.0), measured("duration_s", 300.0), measured("quantity", 0.4)),
            channels=levels("phone", "chat", "e-mail"),
            issues=levels("Billing error", "network down", "其他问题", "送货延误") + levels("rare", count=3),
        ),
        kind("order", measures=(measured("amount_reporting", 60.0), measured("wait_s", 3 * 86400.0))),
        kind("usage", measures=(measured("quantity", 9.0),)),
        kind("behaviour", touchpoints=levels("home", "HOME", "basket")),
        kind("answer"),
        kind("garden visit", measures=(measured("wait_s", 9000.0),)),
    ),
    scores=(ScoreInventory("relationship", "recommend", "nps_0_10", 80),),
)


def names(catalogue: Catalogue) -> list[str]:
    return [feature.name for feature in catalogue.features]


def family(catalogue: Catalogue, name: str) -> str:
    return next(feature.family for feature in catalogue.features if feature.name == name)


def test_names_are_unique_and_blocks_narrow() -> None:
    catalogue = plan(COMPANY)
    assert len(names(catalogue)) == len(set(names(catalogue)))
    assert all(len(block.planned) <= COLUMNS_AT_MOST for block in catalogue.blocks)
    assert {"behaviour_at_home_count_90d", "behaviour_at_home_count_90d_2"} <= set(names(catalogue))
    assert len(catalogue.families) <= 15


def test_every_label_reads_as_a_sentence_part() -> None:
    for feature in plan(COMPANY).features:
        label = str(feature.label)
        assert "{" not in label
        assert label[0].isupper() or label[0].isdigit()
        assert feature.unit in {"minutes", "hours", "days", "count", "currency", "points", "share", ""}
    label = {feature.name: str(feature.label) for feature in plan(COMPANY).features}
    assert label["contact_wait_minutes_mean_90d"] == "Mean wait of contacts, last 90 days (minutes)"
    assert label["contact_about_billing_error_count_30d"] == "Number of contacts about Billing error, last 30 days"
    assert label["tenure_days"] == "Days since the customer joined"
    assert label["garden_visit_count_7d"] == "Number of events “garden visit”, last 7 days"


def test_units_follow_the_data() -> None:
    planned = set(names(plan(COMPANY)))
    assert "order_delivery_days_mean_90d" in planned
    assert "order_delivery_over_5_days_share_90d" in planned
    assert "garden_visit_wait_hours_max_30d" in planned
    assert "contact_wait_over_20_minutes_share_365d" in planned


def test_families_of_events() -> None:
    catalogue = plan(COMPANY)
    assert family(catalogue, "contact_wait_minutes_sum_7d") == "waiting"
    assert family(catalogue, "garden_visit_wait_hours_sum_7d") == "waiting"
    assert family(catalogue, "contact_repeat_same_issue_7d_count_90d") == "repeat_contact"
    assert family(catalogue, "contact_channel_switches_90d") == "transfers"
    assert family(catalogue, "contact_transfers_sum_90d") == "transfers"
    assert family(catalogue, "contact_about_billing_error_count_90d") == "billing"
    assert family(catalogue, "contact_about_network_down_count_90d") == "service_quality"
    assert family(catalogue, "contact_about_其他问题_count_90d") == "contacts"
    assert family(catalogue, "contact_about_送货延误_count_90d") == "delivery"
    assert family(catalogue, "order_delivery_days_mean_30d") == "delivery"
    assert family(catalogue, "answer_relationship_recommend_last") == "past_scores"
    assert "contact_about_rare_count_90d" not in names(catalogue)
    levers = {feature.name: feature.lever for feature in catalogue.features}
    assert levers["contact_count_30d"]
    assert levers["contact_wait_minutes_max_7d"]
    assert not levers["tenure_days"]
    assert not levers["usage_count_30d"]
    assert not levers["contact_days_since_last"]


def test_a_new_kind_needs_no_code() -> None:
    one = plan(Inventory(as_of_us=0, kinds=(kind("门店到访", measures=(measured("quantity", 1.0),)),)))
    assert {"门店到访_count_7d", "门店到访_quantity_sum_365d", "门店到访_gap_days_max_365d"} <= set(names(one))


def test_many_kinds_stay_narrow() -> None:
    kinds = tuple(kind(f"k{n}", count=1000 - n, measures=(measured("quantity", 1.0),)) for n in range(30))
    catalogue = plan(Inventory(as_of_us=0, kinds=kinds))
    assert "k0_quantity_max_7d" in names(catalogue)
    assert "k29_quantity_max_7d" not in names(catalogue)
    assert "k29_count_7d" in names(catalogue)
    assert len(catalogue.families) <= 15


def number(name: str, **more: object) -> SnapshotColumn:
    base = SnapshotColumn("crm", name.lower(), name, "number", "feature", 1000, 1000, 500)
    return replace(base, minimum=0.5, maximum=99.5, **more)


def category(name: str, distinct: int, count: int, **more: object) -> SnapshotColumn:
    read = tuple(Level(f"v{n}", count) for n in range(min(distinct, 31)))
    return SnapshotColumn(
        "crm", name.lower(), name, "category", "feature", 1000, 1000, distinct, levels=read, **more
    )


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (number("CustomerID", whole=True, distinct=1000), "numbers the customers"),
        (number("Unnamed: 0", whole=True, distinct=1000), "numbers the customers"),
        (number("客户编号", whole=True, distinct=1000), "numbers the customers"),
        (replace(number("x", whole=True, distinct=1000), maximum=999.5), "numbers the customers"),
        (number("Quarter", distinct=1), "same value"),
        (replace(number("Nothing", distinct=0), known=0), "empty"),
        (number("CLTV", role="value"), "value"),
        (number("x", role="ignored"), "ignore"),
        (category("Lat Long", 900, 2), "900 different values, and the 30 most frequent are only 6%"),
        (category("Why", 900, 20, mean_length=80.0), "free text"),
    ],
)
def test_columns_left_out_say_why(column: SnapshotColumn, reason: str) -> None:
    catalogue = plan(Inventory(as_of_us=None, snapshots=(column, number("Monthly Charge"))))
    assert names(catalogue) == ["monthly charge"]
    assert [out.name for out in catalogue.left_out] == [column.name]
    assert reason in str(catalogue.left_out[0].reason)


def test_columns_that_look_like_ids_but_are_not() -> None:
    kept = (
        number("Total Revenue", distinct=1000),
        replace(number("km", whole=True, distinct=1000), maximum=90000.0),
        replace(number("id", whole=True, distinct=20, known=20), rows=20),
        category("City", 900, 20),
        category("Plan", 3, 300),
    )
    catalogue = plan(Inventory(as_of_us=None, snapshots=kept))
    assert len(catalogue.features) == len(kept)
    city = next(feature for feature in catalogue.features if feature.name == "city")
    assert len(city.levels) == 31
    assert city.levels[-1] == "other"


def test_declared_families_and_levers_win() -> None:
    columns = (
        number("Monthly Charge", family="fairness", lever=False),
        number("Age", lever=True),
        replace(number("Artwork", whole=True, distinct=5), minimum=1.0, maximum=5.0),
        number("Zork"),
    )
    by_name = {f.name: f for f in plan(Inventory(as_of_us=None, snapshots=columns)).features}
    assert (by_name["monthly charge"].family, by_name["monthly charge"].lever) == ("fairness", False)
    assert by_name["age"].lever
    assert (by_name["artwork"].family, by_name["artwork"].lever) == ("Artwork", True)
    assert by_name["zork"].family == "profile"


def test_equal_names_of_two_sources_are_told_apart() -> None:
    columns = (number("Age"), replace(number("Age"), source="web"), number("order_count_7d"))
    catalogue = plan(Inventory(as_of_us=0, kinds=(kind("order"),), snapshots=columns))
    assert {"age", "web_age", "order_count_7d", "crm_order_count_7d"} <= set(names(catalogue))


def test_account_features_where_accounts_are_shared() -> None:
    assert not any(name.startswith("account") for name in names(plan(COMPANY)))
    shared = names(plan(replace(COMPANY, colleagues=100)))
    assert "account_contact_wait_minutes_mean_90d" in shared
    assert "account_answer_relationship_recommend_mean_365d" in shared
    assert "account_people_count" in shared


def test_grain_keeps_sums_exact() -> None:
    rng = np.random.default_rng(0)
    for scale in (1e-6, 1.0, 1e9):
        numbers = rng.normal(size=5000) * scale
        step = grain(Measured("quantity", 5000, 0.0, float(np.abs(numbers).sum())))
        rounded = np.floor(numbers / step + 0.5) * step
        sums = {float(np.sum(rng.permutation(rounded))) for _ in range(20)}
        assert len(sums) == 1
        assert abs(sums.pop() - numbers.sum()) < 1e-9 * np.abs(numbers).sum()


class TestFormulas:
    catalogue = plan(COMPANY)

    def test_what_is_wrong_is_said_all_at_once(self) -> None:
        formulas = [
            FormulaText("a", "order_count_9d * 2"),
            FormulaText("b", "sqrt(order_count_90d)"),
            FormulaText("contact_count_7d", "order_count_90d"),
            FormulaText("c", "language + 1"),
            FormulaText("d", "order_count_90d +"),
            FormulaText("e", "(SELECT 1)"),
            FormulaText("f", "1 + 2"),
            FormulaText("g", "order_count_90d; drop table x"),
            FormulaText("h", "'x' * order_count_90d"),
        ]
        with pytest.raises(SettingsError) as error:
            with_formulas(self.catalogue, formulas)
        text = str(error.value)
        assert "There is no feature “order_count_9d”; near it are order_count_90d" in text
        assert "“SQRT(order_count_90d)” is not allowed" in text
        assert "column contact_count_7d: There is already a feature of that name." in text
        assert "“language” is a category" in text
        assert "column d: The formula cannot be read." in text
        assert "column f: The formula uses no feature." in text
        assert {problem.column for problem in error.value.problems} == {f.name for f in formulas}

    def test_arithmetic(self) -> None:
        formula = FormulaText("r", "-(order_count_90d - 3) * 0.5 / contact_count_7d", lever=True)
        (made,) = with_formulas(self.catalogue, [formula]).formulas
        assert made.uses == ("order_count_90d", "contact_count_7d")
        given = {"order_count_90d": np.array([5.0, 3.0, 1.0]), "contact_count_7d": np.array([2.0, 0.0, np.nan])}
        np.testing.assert_array_equal(apply_formula(made, given.__getitem__), [-0.5, np.nan, np.nan])
        assert made.feature.family == "orders"
        assert made.feature.lever

    def test_names_in_any_script(self) -> None:
        formula = FormulaText("占比", "contact_about_其他问题_count_90d / contact_count_90d")
        assert with_formulas(self.catalogue, [formula]).features[-1].name == "占比"

    def test_settings_are_read_with_their_mistakes(self) -> None:
        rows = [{"name": "x y", "formula": "a", "famly": "z"}, {"name": "z", "formula": " ", "lever": "yes"}]
        with pytest.raises(SettingsError) as error:
            read_formulas(rows, "harken.toml")
        assert len(error.value.problems) == 4
        assert "harken.toml" in str(error.value)
        assert "“famly” is not known here" in str(error.value)


def test_a_catalogue_can_be_written_down() -> None:
    assert len(json.dumps(asdict(plan(COMPANY)), default=str)) > 10_000


def test_how_many_bills_or_checkouts_there_are_is_no_lever_but_how_one_goes_is() -> None:
    measured = (Measured("quantity", 90, 9.0, 40.0), Measured("amount_reporting", 90, 30.0, 90.0))
    kinds = ("bill", "checkout", "complaint", "price_rise")
    company = Inventory(as_of_us=0, kinds=tuple(KindInventory(kind, 90, -5, -1, measured) for kind in kinds))
    lever = {feature.name: feature.lever for feature in plan(company).features}
    tallies = ("bill_count_90d", "bill_count_trend_90d", "checkout_count_30d", "checkout_quantity_sum_365d")
    for name in (*tallies, "checkout_quantity_sum_trend_90d", "bill_amount_sum_90d", "bill_amount_mean_90d"):
        assert not lever[name], name
    manners = ("checkout_quantity_mean_90d", "checkout_quantity_max_90d")
    for name in (*manners, "complaint_count_90d", "price_rise_count_90d", "price_rise_quantity_sum_90d"):
        assert lever[name], name
