"""Every feature recomputed row by row in plain Python, from the recipes' words and not from their SQL."""

from __future__ import annotations

import itertools
import math

from feature_lake import DAY, MemoryLake, Row
from harken.unify.features.recipes import Block, Recipe


class Truth:
    """What is true of each customer of a lake as of a moment."""

    def __init__(self, lake: MemoryLake, as_of: int | None) -> None:
        self.lake = lake
        self.as_of = as_of
        self.held: dict[int, int] = {}
        for row in lake.people:
            if row.get("account_key") is not None:
                one = lake.customer(row)
                self.held[one] = min(self.held.get(one, row["account_key"]), row["account_key"])
        self.histories: dict[tuple[str, int, str], list[Row]] = {}
        past = [
            row for row in lake.signals if as_of is not None and row["ts_us"] is not None and row["ts_us"] < as_of
        ]
        for row in sorted(past, key=lambda row: (row["ts_us"], row["signal_id"])):
            known, customer = _known(row, as_of or 0), lake.customer(row)
            self.histories.setdefault(("events", customer, row["kind"]), []).append(known)
            if row.get("score") is not None:
                self.histories.setdefault(("answers", customer, "answer"), []).append(known)
            if customer in self.held:
                self.histories.setdefault(("accounts", self.held[customer], row["kind"]), []).append(known)

    def value(self, block: Block, recipe: Recipe, customer: int) -> float:
        """One feature of one customer."""
        if block.rows == "snapshot":
            return self._of_snapshot(block.name, recipe, customer)
        if block.rows == "people":
            return self._of_person(recipe, customer)
        assert self.as_of is not None
        if block.rows == "accounts":
            if customer not in self.held:
                return math.nan
            rows = self.histories.get(("accounts", self.held[customer], block.name), [])
        else:
            form = "answers" if block.rows == "answers" else "events"
            rows = self.histories.get((form, customer, block.name), [])
        return _of_events(rows, recipe, self.as_of)

    def _of_person(self, recipe: Recipe, customer: int) -> float:
        if recipe.form == "people":
            account = self.held.get(customer)
            return math.nan if account is None else list(self.held.values()).count(account)
        rows = [row for row in self.lake.people if self.lake.customer(row) == customer]
        if recipe.form == "tenure":
            joined = [row["joined_us"] for row in rows if row.get("joined_us") is not None]
            return (self.as_of - min(joined)) / DAY if joined and self.as_of is not None else math.nan
        values = [row[recipe.key] for row in rows if row.get(recipe.key) is not None]
        return _code(min(values), recipe) if values else math.nan

    def _of_snapshot(self, source: str, recipe: Recipe, customer: int) -> float:
        rows = [row for row in self.lake.snapshots[source] if self.lake.customer(row) == customer]
        rows = [
            row
            for row in rows
            if row.get("as_of_us") is None or (self.as_of is not None and row["as_of_us"] <= self.as_of)
        ]
        if not rows:
            return math.nan
        latest = max(
            rows,
            key=lambda r: (r.get("as_of_us") is not None, r.get("as_of_us") or 0, r["import_id"], -r["person_key"]),
        )
        value = latest.get(recipe.key)
        if value is None:
            return math.nan
        if recipe.form == "category":
            return _code(value, recipe)
        if recipe.form == "days_ago":
            return ((recipe.origin_us if self.as_of is None else self.as_of) - value) / DAY
        return float(value)


def _known(row: Row, as_of: int) -> Row:
    """The row as it was known at the moment: what took until then or longer was not over."""
    over = [
        name
        for name in ("wait_s", "duration_s")
        if row.get(name) is not None
        and row["ts_us"] + row[name] * 1e6 >= as_of
        and not (name == "duration_s" and row["kind"] == "usage")
    ]
    return {**row, **dict.fromkeys(over)}


def _of_events(rows: list[Row], recipe: Recipe, as_of: int) -> float:
    def between(newer: int, older: int) -> list[Row]:
        return [row for row in rows if as_of - older * DAY <= row["ts_us"] < as_of - newer * DAY]

    if recipe.answer is not None:
        rows = [
            r for r in rows if tuple(r.get(k) or "" for k in ("programme", "question", "scale")) == recipe.answer
        ]
    days, before = recipe.window_days or 0, recipe.before_days or 0
    form, measure = recipe.form, recipe.measure
    window = between(0, days)
    match form:
        case "total":
            return _total(window, recipe)
        case "trend":
            return (_total(window, recipe) / days - _total(between(days, days + before), recipe) / before) * 30
        case "mean":
            return _mean(window, recipe)
        case "mean_trend":
            return _mean(window, recipe) - _mean(between(days, days + before), recipe)
        case "maximum":
            return max((r[measure] / recipe.factor for r in window if r.get(measure) is not None), default=math.nan)
        case "share":
            known = [row for row in window if row.get(recipe.key or measure) is not None]
            return len(_restricted(known, recipe)) / len(known) if known else math.nan
        case "distinct":
            return len({row[recipe.key] for row in window if row.get(recipe.key) is not None})
        case "days_since_last":
            return (as_of - rows[-1]["ts_us"]) / DAY if rows else math.nan
        case "days_since_first":
            return (as_of - rows[0]["ts_us"]) / DAY if rows else math.nan
        case "last":
            return rows[-1]["score"] if rows else math.nan
        case "gap_mean":
            gaps = [b["ts_us"] - a["ts_us"] for a, b in itertools.pairwise(window)]
            return sum(gaps) / len(gaps) / DAY if gaps else math.nan
        case "gap_longest":
            return max(
                ((b["ts_us"] - a["ts_us"]) / DAY for a, b in itertools.pairwise(window)),
                default=math.nan,
            )
    return _neighbours(rows, window, recipe)


def _neighbours(rows: list[Row], window: list[Row], recipe: Recipe) -> float:
    within = (recipe.within_days or 0) * DAY
    found = 0
    for row in window:
        earlier = rows[: rows.index(row)]
        if recipe.form == "switches":
            if earlier and row["ts_us"] - earlier[-1]["ts_us"] <= within:
                old, new = earlier[-1].get(recipe.key), row.get(recipe.key)
                found += old is not None and new is not None and old != new
        else:
            if recipe.key:
                same = row.get(recipe.key)
                earlier = [other for other in earlier if same is not None and other.get(recipe.key) == same]
            found += any(row["ts_us"] - other["ts_us"] <= within for other in earlier)
    if recipe.form == "repeat_share":
        return found / len(window) if window else math.nan
    return found


def _restricted(rows: list[Row], recipe: Recipe) -> list[Row]:
    if recipe.over is not None:
        return [row for row in rows if row.get(recipe.measure) is not None and row[recipe.measure] > recipe.over]
    return [row for row in rows if row.get(recipe.key) == recipe.value] if recipe.key else rows


def _total(rows: list[Row], recipe: Recipe) -> float:
    if recipe.measure:
        return math.fsum(row[recipe.measure] for row in rows if row.get(recipe.measure) is not None) / recipe.factor
    return len(_restricted(rows, recipe))


def _mean(rows: list[Row], recipe: Recipe) -> float:
    known = [row[recipe.measure] for row in rows if row.get(recipe.measure) is not None]
    return math.fsum(known) / len(known) / recipe.factor if known else math.nan


def _code(value: str, recipe: Recipe) -> float:
    named = recipe.levels[:-1] if recipe.other else recipe.levels
    if value in named:
        return named.index(value)
    return len(named) if recipe.other else math.nan
