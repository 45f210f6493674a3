"""Waves: when a question was asked, as far as answers pause in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from harken.usecases.scores.answers import QuestionAnswers
from harken.vocabulary.periods import Period

WAVE_PAUSE_DAYS = 14
WAVES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Wave:
    """A run of answers with no pause over 14 days: its days and how many answers it brought."""

    period: Period
    answers: int


def waves_of(asked: QuestionAnswers) -> tuple[Wave, ...]:
    """Runs of answers with no pause over 14 days, newest first; none where answers never paused."""
    span = span_of(asked)
    if span is None or asked.day is None:
        return ()
    first = np.datetime64(span.start)
    per_day = np.bincount((asked.day - first).astype(np.int64))
    days = np.flatnonzero(per_day)
    pauses = np.flatnonzero(np.diff(days) > WAVE_PAUSE_DAYS)
    if not len(pauses):
        return ()
    starts, ends = np.r_[days[0], days[pauses + 1]], np.r_[days[pauses], days[-1]] + 1
    found = [
        Wave(
            Period(span.start + timedelta(days=int(a)), span.start + timedelta(days=int(b))),
            int(per_day[a:b].sum()),
        )
        for a, b in zip(starts, ends, strict=True)
    ]
    return tuple(found[::-1][:WAVES_SHOWN])


def span_of(asked: QuestionAnswers) -> Period | None:
    """From the first to the last day with answers."""
    if asked.day is None or not len(asked):
        return None
    first, last = asked.day.min().astype(object), asked.day.max().astype(object)
    return Period(first, last + timedelta(days=1))
