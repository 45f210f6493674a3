"""Five files of an imaginary shop, as five systems export them, with known truth (everything is simulated).

Of about 4,000 customers a second contact within 14 days raises leaving to 1.9 times, each click of the checkout
above 5 raises it further (nobody has 3 clicks or fewer), and `cancel_reason` is filled for leavers alone: a leak.
214 rows are broken on purpose, in ways that real exports are.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter
from numpy.typing import NDArray

START = date(2024, 4, 1)
DAYS = 450
MONTH = 30
REPEAT_RATIO = 1.9
LOG_HAZARD_PER_CLICK = 0.09
HAZARD = 0.016
"""Chance to leave within 30 days without a repeat contact and with 5 clicks."""

CUSTOMERS, ORDERS, EVENTS, TICKETS = "customers.csv", "orders.csv", "web_events.csv", "tickets.csv"
SURVEY = "问卷星_满意度调查.xlsx"
BAD_ROWS = {CUSTOMERS: 10, ORDERS: 80, EVENTS: 60, TICKETS: 50, SURVEY: 14}
EFFORT = "3、办理业务有多费力？（1-7）"
"""The column whose direction no program can know: here 7 is the hardest."""

REGIONS = ("华东", "华南", "华北", "西南")
PLANS = ("基础版", "标准版", "尊享版")
REASONS = ("价格太高", "搬家", "服务不好", "不再需要")
ISSUES = ("账单", "配送", "退货", "登录")
CHANNELS = ("电话", "在线客服", "邮件")
PAGES = ("home", "product", "cart", "help")
REMARKS = (
    "客服等太久了，打了三次电话",
    "配送很快，很满意",
    "结账步骤太多，点了好多次",
    "价格有点贵",
    "挺好的，会继续用",
)

Ints = NDArray[np.int64]


def write_five_files(folder: Path, seed: int, *, customers: int = 4_000) -> dict[str, Any]:
    """Write the files into `folder`; what is true of them.

    The keys: `files` (five paths), `rows` and `bad_rows` by file name (broken rows are extra ones, included in
    `rows`), `customers`, `leavers`, `repeat_ratio`, `clicks` (lowest and highest mean of a customer), `effort`
    (the column to correct: there 7 is bad), `today` (the day after the last event).
    """
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    clicks = rng.uniform(5, 20, customers)
    contacts = _contacts(rng, customers)
    left = _leaving(rng, clicks, contacts)
    number = np.array([f"K{no:05d}" for no in range(1, customers + 1)], dtype=object)
    rows = {
        CUSTOMERS: _customers(folder / CUSTOMERS, rng, number, left),
        ORDERS: _orders(folder / ORDERS, rng, number, left),
        EVENTS: _events(folder / EVENTS, rng, number, left, clicks),
        TICKETS: _tickets(folder / TICKETS, rng, number, left, contacts),
        SURVEY: _survey(folder / SURVEY, rng, number, left, clicks, contacts),
    }
    return {
        "files": [folder / name for name in rows],
        "rows": rows,
        "bad_rows": BAD_ROWS,
        "customers": customers,
        "leavers": int((left < DAYS).sum()),
        "repeat_ratio": REPEAT_RATIO,
        "clicks": (5, 20),
        "effort": EFFORT,
        "today": START + timedelta(days=DAYS),
    }


def _contacts(rng: np.random.Generator, customers: int) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Customer, day and whether it is the second within 14 days, for every contact, by customer and day."""
    first = rng.poisson(0.22 * DAYS / MONTH, customers)
    who = np.repeat(np.arange(customers), first)
    day = rng.integers(0, DAYS, len(who))
    again = rng.random(len(who)) < 0.45
    who = np.concatenate([who, who[again]])
    day = np.concatenate([day, day[again] + rng.integers(5, 14, int(again.sum()))])
    order = np.lexsort((day, who))
    who, day = who[order], day[order]
    second = np.zeros(len(who), dtype=bool)
    second[1:] = (who[1:] == who[:-1]) & (day[1:] - day[:-1] <= 14)
    kept = day < DAYS
    return who[kept], day[kept], second[kept]


def _leaving(rng: np.random.Generator, clicks: NDArray[np.float64], contacts: tuple[Ints, Ints, Any]) -> Ints:
    """The day on which each customer leaves; DAYS for those who stay."""
    who, day, second = contacts
    left = np.full(len(clicks), DAYS)
    for start in range(0, DAYS, MONTH):
        lately = second & (day < start) & (day >= start - 90)
        repeated = np.bincount(who[lately], minlength=len(clicks)) > 0
        hazard = HAZARD * np.exp(LOG_HAZARD_PER_CLICK * (clicks - 5)) * np.where(repeated, REPEAT_RATIO, 1.0)
        goes = (left == DAYS) & (rng.random(len(clicks)) < hazard)
        left[goes] = start + rng.integers(0, MONTH, int(goes.sum()))
    return left


def _when(rng: np.random.Generator, days: Ints, pattern: str = "%Y-%m-%d {clock}") -> list[str]:
    written = [(START + timedelta(days=day)).strftime(pattern) for day in range(DAYS + 30)]
    seconds = rng.integers(8 * 3600, 22 * 3600, len(days)).tolist()
    return [
        written[day].format(clock=f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}")
        for day, second in zip(days.tolist(), seconds, strict=True)
    ]


def _any(rng: np.random.Generator, texts: Sequence[str], count: int) -> list[str]:
    return [texts[at] for at in rng.integers(0, len(texts), count)]


def _happenings(rng: np.random.Generator, left: Ints, per_month: float) -> tuple[Ints, Ints]:
    """Customers and days of events that happen while they are customers, by day."""
    who = np.repeat(np.arange(len(left)), rng.poisson(per_month * DAYS / MONTH, len(left)))
    day = rng.integers(0, DAYS, len(who))
    kept = day < left[who]
    order = np.argsort(day[kept], kind="stable")
    return who[kept][order], day[kept][order]


def _write(path: Path, encoding: str, header: Sequence[str], rows: list[Sequence[Any]]) -> int:
    with path.open("w", encoding=encoding, newline="") as file:
        out = csv.writer(file)
        out.writerow(header)
        out.writerows(rows)
    return len(rows)


def _customers(path: Path, rng: np.random.Generator, number: Any, left: Ints) -> int:
    n = len(number)
    joined = [START - timedelta(days=int(days)) for days in rng.integers(30, 2000, n)]
    fee = np.round(rng.uniform(80, 400, n), 0).astype(int)
    region, plan, reason = _any(rng, REGIONS, n), _any(rng, PLANS, n), _any(rng, REASONS, n)
    rows: list[Sequence[Any]] = [
        (
            number[i],
            f"顾客{i + 1}",
            f"k{i + 1}@example.com",
            region[i],
            plan[i],
            joined[i].isoformat(),
            (START + timedelta(days=int(left[i]))).isoformat() if left[i] < DAYS else "",
            fee[i],
            reason[i] if left[i] < DAYS else "",
        )
        for i in range(n)
    ]
    rows += [
        (f"K9{bad:04d}", "旧系统", "", REGIONS[0], PLANS[0], "2019-02-31", "", 100, "")
        for bad in range(BAD_ROWS[CUSTOMERS])
    ]
    header = ("客户编号", "姓名", "电子邮箱", "地区", "套餐", "入网日期", "离网日期", "月费", "cancel_reason")
    return _write(path, "gb18030", header, rows)


def _orders(path: Path, rng: np.random.Generator, number: Any, left: Ints) -> int:
    who, day = _happenings(rng, left, 0.5)
    took, items = rng.integers(1, 9, len(who)), rng.integers(1, 5, len(who))
    amount = np.round(np.exp(rng.normal(5, 0.6, len(who))), 2)
    ordered = _when(rng, day)
    delivered = _when(rng, day + took)
    rows: list[Sequence[Any]] = [
        (f"O{i:06d}", number[who[i]], ordered[i], delivered[i], items[i], amount[i]) for i in range(len(who))
    ]
    rows += [
        (f"O9{bad:05d}", number[bad], ordered[bad], delivered[bad], 1, "1O9.5O") for bad in range(BAD_ROWS[ORDERS])
    ]
    return _write(path, "utf-8", ("order_no", "customer_id", "ordered_at", "delivered_at", "items", "amount"), rows)


def _events(path: Path, rng: np.random.Generator, number: Any, left: Ints, clicks: Any) -> int:
    who, day = _happenings(rng, left, 0.9)
    seconds = np.maximum(np.round(np.exp(rng.normal(3.5, 0.8, len(who)))), 1).astype(int)
    checkout = rng.random(len(who)) < 0.6
    page = _any(rng, PAGES, len(who))
    spent = np.maximum(np.round(clicks[who] + rng.normal(0, 1, len(who))), 4).astype(int)
    at = _when(rng, day)
    rows: list[Sequence[Any]] = [
        (
            number[who[i]],
            at[i],
            "checkout" if checkout[i] else page[i],
            seconds[i],
            spent[i] if checkout[i] else "",
        )
        for i in range(len(who))
    ]
    rows += [(number[bad], "2025-02-30 12:00:00", "home", 10, "") for bad in range(BAD_ROWS[EVENTS])]
    return _write(path, "utf-8-sig", ("customer_id", "visited_at", "page", "seconds", "checkout_clicks"), rows)


def _tickets(path: Path, rng: np.random.Generator, number: Any, left: Ints, contacts: Any) -> int:
    who, day, second = contacts
    issue = _any(rng, ISSUES, len(who))
    for i in np.flatnonzero(second).tolist():
        issue[i] = issue[i - 1]
    there = day < left[who]
    issue = [text for text, kept in zip(issue, there.tolist(), strict=True) if kept]
    who, day = who[there], day[there]
    at = _when(rng, day)
    wait = np.round(np.exp(rng.normal(2.2, 0.7, len(who))), 1)
    channel = _any(rng, CHANNELS, len(who))
    rows: list[Sequence[Any]] = [
        (
            f"T{i:06d}",
            number[who[i]],
            at[i],
            channel[i],
            issue[i],
            wait[i],
            f"{issue[i]}的问题，单号 {i}，请尽快处理，谢谢",
        )
        for i in range(len(who))
    ]
    rows += [
        (f"T9{bad:05d}", number[bad], "昨天下午", CHANNELS[0], ISSUES[0], 5, "旧工单")
        for bad in range(BAD_ROWS[TICKETS])
    ]
    header = ("ticket_no", "customer_id", "opened_at", "channel", "issue", "wait_minutes", "description")
    return _write(path, "utf-8", header, rows)


def _survey(path: Path, rng: np.random.Generator, number: Any, left: Ints, clicks: Any, contacts: Any) -> int:
    """An export as 问卷星 makes them: Chinese questions as headers, the answers behind the paper data."""
    who, day, second = contacts
    asked = DAYS - 60
    troubled = np.bincount(who[second & (day < asked) & (day > asked - 90)], minlength=len(number)) > 0
    there = np.flatnonzero((left > asked) & (rng.random(len(number)) < 0.25))
    mood = 9.4 - 0.2 * (clicks[there] - 5) - 2.0 * troubled[there] + rng.normal(0, 2.4, len(there))
    score = np.clip(np.round(mood), 0, 10).astype(int)
    hard = np.clip(np.round(1.5 + 0.25 * (clicks[there] - 5) + rng.normal(0, 1, len(there))), 1, 7).astype(int)
    seconds, wrote = rng.integers(20, 200, len(there)), rng.random(len(there)) < 0.5
    remark = _any(rng, REMARKS, len(there))
    days = asked + rng.integers(0, 14, len(there))
    at = _when(rng, days, "%Y/%m/%d {clock}")
    rows: list[Sequence[Any]] = [
        (
            i + 1,
            at[i],
            f"{seconds[i]}秒",
            "微信",
            number[there[i]],
            int(score[i]),
            int(hard[i]),
            f"{remark[i]}（{i + 1}）" if wrote[i] else "",
        )
        for i in range(len(there))
    ]
    rows += [
        (len(there) + bad + 1, at[bad], "3秒", "微信", number[there[bad]], 12, 4, "")
        for bad in range(BAD_ROWS[SURVEY])
    ]
    header = (
        "序号",
        "提交答卷时间",
        "所用时间",
        "来源",
        "1、您的客户编号是？",
        "2、您有多大可能把我们推荐给朋友？（0-10）",
        EFFORT,
        "4、您还有什么建议？",
    )
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sheet1")
        for position, row in enumerate([header, *rows]):
            sheet.write_row(position, 0, row)
    return len(rows)
