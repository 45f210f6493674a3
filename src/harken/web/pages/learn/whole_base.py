"""Whole base: how do the silent customers feel?"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from harken.locale import formats
from harken.usecases.exports import tables
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.headlines import whole_base_headline, written
from harken.web.pages.learn.follow_up import asked_silent
from harken.web.pages.learn.held_back import tested
from harken.web.pages.reading import page, part, run_or_first_steps
from harken.web.pages.runs import analysis_of
from harken.web.parts.charts import Heading, Row, Unit, bars
from harken.web.parts.courses import Curve
from harken.web.parts.quantities import estimate_row, headline_unit, high_is_good, score_name

TITLE = Message(gettext_noop("Whole base"))
HEARD_SHOWN = 4
FLIPS_SHOWN = 3


def whole_base(request: HttpRequest) -> HttpResponse:
    """Answered against all, by segment; who is under-heard; what a hidden reason for silence would do."""
    run = run_or_first_steps(request, TITLE)
    if isinstance(run, HttpResponse):
        return run
    whole, reason = part(run, "whole_base")
    if whole is None:
        return page(request, "pages/not_run.html", {"title": TITLE, "reason": reason}, run)
    unit = headline_unit(whole.scale_id, whole.headline)
    total = whole.total
    context = {
        "headline": whole_base_headline(whole),
        "whole": whole,
        "notes": [note for note in whole.notes if note not in whole.overlap.warnings],
        "total": total,
        "unit": unit,
        "name": score_name(whole.scale_id),
        "reply_rate": total.answers / max(total.customers, 1),
        "segments": _segment_bars(whole, unit, linked=run.info.segment is None),
        "curve": _sensitivity(whole, unit),
        "tips": _tips(whole, unit),
        "flips": _flips(whole, unit),
        **tested(run, unit),
        **asked_silent(run, unit),
        "under": [group for group in whole.heard if group.heard < 1][:HEARD_SHOWN],
        "over": [group for group in whole.heard if group.heard >= 1][:HEARD_SHOWN],
    }
    take = {
        "segments": context["segments"],
        "sensitivity": context["curve"],
        "groups": tables.whole_base_segments(whole),
    }
    parts = dict.fromkeys(take, "whole_base")
    take |= {
        "silent": context.get("silent_bars"),
        "test": context.get("test_groups"),
        "test-kinds": context.get("test_bands"),
    }
    return page(request, "pages/learn/whole_base.html", context, run, take, parts)


def _segment_bars(whole: Any, unit: Unit, *, linked: bool) -> Any:
    """Every division's groups on one axis: all customers, and those who answered as an open dot.

    Where `linked`, a group leads to an analysis of it alone.
    """
    rows: list[Row | Heading] = []
    for division in whole.segments:
        rows.append(Heading(division.name))
        for group in division.rows:
            note = Message(
                gettext_noop("{n} customers, {share} answered"),
                {"n": group.customers, "share": formats.percent(group.reply_rate)},
            )
            rows.append(
                estimate_row(
                    group.label or Message(gettext_noop("not known")),
                    group.whole_base,
                    other=None if group.answered_only is None else group.answered_only.value,
                    few=group.reason,
                    note=note,
                    tone=_tone(group, whole.scale_id),
                    url=analysis_of(division.name, group.label) if linked else "",
                )
            )
    if not any(isinstance(row, Row) and row.value is not None for row in rows):
        return None
    heads = (
        Message(gettext_noop("Segment")),
        Message(gettext_noop("Score of all customers")),
        Message(gettext_noop("All")),
    )
    return bars(rows, unit, heads, other=Message(gettext_noop("those who answered")))


def _flips(whole: Any, unit: Unit) -> list[Message]:
    """Segments whose verdict turns when the silent are counted: for a net score at 0, else at the score of all."""
    total = whole.total.whole_base
    if total is None:
        return []
    middle = 0.0 if unit.kind == "points" else total.value
    sign = 1.0 if unit.kind != "scale" or high_is_good(whole.scale_id) else -1.0
    found = []
    for division in whole.segments:
        for group in division.rows:
            said, all_of_them, gap = group.answered_only, group.whole_base, group.difference
            if said is None or said.counts_only or gap is None or not gap.interval.excludes(0.0):
                continue
            before, after = sign * (said.value - middle), sign * (all_of_them.value - middle)
            if before * after < 0:
                text = ROSY if before > 0 else GLOOMY
                half = all_of_them.interval.half_width
                name = {"feature": division.name, "level": group.label}
                values = {
                    "segment": Message(gettext_noop("{feature}: {level}"), name),
                    "answered": written(said.value, unit, half),
                    "all": written(all_of_them.value, unit, half),
                }
                found.append((abs(before - after), Message(text, values)))
    return [message for _, message in sorted(found, key=lambda one: -one[0])[:FLIPS_SHOWN]]


ROSY = gettext_noop("{segment} flips: those who answer are satisfied ({answered}), all together are not ({all}).")
GLOOMY = gettext_noop(
    "{segment} flips: those who answer are dissatisfied ({answered}), all together are satisfied ({all})."
)


def _tone(group: Any, scale_id: str) -> str:
    """Attention where those who answered are rosier than all, beyond chance."""
    gap = group.difference
    rosy = gap is not None and gap.interval.excludes(0.0) and (gap.value > 0) == high_is_good(scale_id)
    return "attention" if rosy else "accent"


def _sensitivity(whole: Any, unit: Unit) -> Curve | None:
    """The score if silent customers were less satisfied than their like who answered."""
    found = whole.sensitivity
    if len(found.grid) < 2:
        return None
    points = tuple((point.less_satisfied, point.score, point.lower, point.upper) for point in found.grid)
    first, last = points[0][0], points[-1][0]
    marks = []
    if found.tips_difference is not None and first <= found.tips_difference <= last:
        marks.append((found.tips_difference, Message(gettext_noop("as answered"))))
    return Curve(
        points,
        unit,
        unit,
        (
            Message(gettext_noop("Silent customers less satisfied by")),
            Message(gettext_noop("Score of all customers")),
        ),
        marks=tuple(marks),
        caption=Message(gettext_noop("The score of all customers for a range of hidden reasons to be silent")),
    )


def _tips(whole: Any, unit: Unit) -> Message | None:
    """At which hidden reason the net score would be zero."""
    tip = whole.sensitivity.tips_zero
    if tip is None:
        return None
    if tip > 0:
        text = gettext_noop("It would reach 0 if silent customers were {gap} less satisfied than their like.")
    else:
        text = gettext_noop("It would reach 0 if silent customers were {gap} more satisfied than their like.")
    return Message(text, {"gap": written(abs(tip), unit, 1.0)})
