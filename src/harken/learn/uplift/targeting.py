"""Whom to contact so that it pays: value times uplift above the cost, judged on customers left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.vocabulary.estimates import Estimate, EstimateKind

Floats = NDArray[np.float64]

METHOD = "uplift.policy_value"


@dataclass(frozen=True, slots=True)
class Targeting:
    """What contacting those with value x uplift above the cost brings, for the customers of the log.

    `chosen` bool (n,) are they, `count` of them. Money, summed over all customers: `gain` against contacting
    nobody, costs taken off; `over_random` against as many contacts of anybody; `over_everybody` against
    contacting all. All three are measured by the outcomes of customers whose models never saw them.
    """

    chosen: NDArray[np.bool_]
    count: int
    gain: Estimate
    over_random: Estimate
    over_everybody: Estimate

    @property
    def share(self) -> float:
        """The part of the customers that is chosen, 0 to 1."""
        return self.count / len(self.chosen)


def target(uplift: Floats, effect: Floats, value: Floats, cost: Floats) -> Targeting:
    """Chooses by `uplift` (n,) and judges by `effect` (n,), the doubly robust differences.

    `value` (n,) is the money of one unit of the outcome, `cost` (n,) that of a contact. The variance is that of
    the sum over customers drawn alike (Athey and Wager 2021).

    >>> found = target(np.array([0.3, -0.1, 0.2]), np.array([0.4, -0.2, 0.1]), np.full(3, 10.0), np.full(3, 1.0))
    >>> found.count, round(found.gain.value, 2)
    (2, 3.0)
    """
    chosen = value * uplift > cost
    net = value * effect - cost
    share = float(chosen.mean())
    return Targeting(
        chosen=chosen,
        count=int(chosen.sum()),
        gain=sum_of(np.where(chosen, net, 0.0), METHOD),
        over_random=sum_of((chosen - share) * (net - net.mean()), METHOD),
        over_everybody=sum_of(np.where(chosen, 0.0, -net), METHOD),
    )


def mean_of(values: Floats, method: str) -> Estimate:
    """The mean of `values` (n,) with its 95% range."""
    return total_of(float(values.mean()), float(values.std(ddof=1)) / np.sqrt(len(values)), len(values), method)


def sum_of(values: Floats, method: str) -> Estimate:
    """The sum of `values` (n,) with its 95% range, for customers drawn alike; a forecast for others like them."""
    n = len(values)
    return total_of(float(values.sum()), float(values.std(ddof=1)) * np.sqrt(n), n, method, EstimateKind.PREDICTED)


def total_of(
    value: float, se: float, n: int, method: str, kind: EstimateKind = EstimateKind.DESCRIPTIVE
) -> Estimate:
    """An estimate from its standard error, normal."""
    return Estimate.from_error(value, float(se), n, method, kind=kind)
