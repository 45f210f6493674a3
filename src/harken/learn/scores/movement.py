"""Why a score moved between two periods: the same respondents, others who answered, other segments among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import chdtrc, stdtrit

from harken.learn.scores.answers import Answers, Floats, Integers, scored
from harken.learn.scores.intervals import false_discovery_adjusted
from harken.vocabulary.estimates import COUNTS_ONLY_BELOW, NO_ARROW_BELOW, Interval
from harken.vocabulary.messages import Message
from harken.vocabulary.scales import Headline, Scale

DISCOVERY_RATE = 0.05
STEP = 1e-5
ACCOUNTS_SPOKEN_OF = 0.5
"""Accounts are spoken of where at least this share of the answers comes from them."""


class PartKind(StrEnum):
    """Where a part of a change comes from."""

    SAME = "same"
    """Customers who answered in both periods answered otherwise."""
    COLLEAGUES = "colleagues"
    """Other contacts answered for accounts that were heard in both periods."""
    OTHERS = "others"
    """Other customers (where there are accounts: other accounts) answered, within their segments."""
    MIX = "mix"
    """The other customers who answered belong to other segments than those of the period before."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a change, in the headline's unit; all parts of a change add up to it.

    `customers_before` and `customers_after` count the customers it is about, `accounts_before` and
    `accounts_after` their accounts (None where customers belong to none). `interval` is None where fewer than 10
    of them answered in one of the periods: then nothing can be said of how sure it is.
    """

    kind: PartKind
    amount: float
    interval: Interval | None
    customers_before: int
    customers_after: int
    accounts_before: int | None = None
    accounts_after: int | None = None


@dataclass(frozen=True, slots=True)
class Division:
    """One way to divide the customers: `codes` (answers,) 0 to len(levels) - 1, negative where not known."""

    name: str
    label: Message
    codes: Integers
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountsHeard:
    """How many accounts were heard in both periods, only before, only after."""

    both: int
    only_before: int
    only_after: int


@dataclass(frozen=True, slots=True)
class Movement:
    """The parts of a change; `mix_by` names the division that the part of the mix is about, None without one.

    `accounts` is None where customers belong to none.
    """

    parts: tuple[Part, ...]
    mix_by: Message | None
    accounts: AccountsHeard | None


@dataclass(frozen=True, slots=True)
class _People:
    """Per customer (c,): weighted sum and weight of the answers before and after, who they are.

    `sums` (c, 4) holds A and B before, A and B after (A = sum of weight x contribution, B = sum of weight);
    `kind` 0 same, 1 colleagues, 2 others; `account` -1 where none.
    """

    sums: Floats
    kind: Integers
    account: Integers
    first: Integers

    @property
    def before(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return self.sums[:, 1] > 0

    @property
    def after(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return self.sums[:, 3] > 0


_KINDS = (PartKind.SAME, PartKind.COLLEAGUES, PartKind.OTHERS)


def explain_movement(
    answers: Answers,
    side: Integers,
    scale: Scale,
    *,
    account: Integers | None = None,
    divisions: Sequence[Division] = (),
    level: float = 0.95,
) -> Movement:
    """Split the change of a score into parts that add up to it exactly.

    `side` (n,) is 0 for answers before and 1 for answers after, both present; `account` (n,) numbers accounts,
    negative where a customer belongs to none. Shares and means of each kind of respondent change; the change of
    their product is shared out evenly (Kitagawa 1955), what kinds weigh more or less is counted against the same
    respondents. The mix is that of the division whose levels changed most surely among the other respondents
    (chi-squared, Benjamini and Hochberg 1995 over the divisions), chosen without a look at scores. Intervals come
    from the linearised variance with customers as clusters.
    """
    if account is not None and np.mean(account >= 0) < ACCOUNTS_SPOKEN_OF:
        account = None
    people = _people(answers, side, scale, account)
    chosen = _changed_division(people, divisions)
    segment = np.zeros(len(people.kind), np.int64)
    segments = 1
    if chosen is not None:
        segments = len(chosen.levels) + 1
        codes = chosen.codes[people.first]
        segment = np.where(codes < 0, segments - 1, codes)
    cell = people.kind * segments + segment
    totals = np.stack(
        [np.bincount(cell, column, 3 * segments) for column in people.sums.T], axis=-1, dtype=np.float64
    ).reshape(3, segments, 4)
    unit = 1.0 if scale.headline is Headline.MEAN else 100.0
    amounts = unit * _amounts(totals)
    errors = unit * _errors(people, cell, totals)
    parts = []
    for index, kind in enumerate((*_KINDS, PartKind.MIX)):
        group = people.kind == (2 if kind is PartKind.MIX else index)
        if not group.any() or (kind is PartKind.MIX and chosen is None):
            continue
        parts.append(_part(kind, people, group, float(amounts[index]), float(errors[index]), account, level))
    return Movement(tuple(parts), None if chosen is None else chosen.label, _accounts(people, account))


def _accounts(people: _People, account: Integers | None) -> AccountsHeard | None:
    if account is None:
        return None
    known = people.account >= 0
    before = set(people.account[known & people.before].tolist())
    after = set(people.account[known & people.after].tolist())
    return AccountsHeard(len(before & after), len(before - after), len(after - before))


def _people(answers: Answers, side: Integers, scale: Scale, account: Integers | None) -> _People:
    count = int(answers.customer.max(initial=-1)) + 1
    product = answers.weight * scored(answers, scale, scale.headline)
    sums = np.zeros((count, 4))
    for at in (0, 1):
        chosen = side == at
        sums[:, 2 * at] = np.bincount(answers.customer[chosen], product[chosen], count)
        sums[:, 2 * at + 1] = np.bincount(answers.customer[chosen], answers.weight[chosen], count)
    first = np.zeros(count, np.int64)
    first[answers.customer[::-1]] = np.arange(len(answers.customer) - 1, -1, -1)
    own = np.full(count, -1, np.int64) if account is None else account[first]
    before, after = sums[:, 1] > 0, sums[:, 3] > 0
    accounts = int(own.max(initial=-1)) + 1
    heard = np.zeros(accounts + 1, bool)
    heard[:accounts] = np.isin(np.arange(accounts), own[before]) & np.isin(np.arange(accounts), own[after])
    kind = np.where(before & after, 0, np.where(heard[own], 1, 2))
    return _People(sums, kind.astype(np.int64), own, first)


def _changed_division(people: _People, divisions: Sequence[Division]) -> Division | None:
    """The division whose levels among other respondents changed most surely; None where none did."""
    other = people.kind == 2
    before, after = other & people.before, other & people.after
    if min(before.sum(), after.sum()) < NO_ARROW_BELOW:
        return None
    p = []
    for division in divisions:
        codes = division.codes[people.first]
        table = np.array(
            [np.bincount(codes[rows] + 1, minlength=len(division.levels) + 1) for rows in (before, after)], float
        )
        table = table[:, table.sum(axis=0) > 0]
        expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
        freedom = table.shape[1] - 1
        p.append(float(chdtrc(freedom, ((table - expected) ** 2 / expected).sum())) if freedom else 1.0)
    adjusted = false_discovery_adjusted(p)
    best = int(np.argmin(p)) if p else -1
    return divisions[best] if p and adjusted[best] <= DISCOVERY_RATE else None


def _amounts(totals: Floats) -> Floats:
    """The parts (..., 4): same, colleagues, others within segments, mix; from totals (..., 3, S, 4) by cell.

    A mean that nobody gave in one period is taken from the other: then the whole part is one of shares.
    """
    kinds = totals.sum(axis=-2)
    share, mean = _shares_means(kinds)
    between = share.mean(axis=-1)
    moved = between * (mean[..., 1] - mean[..., 0])
    middle = mean.mean(axis=-1)
    everybody = kinds.sum(axis=-2)
    whole = (everybody[..., 0] / everybody[..., 1] + everybody[..., 2] / everybody[..., 3]) / 2.0
    reference = np.where(between[..., 0] > 0, middle[..., 0], whole)
    parts = moved + (share[..., 1] - share[..., 0]) * (middle - reference[..., None])
    parts[..., 0] = moved[..., 0] + np.where(between[..., 0] > 0, 0.0, parts[..., 0] - moved[..., 0])
    within, segment_mean = _shares_means(totals[..., 2, :, :])
    centre = segment_mean.mean(axis=-1) - middle[..., 2, None]
    mix = between[..., 2] * ((within[..., 1] - within[..., 0]) * centre).sum(axis=-1)
    both = (kinds[..., 2, 1] > 0) & (kinds[..., 2, 3] > 0)
    mix = np.where(both, mix, 0.0)
    parts[..., 2] -= mix
    return np.concatenate([parts, mix[..., None]], axis=-1)


def _shares_means(sums: Floats) -> tuple[Floats, Floats]:
    """Shares of the weight and means, both (..., k, 2) before and after, of sums (..., k, 4)."""
    first, weight = sums[..., [0, 2]], sums[..., [1, 3]]
    total = weight.sum(axis=-2, keepdims=True)
    share = weight / np.where(total > 0, total, 1.0)
    known = weight > 0
    mean = np.where(known, first / np.where(known, weight, 1.0), 0.0)
    return share, np.where(known, mean, mean[..., ::-1])


def _errors(people: _People, cell: Integers, totals: Floats) -> Floats:
    """Standard errors of the four parts: gradients by small steps, moments summed over customers by cell."""
    cells = totals.reshape(-1, 4)
    known = cells[:, [1, 1, 3, 3]] > 0
    places = np.argwhere(known)
    step = STEP * cells[:, [1, 1, 3, 3]][known]
    moved = np.repeat(cells[None], 2 * len(places), axis=0)
    rows = np.arange(len(places))
    moved[rows, places[:, 0], places[:, 1]] += step
    moved[rows + len(places), places[:, 0], places[:, 1]] -= step
    values = _amounts(moved.reshape(-1, *totals.shape))
    slopes = (values[: len(places)] - values[len(places) :]) / (2.0 * step[:, None])
    gradient = np.zeros((len(cells), 4, 4))
    gradient[places[:, 0], places[:, 1]] = slopes
    variance = np.zeros(4)
    for one in range(4):
        for other in range(one, 4):
            moment = np.bincount(cell, people.sums[:, one] * people.sums[:, other], len(cells))
            twice = 1.0 if one == other else 2.0  # the moments are symmetric
            variance += twice * (moment[:, None] * gradient[:, one] * gradient[:, other]).sum(axis=0)
    return np.sqrt(np.maximum(variance, 0.0))


def _part(
    kind: PartKind,
    people: _People,
    group: np.ndarray[tuple[int], np.dtype[np.bool_]],
    amount: float,
    error: float,
    account: Integers | None,
    level: float,
) -> Part:
    before, after = group & people.before, group & people.after
    least = min(int(before.sum()), int(after.sum()))
    interval = None
    if least >= COUNTS_ONLY_BELOW:
        half = float(stdtrit(least - 1.0, 0.5 + level / 2.0)) * error
        interval = Interval(amount - half, amount + half, level)

    def accounts(rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int | None:
        return None if account is None else len(np.unique(people.account[rows & (people.account >= 0)]))

    return Part(kind, amount, interval, int(before.sum()), int(after.sum()), accounts(before), accounts(after))
