"""What each source system exports: which rows, which columns, under which headers."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from harken.demo.block import Block
from harken.demo.company import CONTRACTS, DAY_SECONDS, HISTORY_DAYS, ISSUES, LANGUAGES, PLANS, WAVE_DAYS
from harken.demo.customers import DEVICES, GENDERS, PAYMENTS, REGIONS, ROLES, SALES_CHANNELS
from harken.demo.happenings import CHANNELS, PRODUCT_PRICES, PRODUCTS
from harken.demo.names import OWNERS, account_name, people
from harken.demo.streams import stream
from harken.demo.surveys import WAVE_CHANNELS
from harken.demo.traces import LOGIN_DAYS, PAGES, USAGE_DAYS, share_there
from harken.demo.words import ticket_texts
from harken.demo.writing import Clock, Layout, RawFiles, Texts, decimals, named

NOW_SECOND = HISTORY_DAYS * DAY_SECONDS
REASONS = ("moved away", "competitor offer", "too expensive", "service", "not paid", "no longer needed")
LEAK_COLUMN = "account_status_reason"
LEGITIMATE_COLUMN = "cancelled_addons"
SUBSCRIPTION_COLUMNS = (
    "customer_no", "customer_type", "plan", "contract", "region", "gender", "birth_year", "sales_channel",
    "payment_method", "device", "newsletter", LEGITIMATE_COLUMN, "monthly_charge", LEAK_COLUMN,
)  # fmt: skip
NOTICE_DAYS = 10
"""Leaving is in the books this long before it takes effect, for six of ten leavers."""


def wave_file(day: int, start: date) -> str:
    """File name of the relationship wave sent on a day of the history.

    >>> wave_file(450, date(2025, 1, 6))
    'nps_2026-04-01.csv'
    """
    return f"nps_{(start + timedelta(days=day)).isoformat()}.csv"


def layouts(start: date) -> tuple[Layout, ...]:
    """All raw files with their headers and encodings."""
    wave_header = ("response_id", "customer_no", "sent_on", "answered_at", "channel", "recommend", "why")
    return (
        Layout(
            "crm_customers_cn.csv",
            ("客户编号", "姓名", "电子邮箱", "手机", "语言", "入网日期", "离网时间", "企业编号", "角色"),
            "gb18030",
            "\r\n",
        ),
        Layout(
            "crm_customers_intl.csv",
            ("customer_no", "name", "email", "phone", "language", "joined_on", "left_at", "account_no", "role"),
        ),
        Layout("crm_accounts.csv", ("account_no", "name", "parent_no", "owner", "yearly_value", "renewal_on")),
        Layout("crm_subscriptions.csv", SUBSCRIPTION_COLUMNS),
        Layout("billing_closures.csv", ("customer_no", "closed_at")),
        Layout("billing_invoices.csv", ("invoice_no", "customer_no", "invoiced_at", "amount")),
        Layout("billing_price_changes.csv", ("customer_no", "valid_from", "percent")),
        Layout("shop_users.csv", ("shop_user", "customer_no")),
        Layout(
            "shop_orders.csv",
            ("order_no", "shop_user", "product", "items", "amount", "ordered_at", "delivered_at"),
            "utf-8-sig",
        ),
        Layout("usage_monthly.csv", ("customer_no", "period_end", "data_gb", "call_minutes")),
        Layout("usage_app.csv", ("customer_no", "period_end", "app_logins")),
        Layout(
            "service_tickets.csv",
            ("ticket_no", "customer_no", "opened_at", "channel", "issue", "wait_minutes", "team", "text"),
        ),
        Layout(
            "service_calls.csv",
            ("call_no", "customer_no", "started_at", "issue", "queue_seconds", "talk_seconds", "transfers", "team"),
        ),
        Layout("web_pages.csv", ("customer_no", "visited_at", "page", "seconds")),
        Layout("web_checkouts.csv", ("customer_no", "started_at", "clicks", "completed")),
        *(Layout(wave_file(day, start), wave_header) for day in WAVE_DAYS),
        Layout("after_contact.csv", ("response_id", "customer_no", "answered_at", "satisfied", "easy")),
    )


class Exports:
    """Writes one block after the other into the raw files of all source systems."""

    def __init__(self, files: RawFiles, start: date, seed: int) -> None:
        self._files, self._start, self._seed = files, start, seed
        self._clock = Clock(start, -3660, HISTORY_DAYS + 400)
        self.signals = 0

    def write(self, block: Block) -> None:
        """Every system's rows of one block."""
        number = np.char.add("C", np.char.zfill(block.customers.number.astype(str), 7)).astype(object)
        self._crm(block, number)
        self._billing(block, number)
        self._shop(block, number)
        self._usage(block, number)
        self._service(block, number)
        self._web(block, number)
        self._surveys(block, number)

    def _there(self, block: Block, row: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
        """Positions of the events that happen within the history while their customer is one."""
        left = np.round(block.left_day * DAY_SECONDS).astype(np.int64)[row]
        joined = block.customers.joined_day[row] * DAY_SECONDS
        kept = np.flatnonzero((second >= np.maximum(joined, 0)) & (second < np.minimum(left, NOW_SECOND)))
        self.signals += len(kept)
        return kept

    def _left_texts(self, block: Block) -> Texts:
        """Leaving times as printed, empty for those who have not left by today."""
        left = block.left_day < HISTORY_DAYS
        texts = np.full(block.customers.n, "", dtype=object)
        texts[left] = self._clock.times(np.round(block.left_day[left] * DAY_SECONDS).astype(np.int64))
        return texts

    def _crm(self, block: Block, number: Texts) -> None:
        customers = block.customers
        names, emails, phones = people(customers, block.index, self._seed)
        account = np.full(customers.n, "", dtype=object)
        account[customers.business] = [f"B{no:07d}" for no in customers.account[customers.business].tolist()]
        columns = [
            number,
            names,
            emails,
            phones,
            named(LANGUAGES, customers.language),
            self._clock.dates(customers.joined_day),
            self._left_texts(block),
            account,
            np.where(customers.business, named(ROLES, customers.role), ""),
        ]
        mainland = customers.language == 0
        self._files.write("crm_customers_cn.csv", [column[mainland] for column in columns])
        self._files.write("crm_customers_intl.csv", [column[~mainland] for column in columns])
        self._subscriptions(block, number)
        self._accounts(block)

    def _subscriptions(self, block: Block, number: Texts) -> None:
        customers = block.customers
        self._files.write(
            "crm_subscriptions.csv",
            [
                number,
                np.where(customers.business, "business", "consumer"),
                named(PLANS, customers.plan),
                named(CONTRACTS, customers.contract),
                named(REGIONS, customers.region),
                named(GENDERS, customers.gender),
                self._start.year - customers.age_years,
                named(SALES_CHANNELS, customers.sales_channel),
                named(PAYMENTS, customers.payment),
                named(DEVICES, customers.device),
                np.where(customers.newsletter, "yes", "no"),
                customers.addons_cancelled,
                decimals(charge_now(block), 2),
                self._status_reasons(block),
            ],
        )

    def _status_reasons(self, block: Block) -> Texts:
        """The planted leak: a reason is entered when a customer leaves, or has given notice, and never else."""
        rng = stream(self._seed, block.index, "status reason")
        n = block.customers.n
        reason, kept, notice = rng.integers(0, len(REASONS), n), rng.random(n) < 0.97, rng.random(n) < 0.6
        left = (block.left_day < HISTORY_DAYS) & kept
        soon = (block.left_day >= HISTORY_DAYS) & (block.left_day < HISTORY_DAYS + NOTICE_DAYS) & notice
        return np.where(left | soon, named(REASONS, reason), "")

    def _accounts(self, block: Block) -> None:
        customers = block.customers
        member = customers.business
        numbers, first, group = np.unique(customers.account[member], return_index=True, return_inverse=True)
        still = (block.left_day >= HISTORY_DAYS)[member]
        value = np.bincount(group, weights=12 * charge_now(block)[member] * still, minlength=len(numbers))
        script = customers.language[member][first]
        rng = stream(self._seed, block.index, "accounts")
        renewal = HISTORY_DAYS + rng.integers(5, 365, len(numbers))
        parent = np.where((np.arange(len(numbers)) % 9 == 8), np.roll(numbers, 1), -1)
        owner = rng.integers(0, len(OWNERS), len(numbers))
        self._files.write(
            "crm_accounts.csv",
            [
                [f"B{no:07d}" for no in numbers.tolist()],
                [account_name(no, code) for no, code in zip(numbers.tolist(), script.tolist(), strict=True)],
                [f"B{no:07d}" if no >= 0 else "" for no in parent.tolist()],
                named(OWNERS, owner),
                decimals(value, 2),
                self._clock.dates(renewal),
            ],
        )

    def _billing(self, block: Block, number: Texts) -> None:
        invoices = block.happenings.invoices
        left = np.flatnonzero(block.left_day < HISTORY_DAYS)
        left = left[np.argsort(block.left_day[left], kind="stable")]
        self._files.write("billing_closures.csv", [number[left], self._left_texts(block)[left]])
        day = invoices.day.ravel()
        row = np.repeat(np.arange(block.customers.n), invoices.day.shape[1])
        order = np.argsort(day, kind="stable")
        order = order[self._there(block, row[order], day[order] * DAY_SECONDS + 6 * 3600)]
        second = day[order] * DAY_SECONDS + 6 * 3600
        rng = stream(self._seed, block.index, "extras")
        extra = np.where(rng.random(len(day)) < 0.08, np.round(rng.uniform(5, 60, len(day)), 2), 0.0)[order]
        amount = 2 * invoices.charge.ravel()[order] + extra
        column = order % invoices.day.shape[1]
        self._files.write(
            "billing_invoices.csv",
            [
                [f"I{r}-{c:02d}" for r, c in zip(block.customers.number[row[order]].tolist(), column.tolist(),
                                                 strict=True)],
                number[row[order]],
                self._clock.times(second),
                decimals(amount, 2),
            ],
        )  # fmt: skip
        rise = invoices.rise_percent.ravel()[order]
        risen = rise > 0
        self.signals += int(risen.sum())
        self._files.write(
            "billing_price_changes.csv",
            [number[row[order]][risen], self._clock.times(second[risen]), decimals(rise[risen], 1)],
        )

    def _shop(self, block: Block, number: Texts) -> None:
        orders = block.happenings.orders
        kept = self._there(block, orders.customer, orders.second)
        user = np.array([f"u{no * 37 % 99_999_989:08d}" for no in block.customers.number.tolist()], dtype=object)
        buyers = np.unique(orders.customer[kept])
        self._files.write("shop_users.csv", [user[buyers], number[buyers]])
        row, delivered = orders.customer[kept], orders.delivered_second[kept]
        arrived = delivered < np.minimum(np.round(block.left_day[row] * DAY_SECONDS), NOW_SECOND)
        texts = np.full(len(kept), "", dtype=object)
        texts[arrived] = self._clock.times(delivered[arrived])
        amount = PRODUCT_PRICES[orders.product[kept]] * orders.items[kept]
        self._files.write(
            "shop_orders.csv",
            [
                [f"O{block.index:04d}{no:07d}" for no in kept.tolist()],
                user[row],
                named(PRODUCTS, orders.product[kept]),
                orders.items[kept],
                decimals(amount, 2),
                self._clock.times(orders.second[kept]),
                texts,
            ],
        )

    def _usage(self, block: Block, number: Texts) -> None:
        for days, name in ((USAGE_DAYS, "usage_monthly.csv"), (LOGIN_DAYS, "usage_app.csv")):
            there = share_there(block.customers, days) > 0
            for period in range(HISTORY_DAYS // days):
                second = np.full(block.customers.n, (period + 1) * days * DAY_SECONDS - 1)
                rows = np.arange(block.customers.n)
                if name == "usage_app.csv":
                    rows = rows[block.usage.logins[:, period] > 0]
                rows = rows[there[rows, period]]
                rows = rows[self._there(block, rows, second[rows])]
                columns = (
                    [decimals(block.usage.gigabytes[rows, period], 2), block.usage.minutes[rows, period]]
                    if name == "usage_monthly.csv"
                    else [block.usage.logins[rows, period]]
                )
                self._files.write(name, [number[rows], self._clock.times(second[rows]), *columns])

    def _service(self, block: Block, number: Texts) -> None:
        contacts, customers = block.happenings.contacts, block.customers
        rng = stream(self._seed, block.index, "service")
        talk = np.round(np.exp(rng.normal(5.4, 0.5, len(contacts.second)))).astype(np.int64)
        draw = rng.random(len(contacts.second))
        kept = self._there(block, contacts.customer, contacts.second)
        row = contacts.customer[kept]
        team = np.where(customers.rosy[row], "Home ", "Line ").astype(object) + named(
            [f"{team + 1:02d}" for team in range(customers.team.max() + 1)], customers.team[row]
        )
        code = np.array([f"{block.index:04d}{no:07d}" for no in kept.tolist()], dtype=object)
        called = contacts.channel[kept] == 0
        issue, when = named(ISSUES, contacts.issue[kept]), self._clock.times(contacts.second[kept])
        text = ticket_texts(customers.language[row], contacts.issue[kept], contacts.repeat[kept], draw[kept])
        wait = contacts.wait_s[kept]
        self._files.write(
            "service_tickets.csv",
            [
                column[~called]
                for column in ("T" + code, number[row], when, named(CHANNELS, contacts.channel[kept]), issue,
                               np.array(decimals(wait / 60, 2), dtype=object), team, text)
            ],
        )  # fmt: skip
        self._files.write(
            "service_calls.csv",
            [
                column[called]
                for column in (
                    "P" + code,
                    number[row],
                    when,
                    issue,
                    wait,
                    talk[kept],
                    contacts.transfers[kept],
                    team,
                )
            ],
        )

    def _web(self, block: Block, number: Texts) -> None:
        visits, checkouts = block.visits, block.happenings.checkouts
        kept = self._there(block, visits.customer, visits.second)
        self._files.write(
            "web_pages.csv",
            [number[visits.customer[kept]], self._clock.times(visits.second[kept]),
             named(PAGES, visits.page[kept]), visits.seconds_there[kept]],
        )  # fmt: skip
        kept = self._there(block, checkouts.customer, checkouts.second)
        self._files.write(
            "web_checkouts.csv",
            [number[checkouts.customer[kept]], self._clock.times(checkouts.second[kept]),
             checkouts.clicks[kept], np.where(checkouts.bought[kept], "yes", "no")],
        )  # fmt: skip

    def _surveys(self, block: Block, number: Texts) -> None:
        for wave in block.waves:
            order = np.argsort(wave.second, kind="stable")
            row = wave.rows[order]
            sent = (self._start + timedelta(days=wave.day)).isoformat()
            self.signals += len(row)
            self._files.write(
                wave_file(wave.day, self._start),
                [
                    [f"R{wave.day:03d}-{no}" for no in block.customers.number[row].tolist()],
                    number[row],
                    [sent] * len(row),
                    self._clock.times(wave.second[order]),
                    named(WAVE_CHANNELS, wave.channel[order]),
                    wave.latent[row],
                    wave.comment[order],
                ],
            )
        answers = block.contact_answers
        customer = block.happenings.contacts.customer[answers.contact]
        order = np.argsort(answers.second, kind="stable")
        kept = order[self._there(block, customer[order], answers.second[order])]
        self.signals += len(kept)
        self._files.write(
            "after_contact.csv",
            [
                [f"A{block.index:04d}{no:07d}" for no in answers.contact[kept].tolist()],
                number[customer[kept]],
                self._clock.times(answers.second[kept]),
                answers.csat[kept],
                answers.ces[kept],
            ],
        )


def charge_now(block: Block) -> NDArray[np.float64]:
    """Monthly charge at today, or at leaving for those who left, shape (n,)."""
    invoices = block.happenings.invoices
    until = np.minimum(block.left_day, HISTORY_DAYS)
    past = (invoices.day < until[:, None]).sum(axis=1)
    last = invoices.charge[np.arange(block.customers.n), np.maximum(past - 1, 0)]
    return np.where(past > 0, last, block.customers.charge_first)
