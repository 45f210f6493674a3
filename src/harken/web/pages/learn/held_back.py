"""Test with my file: answers that were kept back, checked against the predictions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from harken.jobs.held_back import cancel_check, latest_check, receive, start_check
from harken.jobs.states import JobState
from harken.usecases.encoding import decode
from harken.usecases.runs import Run
from harken.vocabulary.estimates import Estimate, Interval
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.charts import SHARE, Bars, Unit, bars
from harken.web.parts.courses import Column, Series, series
from harken.web.parts.jobs import progress_of
from harken.web.parts.messages import in_words
from harken.web.parts.quantities import band_names, estimate_row
from harken.web.workspace import shown_run, workspace

BYTES_MAX = 100 * 1024 * 1024


def tested(run: Run, unit: Unit) -> dict[str, Any]:
    """What the page about the whole base shows of the latest test: its state, or what it found in this run."""
    state = latest_check(workspace().root)
    context: dict[str, Any] = {"test_state": state, "silent": run.info.customers - _answers(run)}
    if state is None or state.status != "done":
        return context
    test = decode(state.answer["test"])
    check = test.check
    return context | {
        "test": test,
        "other_run": test.run_id != run.info.id,
        "test_groups": _groups(check, unit),
        "test_bands": _bands(check, test.scale_id),
        "left_out": [(text, n) for text, n in _left_out(test) if n],
        "coverage": Message(
            gettext_noop(
                "{coverage} of the answers ({low} to {high}) were of a kind called plausible for their customer; "
                "{level} were promised."
            ),
            {
                "coverage": SHARE.write(check.coverage, 0.01),
                "low": SHARE.write(check.coverage_range.lower, 0.01),
                "high": SHARE.write(check.coverage_range.upper, 0.01),
                "level": SHARE.write(check.coverage_level, 0.05),
            },
        ),
    }


def _answers(run: Run) -> int:
    return int(run.part("whole_base").total.answers)


def _left_out(test: Any) -> tuple[tuple[Message, int], ...]:
    return (
        (Message(gettext_noop("customer number unknown to the analysis")), test.unmatched),
        (Message(gettext_noop("answer in the data already")), test.known),
        (Message(gettext_noop("blank")), test.blank),
        (Message(gettext_noop("score outside the scale")), test.off_scale),
        (Message(gettext_noop("a later row of the same customer counts")), test.repeated),
    )


def _groups(check: Any, unit: Unit) -> Series | None:
    """Observed scores by tenth of the prediction, the prediction as an open dot."""
    if len(check.groups) < 2:
        return None
    columns = [
        Column(
            str(number),
            group.observed.value,
            group.observed.interval.lower,
            group.observed.interval.upper,
            group.answers,
            other=group.predicted,
        )
        for number, group in enumerate(check.groups, start=1)
    ]
    heads = (
        Message(gettext_noop("Group, lowest prediction first")),
        Message(gettext_noop("Observed")),
        Message(gettext_noop("Predicted")),
    )
    caption = Message(gettext_noop("Observed and predicted score, by groups of like prediction"))
    return series(columns, unit, heads, joined=False, caption=caption)


def _bands(check: Any, scale_id: str) -> Bars:
    """Observed shares of each kind of answer, predicted ones as open dots."""
    tones = {1: "promoter", 0: "passive", -1: "detractor"}
    names = dict(zip((1, 0, -1), band_names(scale_id), strict=True))
    rows = []
    for band in sorted(check.bands, key=lambda one: -one.band):
        observed = Estimate(band.observed, Interval(band.lower, band.upper), check.answers, "whole_base.held_back")
        note = Message(gettext_noop("predicted {share}"), {"share": SHARE.write(band.predicted, 0.01)})
        row = estimate_row(names[band.band], observed, other=band.predicted, note=note, tone=tones[band.band])
        rows.append(row)
    heads = (
        Message(gettext_noop("Kind of answer")),
        Message(gettext_noop("Share with likely range")),
        Message(gettext_noop("Observed")),
    )
    return bars(rows, SHARE, heads, low=0.0, other=Message(gettext_noop("predicted")))


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file of answers kept back for the worker to check."""
    if not request.user.may_change_data:  # type: ignore[union-attr]
        raise PermissionDenied
    run = shown_run(request)
    file = request.FILES.get("file")
    if run is None or file is None:
        messages.warning(request, in_words(Message(gettext_noop("Choose a file."))))
    elif (file.size or 0) > BYTES_MAX:
        messages.warning(request, in_words(Message(gettext_noop("The file is larger than 100 MB."))))
    else:
        root = workspace().root
        name = receive(root, [(file.name or "", file.file)])
        names = {field: request.POST.get(field, "").strip()[:200] for field in ("customer", "score")}
        start_check(root, name, run.info.id, **names)
    return redirect(_address(request))


def _address(request: HttpRequest) -> str:
    run = request.GET.get("run", "")
    return reverse("whole-base") + (f"?run={run}" if run.isalnum() else "") + "#test"


def progress(request: HttpRequest) -> JsonResponse:
    """How far the check under way is, for the page that waits for it."""
    return progress_of(_state())


def _state() -> JobState | None:
    return latest_check(workspace().root)


@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    """Stop the check that waits or runs."""
    if not request.user.may_change_data:  # type: ignore[union-attr]
        raise PermissionDenied
    cancel_check(workspace().root)
    return redirect(_address(request))
