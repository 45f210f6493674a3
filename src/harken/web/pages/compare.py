"""Two analyses side by side: what differs, and is it more than chance?"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from harken.usecases.comparing import Comparison, compare_runs, headline
from harken.usecases.exports.sheets import Field, Sheet
from harken.usecases.runs import RunInfo, list_runs
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import family_label, page
from harken.web.parts.charts import SHARE, Unit
from harken.web.parts.words import day
from harken.web.workspace import named_run, workspace

INPUTS = {
    "data": Message(gettext_noop("State of the data")),
    "as of": Message(gettext_noop("As of")),
    "segment": Message(gettext_noop("Segment")),
}
VERDICTS = {
    "equal": (Message(gettext_noop("the same")), ""),
    "higher": (Message(gettext_noop("higher")), "chip-attention"),
    "lower": (Message(gettext_noop("lower")), "chip-attention"),
    "chance": (Message(gettext_noop("within chance")), ""),
    "not comparable": (Message(gettext_noop("not compared")), ""),
}


def compare(request: HttpRequest) -> HttpResponseBase:
    """The two runs that the address names (`?a=…&b=…`), else the two newest."""
    runs = list_runs(workspace().runs_root)
    context: dict[str, Any] = {"choices": [(info.id, run_name(info)) for info in runs], "found": None}
    wanted = [request.GET.get(name, "") for name in ("a", "b")]
    if len(runs) < 2 and not all(wanted):
        return page(request, "pages/compare.html", context, None)
    newest, before = runs[0].id, runs[min(1, len(runs) - 1)].id
    first, second = named_run(wanted[0] or before), named_run(wanted[1] or newest)
    found = compare_runs(first, second)
    money = Unit("money", workspace().settings.currency)
    context |= {
        "found": found,
        "headline": headline(found),
        "first": run_name(found.first),
        "second": run_name(found.second),
        "inputs": [(INPUTS.get(item.name, item.name), item) for item in found.inputs],
        "figures": [_row(item.name, item, _unit(item.unit, money), item.reason) for item in found.figures],
        "drivers": [_driver(item) for item in found.drivers],
    }
    return page(request, "pages/compare.html", context, None, {"figures": _sheet(found)})


def run_name(info: RunInfo) -> str:
    """A run as a reader tells it from others: its date, whom it is about, its number."""
    parts = [day(info.as_of), "" if info.segment is None else info.segment.text, info.id[:8]]
    return " · ".join(filter(None, parts))


def _unit(kind: str, money: Unit) -> Unit:
    return money if kind == "money" else Unit(kind)


def _said(estimate: Estimate | None, unit: Unit, *, signed: bool = False) -> dict[str, str] | None:
    """A number and its range as texts, None where no number may be shown."""
    if estimate is None or estimate.counts_only:
        return None
    half = estimate.interval.half_width
    low, high = (unit.write(end, half, signed=signed) for end in (estimate.interval.lower, estimate.interval.upper))
    return {"value": unit.write(estimate.value, half, signed=signed), "low": low, "high": high}


def _row(name: Message, item: Any, unit: Unit, reason: Message | None = None) -> dict[str, Any]:
    label, style = VERDICTS[item.verdict]
    return {
        "name": name,
        "first": _said(item.first, unit),
        "second": _said(item.second, unit),
        "difference": _said(item.difference, unit, signed=True),
        "verdict": label,
        "style": style,
        "reason": reason,
    }


def _driver(pair: Any) -> dict[str, Any]:
    """A driver family: its share in both, with the ranks it can have."""
    label, style = VERDICTS[pair.verdict]
    ends = {
        name: None
        if row is None
        else {**(_said(row.share, SHARE) or {}), "ranks": (row.rank_lower, row.rank_upper)}
        for name, row in (("first", pair.first), ("second", pair.second))
    }
    difference = _said(pair.difference, SHARE, signed=True)
    return {"name": family_label(pair.family), **ends, "difference": difference, "verdict": label, "style": style}


def _sheet(found: Comparison) -> Sheet:
    """Main figures and drivers of both runs as a table to take away."""
    numbers = (
        ("first", Message(gettext_noop("First"))),
        ("first_lower", Message(gettext_noop("First, lower end"))),
        ("first_upper", Message(gettext_noop("First, upper end"))),
        ("second", Message(gettext_noop("Second"))),
        ("second_lower", Message(gettext_noop("Second, lower end"))),
        ("second_upper", Message(gettext_noop("Second, upper end"))),
        ("difference", Message(gettext_noop("Difference"))),
        ("difference_lower", Message(gettext_noop("Difference, lower end"))),
        ("difference_upper", Message(gettext_noop("Difference, upper end"))),
    )
    fields = (
        Field("figure", Message(gettext_noop("Figure"))),
        *(Field(key, label, "number") for key, label in numbers),
        Field("verdict", Message(gettext_noop("Verdict"))),
    )
    rows = [
        (item.name, *_numbers(item.first, item.second, item.difference), _verdict(item)) for item in found.figures
    ]
    for pair in found.drivers:
        shares = [None if row is None else row.share for row in (pair.first, pair.second)]
        rows.append((family_label(pair.family), *_numbers(*shares, pair.difference), _verdict(pair)))
    return Sheet(fields, rows, Message(gettext_noop("Two analyses compared")))


def _verdict(item: Any) -> Message:
    return VERDICTS[item.verdict][0]


def _numbers(*estimates: Estimate | None) -> list[float | None]:
    values: list[float | None] = []
    for one in estimates:
        told = None if one is None or one.counts_only else one
        values += [None] * 3 if told is None else [told.value, told.interval.lower, told.interval.upper]
    return values
