"""What an analysis of the whole base needs, checked and put in order before anything is fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.learn.scores.answers import bands
from harken.unify.features.catalogue import FeatureTable
from harken.vocabulary.errors import DataError, NotEnoughData, Problem
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import Headline, Scale

Floats = NDArray[np.float64]
Segments = Mapping[str, tuple[NDArray[Any], Sequence[str]]]

FEWEST_ANSWERS = 30


@dataclass(frozen=True, slots=True)
class Base:
    """The base in ascending order of customer: every array has shape (n,).

    `score` is NaN where silent; `band` -1, 0, 1 and `value`, what the answer adds to the headline (in units of a
    share, or of the scale where the headline is a mean), are 0 where silent.
    """

    table: FeatureTable
    answered: NDArray[np.bool_]
    score: Floats
    band: NDArray[np.int8]
    value: Floats
    weight: Floats
    segments: dict[str, tuple[NDArray[np.int64], tuple[str, ...]]]


def headline_values(score: Floats, band: NDArray[np.int8], scale: Scale) -> Floats:
    """What each answer adds to the headline, in its unit; `score` and `band` (n,)."""
    if scale.headline is Headline.MEAN:
        return score
    chosen = band if scale.headline is Headline.NET else band == 1
    return np.asarray(100.0 * chosen.astype(np.float64))


def headline_ends(scale: Scale) -> tuple[float, float]:
    """The lowest and the highest headline that a scale allows."""
    if scale.headline is Headline.MEAN:
        return scale.minimum, scale.maximum
    return (0.0, 100.0) if scale.headline is Headline.TOP_SHARE else (-100.0, 100.0)


def prepare(
    features: FeatureTable,
    answered: NDArray[np.bool_],
    score: Floats,
    scale: Scale,
    weights: Floats | None,
    segments: Segments,
) -> Base:
    """Check everything, name all that is wrong at once, and sort by customer so that row order changes nothing.

    Raises `DataError` for columns that do not fit, `NotEnoughData` where there is nothing to estimate.
    """
    n = len(features.customer_id)
    flag = np.asarray(answered)
    values = np.asarray(score, dtype=np.float64)
    weight = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    problems = [*_column_problems(n, flag, values, weight, segments)]
    if not problems:
        problems += _value_problems(features, flag.astype(bool), values, weight, scale)
    if problems:
        raise DataError(
            Message(gettext_noop("The whole base cannot be estimated from these data.")), None, problems
        )
    flag = flag.astype(bool)
    _enough(features, flag, bands(values[flag], scale))
    order = np.argsort(features.customer_id, kind="stable")
    table = features
    if (order != np.arange(n)).any():
        table = FeatureTable(
            features.customer_id[order], features.values[order], features.features, features.as_of_us
        )
    band = np.zeros(n, dtype=np.int8)
    ordered_score = np.where(flag, values, np.nan)[order]
    flag = flag[order]
    band[flag] = bands(ordered_score[flag], scale)
    if scale.headline is Headline.MEAN:
        value = np.where(flag, ordered_score, 0.0)
    else:
        value = band.astype(np.float64) if scale.headline is Headline.NET else (band == 1).astype(np.float64)
    return Base(table, flag, ordered_score, band, value, weight[order], _ordered_segments(segments, order))


def _column_problems(
    n: int, answered: NDArray[Any], score: Floats, weight: Floats, segments: Segments
) -> list[Problem]:
    problems = []
    columns: dict[str, NDArray[Any]] = {"answered": answered, "score": score, "weights": weight}
    columns |= {f"segments[{name}]": np.asarray(codes) for name, (codes, _) in segments.items()}
    for name, column in columns.items():
        if column.shape != (n,):
            reason = Message(
                gettext_noop("{given} values were given for {customers} customers"),
                {"given": int(column.size), "customers": n},
            )
            problems.append(Problem(reason, column=name))
    for name, (codes, labels) in segments.items():
        if np.asarray(codes).size and int(np.max(codes)) >= len(labels):
            reason = Message(
                gettext_noop("code {code} has no label: there are {labels}"),
                {"code": int(np.max(codes)), "labels": len(labels)},
            )
            problems.append(Problem(reason, column=f"segments[{name}]"))
    return problems


def _value_problems(
    features: FeatureTable, answered: NDArray[np.bool_], score: Floats, weight: Floats, scale: Scale
) -> list[Problem]:
    problems = []
    blank = int((answered & ~np.isfinite(score)).sum())
    if blank:
        reason = Message(
            gettext_noop("{count} customers are marked as having answered but have no score"), {"count": blank}
        )
        problems.append(Problem(reason, column="score"))
    outside = answered & np.isfinite(score) & ~((score >= scale.minimum) & (score <= scale.maximum))
    if outside.any():
        reason = Message(
            gettext_noop("{count} scores are not between {minimum} and {maximum}, the first is {value}"),
            {
                "count": int(outside.sum()),
                "minimum": scale.minimum,
                "maximum": scale.maximum,
                "value": float(score[outside][0]),
            },
        )
        problems.append(Problem(reason, column="score"))
    if not (np.isfinite(weight) & (weight > 0)).all():
        problems.append(Problem(Message(gettext_noop("a weight must be a number above zero")), column="weights"))
    if len(np.unique(features.customer_id)) != len(features.customer_id):
        problems.append(
            Problem(Message(gettext_noop("a customer stands in more than one row")), column="customer_id")
        )
    return problems


def _enough(features: FeatureTable, answered: NDArray[np.bool_], band: NDArray[np.int8]) -> None:
    customers, answers = len(answered), int(answered.sum())
    if answers < FEWEST_ANSWERS:
        raise NotEnoughData(
            Message(
                gettext_noop(
                    "{answers} customers answered; at least {needed} are needed to speak for all customers."
                ),
                {"answers": answers, "needed": FEWEST_ANSWERS},
            ),
            Message(gettext_noop("Ask more customers, or take a longer period.")),
        )
    if customers == answers:
        raise NotEnoughData(
            Message(
                gettext_noop("All {customers} customers answered: the plain score already speaks for everybody."),
                {"customers": customers},
            ),
            Message(gettext_noop("If there are customers who did not answer, import the list of all customers.")),
        )
    if len(np.unique(band)) < 2:
        raise NotEnoughData(
            Message(
                gettext_noop("All {answers} answers fall in one band, so nothing tells customers apart."),
                {"answers": answers},
            ),
            Message(gettext_noop("Check the scale that the mapping declares, or wait for more answers.")),
        )
    if not features.features:
        raise NotEnoughData(
            Message(gettext_noop("Nothing is known of the customers besides their answers.")),
            Message(gettext_noop("Import what customers did: orders, contacts, usage, or a customer list.")),
        )


def _ordered_segments(
    segments: Segments, order: NDArray[np.int64]
) -> dict[str, tuple[NDArray[np.int64], tuple[str, ...]]]:
    """Codes as whole numbers from 0 on; customers without a group (negative code) get a last group without a
    name."""
    ordered = {}
    for name, (codes, labels) in segments.items():
        whole = np.asarray(codes).astype(np.int64)[order]
        known = tuple(labels)
        if (whole < 0).any():
            whole = np.where(whole < 0, len(known), whole)
            known = (*known, "")
        ordered[name] = (whole, known)
    return ordered
