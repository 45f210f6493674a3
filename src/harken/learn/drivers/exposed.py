"""Effect of the unfavourable part of a lever on the customers in it, with everything else held equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers.curve import partially_linear
from harken.learn.drivers.robustness import e_value, robustness_value
from harken.vocabulary.estimates import Z95, Effect, Estimate, Evidence, Interval

Floats = NDArray[np.float64]

METHOD = "drivers.aipw_att"
PROPENSITY_CAP = 0.9
LEAST_COMPARABLE = 30
PROPENSITY_FLOOR = 0.005


@dataclass(frozen=True, slots=True)
class ExposedEffect:
    """What being in the unfavourable part does to those in it, per customer, in units of the outcome.

    `raw` is the plain difference to the reference customers (associational), `adjusted` holds the other families
    equal, with the robustness value. `risk_ratio` compares the exposed with themselves unexposed (None where the
    unexposed risk is not above zero, and for scores); `e_value` and `e_value_limit` are for the ratio and for the
    end of its interval nearest 1. `comparable_share` of the exposed (0 to 1) have like customers among the
    unexposed; the adjusted figures speak of these alone, since for the others nobody knows.
    `value_each` is the same effect in money per exposed customer, None without values.
    """

    raw: Effect
    adjusted: Effect
    risk_ratio: Estimate | None
    e_value: float | None
    e_value_limit: float | None
    comparable_share: float
    value_each: Estimate | None


def exposed_effect(
    y: Floats,
    exposed: NDArray[np.bool_],
    expected_y: Floats,
    propensity: Floats,
    *,
    adjusted_for: tuple[str, ...],
    binary: bool,
    value: Floats | None = None,
) -> ExposedEffect | None:
    """Average effect on the exposed by augmented inverse propensity weighting, all inputs of shape (n,).

    `expected_y` is the left-out E[y | controls], `propensity` the left-out P(exposed | controls). What the
    exposed would have had is the controls' part less the propensity times a constant effect, mended by the
    weighted errors of unexposed customers: right where either adjustment is. Weights are normalised. Customers
    with a propensity above 0.9 have hardly any like among the unexposed and are left out. `value` (money per
    customer, no gaps) weighs customers. Returns None where fewer than 30 exposed customers can be compared.

    Source: doubly robust effect on the treated, e.g. Chernozhukov and others 2018, section 5.2; trimming of Crump,
    Hotz, Imbens and Mitnik 2009, Biometrika 96; robustness value of Cinelli and Hazlett 2020; E-value of
    VanderWeele and Ding 2017.
    """
    raw, everybody = _raw_difference(y, exposed), int(exposed.sum())
    kept = propensity <= PROPENSITY_CAP
    if not kept.all():
        y, exposed, expected_y, propensity = y[kept], exposed[kept], expected_y[kept], propensity[kept]
        value = None if value is None else value[kept]
    if min(int(exposed.sum()), int((~exposed).sum())) < LEAST_COMPARABLE:
        return None
    n, d = len(y), exposed.astype(np.float64)
    e = np.maximum(propensity, PROPENSITY_FLOOR)
    slope, covariance = partially_linear(y - expected_y, (d - propensity)[:, None])
    unexposed_y = expected_y - e * slope[0]
    error = y - unexposed_y
    odds = e / (1 - e)
    effect, influence = _effect_on_exposed(error, d, odds, np.ones(n))
    standard_error = float(influence.std(ddof=1) / np.sqrt(n))
    t = float(slope[0] / np.sqrt(covariance[0, 0])) if covariance[0, 0] > 0 else 0.0
    estimate = _estimate(effect, standard_error, n)
    adjusted = Effect(estimate, Evidence.ASSOCIATIONAL)
    if adjusted_for:
        adjusted = Effect(estimate, Evidence.ADJUSTED, adjusted_for, robustness_value(t, max(n - 2, 1)))
    ratio = _risk_ratio(y, d, effect, influence) if binary else None
    limit = None
    if ratio is not None:
        near = min(ratio.interval.lower, ratio.interval.upper, key=lambda end: abs(np.log(end)))
        limit = 1.0 if not ratio.interval.excludes(1.0) else e_value(near)
    money = None
    if value is not None:
        each, money_influence = _effect_on_exposed(error, d, odds, value)
        money = _estimate(each, float(money_influence.std(ddof=1) / np.sqrt(n)), n)
    return ExposedEffect(
        raw=raw,
        adjusted=adjusted,
        risk_ratio=ratio,
        e_value=None if ratio is None else e_value(ratio.value),
        e_value_limit=limit,
        comparable_share=int(exposed.sum()) / everybody,
        value_each=money,
    )


def _effect_on_exposed(error: Floats, d: Floats, odds: Floats, weight: Floats) -> tuple[float, Floats]:
    """Mean over the exposed of weight x (own error - that of like unexposed), and its influence function (n,)."""
    p = float(d.mean())
    pull = (1 - d) * odds * weight
    like = float((pull * error).sum() / max(pull.sum(), 1e-12))
    mean_weight = float((d * weight).mean()) / p
    own = float((d * weight * error).mean()) / p
    influence = d / p * (weight * error - own - like * (weight - mean_weight))
    influence = influence - mean_weight * pull * (error - like) / max(float(pull.mean()), 1e-12)
    return own - mean_weight * like, influence


def _risk_ratio(y: Floats, d: Floats, effect: float, influence: Floats) -> Estimate | None:
    p, n = float(d.mean()), len(y)
    with_it = float((d * y).mean()) / p
    without_it = with_it - effect
    if with_it <= 0 or without_it <= 0.02 * with_it:
        return None
    of_with = d / p * (y - with_it)
    of_log = of_with / with_it - (of_with - influence) / without_it
    half = Z95 * float(of_log.std(ddof=1) / np.sqrt(n))
    ratio = with_it / without_it
    return Estimate(ratio, Interval(ratio * float(np.exp(-half)), ratio * float(np.exp(half))), n, METHOD)


def _raw_difference(y: Floats, exposed: NDArray[np.bool_]) -> Effect:
    with_it, without_it = y[exposed], y[~exposed]
    spread = float(with_it.var(ddof=1) / len(with_it) + without_it.var(ddof=1) / len(without_it))
    difference = float(with_it.mean() - without_it.mean())
    estimate = _estimate(difference, float(np.sqrt(spread)), len(y), "drivers.raw_difference")
    return Effect(estimate, Evidence.ASSOCIATIONAL)


def _estimate(value: float, error: float, n: int, method: str = METHOD) -> Estimate:
    return Estimate.from_error(value, error, n, method)
