"""The charts of a report, from the results of a run."""

from __future__ import annotations

from typing import Any

from harken.locale import render
from harken.usecases.charts.drawings import Drawing, Spot, UnitKind
from harken.usecases.families import label as family_label
from harken.usecases.reporting import sentences
from harken.usecases.reporting.words import written
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message, gettext_noop


def _said(found: Estimate, language: str, kind: str) -> str:
    half = found.interval.half_width
    return _text((found.value, found.interval.lower, found.interval.upper), half, kind, language)


def drivers_chart(ranking: Any, language: str) -> Drawing:
    """Driver families by their share of what the data explain, grey where nobody can change them."""
    spots = []
    for family in ranking.families:
        if not family.shown:
            continue
        share = family.share
        kind = gettext_noop("can be moved") if family.has_lever else gettext_noop("known, not a lever")
        ranks = {"kind": Message(kind), "best": family.rank_lower, "worst": family.rank_upper}
        text = gettext_noop("{kind} · rank {best} to {worst}")
        if family.rank_lower == family.rank_upper:
            text = gettext_noop("{kind} · rank {best}")
        spots.append(
            Spot(
                render(family_label(family.family), language),
                share.value,
                share.interval.lower,
                share.interval.upper,
                text=_said(share, language, "share"),
                note=render(Message(text, ranks), language),
                tone="accent" if family.has_lever else "grey",
            )
        )
    title = render(Message(gettext_noop("Share of explained leaving, with likely range")), language)
    return _drawing("bars", spots, language, "share", (title, title), title=title, zero=True)


def deciles_chart(validation: Any, language: str) -> Drawing:
    """Who left by tenth of risk, and the forecast as open dots."""
    spots = [
        Spot(
            str(tenth),
            decile.actual.value,
            decile.actual.interval.lower,
            decile.actual.interval.upper,
            decile.predicted,
            _said(decile.actual, language, "share"),
        )
        for tenth, decile in enumerate(validation.deciles, start=1)
    ]
    names = (gettext_noop("Tenth by risk"), gettext_noop("left"), gettext_noop("predicted"))
    tenth, left, predicted = (render(Message(name), language) for name in names)
    caption = gettext_noop("Customers by predicted risk, lowest tenth first: who left, and the forecast")
    title = render(Message(caption), language)
    return _drawing("series", spots, language, "share", (tenth, left), title=title, other=predicted, joined=False,
                    zero=True)  # fmt: skip


def lever_chart(lever: Any, language: str) -> Drawing:
    """The outcome along a lever, all else equal: a curve over numbers, bars over categories."""
    curve = lever.curve
    kind: UnitKind = "share" if lever.binary else "points"
    outcome = gettext_noop("Leaving") if lever.binary else gettext_noop("Score")
    heads = (render(lever.label, language), render(Message(outcome), language))
    caption = Message(gettext_noop("{lever}: the outcome along it, all else equal"), {"lever": lever.label})
    title = render(caption, language)
    least, most = (0.0, 1.0) if lever.binary else (float("-inf"), float("inf"))
    rows = list(zip(curve.levels, curve.lower, curve.upper, strict=True))
    within = [tuple(min(max(end, least), most) for end in row) for row in rows]
    texts = [_text(row, (row[2] - row[1]) / 2, kind, language) for row in rows]
    if curve.category:
        others = render(Message(gettext_noop("all others")), language)
        spots = [
            Spot(
                name or others,
                *row,
                text=text,
                note=render(Message(gettext_noop("{n} customers"), {"n": n}), language),
            )
            for name, row, text, n in zip(curve.labels, within, texts, curve.n, strict=True)
        ]
        return _drawing("bars", spots, language, kind, heads, title=title)
    spots = [
        Spot("", *row, text=text, x=float(x)) for x, row, text in zip(curve.centres, within, texts, strict=True)
    ]
    place = sentences.threshold(lever)
    marks: tuple[tuple[float, str], ...] = ()
    if place is not None:
        half = place.interval.half_width
        ends = {name: sentences.written(lever, end, half) for name, end in (
            ("place", place.value), ("low", place.interval.lower), ("high", place.interval.upper))}  # fmt: skip
        marks = ((place.value, render(Message(gettext_noop("{place} ({low} to {high})"), ends), language)),)
    x_unit: UnitKind = "share" if lever.unit == "share" else "number"
    return _drawing(
        "curve", spots, language, kind, heads, title=title, marks=marks, level=curve.overall, x_unit=x_unit
    )


def _text(row: tuple[float, float, float], half: float, kind: str, language: str) -> str:
    """A value and its likely range, short."""
    names = ("value", "low", "high")
    ends = {name: written(end, half, kind) for name, end in zip(names, row, strict=True)}
    return render(Message(gettext_noop("{value} ({low} to {high})"), ends), language)


def _drawing(
    kind: Any, spots: list[Spot], language: str, unit: UnitKind, heads: tuple[str, str], *, title: str, **more: Any
) -> Drawing:
    said = "; ".join(f"{spot.label or spot.x} {spot.text}" for spot in spots)
    return Drawing(kind, tuple(spots), unit, heads, title=title, said=f"{title}: {said}", language=language, **more)
