"""Hand-overs: whom do I contact, and what came of it?"""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from harken.usecases import hand_overs as handing
from harken.usecases.at_risk import chosen_ids
from harken.usecases.evaluating.handed import HandedEffect, all_handed_effect, alone_so_far, handed_effect
from harken.usecases.exports.sheets import Field, Sheet
from harken.usecases.hand_overs import HANDED_AT_MOST, HandOver
from harken.usecases.runs import load_run
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.pages.act.at_risk import asked_list
from harken.web.pages.reading import page
from harken.web.pages.unify.telling import HANDED_OUTCOMES
from harken.web.parts.charts import Unit
from harken.web.parts.messages import in_words
from harken.web.parts.quantities import in_points
from harken.web.workspace import newest_run, workspace

ID = re.compile(r"-?[0-9]{1,19}")


@require_POST
def hand_over(request: HttpRequest) -> HttpResponse:
    """Hand the customers ticked, else the first ones of the list, to a person."""
    user: Any = request.user
    if not user.may_change_data:
        raise PermissionDenied
    place = workspace()
    run = load_run(place.runs_root, request.POST.get("run") or None)
    ids = [int(text) for text in request.POST.getlist("customer") if ID.fullmatch(text)]
    if not ids:
        chosen, _ = asked_list(request.POST.dict(), run)
        first = request.POST.get("first", "")
        count = min(int(first), HANDED_AT_MOST) if first.isdecimal() and len(first) < 6 else 0
        ids = chosen_ids(run, chosen)[:count].tolist()
    made = handing.hand_over(
        place,
        run,
        ids,
        person=request.POST.get("person", ""),
        note=request.POST.get("note", ""),
        made_by=user.username,
        now=timezone.now(),
    )
    text = gettext_noop("Customers handed over: {n}; left alone to measure: {held_out}.")
    messages.success(request, in_words(Message(text, {"n": made.handed, "held_out": made.held_out})))
    return redirect("handed", number=made.number)


def hand_overs(request: HttpRequest) -> HttpResponse:
    """My hand-overs, and everybody's for those who hand over."""
    user: Any = request.user
    place = workspace()
    everybody = user.may_change_data
    lists = handing.list_hand_overs(place, person=None if everybody else user.username)
    mine = [each for each in lists if each.person == user.username]
    waiting = sum(each.customers - each.done for each in mine)
    headline = Message(gettext_noop("{n} customers wait for you."), {"n": waiting})
    if waiting == 1:
        headline = Message(gettext_noop("One customer waits for you."))
    if not lists:
        headline = Message(gettext_noop("Nobody was handed over yet."))
    elif not waiting:
        done = sum(each.done for each in lists)
        names = {"done": done, "n": sum(each.customers for each in lists)}
        headline = Message(gettext_noop("No customer waits for you; handed over: {n}, done: {done}."), names)
    others = [each for each in lists if each.person != user.username]
    effect = all_handed_effect(place, newest_run(), lists)
    context = {
        "headline": headline,
        "mine": mine,
        "others": others,
        "everybody": everybody,
        "lists": lists,
        "unknown_gain": alone_so_far(lists),
        **_shown(effect),
    }
    return page(request, "pages/act/hand_overs.html", context, None)


def _shown(effect: HandedEffect | None) -> dict[str, Any]:
    """What the part of a page needs that says what handing over did."""
    if effect is None or effect.evaluation is None or effect.evaluation.effect is None:
        return {"effect": effect}
    return {
        "effect": effect,
        "points": Unit("points"),
        "in_points": in_points(effect.evaluation.effect.estimate),
    }


def one(request: HttpRequest, number: int) -> HttpResponse:
    """One hand-over: its customers, open ones first as they were handed over, and what came of each."""
    found = _found(request, number)
    about = found.about
    context = {
        "headline": _headline(about),
        "about": about,
        "tasks": sorted(found.tasks, key=lambda task: task.customer.outcome != ""),
        "outcomes": list(HANDED_OUTCOMES.items()),
        "named": HANDED_OUTCOMES,
        **_shown(handed_effect(workspace(), newest_run(), about)),
    }
    return page(request, "pages/act/handed.html", context, None, {"customers": _sheet(found)})


def _headline(about: Any) -> Message:
    person = about.person_name or "–"
    if about.customers == 1:
        done = gettext_noop("{person} has contacted the one customer of this list.")
        todo = gettext_noop("{person} has one customer to contact.")
        return Message(done if about.done else todo, {"person": person})
    names = {"n": about.customers, "done": about.done, "person": person}
    return Message(gettext_noop("{person} has {n} customers to contact; done: {done}."), names)


@require_POST
def mark(request: HttpRequest, number: int, customer_id: str) -> HttpResponse:
    """Note what came of one customer."""
    _found(request, number)
    outcome = request.POST.get("outcome", "")
    if not ID.fullmatch(customer_id):
        raise Http404
    known = handing.mark_done(
        workspace(),
        number,
        int(customer_id),
        outcome=outcome,
        note=request.POST.get("note", ""),
        by=request.user.get_username(),
        now=timezone.now(),
    )
    if not known:
        raise Http404
    return redirect("handed", number=number)


def _found(request: HttpRequest, number: int) -> HandOver:
    """The hand-over, for whom it was made and for those who hand over; nobody else learns whether there is one."""
    user: Any = request.user
    found = handing.one_hand_over(workspace(), number)
    if found is None or not (user.may_change_data or found.about.person == user.username):
        raise Http404
    return found


def _sheet(found: HandOver) -> Sheet:
    """The list for a customer relationship system or a dialler."""
    fields = (
        Field("number", Message(gettext_noop("Number"))),
        Field("name", Message(gettext_noop("Name"))),
        Field("email", Message(gettext_noop("E-mail"))),
        Field("phone", Message(gettext_noop("Phone"))),
        Field("risk", Message(gettext_noop("Chance of leaving")), "share"),
        Field("value_at_stake", Message(gettext_noop("At stake")), "money"),
        Field("action", Message(gettext_noop("What to do"))),
        Field("reason", Message(gettext_noop("Why"))),
        Field("outcome", Message(gettext_noop("What came of it"))),
        Field("note", Message(gettext_noop("Note"))),
        Field("customer_id", Message(gettext_noop("Harken's id")), "id"),
    )
    rows = []
    for task in found.tasks:
        customer, contact = task.customer, task.contact
        reach = (None,) * 4 if contact is None else (contact.number, contact.name, contact.email, contact.phone)
        advice = (task.action, task.reason, HANDED_OUTCOMES.get(customer.outcome), customer.note or None)
        rows.append((*reach, customer.risk, customer.value_at_stake, *advice, customer.customer_id))
    title = Message(gettext_noop("Hand-over {number}"), {"number": str(found.about.id)})
    return Sheet(fields, rows, title)
