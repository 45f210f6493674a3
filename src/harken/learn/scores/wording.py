"""What a change means, in one plain sentence."""

from __future__ import annotations

from typing import Literal

from harken.vocabulary.estimates import Interval
from harken.vocabulary.messages import Message, Parameter, gettext_noop

Verdict = Literal["too few", "real", "small", "one of many", "chance"]
"""Too few customers to compare; real; sure but too small to matter; sure alone but not among so many; chance."""


def change_message(
    verdict: Verdict, change: float, interval: Interval, unit: str, threshold: float, answers_needed: int | None
) -> Message:
    """The sentence a CX person reads about a change; numbers in the headline's `unit`.

    >>> str(change_message("real", -6.0, Interval(-10.0, -2.0), "points", 5.0, None))
    'Down 6.0 points (likely 2.0 to 10.0).'
    >>> str(change_message("chance", -3.0, Interval(-10.0, 4.0), "points", 5.0, None))
    'No change shown: -3.0 points (likely -10.0 to 4.0) can be chance.'
    """
    if verdict == "too few":
        return Message(gettext_noop("Too few customers answered to compare with the period before."))
    digits = 2 if unit == "scale" else 1
    lower, upper = round(interval.lower, digits), round(interval.upper, digits)
    if verdict in ("real", "small"):
        if change < 0:
            lower, upper = -upper, -lower
        amount = amount_message(abs(change), unit)
        return Message(_MOVED[verdict, change > 0], {"amount": amount, "lower": lower, "upper": upper})
    found: dict[str, Parameter | Message] = {"amount": amount_message(change, unit), "lower": lower, "upper": upper}
    if verdict == "one of many":
        return Message(
            gettext_noop(
                "No change shown: {amount} (likely {lower} to {upper}) is not unusual among so many comparisons."
            ),
            found,
        )
    if answers_needed is None:
        return Message(gettext_noop("No change shown: {amount} (likely {lower} to {upper}) can be chance."), found)
    return Message(
        gettext_noop(
            "No change shown: {amount} (likely {lower} to {upper}) can be chance. "
            "To show {threshold}, about {needed} answers in each period are needed."
        ),
        {**found, "threshold": amount_message(threshold, unit), "needed": answers_needed},
    )


def amount_message(value: float, unit: str, *, signed: bool = False, whole: bool = False) -> Message:
    """A number with its unit: points, percentage points or units of the scale.

    `signed` writes a plus sign before a rise, `whole` drops decimals of 0.

    >>> str(amount_message(4.26, "per cent")), str(amount_message(20.0, "points", whole=True))
    ('4.3 percentage points', '20 points')
    """
    rounded = round(value, 2 if unit == "scale" else 1)
    shown = int(rounded) if whole and rounded == int(rounded) else rounded
    if signed and rounded > 0:
        return Message(gettext_noop("+{amount}"), {"amount": Message(_AMOUNTS[unit], {"value": shown})})
    return Message(_AMOUNTS[unit], {"value": shown})


_AMOUNTS = {
    "points": gettext_noop("{value} points"),
    "per cent": gettext_noop("{value} percentage points"),
    "scale": gettext_noop("{value} on the scale"),
}
_MOVED = {
    ("real", True): gettext_noop("Up {amount} (likely {lower} to {upper})."),
    ("real", False): gettext_noop("Down {amount} (likely {lower} to {upper})."),
    ("small", True): gettext_noop("Up {amount} (likely {lower} to {upper}): real, but too small to matter."),
    ("small", False): gettext_noop("Down {amount} (likely {lower} to {upper}): real, but too small to matter."),
}
