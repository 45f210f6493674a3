"""Ask the silent themselves: a list drawn by lot, and what its answers settle."""

from __future__ import annotations

import csv
import io
import shutil
import time
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from harken.usecases import follow_up
from harken.usecases.follow_up import Draw
from harken.usecases.importing.uploads import UPLOADS, receive
from harken.usecases.runs import Run, list_runs
from harken.vocabulary.errors import DataError, HarkenError, NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.headlines import written
from harken.web.parts.charts import Bars, Row, Unit, bars
from harken.web.parts.messages import in_words
from harken.web.parts.quantities import estimate_row
from harken.web.workspace import named_run, shown_run, workspace

BYTES_MAX = 10 * 1024 * 1024
SPREADSHEET_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def asked_silent(run: Run, unit: Unit) -> dict[str, Any]:
    """What the page about the whole base shows of lists drawn by lot: sizes, the last list, its answers."""
    drawn = next(iter(follow_up.draws(workspace())), None)
    sizes = [
        (written(plan.half_width, unit), plan.draw, plan.possible) for plan in follow_up.plans(run) if plan.draw
    ]
    context = {"draw_sizes": sizes, "draw_proposed": sizes[1][1] if len(sizes) > 1 else 100, "drawn": drawn}
    if drawn is None or drawn.came is None or drawn.scale.id != run.part("whole_base").scale_id:
        return context
    return context | {"came": drawn.came, "silent_bars": _bars(run, drawn, unit), "silent_gap": _gap(drawn, unit)}


def _bars(run: Run, drawn: Draw, unit: Unit) -> Bars:
    """What was measured beside what was estimated and what was claimed for hidden reasons."""
    assert drawn.came is not None
    whole, found = run.part("whole_base"), drawn.came.found
    total, band = whole.total, whole.sensitivity.band
    measured = Message(gettext_noop("All customers, with silent ones asked"))
    note = Message(gettext_noop("{n} answers drawn by lot"), {"n": found.reached})
    if found.random:
        value, tone, n = found.total.value, "promoter", found.total.n
    else:
        middle = (found.claimed.lower + found.claimed.upper) / 2
        note = Message(gettext_noop("a range only: too few were reached"))
        value, tone, n = middle, "grey", found.reached
    rows = [
        estimate_row(Message(gettext_noop("Those who answered")), total.answered_only, tone="grey"),
        estimate_row(Message(gettext_noop("All customers, estimated")), total.whole_base),
        Row(
            Message(gettext_noop("All customers, if silence has a hidden reason")),
            total.whole_base.value,
            band.lower,
            band.upper,
            tone="attention",
        ),
        Row(measured, value, found.claimed.lower, found.claimed.upper, note=note, tone=tone, n=n),
    ]
    heads = (
        Message(gettext_noop("Score of")),
        Message(gettext_noop("With likely range")),
        Message(gettext_noop("Score")),
    )
    caption = Message(gettext_noop("The score of all customers: estimated, claimed and measured"))
    return bars(rows, unit, heads, caption=caption)


def _gap(drawn: Draw, unit: Unit) -> Message | None:
    """What mood does: the silent against their like who answered, measured."""
    gap = None if drawn.came is None else drawn.came.found.gap
    if gap is None:
        return None
    half = gap.interval.half_width
    values = {
        "gap": written(abs(gap.value), unit, half),
        "lower": written(gap.interval.lower, unit, half),
        "upper": written(gap.interval.upper, unit, half),
    }
    if not gap.interval.excludes(0.0):
        text = gettext_noop(
            "The silent do not differ from their like who answered beyond chance ({lower} to {upper} less "
            "satisfied)."
        )
    elif gap.value > 0:
        text = gettext_noop(
            "The silent are {gap} less satisfied than their like who answered ({lower} to {upper}): mood decides "
            "who "
            "answers, and the estimate above is too high."
        )
    else:
        text = gettext_noop(
            "The silent are {gap} more satisfied than their like who answered ({lower} to {upper} less satisfied): "
            "mood decides who answers, and the estimate above is too low."
        )
    return Message(text, values)


@require_POST
def draw(request: HttpRequest) -> HttpResponse:
    """Draw a list by lot and keep it; lead to it on the page, or to the list itself."""
    if not request.user.may_change_data:  # type: ignore[union-attr]
        raise PermissionDenied
    run = shown_run(request)
    wished = request.POST.get("count", "")
    if run is None or not wished.isdecimal():
        messages.warning(request, in_words(Message(gettext_noop("Say how many customers to draw."))))
        return redirect(_address(request))
    try:
        drawn = follow_up.draw(workspace(), run, int(wished[:6]), now_us=time.time_ns() // 1000)
    except (DataError, NotEnoughData) as error:
        messages.warning(request, _told(error))
        return redirect(_address(request))
    if request.POST.get("then") == "list":
        return redirect("silent-list", drawn.id)
    return redirect(_address(request))


def silent_list(request: HttpRequest, draw_id: str) -> HttpResponse:
    """A list that was drawn, as CSV that Excel reads, with columns for the answers."""
    known = {one.id for one in list_runs(workspace().runs_root)}
    run_id = draw_id.split("-")[0]
    try:
        rows = follow_up.call_list(workspace(), draw_id, named_run(run_id) if run_id in known else None)
    except DataError as error:
        raise Http404 from error
    text = io.StringIO()
    writer = csv.writer(text)
    heads = (gettext_noop("number"), gettext_noop("name"), gettext_noop("score"), gettext_noop("reached"))
    writer.writerow([in_words(Message(head)) for head in heads])
    for number, name in rows:
        writer.writerow([_harmless(number), _harmless(name), "", ""])
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="random-{len(rows)}.csv"'
    return answer


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet reads as text, never as a formula."""
    return f"'{cell}" if cell.startswith(SPREADSHEET_FORMULAS) else cell


@require_POST
def answers(request: HttpRequest) -> HttpResponse:
    """Take a list back with its answers; the file is deleted once it is read."""
    if not request.user.may_change_data:  # type: ignore[union-attr]
        raise PermissionDenied
    file = request.FILES.get("file")
    if file is None:
        messages.warning(request, in_words(Message(gettext_noop("Choose a file."))))
    elif (file.size or 0) > BYTES_MAX:
        messages.warning(request, in_words(Message(gettext_noop("The file is larger than 10 MB."))))
    else:
        root = workspace().root
        folder = root / UPLOADS / receive(root, [(file.name or "", file.file)])
        customer, score = (request.POST.get(field, "").strip()[:200] or None for field in ("customer", "score"))
        try:
            came = next(iter(sorted(folder.iterdir())))
            now_us = time.time_ns() // 1000
            follow_up.take_answers(workspace(), came, now_us=now_us, customer_column=customer, score_column=score)
        except (DataError, NotEnoughData) as error:
            messages.warning(request, _told(error))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return redirect(_address(request))


def _told(error: HarkenError) -> str:
    parts = [error.what, *(problem.message() for problem in error.problems), error.todo]
    return " ".join(in_words(part) for part in parts if part is not None)


def _address(request: HttpRequest) -> str:
    run = request.GET.get("run", "")
    return reverse("whole-base") + (f"?run={run}" if run.isalnum() else "") + "#silent"
