"""Each segment against everybody else: the rest is the whole minus the segment."""

from __future__ import annotations

import numpy as np

from harken.learn.scores.answers import Floats
from harken.learn.scores.tallies import GROUP_COLUMNS, CustomerSums, Tally

PAIRS_NEEDED = 10
"""With fewer customers in both samples their correlation is too rough to use; 0 is assumed."""
CORRELATION_MAX = 0.95


def rest_of(sums: Tally, pairs: CustomerSums) -> tuple[Tally, Floats]:
    """For each of G groups the tally of all answers outside it, and its correlation with the group, shape (G,)."""
    groups, people = sums.n.size, int(pairs.customer.max(initial=-1)) + 1
    people_a = np.bincount(pairs.customer, pairs.a, people).astype(np.float64)
    people_b = np.bincount(pairs.customer, pairs.b, people).astype(np.float64)
    whole_a, whole_b = people_a[pairs.customer], people_b[pairs.customer]
    other_a, other_b = whole_a - pairs.a, whole_b - pairs.b
    only_here = np.bincount(pairs.customer, minlength=people)[pairs.customer] == 1

    def by_group(values: Floats) -> Floats:
        return np.bincount(pairs.group, values, groups).astype(np.float64)

    def outside(own: Floats, other: Floats, total: float) -> Floats:
        # Customers elsewhere keep their whole sum; those of the group keep what they gave outside it.
        return np.maximum(total - by_group(own) + by_group(other), 0.0)

    columns = {name: getattr(sums, name).sum(axis=0) - getattr(sums, name) for name in GROUP_COLUMNS}
    columns["customers"] = people - by_group(only_here.astype(np.float64)).astype(np.int64)
    columns["aa"] = outside(whole_a**2, other_a**2, float((people_a**2).sum()))
    columns["bb"] = outside(whole_b**2, other_b**2, float((people_b**2).sum()))
    total_ab = float((people_a * people_b).sum())
    columns["ab"] = total_ab - by_group(whole_a * whole_b) + by_group(other_a * other_b)
    rest = Tally(headline=sums.headline, ends=sums.ends, levels=sums.levels, **columns)

    own_value, rest_value = (np.where(part.n > 0, part.value, 0.0)[pairs.group] for part in (sums, rest))
    shared = ~only_here
    product = (pairs.a - own_value * pairs.b) * (other_a - rest_value * other_b) * shared
    return rest, correlation_of(by_group(product), by_group(shared.astype(np.float64)), sums, rest)


def rest_apart(sums: Tally) -> tuple[Tally, Floats]:
    """As `rest_of`, where no customer answered in two groups: the rest is a plain difference, uncorrelated."""
    columns = {name: getattr(sums, name).sum(axis=0) - getattr(sums, name) for name in GROUP_COLUMNS}
    columns |= {name: np.maximum(columns[name], 0.0) for name in ("aa", "bb")}
    rest = Tally(headline=sums.headline, ends=sums.ends, levels=sums.levels, **columns)
    return rest, np.zeros(sums.n.size)


def correlation_of(products: Floats, shared: Floats, first: Tally, second: Tally) -> Floats:
    """Correlation of two estimates from summed residual products of the customers in both, shape (G,)."""
    weights = np.where(first.n > 0, first.weight, 1.0) * np.where(second.n > 0, second.weight, 1.0)
    scale = np.sqrt(first.error_variance * second.error_variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.where(scale > 0, products / weights / scale, 0.0)
    return np.clip(np.where(shared >= PAIRS_NEEDED, correlation, 0.0), -CORRELATION_MAX, CORRELATION_MAX)
