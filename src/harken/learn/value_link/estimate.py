"""How an outcome after an answer differs between unfavourable, middle and favourable answers: raw and adjusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.adjust import (
    Chosen,
    choose_controls,
    encode_controls,
    left_out_outcome,
    left_out_propensity,
)
from harken.learn.drivers.curve import partially_linear
from harken.learn.drivers.held_equal import EFFECT_CUSTOMERS_MAX, FOLDS
from harken.learn.drivers.ridge import FoldedRidge
from harken.learn.drivers.robustness import e_value, robustness_value
from harken.learn.folds import folds, sample_mask
from harken.learn.value_link.benchmark import Benchmark, strongest_family
from harken.learn.value_link.levels import Levels, adjusted_levels, comparable, raw_levels
from harken.unify.features.catalogue import Feature, FeatureTable
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Z95, Effect, Estimate, Evidence, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import SCALES, Scale

Floats = NDArray[np.float64]

RAW_METHOD, METHOD, SLOPE_METHOD = "value_link.raw_difference", "value_link.aipw", "value_link.partially_linear"
PATHS: tuple[tuple[int, int], ...] = ((-1, 0), (0, 1), (-1, 1))
"""From which band to which: -1 unfavourable (detractor), 0 middle (passive), 1 favourable (promoter)."""
LEAST_CUSTOMERS = 200
LEAST_IN_BAND = 30
LEAST_OF_EACH_OUTCOME = 20
COMPARABLE_SHARE_MIN = 0.5


@dataclass(frozen=True, slots=True)
class PathLink:
    """How an outcome differs at the end of one path from its start, per customer.

    `start` and `end` are bands. `raw` is the plain difference of means, end minus start (associational),
    `adjusted` the same with everything known before the answer held equal, with its robustness value; None
    where it cannot be told. `risk_ratio` is the adjusted outcome at the start over that at the end, with its
    E-value and that of the end of its interval nearest 1 (None for amounts, and where either is not above
    zero). `raw_money` and `money` are what one customer moved is worth, in money, positive where the company
    gains; None without money. `refused` says why a path has no adjusted figures.
    """

    start: int
    end: int
    raw: Effect | None
    adjusted: Effect | None
    risk_ratio: Estimate | None
    e_value: float | None
    e_value_limit: float | None
    raw_money: Estimate | None
    money: Estimate | None
    refused: Message | None


@dataclass(frozen=True, slots=True)
class OutcomeLink:
    """How one outcome hangs together with the answers before it.

    `n` customers answered, `bands` of them unfavourable, middle and favourable; `comparable_share` (0 to 1)
    had a fair chance of every band, the adjusted figures speak of these alone. `raw_levels` and `levels` are
    the outcome by band (NaN where a band is missing), plain and with everything else held equal. `paths` has
    the three of PATHS, and their adjusted differences add up. `raw_per_point` and `per_point` are slopes per
    unit of the answer. `benchmark` is the strongest cause that is known. `binary` outcomes are probabilities,
    others amounts; `more_is_better` says which way the company gains. `not_adjusted` says why nothing could
    be held equal.
    """

    n: int
    bands: tuple[int, int, int]
    comparable_share: float
    raw_levels: tuple[float, float, float]
    levels: tuple[float, float, float] | None
    paths: tuple[PathLink, PathLink, PathLink]
    raw_per_point: Effect
    per_point: Effect | None
    benchmark: Benchmark | None
    binary: bool
    more_is_better: bool
    not_adjusted: Message | None

    def path(self, start: int, end: int) -> PathLink:
        """One of the three paths by its bands; raises KeyError for any other."""
        for one in self.paths:
            if (one.start, one.end) == (start, end):
                return one
        raise KeyError((start, end))


def link_outcome(
    score: Floats,
    y: NDArray[np.float64] | NDArray[np.bool_],
    covariates: FeatureTable | NDArray[np.float64] | None = None,
    *,
    scale: Scale | str = "nps_0_10",
    money: Floats | float | None = None,
    more_is_better: bool = False,
    customer_id: NDArray[np.int64] | None = None,
    without: tuple[str, ...] = (),
    seed: int = 1,
) -> OutcomeLink:
    """Links answers (n,) to what came after, y (n,): bool such as leaving, or an amount such as spending.

    `covariates` is what was known *before* each answer, a feature table in the same order or numbers (n, p);
    without any the link stays associational. `without` names columns to leave out, such as leaks. `money` is
    what one unit of the outcome is worth: one number, or one per customer (n,) such as each customer's value
    for leaving. The band comes from the `scale`. Three bands are one treatment of three kinds: augmented
    inverse propensity weighting with nuisances left out in three folds by customer, for the population that
    could have been in every band. The slope is partially linear double machine learning. At most 60,000
    customers (a declared sample) are read.

    Raises DataError where shapes do not fit, NotEnoughData below 200 customers, 20 of either outcome or two
    bands of 30.

    Source: Robins, Rotnitzky and Zhao 1994, JASA 89; Cattaneo 2010, J. Econometrics 155 (several treatments);
    Chernozhukov and others 2018, Econometrics Journal 21; Crump and others 2009, Biometrika 96 (overlap).

    >>> rng = np.random.default_rng(3)
    >>> tenure = rng.normal(size=6000)
    >>> score = np.clip(np.round(7.5 + tenure + 1.5 * rng.normal(size=6000)), 0, 10)
    >>> left = rng.random(6000) < 0.3 - 0.01 * score - 0.05 * np.tanh(tenure)
    >>> link = link_outcome(score, left, tenure[:, None])
    >>> link.raw_per_point.estimate.value < link.per_point.estimate.value < 0
    True
    """
    declared = SCALES[scale] if isinstance(scale, str) else scale
    given = _given(score, y, covariates, money, customer_id, seed)
    said, place = np.unique(given.score, return_inverse=True)
    codes = np.array([declared.band(value) for value in said], dtype=np.int64)[place]
    binary = bool(np.isin(given.y, (0.0, 1.0)).all())
    counts = tuple(int((codes == kind).sum()) for kind in (-1, 0, 1))
    _check_enough(given.y, binary, counts)
    sign = 1.0 if more_is_better else -1.0
    present = tuple(kind for kind in (-1, 0, 1) if counts[kind + 1] >= LEAST_IN_BAND)
    raw = raw_levels(given.y, codes, present)
    raw_money = None if given.money is None else raw_levels(given.y * given.money, codes, present)
    settled = _adjust(given, codes, present, set(without))
    adjusted = settled if isinstance(settled, _Adjusted) else None
    reason = settled if isinstance(settled, Message) else None
    paths = [_path(start, end, raw, raw_money, adjusted, reason, sign, binary, len(codes)) for start, end in PATHS]
    return OutcomeLink(
        n=len(codes),
        bands=(counts[0], counts[1], counts[2]),
        comparable_share=0.0 if adjusted is None else adjusted.comparable_share,
        raw_levels=_three(raw),
        levels=None if adjusted is None else _three(adjusted.levels),
        paths=(paths[0], paths[1], paths[2]),
        raw_per_point=_slope(given.score - given.score.mean(), given.y - given.y.mean(), ()),
        per_point=None if adjusted is None else adjusted.per_point,
        benchmark=None if adjusted is None else adjusted.benchmark,
        binary=binary,
        more_is_better=more_is_better,
        not_adjusted=reason,
    )


@dataclass(frozen=True, slots=True)
class _Given:
    """The customers that are read: float (n,) arrays, `table` in their order (None without covariates)."""

    score: Floats
    y: Floats
    money: Floats | None
    table: FeatureTable | None
    customer_id: NDArray[np.int64]
    seed: int


@dataclass(frozen=True, slots=True)
class _Adjusted:
    """What could be told with all else held equal."""

    levels: Levels
    money: Levels | None
    theta: Floats
    theta_covariance: Floats
    comparable_share: float
    n: int
    families: tuple[str, ...]
    per_point: Effect
    benchmark: Benchmark | None


def _given(
    score: Floats,
    y: NDArray[np.float64] | NDArray[np.bool_],
    covariates: FeatureTable | NDArray[np.float64] | None,
    money: Floats | float | None,
    customer_id: NDArray[np.int64] | None,
    seed: int,
) -> _Given:
    answers, outcome = np.asarray(score, dtype=np.float64), np.asarray(y, dtype=np.float64)
    n = len(answers)
    ids = np.arange(n, dtype=np.int64) if customer_id is None else np.asarray(customer_id, dtype=np.int64)
    if isinstance(covariates, FeatureTable):
        table: FeatureTable | None = covariates
        ids = covariates.customer_id
    else:
        table = None if covariates is None else _table(np.asarray(covariates, dtype=np.float32), ids)
    worth = None if money is None else np.nan_to_num(np.broadcast_to(np.asarray(money, dtype=np.float64), (n,)))
    sizes = {n, len(outcome), len(ids), n if table is None else len(table.customer_id)}
    if len(sizes) != 1 or not np.isfinite(answers).all() or not np.isfinite(outcome).all():
        text = gettext_noop("Answers, outcomes and what was known before are not of the same customers.")
        raise DataError(Message(text))
    kept = sample_mask(ids, seed, EFFECT_CUSTOMERS_MAX)
    if not kept.all():
        answers, outcome, ids = answers[kept], outcome[kept], ids[kept]
        worth = None if worth is None else worth[kept]
        if table is not None:
            table = FeatureTable(ids, table.values[kept], table.features, table.as_of_us)
    return _Given(answers, outcome, None if worth is None else np.array(worth), table, ids, seed)


def _table(numbers: NDArray[np.float32], ids: NDArray[np.int64]) -> FeatureTable:
    """Plain numbers as features, each a family of its own."""
    columns = numbers if numbers.ndim == 2 else numbers[:, None]
    names = [f"x{at}" for at in range(columns.shape[1])]
    return FeatureTable(ids, columns, tuple(Feature(name, name, Message(name)) for name in names), None)


def _check_enough(y: Floats, binary: bool, counts: tuple[int, ...]) -> None:
    n, filled = len(y), sum(count >= LEAST_IN_BAND for count in counts)
    if n < LEAST_CUSTOMERS:
        text = gettext_noop("{n} customers with an answer and a known outcome are too few; {least} are needed.")
        raise NotEnoughData(Message(text, {"n": n, "least": LEAST_CUSTOMERS}))
    if binary and min(int(y.sum()), int((1 - y).sum())) < LEAST_OF_EACH_OUTCOME:
        text = gettext_noop(
            "It happened to {n} of {total} customers; {least} with and {least} without it are needed."
        )
        raise NotEnoughData(Message(text, {"n": int(y.sum()), "total": n, "least": LEAST_OF_EACH_OUTCOME}))
    if float(np.ptp(y)) == 0:
        raise NotEnoughData(Message(gettext_noop("It is the same for all customers who answered.")))
    if filled < 2:
        text = gettext_noop("Nearly all answers are of one kind; at least {least} of two kinds are needed.")
        raise NotEnoughData(Message(text, {"least": LEAST_IN_BAND}))


def _adjust(
    given: _Given, codes: NDArray[np.int64], present: tuple[int, ...], without: set[str]
) -> _Adjusted | Message:
    """Levels by band with all that was known before held equal, or why that cannot be told."""
    if given.table is None or not given.table.features:
        return Message(gettext_noop("Nothing is known of these customers from before they answered."))
    inside = np.isin(codes, present)
    table = given.table
    if not inside.all():
        ids, values = given.customer_id[inside], table.values[inside]
        table = FeatureTable(ids, values, table.features, table.as_of_us)
    y, score, codes = given.y[inside], given.score[inside], codes[inside]
    money = None if given.money is None else given.money[inside]
    fold = folds(table.customer_id, given.seed, FOLDS)
    if any(len(np.unique(fold[codes == kind])) < FOLDS for kind in present):
        return Message(gettext_noop("Too few customers in one of the bands to hold anything equal."))
    chosen = choose_controls(encode_controls(table, y, without), "", score)
    if chosen.linear.shape[1] == 0:
        return Message(gettext_noop("Nothing is known of these customers from before they answered."))
    ridge = FoldedRidge(chosen.linear, fold)
    expected = left_out_outcome(chosen, ridge, y, seed=given.seed)
    chance = _chances(chosen, codes, present, fold)
    kept = comparable(chance, codes, present)
    share = float(kept.mean())
    few = [kind for kind in present if int((kept & (codes == kind)).sum()) < LEAST_IN_BAND]
    if share < COMPARABLE_SHARE_MIN or few:
        text = gettext_noop("Only {share} of those who answered have like customers in every band.")
        return Message(text, {"share": f"{share:.0%}"})
    members = np.stack([(codes == kind).astype(np.float64) for kind in present], axis=1)
    reference = int(np.argmax(members.sum(axis=0)))
    others = [at for at in range(len(present)) if at != reference]
    theta, covariance = np.zeros(len(present)), np.zeros((len(present), len(present)))
    found, spread = partially_linear((y - expected)[kept], (members - chance)[kept][:, others])
    theta[others], covariance[np.ix_(others, others)] = found, spread
    plug_in = (expected - chance @ theta)[:, None] + theta[None, :]
    levels = adjusted_levels(y[kept], members[kept], chance[kept], plug_in[kept], present)
    worth = None
    if money is not None:
        worth = adjusted_levels(y[kept], members[kept], chance[kept], plug_in[kept], present, money[kept])
    left = score - ridge.left_out(score[:, None])[:, 0]
    return _Adjusted(
        levels=levels,
        money=worth,
        theta=theta,
        theta_covariance=covariance,
        comparable_share=share,
        n=int(kept.sum()),
        families=chosen.families,
        per_point=_slope(left, y - expected, chosen.families),
        benchmark=strongest_family(table, y, score, fold, without),
    )


def _chances(chosen: Chosen, codes: NDArray[np.int64], present: tuple[int, ...], fold: NDArray[np.int64]) -> Floats:
    """Left-out chances of each band (n, bands) given the controls; they add up to 1 for each customer."""
    each = np.stack([left_out_propensity(chosen, codes == kind, fold) for kind in present], axis=1)
    chances: Floats = each / np.maximum(each.sum(axis=1, keepdims=True), 1e-12)
    return chances


def _slope(x: Floats, residual_y: Floats, families: tuple[str, ...]) -> Effect:
    found, covariance = partially_linear(residual_y, x[:, None])
    value, error = float(found[0]), float(np.sqrt(covariance[0, 0]))
    estimate = Estimate.from_error(value, error, len(x), SLOPE_METHOD)
    if not families:
        return Effect(estimate, Evidence.ASSOCIATIONAL)
    t = value / error if error > 0 else 0.0
    return Effect(estimate, Evidence.ADJUSTED, families, robustness_value(t, max(len(x) - 2, 1)))


def _path(
    start: int,
    end: int,
    raw: Levels,
    raw_money: Levels | None,
    adjusted: _Adjusted | None,
    reason: Message | None,
    sign: float,
    binary: bool,
    n: int,
) -> PathLink:
    """One path from the levels of its two ends; a change of cost is a gain where less is better."""
    if not raw.has(start) or not raw.has(end):
        text = gettext_noop("Fewer than {least} customers answered in one of the two bands.")
        few = Message(text, {"least": LEAST_IN_BAND})
        return PathLink(start, end, None, None, None, None, None, None, None, few)
    plain = Effect(_difference(raw, start, end, 1.0, n, RAW_METHOD), Evidence.ASSOCIATIONAL)
    plain_money = None if raw_money is None else _difference(raw_money, start, end, sign, n, RAW_METHOD)
    if adjusted is None:
        return PathLink(start, end, plain, None, None, None, None, plain_money, None, reason)
    levels = adjusted.levels
    estimate = _difference(levels, start, end, 1.0, adjusted.n, METHOD)
    value, error = _theta(adjusted, levels.bands.index(start), levels.bands.index(end))
    robustness = robustness_value(value / error if error > 0 else 0.0, max(adjusted.n - len(levels.bands), 1))
    effect = Effect(estimate, Evidence.ADJUSTED, adjusted.families, robustness)
    ratio = _ratio(levels, start, end, adjusted.n) if binary else None
    limit = None
    if ratio is not None:
        near = min(ratio.interval.lower, ratio.interval.upper, key=lambda one: abs(np.log(one)))
        limit = e_value(near) if ratio.interval.excludes(1.0) else 1.0
    return PathLink(
        start=start,
        end=end,
        raw=plain,
        adjusted=effect,
        risk_ratio=ratio,
        e_value=None if ratio is None else e_value(ratio.value),
        e_value_limit=limit,
        raw_money=plain_money,
        money=None if adjusted.money is None else _difference(adjusted.money, start, end, sign, adjusted.n, METHOD),
        refused=None,
    )


def _theta(adjusted: _Adjusted, start: int, end: int) -> tuple[float, float]:
    """Difference of two bands in the partially linear model and its standard error, for the robustness value."""
    weights = np.zeros(len(adjusted.theta))
    weights[end], weights[start] = 1.0, -1.0
    spread = float(weights @ adjusted.theta_covariance @ weights)
    return float(weights @ adjusted.theta), float(np.sqrt(max(spread, 0.0)))


def _difference(levels: Levels, start: int, end: int, sign: float, n: int, method: str) -> Estimate:
    value, error = levels.contrast(start, end)
    return Estimate.from_error(sign * value, error, n, method)


def _ratio(levels: Levels, start: int, end: int, n: int) -> Estimate | None:
    """The outcome at the start over that at the end, interval on the logarithm."""
    top, below = levels.of(start), levels.of(end)
    if min(top, below) <= 0.02 * max(top, below) or min(top, below) <= 0:
        return None
    half = Z95 * levels.log_ratio_error(start, end)
    ratio = top / below
    return Estimate(ratio, Interval(ratio * float(np.exp(-half)), ratio * float(np.exp(half))), n, METHOD)


def _three(levels: Levels) -> tuple[float, float, float]:
    low, middle, high = (levels.of(kind) if levels.has(kind) else float("nan") for kind in (-1, 0, 1))
    return low, middle, high
