"""What matters in a data frame: driver shares, adjusted effects of levers, columns that know too much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from harken.frames.reading import Frame, reading
from harken.learn.drivers import FamilyRanking, LeverEffects
from harken.learn.drivers import lever_effects as estimate_levers
from harken.learn.drivers import rank_families as rank
from harken.learn.importance import ImportanceBootstrap, lmg_bootstrap
from harken.learn.leaks import LeakScan, scan_leaks


def importance(
    frame: Frame,
    outcome: str,
    drivers: Sequence[str],
    *,
    customer: str | None = None,
    weight: str | None = None,
    replicates: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> ImportanceBootstrap:
    """How the drivers share what they explain of an outcome, how sure that is, and which order is known.

    `outcome` and `drivers` name columns of numbers; rows with a gap are left out and counted. `customer` keeps
    several rows of one customer together when rows are drawn anew. A share is association, not a lever.
    Method: exact LMG (Lindeman, Merenda and Gold 1980) with percentile bootstrap. Raises DataError for columns
    that do not fit.

    >>> rng = np.random.default_rng(0)
    >>> wait, price = rng.normal(size=(2, 300))
    >>> answers = {"wait": wait, "price": price, "score": 2 * wait + price + rng.normal(size=300)}
    >>> result = importance(answers, "score", ["wait", "price"])
    >>> [round(share) for share in result.relative.values], result.outranks[0][1]
    ([79, 21], 1.0)
    """
    with reading(frame) as columns:
        y = columns.numbers(outcome)
        X = np.column_stack([columns.numbers(name) for name in drivers])
        weights = None if weight is None else columns.numbers(weight)
        who = None if customer is None else columns.identities(customer)
    return lmg_bootstrap(
        X, y, weights, labels=list(drivers), cluster_id=who, replicates=replicates, seed=seed, level=level
    )


def rank_families(
    frame: Frame,
    outcome: str,
    features: Sequence[str],
    *,
    customer: str | None = None,
    families: Mapping[str, Sequence[str]] | None = None,
    seed: int = 0,
) -> FamilyRanking:
    """Driver families ranked by their fair share of what the data explain of an outcome, in any shape they have.

    One row per customer; `outcome` true or false, or a number, without gaps; `features` of any kind, with gaps.
    `families` names the columns that belong together; a column in none stands alone.

    >>> rng = np.random.default_rng(1)
    >>> calls, region = rng.poisson(1.0, 600), rng.choice(["north", "south"], 600)
    >>> base = {"calls": calls, "region": region, "left": rng.random(600) < 0.1 + 0.15 * (calls > 1)}
    >>> rank_families(base, "left", ["calls", "region"]).families[0].family
    'calls'
    """
    with reading(frame) as columns:
        who = columns.identities(customer)
        table, order = columns.features(features, who, families=families)
        y = columns.numbers(outcome)
    return rank(table, y[order], seed=seed)


def lever_effects(
    frame: Frame,
    outcome: str,
    levers: Sequence[str],
    given: Sequence[str],
    *,
    customer: str | None = None,
    families: Mapping[str, Sequence[str]] | None = None,
    value: str | None = None,
    bad_is_high: bool = True,
    seed: int = 0,
) -> LeverEffects:
    """What each lever goes with, with everything else that is `given` held equal: difference, interval, evidence.

    One row per customer; `outcome` true or false, or a number, without gaps; `value` is money per customer. Of
    each family the main lever is judged. Effects are "adjusted": a cause only if nothing outside the frame drives
    both; each says how strong such a thing would have to be. Raises NotEnoughData below 200 customers.

    >>> rng = np.random.default_rng(1)
    >>> tenure = rng.exponential(3.0, 3000)
    >>> wait = np.round(rng.exponential(6.0, 3000) / (1 + 0.1 * tenure), 1)
    >>> left = rng.random(3000) < 0.05 + 0.15 * (wait > 8) + 0.1 * (tenure < 1)
    >>> base = {"wait": wait, "tenure": tenure, "left": left}
    >>> effect = lever_effects(base, "left", ["wait"], ["tenure"]).levers[0].effect.adjusted
    >>> str(effect.evidence), effect.estimate.interval.excludes(0)
    ('adjusted', True)
    """
    with reading(frame) as columns:
        who = columns.identities(customer)
        names = list(dict.fromkeys([*levers, *given]))
        table, order = columns.features(names, who, families=families, levers=levers)
        y = columns.numbers(outcome)
        money = None if value is None else columns.numbers(value)[order]
    return estimate_levers(table, y[order], seed=seed, bad_is_high=bad_is_high, value=money)


def find_leaks(
    frame: Frame,
    outcome: str,
    features: Sequence[str],
    *,
    customer: str | None = None,
    seed: int = 0,
) -> LeakScan:
    """Columns that can only be so good because they were written after the outcome, such as a cancel reason.

    One row per customer; `outcome` true or false without gaps. Leave out what is set aside before you model.

    >>> rng = np.random.default_rng(5)
    >>> left = rng.random(400) < 0.3
    >>> base = {"left": left, "visits": rng.poisson(3, 400), "reason": np.where(left, "price", None)}
    >>> find_leaks(base, "left", ["visits", "reason"]).names
    ('reason',)
    """
    with reading(frame) as columns:
        who = columns.identities(customer)
        table, order = columns.features(features, who)
        left = columns.flags(outcome)
    return scan_leaks(table, left[order], seed=seed)
