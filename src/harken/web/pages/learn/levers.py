"""One lever as a page shows it: what it does, to whom, from where on, worth what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harken.locale import formats
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import family_label
from harken.web.parts.charts import NUMBER, SHARE, Bars, Row, Unit, bars
from harken.web.parts.courses import Curve

KINDS = {
    "punishes_only": Message(gettext_noop("punishes only: bad hurts, good brings nothing")),
    "rewards_only": Message(gettext_noop("rewards only: good brings something, bad does not hurt")),
    "both": Message(gettext_noop("both: bad hurts and good brings something")),
    "neither": Message(gettext_noop("neither hurts nor rewards")),
    "unclear": Message(gettext_noop("punishes or rewards: the data cannot tell")),
}
UNITS = {
    "minutes": Message(gettext_noop("minutes")),
    "hours": Message(gettext_noop("hours")),
    "seconds": Message(gettext_noop("seconds")),
    "days": Message(gettext_noop("days")),
}


@dataclass(frozen=True, slots=True)
class LeverView:
    """A lever in words and charts."""

    lever: Any
    family: Message
    headline: Message
    effect: Message
    scale: Message
    kind: Message | None
    curve: Curve | None
    levels: Bars | None
    robustness: Message | None
    hurts: bool


def lever_view(lever: Any) -> LeverView:
    """Everything the page says about one lever."""
    numeric = not lever.curve.category
    return LeverView(
        lever=lever,
        family=family_label(lever.family),
        headline=_headline(lever),
        effect=_effect(lever),
        scale=_scale(lever),
        kind=None if lever.pattern is None else KINDS.get(str(lever.pattern.kind.value)),
        curve=_curve(lever) if numeric and len(lever.curve.centres) > 1 else None,
        levels=None if numeric else _levels(lever),
        robustness=_robustness(lever),
        hurts=hurts(lever),
    )


def hurts(lever: Any) -> bool:
    """True where the unfavourable part makes the outcome worse beyond chance."""
    return bool(lever.effect.adjusted.shown and lever.outcomes.value > 0)


def x_unit(lever: Any) -> Unit:
    """How the exposure's numbers are written."""
    return SHARE if lever.unit == "share" else NUMBER


def y_unit(lever: Any) -> Unit:
    """How the outcome's numbers are written: the probability of leaving, or points of a score."""
    return SHARE if lever.binary else Unit("points")


def _threshold(lever: Any) -> Estimate | None:
    shape = lever.shape
    return None if shape is None or shape.threshold is None else shape.threshold.place


def _headline(lever: Any) -> Message:
    """Where it begins to hurt, or that more or less of it does."""
    place = _threshold(lever)
    unit = x_unit(lever)
    if place is not None and hurts(lever):
        where: Message | str = unit.write(place.value, place.interval.half_width)
        if lever.unit in UNITS:
            where = Message(gettext_noop("{place} {unit}"), {"place": where, "unit": UNITS[lever.unit]})
        if lever.part.high_is_unfavourable is False:
            return Message(gettext_noop("It hurts below {place}."), {"place": where})
        return Message(gettext_noop("It starts to hurt at {place}."), {"place": where})
    if not hurts(lever):
        return Message(gettext_noop("With all else equal, no harm is shown."))
    return Message(gettext_noop("It hurts where: {part}"), {"part": lever.part.words})


def _effect(lever: Any) -> Message:
    """The adjusted effect on those in the unfavourable part."""
    estimate = lever.effect.adjusted.estimate
    if lever.binary:
        factor, text = (
            100.0,
            gettext_noop("{part}: leaving differs by {value} percentage points ({low} to {high})."),
        )
    else:
        factor, text = 1.0, gettext_noop("{part}: the score differs by {value} points ({low} to {high}).")
    decimals = formats.decimals_for(estimate.interval.half_width * factor, 1)
    numbers = {
        name: formats.number(value * factor, decimals, signed=True)
        for name, value in (
            ("value", estimate.value),
            ("low", estimate.interval.lower),
            ("high", estimate.interval.upper),
        )
    }
    return Message(text, {"part": lever.part.words, **numbers})


def _scale(lever: Any) -> Message:
    """How many customers are affected, and how many leavers that is."""
    outcomes = lever.outcomes
    if not lever.binary or not hurts(lever):
        return Message(
            gettext_noop("{n} of {total} customers are affected."), {"n": lever.affected, "total": lever.n}
        )
    return Message(
        gettext_noop("{n} of {total} customers are affected; {low} to {high} of them leave for it."),
        {
            "n": lever.affected,
            "total": lever.n,
            "low": formats.number(max(0, round(outcomes.interval.lower)), 0),
            "high": formats.number(round(outcomes.interval.upper), 0),
        },
    )


def _robustness(lever: Any) -> Message | None:
    value = lever.effect.adjusted.robustness_value
    if value is None or not hurts(lever):
        return None
    return Message(
        gettext_noop("A hidden cause would have to explain {share} of both this and leaving to overturn it."),
        {"share": formats.percent(value, 0 if value >= 0.1 else 1)},
    )


def _curve(lever: Any) -> Curve:
    curve = lever.curve
    points = tuple(zip(curve.centres, curve.levels, curve.lower, curve.upper, strict=True))
    place = _threshold(lever)
    marks: tuple[tuple[float, Message | str], ...] = ()
    if place is not None:
        unit = x_unit(lever)
        half = place.interval.half_width
        ends = {"low": unit.write(place.interval.lower, half), "high": unit.write(place.interval.upper, half)}
        text = {"place": unit.write(place.value, half), **ends}
        marks = ((place.value, Message(gettext_noop("{place} ({low} to {high})"), text)),)
    outcome = Message(gettext_noop("Leaving")) if lever.binary else Message(gettext_noop("Score"))
    return Curve(
        points,
        x_unit(lever),
        y_unit(lever),
        (lever.label, outcome),
        marks=marks,
        level=curve.overall,
        caption=Message(gettext_noop("{lever}: the outcome along it, all else equal"), {"lever": lever.label}),
        height=170,
        bounds=(0.0, 1.0) if lever.binary else None,
    )


def _levels(lever: Any) -> Bars:
    curve = lever.curve
    rows = [
        Row(
            label or Message(gettext_noop("all others")),
            level,
            lower,
            upper,
            n=n,
            note=Message(gettext_noop("{n} customers"), {"n": n}),
        )
        for label, level, lower, upper, n in zip(
            curve.labels, curve.levels, curve.lower, curve.upper, curve.n, strict=True
        )
    ]
    outcome = Message(gettext_noop("Leaving")) if lever.binary else Message(gettext_noop("Score"))
    heads = (lever.label, Message(gettext_noop("All else equal, with likely range")), outcome)
    return bars(rows, y_unit(lever), heads)
