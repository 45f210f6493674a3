"""The raw files: equal for a seed, readable as stated, consistent with each other and with the mappings."""

from __future__ import annotations

import csv
import tomllib
from datetime import date, datetime
from fnmatch import fnmatch
from pathlib import Path

import pytest

from harken.demo import DemoFiles, grow

ENCODINGS = {"crm_customers_cn.csv": "gb18030", "shop_orders.csv": "utf-8-sig"}
TODAY = datetime(2026, 6, 30)


def rows(demo: DemoFiles, name: str) -> list[dict[str, str]]:
    with (demo.folder / name).open(encoding=ENCODINGS.get(name, "utf-8"), newline="") as file:
        return list(csv.DictReader(file, strict=True))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_equal_seeds_write_equal_bytes_and_others_do_not(tmp_path: Path) -> None:
    first, again, other = (
        grow(tmp_path / name, customers=300, seed=seed) for name, seed in (("a", 4), ("b", 4), ("c", 5))
    )
    assert contents(first.folder) == contents(again.folder)
    assert contents(first.folder)["service_tickets.csv"] != contents(other.folder)["service_tickets.csv"]


def test_every_file_parses_in_its_encoding_with_full_rows(demo: DemoFiles) -> None:
    for path in demo.files:
        found = rows(demo, path.name)
        assert found, path.name
        assert all(None not in row and None not in row.values() for row in found), path.name


def test_the_chinese_customer_list_is_gb18030_and_nothing_else(demo: DemoFiles) -> None:
    raw = (demo.folder / "crm_customers_cn.csv").read_bytes()
    assert "客户编号" in raw.decode("gb18030").splitlines()[0]
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_mappings_name_files_and_columns_that_exist(demo: DemoFiles) -> None:
    used: set[str] = set()
    for path in demo.mappings.values():
        mapping = tomllib.loads(path.read_text(encoding="utf-8"))
        for part in mapping["file"]:
            names = [file.name for file in demo.files if fnmatch(file.name, part["name"])]
            assert names, part["name"]
            for name in names:
                header = set(rows(demo, name)[0]) | {
                    new for join in part.get("join", ()) for new in join["columns"]
                }
                missing = named_columns(part) - header
                assert not missing, (name, missing)
                used |= {name, *(join["file"] for join in part.get("join", ()))}
    assert used == {file.name for file in demo.files}


def named_columns(part: dict[str, object]) -> set[str]:
    """Every column a file's mapping names, itself and in its parts."""
    texts = {"wait_unit", "duration_unit", "kind", "outcome", "scale", "programme", "question", "value_period"}
    skip = texts | {"name", "encoding", "join", "columns", "types", "families", "levers", "except"}
    found: set[str] = set()
    for key, value in part.items():
        if key == "people" or isinstance(value, dict):
            inner = value if isinstance(value, dict) else {}
            skipped = {"columns", "except", "types", "families", "levers", "value_period"}
            found |= {entry for name, entry in inner.items() if name not in skipped and isinstance(entry, str)}
        elif isinstance(value, list) and value and isinstance(value[0], dict) and key != "join":
            found |= {column for entry in value for column in named_columns(entry)}
        elif key not in skip and isinstance(value, str):
            found.add(value)
    return {name for name in found if not name.startswith("=")}


def test_customers_are_listed_once_and_everybody_else_is_one_of_them(demo: DemoFiles) -> None:
    listed = [row["客户编号"] for row in rows(demo, "crm_customers_cn.csv")]
    listed += [row["customer_no"] for row in rows(demo, "crm_customers_intl.csv")]
    assert len(listed) == len(set(listed)) == demo.customers
    for path in demo.files:
        found = rows(demo, path.name)
        if "customer_no" in found[0]:
            assert {row["customer_no"] for row in found} <= set(listed), path.name
    users = {row["shop_user"]: row["customer_no"] for row in rows(demo, "shop_users.csv")}
    assert len(users) == len(rows(demo, "shop_users.csv"))
    assert {row["shop_user"] for row in rows(demo, "shop_orders.csv")} <= set(users)


def test_native_ids_are_unique(demo: DemoFiles) -> None:
    for name, column in (
        ("service_tickets.csv", "ticket_no"),
        ("service_calls.csv", "call_no"),
        ("shop_orders.csv", "order_no"),
        ("billing_invoices.csv", "invoice_no"),
        ("after_contact.csv", "response_id"),
    ):
        ids = [row[column] for row in rows(demo, name)]
        assert len(ids) == len(set(ids)), name


def test_nothing_happens_before_joining_after_leaving_or_after_today(demo: DemoFiles) -> None:
    joined, left = {}, {}
    for row in rows(demo, "crm_customers_cn.csv"):
        joined[row["客户编号"]], left[row["客户编号"]] = row["入网日期"], row["离网时间"]
    for row in rows(demo, "crm_customers_intl.csv"):
        joined[row["customer_no"]], left[row["customer_no"]] = row["joined_on"], row["left_at"]
    times = {
        "service_tickets.csv": "opened_at",
        "service_calls.csv": "started_at",
        "usage_monthly.csv": "period_end",
        "usage_app.csv": "period_end",
        "web_pages.csv": "visited_at",
        "web_checkouts.csv": "started_at",
        "billing_invoices.csv": "invoiced_at",
        "billing_price_changes.csv": "valid_from",
        "after_contact.csv": "answered_at",
        **{path.name: "answered_at" for path in demo.files if path.name.startswith("nps_")},
    }
    for name, column in times.items():
        for row in rows(demo, name):
            when, customer = datetime.fromisoformat(row[column]), row["customer_no"]
            assert datetime.fromisoformat(joined[customer]) <= when < TODAY, (name, row)
            assert not left[customer] or when <= datetime.fromisoformat(left[customer]), (name, row)


def test_closures_agree_with_the_customer_list(demo: DemoFiles) -> None:
    closed = {row["customer_no"]: row["closed_at"] for row in rows(demo, "billing_closures.csv")}
    listed = {row["客户编号"]: row["离网时间"] for row in rows(demo, "crm_customers_cn.csv") if row["离网时间"]}
    listed |= {row["customer_no"]: row["left_at"] for row in rows(demo, "crm_customers_intl.csv") if row["left_at"]}
    assert closed == listed


def test_the_leak_is_filled_for_leavers_and_notice_only(demo: DemoFiles) -> None:
    closed = {row["customer_no"] for row in rows(demo, "billing_closures.csv")}
    filled = {row["customer_no"] for row in rows(demo, "crm_subscriptions.csv") if row["account_status_reason"]}
    assert len(filled & closed) / len(closed) > 0.9
    assert len(filled - closed) < 0.02 * demo.customers


def test_answers_lie_on_their_scales_and_comments_are_in_the_customers_language(demo: DemoFiles) -> None:
    simplified = {row["客户编号"] for row in rows(demo, "crm_customers_cn.csv")}
    said = [row for path in demo.files if path.name.startswith("nps_") for row in rows(demo, path.name)]
    assert {int(row["recommend"]) for row in said} <= set(range(11))
    comments = [row for row in said if row["why"]]
    assert 0.45 < len(comments) / len(said) < 0.75
    assert any("账单" in row["why"] for row in comments) or any("帳單" in row["why"] for row in comments)
    for row in comments:
        if row["customer_no"] in simplified:
            assert not set("帳單訊號結處讓貴務產聯繫網") & set(row["why"]), row["why"]
    after = rows(demo, "after_contact.csv")
    assert {int(row["satisfied"]) for row in after} <= set(range(1, 6))
    assert {int(row["easy"]) for row in after} <= set(range(1, 8))


def test_another_today_moves_every_date(tmp_path: Path) -> None:
    demo = grow(tmp_path, customers=120, today=date(2025, 3, 1))
    assert max(row["visited_at"] for row in rows(demo, "web_pages.csv")) < "2025-03-01"
    assert (tmp_path / "nps_2024-12-01.csv").exists()


@pytest.mark.parametrize("settings", [{"customers": 0}, {"world": "rosy"}])
def test_impossible_companies_are_refused(tmp_path: Path, settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="the demo"):
        grow(tmp_path, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("customers", [1, 3, 40])
def test_very_small_companies_grow_too(tmp_path: Path, customers: int) -> None:
    assert grow(tmp_path, customers=customers).customers == customers
