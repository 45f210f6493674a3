"""Two analyses side by side: what differs in their inputs, and which figures differ beyond chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from harken.learn.differences import difference
from harken.usecases.run_history import Difference, differences
from harken.usecases.runs import NotRun, Run, RunInfo
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message, gettext_noop

Relation = Literal["equal inputs", "same data", "shared customers", "other customers"]
Verdict = Literal["equal", "higher", "lower", "chance", "not comparable"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One main figure of both runs. `unit` is "points", "per cent", "scale", "money" or "number".

    `difference` is second minus first with a range that holds for all figures together; `reason` says why two
    figures cannot be compared.
    """

    name: Message
    unit: str
    first: Estimate | None
    second: Estimate | None
    difference: Estimate | None
    verdict: Verdict
    reason: Message | None = None


@dataclass(frozen=True, slots=True)
class DriverPair:
    """One driver family in both runs: its share of what is explained (0 to 1) and the range of its rank."""

    family: str
    first: Any
    second: Any
    difference: Estimate | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side; `shared_customers` are in both, `can_tell` says what that allows to say."""

    first: RunInfo
    second: RunInfo
    inputs: tuple[Difference, ...]
    relation: Relation
    shared_customers: int
    figures: tuple[Figure, ...]
    drivers: tuple[DriverPair, ...]
    can_tell: Message

    @property
    def changed(self) -> tuple[Figure | DriverPair, ...]:
        """What differs beyond chance, main figures first."""
        return tuple(item for item in (*self.figures, *self.drivers) if item.verdict in ("higher", "lower"))


CAN_TELL: dict[Relation, str] = {
    "equal inputs": gettext_noop("Both have the same data, settings and versions, so every figure is the same."),
    "same data": gettext_noop(
        "Both read the same data of the same customers: what differs comes from the settings or versions, not from "
        "the customers."
    ),
    "shared customers": gettext_noop(
        "{shared} customers are in both analyses, so the two are not independent. Ranges of differences are "
        "computed as if they were, which as a rule makes them too wide: a difference that is called one "
        "stands, another may still be one."
    ),
    "other customers": gettext_noop(
        "No customer is in both analyses: they are independent, and ranges of differences hold as they are."
    ),
}


@dataclass(frozen=True, slots=True)
class _Read:
    """How one main figure is read from a run: the estimate with its unit, and what must agree to compare it."""

    name: Message
    part: str
    estimate: Callable[[Any], Estimate | None]
    unit: Callable[[Any], str]
    meaning: Callable[[Any], Any] = lambda part: None


def _each(total: Estimate, customers: int) -> Estimate:
    """A sum per customer, so that analyses of more and of fewer customers can be compared."""
    n = max(customers, 1)
    low, high = total.interval.lower / n, total.interval.upper / n
    return replace(total, value=total.value / n, interval=replace(total.interval, lower=low, upper=high))


_UNITS = {"net": "points", "top_share": "per cent"}
_READ = (
    _Read(
        Message(gettext_noop("Score of all customers")),
        "whole_base",
        lambda part: part.total.whole_base,
        lambda part: _UNITS.get(part.headline, "scale"),
        lambda part: (part.scale_id, part.headline),
    ),
    _Read(
        Message(gettext_noop("Score of those who answered")),
        "scores",
        lambda part: part.summary.headline,
        lambda part: str(part.summary.unit),
        lambda part: (part.question.name, part.question.scale),
    ),
    _Read(
        Message(gettext_noop("Customers who stayed")),
        "outcome",
        lambda part: part.rate,
        lambda part: "per cent",
        lambda part: part.choice,
    ),
    _Read(
        Message(gettext_noop("Value at stake per customer")),
        "value",
        lambda part: _each(part.total, part.customers),
        lambda part: "money",
        lambda part: part.horizon_days,
    ),
    _Read(
        Message(gettext_noop("Quality of the forecast (area under the curve)")),
        "retention",
        lambda part: part.validation.auc,
        lambda part: "number",
        lambda part: part.validation.kind,
    ),
)


def compare_runs(first: Run, second: Run) -> Comparison:
    """Both runs side by side; a difference is called one only where it is beyond chance among all of them."""
    inputs = _inputs(first.info, second.info)
    shared = _shared_customers(first, second)
    relation = _relation(first.info, second.info, inputs, shared)
    pairs = _driver_pairs(first, second)
    looks = len(_READ) + sum(None not in pair for pair in pairs.values())
    drivers = []
    for family, (one, other) in pairs.items():
        told, verdict = _told(None if one is None else one.share, None if other is None else other.share, looks)
        drivers.append(DriverPair(family, one, other, told, verdict))
    return Comparison(
        first.info,
        second.info,
        inputs,
        relation,
        shared,
        tuple(_figure(read, first, second, looks) for read in _READ),
        tuple(drivers),
        Message(CAN_TELL[relation], {"shared": shared}),
    )


def headline(found: Comparison) -> Message:
    """What the comparison found, in one sentence."""
    if found.relation == "equal inputs":
        return Message(gettext_noop("Nothing differs: both analyses have the same inputs."))
    changed = found.changed
    if not changed:
        return Message(gettext_noop("Nothing differs beyond chance between the two analyses."))
    names = [_name(item) for item in changed[:2]]
    if len(changed) == 1:
        return Message(gettext_noop("One figure differs beyond chance: {first}."), {"first": names[0]})
    if len(changed) == 2:
        text = gettext_noop("Two figures differ beyond chance: {first}; {second}.")
        return Message(text, {"first": names[0], "second": names[1]})
    return Message(
        gettext_noop("{n} figures differ beyond chance, first of all: {first}."),
        {"n": len(changed), "first": names[0]},
    )


def _name(item: Figure | DriverPair) -> Message:
    from harken.usecases.families import label

    name = item.name if isinstance(item, Figure) else label(item.family)
    text = gettext_noop("{name} (higher)") if item.verdict == "higher" else gettext_noop("{name} (lower)")
    return Message(text, {"name": name})


def _inputs(first: RunInfo, second: RunInfo) -> tuple[Difference, ...]:
    def told(info: RunInfo) -> dict[str, str]:
        own = {"data": info.pointer_id[:12], "as of": str(info.as_of or "–")}
        return own if info.segment is None else {**own, "segment": info.segment.text}

    return (
        *differences(told(first), told(second)),
        *differences(first.settings, second.settings),
        *differences(first.versions, second.versions),
    )


def _shared_customers(first: Run, second: Run) -> int:
    ids = [np.asarray(run.customers(["customer_id"])["customer_id"]) for run in (first, second)]
    return len(np.intersect1d(*ids, assume_unique=True))


def _relation(first: RunInfo, second: RunInfo, inputs: tuple[Difference, ...], shared: int) -> Relation:
    if not inputs:
        return "equal inputs"
    if {item.name for item in inputs}.isdisjoint({"data", "as of", "segment"}):
        return "same data"
    return "shared customers" if shared else "other customers"


def _driver_pairs(first: Run, second: Run) -> dict[str, tuple[Any, Any]]:
    """Families of either ranking that are shown in one of them, strongest of the first run first."""
    rankings = [run.parts.get("drivers") for run in (first, second)]
    rows = [
        {} if ranking is None or isinstance(ranking, NotRun) else {row.family: row for row in ranking.families}
        for ranking in rankings
    ]
    families = [
        family for family in {**rows[0], **rows[1]} if any(row[family].shown for row in rows if family in row)
    ]
    return {family: (rows[0].get(family), rows[1].get(family)) for family in families}


def _figure(read: _Read, first: Run, second: Run, looks: int) -> Figure:
    parts = [run.parts.get(read.part) for run in (first, second)]
    there = [None if part is None or isinstance(part, NotRun) else part for part in parts]
    one, other = (None if part is None else read.estimate(part) for part in there)
    unit = next((read.unit(part) for part in there if part is not None), "number")
    if there[0] is not None and there[1] is not None and read.meaning(there[0]) != read.meaning(there[1]):
        reason = Message(gettext_noop("The two analyses mean different things by it."))
        return Figure(read.name, unit, one, other, None, "not comparable", reason)
    told, verdict = _told(one, other, looks)
    reason = None if told is not None else Message(gettext_noop("One of the analyses does not have it."))
    return Figure(read.name, unit, one, other, told, verdict, reason)


def _told(one: Estimate | None, other: Estimate | None, looks: int) -> tuple[Estimate | None, Verdict]:
    if one is None or other is None or one.counts_only or other.counts_only:
        return None, "not comparable"
    told = difference(one, other, looks)
    if (one.value, one.interval) == (other.value, other.interval):
        return told, "equal"
    if not told.interval.excludes(0.0):
        return told, "chance"
    return told, "higher" if told.value > 0 else "lower"
