"""The features of the big lake as an analyst would write them in SQL: one query per kind, joined at the end."""

from __future__ import annotations

from benchmarks._big_lake import AS_OF_US as T
from benchmarks._big_lake import CHANNELS, DAY_US, ISSUES, PAGES, PLANS

WINDOWS = (7, 30, 90, 365)
Columns = dict[str, str]
MEASURES = {
    "usage": {
        "quantity": ("quantity", 1),
        "amount": ("amount_reporting", 1),
        "duration_minutes": ("duration_s", 60),
    },
    "behaviour": {"duration_minutes": ("duration_s", 60)},
    "order": {"items": ("quantity", 1), "amount": ("amount_reporting", 1), "delivery_days": ("wait_s", 86400)},
    "contact": {
        "transfers": ("quantity", 1),
        "duration_minutes": ("duration_s", 60),
        "wait_minutes": ("wait_s", 60),
    },
    "answer": {},
}
LIMITS = {
    "contact_wait_over_{}_minutes": (60, (5, 10, 15, 20)),
    "order_delivery_over_{}_days": (86400, (2, 5, 7, 14)),
}


def ago(days: int) -> int:
    """The moment that many days before the as-of moment."""
    return T - days * DAY_US


def last(days: int, more: str = "") -> str:
    """The FILTER clause of a window."""
    return f"FILTER (WHERE ts_us >= {ago(days)}{' AND ' + more if more else ''})"


def span(newer: int, older: int) -> str:
    """The FILTER clause of the days from `older` to `newer` before the as-of moment."""
    return f"FILTER (WHERE ts_us >= {ago(older)} AND ts_us < {ago(newer)})"


def known(kind: str) -> str:
    """Waits and durations that were not over at the moment were not known then."""
    over = [] if kind in ("usage", "answer") else ["duration_s"]
    over += ["wait_s"] if kind in ("order", "contact") else []
    columns = [f"CASE WHEN ts_us + {name} * 1e6 < {T} THEN {name} END AS {name}" for name in over]
    return f"REPLACE ({', '.join(columns)})" if columns else ""


def activity(kind: str) -> Columns:
    """Counts, changes, last, first and mean gap."""
    columns = {f"{kind}_count_{days}d": f"count(*) {last(days)}" for days in WINDOWS}
    for days, before in ((30, 60), (90, 275)):
        earlier = f"count(*) {span(days, days + before)}"
        columns[f"{kind}_count_trend_{days}d"] = f"(count(*) {last(days)} / {days} - {earlier} / {before}) * 30"
    columns[f"{kind}_days_since_last"] = f"({T} - max(ts_us)) / {DAY_US}"
    columns[f"{kind}_days_since_first"] = f"({T} - min(ts_us)) / {DAY_US}"
    columns[f"{kind}_gap_days_mean_365d"] = (
        f"(max(ts_us) {last(365)} - min(ts_us) {last(365)}) / nullif(count(*) {last(365)} - 1, 0) / {DAY_US}"
    )
    return columns


def measures(kind: str) -> Columns:
    """Totals, means, maxima and changes of each measure; shares over limits for waits."""
    columns: Columns = {}
    for name, (column, factor) in MEASURES[kind].items():
        stem = f"{kind}_{name}"
        for days in WINDOWS:
            columns[f"{stem}_sum_{days}d"] = f"coalesce(sum({column}) {last(days)}, 0) / {factor}"
            columns[f"{stem}_mean_{days}d"] = f"avg({column}) {last(days)} / {factor}"
            columns[f"{stem}_max_{days}d"] = f"max({column}) {last(days)} / {factor}"
        for days, before in ((30, 60), (90, 275)):
            if column == "wait_s":
                earlier = f"avg({column}) {span(days, days + before)}"
                columns[f"{stem}_mean_trend_{days}d"] = f"(avg({column}) {last(days)} - {earlier}) / {factor}"
                continue
            recent = f"coalesce(sum({column}) {last(days)}, 0) / {days}"
            earlier = f"coalesce(sum({column}) {span(days, days + before)}, 0) / {before}"
            columns[f"{stem}_sum_trend_{days}d"] = f"({recent} - {earlier}) * 30 / {factor}"
    for name, (factor, limits) in LIMITS.items():
        if name.startswith(kind):
            for limit in limits:
                for days in (90, 365):
                    over = f"count(*) {last(days, f'wait_s > {limit * factor}')}"
                    columns[f"{name.format(limit)}_share_{days}d"] = (
                        f"{over} / nullif(count(wait_s) {last(days)}, 0)"
                    )
    return columns


def places(kind: str) -> Columns:
    """Channels, pages and issues."""
    columns: Columns = {}
    for days in (90, 365):
        for channel in CHANNELS:
            share = f"count(*) {last(days, f'channel = {channel!r}')} / nullif(count(channel) {last(days)}, 0)"
            columns[f"{kind}_channel_{channel.replace('-', '_')}_share_{days}d"] = share
        columns[f"{kind}_channels_{days}d"] = f"count(DISTINCT channel) {last(days)}"
    if kind == "contact":
        for issue in ISSUES:
            for days in (30, 90, 365):
                columns[f"contact_about_{issue}_count_{days}d"] = f"count(*) {last(days, f'issue = {issue!r}')}"
    else:
        for page in PAGES:
            name = f"{kind}_at_{page.replace(' ', '_')}_count"
            for days in (90, 365):
                columns[f"{name}_{days}d"] = f"count(*) {last(days, f'touchpoint = {page!r}')}"
    return columns


def sequences(kind: str) -> Columns:
    """Columns over rows that know the row before: longest gap, and for contacts repeats and switches."""
    longest = f"max(gap) FILTER (WHERE ts_us - gap >= {ago(365)}) / {DAY_US}"
    columns = {f"{kind}_gap_days_max_365d": longest}
    if kind == "contact":
        for days in (90, 365):
            for within in (7, 14):
                near = f"<= {within * DAY_US}"
                same = f"count(*) {last(days, f'gap_issue {near}')}"
                columns[f"contact_repeat_same_issue_{within}d_count_{days}d"] = same
                columns[f"contact_repeat_same_issue_{within}d_share_{days}d"] = (
                    f"{same} / nullif(count(*) {last(days)}, 0)"
                )
                columns[f"contact_repeat_any_issue_{within}d_count_{days}d"] = (
                    f"count(*) {last(days, f'gap {near}')}"
                )
            switched = last(days, f"gap <= {14 * DAY_US} AND channel <> channel_before")
            columns[f"contact_channel_switches_{days}d"] = f"count(*) {switched}"
    return columns


def queries(names: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """SQL and column names, one query per kind for sums and one for neighbours, of the named features only."""
    written = []
    for kind in MEASURES:
        wanted = (
            activity(kind) | measures(kind) | (places(kind) if kind in ("behaviour", "order", "contact") else {})
        )
        rows = f"SELECT * {known(kind)} FROM signals WHERE kind = '{kind}' AND ts_us < {T}"
        written.append((wanted, rows))
        order = "(PARTITION BY customer_id ORDER BY ts_us, signal_id)"
        lags = f"ts_us - lag(ts_us) OVER {order} AS gap"
        reach = 365
        if kind == "contact":
            lags += f", lag(channel) OVER {order} AS channel_before, ts_us - lag(ts_us) OVER "
            lags += "(PARTITION BY customer_id, issue ORDER BY ts_us, signal_id) AS gap_issue"
            reach = 379
        rows = f"SELECT customer_id, ts_us, channel, {lags} FROM signals"
        written.append((sequences(kind), f"{rows} WHERE kind = '{kind}' AND ts_us < {T} AND ts_us >= {ago(reach)}"))
    found = []
    for wanted, rows in written:
        columns = {name: sql for name, sql in wanted.items() if name in names}
        selected = ", ".join(f"CAST({sql} AS FLOAT) AS {name}" for name, sql in columns.items())
        found.append((f"SELECT customer_id, {selected} FROM ({rows}) GROUP BY customer_id", list(columns)))
    found.append(_answers())
    found.append(_people())
    found.append(_snapshot())
    return found


def _answers() -> tuple[str, list[str]]:
    stem = "answer_relationship_recommend"
    names = [f"{stem}_last", f"{stem}_mean_365d", f"{stem}_count_365d"]
    sql = (
        f"SELECT customer_id, CAST(arg_max(score, ts_us) AS FLOAT) AS {names[0]}, "
        f"CAST(avg(score) {last(365)} AS FLOAT) AS {names[1]}, CAST(count(*) {last(365)} AS FLOAT) AS {names[2]} "
        f"FROM signals WHERE score IS NOT NULL AND ts_us < {T} GROUP BY customer_id"
    )
    return sql, names


def _people() -> tuple[str, list[str]]:
    codes = "CASE language WHEN 'zh-hans' THEN 0 WHEN 'zh-hant' THEN 1 ELSE 2 END"
    sql = (
        f"SELECT customer_id, CAST(({T} - joined_us) / {DAY_US} AS FLOAT) AS tenure_days, "
        f"CAST({codes} AS FLOAT) AS language FROM people"
    )
    return sql, ["tenure_days", "language"]


def _snapshot() -> tuple[str, list[str]]:
    names = ["monthly_charge", "age", *(f"rating_{number}" for number in range(17))]
    plans = " ".join(f"WHEN '{plan}' THEN {code}" for code, plan in enumerate(PLANS))
    columns = ", ".join(f"CAST({name} AS FLOAT) AS {name}" for name in names)
    sql = f"SELECT customer_id, CAST(CASE plan {plans} END AS FLOAT) AS plan, {columns} FROM snapshots_crm"
    return sql, ["plan", *names]
