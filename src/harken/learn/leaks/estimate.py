"""Columns that know the outcome are found unasked, named with the reason and set aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from harken.learn.encoding import with_gaps_filled
from harken.learn.folds import folds, sample_mask
from harken.learn.leaks.bins import (
    BinCounts,
    CertainCalls,
    bin_codes,
    certain_calls,
    count_bins,
    cross_fitted_auc,
)
from harken.unify.features.catalogue import Feature, FeatureTable
from harken.vocabulary.errors import DataError
from harken.vocabulary.estimates import Estimate, EstimateKind, Interval
from harken.vocabulary.messages import Message, gettext_noop

METHOD = "leaks.cross_fitted_scan"
FOLDS = 5
SCAN_CUSTOMERS_MAX = 100_000
REST_CUSTOMERS_MAX = 20_000
REST_COLUMNS_MAX = 100
"""Trees take time by columns: of many, those that tell most alone among the customers taught speak for all."""
LEAST_OF_EACH_OUTCOME = 20

# A value "knows" an outcome where the other outcome is at most 1/200 as frequent in it as among all customers
# (a clerical error rate), shown by data that rule out 1/10. Strong honest causes stay far from that: the five
# star wifi rating of a large airline survey leaves 1/57, a non-refundable booking 1/100.
CERTAIN_RATIO = 1 / 200
EVIDENT_RATIO = 1 / 10
LEAST_IN_BIN = 4
# Share of those who left that must be called for certain. Filled-only-for-leavers is suspect at a small share,
# since it is how after-the-fact notes look; a range of numbers needs more.
COVERAGE_FILLED = 0.05
COVERAGE_LEVEL = 0.10
COVERAGE_RANGE = 0.25
COVERAGE_STAYED_SUSPECT = 0.50
# One column alone that ranks customers this well, and better than all the others together.
AUC_FLAG = 0.90
AUC_SUSPECT = 0.80
AUC_ALONE = 0.98
AUC_OVER_REST_FLAG = 0.03
AUC_OVER_REST_SUSPECT = 0.10
REST_COLUMNS_MIN = 3
AFTER_MIN_CUSTOMERS = 5


class LeakReason(StrEnum):
    """Why a column is thought to know the outcome."""

    VALUES_DECIDE = "values_decide"
    ONE_OUTCOME_ONLY = "one_outcome_only"
    MISSING_FOLLOWS = "missing_follows"
    IMPLAUSIBLE_AUC = "implausible_auc"
    DATED_AFTER = "dated_after"


@dataclass(frozen=True, slots=True)
class Leak:
    """One column that seems to know the outcome.

    `column` is the feature's name, `label` its name for people; `reasons` and `messages` have equal length;
    `auc` is the area under the ROC curve of this column alone, on customers it was not fitted on (0.5 = knows
    nothing, 1 = everything); `certain_share` is the share of all customers whose outcome it calls without
    mistake (0 to 1).
    """

    column: str
    label: Message
    reasons: tuple[LeakReason, ...]
    messages: tuple[Message, ...]
    auc: float
    certain_share: float


@dataclass(frozen=True, slots=True)
class LeakScan:
    """What the scan found: columns set aside, columns kept but worth a look, and what was looked at.

    `n` customers and `events` outcomes were looked at over `columns` columns; `rest_auc` is what all columns
    that are not under suspicion reach together, None where nothing had to be compared; `notes` say what
    could not be judged.
    """

    set_aside: tuple[Leak, ...]
    suspects: tuple[Leak, ...]
    columns: int
    n: int
    events: int
    rest_auc: Estimate | None
    notes: tuple[Message, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns set aside."""
        return tuple(leak.column for leak in self.set_aside)


@dataclass(frozen=True, slots=True)
class _Judged:
    """One column under judgement; `counts` by fold and bin."""

    feature: Feature
    counts: BinCounts
    auc: float
    auc_lower: float
    left: CertainCalls
    stayed: CertainCalls


def scan_leaks(
    table: FeatureTable,
    y: NDArray[np.bool_],
    *,
    occurred_after: Mapping[str, NDArray[np.bool_]] | None = None,
    seed: int,
) -> LeakScan:
    """Finds columns that can only be so good because they were written after the outcome, such as a cancel reason.

    `y` is bool of shape (n,), True = left (the event). `occurred_after` maps the name of a column that holds
    dates to bool (n,): True where that date lies after the moment at which the features should have been known.
    Every column is looked at alone, cross-fitted in five folds, and flagged where

    - values call the event without mistake (exceptions at most 1/200 of their usual share, with data that rule
      out 1/10; exact binomial bound, Clopper and Pearson 1934) for a share of those who left: 5 % where being
      filled is the sign, 10 % for levels, 25 % for ranges of numbers;
    - the column alone ranks customers with an area under the curve of 0.90 or more (lower bound) and better by
      0.03 than all unsuspected columns together, or of 0.98 or more whatever the others do;
    - dates after the moment exist and go with the outcome.

    Values that call only *staying* (a running contract) and strong but not implausible columns are `suspects`:
    said, and kept. At most 100,000 customers (a declared sample) are looked at. Raises DataError where `y`
    does not fit the table; fewer than 20 customers of either outcome leave everything unjudged, with a note.

    >>> rng = np.random.default_rng(5)
    >>> y = rng.random(400) < 0.3
    >>> values = np.column_stack([rng.random(400), np.where(y, 1.0, np.nan)]).astype(np.float32)
    >>> features = tuple(Feature(name, name, Message(name)) for name in ("noise", "left_on"))
    >>> scan_leaks(FeatureTable(np.arange(400), values, features, None), y, seed=1).names
    ('left_on',)
    """
    outcome = np.asarray(y)
    if outcome.shape != table.customer_id.shape:
        raise DataError(
            Message(
                gettext_noop("{outcomes} outcomes were given for {customers} customers."),
                {"outcomes": len(outcome), "customers": len(table.customer_id)},
            )
        )
    chosen = sample_mask(table.customer_id, seed, SCAN_CUSTOMERS_MAX)
    happened = outcome[chosen].astype(np.bool_)
    n, events = len(happened), int(happened.sum())
    if min(events, n - events) < LEAST_OF_EACH_OUTCOME:
        note = Message(
            gettext_noop(
                "Only {events} of {n} customers left: too few of one kind to see whether a column knows it."
            ),
            {"events": events, "n": n},
        )
        return LeakScan((), (), len(table.features), n, events, None, (note,))
    fold = folds(table.customer_id[chosen], seed, FOLDS)
    looked_at = FeatureTable(table.customer_id[chosen], table.values[chosen], table.features, table.as_of_us)
    judged = [
        _judge(feature, looked_at.values[:, index], happened, fold) for index, feature in enumerate(table.features)
    ]
    after = {name: np.asarray(mask, dtype=np.bool_)[chosen] for name, mask in (occurred_after or {}).items()}
    return _decide(judged, looked_at, happened, fold, after, seed)


def _judge(feature: Feature, values: NDArray[np.float32], y: NDArray[np.bool_], fold: NDArray[np.int64]) -> _Judged:
    codes, single = bin_codes(values, category=feature.type == "category")
    counts = count_bins(codes, y, fold, folds=FOLDS, single_values=single)
    auc = cross_fitted_auc(counts)
    base = float(y.mean())
    return _Judged(
        feature=feature,
        counts=counts,
        auc=auc,
        auc_lower=auc - 1.96 * auc_standard_error(auc, int(y.sum()), int((~y).sum())),
        left=_calls(counts, event=True, base=base),
        stayed=_calls(counts, event=False, base=base),
    )


def auc_standard_error(auc: float, events: int, others: int) -> float:
    """Standard error of an area under the ROC curve from its size alone (Hanley and McNeil 1982, equation 1).

    >>> round(auc_standard_error(0.8, 50, 100), 4)
    0.0412
    """
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (events - 1) * (q1 - auc**2) + (others - 1) * (q2 - auc**2)
    return float(np.sqrt(max(spread, 0.0) / (events * others)))


def _calls(counts: BinCounts, *, event: bool, base: float) -> CertainCalls:
    usual = (1 - base) if event else base
    return certain_calls(
        counts, event=event, least_customers=LEAST_IN_BIN, most_exceptions=2 * CERTAIN_RATIO * usual
    )


def is_certain(calls: CertainCalls, usual_exceptions: float) -> bool:
    """True where the calls' exceptions are a clerical share: consistent with 1/200 of usual, below 1/10 for sure.

    `usual_exceptions` is the share of the other outcome among all customers. Bounds are exact one-sided 95 %
    binomial bounds.

    >>> is_certain(CertainCalls(60, 0, 0.5, (1,)), 0.7), is_certain(CertainCalls(20, 0, 0.5, (1,)), 0.7)
    (True, False)
    """
    from scipy.stats import beta

    if calls.customers == 0:
        return False
    k, n = calls.exceptions, calls.customers
    upper = 1.0 if k == n else float(beta.ppf(0.95, k + 1, n - k))
    lower = 0.0 if k == 0 else float(beta.ppf(0.05, k, n - k + 1))
    return upper <= EVIDENT_RATIO * usual_exceptions and lower <= CERTAIN_RATIO * usual_exceptions


def _decide(
    judged: list[_Judged],
    table: FeatureTable,
    y: NDArray[np.bool_],
    fold: NDArray[np.int64],
    after: Mapping[str, NDArray[np.bool_]],
    seed: int,
) -> LeakScan:
    base, n = float(y.mean()), len(y)
    found = [_value_reasons(one, base) for one in judged]
    watched = [_stayed_only(one, base) for one in judged]
    for index, one in enumerate(judged):
        if one.feature.name in after:
            flag, suspect = _dated_after(after[one.feature.name], y, fold)
            found[index] += flag
            watched[index] += suspect
    candidates = [i for i, one in enumerate(judged) if one.auc_lower >= AUC_SUSPECT]
    rest_auc = None
    open_cases = [i for i in candidates if not found[i]]
    if open_cases:
        excluded = set(candidates) | {i for i, reasons in enumerate(found) if reasons}
        rest = [i for i in range(len(judged)) if i not in excluded]
        counts = [judged[i].counts for i in rest]
        rest_auc = _auc_of_rest(table.values[:, rest], counts, table.customer_id, y, fold, seed)
        for index in open_cases:
            flag, suspect = _auc_reasons(judged[index], rest_auc.value, len(rest))
            found[index] += flag
            watched[index] += suspect
    return LeakScan(
        set_aside=tuple(_leak(one, found[i], n, y) for i, one in enumerate(judged) if found[i]),
        suspects=tuple(_leak(one, watched[i], n, y) for i, one in enumerate(judged) if watched[i] and not found[i]),
        columns=len(judged),
        n=n,
        events=int(y.sum()),
        rest_auc=rest_auc,
    )


_Reasons = list[tuple[LeakReason, Message]]


def _value_reasons(one: _Judged, base: float) -> _Reasons:
    filled = _calls(one.counts.present, event=True, base=base)
    if is_certain(filled, 1 - base) and filled.coverage >= COVERAGE_FILLED and len(filled.bins) == 1:
        text = (
            gettext_noop("It is empty only for customers who left: {share} of those who left have no value.")
            if filled.bins[0] == 0
            else gettext_noop("It is filled only for customers who left: {share} of those who left have a value.")
        )
        return [(LeakReason.MISSING_FOLLOWS, Message(text, {"share": _percent(filled.coverage)}))]
    if not is_certain(one.left, 1 - base):
        return []
    category = one.feature.type == "category"
    needed = COVERAGE_LEVEL if category else COVERAGE_RANGE
    if one.left.coverage < needed:
        return []
    share = {"left": _percent(one.left.coverage), "stayed": _percent(one.stayed.coverage)}
    if is_certain(one.stayed, base):
        return [
            (
                LeakReason.VALUES_DECIDE,
                Message(
                    gettext_noop(
                        "Its values decide the outcome: they alone name {left} of those who left and {stayed} of "
                        "those who stayed, with hardly a mistake."
                    ),
                    share,
                ),
            )
        ]
    return [
        (
            LeakReason.ONE_OUTCOME_ONLY,
            Message(
                gettext_noop(
                    "Some of its values occur only for customers who left: {left} of those who left have them."
                ),
                {"left": share["left"]},
            ),
        )
    ]


def _stayed_only(one: _Judged, base: float) -> _Reasons:
    if not is_certain(one.stayed, base) or one.stayed.coverage < COVERAGE_STAYED_SUSPECT:
        return []
    text = gettext_noop(
        "{share} of those who stayed have values that nobody who left has. That can be right (a contract that "
        "cannot be ended yet), so it was kept; look whether it was known before."
    )
    return [(LeakReason.ONE_OUTCOME_ONLY, Message(text, {"share": _percent(one.stayed.coverage)}))]


def _dated_after(
    late: NDArray[np.bool_], y: NDArray[np.bool_], fold: NDArray[np.int64]
) -> tuple[_Reasons, _Reasons]:
    count = int(late.sum())
    if count < AFTER_MIN_CUSTOMERS:
        return [], []
    counts = count_bins(late.astype(np.int64), y, fold, folds=FOLDS, single_values=True)
    auc = cross_fitted_auc(counts)
    error = auc_standard_error(0.5, int(y.sum()), int((~y).sum()))
    related = auc - 3.0 * error > 0.5 and float(y[late].mean()) > float(y.mean())
    text = (
        gettext_noop(
            "{count} customers, mostly leavers, have a date here that lies after the moment of the forecast."
        )
        if related
        else gettext_noop(
            "{count} customers have a date here that lies after the moment of the forecast. It does not go with "
            "leaving, so it was kept."
        )
    )
    reason = [(LeakReason.DATED_AFTER, Message(text, {"count": count}))]
    return (reason, []) if related else ([], reason)


def _auc_reasons(one: _Judged, rest: float, rest_columns: int) -> tuple[_Reasons, _Reasons]:
    params = {"auc": round(one.auc, 3), "rest": round(rest, 3), "columns": rest_columns}
    text = gettext_noop(
        "Alone it tells leavers from stayers with an AUC of {auc}; the other {columns} columns reach {rest}."
    )
    reason = [(LeakReason.IMPLAUSIBLE_AUC, Message(text, params))]
    over = one.auc - rest
    comparable = rest_columns >= REST_COLUMNS_MIN
    if one.auc_lower >= AUC_ALONE:
        return reason, []
    if comparable and one.auc_lower >= AUC_FLAG and over >= AUC_OVER_REST_FLAG:
        return reason, []
    if over >= AUC_OVER_REST_SUSPECT:
        return [], reason
    return [], []


def _auc_of_rest(
    values: NDArray[np.float32],
    counts: list[BinCounts],
    customer_id: NDArray[np.int64],
    y: NDArray[np.bool_],
    fold: NDArray[np.int64],
    seed: int,
) -> Estimate:
    """What the unsuspected columns reach together, by a small boosted-tree model in three of the folds."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score

    if values.shape[1] == 0:
        return Estimate(0.5, Interval(0.5, 0.5), len(y), METHOD, kind=EstimateKind.PREDICTED)
    areas = []
    taught = sample_mask(customer_id, seed, REST_CUSTOMERS_MAX)
    for k in range(3):
        train, held_out = taught & (fold != k), fold == k
        kept = _most_telling(counts, k)
        model = HistGradientBoostingClassifier(
            max_iter=40, max_leaf_nodes=15, max_bins=63, early_stopping=False, random_state=seed
        )
        model.fit(with_gaps_filled(values[np.ix_(train, kept)]), y[train])
        risk = model.predict_proba(values[np.ix_(held_out, kept)])[:, 1]
        areas.append(float(roc_auc_score(y[held_out], risk)))
    auc = float(np.mean(areas))
    error = 1.96 * auc_standard_error(auc, int(y.sum()), int((~y).sum()))
    return Estimate(auc, Interval(auc - error, min(auc + error, 1.0)), len(y), METHOD, kind=EstimateKind.PREDICTED)


def _most_telling(counts: list[BinCounts], left_out: int) -> NDArray[np.intp]:
    """At most 100 columns whose bins differ most in the outcome (chi-squared) outside one fold, in their order."""
    strength = np.empty(len(counts))
    for at, column in enumerate(counts):
        events = column.events.sum(axis=0) - column.events[left_out]
        customers = column.customers.sum(axis=0) - column.customers[left_out]
        held = customers > 0
        rate = events.sum() / max(customers.sum(), 1.0)
        gaps = (events[held] - rate * customers[held]) ** 2 / customers[held]
        strength[at] = gaps.sum() / max(rate * (1 - rate), 1e-12) - (int(held.sum()) - 1)
    return np.sort(np.argsort(-strength, kind="stable")[:REST_COLUMNS_MAX])


def _leak(one: _Judged, reasons: _Reasons, n: int, y: NDArray[np.bool_]) -> Leak:
    called = one.left.coverage * float(y.sum()) + one.stayed.coverage * float((~y).sum())
    return Leak(
        column=one.feature.name,
        label=one.feature.label,
        reasons=tuple(reason for reason, _ in reasons),
        messages=tuple(message for _, message in reasons),
        auc=one.auc,
        certain_share=called / n,
    )


def _percent(share: float) -> str:
    return f"{share:.0%}"
