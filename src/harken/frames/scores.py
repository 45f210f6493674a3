"""Scores of a data frame: one number, groups, change over time, one period against another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

import numpy as np

from harken.frames.reading import Columns, Days, Frame, Integers, reading, scale_of
from harken.learn.scores import (
    Comparison,
    Division,
    ScoreSeries,
    ScoreSummary,
    SegmentScores,
    compare,
    score_series,
    segment_scores,
    summarize,
)
from harken.learn.scores.calendar import numbers_of, start_of
from harken.learn.scores.live import LiveBand, live_band
from harken.learn.scores.weighting import Calibrated, CalibratedScore, calibrated_score, margin_of, raked
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.periods import Period
from harken.vocabulary.scales import Scale

Every = Literal["day", "week", "month", "quarter", "year"]


def score(
    frame: Frame,
    score: str,
    *,
    scale: Scale | str = "nps_0_10",
    customer: str | None = None,
    weight: str | None = None,
    level: float = 0.95,
) -> ScoreSummary:
    """The score of a column of answers, with its likely range and what was left out.

    `score` names the answers, empty = not answered; `scale` is the id of a scale or one of your own; `customer`
    says who answered, so that several answers of one customer are not taken for several customers; `weight` holds
    survey weights. Raises DataError for columns that are not there or hold something else.

    >>> answers = {"recommend": [0] * 30 + [7] * 25 + [10] * 45}
    >>> print(score(answers, "recommend").sentence)
    Score 15.0, likely range -2.0 to 31.1 (100 answers).
    """
    with reading(frame) as columns:
        answers = columns.numbers(score)
        weights = None if weight is None else columns.numbers(weight)
        who = None if customer is None else columns.identities(customer)
    return summarize(answers, scale_of(scale), weights=weights, customer_id=who, level=level)


def scores_by(
    frame: Frame,
    score: str,
    by: str,
    *,
    scale: Scale | str = "nps_0_10",
    customer: str | None = None,
    weight: str | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> SegmentScores:
    """The score of every group of `by`: raw, shrunken, range of its rank, and which truly differ from the rest.

    Columns as in `score`. Hundreds of groups are fine: differences hold over all of them together (Benjamini and
    Hochberg 1995). Rows without a group are left out. Raises DataError as `score` does.

    >>> answers = {"recommend": [10] * 60 + [0] * 20 + [10] * 20 + [0] * 60, "site": ["n"] * 80 + ["s"] * 80}
    >>> result = scores_by(answers, "recommend", "site")
    >>> result.raw.labels, result.raw.values, result.against_rest.shown
    (('n', 's'), (50.0, -50.0), (True, True))
    """
    with reading(frame) as columns:
        answers = columns.numbers(score)
        codes, labels = columns.levels(by)
        weights = None if weight is None else columns.numbers(weight)
        who = None if customer is None else columns.identities(customer)
    return segment_scores(
        answers, codes, labels, scale_of(scale), weights=weights, customer_id=who, level=level, seed=seed
    )


def scores_over_time(
    frame: Frame,
    score: str,
    day: str,
    *,
    every: Every = "month",
    by: str | None = None,
    scale: Scale | str = "nps_0_10",
    customer: str | None = None,
    weight: str | None = None,
    level: float = 0.95,
) -> ScoreSeries:
    """The score of each period, and which of the changes from one to the next are more than luck.

    `day` names a column of dates, `every` the length of a period; `by` gives one line per group. Customers who
    answered in both periods make a change surer where `customer` is given. Raises DataError as `score` does and
    NotEnoughData where no answer has a date.

    >>> import datetime
    >>> days = [datetime.date(2026, 1, 15)] * 300 + [datetime.date(2026, 2, 15)] * 300
    >>> answers = {"recommend": [0] * 150 + [10] * 150 + [0] * 60 + [10] * 240, "day": days}
    >>> print(scores_over_time(answers, "recommend", "day").changes[0].message)
    Up 60.0 points (likely 45.1 to 74.0).
    """
    with reading(frame) as columns:
        answers = columns.numbers(score)
        days = columns.days(day)
        codes, labels = (None, ("",)) if by is None else columns.levels(by)
        weights = None if weight is None else columns.numbers(weight)
        who = None if customer is None else columns.identities(customer)
    period, periods = _periods(np.where(np.isnan(answers), np.datetime64("NaT", "D"), days), every)
    return score_series(
        answers, period, periods, scale_of(scale), segment_codes=codes, labels=labels, weights=weights,
        customer_id=who, level=level,
    )  # fmt: skip


def compare_periods(
    frame: Frame,
    score: str,
    day: str,
    before: tuple[date, date],
    after: tuple[date, date],
    *,
    divisions: Sequence[str] = (),
    scale: Scale | str = "nps_0_10",
    customer: str | None = None,
    account: str | None = None,
    weight: str | None = None,
    level: float = 0.95,
) -> Comparison:
    """Whether the score of one period truly differs from that of another, and why the number moved.

    `before` and `after` are first day and day after the last one; `divisions` name columns whose mix may have
    changed. The movement is split into other customers answering, another mix, and real change among the same.
    Raises DataError as `score` does.

    >>> days = [date(2026, 1, 9)] * 5 + [date(2026, 4, 9)] * 5
    >>> answers = {"recommend": [10, 9, 8, 9, 3, 10, 8, 8, 9, 4], "day": days}
    >>> waves = (date(2026, 1, 1), date(2026, 2, 1)), (date(2026, 4, 1), date(2026, 5, 1))
    >>> print(compare_periods(answers, "recommend", "day", *waves).finding)
    No change shown: 5 answers before and 5 after are too few to tell.
    """
    with reading(frame) as columns:
        answers = columns.numbers(score)
        days = columns.days(day)
        cut = [_division(columns, name) for name in divisions]
        weights = None if weight is None else columns.numbers(weight)
        who = None if customer is None else columns.identities(customer)
        accounts = None if account is None else columns.levels(account)[0]
    side = np.full(len(days), -1)
    for at, (start, end) in enumerate((before, after)):
        side[(days >= np.datetime64(start)) & (days < np.datetime64(end))] = at
    return compare(
        answers, side, (Period(*before), Period(*after)), scale_of(scale), weights=weights, customer_id=who,
        account=accounts, divisions=cut, level=level,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class WeighedScore:
    """The score of answers weighed to known totals, and what the weighing did.

    `weighing.weights` belong to the rows of the frame that `rows` (n,) counts from 0: those with an answer.
    """

    score: CalibratedScore
    weighing: Calibrated
    rows: Integers


def weighed_score(
    frame: Frame,
    score: str,
    totals: Mapping[str, Mapping[str, float]],
    *,
    scale: Scale | str = "nps_0_10",
    customer: str | None = None,
    weight: str | None = None,
    largest: float | None = None,
    level: float = 0.95,
) -> WeighedScore:
    """The score as it would be if those who answered were made up like all customers.

    `totals` tells of each column how many customers (or which share) have each of its values; one column is
    post-stratification, several are raking. `weight` holds design weights, `largest` limits a weight to so many
    times the mean, and what was cut is told. Raises DataError naming every total that cannot be met.

    Source: Deming and Stephan 1940; standard error of Deville and Sarndal 1992.

    >>> answers = {"recommend": [3, 10] * 10 + [10, 7] * 40, "plan": ["Basic"] * 20 + ["Plus"] * 80}
    >>> found = weighed_score(answers, "recommend", {"plan": {"Basic": 700, "Plus": 300}})
    >>> round(found.score.unweighted.value, 1), round(found.score.estimate.value, 1)
    (40.0, 15.0)
    """
    with reading(frame) as columns:
        answers = columns.numbers(score)
        given = {name: columns.levels(name) for name in totals}
        base = None if weight is None else columns.numbers(weight)
        who = None if customer is None else columns.identities(customer)
    rows = np.flatnonzero(~np.isnan(answers))
    margins = [
        margin_of(name, [(*levels, "")[code] for code in codes[rows].tolist()], dict(totals[name]))
        for name, (codes, levels) in given.items()
    ]
    weighing = raked(margins, base=None if base is None else base[rows], largest=largest)
    found = calibrated_score(
        answers[rows], scale_of(scale), weighing, customer_id=None if who is None else who[rows], level=level
    )
    return WeighedScore(found, weighing, rows)


def score_so_far(
    frame: Frame,
    score: str,
    day: str,
    *,
    scale: Scale | str = "nps_0_10",
    customer: str | None = None,
    weight: str | None = None,
    level: float = 0.95,
) -> LiveBand:
    """The score of all answers so far with a range that may be looked at every day, from 30 customers on.

    The usual range is right once; looked at daily it excludes the truth in about half of all years. `moments` of
    the result are days since 1 January 1970. Source: Waudby-Smith et al. 2024, Annals of Statistics 52.

    >>> days = [date(2026, 1, 1 + at % 20) for at in range(80)]
    >>> band = score_so_far({"recommend": [10, 10, 7, 3] * 20, "day": days}, "recommend", "day")
    >>> band.estimates[-1].n, round(band.wider, 1)
    (80, 1.5)
    """
    with reading(frame) as columns:
        answers = columns.numbers(score)
        days = columns.days(day)
        weights = None if weight is None else columns.numbers(weight)
        who = None if customer is None else columns.identities(customer)
    dated = ~np.isnat(days)
    return live_band(
        answers[dated], days[dated].astype(np.int64), scale_of(scale), level=level,
        weights=None if weights is None else weights[dated], customer_id=None if who is None else who[dated],
    )  # fmt: skip


def _division(columns: Columns, name: str) -> Division:
    codes, levels = columns.levels(name)
    return Division(name, Message(gettext_noop("{name}"), {"name": name}), codes, levels)


def _periods(days: Days, every: Every) -> tuple[Integers, tuple[Period, ...]]:
    """The period of each day, -1 where there is none, and all periods from the first to the last without gaps."""
    known = ~np.isnat(days)
    if not known.any():
        raise NotEnoughData(Message(gettext_noop("No answer has a date.")))
    number = numbers_of(days, every)
    first, last = int(number[known].min()), int(number[known].max())
    periods = tuple(Period(*ends) for ends in pairwise(start_of(every, at) for at in range(first, last + 2)))
    return np.where(known, number - first, -1), periods
