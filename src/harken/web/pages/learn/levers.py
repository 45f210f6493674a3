"""One lever as a page shows it: what it does, to whom, from where on, worth what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harken.usecases.reporting.sentences import (
    KINDS,
    effect,
    headline,
    hurts,
    money_at_stake,
    ratio,
    robustness,
    scale,
    threshold,
)
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.reading import family_label
from harken.web.parts.charts import NUMBER, SHARE, Bars, Row, Unit, bars
from harken.web.parts.courses import Curve


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
    ratio: Message | None
    money: Estimate | None
    hurts: bool


def lever_view(lever: Any, value: Any = None) -> LeverView:
    """Everything the page says about one lever; its money is as the run's value at stake has it, margin and all."""
    numeric = not lever.curve.category
    return LeverView(
        lever=lever,
        family=family_label(lever.family),
        headline=headline(lever),
        effect=effect(lever),
        scale=scale(lever),
        kind=None if lever.pattern is None else KINDS.get(str(lever.pattern.kind.value)),
        curve=_curve(lever) if numeric and len(lever.curve.centres) > 1 else None,
        levels=None if numeric else _levels(lever),
        robustness=robustness(lever.effect.adjusted) if hurts(lever) else None,
        ratio=ratio(lever),
        money=money_at_stake(lever, value),
        hurts=hurts(lever),
    )


def x_unit(lever: Any) -> Unit:
    """How the exposure's numbers are written."""
    return SHARE if lever.unit == "share" else NUMBER


def y_unit(lever: Any) -> Unit:
    """How the outcome's numbers are written: the probability of leaving, or points of a score."""
    return SHARE if lever.binary else Unit("points")


def _curve(lever: Any) -> Curve:
    curve = lever.curve
    points = tuple(zip(curve.centres, curve.levels, curve.lower, curve.upper, strict=True))
    place = threshold(lever)
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
