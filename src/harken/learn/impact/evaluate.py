"""Did it work? One call that chooses the honest way for what is there, or refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harken.learn.impact.callbacks import Callbacks, callback_effect
from harken.learn.impact.cuped import lot_effect
from harken.learn.impact.evaluation import Check, Evaluation, Lag, Way, figure, found, refused
from harken.learn.impact.picked_for_worst import looks_picked, picked_for_worst
from harken.learn.impact.staggered import Comparison, Staggered, staggered_effects
from harken.learn.uplift.randomised import balance, standardised_differences
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Effect, Evidence
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NOT_COMPARABLE_SD = 1.0
NOTED_SD = 0.25
ALIKE_SD = 0.1
LOT_TODO = Message(
    gettext_noop("Draw by lot who is treated next, and leave the others alone until it is measured.")
)


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of an action and its outcome, one row a unit (what was treated as a whole).

    `outcome` (n,) after the action, or (n, T) with a column for each of `periods` (T,); `treated` bool (n,);
    `randomised` where a lot decided on it; `started` (n,) the period of each unit's start (infinite: never);
    `before` (n,) the outcome measured before; `covariates` (n, p) known before, with their `names`; `picked` where
    units were treated because they were worst (or best) before. For callbacks after an event, in days from it,
    infinite where it never happened: `left_days`, `called_days`, and `followed_days`, how long each was watched;
    leaving by `horizon_days` is the outcome, `landmark_days` the day on which all compared must still be there.
    `higher_is_better` says which side is wanted, `worthwhile` the least gain worth it.
    """

    outcome: Floats | None = None
    treated: Flags | None = None
    randomised: bool = False
    started: Floats | None = None
    periods: Floats | None = None
    before: Floats | None = None
    covariates: Floats | None = None
    names: tuple[str, ...] = ()
    picked: bool = False
    left_days: Floats | None = None
    called_days: Floats | None = None
    followed_days: Floats | None = None
    landmark_days: float = 14.0
    horizon_days: float = 90.0
    higher_is_better: bool = True
    worthwhile: float = 0.0
    seed: int = 0


def evaluate(given: Given) -> Evaluation:
    """Chooses how to measure an action, measures it, and says how it chose, or refuses with the reason.

    A lot comes first (the only way to an experimental effect); then callbacks after events (landmark and weights);
    then units picked for being worst (regression to the mean taken off); then changes of those who started against
    those who had not; else it refuses. What fails a check is never called more than associational.

    Raises DataError where shapes do not fit or nothing tells who was treated.

    >>> rng = np.random.default_rng(0)
    >>> treated = rng.random(500) < 0.5
    >>> evaluate(Given(outcome=treated * 2.0 + rng.normal(size=500), treated=treated, randomised=True)).advice.value
    'scale'
    >>> evaluate(Given(outcome=rng.normal(size=500), treated=treated)).refused
    True
    """
    try:
        return _way(given)(given)
    except NotEnoughData as error:
        return refused(error.what, error.todo or Message(gettext_noop("Go on until there are enough.")))


def _way(given: Given) -> Callable[[Given], Evaluation]:
    if given.left_days is not None and given.called_days is not None:
        return _callbacks
    if given.outcome is None or (given.treated is None and given.started is None):
        raise DataError(
            Message(gettext_noop("It is not known who was treated, or what came of it.")),
            Message(gettext_noop("Name the outcome, and who was treated or from when on.")),
        )
    panel = given.outcome.ndim == 2 and given.started is not None
    if given.randomised and (given.treated is not None or _one_start(given)):
        return _lot
    if panel:
        return _picked if given.picked and _one_start(given) else _staggered
    if given.before is None:
        return _nothing_before
    picked = given.picked or looks_picked(given.before, _treated(given))
    return _picked if picked else _two_periods


def _one_start(given: Given) -> bool:
    """True where all that start do so in the same period, after the first."""
    if given.started is None or given.outcome is None or given.outcome.ndim != 2:
        return False
    starts = np.unique(given.started[np.isfinite(given.started)])
    return len(starts) == 1 and bool(starts[0] > _periods(given)[0])


def _periods(given: Given) -> Floats:
    assert given.outcome is not None
    return np.arange(given.outcome.shape[1], dtype=np.float64) if given.periods is None else given.periods


def _treated(given: Given) -> Flags:
    if given.treated is not None:
        return np.asarray(given.treated, dtype=np.bool_)
    assert given.started is not None
    return np.isfinite(given.started)


def _before_and_after(given: Given, *, last: bool) -> tuple[Floats, Floats | None]:
    """Outcome after and before: of a panel the mean after the start, and the mean or the last value before it."""
    assert given.outcome is not None
    if given.outcome.ndim == 1:
        return given.outcome, given.before
    assert given.started is not None
    start = given.started[np.isfinite(given.started)].min()
    earlier = given.outcome[:, _periods(given) < start]
    after = given.outcome[:, _periods(given) >= start].mean(axis=1)
    return after, earlier[:, -1] if last else earlier.mean(axis=1)


def _share(outcome: Floats) -> bool:
    return bool(np.isin(outcome[np.isfinite(outcome)], (0.0, 1.0)).all())


def _lot(given: Given) -> Evaluation:
    treated = _treated(given)
    after, before = _before_and_after(given, last=False)
    known = [one for one in (before, given.covariates) if one is not None]
    checks: tuple[Check, ...] = ()
    if known and treated.any() and not treated.all():
        lot = balance(np.column_stack(known), treated, trees=False, seed=given.seed)
        words = gettext_noop("What was known before does not tell who was treated (p = {p}).")
        if not lot.holds:
            words = gettext_noop("What was known before tells who was treated (p = {p}): no lot decided.")
        checks = (Check("lot", lot.holds, Message(words, {"p": _p(lot.p_value)})),)
        if not lot.holds:
            text = gettext_noop("It is said that a lot decided, but what was known before tells who was treated.")
            return refused(Message(text), LOT_TODO, checks)
    else:
        words = gettext_noop("Nothing known before was given, so the lot could not be tested.")
        checks = (Check("lot", None, Message(words)),)
    measured = lot_effect(after, treated, before)
    choice = gettext_noop("A lot decided who was treated, so both sides are alike but for that.")
    if before is not None:
        choice = gettext_noop(
            "A lot decided who was treated, so both sides are alike but for that; what was measured before takes "
            "{gain} of the noise away (CUPED)."
        )
    gain = f"{1 - min(measured.variance_left, 1.0):.0%}"
    return _found(given, Way.LOT, Message(choice, {"gain": gain}), measured.effect, checks, share=_share(after))


def _callbacks(given: Given) -> Evaluation:
    assert given.left_days is not None
    assert given.called_days is not None
    covariates = np.empty((len(given.left_days), 0)) if given.covariates is None else given.covariates
    measured = callback_effect(
        given.left_days,
        given.called_days,
        covariates,
        landmark_days=given.landmark_days,
        horizon_days=given.horizon_days,
        followed_days=given.followed_days,
        covariate_names=given.names,
        seed=given.seed,
    )
    choice = Message(
        gettext_noop(
            "Who leaves early cannot be called any more, so called are not compared with not called ({naive}): "
            "only those still there on day {landmark} are, called by then or not, weighted to be alike."
        ),
        {"naive": figure(measured.naive, share=True), "landmark": given.landmark_days},
    )
    checks = _weights(measured)
    effect = measured.effect
    if not covariates.shape[1] or any(check.passed is False for check in checks):
        effect = _only_associational(effect)
    return _found(replace(given, higher_is_better=False), Way.CALLBACKS, choice, effect, checks, share=True)


def _weights(measured: Callbacks) -> tuple[Check, ...]:
    alike = measured.imbalance_weighted <= ALIKE_SD
    text = gettext_noop("After weighting the largest difference between both sides is {sd} standard deviations.")
    later = gettext_noop("{n} of those not called by then were called later: the difference is rather too small.")
    return (
        Check("alike", alike, Message(text, {"sd": f"{measured.imbalance_weighted:.2f}"})),
        Check("called_later", None, Message(later, {"n": measured.called_later})),
    )


def _picked(given: Given) -> Evaluation:
    after, before = _before_and_after(given, last=True)
    treated, share = _treated(given), _share(after)
    if before is None:
        return _nothing_before(given)
    gap = abs(float(standardised_differences(before[:, None], treated)[0]))
    if not given.picked and gap > NOT_COMPARABLE_SD:
        return _not_comparable(gap)
    measured = picked_for_worst(before, after, treated)
    choice = Message(
        gettext_noop(
            "Those treated began far from the others, as units picked for being worst do. Such units change by "
            "{itself} by themselves, of the {changed} seen; what is left is compared."
        ),
        {"itself": figure(measured.by_itself, share=share), "changed": figure(measured.changed, share=share)},
    )
    words = gettext_noop("What the others show is drawn on as a line to where the treated began.")
    if measured.curved:
        words = gettext_noop(
            "The others do not lie on a line, so drawing it on to where the treated began is doubtful."
        )
    checks = (Check("line", not measured.curved, Message(words)),)
    effect = _only_associational(measured.effect) if measured.curved else measured.effect
    return _found(given, Way.PICKED, choice, effect, checks, share=share)


def _two_periods(given: Given) -> Evaluation:
    assert given.outcome is not None
    assert given.before is not None
    started = np.where(_treated(given), 1.0, np.inf)
    return _staggered(
        replace(given, outcome=np.column_stack([given.before, given.outcome]), started=started, periods=None)
    )


def _staggered(given: Given) -> Evaluation:
    assert given.outcome is not None
    assert given.started is not None
    levels = _levels(given)
    if levels is not None and levels.passed is False:
        return _not_comparable(_gap(given))
    measured = staggered_effects(given.outcome, given.started, given.periods, seed=given.seed)
    if given.outcome.shape[1] == 2:
        choice = gettext_noop("The change of those treated is compared with the change of the others.")
    elif measured.comparison is Comparison.NEVER:
        choice = gettext_noop(
            "Units started at {starts} times: the change of each is compared with that of units that never did."
        )
    else:
        choice = gettext_noop(
            "Units started at {starts} times: the change of each is compared with that of units that had not yet."
        )
    checks = tuple(check for check in (_pre_trend(measured), levels) if check is not None)
    effect = measured.overall.effect
    if any(check.passed is False for check in checks):
        effect = _only_associational(effect)
    evaluation = _found(
        given, Way.STAGGERED, Message(choice, {"starts": len(measured.cohorts)}), effect, checks,
        share=_share(given.outcome),
    )  # fmt: skip
    lags = tuple(Lag(int(one.at), one.effect.estimate) for one in measured.lags)
    p = None if measured.pre_trend is None else measured.pre_trend.p_value
    return replace(evaluation, lags=lags, pre_trend_p=p)


def _pre_trend(measured: Staggered) -> Check:
    if measured.pre_trend is None:
        text = gettext_noop(
            "There is one period before the start, so nobody can see whether both moved alike before."
        )
        return Check("pre_trend", None, Message(text))
    text = gettext_noop("Before the start both sides moved alike, as far as can be seen (p = {p}).")
    if measured.pre_trend.doubtful:
        text = gettext_noop("Before the start those treated already moved differently (p = {p}).")
    p = _p(measured.pre_trend.p_value)
    return Check("pre_trend", not measured.pre_trend.doubtful, Message(text, {"p": p}))


def _gap(given: Given) -> float:
    """How far those who start were from the others in the first period, in standard deviations."""
    assert given.outcome is not None
    treated = _treated(given)
    return float(abs(standardised_differences(given.outcome[:, :1], treated)[0]))


def _not_comparable(gap: float) -> Evaluation:
    reason = gettext_noop(
        "Those treated began {sd} standard deviations away from the others: they are not comparable, and go back "
        "towards the mean by themselves."
    )
    return refused(Message(reason, {"sd": f"{gap:.1f}"}), LOT_TODO)


def _levels(given: Given) -> Check | None:
    treated = _treated(given)
    if treated.all() or not treated.any():
        return None
    gap = _gap(given)
    text = gettext_noop("In the first period those treated were {sd} standard deviations away from the others.")
    passed = False if gap > NOT_COMPARABLE_SD else (None if gap > NOTED_SD else True)
    return Check("levels", passed, Message(text, {"sd": f"{gap:.2f}"}))


def _nothing_before(given: Given) -> Evaluation:
    reason = gettext_noop(
        "Those treated were chosen, not drawn by lot, and nothing was measured before: a difference would say how "
        "they were chosen, not what it did."
    )
    todo = gettext_noop("Give the outcome before, with units that were not treated; better, draw by lot next time.")
    checks: tuple[Check, ...] = ()
    treated = _treated(given)
    if given.covariates is not None and treated.any() and not treated.all():
        gap = standardised_differences(given.covariates, treated)
        at = int(np.argmax(np.abs(gap)))
        name = given.names[at] if at < len(given.names) else str(at + 1)
        words = gettext_noop("Those treated differ most in {name}: by {sd} standard deviations.")
        checks = (
            Check("alike", bool(abs(gap[at]) <= ALIKE_SD), Message(words, {"name": name, "sd": f"{gap[at]:+.2f}"})),
        )
    return refused(Message(reason), Message(todo), checks)


def _only_associational(effect: Effect) -> Effect:
    return Effect(effect.estimate, Evidence.ASSOCIATIONAL)


def _found(
    given: Given, way: Way, choice: Message, effect: Effect, checks: tuple[Check, ...], *, share: bool
) -> Evaluation:
    return found(
        way, choice, effect, share=share, higher_is_better=given.higher_is_better, worthwhile=given.worthwhile,
        checks=checks,
    )  # fmt: skip


def _p(value: float) -> str:
    return f"{value:.2f}" if value >= 0.01 else f"{max(value, 1e-9):.0e}"
