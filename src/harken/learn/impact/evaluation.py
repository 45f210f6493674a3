"""The answer to "did it work?": what was found, by which way, what was checked, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harken.vocabulary.estimates import Z95, Effect, Estimate
from harken.vocabulary.messages import Message, gettext_noop

SEEN_FOUR_TIMES_IN_FIVE = Z95 + 0.8416212335729143


class Way(StrEnum):
    """How an effect was measured."""

    LOT = "lot"
    """A lot decided who was treated."""
    STAGGERED = "staggered"
    """Changes of those who started against those who had not."""
    CALLBACKS = "callbacks"
    """Customers called back by a day against those not called by then, made alike by weights."""
    PICKED = "picked"
    """Units picked for being worst, beside what the others show of chance."""
    NONE = "none"
    """There is no honest way with what was given."""


class Advice(StrEnum):
    """What the range of the effect, and nothing else, speaks for."""

    SCALE = "scale"
    CHANGE = "change"
    STOP = "stop"
    UNDECIDED = "undecided"


ADVICE_WORDS: dict[Advice, str] = {
    Advice.SCALE: gettext_noop("Scale it: the whole range lies on the wanted side."),
    Advice.CHANGE: gettext_noop("Change it: the whole range lies below what would be worth it."),
    Advice.STOP: gettext_noop("Stop it: the whole range lies on the unwanted side."),
    Advice.UNDECIDED: gettext_noop(
        "Neither scale nor stop it yet: the range holds gains and losses. Go on, with more units or for longer."
    ),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: `passed` True or False, None where it could not be tested."""

    name: str
    passed: bool | None
    words: Message


@dataclass(frozen=True, slots=True)
class Lag:
    """The effect so many periods after the start (negative: before it), in units of the outcome."""

    lag: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Whether an action worked.

    `way` is how it was measured and `choice` why so; `headline` says the finding, or the reason of a refusal;
    `effect` carries interval, n and evidence, None where nothing honest can be said (then `todo` says what would
    make it possible). `smallest_visible` is the effect that would be seen four times in five with these data.
    `advice` follows from the interval alone, `advice_words` says it. `lags` draw the effect over time with
    `pre_trend_p`, how likely such differences before the start are by chance; both empty without a panel.
    """

    way: Way
    choice: Message
    headline: Message
    effect: Effect | None
    smallest_visible: float | None
    advice: Advice
    advice_words: Message
    checks: tuple[Check, ...] = ()
    lags: tuple[Lag, ...] = ()
    pre_trend_p: float | None = None
    todo: Message | None = None

    @property
    def refused(self) -> bool:
        """True where no honest way was found."""
        return self.effect is None


def advice_for(effect: Effect, *, higher_is_better: bool, worthwhile: float = 0.0) -> Advice:
    """What an effect's interval speaks for; `worthwhile` is the least gain that is worth it, 0 or more.

    >>> from harken.vocabulary.estimates import Evidence, Interval
    >>> one = Effect(Estimate(2.0, Interval(1.0, 3.0), 90, "m"), Evidence.EXPERIMENTAL)
    >>> advice_for(one, higher_is_better=True).value, advice_for(one, higher_is_better=False).value
    ('scale', 'stop')
    >>> advice_for(one, higher_is_better=True, worthwhile=5.0).value
    'change'
    """
    interval = effect.estimate.interval
    low, high = (interval.lower, interval.upper) if higher_is_better else (-interval.upper, -interval.lower)
    if high < 0:
        return Advice.STOP
    if low > 0 and low >= worthwhile:
        return Advice.SCALE
    return Advice.CHANGE if high < worthwhile else Advice.UNDECIDED


def figure(value: float, *, share: bool, signed: bool = True) -> Message | str:
    """An effect with its unit: percentage points for shares, three digits else."""
    written = bare(value, share=share).lstrip("" if signed else "+")
    return Message(gettext_noop("{n} percentage points"), {"n": written}) if share else written


def bare(value: float, *, share: bool) -> str:
    """An effect's number without its unit."""
    if share:
        return f"{100 * value:+.1f}"
    return f"{value:+,.0f}" if abs(value) >= 1000 else f"{value:+.3g}"


def refused(reason: Message, todo: Message, checks: tuple[Check, ...] = ()) -> Evaluation:
    """An evaluation without an effect."""
    return Evaluation(
        way=Way.NONE,
        choice=Message(gettext_noop("None of the ways fits what was given.")),
        headline=reason,
        effect=None,
        smallest_visible=None,
        advice=Advice.UNDECIDED,
        advice_words=Message(gettext_noop("No advice without an effect.")),
        checks=checks,
        todo=todo,
    )


def found(
    way: Way,
    choice: Message,
    effect: Effect,
    *,
    share: bool,
    higher_is_better: bool,
    worthwhile: float,
    checks: tuple[Check, ...],
    lags: tuple[Lag, ...] = (),
    pre_trend_p: float | None = None,
) -> Evaluation:
    """An evaluation with its headline and advice. No advice where a check failed."""
    estimate = effect.estimate
    smallest = estimate.interval.half_width / Z95 * SEEN_FOUR_TIMES_IN_FIVE
    sound = all(check.passed is not False for check in checks)
    advice = advice_for(effect, higher_is_better=higher_is_better, worthwhile=worthwhile)
    words = Message(ADVICE_WORDS[advice])
    if not sound:
        advice = Advice.UNDECIDED
        words = Message(gettext_noop("No advice while a check fails: see what to look at first."))
    return Evaluation(
        way=way,
        choice=choice,
        headline=_headline(effect, smallest, share=share),
        effect=effect,
        smallest_visible=smallest,
        advice=advice,
        advice_words=words,
        checks=checks,
        lags=lags,
        pre_trend_p=pre_trend_p,
    )


def _headline(effect: Effect, smallest: float, *, share: bool) -> Message:
    estimate = effect.estimate
    values = {
        "effect": figure(estimate.value, share=share),
        "lower": bare(estimate.interval.lower, share=share),
        "upper": bare(estimate.interval.upper, share=share),
        "n": estimate.n,
    }
    if not effect.shown:
        text = gettext_noop(
            "No effect is shown: {effect} ({lower} to {upper}), n = {n}. One of {smallest} either way would be "
            "seen four times in five."
        )
        size = figure(smallest, share=share, signed=False)
        return Message(text, {**values, "smallest": size})
    text = {
        "experimental": gettext_noop("It made a difference of {effect} ({lower} to {upper}), n = {n}: by lot."),
        "adjusted": gettext_noop("It goes with a difference of {effect} ({lower} to {upper}), n = {n}: adjusted."),
        "associational": gettext_noop(
            "It goes with a difference of {effect} ({lower} to {upper}), n = {n}: whether it made it is open."
        ),
    }[effect.evidence.value]
    return Message(text, values)
