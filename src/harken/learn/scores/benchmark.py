"""The score beside somebody else's that the user supplied: the difference, and its range as far as known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harken.learn.scores.intervals import Bounds, mover, net_interval, wilson_interval
from harken.learn.scores.summary import unit_of
from harken.learn.scores.wording import amount_message
from harken.vocabulary.estimates import Estimate, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import Headline, Scale


@dataclass(frozen=True, slots=True)
class AgainstBenchmark:
    """Our score minus a benchmark, in the headline's unit.

    `interval` is None where the benchmark's n is not known; `told` says whether it leaves out 0, None without one.
    """

    difference: float
    interval: Interval | None
    told: bool | None
    message: Message


def possible_values(scale: Scale) -> tuple[float, float]:
    """The smallest and largest headline that a scale allows, in its unit.

    >>> from harken.vocabulary.scales import SCALES
    >>> possible_values(SCALES["nps_0_10"]), possible_values(SCALES["stars_1_5"])
    ((-100.0, 100.0), (1.0, 5.0))
    """
    if scale.headline is Headline.MEAN:
        return float(scale.minimum), float(scale.maximum)
    return (-100.0 if scale.headline is Headline.NET else 0.0), 100.0


def against_benchmark(
    ours: Estimate, scale: Scale, value: float, n: int | None = None, *, level: float = 0.95
) -> AgainstBenchmark:
    """How far our score lies from a benchmark on the same scale, and how sure that is.

    `value` is the benchmark in the headline's unit, `n` how many answered there. How its answers are spread is not
    known: the widest spread that its value allows is taken (nobody in between), so that the range is never too
    narrow. Without `n` there is a difference and no range.

    Source: MOVER (Zou and Donner 2008) on score intervals.

    >>> from harken.vocabulary.estimates import Interval
    >>> from harken.vocabulary.scales import SCALES
    >>> ours = Estimate(30.0, Interval(24.0, 36.0), 900, "score.net.tango")
    >>> str(against_benchmark(ours, SCALES["nps_0_10"], 42.0, 1500).message)
    'Ours is 12.0 points below (likely 4.4 to 19.5).'
    >>> str(against_benchmark(ours, SCALES["nps_0_10"], 42.0).message)
    'Ours is 12.0 points below. How sure that is cannot be said: the benchmark tells no n.'
    """
    difference = ours.value - value
    amount = amount_message(abs(difference), unit_of(scale))
    if n is None:
        return AgainstBenchmark(difference, None, None, Message(_BARE[difference >= 0], {"amount": amount}))
    own = np.array(ours.interval.lower), np.array(ours.interval.upper)
    lower, upper = (float(end) for end in mover(value, _widest(scale, value, n, level), ours.value, own))
    interval = Interval(lower, upper, level)
    told = interval.excludes(0.0)
    digits = 2 if scale.headline is Headline.MEAN else 1
    text = _TOLD[difference >= 0] if told else _ALIKE
    if not told:
        amount = amount_message(difference, unit_of(scale), signed=True)
    elif difference < 0:
        lower, upper = -upper, -lower
    said = Message(text, {"amount": amount, "lower": round(lower, digits), "upper": round(upper, digits)})
    return AgainstBenchmark(difference, interval, told, said)


def _widest(scale: Scale, value: float, n: int, level: float) -> Bounds:
    """The range of a benchmark whose answers lie as far apart as its value allows."""
    low, high = possible_values(scale)
    share = (value - low) / (high - low)
    if scale.headline is Headline.NET:
        lower, upper = net_interval(n * (1.0 - share), 0.0, n * share, level)
        return 100.0 * lower, 100.0 * upper
    lower, upper = wilson_interval(n * share, n, level)
    return low + (high - low) * lower, low + (high - low) * upper


_BARE = {
    True: gettext_noop("Ours is {amount} above. How sure that is cannot be said: the benchmark tells no n."),
    False: gettext_noop("Ours is {amount} below. How sure that is cannot be said: the benchmark tells no n."),
}
_TOLD = {
    True: gettext_noop("Ours is {amount} above (likely {lower} to {upper})."),
    False: gettext_noop("Ours is {amount} below (likely {lower} to {upper})."),
}
_ALIKE = gettext_noop("Ours cannot be told apart from it: {amount} (likely {lower} to {upper}).")
