"""Two periods compared: is the change real, how many answers would show one, and why the number moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from harken.learn.scores.answers import Answers, Integers, checked_codes, usable_answers
from harken.learn.scores.changes import Change, deviation_of, score_series
from harken.learn.scores.movement import Division, Movement, PartKind, explain_movement
from harken.learn.scores.planning import POWER, answers_needed, noticeable_change
from harken.learn.scores.segments import business_threshold
from harken.learn.scores.summary import ScoreSummary, summarize, unit_of
from harken.learn.scores.tallies import tally
from harken.learn.scores.wording import amount_message
from harken.vocabulary.estimates import COUNTS_ONLY_BELOW
from harken.vocabulary.messages import Message, Parameter, gettext_noop
from harken.vocabulary.periods import Period
from harken.vocabulary.scales import Headline, Scale


@dataclass(frozen=True, slots=True)
class Needed:
    """How many answers in each of two periods show a change of size `change` (the headline's unit).

    `seen`: with fewer, the range of the change would hold 0 even where the change turned out just so large;
    `powered`: with so many it is noticed four times out of five. For answers spread as those at hand are
    (`deviation` of one answer).
    """

    change: float
    seen: int
    powered: int
    deviation: float
    message: Message


@dataclass(frozen=True, slots=True)
class Comparison:
    """One period against another: `change` and `movement` are None where nobody answered in one of them.

    `finding` says whether the change is real, `why` where the number's movement comes from (None where it did not
    move), `needed` how many answers a change of this size takes and `noticeable` which change these answers would
    show (None where answers tell no spread).
    """

    before: ScoreSummary
    after: ScoreSummary
    before_period: Period
    after_period: Period
    change: Change | None
    movement: Movement | None
    needed: Needed | None
    noticeable: Message | None
    finding: Message
    why: Message | None


def compare(
    scores: ArrayLike,
    side: ArrayLike,
    periods: tuple[Period, Period],
    scale: Scale,
    *,
    weights: ArrayLike | None = None,
    customer_id: ArrayLike | None = None,
    account: Integers | None = None,
    divisions: Sequence[Division] = (),
    known_after: ScoreSummary | None = None,
    level: float = 0.95,
) -> Comparison:
    """Compare the answers of two periods that do not overlap.

    `scores` (n,) NaN = blank; `side` (n,) 0 before, 1 after, negative in neither (such answers still tell how far
    answers are spread). `account` and the codes of `divisions` have shape (n,); `known_after` is the summary of the
    second period where it is known already. Raises `DataError` for unequal lengths.

    >>> from datetime import date
    >>> from harken.vocabulary.scales import SCALES
    >>> waves = Period(date(2026, 1, 1), date(2026, 2, 1)), Period(date(2026, 4, 1), date(2026, 5, 1))
    >>> result = compare([10, 9, 8, 9, 3, 10, 8, 8, 9, 4.0], [0] * 5 + [1] * 5, waves, SCALES["nps_0_10"])
    >>> str(result.finding)
    'No change shown: 5 answers before and 5 after are too few to tell.'
    """
    score = np.asarray(scores, dtype=np.float64)
    codes = checked_codes(side, score.size, 2)
    customer = np.arange(score.size) if customer_id is None else np.asarray(customer_id)
    weight = None if weights is None else np.asarray(weights, dtype=np.float64)

    def summary(at: int) -> ScoreSummary:
        rows = codes == at
        own = None if weight is None else weight[rows]
        return summarize(
            score[rows], scale, weights=own, customer_id=customer[rows], period=periods[at], level=level
        )

    before, after = summary(0), known_after or summary(1)
    answers = usable_answers(score, scale, weight, customer)
    usable = codes[answers.kept]
    two = codes >= 0
    series = score_series(
        score[two], codes[two], periods, scale, weights=None if weight is None else weight[two],
        customer_id=customer[two], level=level,
    )  # fmt: skip
    change = series.changes[0] if series.changes else None
    movement = None
    if change is not None:
        rows = answers.kept[usable >= 0]
        cut = [Division(one.name, one.label, one.codes[rows], one.levels) for one in divisions]
        accounts = None if account is None else account[rows]
        movement = explain_movement(
            answers.only(usable >= 0), codes[rows], scale, account=accounts, divisions=cut, level=level
        )
    deviation = _deviation(answers, usable, scale)
    return Comparison(
        before=before,
        after=after,
        before_period=periods[0],
        after_period=periods[1],
        change=change,
        movement=movement,
        needed=None if deviation is None else needed_for(_size(change, scale), deviation, scale, level=level),
        noticeable=None if deviation is None else _noticeable(before.n, after.n, deviation, scale, level),
        finding=_finding(before, after, change),
        why=None if change is None or movement is None else _why(change, movement),
    )


def needed_for(change: float, deviation: float, scale: Scale, *, level: float = 0.95) -> Needed:
    """How many answers in each period show a `change`, where one answer has this standard `deviation`.

    >>> from harken.vocabulary.scales import SCALES
    >>> needed = needed_for(20.0, 83.7, SCALES["nps_0_10"])
    >>> needed.seen, needed.powered
    (135, 275)
    """
    seen, powered = (answers_needed(change, deviation, power=power, level=level) for power in (0.5, POWER))
    message = Message(
        gettext_noop(
            "Between two periods, a change of {size} needs about {seen} answers in each to be seen at all "
            "({powered} for 80% power), as answers here are spread."
        ),
        {"size": amount_message(change, unit_of(scale), whole=True), "seen": seen, "powered": powered},
    )
    return Needed(change, seen, powered, deviation, message)


def _deviation(answers: Answers, side: Integers, scale: Scale) -> float | None:
    """Of one answer: in the two periods where each has 10 customers, else over all answers; None where unknown."""
    two = side >= 0
    sums = tally(answers.only(two), scale, scale.headline, side[two], 2)
    if int(sums.customers.min()) >= COUNTS_ONLY_BELOW:
        deviation = float(deviation_of(sums.take(np.array([0])), sums.take(np.array([1])))[0])
    else:
        whole = tally(answers, scale, scale.headline, np.zeros(side.size, np.int64), 1)
        if int(whole.customers[0]) < COUNTS_ONLY_BELOW:
            return None
        deviation = float(deviation_of(whole, whole)[0])
    return deviation if deviation > 0 else None


def _noticeable(before: int, after: int, deviation: float, scale: Scale, level: float) -> Message | None:
    """The smallest true change that so many answers would mostly show."""
    if min(before, after) < COUNTS_ONLY_BELOW:
        return None
    size = noticeable_change(2.0 / (1.0 / before + 1.0 / after), deviation, level=level)
    return Message(
        gettext_noop(
            "With {before} answers before and {after} after, "
            "a true change of {size} is noticed four times out of five."
        ),
        {"before": before, "after": after, "size": amount_message(size, unit_of(scale))},
    )


def _size(change: Change | None, scale: Scale) -> float:
    """The size of change to speak of: the one at hand, not below the smallest worth acting on."""
    least = business_threshold(scale)
    if change is None:
        return least
    size = round(abs(change.change), 1 if scale.headline is Headline.MEAN else 0)
    return max(size, least)


def _finding(before: ScoreSummary, after: ScoreSummary, change: Change | None) -> Message:
    """Whether the score changed, in one sentence."""
    if change is None:
        if after.n == 0:
            return Message(gettext_noop("Nobody answered in this period."))
        return Message(gettext_noop("Nobody answered in the period before, so there is nothing to compare with."))
    if change.p is None:
        return Message(
            gettext_noop("No change shown: {before} answers before and {after} after are too few to tell."),
            {"before": before.n, "after": after.n},
        )
    return change.message


def _why(change: Change, movement: Movement) -> Message | None:
    """Which part of the movement is the largest in its direction, in one sentence."""
    digits = 2 if change.unit == "scale" else 1
    if round(abs(change.change), digits) == 0 or not movement.parts:
        return None
    direction = 1.0 if change.change > 0 else -1.0
    leading = max(movement.parts, key=lambda part: direction * part.amount)
    values: dict[str, Parameter | Message] = {
        "gone": leading.customers_before,
        "new": leading.customers_after,
        "n": leading.customers_after,
        "gone_accounts": leading.accounts_before,
        "new_accounts": leading.accounts_after,
        "division": movement.mix_by,
    }
    accounts = leading.kind is PartKind.OTHERS and bool(leading.accounts_before or leading.accounts_after)
    text = _WHY["accounts"] if accounts else _WHY[leading.kind]
    reason = Message(text, {name: value for name, value in values.items() if "{" + name + "}" in text})
    if change.p is None:  # below 10 answers no number is shown
        return Message(gettext_noop("Why the number moved: {reason}."), {"reason": reason})
    told: dict[str, Parameter | Message] = {
        "reason": reason,
        "part": amount_message(leading.amount, change.unit, signed=True),
        "change": amount_message(change.change, change.unit, signed=True),
    }
    if abs(leading.amount) > abs(change.change) * 1.05:
        return Message(
            gettext_noop("Why the number moved: {reason}. That alone is {part}; the rest brings it to {change}."),
            told,
        )
    return Message(gettext_noop("Why the number moved: {reason}. That is {part} of {change}."), told)


_WHY: dict[str, str] = {
    "accounts": gettext_noop("other accounts answered ({gone_accounts} before, {new_accounts} others after)"),
    PartKind.OTHERS: gettext_noop("other customers answered ({gone} before, {new} others after)"),
    PartKind.COLLEAGUES: gettext_noop(
        "other contacts of the same accounts answered ({gone} before, {new} others after)"
    ),
    PartKind.SAME: gettext_noop("the same {n} respondents answered otherwise"),
    PartKind.MIX: gettext_noop("other segments answered (by {division})"),
}


def ranking_is_chance(best: Sequence[int | None], worst: Sequence[int | None], shown: Sequence[bool]) -> bool:
    """True where at least two segments have ranks, all their ranges share a place and none differs from the rest.

    >>> ranking_is_chance((1, 1, 2), (3, 3, 3), (False, False, False))
    True
    """
    firsts = [place for place in best if place is not None]
    lasts = [place for place in worst if place is not None]
    return len(firsts) > 1 and not any(shown) and max(firsts) <= min(lasts)
