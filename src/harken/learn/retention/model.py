"""Who is likely to leave: a model chosen, calibrated and tested on customers it never saw, then told for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.folds import folds, sample_mask
from harken.learn.retention.calibration import Calibration, cross_calibrated, fit_calibration
from harken.learn.retention.classifiers import (
    Kind,
    RiskModel,
    encode,
    fit_classifiers,
    held_off,
    predict_in_chunks,
)
from harken.learn.retention.validation import Validation, ValidationKind, auc_estimate, log_loss, validate
from harken.unify.features.catalogue import FeatureTable
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress, silent

FOLDS = 3
FIT_CUSTOMERS_MAX = 200_000
LEAST_OF_EACH_OUTCOME = 10
PENALTIES = (0.0003, 0.003, 0.03, 0.3)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model that was tried, with its figures on customers left out (log loss: lower is better)."""

    kind: Kind
    penalty: float
    log_loss: float
    auc: float


@dataclass(frozen=True, slots=True)
class RetentionResult:
    """What is known about who leaves, in plain things.

    `validation` is out of time where a later window was given, else cross-fitted; `cross_fitted` always is the
    test on customers left out of the training window. `customer_id` (int64) and `risk` (float32, probability
    of the event within the horizon) have shape (m,), one per customer asked about. `risk_is_left_out` is True
    where those are the training customers themselves, each judged by a model fitted without them.
    `chosen` is the model with the lowest log loss among `candidates`; "base_rate" means that nothing in the data
    tells who leaves. `set_aside` names columns not used; `n_fitted` customers taught the final model.
    """

    chosen: Kind
    candidates: tuple[Candidate, ...]
    validation: Validation
    cross_fitted: Validation
    customer_id: NDArray[np.int64]
    risk: NDArray[np.float32]
    risk_is_left_out: bool
    horizon_days: int | None
    n_fitted: int
    set_aside: tuple[str, ...]
    seed: int
    notes: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class RetentionModel:
    """The fitted model itself, for what-if questions within one run; never kept between runs.

    `columns` are the positions in a full feature table of the columns it reads.
    """

    model: RiskModel
    calibration: Calibration
    columns: tuple[int, ...]

    def risk(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Calibrated probability of the event for rows of a full feature table: (m, p) in, (m,) out."""
        return self.calibration.apply(predict_in_chunks(self.model, values, self.columns))


@dataclass(frozen=True, slots=True)
class RetentionFit:
    """The plain result, and the live model beside it.

    `left_out_risk` (float64) belongs to the rows of the training table, each by a model without that customer;
    NaN outside a declared fitting sample.
    """

    result: RetentionResult
    model: RetentionModel
    left_out_risk: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Window:
    """The declared sample of one window, with the columns that may be used; `y` and `fold` by its rows."""

    table: FeatureTable
    y: NDArray[np.bool_]
    fold: NDArray[np.int64]


def fit_retention(
    train: FeatureTable,
    y_train: NDArray[np.bool_],
    *,
    test: FeatureTable | None = None,
    y_test: NDArray[np.bool_] | None = None,
    predict: FeatureTable | None = None,
    seed: int,
    leaks_set_aside: Sequence[str] = (),
    horizon_days: int | None = None,
    progress: Progress = silent,
) -> RetentionFit:
    """Learns from `train` who leaves, tests it on the later `test` window and tells the risk of all in `predict`.

    `y_train` and `y_test` are bool, True = left within the horizon. Candidates (the overall rate, ridge logistic
    regression at four strengths, gradient-boosted trees) are compared by log loss in three cross-fitted folds;
    the best one is calibrated on its left-out risks. With a test window, the model of the training window
    forecasts it (that is the validation), then a model of both windows tells `predict`. Without `predict`
    the training customers get their left-out risks. At most 200,000 customers (a declared sample by number)
    teach the model; all are predicted, in chunks.

    Raises NotEnoughData below 10 customers of either outcome, DataError where tables do not fit together.
    """
    _check(train, y_train, test, y_test, predict)
    aside = set(leaks_set_aside)
    columns = tuple(index for index, feature in enumerate(train.features) if feature.name not in aside)
    sample = sample_mask(train.customer_id, seed, FIT_CUSTOMERS_MAX)
    window = _window(train, np.asarray(y_train, dtype=np.bool_), sample, columns, seed)
    progress(Message(gettext_noop("Comparing models of who leaves")), 0.0)
    candidates, raw = _compare(window, seed, progress)
    chosen = min(candidates, key=lambda candidate: round(candidate.log_loss, 6))
    risk_left_out = cross_calibrated(raw[chosen], window.y, window.fold)
    cross_fitted = validate(risk_left_out, window.y, kind=ValidationKind.CROSS_FITTED)
    calibration = fit_calibration(raw[chosen], window.y)
    model = RetentionModel(_refit(chosen, window, seed), calibration, columns)
    validation, taught = cross_fitted, window
    if test is not None and y_test is not None:
        progress(Message(gettext_noop("Testing the forecast on a later time")), 0.7)
        later = np.asarray(y_test, dtype=np.bool_)
        if _enough(later):
            validation = validate(model.risk(test.values), later, kind=ValidationKind.OUT_OF_TIME)
        taught = _both_windows(train, window, test, later, columns, seed)
        model = RetentionModel(_refit(chosen, taught, seed), calibration, columns)
    left_out = _spread(risk_left_out, sample)
    progress(Message(gettext_noop("Telling the risk of every customer")), 0.9)
    asked = train if predict is None else predict
    known = test is None and sample.all() and _same(train, asked)
    result = RetentionResult(
        chosen=chosen.kind,
        candidates=tuple(candidates),
        validation=validation,
        cross_fitted=cross_fitted,
        customer_id=asked.customer_id,
        risk=(left_out if known else model.risk(asked.values)).astype(np.float32),
        risk_is_left_out=bool(known),
        horizon_days=horizon_days,
        n_fitted=len(taught.y),
        set_aside=tuple(name for name in train.names if name in aside),
        seed=seed,
        notes=_notes(chosen, validation, test is not None, len(window.y), len(left_out)),
    )
    return RetentionFit(result, model, left_out)


def _check(
    train: FeatureTable,
    y_train: NDArray[np.bool_],
    test: FeatureTable | None,
    y_test: NDArray[np.bool_] | None,
    predict: FeatureTable | None,
) -> None:
    for table, y in ((train, y_train), (test, y_test)):
        if table is not None and (y is None or len(y) != len(table.customer_id)):
            raise DataError(
                Message(
                    gettext_noop("{outcomes} outcomes were given for {customers} customers."),
                    {"outcomes": 0 if y is None else len(y), "customers": len(table.customer_id)},
                )
            )
    for other in (test, predict):
        if other is not None and _columns(other) != _columns(train):
            raise DataError(Message(gettext_noop("The windows of the analysis do not have the same columns.")))
    y = np.asarray(y_train, dtype=np.bool_)
    if not _enough(y):
        raise NotEnoughData(
            Message(
                gettext_noop(
                    "{events} of {n} customers left: at least {least} leavers and {least} stayers are needed."
                ),
                {"events": int(y.sum()), "n": len(y), "least": LEAST_OF_EACH_OUTCOME},
            ),
            Message(gettext_noop("Take a longer horizon, or another definition of leaving.")),
        )


def _columns(table: FeatureTable) -> list[tuple[str, tuple[str, ...]]]:
    """Names with their levels: a code must mean the same level in every window."""
    return [(feature.name, feature.levels) for feature in table.features]


def _enough(y: NDArray[np.bool_]) -> bool:
    return min(int(y.sum()), int((~y).sum())) >= LEAST_OF_EACH_OUTCOME


def _spread(values: NDArray[np.float64], sample: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Values of the sample in the order of all customers, NaN elsewhere."""
    everywhere = np.full(len(sample), np.nan)
    everywhere[sample] = values
    return everywhere


def _same(one: FeatureTable, other: FeatureTable) -> bool:
    return one.as_of_us == other.as_of_us and np.array_equal(one.customer_id, other.customer_id)


def _window(
    table: FeatureTable, y: NDArray[np.bool_], sample: NDArray[np.bool_], columns: tuple[int, ...], seed: int
) -> _Window:
    whole = sample.all() and len(columns) == len(table.features)
    values = table.values if whole else table.values[np.ix_(np.flatnonzero(sample), np.asarray(columns, dtype=int))]
    ids = table.customer_id[sample]
    narrow = FeatureTable(ids, values, tuple(table.features[index] for index in columns), table.as_of_us)
    return _Window(narrow, y[sample], folds(ids, seed, FOLDS))


def _both_windows(
    train: FeatureTable,
    window: _Window,
    test: FeatureTable,
    y_test: NDArray[np.bool_],
    columns: tuple[int, ...],
    seed: int,
) -> _Window:
    """Both windows stacked, at most 200,000 rows in all; a customer may be in it twice, once per window."""
    half = FIT_CUSTOMERS_MAX // 2
    later = _window(test, y_test, sample_mask(test.customer_id, seed, half), columns, seed)
    earlier = sample_mask(window.table.customer_id, seed, half)
    values = np.concatenate([window.table.values[earlier], later.table.values])
    ids = np.concatenate([window.table.customer_id[earlier], later.table.customer_id])
    return _Window(
        FeatureTable(ids, values, window.table.features, None),
        np.concatenate([window.y[earlier], later.y]),
        np.concatenate([window.fold[earlier], later.fold]),
    )


def _compare(
    window: _Window, seed: int, progress: Progress
) -> tuple[list[Candidate], dict[Candidate, NDArray[np.float64]]]:
    """Every candidate's left-out risks, by folds, with their log loss and AUC."""
    tried: list[tuple[Kind, float]] = [("base_rate", 0.0), ("boosted_trees", 0.0)]
    tried[1:1] = [("logistic", penalty) for penalty in PENALTIES]
    raw = [np.empty(len(window.y)) for _ in tried]
    designs = encode(window.table)
    for k in range(FOLDS):
        held_out = window.fold == k
        models = fit_classifiers(tried, designs, window.y, ~held_out, seed=seed)
        for risk, model in zip(raw, models, strict=True):
            risk[held_out] = held_off(model.risk_of_rows(designs, held_out))
        progress(Message(gettext_noop("Comparing models of who leaves")), 0.6 * (k + 1) / FOLDS)
    risks: dict[Candidate, NDArray[np.float64]] = {}
    for (kind, penalty), risk in zip(tried, raw, strict=True):
        area = auc_estimate(window.y, risk).value if kind != "base_rate" else 0.5
        risks[Candidate(kind, penalty, log_loss(risk, window.y), area)] = risk
    return list(risks), risks


def _refit(chosen: Candidate, window: _Window, seed: int) -> RiskModel:
    every = np.ones(len(window.y), dtype=np.bool_)
    return fit_classifiers([(chosen.kind, chosen.penalty)], encode(window.table), window.y, every, seed=seed)[0]


def _notes(
    chosen: Candidate, validation: Validation, has_later: bool, n_sample: int, n: int
) -> tuple[Message, ...]:
    notes = []
    if chosen.kind == "base_rate":
        notes.append(
            Message(gettext_noop("Nothing in these data tells who leaves: everybody is given the overall rate."))
        )
    if has_later and validation.kind is not ValidationKind.OUT_OF_TIME:
        notes.append(
            Message(
                gettext_noop(
                    "The later window has too few leavers or stayers to test on; customers left out were used."
                )
            )
        )
    if n_sample < n:
        notes.append(
            Message(
                gettext_noop("The model was taught on a sample of {sample} of {n} customers."),
                {"sample": n_sample, "n": n},
            )
        )
    return tuple(notes)
