"""The findings of the retention analysis as sentences, for pages and reports alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harken.locale import formats
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message, gettext_noop

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


def drivers_lede(ranking: Any) -> Message:
    """How many things matter, and how many of them somebody can change."""
    shown = [family for family in ranking.families if family.shown]
    moved = sum(family.has_lever for family in shown)
    return Message(
        gettext_noop("{n} driver families go with leaving beyond chance; {levers} of them can be moved."),
        {"n": len(shown), "levers": moved},
    )


def drivers_headline(ranking: Any, label: Callable[[str], Message]) -> Message:
    """Which driver families weigh most, as far as the data can tell."""
    shown = [family for family in ranking.families if family.shown]
    if not shown:
        return Message(gettext_noop("Nothing in the data goes with leaving beyond chance."))
    first = label(shown[0].family)
    if len(shown) == 1:
        return Message(gettext_noop("One thing goes with leaving: {first}."), {"first": first})
    leading = [family for family in shown if family.rank_lower == 1]
    if len(leading) == 1:
        return Message(gettext_noop("What weighs most for who leaves: {first}."), {"first": first})
    if len(leading) == 2:
        second = label(leading[1].family)
        text = gettext_noop("Two things weigh most for who leaves: {first}; {second}.")
        return Message(text, {"first": label(leading[0].family), "second": second})
    return Message(
        gettext_noop("{n} things go with leaving; which weighs most, the data cannot tell yet."), {"n": len(shown)}
    )


def hurts(lever: Any) -> bool:
    """True where the unfavourable part makes the outcome worse beyond chance."""
    return bool(lever.effect.adjusted.shown and lever.outcomes.value > 0)


def threshold(lever: Any) -> Estimate | None:
    shape = lever.shape
    return None if shape is None or shape.threshold is None else shape.threshold.place


def headline(lever: Any) -> Message:
    """Where it begins to hurt, or that more or less of it does."""
    place = threshold(lever)
    if place is not None and hurts(lever):
        where: Message | str = written(lever, place.value, place.interval.half_width)
        if lever.unit in UNITS:
            where = Message(gettext_noop("{place} {unit}"), {"place": where, "unit": UNITS[lever.unit]})
        if lever.part.high_is_unfavourable is False:
            return Message(gettext_noop("It hurts below {place}."), {"place": where})
        return Message(gettext_noop("It starts to hurt at {place}."), {"place": where})
    if not hurts(lever):
        return Message(gettext_noop("With all else equal, no harm is shown."))
    return Message(gettext_noop("It hurts where: {part}"), {"part": lever.part.words})


def effect(lever: Any) -> Message:
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


def scale(lever: Any) -> Message:
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


def robustness(lever: Any) -> Message | None:
    value = lever.effect.adjusted.robustness_value
    if value is None or not hurts(lever):
        return None
    return Message(
        gettext_noop("A hidden cause would have to explain {share} of both this and leaving to overturn it."),
        {"share": formats.percent(value, 0 if value >= 0.1 else 1)},
    )


def written(lever: Any, value: float, half_width: float) -> str:
    """A value of the exposure, with the decimals that an interval of this half-width can bear."""
    if lever.unit == "share":
        return formats.percent(value, formats.decimals_for(half_width * 100, 1))
    return formats.number(value, formats.decimals_for(half_width, 3))
