"""Scores: how are we doing, and is the change real?"""

from __future__ import annotations

import math
from typing import Any

from django.http import HttpRequest, HttpResponse

from harken.locale import formats
from harken.usecases.benchmarks import beside_benchmarks
from harken.usecases.exports import tables
from harken.usecases.scores import choice_from, ranking_is_chance, weighed_score
from harken.usecases.scores import scores as scores_of
from harken.vocabulary.estimates import Estimate, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.periods import Period
from harken.web.pages.headlines import AMOUNTS, view_headline
from harken.web.pages.learn.comparing import comparison_parts
from harken.web.pages.reading import page, part, run_or_first_steps
from harken.web.parts.charts import Heading, Row, Unit, bars
from harken.web.parts.choosing import Pills, pills
from harken.web.parts.courses import Column, series
from harken.web.parts.messages import language
from harken.web.parts.quantities import band_names, estimate_row, high_is_good, score_name, score_unit
from harken.web.shell import kept_choice
from harken.web.workspace import workspace

TITLE = Message(gettext_noop("Scores"))
SEGMENTS_SHOWN = 25


def scores(request: HttpRequest) -> HttpResponse:
    """Scores of those who answered, for the question, period and segment in the address, and their change."""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    overview, reason = part(run, "scores")
    if overview is None:
        return page(request, "pages/not_run.html", {"title": TITLE, "reason": reason}, run)
    view = scores_of(run, choice_from(request.GET.dict()))
    overview = view.overview
    summary = overview.summary
    unit = score_unit(summary.unit)
    good, middle, bad = band_names(summary.scale)
    chosen = pills(view, kept_choice(request).get("run", ""), run.info.as_of)
    context = {
        "headline": view_headline(view),
        "view": view,
        "pills": chosen,
        "overview": overview,
        "summary": summary,
        "name": score_name(summary.scale),
        "unit": unit,
        "bands": [
            (bad, summary.unfavourable_share, "detractor"),
            (middle, summary.middle_share, "passive"),
            (good, summary.favourable_share, "promoter"),
        ],
        "series": course(overview, unit),
        "changes": real_changes(overview),
        "live": live_course(view.live, unit),
        "benchmarks": _benchmarks(view, unit),
        "weighed": _weighed(run, view, unit),
        "segments": _segment_bars(overview, unit),
        "noise": _noise(overview),
        "others": [_other(other, chosen) for other in overview.others],
        **comparison_parts(view.comparison, unit),
        **(_ratings(run) if not view.choice.made else {"ratings": None}),
        **(_gaming(run) if not view.choice.made else {"gaming": None}),
    }
    take = {
        "course": context["series"],
        "live": context["live"],
        "segments": _segment_bars(overview, unit, shown=None),
        "others": tables.other_scores(overview) if overview.others else None,
        "benchmarks": tables.benchmarks(context["benchmarks"]) if context["benchmarks"] else None,
        "ratings": context["ratings"],
        "gaming": tables.gaming(context["gaming"]) if context["gaming"] and context["gaming"].signs else None,
        "sides": context.get("sides"),
        "movement": context.get("movement"),
    }
    return page(
        request, "pages/learn/scores.html", context, run, take, {} if view.choice.made else {"course": "scores"}
    )


def course(overview: Any, unit: Unit, height: int = 200) -> Any:
    """The score by period, as far as there are at least two."""
    found = overview.series
    if found is None or len(found.periods) < 2 or not found.lines:
        return None
    columns = []
    for period, estimate in zip(found.periods, found.lines[0].estimates, strict=True):
        label = _period_name(period)
        if estimate is None or estimate.counts_only:
            columns.append(Column(label, None, n=0 if estimate is None else estimate.n))
        else:
            interval = estimate.interval
            columns.append(Column(label, estimate.value, interval.lower, interval.upper, estimate.n))
    if sum(column.value is not None for column in columns) < 2:
        return None
    heads = (Message(gettext_noop("Period")), Message(gettext_noop("Score")))
    caption = Message(gettext_noop("Score of those who answered, by period, each with its likely range"))
    return series(columns, unit, heads, caption=caption, height=height)


def live_course(live: Any, unit: Unit) -> Any:
    """The running period's score day by day, each with the band that holds at all of them."""
    if live is None or live.now is None:
        return None
    columns = [
        Column(
            formats.day(day, language()),
            estimate.value,
            estimate.interval.lower,
            estimate.interval.upper,
            estimate.n,
        )
        for day, estimate in zip(live.days, live.band.estimates, strict=True)
        if estimate is not None
    ]
    heads = (Message(gettext_noop("Up to")), Message(gettext_noop("Score so far")))
    caption = Message(gettext_noop("Score since the period began, each day with the band that holds at all looks"))
    return series(columns, unit, heads, caption=caption, height=150, labels=3)


def _period_name(period: Period) -> str:
    """A month, a quarter or a year by its usual name, a week by its Monday."""
    if period.days < 8:
        return formats.day(period.start, language())
    if period.days < 40:
        return formats.month(period.start, language())
    return formats.quarter(period.start, language()) if period.days < 100 else str(period.start.year)


def real_changes(overview: Any) -> list[Any]:
    """The last changes beyond chance, newest first, at most five."""
    found = overview.series
    return [] if found is None else [change for change in reversed(found.changes) if change.real][:5]


def _noise(overview: Any) -> Message | None:
    """The warning that a ranking of these segments would be chance."""
    tables = [table.scores for table in overview.segments if table.scores.ranked > 1]
    if not tables or not all(
        ranking_is_chance(table.rank_best, table.rank_worst, table.against_rest.shown) for table in tables
    ):
        return None
    return Message(
        gettext_noop(
            "No segment can be told from another: a ranking would be chance. "
            "Where places run from {best} to {worst}, nobody is first or last."
        ),
        {"best": 1, "worst": max(table.ranked for table in tables)},
    )


def _segment_bars(overview: Any, unit: Unit, shown: int | None = SEGMENTS_SHOWN) -> Any:
    """Every division's segments on one axis: as answered, and pulled towards the rest where answers are few.

    Of each division the first `shown` stand there, all of them for None.
    """
    rows: list[Row | Heading] = []
    for table in overview.segments:
        scores = table.scores
        rows.append(Heading(table.label, scores.finding))
        rows += [_segment(scores, index) for index in range(len(scores.raw))[:shown]]
        if shown is not None and len(scores.raw) > shown:
            more = {"n": len(scores.raw) - shown}
            rows.append(Heading("", Message(gettext_noop("{n} more segments are not shown."), more)))
    if not any(isinstance(row, Row) and row.value is not None for row in rows):
        return None
    heads = (
        Message(gettext_noop("Segment")),
        Message(gettext_noop("Score with likely range")),
        Message(gettext_noop("Score")),
    )
    return bars(rows, unit, heads, other=Message(gettext_noop("as answered, before weighing few answers")))


def _segment(scores: Any, index: int) -> Row:
    """One segment's bar; below 10 answers its counts."""
    label, answers = scores.raw.labels[index], scores.n_answers[index]
    if scores.counts_only[index]:
        text = gettext_noop("{n} answers: {good} favourable, {middle} between, {bad} unfavourable")
        bands = (scores.favourable[index], scores.middle[index], scores.unfavourable[index])
        counts = dict(zip(("good", "middle", "bad"), bands, strict=True))
        return Row(label, None, note=Message(text, {"n": answers, **counts}), n=answers)
    note = Message(gettext_noop("{n} answers"), {"n": answers})
    if scores.rank_best[index] is not None and scores.ranked > 1:
        ranks = {"n": answers, "best": scores.rank_best[index], "worst": scores.rank_worst[index]}
        note = Message(gettext_noop("{n} answers, rank {best} to {worst}"), ranks)
    value, tone = scores.against_rest.values[index], "grey"
    if scores.against_rest.shown[index] and value is not None:
        tone = "promoter" if (value > 0) == high_is_good(scores.scale) else "detractor"
    return estimate_row(
        label, scores.shrunken.one(index), other=float(scores.raw.values[index]), note=note, tone=tone
    )


def _other(other: Any, chosen: Pills) -> dict[str, Any]:
    summary = other.summary
    name = f"{other.question.programme} / {other.question.question}"
    url = next(option.url for option in chosen.questions if option.label == name)
    return {"question": other.question, "summary": summary, "unit": score_unit(summary.unit), "url": url}


def _ratings(run: Any) -> dict[str, Any]:
    """Which touchpoint ratings go with the score."""
    drivers, reason = part(run, "ratings")
    if drivers is None:
        return {"ratings": None, "ratings_reason": reason}
    one_step = gettext_noop("{n} ratings, {mean} on average; one step goes with {slope} on the score")
    rows = [
        estimate_row(
            driver.question,
            driver.share,
            note=Message(
                one_step,
                {
                    "n": driver.n,
                    "mean": round(driver.mean_rating, 1),
                    "slope": round(driver.slope.estimate.value, 1),
                },
            ),
        )
        for driver in drivers.drivers
    ]
    heads = (
        Message(gettext_noop("Touchpoint")),
        Message(gettext_noop("Share of what the ratings explain")),
        Message(gettext_noop("Share")),
    )
    r2 = drivers.r2
    total = Estimate(r2.value * 100, Interval(r2.interval.lower * 100, r2.interval.upper * 100), r2.n, r2.method)
    return {
        "ratings": bars(rows, Unit("per cent"), heads, low=0.0) if rows else None,
        "ratings_found": drivers,
        "ratings_total": total,
    }


def _benchmarks(view: Any, unit: Unit) -> list[dict[str, Any]]:
    """What the user supplied of others, each with our difference or why there is none."""
    ours = view.overview.summary.headline
    return [
        {
            "benchmark": one.benchmark,
            "value": unit.write(one.benchmark.value),
            "said": one.refusal or one.found.message,
        }
        for one in beside_benchmarks(workspace().settings.benchmarks, view.shown.question, view.scale, ours)
    ]


def _weighed(run: Any, view: Any, unit: Unit) -> Message | None:
    """The score weighed to the margins that the user supplied, and what it rests on; None without margins."""
    found = weighed_score(run, view.shown, workspace().settings.margins)
    if found is None:
        return None
    columns = ", ".join(found.columns)
    if found.score is None:
        text = gettext_noop("Not weighed to your margins ({columns}): {reason}")
        return Message(text, {"columns": columns, "reason": found.refusal})
    estimate = found.score.estimate
    if estimate.counts_only:
        return Message(gettext_noop("Too few answers to weigh them to your margins."))
    half, interval = estimate.interval.half_width, estimate.interval
    value, lower, upper = (unit.write(one, half) for one in (estimate.value, interval.lower, interval.upper))
    text = gettext_noop(
        "Weighed to your margins ({columns}): {value} (likely {lower} to {upper}). The {n} answers are then worth "
        "{worth} equal ones; {left} of unknown groups are left out."
    )
    worth = round(found.weights.n_effective)
    return Message(
        text,
        {"columns": columns, "value": value, "lower": lower, "upper": upper, "n": found.answers - found.left_out,
         "worth": worth, "left": found.left_out},
    )  # fmt: skip


KINDS = {
    "agent": Message(gettext_noop("agent")),
    "channel": Message(gettext_noop("channel")),
    "touchpoint": Message(gettext_noop("touchpoint")),
    "": Message(gettext_noop("all answers")),
}


def _gaming(run: Any) -> dict[str, Any]:
    """Signs that scores are pushed: what was looked for, what deserves a look, what could not be seen."""
    found, reason = part(run, "gaming")
    if found is None:
        older = Message(gettext_noop("This analysis did not look for them yet. Analyse again."))
        return {"gaming": None, "gaming_reason": reason or older}
    if found.signs:
        text = gettext_noop("{found} of {tested} comparisons deserve a look.")
        finding = Message(text, {"found": found.found, "tested": found.tested})
    elif found.tested:
        text = gettext_noop("Nothing stands out among {tested} comparisons.")
        finding = Message(text, {"tested": found.tested})
    else:
        finding = Message(gettext_noop("With these data nothing could be compared."))
    return {"gaming": found, "gaming_finding": finding, "signs": [_sign(sign) for sign in found.signs]}


def _sign(sign: Any) -> dict[str, Any]:
    """One sign: what it says, and below it what it rests on."""
    half, unit = sign.interval.half_width, Unit("scale" if sign.measure == "times" else "points")
    amount, lower, upper = (unit.write(one, half) for one in (sign.value, sign.interval.lower, sign.interval.upper))
    text = gettext_noop("{question}, {kind}: difference {amount} (likely {lower} to {upper}), n = {n}, p ≤ {p}")
    if sign.measure == "times":
        text = gettext_noop("{question}, {kind}: ratio {amount} (likely {lower} to {upper}), n = {n}, p ≤ {p}")
    rests = {
        "question": sign.question, "kind": KINDS[sign.kind], "lower": lower, "upper": upper, "n": sign.n,
        "amount": Message(AMOUNTS[sign.measure], {"value": amount}) if sign.measure in AMOUNTS else amount,
        "p": formats.number(max(1, math.ceil(sign.p_adjusted * 10_000)) / 10_000, 4),
    }  # fmt: skip
    return {"message": sign.message, "rests": Message(text, rests)}
