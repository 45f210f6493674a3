"""What moving customers from one band to another is worth: +3 points have a price on each path, not one."""

from __future__ import annotations

from dataclasses import dataclass

from harken.learn.drivers.effects import scaled
from harken.learn.value_link.estimate import PATHS, OutcomeLink
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.estimates import Effect, Estimate, EstimateKind, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.periods import Period
from harken.vocabulary.scales import Headline


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One outcome that a point may be worth something in.

    `kind` is "leaving", "spending", "contacts", "outcome" (a declared one) or "column" (of dated snapshots);
    `name` is how settings and commands name it. `horizon_days` after each answer it is counted. `link` is
    None where `refused` says what data it would need; `money_missing` says why it has no money.
    """

    name: str
    kind: str
    label: Message
    horizon_days: int
    link: OutcomeLink | None
    refused: Message | None
    money_missing: Message | None


@dataclass(frozen=True, slots=True)
class ValueLink:
    """What the answers to one question go with afterwards, outcome by outcome.

    `customers` are all customers today and `shares` (0 to 1) those in the unfavourable, middle and favourable
    band: estimated for all where `of_all`, else those who answered, of `customers` who did. `answered` are
    the days of the answers that are linked, each followed for its outcome's horizon. `margin` (0 to 1) is in
    all money.
    """

    question: str
    scale_id: str
    headline: Headline
    customers: int
    shares: tuple[float, float, float]
    of_all: bool
    answered: Period | None
    margin: float
    lines: tuple[ValueLine, ...]

    def line(self, name: str | None = None) -> ValueLine:
        """The line of an outcome by its name, without one the first that could be linked.

        Raises SettingsError for a name that is not there.
        """
        if name is None:
            return next((one for one in self.lines if one.link is not None), self.lines[0])
        for one in self.lines:
            if one.name == name:
                return one
        raise SettingsError(
            Message(gettext_noop("{name} is not an outcome that was linked."), {"name": name}),
            Message(gettext_noop("Known are: {known}."), {"known": ", ".join(one.name for one in self.lines)}),
        )


@dataclass(frozen=True, slots=True)
class MoveAnswer:
    """What goes with moving `moved` customers from band `start` to band `end`.

    `share` (0 to 1) of the band they are, `points` what that adds to the headline score (None where the
    headline is a mean). `raw_change` and `change` are the change of the outcome over all of them (customers,
    or its amounts) within `horizon_days`, `raw_money` and `money` what that is worth, positive where the
    company gains. `effect` carries how far the link may be read as a cause. All are None where `refused` says
    why.
    """

    outcome: str
    start: int
    end: int
    share: float | None
    moved: int
    points: float | None
    horizon_days: int
    effect: Effect | None
    raw_change: Estimate | None
    change: Estimate | None
    raw_money: Estimate | None
    money: Estimate | None
    refused: Message | None


def move_share(found: ValueLink, outcome: str | None, start: int, end: int, share: float) -> MoveAnswer:
    """What moving a `share` (above 0, up to 1) of the customers in band `start` to band `end` goes with.

    Customers times (outcome at the end - outcome at the start), with all else equal where that could be told.
    Raises SettingsError for a path or outcome that does not exist and a share outside 0 to 1.
    """
    if not 0 < share <= 1:
        raise SettingsError(Message(gettext_noop("A share to move lies above 0 and up to 100 per cent.")))
    _known_path(start, end)
    return _answer(found, outcome, start, end, share, round(share * found.shares[start + 1] * found.customers))


def move_points(
    found: ValueLink, outcome: str | None, points: float, start: int | None = None, end: int | None = None
) -> MoveAnswer:
    """What a rise of the headline score by `points` goes with along one path; refused without a path.

    +3 points of a net score are 3 % of the customers moved from passive to promoter or from detractor to
    passive, or 1.5 % from detractor to promoter: three different things, worth different money.
    """
    line = found.line(outcome)
    if start is None or end is None:
        text = gettext_noop("+{points} points are not one thing: name the path, each is worth something else.")
        return _refused(line, 0, 0, Message(text, {"points": points}))
    _known_path(start, end)
    per_customer = _points_each(found, start, end)
    if not points > 0:
        return _refused(line, start, end, Message(gettext_noop("Ask for a rise above 0 points.")))
    if not per_customer:
        text = gettext_noop("This path does not move the score by whole steps: ask for a share of the customers.")
        return _refused(line, start, end, Message(text))
    moved = points / per_customer
    there = found.shares[start + 1] * found.customers
    if moved > there:
        text = gettext_noop("It would take {needed} customers in this band; there are {there}.")
        return _refused(line, start, end, Message(text, {"needed": round(moved), "there": round(there)}))
    return _answer(found, outcome, start, end, moved / there, round(moved))


def _known_path(start: int, end: int) -> None:
    if (start, end) not in PATHS:
        raise SettingsError(Message(gettext_noop("A path leads from a worse band to a better one.")))


def _points_each(found: ValueLink, start: int, end: int) -> float:
    """Points of the headline that one customer moved adds; 0 where it adds none or nobody can say."""
    if found.headline is Headline.NET:
        steps = end - start
    elif found.headline is Headline.TOP_SHARE:
        steps = int(end == 1)
    else:
        steps = 0
    return 100.0 * steps / found.customers


def _answer(found: ValueLink, outcome: str | None, start: int, end: int, share: float, moved: int) -> MoveAnswer:
    line = found.line(outcome)
    path = None if line.link is None else line.link.path(start, end)
    if path is None or path.raw is None:
        return _refused(line, start, end, line.refused if path is None else path.refused)
    if moved < 1:
        return _refused(line, start, end, Message(gettext_noop("Nobody would be moved.")))
    effect = path.adjusted or path.raw
    each = _points_each(found, start, end)
    return MoveAnswer(
        outcome=line.name,
        start=start,
        end=end,
        share=share,
        moved=moved,
        points=None if found.headline is Headline.MEAN else moved * each,
        horizon_days=line.horizon_days,
        effect=effect,
        raw_change=_times(path.raw.estimate, moved),
        change=None if path.adjusted is None else _times(path.adjusted.estimate, moved),
        raw_money=None if path.raw_money is None else _times(path.raw_money, moved),
        money=None if path.money is None else _times(path.money, moved),
        refused=None,
    )


def _times(estimate: Estimate, count: int) -> Estimate:
    one = scaled(estimate, count)
    return Estimate(one.value, one.interval, one.n, one.method, kind=EstimateKind.PREDICTED)


def negative(estimate: Estimate) -> Estimate:
    """The same number the other way round: leavers fewer are customers kept.

    >>> negative(Estimate(-2.0, Interval(-3.0, -1.0), 90, "m")).interval
    Interval(lower=1.0, upper=3.0, level=0.95)
    """
    interval = Interval(-estimate.interval.upper, -estimate.interval.lower, estimate.interval.level)
    return Estimate(-estimate.value, interval, estimate.n, estimate.method, kind=estimate.kind)


def _refused(line: ValueLine, start: int, end: int, words: Message | None) -> MoveAnswer:
    return MoveAnswer(line.name, start, end, None, 0, None, line.horizon_days, None, None, None, None, None, words)
