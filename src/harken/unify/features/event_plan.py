"""Plans the features of one kind of signal from what the lake holds of it; a new kind needs no code."""

from __future__ import annotations

import math
from collections.abc import Iterator

from harken.unify.features.catalogue import Feature
from harken.unify.features.event_words import (
    MEASURES,
    UNIT_LABELS,
    KindWords,
    MeasureWords,
    Unit,
    kind_words,
    measure_words,
    slug,
    unit_of,
    with_unit,
)
from harken.unify.features.families import is_lever, propose
from harken.unify.features.inventory import KindInventory, Level, Measured
from harken.unify.features.recipes import WINDOWS_DAYS, Planned, Recipe
from harken.vocabulary.messages import Message, Parameter, gettext_noop

YEAR = 365
TRENDS_DAYS: tuple[tuple[int, int], ...] = ((30, 60), (90, 275))
"""The last 30 days against the 60 before, the last 90 against the 275 before."""
REPEAT_DAYS: tuple[int, ...] = (7, 14)
SWITCH_DAYS = 14
TOP_CHANNELS = 5
TOP_TOUCHPOINTS = 8
TOP_ISSUES = 10
LEAST_SHARE = 0.01
"""A channel, touchpoint or issue below this share of its kind's signals gets no feature of its own."""


def plan_kind(kind: KindInventory, *, full: bool = True) -> tuple[tuple[Planned, ...], tuple[Planned, ...]]:
    """The features of a kind: those of one pass over its rows, and those that look at neighbouring rows.

    With `full` False (the rarest kinds of a company with very many) only counts, totals, means and days since
    the last one are planned.
    """
    words = kind_words(kind.kind)
    events = list(_activity(kind.kind, words))
    for name in MEASURES:
        measured = kind.measure(name)
        if measured is not None:
            events.extend(_measure(kind.kind, words, measured, full))
    if not full:
        return tuple(events), ()
    if kind.kind != "answer":  # how a survey came says nothing of the customer's experience
        events.extend(_channels(kind, words))
        events.extend(_touchpoints(kind, words))
        events.extend(_issues(kind, words))
    return tuple(events), tuple(_sequence(kind, words))


def grain(measured: Measured) -> float:
    """The power of two that values are rounded to before they are summed.

    All partial sums are then whole multiples of it below 2^52, so double addition is exact and the total does
    not depend on the order of rows or on the number of threads; it is at most 2^-52 of the grand total.

    >>> grain(Measured("wait_s", 10, 100.0, 1000.0)) == 2.0**-42
    True
    """
    total = max(measured.magnitude, 2.0**-300) * (1 + 1e-9)
    return math.ldexp(1.0, max(math.frexp(total)[1] - 52, -1000))


def _feature(
    name: str, family: str, label: Message, *, unit: str, days: int | None, kind: str, tally: bool = False
) -> Feature:
    """A feature of a kind; a `tally` (how many, how much in all) is a lever only where their number is one."""
    words = kind_words(kind)
    own = words.manner if family == words.family else is_lever(family)
    return Feature(
        name=name,
        family=family,
        label=with_unit(label, unit),
        unit=unit,
        lever=own and (words.lever or not tally),
        window_days=days,
        source=kind,
    )


def _say(template: str, **params: Parameter | Message) -> Message:
    return Message(template, params)


def _activity(kind: str, words: KindWords) -> Iterator[Planned]:
    """How many, how that changed, when the last and the first one was."""
    for days in WINDOWS_DAYS:
        label = _say(gettext_noop("Number of {things}, last {days} days"), things=words.many, days=days)
        name = f"{slug(kind)}_count_{days}d"
        yield Planned(
            _feature(name, words.family, label, unit="count", days=days, kind=kind, tally=True),
            Recipe("total", window_days=days),
        )
    for days, before in TRENDS_DAYS:
        label = _say(
            gettext_noop("Change in {things} per 30 days: last {days} days against the {before} days before"),
            things=words.many,
            days=days,
            before=before,
        )
        name = f"{slug(kind)}_count_trend_{days}d"
        yield Planned(
            _feature(name, words.family, label, unit="count", days=days + before, kind=kind, tally=True),
            Recipe("trend", window_days=days, before_days=before),
        )
    last = _say(gettext_noop("Days since the last {thing}"), thing=words.one)
    first = _say(gettext_noop("Days since the first {thing}"), thing=words.one)
    gap = _say(gettext_noop("Mean days between two {things}, last {days} days"), things=words.many, days=YEAR)
    for form, label, family, window in (
        ("days_since_last", last, words.family, None),
        ("days_since_first", first, "tenure", None),
        ("gap_mean", gap, words.family, YEAR),
    ):
        name = f"{slug(kind)}_{form}" if window is None else f"{slug(kind)}_gap_days_mean_{window}d"
        feature = Feature(name, family, label, unit="days", window_days=window, source=kind)
        yield Planned(feature, Recipe(form, window_days=window))  # type: ignore[arg-type]


def _measure(kind: str, words: KindWords, measured: Measured, full: bool) -> Iterator[Planned]:
    """Totals, means, maxima, changes and, for waits, shares over a limit."""
    spoken = measure_words(kind, measured.name)
    unit = unit_of(measured.name, measured.mean)
    stem = "_".join(part for part in (slug(kind), spoken.slug, unit.name.replace("currency", "")) if part)
    templates = (
        ("total", "sum", gettext_noop("Total {measure} of {things}, last {days} days")),
        ("mean", "mean", gettext_noop("Mean {measure} of {things}, last {days} days")),
        (
            "maximum",
            "max",
            gettext_noop("Longest {measure} of {things}, last {days} days")
            if spoken.longest
            else gettext_noop("Highest {measure} of {things}, last {days} days"),
        ),
    )
    for form, short, template in templates if full else templates[:2]:
        for days in WINDOWS_DAYS:
            label = _say(template, measure=spoken.noun, things=words.many, days=days)
            feature = _feature(
                f"{stem}_{short}_{days}d",
                spoken.family,
                label,
                unit=unit.name,
                days=days,
                kind=kind,
                tally=form == "total" or unit.name == "currency",  # an amount says what is bought
            )
            recipe = Recipe(form, measured.name, unit.factor, window_days=days)  # type: ignore[arg-type]
            yield Planned(feature, recipe)
    if full:
        yield from _measure_trends(kind, words, measured, spoken, unit, stem)
        if not spoken.additive:
            yield from _over_limits(kind, words, measured, spoken, unit)


def _measure_trends(
    kind: str, words: KindWords, measured: Measured, spoken: MeasureWords, unit: Unit, stem: str
) -> Iterator[Planned]:
    total = gettext_noop(
        "Change in {measure} of {things} per 30 days: last {days} days against the {before} days before"
    )
    mean = gettext_noop("Change in mean {measure} of {things}: last {days} days against the {before} days before")
    for days, before in TRENDS_DAYS:
        template = total if spoken.additive else mean
        label = _say(template, measure=spoken.noun, things=words.many, days=days, before=before)
        name = f"{stem}_{'sum' if spoken.additive else 'mean'}_trend_{days}d"
        tally = spoken.additive
        feature = _feature(name, spoken.family, label, unit=unit.name, days=days + before, kind=kind, tally=tally)
        form = "trend" if spoken.additive else "mean_trend"
        recipe = Recipe(form, measured.name, unit.factor, window_days=days, before_days=before)  # type: ignore[arg-type]
        yield Planned(feature, recipe)


def _over_limits(
    kind: str, words: KindWords, measured: Measured, spoken: MeasureWords, unit: Unit
) -> Iterator[Planned]:
    for limit in unit.limits:
        for days in (90, YEAR):
            label = _say(
                gettext_noop("Share of {things} with a {measure} over {limit} {unit}, last {days} days"),
                things=words.many,
                measure=spoken.noun,
                limit=limit,
                unit=Message(UNIT_LABELS[unit.name]),
                days=days,
            )
            name = f"{slug(kind)}_{spoken.slug}_over_{limit}_{unit.name}_share_{days}d"
            feature = _feature(name, spoken.family, label, unit="share", days=days, kind=kind)
            yield Planned(feature, Recipe("share", measured.name, over=limit * unit.factor, window_days=days))


def _frequent(levels: tuple[Level, ...], kind: KindInventory, at_most: int) -> tuple[str, ...]:
    return tuple(level.value for level in levels if level.count >= LEAST_SHARE * kind.count)[:at_most]


def _channels(kind: KindInventory, words: KindWords) -> Iterator[Planned]:
    """Share of each channel and how many were used."""
    channels = _frequent(kind.channels, kind, TOP_CHANNELS)
    if len(channels) < 2:
        return
    family = "transfers" if kind.kind == "contact" else words.family
    for channel in channels:
        for days in (90, YEAR):
            label = _say(
                gettext_noop("Share of {things} by {channel}, last {days} days"),
                things=words.many,
                channel=channel,
                days=days,
            )
            name = f"{slug(kind.kind)}_channel_{slug(channel)}_share_{days}d"
            feature = _feature(name, family, label, unit="share", days=days, kind=kind.kind)
            yield Planned(feature, Recipe("share", key="channel", value=channel, window_days=days))
    for days in (90, YEAR):
        label = _say(
            gettext_noop("Number of channels used for {things}, last {days} days"), things=words.many, days=days
        )
        feature = _feature(
            f"{slug(kind.kind)}_channels_{days}d",
            family,
            label,
            unit="count",
            days=days,
            kind=kind.kind,
            tally=True,
        )
        yield Planned(feature, Recipe("distinct", key="channel", window_days=days))


def _touchpoints(kind: KindInventory, words: KindWords) -> Iterator[Planned]:
    for touchpoint in _frequent(kind.touchpoints, kind, TOP_TOUCHPOINTS):
        for days in (90, YEAR):
            label = _say(
                gettext_noop("Number of {things} at {touchpoint}, last {days} days"),
                things=words.many,
                touchpoint=touchpoint,
                days=days,
            )
            name = f"{slug(kind.kind)}_at_{slug(touchpoint)}_count_{days}d"
            feature = _feature(name, words.family, label, unit="count", days=days, kind=kind.kind, tally=True)
            yield Planned(feature, Recipe("total", key="touchpoint", value=touchpoint, window_days=days))


def _issues(kind: KindInventory, words: KindWords) -> Iterator[Planned]:
    """Counts by issue; an issue whose words name a family (billing, delivery, network) belongs to it."""
    for issue in _frequent(kind.issues, kind, TOP_ISSUES):
        for days in (30, 90, YEAR):
            label = _say(
                gettext_noop("Number of {things} about {issue}, last {days} days"),
                things=words.many,
                issue=issue,
                days=days,
            )
            name = f"{slug(kind.kind)}_about_{slug(issue)}_count_{days}d"
            family = propose(issue) or words.family
            feature = _feature(name, family, label, unit="count", days=days, kind=kind.kind, tally=True)
            yield Planned(feature, Recipe("total", key="issue", value=issue, window_days=days))


def _sequence(kind: KindInventory, words: KindWords) -> Iterator[Planned]:
    """Longest gap; for kinds with issues also repeats and changes of channel between neighbouring contacts."""
    label = _say(gettext_noop("Longest gap between two {things}, last {days} days"), things=words.many, days=YEAR)
    name = f"{slug(kind.kind)}_gap_days_max_{YEAR}d"
    feature = Feature(name, words.family, with_unit(label, "days"), unit="days", window_days=YEAR, source=kind.kind)
    yield Planned(feature, Recipe("gap_longest", window_days=YEAR))
    if not kind.issues:
        return
    templates = {
        ("repeats", "issue"): gettext_noop(
            "Number of {things} on the same issue within {within} days of an earlier one, last {days} days"
        ),
        ("repeats", ""): gettext_noop(
            "Number of {things} within {within} days of an earlier one, last {days} days"
        ),
        ("repeat_share", "issue"): gettext_noop(
            "Share of {things} on the same issue within {within} days of an earlier one, last {days} days"
        ),
    }
    for (form, key), template in templates.items():
        for within in REPEAT_DAYS:
            for days in (90, YEAR):
                label = _say(template, things=words.many, within=within, days=days)
                same = "same_issue" if key else "any_issue"
                unit = "count" if form == "repeats" else "share"
                ending = "count" if form == "repeats" else "share"
                name = f"{slug(kind.kind)}_repeat_{same}_{within}d_{ending}_{days}d"
                feature = _feature(name, "repeat_contact", label, unit=unit, days=days, kind=kind.kind)
                recipe = Recipe(form, key=key, within_days=within, window_days=days)  # type: ignore[arg-type]
                yield Planned(feature, recipe)
    if len(kind.channels) < 2:
        return
    for days in (90, YEAR):
        label = _say(
            gettext_noop("Changes of channel between {things} at most {within} days apart, last {days} days"),
            things=words.many,
            within=SWITCH_DAYS,
            days=days,
        )
        feature = _feature(
            f"{slug(kind.kind)}_channel_switches_{days}d",
            "transfers",
            label,
            unit="count",
            days=days,
            kind=kind.kind,
        )
        yield Planned(feature, Recipe("switches", key="channel", within_days=SWITCH_DAYS, window_days=days))
