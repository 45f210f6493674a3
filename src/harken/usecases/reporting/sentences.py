"""The findings of the retention analysis as sentences, for pages and reports alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harken.locale import formats
from harken.vocabulary.estimates import Effect, Estimate, Evidence
from harken.vocabulary.messages import Message, gettext_noop

KINDS = {
    "punishes_only": Message(
        gettext_noop("punishes only: the bad end goes with worse, the good end with no better")
    ),
    "rewards_only": Message(gettext_noop("rewards only: the good end goes with better, the bad end with no worse")),
    "both": Message(gettext_noop("both: the bad end goes with worse, the good end with better")),
    "neither": Message(gettext_noop("neither: no end goes with a difference")),
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
    if len(shown) == 1:
        yes = gettext_noop("One driver family goes with leaving beyond chance, and it can be moved.")
        no = gettext_noop("One driver family goes with leaving beyond chance, and it cannot be moved.")
        return Message(yes if moved else no)
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
    """From where on more customers leave, or in which part, in words that its evidence bears."""
    equal = lever.effect.adjusted.evidence is Evidence.ADJUSTED
    if not hurts(lever):
        return Message(
            gettext_noop("With all else equal, no more leaving is shown.")
            if equal
            else gettext_noop("No more leaving is shown.")
        )
    place = threshold(lever)
    if place is None:
        text = (
            gettext_noop("More customers leave, all else equal: {part}")
            if equal
            else gettext_noop("More customers leave: {part}")
        )
        return Message(text, {"part": lever.part.words})
    where: Message | str = written(lever, place.value, place.interval.half_width)
    if lever.unit in UNITS:
        where = Message(gettext_noop("{place} {unit}"), {"place": where, "unit": UNITS[lever.unit]})
    if lever.part.high_is_unfavourable is False:
        text = (
            gettext_noop("Below {place} more customers leave, all else equal.")
            if equal
            else gettext_noop("Below {place} more customers leave.")
        )
    else:
        text = (
            gettext_noop("From {place} on more customers leave, all else equal.")
            if equal
            else gettext_noop("From {place} on more customers leave.")
        )
    return Message(text, {"place": where})


def money_at_stake(lever: Any, value: Any) -> Estimate | None:
    """What goes with the lever's unfavourable part in money, None where the run has no value at stake for it."""
    if value is None:
        return None
    return next((row.money for row in value.by_family if row.column == lever.column), None)


def ratio(lever: Any) -> Message | None:
    """How many times as often those in the unfavourable part leave as their like outside it, where it is shown."""
    estimate = lever.effect.risk_ratio
    if estimate is None or not hurts(lever) or estimate.interval.lower <= 1:
        return None
    decimals = formats.decimals_for(estimate.interval.half_width, 2)
    numbers = {
        name: formats.number(value, decimals)
        for name, value in (
            ("ratio", estimate.value),
            ("low", estimate.interval.lower),
            ("high", estimate.interval.upper),
        )
    }
    return Message(gettext_noop("leaving ×{ratio} ({low} to {high})"), numbers)


LEAVING_EFFECT = {
    1: gettext_noop(
        "{part}: {value} percentage points more of these leave than of others like them ({low} to {high})."
    ),
    -1: gettext_noop(
        "{part}: {value} percentage points fewer of these leave than of others like them ({low} to {high})."
    ),
    0: gettext_noop(
        "{part}: beside others like them, leaving differs by {low} to {high} percentage points; it may be chance."
    ),
}
SCORE_EFFECT = {
    1: gettext_noop("{part}: the score is {value} points higher than that of others like them ({low} to {high})."),
    -1: gettext_noop("{part}: the score is {value} points lower than that of others like them ({low} to {high})."),
    0: gettext_noop(
        "{part}: beside others like them, the score differs by {low} to {high} points; it may be chance."
    ),
}


def effect(lever: Any) -> Message:
    """The adjusted effect on those in the unfavourable part, beside their like outside it, and its direction."""
    estimate, factor = lever.effect.adjusted.estimate, 100.0 if lever.binary else 1.0
    direction = 0 if not lever.effect.adjusted.shown else 1 if estimate.value > 0 else -1
    ends = [estimate.interval.lower * factor, estimate.interval.upper * factor]
    if direction:
        ends = sorted(abs(end) for end in ends)
    decimals = formats.decimals_for(estimate.interval.half_width * factor, 1)
    numbers = {
        "value": formats.number(abs(estimate.value) * factor, decimals),
        "low": formats.number(ends[0], decimals, signed=direction == 0),
        "high": formats.number(ends[1], decimals, signed=direction == 0),
    }
    texts = LEAVING_EFFECT if lever.binary else SCORE_EFFECT
    return Message(texts[direction], {"part": lever.part.words, **numbers})


def scale(lever: Any) -> Message:
    """How many customers are affected, and how many leavers that is."""
    outcomes = lever.outcomes
    if not lever.binary or not hurts(lever):
        return Message(
            gettext_noop("{n} of {total} customers are affected."), {"n": lever.affected, "total": lever.n}
        )
    return Message(
        gettext_noop(
            "{n} of {total} customers are affected; {low} to {high} more of them leave than of others like them."
        ),
        {
            "n": lever.affected,
            "total": lever.n,
            "low": formats.number(max(0, round(outcomes.interval.lower)), 0),
            "high": formats.number(round(outcomes.interval.upper), 0),
        },
    )


def robustness(effect: Effect) -> Message | None:
    """How strong a hidden cause would have to be; None where no effect is shown."""
    value = effect.robustness_value
    if value is None or not effect.shown:
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
