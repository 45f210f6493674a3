"""Answers as they can be counted: blanks and impossible ones set aside and told, bands and weights attached."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harken.vocabulary.errors import DataError
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import Headline, Scale

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Answers:
    """The usable answers of one question, and how many could not be used.

    `score`, `weight`, `customer` (0, 1, ... in any order; equal numbers are one customer) and `kept` (positions in
    the input) have shape (n,). `blank` counts missing scores, `off_scale` scores outside the scale, `unweighted`
    answers whose weight is missing or zero; they are left out, never guessed.
    """

    score: Floats
    weight: Floats
    customer: Integers
    kept: Integers
    blank: int
    off_scale: int
    unweighted: int
    repeated: bool
    """True where at least one customer answered more than once."""
    equal: bool = False
    """True where every answer weighs 1, so that sums follow from counts."""

    def only(self, chosen: NDArray[np.bool_]) -> Answers:
        """The answers where `chosen` (n,) is True; the counts of unusable ones stay."""
        rows = np.flatnonzero(chosen)  # found once for all columns
        if rows.size == self.score.size:
            return self
        return replace(
            self,
            score=self.score[rows],
            weight=np.ones(rows.size) if self.equal else self.weight[rows],
            customer=self.customer[rows],
            kept=self.kept[rows],
        )


def usable_answers(
    scores: ArrayLike, scale: Scale, weights: ArrayLike | None = None, customer_id: ArrayLike | None = None
) -> Answers:
    """Set aside what is no answer on this scale, and say how many that were.

    `scores` has shape (n,), NaN = blank; `weights` (n,) zero or above; `customer_id` (n,) of any whole numbers.
    Raises `DataError` where lengths differ or a weight is negative.
    """
    score = np.asarray(scores, dtype=np.float64)
    weight = np.ones_like(score) if weights is None else np.asarray(weights, dtype=np.float64)
    customer = None if customer_id is None else np.asarray(customer_id)
    if score.ndim != 1 or weight.shape != score.shape or (customer is not None and customer.shape != score.shape):
        raise DataError(
            Message(gettext_noop("Scores, weights and customers must be columns of one length.")),
            Message(gettext_noop("Give one weight and one customer for each answer.")),
        )
    if np.any(weight < 0) or np.any(np.isinf(weight)):
        raise DataError(
            Message(gettext_noop("A survey weight is negative or infinite.")),
            Message(gettext_noop("Weights say how many customers an answer stands for: zero or more.")),
        )
    blank = np.isnan(score)
    off_scale = ~blank & ~((score >= scale.minimum) & (score <= scale.maximum))
    unweighted = ~blank & ~off_scale & ~(weight > 0)
    kept = np.flatnonzero(~(blank | off_scale | unweighted))
    if customer is None:
        codes, repeated = np.arange(kept.size), False
    else:
        codes, repeated = _numbered(customer[kept])
    return Answers(
        score=score[kept],
        weight=weight[kept],
        customer=codes.astype(np.int64),
        kept=kept,
        blank=int(blank.sum()),
        off_scale=int(off_scale.sum()),
        unweighted=int(unweighted.sum()),
        repeated=repeated,
        equal=weights is None,
    )


def _numbered(customer: NDArray[Any]) -> tuple[Integers, bool]:
    """Customers as 0, 1, ... in ascending order, and whether one is there twice; sorted ones cost no sort."""
    if customer.size and bool(np.all(customer[1:] >= customer[:-1])):
        codes = np.cumsum(np.r_[False, customer[1:] != customer[:-1]])
    else:
        codes = np.unique(customer, return_inverse=True)[1]
    return codes.astype(np.int64), int(codes.max(initial=-1)) + 1 < customer.size


def bands(scores: Floats, scale: Scale) -> NDArray[np.int8]:
    """1 for each favourable answer, -1 for each unfavourable one, 0 between; shape (n,).

    >>> from harken.vocabulary.scales import SCALES
    >>> bands(np.array([0.0, 6.0, 7.0, 9.0]), SCALES["nps_0_10"]).tolist()
    [-1, -1, 0, 1]
    """
    sign = 1.0 if scale.high_is_good else -1.0
    favourable = sign * scores >= sign * scale.favourable_from
    unfavourable = ~favourable & (sign * scores <= sign * scale.unfavourable_from)
    return favourable.astype(np.int8) - unfavourable.astype(np.int8)


def checked_codes(codes: ArrayLike, answers: int, groups: int) -> Integers:
    """Segment or period codes as whole numbers: one per answer, below `groups`, negative = in none.

    Raises `DataError` for another length or a code without a name.
    """
    whole = np.asarray(codes).astype(np.int64)
    if whole.shape != (answers,) or (whole.size and int(whole.max()) >= groups):
        raise DataError(
            Message(gettext_noop("Every answer needs one segment or period from the given list.")),
            Message(gettext_noop("Give one code per answer, counted from 0, or -1 for none.")),
        )
    return whole


def scored(answers: Answers, scale: Scale, headline: Headline) -> Floats:
    """What each answer adds to the headline: its band (-1, 0, 1), satisfied or not (0, 1), or the answer itself."""
    if headline is Headline.MEAN:
        return answers.score
    band = bands(answers.score, scale)
    return band.astype(np.float64) if headline is Headline.NET else (band == 1).astype(np.float64)
