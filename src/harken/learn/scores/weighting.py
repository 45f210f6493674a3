"""Answers weighed so that they look like all customers: raking to known margins, and what certainty that costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harken.learn.scores.answers import Floats, Integers, scored, usable_answers
from harken.learn.scores.intervals import z_of
from harken.learn.scores.summary import estimates_of
from harken.learn.scores.tallies import tally
from harken.vocabulary.errors import DataError, Problem
from harken.vocabulary.estimates import Estimate, Interval
from harken.vocabulary.messages import Message, Parameter, gettext_noop
from harken.vocabulary.scales import Scale

ROUNDS_MAX = 2000
TRIMMINGS_MAX = 100
TOTALS_AGREE = 1e-6
"""Totals of several margins may differ by so much of themselves: rounding, not another population."""
METHOD = "score.calibrated"


@dataclass(frozen=True, slots=True)
class Margin:
    """What is known of all customers by one column: `totals` (K,) customers in each of the K `levels`.

    `codes` (n,) holds each answer's level, 0 to K - 1. Totals may be shares too, where those of all margins are.
    """

    name: str
    codes: Integers
    levels: tuple[str, ...]
    totals: Floats


@dataclass(frozen=True, slots=True)
class LevelMet:
    """One level of a margin: its share of all customers as `asked`, `before` weighing and `after` it (0 to 1)."""

    margin: str
    level: str
    answers: int
    asked: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Weights (n,) that meet the margins, and what they cost.

    They sum to the margins' total. `n_effective` (Kish 1965) is how many equal answers they are worth,
    `design_effect` = n / n_effective = 1 + CV^2 of the weights. `trimmed` answers had their weight cut to `cap`
    (None: no limit was asked for); `largest_miss` is how far a level's share then lies from what was asked, 0
    without trimming. `base` (n,) are the weights before.
    """

    weights: Floats
    base: Floats
    n_effective: float
    design_effect: float
    cap: float | None
    trimmed: int
    largest_miss: float
    levels: tuple[LevelMet, ...]
    margins: tuple[Margin, ...]


@dataclass(frozen=True, slots=True)
class CalibratedScore:
    """The score of weighed answers: `estimate` in the headline's unit, its `standard_error`, and it unweighted."""

    estimate: Estimate
    standard_error: float
    unweighted: Estimate


def margin_of(name: str, values: Sequence[str], totals: dict[str, float]) -> Margin:
    """A margin from each answer's value (n,) and the number of all customers with each value.

    Raises `DataError` for answers whose value has no total.

    >>> margin_of("plan", ["Plus", "Basic", "Plus"], {"Basic": 700, "Plus": 300}).codes.tolist()
    [1, 0, 1]
    """
    levels = tuple(totals)
    place = {level: index for index, level in enumerate(levels)}
    unknown = sorted({value for value in values if value not in place})
    if unknown:
        reason = Message(
            gettext_noop("answers have values without a total: {values}"), {"values": ", ".join(unknown)}
        )
        raise _unusable([Problem(reason, column=name)])
    codes = np.array([place[value] for value in values], dtype=np.int64)
    return Margin(name, codes, levels, np.array(list(totals.values()), dtype=np.float64))


def post_stratified(margin: Margin, *, base: ArrayLike | None = None, largest: float | None = None) -> Calibrated:
    """Weigh answers so that every level stands for as many customers as it has: raking to a single margin.

    For cells of several columns give one margin whose levels are the cells. See `raked`.

    >>> cells = margin_of("plan", ["Basic", "Plus", "Plus", "Plus"], {"Basic": 700, "Plus": 300})
    >>> post_stratified(cells).weights.tolist()
    [700.0, 100.0, 100.0, 100.0]
    """
    return raked([margin], base=base, largest=largest)


def raked(margins: Sequence[Margin], *, base: ArrayLike | None = None, largest: float | None = None) -> Calibrated:
    """Weigh answers so that every margin is met at once, changing the weights as little as possible.

    `base` (n,) are design weights above 0, 1 each when not given. `largest` limits a weight to so many times the
    mean one; then margins may be missed a little, which is told. Raises `DataError` naming every margin and level
    that cannot be met: without answers, with answers but a total of 0, totals that disagree, or margins that
    contradict each other given who answered.

    Source: iterative proportional fitting, Deming and Stephan 1940, Annals of Mathematical Statistics 11, 427-444;
    Deville, Sarndal and Sautory 1993, JASA 88, 1013-1020.

    >>> plan = margin_of("plan", ["A", "A", "B", "B"], {"A": 60, "B": 40})
    >>> area = margin_of("area", ["N", "S", "N", "S"], {"N": 30, "S": 70})
    >>> raked([plan, area]).weights.round(6).tolist()
    [18.0, 42.0, 12.0, 28.0]
    """
    start = _checked(margins, base, largest)
    targets = [margin.totals * (margins[0].totals.sum() / margin.totals.sum()) for margin in margins]
    total = float(targets[0].sum())
    weights = _fitted(margins, targets, start * (total / start.sum()))
    miss, worst = _miss(margins, targets, weights)
    if miss > 1e-9:
        reason = Message(
            gettext_noop(
                "its totals contradict the other margins for those who answered: "
                "{level} is missed by {share} percentage points"
            ),
            {"level": worst[1], "share": round(100.0 * miss, 1)},
        )
        raise _unusable([Problem(reason, column=worst[0])])
    cap = None if largest is None else largest * total / weights.size
    if cap is not None and weights.max() > cap:
        weights = _trimmed(margins, targets, weights, cap)
        miss = _miss(margins, targets, weights)[0]
    worth = float(weights.sum() ** 2 / (weights**2).sum())
    return Calibrated(
        weights=weights,
        base=start,
        n_effective=worth,
        design_effect=weights.size / worth,
        cap=cap,
        trimmed=0 if cap is None else int((weights >= cap * (1.0 - 1e-9)).sum()),
        largest_miss=miss if cap is not None and miss > 1e-9 else 0.0,
        levels=tuple(
            LevelMet(margin.name, level, int(answers), float(asked / total), float(before), float(after))
            for margin, target in zip(margins, targets, strict=True)
            for level, answers, asked, before, after in zip(
                margin.levels,
                _sums(margin, np.ones(weights.size)),
                target,
                _sums(margin, start) / start.sum(),
                _sums(margin, weights) / weights.sum(),
                strict=True,
            )
        ),
        margins=tuple(margins),
    )


def calibrated_score(
    scores: ArrayLike,
    scale: Scale,
    calibrated: Calibrated,
    *,
    customer_id: ArrayLike | None = None,
    level: float = 0.95,
) -> CalibratedScore:
    """The score of weighed answers, with a range that knows what the margins explain and what the weights cost.

    `scores` (n,) NaN = blank, in the order of the weights; `customer_id` (n,) so that several answers of one
    customer are not taken for several customers. The standard error is linearised: residuals of the answers from
    their fit on the margins (by base weights), times the final weights, summed over customers. The range is the
    score interval of as many answers as that error is worth.

    Source: Deville and Sarndal 1992, JASA 87, 376-382; Korn and Graubard 1998 for the effective number.

    >>> from harken.vocabulary.scales import SCALES
    >>> cells = margin_of("plan", ["Basic"] * 20 + ["Plus"] * 80, {"Basic": 700, "Plus": 300})
    >>> result = calibrated_score([3.0, 10.0] * 10 + [10.0, 7.0] * 40, SCALES["nps_0_10"], post_stratified(cells))
    >>> round(result.unweighted.value, 1), round(result.estimate.value, 1), round(result.standard_error, 1)
    (40.0, 15.0, 15.8)
    """
    size = calibrated.weights.size
    customer = np.arange(size) if customer_id is None else np.unique(customer_id, return_inverse=True)[1]
    answers = usable_answers(scores, scale, calibrated.weights, customer)
    if not answers.score.size:
        raise DataError(
            Message(gettext_noop("Nobody has answered yet.")),
            Message(gettext_noop("Weigh answers once there are some.")),
        )
    everyone = np.zeros(answers.score.size, dtype=np.int64)
    plain = tally(usable_answers(scores, scale, None, customer), scale, scale.headline, everyone, 1)
    sums = tally(answers, scale, scale.headline, everyone, 1)
    value, weight = float(sums.value[0]), float(sums.weight[0])
    influence = np.zeros(size)
    influence[answers.kept] = (scored(answers, scale, scale.headline) - value) / weight
    residual = calibrated.weights * (influence - _fit_on_margins(calibrated, influence))
    people = np.bincount(customer, residual)[np.unique(customer[answers.kept])]
    count = people.size
    error = float(np.sqrt(((people - people.mean()) ** 2).sum() * count / max(count - 1, 1)))
    spread, kish = float(sums.variance[0]), float(sums.n_effective[0])
    worth = spread / error**2 if error > 0 and spread > 0 else kish
    lower, upper = (float(sums.unit * end[0]) for end in sums.bounds_worth(np.array([worth]), z_of([level])))
    estimate = Estimate(sums.unit * value, Interval(lower, upper, level), count, METHOD, n_effective=worth)
    unweighted = estimates_of(plain, level, [None])[0]
    assert unweighted is not None  # there are answers
    return CalibratedScore(estimate, sums.unit * error, unweighted)


def _fit_on_margins(calibrated: Calibrated, values: Floats) -> Floats:
    """Values (n,) as far as the margins explain them: least squares on all levels, by base weights."""
    margins, base = calibrated.margins, calibrated.base
    crosses = [[_cross(one, other, base) for other in margins] for one in margins]
    right = np.concatenate([_sums(margin, base * values) for margin in margins])
    # One level in each margin is redundant; the smallest solution tells the same fit.
    effect = np.linalg.lstsq(np.block(crosses), right, rcond=None)[0]
    fit, begin = np.zeros_like(values), 0
    for margin in margins:
        fit += effect[begin : begin + len(margin.levels)][margin.codes]
        begin += len(margin.levels)
    return fit


def _cross(one: Margin, other: Margin, weights: Floats) -> Floats:
    shape = len(one.levels), len(other.levels)
    cells = np.bincount(one.codes * shape[1] + other.codes, weights, shape[0] * shape[1])
    return cells.astype(np.float64).reshape(shape)


def _sums(margin: Margin, weights: Floats) -> Floats:
    return np.bincount(margin.codes, weights, len(margin.levels)).astype(np.float64)


def _fitted(
    margins: Sequence[Margin], targets: Sequence[Floats], weights: Floats, free: NDArray[np.bool_] | None = None
) -> Floats:
    """Scale the weights to one margin after the other until all are met; those not `free` stay as they are."""
    fixed = [np.zeros(len(target)) if free is None else _sums(margin, np.where(free, 0.0, weights))
             for margin, target in zip(margins, targets, strict=True)]  # fmt: skip
    for _ in range(ROUNDS_MAX):
        moved = 0.0
        for margin, target, held in zip(margins, targets, fixed, strict=True):
            open_sum = _sums(margin, weights) - held
            wanted = np.maximum(target - held, 0.0)
            factor = np.where(open_sum > 0, wanted / np.where(open_sum > 0, open_sum, 1.0), 1.0)
            step = factor[margin.codes]
            weights = weights * (step if free is None else np.where(free, step, 1.0))
            moved = max(moved, float(np.abs(factor - 1.0).max()))
        if moved < 1e-13:
            break
    return weights


def _trimmed(margins: Sequence[Margin], targets: Sequence[Floats], weights: Floats, cap: float) -> Floats:
    """Cut weights at the cap and let the others make up for it, until none lies above."""
    held = np.zeros(weights.size, dtype=bool)
    for _ in range(TRIMMINGS_MAX):
        above = weights > cap * (1.0 + 1e-9)
        if not above.any():
            break
        held |= above
        weights = _fitted(margins, targets, np.where(held, cap, weights), ~held)
    return np.minimum(weights, cap)


def _miss(margins: Sequence[Margin], targets: Sequence[Floats], weights: Floats) -> tuple[float, tuple[str, str]]:
    """The largest distance of a level's share from the one asked for, and whose it is."""
    worst, where = 0.0, ("", "")
    for margin, target in zip(margins, targets, strict=True):
        gap = np.abs(_sums(margin, weights) / weights.sum() - target / target.sum())
        at = int(gap.argmax())
        if gap[at] > worst:
            worst, where = float(gap[at]), (margin.name, margin.levels[at])
    return worst, where


def _checked(margins: Sequence[Margin], base: ArrayLike | None, largest: float | None) -> Floats:
    """The base weights; everything that makes margins impossible is said at once."""
    size = margins[0].codes.size if margins else 0
    start = np.ones(size) if base is None else np.asarray(base, dtype=np.float64)
    if not size or start.shape != (size,) or any(margin.codes.shape != (size,) for margin in margins):
        raise DataError(
            Message(
                gettext_noop("Margins and base weights need one value for each answer, and at least one answer.")
            ),
            Message(gettext_noop("Give columns of one length.")),
        )
    problems = []
    if not np.all(np.isfinite(start) & (start > 0)):
        problems.append(Problem(Message(gettext_noop("a base weight is not a number above 0"))))
    if largest is not None and not largest > 1:
        problems.append(Problem(Message(gettext_noop("the largest weight must be more than 1 time the mean one"))))
    for margin in margins:
        problems += _problems_of(margin)
    sums = [float(margin.totals.sum()) for margin in margins]
    if not problems and max(sums) - min(sums) > TOTALS_AGREE * max(sums):
        told = ", ".join(f"{margin.name} {total:g}" for margin, total in zip(margins, sums, strict=True))
        problems.append(
            Problem(Message(gettext_noop("the margins add up to different totals: {sums}"), {"sums": told}))
        )
    if problems:
        raise _unusable(problems)
    return start


def _problems_of(margin: Margin) -> list[Problem]:
    if (
        len(margin.totals) != len(margin.levels)
        or margin.codes.min() < 0
        or margin.codes.max() >= len(margin.levels)
    ):
        return [
            Problem(
                Message(gettext_noop("every answer needs one of the levels, every level a total")),
                column=margin.name,
            )
        ]
    texts = {
        "bad": gettext_noop("{level} has no total of zero or more"),
        "absent": gettext_noop("{level} has customers but no answer; join it with another level"),
        "nobody": gettext_noop(
            "{level} has a total of 0 but {answers} answers; leave them out or correct the total"
        ),
    }
    found = []
    for level, total, answers in zip(
        margin.levels, margin.totals.tolist(), np.bincount(margin.codes, minlength=len(margin.levels)), strict=True
    ):
        wrong = not (np.isfinite(total) and total >= 0)
        kind = (
            "bad" if wrong else "absent" if total > 0 and not answers else "nobody" if answers and not total else ""
        )
        if kind:
            values: dict[str, str | int] = {"level": level, "answers": int(answers)}
            used: dict[str, Parameter | Message] = {
                name: value for name, value in values.items() if "{" + name + "}" in texts[kind]
            }
            found.append(Problem(Message(texts[kind], used), column=margin.name, value=level))
    return found


def _unusable(problems: Sequence[Problem]) -> DataError:
    return DataError(
        Message(gettext_noop("The answers cannot be weighed to these margins.")),
        Message(gettext_noop("Correct the named margins and try again.")),
        problems,
    )
