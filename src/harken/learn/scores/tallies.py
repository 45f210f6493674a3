"""Sums over answers per segment or period, from which every score, range and difference here is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from harken.learn.scores.answers import Answers, Floats, Integers, scored
from harken.learn.scores.intervals import (
    Bounds,
    net_bounds,
    net_distance,
    wilson_bounds,
    wilson_distance,
    z_of,
)
from harken.learn.scores.means import (
    LEVELS_MAX,
    mean_score_bounds,
    mean_score_distance,
    mean_t_bounds,
    mean_t_distance,
)
from harken.vocabulary.estimates import COUNTS_ONLY_BELOW
from harken.vocabulary.scales import Headline, Scale


@dataclass(frozen=True, slots=True)
class Tally:
    """Weighted sums over the answers of G groups; arrays have shape (G,) unless said otherwise.

    `levels` (K,) are the different contributions v an answer can make (-1, 0, 1 for a net score) and `histogram`
    (G, K) their weights; K = 0 on a fine scale. `n` answers, `customers` who gave them, `weight` (sum of weights),
    `first` and `second` (weighted sums of v and of v squared), `squares` (sum of squared weights); and over
    customers with A = sum of weight x v and B = sum of weight: `aa`, `ab`, `bb` the sums of A A, A B and B B,
    which make repeated answers of one customer count as what they are. `ends` are the smallest and largest
    possible v.
    """

    headline: Headline
    ends: tuple[float, float]
    levels: Floats
    histogram: Floats
    n: Integers
    customers: Integers
    weight: Floats
    first: Floats
    second: Floats
    squares: Floats
    aa: Floats
    ab: Floats
    bb: Floats

    @property
    def unit(self) -> float:
        """What the printed number is in terms of a share: 100 for points and per cent, 1 for scale units."""
        return 1.0 if self.headline is Headline.MEAN else 100.0

    @property
    def method(self) -> str:
        """Method id, for "how is this computed?"."""
        if self.headline is Headline.NET:
            return "score.net.tango"
        if self.headline is Headline.TOP_SHARE:
            return "score.share.wilson"
        return "score.mean.score" if self.levels.size else "score.mean.t"

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
    def error_variance(self) -> Floats:
        """Linearised variance of the value (a ratio) with customers as clusters; 0 without answers."""
        value = np.where(self.n > 0, self.value, 0.0)
        raw: Floats = self.aa - 2.0 * value * self.ab + value**2 * self.bb
        error: Floats = np.maximum(raw, 0.0) / np.where(self.n > 0, self.weight, 1.0) ** 2
        return error

    @property
    def n_effective(self) -> Floats:
        """How many independent, equally weighted answers these are worth; shape (G,), 0 without answers.

        From the linearised variance (Korn and Graubard 1998 put such a number into a binomial interval), never more
        than Kish's 1965 (sum w)^2 / sum w^2. Where all answers agree, or fewer than 10 customers answered
        repeatedly, nobody can tell how alike one customer's answers are, and each customer counts once.
        """
        known = self.n > 0
        weight = np.where(known, self.weight, 1.0)
        kish = weight**2 / np.where(known, self.squares, 1.0)
        by_customer = weight**2 / np.where(known, self.bb, 1.0)
        spread, error = np.where(known, self.variance, 0.0), self.error_variance
        with np.errstate(divide="ignore", invalid="ignore"):
            worth = np.where(error > 0, spread / error, kish)
        # Rounding must not make n equal, single answers worth a speck less than n.
        worth = np.where(worth > kish * (1.0 - 1e-9), kish, worth)
        untold = (spread <= 0) | ((by_customer < kish * (1.0 - 1e-9)) & (self.customers < COUNTS_ONLY_BELOW))
        return np.where(known, np.where(untold, np.minimum(worth, by_customer), worth), 0.0)

    @property
    def design_effect(self) -> Floats:
        """How many times wider the variance is than that of as many independent equal answers; 1 = no loss."""
        worth = self.n_effective
        return np.where(worth > 0, self.n / np.where(worth > 0, worth, 1.0), 1.0)

    @property
    def effective_counts(self) -> Floats:
        """The histogram scaled to effective answers, shape (G, K)."""
        scale = self.n_effective / np.where(self.n > 0, self.weight, 1.0)
        return self.histogram * scale[:, None]

    def bounds(self, z: Floats) -> Bounds:
        """The interval of every group's value at normal quantiles `z` of shape (G,)."""
        return self.bounds_worth(self.n_effective, z)

    def bounds_worth(self, worth: Floats, z: Floats) -> Bounds:
        """As `bounds`, where the answers are known to be worth so many independent equal ones, shape (G,)."""
        counts = self.histogram * (worth / np.where(self.n > 0, self.weight, 1.0))[:, None]
        if self.headline is Headline.NET:
            return net_bounds(counts[:, 2], counts[:, 0], worth, z)
        if self.headline is Headline.TOP_SHARE:
            return wilson_bounds(counts[:, 1], worth, z)
        if self.levels.size:
            return mean_score_bounds(counts, self.levels, self.ends, z)
        return mean_t_bounds(self.value, self.variance, worth, self.ends, z)

    def distances(self) -> Callable[[Floats], Floats]:
        """A function of hypothetical values (G,): the normal quantiles at which the intervals just reach them."""
        counts, worth = self.effective_counts, self.n_effective
        if self.headline is Headline.NET:
            return lambda value: net_distance(counts[:, 2], counts[:, 0], worth, value)
        if self.headline is Headline.TOP_SHARE:
            return lambda value: wilson_distance(counts[:, 1], worth, value)
        if self.levels.size:
            return lambda value: mean_score_distance(counts, self.levels, self.ends, value)
        mean, spread = self.value, self.variance
        return lambda value: mean_t_distance(mean, spread, worth, self.ends, value)

    def at(self, level: float) -> Bounds:
        """The interval of every group's value at one confidence level."""
        return self.bounds(np.full(self.n.shape, float(z_of(level))))

    def take(self, positions: NDArray[np.int64] | slice) -> Self:
        """The groups at these positions, in this order."""
        columns = {name: getattr(self, name)[positions] for name in GROUP_COLUMNS}
        return type(self)(headline=self.headline, ends=self.ends, levels=self.levels, **columns)


GROUP_COLUMNS = (
    *("histogram", "n", "customers", "weight", "first", "second"),
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
    product = contribution if answers.equal else answers.weight * contribution
    if not answers.repeated:
        return CustomerSums(answers.customer, group, product, answers.weight)
    keys, pair = _distinct(answers.customer * groups + group)
    a = np.bincount(pair, product, keys.size).astype(np.float64)
    b = np.bincount(pair, None if answers.equal else answers.weight, keys.size).astype(np.float64)
    return CustomerSums(keys // groups, keys % groups, a, b)


def _distinct(key: Integers) -> tuple[Integers, Integers]:
    """The different keys, ascending, and for each key its place among them; quick where keys are nearly sorted."""
    if bool(np.all(key[1:] >= key[:-1])):
        fresh = np.r_[True, key[1:] != key[:-1]][: key.size]
        return key[fresh], np.cumsum(fresh) - 1
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    fresh = np.r_[True, ordered[1:] != ordered[:-1]]
    place = np.empty(key.size, dtype=np.int64)
    place[order] = np.cumsum(fresh) - 1
    return ordered[fresh], place


def tally(answers: Answers, scale: Scale, headline: Headline, group: Integers, groups: int) -> Tally:
    """Sum the answers of each group: `group` of shape (n,) holds 0 to `groups` - 1 for every usable answer."""
    contribution = scored(answers, scale, headline)
    levels, place = _levels(contribution, headline)
    w = None if answers.equal else answers.weight
    cells = group * levels.size + place if levels.size else group[:0]
    counts = np.bincount(cells, w if w is None else w[: cells.size], groups * levels.size)
    histogram = counts.astype(np.float64).reshape(groups, levels.size)
    n = np.bincount(group, minlength=groups).astype(np.int64)

    def total(values: Floats) -> Floats:
        return np.bincount(group, values, groups).astype(np.float64)

    if w is not None:
        weight, first, second = total(w), total(w * contribution), total(w * contribution**2)
    elif levels.size:
        weight, first, second = n.astype(np.float64), histogram @ levels, histogram @ levels**2
    else:
        weight, first, second = n.astype(np.float64), total(contribution), total(contribution**2)
    squares = weight if w is None else total(w**2)
    customers, (aa, ab, bb) = n, (second, first, weight)
    if w is not None:
        customers, aa, ab, bb = _over_customers(customer_sums(answers, contribution, group, groups), groups)
    elif answers.repeated and (several := _several(answers, group, groups)).any():
        # Only pairs with several answers differ from what single answers add up to.
        few = answers.only(several)
        sums = customer_sums(few, contribution[several], group[several], groups)
        single = CustomerSums(few.customer, group[several], contribution[several], few.weight)
        people, *added = _over_customers(sums, groups)
        everyone, *left = _over_customers(single, groups)
        customers = n + (people - everyone)
        aa, ab, bb = (old + (new - gone) for old, new, gone in zip((aa, ab, bb), added, left, strict=True))
    return Tally(
        headline=headline,
        ends=(scale.minimum, scale.maximum) if headline is Headline.MEAN else (float(levels[0]), float(levels[-1])),
        levels=levels,
        histogram=histogram,
        n=n,
        customers=customers,
        weight=weight,
        first=first,
        second=second,
        squares=squares,
        aa=aa,
        ab=ab,
        bb=bb,
    )


def _several(answers: Answers, group: Integers, groups: int) -> NDArray[np.bool_]:
    """Answers whose customer gave another one within the same group; shape (n,)."""
    key = answers.customer * groups + group
    if bool(np.all(key[1:] >= key[:-1])):
        same = key[1:] == key[:-1]
        either: NDArray[np.bool_] = np.r_[False, same][: key.size] | np.r_[same, False][: key.size]
        return either
    keys, pair = _distinct(key)
    return np.asarray(np.bincount(pair, minlength=keys.size)[pair] > 1)


def _over_customers(sums: CustomerSums, groups: int) -> tuple[Integers, Floats, Floats, Floats]:
    """Customers, and the sums of A A, A B and B B, of each group."""
    aa, ab, bb = (
        np.bincount(sums.group, values, groups).astype(np.float64)
        for values in (sums.a**2, sums.a * sums.b, sums.b**2)
    )
    return np.bincount(sums.group, minlength=groups).astype(np.int64), aa, ab, bb


def _levels(contribution: Floats, headline: Headline) -> tuple[Floats, Integers]:
    """The different contributions, ascending, and each one's place among them.

    None where a scale is too fine for a histogram of them.
    """
    if headline is Headline.NET:
        return np.array([-1.0, 0.0, 1.0]), contribution.astype(np.int64) + 1
    if headline is Headline.TOP_SHARE:
        return np.array([0.0, 1.0]), contribution.astype(np.int64)
    whole = contribution.astype(np.int64)
    least = int(whole.min(initial=0))
    if int(whole.max(initial=0)) - least < LEVELS_MAX and np.array_equal(whole, contribution):
        counts = np.bincount(whole - least)
        seen = np.flatnonzero(counts)
        return (seen + least).astype(np.float64), (np.cumsum(counts > 0) - 1)[whole - least]
    levels = np.unique(contribution)
    if levels.size > LEVELS_MAX:
        return np.zeros(0), np.zeros(0, np.int64)
    return levels, np.searchsorted(levels, contribution)
