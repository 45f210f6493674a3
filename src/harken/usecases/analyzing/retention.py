"""The parts of a run that speak of leaving: its definition, leaks, the forecast and its test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from harken.lake import facts
from harken.lake.facts import DAY_US
from harken.learn.leaks import LeakScan, scan_leaks
from harken.learn.retention import RetentionFit, fit_retention
from harken.learn.scores.intervals import wilson_interval
from harken.unify.features.catalogue import FeatureTable
from harken.usecases.analyzing.context import Context, OutcomeSource, subset
from harken.usecases.analyzing.labels import OutcomeRows
from harken.usecases.analyzing.plan import OutcomeChoice
from harken.usecases.analyzing.results import OutcomeDefinition
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.estimates import Estimate, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.periods import Period
from harken.vocabulary.progress import Progress

Bools = NDArray[np.bool_]
HISTORY_DAYS_MIN = 30


@dataclass(frozen=True, slots=True)
class Judged:
    """Customers of one window with their features at its start and whether they left in it."""

    table: FeatureTable
    left: Bools


@dataclass(frozen=True, slots=True)
class RetentionData:
    """What the retention parts work on.

    `judged` is the latest window whose outcome is known (for undated outcomes the cross-section); `earlier` the one
    before it, None where history is too short. `definition` says what leaving means and how many left.
    """

    source: OutcomeSource
    definition: OutcomeDefinition
    judged: Judged
    earlier: Judged | None


def outcome_source(context: Context) -> tuple[OutcomeSource, Message | None]:
    """Where leaving is read from, and how a proposed definition was found; raises NotEnoughData without any."""
    choice = context.plan.outcome
    if choice is None:
        raise NotEnoughData(
            Message(gettext_noop("The data hold no outcome: nobody is known to have left or stayed.")),
            Message(gettext_noop("Map a column or an event as an outcome, or import orders.")),
        )
    if choice.kind != "no_order":
        return OutcomeSource(
            choice, OutcomeRows(*facts.outcomes(context.connection, choice.name)), None, None
        ), None
    from harken.learn.retention.definition import propose_no_event_definition

    assert context.plan.as_of_us is not None
    ids, days = facts.days_with(context.connection, "order")
    today = int(context.plan.as_of_us // DAY_US)
    past = days < today
    ids, days = ids[past], days[past]
    same = ids[1:] == ids[:-1]
    last = np.r_[~same, True]
    proposed = propose_no_event_definition(
        np.diff(days)[same].astype(float),
        (today - days[last]).astype(float),
        history_days=float(today - days.min()) if len(days) else None,
    )
    chosen = OutcomeChoice(choice.name, choice.kind, choice.good, choice.horizon_days or proposed.days)
    return OutcomeSource(chosen, None, ids, days), proposed.sentence


def retention_data(context: Context, table_now: FeatureTable | None) -> RetentionData:
    """The windows that retention learns from and is tested on.

    Dated outcomes: the horizon before the analysis, and the horizon before that one. Undated outcomes: the
    cross-section `table_now`. Raises NotEnoughData where history is shorter than one horizon.
    """
    source, proposal = outcome_source(context)
    if source.choice.kind == "snapshot":
        assert table_now is not None
        judged = _judged(table_now, source, None)
        return RetentionData(source, _definition(source.choice, judged, None, None, proposal), judged, None)
    now_us, first_us = context.plan.as_of_us, context.span.first_us
    assert now_us is not None
    assert first_us is not None
    assert source.choice.horizon_days is not None
    horizon_us = source.choice.horizon_days * DAY_US
    if now_us - horizon_us <= first_us:
        raise NotEnoughData(
            Message(
                gettext_noop("The data reach back {days} days, less than the horizon of {horizon} days."),
                {"days": (now_us - first_us) // DAY_US, "horizon": source.choice.horizon_days},
            ),
            Message(gettext_noop("Set a shorter [retention] horizon_days, or import older data.")),
        )
    sample = context.sample_ids()
    judged = _judged(context.table(now_us - horizon_us, sample), source, now_us - horizon_us)
    earlier = None
    if now_us - 2 * horizon_us >= first_us + HISTORY_DAYS_MIN * DAY_US:
        earlier = _judged(context.table(now_us - 2 * horizon_us, sample), source, now_us - 2 * horizon_us)
    definition = _definition(source.choice, judged, context.plan.as_of, earlier, proposal)
    return RetentionData(source, definition, judged, earlier)


def _judged(table: FeatureTable, source: OutcomeSource, start_us: int | None) -> Judged:
    labels = source.labels(table.customer_id, start_us)
    return Judged(subset(table, labels.counted), labels.left[labels.counted])


def _definition(
    choice: OutcomeChoice, judged: Judged, as_of: date | None, earlier: Judged | None, proposal: Message | None
) -> OutcomeDefinition:
    n, left = len(judged.left), int(judged.left.sum())
    window = trained = None
    if as_of is not None and choice.horizon_days is not None and choice.kind != "snapshot":
        window = Period(as_of - timedelta(days=choice.horizon_days), as_of)
        trained = window.before() if earlier is not None else None
    sentences = {
        ("event", False): gettext_noop("“{name}” within {days} days"),
        ("event", True): gettext_noop("no “{name}” within {days} days"),
        ("verdict", False): gettext_noop("“{name}” within {days} days, of those with a decision due"),
        ("verdict", True): gettext_noop("“{name}” refused within {days} days, of those with a decision due"),
        ("snapshot", False): gettext_noop("“{name}” as the data state it, without a date"),
        ("snapshot", True): gettext_noop("not “{name}” as the data state it, without a date"),
        ("no_order", False): gettext_noop("no order for {days} days after one in the {days} days before"),
        ("no_order", True): gettext_noop("no order for {days} days after one in the {days} days before"),
    }
    sentence = Message(sentences[choice.kind, choice.good], {"name": choice.name, "days": choice.horizon_days})
    low, high = wilson_interval(left, max(n, 1))
    stayed = Estimate(
        100 * (1 - left / max(n, 1)), Interval(100 * (1 - float(high)), 100 * (1 - float(low))), n, "wilson", window
    )
    return OutcomeDefinition(choice, sentence, window, n, left, stayed, trained, proposal)


def leak_scan(context: Context, data: RetentionData) -> LeakScan:
    """Columns that know the outcome, looked for in the latest window."""
    return scan_leaks(data.judged.table, data.judged.left, seed=context.plan.seed)


def forecast(
    context: Context, data: RetentionData, everyone: FeatureTable | None, leaks: Sequence[str], progress: Progress
) -> RetentionFit:
    """The risk of everyone, learned from the earlier window and tested on the latest where there are two."""
    train, test = (data.judged, None) if data.earlier is None else (data.earlier, data.judged)
    return fit_retention(
        train.table,
        train.left,
        test=None if test is None else test.table,
        y_test=None if test is None else test.left,
        predict=everyone,
        seed=context.plan.seed,
        leaks_set_aside=leaks,
        horizon_days=data.source.choice.horizon_days,
        progress=progress,
    )
