"""The sections of Retention that look further: how long customers stay, and what they will bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from harken.locale import formats
from harken.usecases.exports import tables
from harken.usecases.runs import Run
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import part
from harken.web.parts.charts import SHARE, Unit
from harken.web.parts.choosing import Option
from harken.web.parts.courses import Curve
from harken.web.parts.messages import in_words

MONTH_DAYS = 365.25 / 12
HIGH = 60
PANELS = 6
WHOLE = Message(gettext_noop("all customers"))
MISSING = Message(gettext_noop("This analysis was made before this was computed. Analyse again to see it."))


@dataclass(frozen=True, slots=True)
class Line:
    """One group in the table: its figures at each mark as words, and how much faster it leaves."""

    label: Message | str
    n: int
    left: int
    cells: tuple[tuple[str, str, int], ...]
    ratio: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Panel:
    """A small drawing of one group: its curve and band, the line of all customers behind, on 100 by `HIGH`."""

    label: str
    line: str
    band: str
    whole: str


@dataclass(frozen=True, slots=True)
class StayView:
    """What the two sections show; reasons where a part could not run. `by` are the columns to choose from."""

    reason: Message | None
    headline: Message | None = None
    since: Message | None = None
    curve: Curve | None = None
    marks: tuple[Message, ...] = ()
    lines: tuple[Line, ...] = ()
    by: tuple[Option, ...] = ()
    panels: tuple[Panel, ...] = ()
    verdict: Message | None = None
    held_equal: Message | None = None
    notes: tuple[Message, ...] = ()
    value: Any = None
    value_reason: Message | None = None
    means: tuple[tuple[str, int, tuple[float, ...]], ...] = ()
    tested: Message | None = None


def stay_view(run: Run, request: HttpRequest) -> StayView:
    """Both sections of a run; `?by=` names the column whose groups are shown, else the one that tells most."""
    found, reason = part(run, "survival")
    value, value_reason = part(run, "lifetime_value")
    if found is None:
        return StayView(reason or MISSING, value=value, value_reason=value_reason or MISSING)
    columns = sorted(found.by_column, key=lambda one: (one.p, -one.chi2))
    asked = request.GET.get("by", "")
    chosen = next((one for one in columns if one.column == asked), columns[0] if columns else None)
    stays = [(WHOLE, found.whole)] + [(stay.label, stay) for stay in (chosen.groups if chosen else ())]
    return StayView(
        reason=None,
        headline=_headline(found.whole),
        since=_since(found),
        curve=_curve(found.whole),
        marks=tuple(_tenure(days) for days in found.marks_days),
        lines=tuple(_line(label, stay, chosen) for label, stay in stays),
        by=tuple(_option(request, one, one is chosen) for one in columns),
        panels=() if chosen is None else _panels(found.whole, chosen.groups),
        verdict=None if chosen is None else _verdict(chosen),
        held_equal=_held_equal(found, chosen),
        notes=found.notes,
        value=value,
        value_reason=None if value is not None else value_reason or MISSING,
        means=_means(value, chosen),
        tested=None if value is None else _tested(value),
    )


def taken(run: Run, view: StayView) -> dict[str, Any]:
    """What the two sections offer as files: the curve, all figures, all money."""
    found, _ = part(run, "survival")
    return {
        "stay": view.curve,
        "stay-groups": None if found is None else tables.survival(found),
        "lifetime-value": None if view.value is None else tables.lifetime_value(view.value),
    }


def _option(request: HttpRequest, one: Any, chosen: bool) -> Option:
    parts = request.GET.copy()
    parts["by"] = one.column
    parts.pop("take", None)
    return Option(one.label, f"?{parts.urlencode()}#stay", chosen)


def _tenure(days: float) -> Message:
    if days < 60:
        return Message(gettext_noop("{n} days"), {"n": round(days)})
    if days < 700 and abs(days - 365) > 1:
        return Message(gettext_noop("{n} months"), {"n": round(days / MONTH_DAYS)})
    years = days / 365.25
    if round(years) == 1:
        return Message(gettext_noop("1 year"))
    return Message(
        gettext_noop("{n} years"), {"n": formats.number(years, 0 if abs(years - round(years)) < 0.05 else 1)}
    )


def _headline(whole: Any) -> Message:
    half, low, high = whole.half_days
    if half is None:
        text = gettext_noop("More than half are still customers after {time}.")
        return Message(text, {"time": _tenure(whole.days[-1])})
    if low is None or high is None:
        return Message(gettext_noop("Half of the customers have left after {time}."), {"time": _tenure(half)})
    return Message(
        gettext_noop("Half of the customers have left after {time}, likely between {low} and {high}."),
        {"time": _tenure(half), "low": _tenure(low), "high": _tenure(high)},
    )


def _since(found: Any) -> Message:
    params = {"n": found.whole.n, "left": found.whole.left, "since": found.counted_from, "late": found.late}
    if found.late:
        text = gettext_noop(
            "{n} customers seen, {left} of them left; counted {since}. {late} joined before departures were "
            "recorded: they count from then on only."
        )
        return Message(text, params)
    return Message(gettext_noop("{n} customers seen, {left} of them left; counted {since}."), params)


def _curve(stay: Any) -> Curve:
    points = [
        (days / MONTH_DAYS, share, lower, upper)
        for days, share, lower, upper in zip(stay.days, stay.share, stay.lower, stay.upper, strict=True)
    ]
    heads = (Message(gettext_noop("Months as a customer")), Message(gettext_noop("Still customers")))
    caption = Message(gettext_noop("Share of customers still there by months as a customer, with its likely range"))
    return Curve(points, Unit("number"), SHARE, heads, caption=caption, bounds=(0.0, 1.0))


def _line(label: Message | str, stay: Any, chosen: Any) -> Line:
    cells = tuple(
        ("–", "", n) if one is None else (*_written(one, SHARE), n)
        for one, n in zip(stay.after, stay.at_risk, strict=True)
    )
    ratio = ("", "")
    if stay.ratio is not None:
        ratio = _written(stay.ratio, Unit("number"))
    elif chosen is not None and label == chosen.reference and any(one.ratio is not None for one in chosen.groups):
        ratio = ("1", "")
    return Line(label, stay.n, stay.left, cells, ratio)


def _written(one: Any, unit: Unit) -> tuple[str, str]:
    """An estimate and its range, each with the decimals it can bear."""
    half, ends = one.interval.half_width, one.interval
    between = Message(
        gettext_noop("{low} to {high}"), {"low": unit.write(ends.lower, half), "high": unit.write(ends.upper, half)}
    )
    return unit.write(one.value, half), in_words(between)


def _panels(whole: Any, groups: Any) -> tuple[Panel, ...]:
    """The largest groups, all on the same axes: to the longest tenure seen, from nobody to everybody."""
    last = max(whole.days[-1], 1.0)

    def place(days: float, share: float) -> str:
        return f"{100 * min(days / last, 1.0):.1f},{2 + (1 - share) * (HIGH - 4):.1f}"

    def line(stay: Any, shares: Any) -> list[str]:
        return [place(days, share) for days, share in zip(stay.days, shares, strict=True)]

    everybody = " ".join(line(whole, whole.share))
    return tuple(
        Panel(
            stay.label,
            " ".join(line(stay, stay.share)),
            " ".join(line(stay, stay.upper) + line(stay, stay.lower)[::-1]),
            everybody,
        )
        for stay in groups[:PANELS]
    )


def _verdict(chosen: Any) -> Message:
    p = "0.001" if chosen.adjusted_p < 0.001 else formats.number(chosen.adjusted_p, 3)
    params = {"column": chosen.label, "p": p}
    if chosen.differs and chosen.adjusted_p < 0.001:
        return Message(
            gettext_noop("How long customers stay goes with {column}, beyond chance (p below {p})."), params
        )
    if chosen.differs:
        return Message(gettext_noop("How long customers stay goes with {column}, beyond chance (p {p})."), params)
    return Message(gettext_noop("By {column}, no difference beyond chance is shown (p {p})."), params)


def _held_equal(found: Any, chosen: Any) -> Message | None:
    if chosen is None or not any(stay.ratio is not None for stay in chosen.groups):
        return None
    labels = {one.column: one.label for one in found.by_column}
    others = [labels[name] for name in found.adjusted_for if name in labels and name != chosen.column]
    params = {"reference": chosen.reference}
    if not others:
        return Message(gettext_noop("Last column: how many times as fast they leave as “{reference}”."), params)
    joined: Message = others[0]
    for other in others[1:]:
        joined = Message(gettext_noop("{first}, {second}"), {"first": joined, "second": other})
    text = gettext_noop("Last column: how many times as fast they leave as “{reference}”, held equal: {others}.")
    return Message(text, params | {"others": joined})


def _means(value: Any, chosen: Any) -> tuple[tuple[str, int, tuple[float, ...]], ...]:
    if value is None:
        return ()
    columns = {one.column: one for one in value.by_column}
    one = columns.get(chosen.column if chosen is not None else "") or next(iter(columns.values()), None)
    return () if one is None else tuple((group.label, group.customers, group.mean) for group in one.groups)


def _tested(value: Any) -> Message | None:
    if value.test is not None:
        return Message(
            gettext_noop("Tested on the last {months} months: {predicted} were expected to leave, {observed} did."),
            {
                "months": value.test.periods,
                "predicted": formats.number(value.test.predicted, 0),
                "observed": formats.number(value.test.observed, 0),
            },
        )
    if value.check is not None:
        return Message(
            gettext_noop(
                "Tested on the last {weeks} weeks: {predicted} days of purchase were expected, there were {actual}."
            ),
            {
                "weeks": round(value.check.weeks),
                "predicted": formats.number(value.check.predicted, 0),
                "actual": formats.number(value.check.actual, 0),
            },
        )
    return None
