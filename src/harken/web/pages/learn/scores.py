"""Scores: how are we doing, and is the change real?"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from harken.locale import formats
from harken.vocabulary.estimates import Estimate, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.headlines import score_headline
from harken.web.pages.reading import page, part, run_or_first_steps
from harken.web.parts.charts import Column, Unit, bars, series
from harken.web.parts.messages import language
from harken.web.parts.quantities import band_names, estimate_row, high_is_good, score_name, score_unit

TITLE = Message(gettext_noop("Scores"))
SEGMENTS_SHOWN = 40


def scores(request: HttpRequest) -> HttpResponse:
    """Scores of those who answered: the headline, its course, its segments, the other questions."""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    overview, reason = part(run, "scores")
    if overview is None:
        return page(request, "pages/not_run.html", {"title": TITLE, "reason": reason}, run)
    summary = overview.summary
    unit = score_unit(summary.unit)
    good, middle, bad = band_names(summary.scale)
    context = {
        "headline": score_headline(overview),
        "overview": overview,
        "summary": summary,
        "name": score_name(summary.scale),
        "unit": unit,
        "bands": [
            (bad, summary.unfavourable_share, "detractor"),
            (middle, summary.middle_share, "passive"),
            (good, summary.favourable_share, "promoter"),
        ],
        "series": _course(overview, unit),
        "changes": _real_changes(overview),
        "tables": [_segment_bars(table, unit, summary) for table in overview.segments],
        "others": [_other(other) for other in overview.others],
        **_ratings(run),
    }
    return page(request, "pages/learn/scores.html", context, run)


def _course(overview: Any, unit: Unit) -> Any:
    """The score by period, as far as there are at least two."""
    found = overview.series
    if found is None or len(found.periods) < 2 or not found.lines:
        return None
    columns = []
    for period, estimate in zip(found.periods, found.lines[0].estimates, strict=True):
        label = formats.month(period.start, language()) if period.days < 40 else str(period.start.year)
        if 40 < period.days < 100:
            label = formats.month(period.start, language())
        if estimate is None or estimate.counts_only:
            columns.append(Column(label, None, n=0 if estimate is None else estimate.n))
        else:
            interval = estimate.interval
            columns.append(Column(label, estimate.value, interval.lower, interval.upper, estimate.n))
    heads = (Message(gettext_noop("Period")), Message(gettext_noop("Score")))
    caption = Message(gettext_noop("Score of those who answered, by period, each with its likely range"))
    return series(columns, unit, heads, caption=caption)


def _real_changes(overview: Any) -> list[Any]:
    found = overview.series
    return [] if found is None else [change for change in reversed(found.changes) if change.real][:5]


def _segment_bars(table: Any, unit: Unit, summary: Any) -> dict[str, Any]:
    """One division: each segment's score pulled towards the rest by how few answers it has, and the raw one."""
    scores = table.scores
    good = high_is_good(summary.scale)
    rows = []
    for index, label in enumerate(scores.raw.labels):
        shrunken, raw = scores.shrunken.one(index), scores.raw.one(index)
        counted = Message(
            gettext_noop("{n} answers: {good} up, {middle} between, {bad} down"),
            {
                "n": scores.n_answers[index],
                "good": scores.favourable[index],
                "middle": scores.middle[index],
                "bad": scores.unfavourable[index],
            },
        )
        shown = scores.against_rest.shown[index]
        value = scores.against_rest.values[index]
        tone = "grey" if not shown or value is None else "promoter" if (value > 0) == good else "detractor"
        rank = ""
        if scores.rank_best[index] is not None:
            rank = f"{scores.rank_best[index]}–{scores.rank_worst[index]}"
        cells = (formats.number(scores.n_answers[index]), rank)
        few = None if not scores.counts_only[index] else counted
        rows.append(
            estimate_row(
                label,
                None if scores.counts_only[index] else shrunken,
                other=None if scores.counts_only[index] else raw.value,
                few=few,
                tone=tone,
                cells=cells,
            )
        )
    heads = (
        table.label,
        Message(gettext_noop("Score with likely range")),
        Message(gettext_noop("Score")),
        Message(gettext_noop("Answers")),
        Message(gettext_noop("Rank")),
    )
    known = [row for row in rows if row.value is not None]
    return {
        "finding": scores.finding,
        "bars": bars(rows[:SEGMENTS_SHOWN], unit, heads, other=RAW) if known else None,
        "rows": rows,
        "more": len(rows) - SEGMENTS_SHOWN,
    }


RAW = Message(gettext_noop("as answered, before weighing few answers"))


def _other(other: Any) -> dict[str, Any]:
    summary = other.summary
    return {"question": other.question, "summary": summary, "unit": score_unit(summary.unit)}


def _ratings(run: Any) -> dict[str, Any]:
    """Which touchpoint ratings go with the score."""
    drivers, reason = part(run, "ratings")
    if drivers is None:
        return {"ratings": None, "ratings_reason": reason}
    one_step = gettext_noop("mean rating {mean}; one step goes with {slope} on the score")
    rows = [
        estimate_row(
            driver.question,
            driver.share,
            note=Message(
                one_step,
                {"mean": round(driver.mean_rating, 1), "slope": round(driver.slope.estimate.value, 1)},
            ),
            cells=(formats.number(driver.n),),
        )
        for driver in drivers.drivers
    ]
    heads = (
        Message(gettext_noop("Touchpoint")),
        Message(gettext_noop("Share of what the ratings explain")),
        Message(gettext_noop("Share")),
        Message(gettext_noop("Answers")),
    )
    r2 = drivers.r2
    total = Estimate(r2.value * 100, Interval(r2.interval.lower * 100, r2.interval.upper * 100), r2.n, r2.method)
    return {
        "ratings": bars(rows, Unit("per cent"), heads, low=0.0) if rows else None,
        "ratings_found": drivers,
        "ratings_total": total,
    }
