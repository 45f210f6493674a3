"""Asking a run what if a lever were moved: the answer at a target, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from harken.learn.drivers.effects import scaled
from harken.learn.drivers.levers import METHOD, SUPPORT_SHARE_MIN
from harken.learn.what_if import LeverScenario, Scenarios
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.estimates import Effect, Estimate, EstimateKind, Interval
from harken.vocabulary.messages import Message, gettext_noop

DAYS_A_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one what-if question.

    `target` is the one on the grid nearest to `asked`; `moved` of `known` customers would be changed. `leaving` is
    the change of each moved customer's probability of leaving within `horizon_days` (negative = fewer leave),
    `kept` the customers kept in all (negative = more leave), `money` their value, `a_year` the cost a year below
    which the change pays if the effect lasts (None where leaving has no horizon), `a_year_each` the same per moved
    customer; `score` the change of the mean score of the moved, in points. All are None where `refused` says why.
    Intervals are pointwise: right for one target at a time.
    """

    lever: LeverScenario
    asked: float | str
    target: float | str
    moved: int
    known: int
    horizon_days: int | None
    leaving: Effect | None
    kept: Estimate | None
    money: Estimate | None
    a_year: Estimate | None
    a_year_each: Estimate | None
    score: Estimate | None
    refused: Message | None

    @property
    def shown(self) -> bool:
        """True where the change of leaving is beyond chance."""
        return self.leaving is not None and self.leaving.shown


def choose(found: Scenarios, name: str | None = None) -> LeverScenario:
    """The lever of a name (its column or family); without one the first whose adjusted effect is beyond chance.

    Raises SettingsError for a name that no lever has, and where there is no lever at all.
    """
    if not found.levers:
        raise SettingsError(Message(gettext_noop("No lever could be judged, so there is nothing to ask what if.")))
    if name is None:
        return next((lever for lever in found.levers if lever.effect.shown), found.levers[0])
    lever = found.lever(name)
    if lever is not None:
        return lever
    raise SettingsError(
        Message(gettext_noop("{name} is not a lever that was judged."), {"name": name}),
        Message(gettext_noop("Known are: {known}."), {"known": ", ".join(lever.column for lever in found.levers)}),
    )


def read_target(lever: LeverScenario, text: str) -> float | str:
    """A target as people type it: a level's name, or a number (of a share, in per cent).

    Raises SettingsError for words where a number is asked for.
    """
    if lever.category:
        return text
    try:
        number = float(text.strip().rstrip("%").replace(",", "."))
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise SettingsError(Message(gettext_noop("{text} is not a number to aim for."), {"text": text[:40]}))
    return number / 100 if lever.unit == "share" else number


def usual_target(lever: LeverScenario) -> float | str:
    """Where to begin asking: the target nearest to today's median, or the level with which most are kept."""
    if lever.today is None:
        kept = [-lever.leaving.at(index, moved).value for index, moved in enumerate(lever.moved)]
        return lever.targets[max(range(len(kept)), key=kept.__getitem__)]
    median = lever.today.median
    return min(lever.targets, key=lambda target: abs(float(target) - median))


def ask(found: Scenarios, lever: LeverScenario, asked: float | str | None = None) -> Answer:
    """What would come of moving every customer on the wrong side of a target to it; without one, to the median."""
    target = usual_target(lever) if asked is None else asked
    refused, index = _place(lever, target)
    if refused is not None or index is None:
        return Answer(
            lever, target, target, 0, _known(lever, found), found.horizon_days, None, None, None, None, None, None,
            refused,
        )  # fmt: skip
    moved = lever.moved[index]
    total = lever.leaving.at(index, moved)
    money = None if lever.money is None else lever.money.at(index, moved)
    year = None
    if money is not None and found.horizon_days:
        year = scaled(money, DAYS_A_YEAR / found.horizon_days)
    return Answer(
        lever=lever,
        asked=target,
        target=lever.targets[index],
        moved=moved,
        known=_known(lever, found),
        horizon_days=found.horizon_days,
        leaving=Effect(
            scaled(total, 1 / moved),
            lever.effect.evidence,
            lever.effect.adjusted_for,
            lever.effect.robustness_value,
        ),
        kept=_negative(total),
        money=money,
        a_year=year,
        a_year_each=None if year is None else scaled(year, 1 / moved),
        score=_score(lever, index),
        refused=None,
    )


def _score(lever: LeverScenario, index: int) -> Estimate | None:
    """The change of the score at a target; None where those who answered do not differ there."""
    if lever.score is None or lever.score_n is None or lever.score.error[index] == 0:
        return None
    return lever.score.at(index, lever.score_n)


def _negative(estimate: Estimate) -> Estimate:
    interval = Interval(-estimate.interval.upper, -estimate.interval.lower)
    return Estimate(-estimate.value, interval, estimate.n, METHOD, kind=EstimateKind.PREDICTED)


def _known(lever: LeverScenario, found: Scenarios) -> int:
    return found.customers if lever.today is None else lever.today.known


def _place(lever: LeverScenario, asked: float | str) -> tuple[Message | None, int | None]:
    """The position of the nearest target on the grid, or why there is none."""
    if lever.category or lever.today is None:
        if asked in lever.targets:
            return None, lever.targets.index(asked)
        text = gettext_noop("Hardly any customer has {target}: nobody knows what it would do. Known are: {known}.")
        known = ", ".join(str(target) for target in lever.targets)
        return Message(text, {"target": str(asked), "known": known}), None
    goal, ends = float(asked), (float(lever.targets[0]), float(lever.targets[-1]))
    reach = lever.step / 2 * (1 + 1e-9)
    if ends[0] - reach <= goal <= ends[1] + reach:
        return None, min(range(len(lever.targets)), key=lambda at: abs(float(lever.targets[at]) - goal))
    hard = goal < ends[0] if lever.lower_is_better else goal > ends[1]
    numbers = {"target": goal, "low": lever.today.lowest, "high": lever.today.highest}
    if not hard:
        text = gettext_noop(
            "Hardly anybody is beyond {target} today: nothing would change. Ask from {least} to {most}."
        )
        return Message(text, {**numbers, "least": ends[0], "most": ends[1]}), None
    nobody = goal < lever.today.lowest if lever.lower_is_better else goal > lever.today.highest
    if nobody:
        text = gettext_noop(
            "Nobody is at {target} today, so nobody knows what it would do. The data reach from {low} to {high}."
        )
        return Message(text, numbers), None
    text = gettext_noop(
        "Fewer than {share} of customers are at {target} or better today: nobody knows what it would do. "
        "Ask from {least} to {most}."
    )
    share = f"{SUPPORT_SHARE_MIN:.0%}"
    return Message(text, {**numbers, "share": share, "least": ends[0], "most": ends[1]}), None
