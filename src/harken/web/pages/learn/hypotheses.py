"""Hypotheses: what do we believe, and what came of it?"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from harken.usecases import hypotheses as usecase
from harken.usecases.exports.sheets import Field, Sheet
from harken.usecases.exports.tables import number_fields, numbers
from harken.usecases.hypotheses import Hypothesis, wording
from harken.usecases.runs import Run
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.changing import changes_data
from harken.web.pages.reading import page
from harken.web.parts.messages import in_words
from harken.web.workspace import newest_run, workspace

CHIPS = {
    "supported": "chip-good",
    "contradicted": "chip-bad",
    "not_shown": "",
    "cannot_be_tested": "chip-attention",
    wording.UNJUDGED: "chip-attention",
}
RETIRED = "retired"
HISTORY_SHOWN = 30
SUGGESTED_BELOW = 5
"""With this many written down, people have ideas of their own."""


@require_GET
def hypotheses(request: HttpRequest) -> HttpResponse:
    """The register: each hypothesis with its newest verdict, by verdict where one is chosen."""
    return _register(request, {})


def _register(request: HttpRequest, given: dict[str, str], refused: SettingsError | None = None) -> HttpResponse:
    run, found = newest_run(), usecase.register(workspace())
    active = [one for one in found if one.retired is None]
    chosen = request.GET.get("verdict", "")
    shown = [one for one in active if chosen in ("", one.standing)]
    if chosen == RETIRED:
        shown = [one for one in found if one.retired is not None]
    taken = frozenset(one.claim.key for one in found)
    context = {
        "headline": wording.register_headline(found),
        "rows": [_row(one) for one in shown],
        "filters": _filters(found, chosen),
        "any": bool(found),
        "suggested": () if run is None or len(active) >= SUGGESTED_BELOW else usecase.suggestions(run.parts, taken),
        "groups": () if run is None else usecase.choices(run.parts),
        "sides": list(usecase.SIDES.items()),
        "to_judge": run is not None and _to_judge(active, run),
        "given": given,
        "refused": refused,
    }
    answer = page(request, "pages/learn/hypotheses.html", context, run, {"register": wording.register_sheet(shown)})
    if refused is not None:
        answer.status_code = 400
    return answer


def _row(one: Hypothesis) -> dict[str, Any]:
    """A hypothesis as the register shows it."""
    now = one.now
    return {
        "one": one,
        "label": wording.STANDINGS[one.standing],
        "chip": CHIPS[one.standing],
        "figure": None if now is None else wording.figure(now),
        "sentence": now.reason if now is not None and now.reason else wording.verdict_sentence(now),
        "chance": None if now is None else wording.chance(now),
        "could_show": None if now is None else wording.could_show(now),
        "sources": wording.sources_sentence(one),
    }


def _filters(found: tuple[Hypothesis, ...], chosen: str) -> list[dict[str, Any]]:
    """The verdicts that occur, with their counts, all of them first."""
    active = [one for one in found if one.retired is None]
    counts = [("", Message(gettext_noop("all")), len(active))]
    counts += [
        (name, label, sum(one.standing == name for one in active)) for name, label in wording.STANDINGS.items()
    ]
    counts.append((RETIRED, Message(gettext_noop("retired")), len(found) - len(active)))
    return [
        {"name": name, "label": label, "n": n, "chosen": name == chosen}
        for name, label, n in counts
        if n or name == chosen
    ]


def _to_judge(active: list[Hypothesis], run: Run) -> bool:
    return any(one.now is None or one.now.run_id != run.info.id for one in active)


@require_GET
def hypothesis(request: HttpRequest, number: int) -> HttpResponse:
    """One hypothesis: what the data say, which it needs, every verdict, sources outside, decisions."""
    one = _found(number)
    run = newest_run()
    parts = {} if run is None else run.parts
    context = {
        **_row(one),
        "headline": wording.verdict_sentence(one.now),
        "claim": usecase.said(one.claim, parts),
        "needs": usecase.needs(one.claim, parts) if run is not None else (),
        "history": [_row_of_history(judged, parts) for judged in one.history[:HISTORY_SHOWN]],
        "groups": usecase.choices(parts),
        "key": one.claim.key,
        "key_known": any(
            choice.key == one.claim.key for group in usecase.choices(parts) for choice in group.choices
        ),
        "sides": list(usecase.SIDES.items()),
        "standings": wording.STANDINGS,
        "to_judge": run is not None and one.retired is None and _to_judge([one], run),
        "today": _today(),
    }
    return page(request, "pages/learn/hypothesis.html", context, run, {"history": _history_sheet(one)})


def _row_of_history(judged: Any, parts: Any) -> dict[str, Any]:
    return {
        "judged": judged,
        "label": wording.STANDINGS[str(judged.verdict)],
        "chip": CHIPS[str(judged.verdict)],
        "figure": wording.figure(judged),
        "claim": usecase.said(judged.claim, parts),
    }


def _history_sheet(one: Hypothesis) -> Sheet:
    fields = (
        Field("made", Message(gettext_noop("Judged")), "moment"),
        Field("as_of", Message(gettext_noop("As of")), "date"),
        Field("run", Message(gettext_noop("Analysis"))),
        Field("about", Message(gettext_noop("What is tested"))),
        Field("verdict", Message(gettext_noop("Verdict"))),
        Field("evidence", Message(gettext_noop("Evidence"))),
        *number_fields(Message(gettext_noop("Effect"))),
        Field("unit", Message(gettext_noop("Unit"))),
        Field("measure", Message(gettext_noop("Measure"))),
        Field("p", Message(gettext_noop("p among all tested together")), "number"),
        Field("together", Message(gettext_noop("Tested together")), "count"),
        Field("reason", Message(gettext_noop("Why not tested"))),
    )
    rows = [
        (each.made, each.as_of, each.run_id, usecase.said(each.claim), wording.STANDINGS[str(each.verdict)],
         None if each.evidence is None else Message(str(each.evidence)), *numbers(each.estimate), each.unit or None,
         each.what, each.p_adjusted, each.together, each.reason)
        for each in one.history
    ]  # fmt: skip
    return Sheet(fields, rows, Message(gettext_noop("Verdicts")))


@changes_data
def add(request: HttpRequest) -> HttpResponse:
    """Write a hypothesis down, and hold it against the newest analysis at once."""
    given = request.POST.dict()
    place, now = workspace(), timezone.now()
    try:
        number = usecase.believe(place, given, by=request.user.get_username(), now=now, today=_today())
    except SettingsError as error:
        return _register(request, given, error)
    run = newest_run()
    if run is not None:
        usecase.judge_register(place, run, now=now)
    return redirect("hypothesis", number=number)


@changes_data
def judge(request: HttpRequest) -> HttpResponse:
    """Hold every hypothesis against the newest analysis."""
    run = newest_run()
    if run is None:
        raise Http404
    made = usecase.judge_register(workspace(), run, now=timezone.now())
    messages.success(request, in_words(Message(gettext_noop("New verdicts: {n}."), {"n": made})))
    return redirect("hypotheses")


@changes_data
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change the words of a hypothesis or what it is about; retire it, or take it up again."""
    one = _found(number)
    place, now, wanted = workspace(), timezone.now(), request.POST.get("do", "")
    if wanted in ("retire", "resume"):
        usecase.retire(place, number, now=now if wanted == "retire" else None)
    else:
        usecase.rethink(place, number, request.POST.dict(), today=_today())
        run = newest_run()
        if run is not None and one.retired is None:
            usecase.judge_register(place, run, now=now)
    return redirect("hypothesis", number=number)


@changes_data
def cite(request: HttpRequest, number: int) -> HttpResponse:
    """Note what a source outside Harken says, or take one out again."""
    _found(number)
    gone = request.POST.get("remove", "")
    if gone.isdecimal() and len(gone) < 10:
        usecase.forget_source(workspace(), number, int(gone))
    else:
        given = request.POST.dict()
        usecase.cite(workspace(), number, given, by=request.user.get_username(), now=timezone.now())
    return redirect("hypothesis", number=number)


@changes_data
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Note a decision that the hypothesis informed."""
    _found(number)
    usecase.decide(
        workspace(),
        [number],
        request.POST.dict(),
        by=request.user.get_username(),
        now=timezone.now(),
        today=_today(),
    )
    return redirect("hypothesis", number=number)


def _found(number: int) -> Hypothesis:
    one = usecase.one_hypothesis(workspace(), number)
    if one is None:
        raise Http404
    return one


def _today() -> Any:
    """The day in the company's zone."""
    return timezone.now().astimezone(ZoneInfo(workspace().settings.time_zone)).date()
