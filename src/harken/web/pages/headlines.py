"""The findings as headlines: one sentence each, generated from the result, different when it differs."""

from __future__ import annotations

from typing import Any

from harken.locale import formats
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.charts import Unit
from harken.web.parts.quantities import headline_unit, high_is_good, score_unit

AMOUNTS = {"points": gettext_noop("{value} points"), "per cent": gettext_noop("{value} percentage points")}


def written(value: float, unit: Unit, half_width: float | None = None, *, signed: bool = False) -> str:
    """A number of a headline, in the reader's form."""
    return unit.write(value, half_width, signed=signed)


def score_headline(overview: Any) -> Message:
    """What happened to the score last: up, down, or nothing beyond chance."""
    summary = overview.summary
    if summary.headline is None or summary.headline.counts_only:
        return _too_few(summary.n)
    changes = [] if overview.series is None else list(overview.series.changes)
    if not changes:
        return _level(summary)
    last = changes[-1]
    if not last.real:
        return Message(gettext_noop("Nothing changed beyond chance since the period before."))
    return _moved(last)


def _too_few(n: int) -> Message:
    if n == 1:
        return Message(gettext_noop("So far one answer: too few for a score."))
    return Message(gettext_noop("So far {n} answers: too few for a score."), {"n": n})


def view_headline(view: Any) -> Message:
    """Whether the chosen score changed: up, down, or nothing beyond chance; a segment is named."""
    found = _change_headline(view)
    if view.shown.segment is None:
        return found
    return Message(gettext_noop("{segment}: {finding}"), {"segment": view.shown.segment[1], "finding": found})


def _change_headline(view: Any) -> Message:
    summary, comparison = view.overview.summary, view.comparison
    change = None if comparison is None else comparison.change
    if change is not None and change.p is None:
        return comparison.finding  # type: ignore[no-any-return]
    if summary.headline is None or summary.headline.counts_only:
        return _too_few(summary.n)
    if change is None:
        return _level(summary)
    if not change.real:
        return Message(gettext_noop("No change beyond chance is shown since the period before."))
    return _moved(change)


def _level(summary: Any) -> Message:
    unit, estimate = score_unit(summary.unit), summary.headline
    return Message(
        gettext_noop("The score of those who answered is {score}."),
        {"score": written(estimate.value, unit, estimate.interval.half_width)},
    )


def _moved(last: Any) -> Message:
    size = formats.number(abs(last.change), formats.decimals_for(last.interval.half_width, 1))
    amount = Message(AMOUNTS.get(last.unit, gettext_noop("{value} on the scale")), {"value": size})
    if last.better:
        return Message(gettext_noop("The score is better by {amount} than the period before."), {"amount": amount})
    return Message(gettext_noop("The score is worse by {amount} than the period before."), {"amount": amount})


def whole_base_headline(whole: Any) -> Message:
    """Whether the silent customers feel otherwise than those who answered."""
    total = whole.total
    if total.whole_base is None or total.difference is None or total.answered_only is None:
        return Message(gettext_noop("Too few customers answered to speak for all of them."))
    unit = headline_unit(whole.scale_id, whole.headline)
    half = total.whole_base.interval.half_width
    numbers = {
        "all": written(total.whole_base.value, unit, half),
        "answered": written(total.answered_only.value, unit, total.answered_only.interval.half_width),
        "gap": written(abs(total.difference.value), unit, total.difference.interval.half_width),
    }
    if not total.difference.interval.excludes(0.0):
        return Message(gettext_noop("The silent customers feel like those who answer, as far as the data show."))
    if (total.difference.value > 0) == high_is_good(whole.scale_id):
        return Message(
            gettext_noop(
                "Customers who do not answer are less satisfied: the score of all is {all}, not {answered}."
            ),
            numbers,
        )
    return Message(
        gettext_noop("Customers who do not answer are more satisfied: the score of all is {all}, not {answered}."),
        numbers,
    )
