"""Sums over answers per segment or period, from which every score, range and difference here is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from harken.learn.scores.answers import Answers, Floats, Integers, scored
from harken.learn.scores.intervals import Bounds, mean_bounds, net_bounds, wilson_bounds, z_of
from harken.vocabulary.scales import Headline, Scale

METHODS: dict[Headline, str] = {
    Headline.NET: "score.net.tango",
    Headline.TOP_SHARE: "score.share.wilson",
    Headline.MEAN: "score.mean.t",
}
"""Method ids, for "how is this computed?"."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Weighted sums over the answers of G groups; every array has shape (G,).

    `n` answers, `customers` who gave them, `weight` (sum of weights), `first` and `second` (weighted sums of each
    answer's contribution v and of v squared), `favourable` and `unfavourable` (weights of the two bands),
    `squares` (sum of squared weights); and over customers k with A = sum of weight x v and B = sum of weight:
    `aa`, `ab`, `bb` the sums of A A, A B and B B, which make repeated answers of one customer count as what
    they are.
    """

    headline: Headline
    ends: tuple[float, float]
    n: Integers
    customers: Integers
    weight: Floats
    first: Floats
    second: Floats
    favourable: Floats
    unfavourable: Floats
    squares: Floats
    aa: Floats
    ab: Floats
    bb: Floats

    @property
    def unit(self) -> float:
        """What the printed number is in terms of a share: 100 for points and per cent, 1 for scale units."""
        return 1.0 if self.headline is Headline.MEAN else 100.0

    @property
    def value(self) -> Floats:
        """The headline as a net share, share or mean; NaN for a group without answers."""
        return self.first / np.where(self.n > 0, self.weight, np.nan)

    @property
    def variance(self) -> Floats:
        """Plain variance of the contributions (divided by n, not n - 1); NaN for a group without answers."""
        spread = self.second / np.where(self.n > 0, self.weight, np.nan) - self.value**2
        # Rounding leaves specks where all answers are equal; they must not pass for knowledge.
        return np.where(spread <= 1e-12 * (self.ends[1] - self.ends[0]) ** 2, 0.0, spread)

    @property
    def n_effective(self) -> Floats:
        """How many independent, equally weighted answers these are worth; shape (G,), 0 without answers.

        From the linearised variance of the ratio estimate with customers as clusters (Korn and Graubard 1998 put
        such a number into an exact interval), never more than Kish's 1965 (sum w)^2 / sum w^2. Where all answers
        agree the variance says nothing, and each customer counts once.
        """
        weight = np.where(self.n > 0, self.weight, 1.0)
        value = np.where(self.n > 0, self.value, 0.0)
        kish = weight**2 / np.where(self.n > 0, self.squares, 1.0)
        by_customer = weight**2 / np.where(self.n > 0, self.bb, 1.0)
        spread = np.where(self.n > 0, self.variance, 0.0)
        linear = np.maximum(self.aa - 2.0 * value * self.ab + value**2 * self.bb, 0.0) / weight**2
        with np.errstate(divide="ignore", invalid="ignore"):
            worth = np.where(linear > 0, spread / linear, kish)
        worth = np.where(spread > 0, np.minimum(worth, kish), by_customer)
        return np.where(self.n > 0, worth, 0.0)

    @property
    def design_effect(self) -> Floats:
        """How many times wider the variance is than that of as many independent equal answers; 1 = no loss."""
        worth = self.n_effective
        return np.where(worth > 0, self.n / np.where(worth > 0, worth, 1.0), 1.0)

    def bounds(self, z: Floats) -> Bounds:
        """The interval of every group's value at normal quantiles `z` of shape (G,)."""
        worth = self.n_effective
        if self.headline is Headline.MEAN:
            return mean_bounds(self.value, self.variance, worth, self.ends, z)
        weight = np.where(self.n > 0, self.weight, 1.0)
        favourable = worth * (self.favourable / weight)
        if self.headline is Headline.TOP_SHARE:
            return wilson_bounds(favourable, worth, z)
        return net_bounds(favourable, worth * (self.unfavourable / weight), worth, z)

    def at(self, level: float) -> Bounds:
        """The interval of every group's value at one confidence level."""
        return self.bounds(np.full(self.n.shape, float(z_of(level))))

    def take(self, positions: NDArray[np.int64] | slice) -> Self:
        """The groups at these positions, in this order."""
        columns = {name: getattr(self, name)[positions] for name in COLUMNS}
        return type(self)(headline=self.headline, ends=self.ends, **columns)


COLUMNS = (
    *("n", "customers", "weight", "first", "second", "favourable", "unfavourable"),
    *("squares", "aa", "ab", "bb"),
)


@dataclass(frozen=True, slots=True)
class CustomerSums:
    """Per customer and group, in ascending order of (customer, group): A = sum of weight x v, B = sum of weight."""

    customer: Integers
    group: Integers
    a: Floats
    b: Floats


def customer_sums(answers: Answers, contribution: Floats, group: Integers, groups: int) -> CustomerSums:
    """Sum answers of one customer within one group; shape (pairs,)."""
    product = answers.weight * contribution
    if not answers.repeated:
        return CustomerSums(answers.customer, group, product, answers.weight)
    keys, pair = np.unique(answers.customer * groups + group, return_inverse=True)
    a = np.bincount(pair, product, keys.size).astype(np.float64)
    b = np.bincount(pair, answers.weight, keys.size).astype(np.float64)
    return CustomerSums(keys // groups, keys % groups, a, b)


def tally(answers: Answers, scale: Scale, headline: Headline, group: Integers, groups: int) -> Tally:
    """Sum the answers of each group: `group` of shape (n,) holds 0 to `groups` - 1 for every usable answer."""
    contribution = scored(answers, scale, headline)
    net = scored(answers, scale, Headline.NET)
    sums = customer_sums(answers, contribution, group, groups)

    def total(values: Floats) -> Floats:
        return np.bincount(group, values, groups).astype(np.float64)

    def over_customers(values: Floats) -> Floats:
        return np.bincount(sums.group, values, groups).astype(np.float64)

    w = answers.weight
    return Tally(
        headline=headline,
        ends=(scale.minimum, scale.maximum) if headline is Headline.MEAN else (-1.0, 1.0),
        n=np.bincount(group, minlength=groups).astype(np.int64),
        customers=np.bincount(sums.group, minlength=groups).astype(np.int64),
        weight=total(w),
        first=total(w * contribution),
        second=total(w * contribution**2),
        favourable=total(w * (net > 0)),
        unfavourable=total(w * (net < 0)),
        squares=total(w**2),
        aa=over_customers(sums.a**2),
        ab=over_customers(sums.a * sums.b),
        bb=over_customers(sums.b**2),
    )
