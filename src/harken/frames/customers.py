"""From those who answer to everybody, and who is about to leave: estimates for all rows of a data frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harken.frames.reading import Frame, reading, scale_of
from harken.learn.retention import RetentionResult, fit_retention
from harken.learn.whole_base.estimate import estimate_whole_base
from harken.learn.whole_base.result import WholeBase
from harken.vocabulary.scales import Scale


def whole_base(
    frame: Frame,
    score: str,
    features: Sequence[str],
    *,
    scale: Scale | str = "nps_0_10",
    customer: str | None = None,
    segments: Sequence[str] = (),
    weight: str | None = None,
    seed: int = 0,
) -> WholeBase:
    """The score of all customers, estimated from those who answered and from what is known of everybody.

    One row per customer, `score` empty where silent. `features` must have been known BEFORE the answers were
    given: what looks back on the survey smuggles the answer in. `segments` name columns whose groups get their
    own estimate. Read `total.whole_base`, `total.difference` and above all `sensitivity`: what a hidden reason for
    silence would do. Method: augmented inverse-propensity weighting, cross-fitted (Robins, Rotnitzky and Zhao
    1994; Chernozhukov et al. 2018). Raises NotEnoughData for fewer than 30 answers, nobody silent, or where
    those who answered are unlike the others.

    >>> rng = np.random.default_rng(3)
    >>> visits = rng.poisson(4, 3000)
    >>> felt = np.clip(np.round(5 + 0.7 * visits + rng.normal(0, 2, 3000)), 0, 10)
    >>> answered = rng.random(3000) < 0.05 + 0.05 * visits
    >>> base = {"visits": visits, "score": np.where(answered, felt, np.nan)}
    >>> total = whole_base(base, "score", ["visits"]).total
    >>> truth = float(100 * ((felt >= 9).mean() - (felt <= 6).mean()))
    >>> total.whole_base.interval.excludes(truth), total.answered_only.interval.excludes(truth)
    (False, True)
    """
    with reading(frame) as columns:
        who = columns.identities(customer)
        table, order = columns.features(features, who)
        answers = columns.numbers(score)[order]
        weights = None if weight is None else columns.numbers(weight)[order]
        divisions = {}
        for name in segments:
            codes, levels = columns.levels(name)
            divisions[name] = (codes[order], levels)
    return estimate_whole_base(
        table, ~np.isnan(answers), answers, scale_of(scale), weights=weights, seed=seed, segments=divisions
    )


def retention(
    frame: Frame,
    left: str,
    features: Sequence[str],
    *,
    customer: str | None = None,
    leaks: Sequence[str] = (),
    seed: int = 0,
) -> RetentionResult:
    """Each customer's chance of leaving, and how well such a forecast does on customers it has not seen.

    One row per customer, `left` true or false without gaps; `features` as of before. `leaks` are columns not to be
    used (see `find_leaks`). `risk` follows `customer_id`: the customers in ascending order of their names. Each
    risk comes from models that never saw the customer. Raises NotEnoughData below 10 customers of either kind.

    >>> rng = np.random.default_rng(4)
    >>> calls = rng.poisson(1.0, 2000)
    >>> base = {"calls": calls, "left": rng.random(2000) < 0.05 + 0.1 * calls / 2}
    >>> result = retention(base, "left", ["calls"])
    >>> str(result.validation.kind), result.validation.auc.interval.excludes(0.5)
    ('cross_fitted', True)
    """
    with reading(frame) as columns:
        who = columns.identities(customer)
        table, order = columns.features(features, who)
        gone = columns.flags(left)[order]
    return fit_retention(table, gone, seed=seed, leaks_set_aside=leaks).result
