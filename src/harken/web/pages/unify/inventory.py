"""Data inventory: which sources, which columns, in which driver families."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse

from harken.usecases.exports import tables
from harken.usecases.exports.coverage import coverage_sheet, field_name, is_personal
from harken.usecases.hypotheses import needs, register
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.listen.sources import alarms
from harken.web.pages.reading import family_label, page, part, run_or_first_steps
from harken.web.pages.unify.telling import kind_name
from harken.web.workspace import workspace

TITLE = Message(gettext_noop("Data inventory"))


def inventory(request: HttpRequest) -> HttpResponse:
    """What is held, what was made of it, and what was left out and why."""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    found, reason = part(run, "inventory")
    if found is None:
        return page(request, "pages/not_run.html", {"title": TITLE, "reason": reason}, run)
    families: dict[str, list[object]] = {}
    for feature in found.features:
        families.setdefault(feature.family, []).append(feature)
    newest = max((entry.last_day for entry in found.sources if entry.last_day), default=None)
    context = {
        "found": found,
        "alarms": alarms(),
        "headline": _headline(found, newest),
        "sources": len({entry.source for entry in found.sources}),
        "entries": [(entry, kind_name(entry.kind), _freshness(entry, newest)) for entry in found.sources],
        "coverage": _coverage(found),
        "believed": _believed(run.parts),
        "families": [
            {"label": family_label(family), "features": features, "lever": any(f.lever for f in features)}  # type: ignore[attr-defined]
            for family, features in sorted(families.items(), key=lambda item: (-len(item[1]), item[0]))
        ],
    }
    take = {
        "sources": tables.sources(found),
        "features": tables.features(found),
        "coverage": coverage_sheet(found),
        "left-out": tables.left_out(found),
    }
    return page(request, "pages/unify/inventory.html", context, run, take)


def _believed(parts: Any) -> list[dict[str, Any]]:
    """What the hypotheses need: those whose data are not held first, then those held for fewest customers."""
    rows = []
    for one in register(workspace(), active=True):
        wanted = needs(one.claim, parts)
        gap = not wanted or not all(need.held for need in wanted)
        shares = [need.covered / need.customers for need in wanted if need.covered is not None and need.customers]
        rows.append({"one": one, "needs": wanted, "gap": gap, "share": min(shares, default=0.0)})
    return sorted(rows, key=lambda row: (not row["gap"], row["share"]))


LATE_DAYS = 30


def _headline(found: Any, newest: date | None) -> Message:
    """How fresh the data are, as one sentence."""
    last: dict[str, date] = {}
    for entry in found.sources:
        if entry.last_day is not None:
            last[entry.source] = max(entry.last_day, last.get(entry.source, entry.last_day))
    if newest is None:
        names = {"signals": found.signals, "customers": found.customers}
        return Message(gettext_noop("{signals} signals of {customers} customers, none of them with a date."), names)
    late = sum((newest - day).days > LATE_DAYS for day in last.values())
    names = {"late": late, "n": len(last), "day": newest, "days": LATE_DAYS}
    if len(last) == 1:
        return Message(gettext_noop("The source with dates reaches to {day}."), {"day": newest})
    if late == 1:
        text = gettext_noop("One of {n} sources with dates ends more than {days} days before the freshest, {day}.")
        return Message(text, {"n": len(last), "day": newest, "days": LATE_DAYS})
    if late:
        text = gettext_noop(
            "{late} of {n} sources with dates end more than {days} days before the freshest, {day}."
        )
        return Message(text, names)
    return Message(gettext_noop("All {n} sources with dates reach to within {days} days of {day}."), names)


def _freshness(entry: Any, newest: date | None) -> Message | None:
    """How far a source is behind the freshest one; nothing where it has no dates."""
    if entry.last_day is None or newest is None:
        return None
    behind = (newest - entry.last_day).days
    if behind <= 1:
        return Message(gettext_noop("fresh"))
    return Message(gettext_noop("{n} days behind the freshest"), {"n": behind})


def _coverage(found: Any) -> list[dict[str, Any]]:
    """Fields by source and kind of rows, the fullest first."""
    groups = []
    for (source, kind), own in groupby(found.coverage, key=lambda one: (one.source, one.kind)):
        fields = sorted(own, key=lambda one: (-one.filled, one.field))
        shown = [(field_name(one), one.filled / one.rows, is_personal(kind, one.field)) for one in fields]
        groups.append({"source": source, "kind": kind_name(kind), "rows": fields[0].rows, "fields": shown})
    return groups
