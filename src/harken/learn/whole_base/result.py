"""What an analysis of the whole base hands over: numbers with intervals, and one row for each customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.whole_base.calibration import CalibrationError
from harken.learn.whole_base.heard import HeardGroup
from harken.learn.whole_base.sensitivity import Sensitivity
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message
from harken.vocabulary.scales import Headline


@dataclass(frozen=True, slots=True)
class GroupScore:
    """The score of one group of customers: what its answers say, and what all its customers would say.

    `label` names the group ("" for customers whose group is not known); `customers` and `answers` are counts;
    `share_of_customers` and `share_of_answers` (0 to 1, weighted) are the group's shares of the whole base and of
    all answers, and `heard` their ratio: below 1 the group is under-heard, above 1 over-heard. `silent_share` is
    the weighted share of the group that did not answer. `answered_only`, `whole_base` and `difference` (answered
    only minus whole base) are in the headline's unit; None where nobody or next to nobody answered, and then
    `reason` says so. `predicted` is the mean of the customers' calibrated expectations; in the total it equals
    the whole base.
    """

    label: str
    customers: int
    answers: int
    share_of_customers: float
    share_of_answers: float
    heard: float
    silent_share: float
    predicted: float
    answered_only: Estimate | None
    whole_base: Estimate | None
    difference: Estimate | None
    reason: Message | None = None

    @property
    def reply_rate(self) -> float:
        """Answers per customer, 0 to 1."""
        return self.answers / self.customers if self.customers else 0.0


@dataclass(frozen=True, slots=True)
class SegmentScores:
    """The scores of all groups of one division of the base, such as region; weighted groups add up to the total."""

    name: str
    rows: tuple[GroupScore, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Whether those who answer resemble those who do not well enough to speak for them.

    `clipped` customers had a chance of answering below `clip` and were held there; `clipped_answers` of these
    answered. `smallest`, `median` and `largest` are chances of answering (0 to 1) over all customers; `auc` says
    how well answering can be foreseen (0.5 not at all, 1 perfectly); `n_effective` is what the weighted answers
    are worth (Kish), `largest_weight_share` the share of all weight that one answer carries; `warnings` say it in
    words.
    """

    clip: float
    clipped: int
    clipped_answers: int
    smallest: float
    median: float
    largest: float
    auc: float
    n_effective: float
    largest_weight_share: float
    warnings: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class CustomerColumns:
    """One value for each customer, arrays of shape (n,) in ascending order of `customer_id`.

    `answered`; `answer_chance` (0 to 1, held at the clip); `unfavourable`, `middle`, `favourable` calibrated
    probabilities that add up to 1, never seen by a model that knew the customer's own answer; `expected` the
    expected contribution to the headline, in its unit; `contribution` the doubly robust contribution (its
    weighted mean over any group is the group's score) and `residual` its corrected part (0 where silent);
    `weight`.
    """

    customer_id: NDArray[np.int64]
    answered: NDArray[np.bool_]
    answer_chance: NDArray[np.float64]
    unfavourable: NDArray[np.float64]
    middle: NDArray[np.float64]
    favourable: NDArray[np.float64]
    expected: NDArray[np.float64]
    contribution: NDArray[np.float64]
    residual: NDArray[np.float64]
    weight: NDArray[np.float64]
    plausible_unfavourable: NDArray[np.bool_]
    plausible_middle: NDArray[np.bool_]
    plausible_favourable: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class WholeBase:
    """The score of all customers, estimated from those who answered.

    `headline` and `scale_id` say which number; `total` and `segments` hold the scores; `overlap` and
    `calibration` how far they can be trusted if silence has no hidden reason, `sensitivity` what a hidden reason
    would do; `heard` who is over-heard and under-heard; `standard_error` for exactly these customers and
    `standard_error_superpopulation` for customers like them (headline units); `predicted_minus_total` how far the
    customers' expectations are from the total; `plausible_level` the promised rate of the plausible bands and
    `plausible_size` how many of three bands they hold on average (near 3: little can be said of one customer);
    `notes` what a reader must know.
    """

    scale_id: str
    headline: Headline
    seed: int
    folds: int
    fitted_on: int
    total: GroupScore
    segments: tuple[SegmentScores, ...]
    overlap: Overlap
    calibration: tuple[CalibrationError, ...]
    sensitivity: Sensitivity
    heard: tuple[HeardGroup, ...]
    standard_error: float
    standard_error_superpopulation: float
    predicted_minus_total: float
    plausible_level: float
    plausible_size: float
    notes: tuple[Message, ...]
    columns: CustomerColumns
