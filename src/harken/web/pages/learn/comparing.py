"""Is the change real, and why did the number move: two periods side by side, and the parts of the change."""

from __future__ import annotations

from typing import Any

from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.charts import Bars, Row, Unit, bars
from harken.web.parts.quantities import estimate_row

PARTS = {
    "same": Message(gettext_noop("The same respondents, answering otherwise")),
    "colleagues": Message(gettext_noop("Other contacts of accounts heard both times")),
    "others": Message(gettext_noop("Other customers answered")),
    "mix": Message(gettext_noop("Other segments answered")),
}
OTHER_ACCOUNTS = Message(gettext_noop("Other accounts answered"))


def comparison_parts(comparison: Any, unit: Unit) -> dict[str, Any]:
    """What the card about a change shows; nothing where answers are undated."""
    if comparison is None:
        return {"comparison": None}
    change = comparison.change
    return {
        "comparison": comparison,
        "sides": None if change is None or change.p is None else _sides(comparison, unit),
        "movement": _movement(comparison, unit),
        "who": _who(comparison),
        **_told(comparison),
    }


def _told(comparison: Any) -> dict[str, Any]:
    """Why the number moved, where it moved enough to ask; how many answers are needed, unless just said."""
    change, needed = comparison.change, comparison.needed
    if change is None:
        return {"why": None, "needed": needed}
    asked = change.real or change.p is None or abs(change.change) >= change.threshold
    by_chance = change.p is not None and not change.interval.excludes(0.0)
    said = by_chance and needed is not None and needed.change == change.threshold
    return {"why": comparison.why if asked else None, "needed": None if said else needed}


def _sides(comparison: Any, unit: Unit) -> Bars:
    """Both periods on one axis."""
    rows = []
    for period, summary in (
        (comparison.before_period, comparison.before),
        (comparison.after_period, comparison.after),
    ):
        days = Message(gettext_noop("{start} to {end}"), {"start": period.start, "end": period.last_day})
        note = Message(gettext_noop("{n} answers"), {"n": summary.n})
        rows.append(estimate_row(days, summary.headline, note=note))
    heads = (
        Message(gettext_noop("Period")),
        Message(gettext_noop("Score with likely range")),
        Message(gettext_noop("Score")),
    )
    return bars(rows, unit, heads)


def _movement(comparison: Any, unit: Unit) -> Bars | None:
    """The parts that add up to the change, where numbers may be shown."""
    change, movement = comparison.change, comparison.movement
    if change is None or change.p is None or movement is None:
        return None
    rows = []
    for part in movement.parts:
        label = PARTS[part.kind.value]
        if part.kind.value == "others" and (part.accounts_before or part.accounts_after):
            label = OTHER_ACCOUNTS
        note = Message(
            gettext_noop("{before} before, {after} after"),
            {"before": part.customers_before, "after": part.customers_after},
        )
        if part.kind.value == "mix":
            note = Message(gettext_noop("by {division}"), {"division": movement.mix_by})
        interval = part.interval
        lower, upper = (None, None) if interval is None else (interval.lower, interval.upper)
        tone = "grey" if interval is None or not interval.excludes(0.0) else "accent"
        rows.append(
            Row(label, round(part.amount, 2 if unit.kind == "scale" else 1), lower, upper, note=note, tone=tone)
        )
    rows.append(
        Row(
            Message(gettext_noop("Change in all")),
            change.change,
            change.interval.lower,
            change.interval.upper,
            tone="accent" if change.real else "grey",
        )
    )
    heads = (
        Message(gettext_noop("Part")),
        Message(gettext_noop("Share in the change, with likely range")),
        Message(gettext_noop("Amount")),
    )
    return bars(rows, unit, heads, zero=True, signed=True)


def _who(comparison: Any) -> list[dict[str, Any]]:
    """Who answered in both periods, only before, only after: customers, and accounts where there are some."""
    movement = comparison.movement
    if movement is None:
        return []
    parts = {part.kind.value: part for part in movement.parts if part.kind.value != "mix"}
    same, other = parts.get("same"), [part for name, part in parts.items() if name != "same"]
    rows = [
        {
            "label": Message(gettext_noop("Customers")),
            "both": 0 if same is None else same.customers_after,
            "before": sum(part.customers_before for part in other),
            "after": sum(part.customers_after for part in other),
        }
    ]
    heard = movement.accounts
    if heard is not None:
        rows.append(
            {
                "label": Message(gettext_noop("Accounts")),
                "both": heard.both,
                "before": heard.only_before,
                "after": heard.only_after,
            }
        )
    return rows
