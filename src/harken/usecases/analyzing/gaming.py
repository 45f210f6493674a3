"""The part of a run that looks for signs that scores are pushed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harken.lake.answer_traces import ContactsServed, Traces, answer_traces, contacts_served
from harken.lake.facts import DAY_US, Question
from harken.learn.scores.gaming import GamingScan, Given, Served, Units, scan_for_gaming
from harken.usecases.analyzing.context import Context
from harken.usecases.analyzing.scores import chosen_question

QUESTIONS_MAX = 6
LOOKED_BACK_US = 365 * DAY_US
FOLLOWS_US = 14 * DAY_US
"""An answer speaks of the contact before where it comes so soon after it; so soon a contact is a repeat one."""
AFTER_CONTACT_SHARE = 0.8


def gaming_scan(context: Context) -> GamingScan:
    """Look for signs in the last year's answers to the most answered questions, the chosen one first.

    A question most of whose answers follow contacts takes the agent of the contact before, where answers name none.
    Raises NotEnoughData where nobody ever answered.
    """
    chosen = chosen_question(context)
    questions = [chosen, *(one for one in context.questions if one != chosen)][:QUESTIONS_MAX]
    until = context.plan.as_of_us
    since = None if until is None else until - LOOKED_BACK_US
    contacts = contacts_served(context.connection, since, until)
    given: list[Given] = []
    served: dict[str, Served] = {}
    for question in questions:
        traces = answer_traces(context.connection, question, since, until)
        before = contact_before(traces, contacts)
        follows = bool(len(before)) and (before >= 0).mean() >= AFTER_CONTACT_SHARE
        given.append(_given(question, context, traces, contacts, before if follows else None))
        if follows and until is not None and question.programme not in served:
            served[question.programme] = served_of(question, contacts, before, until)
    return scan_for_gaming(given, tuple(served.values()))


def contact_before(traces: Traces, contacts: ContactsServed) -> NDArray[np.int64]:
    """For each answer the place of the same customer's last contact before it, within 14 days; -1 without one."""
    m = len(contacts.customer_id)
    if not m or not len(traces.customer_id):
        return np.full(len(traces.customer_id), -1)
    # Contacts and answers in one order by (customer, time), contacts first where both come at the same moment.
    customer = np.r_[contacts.customer_id, traces.customer_id]
    moment = np.r_[contacts.ts_us, traces.ts_us]
    order = np.lexsort((np.arange(customer.size) >= m, moment, customer))
    last = np.maximum.accumulate(np.where(order < m, order, -1))
    before = np.empty(customer.size, dtype=np.int64)
    before[order] = last
    found = before[m:]
    near = (found >= 0) & (contacts.customer_id[found] == traces.customer_id)
    near &= traces.ts_us - contacts.ts_us[found] <= FOLLOWS_US
    return np.where(near, found, -1)


def served_of(question: Question, contacts: ContactsServed, before: NDArray[np.int64], until_us: int) -> Served:
    """Which contacts are followed by an answer, without the last 14 days, whose answers may still come."""
    customer, moment = contacts.customer_id, contacts.ts_us
    answered = np.zeros(len(customer), dtype=bool)
    answered[before[before >= 0]] = True
    repeat = np.r_[False, (customer[1:] == customer[:-1]) & (moment[1:] - moment[:-1] <= FOLLOWS_US)]
    ripe = moment < until_us - FOLLOWS_US
    codes, labels = contacts.agent
    return Served(question.name, Units("agent", codes[ripe], labels), customer[ripe], answered[ripe], repeat[ripe])


def _given(
    question: Question, context: Context, traces: Traces, contacts: ContactsServed, before: NDArray[np.int64] | None
) -> Given:
    places = dict(traces.places)
    if before is not None and not (places["agent"][0] >= 0).any():
        codes, labels = contacts.agent
        places["agent"] = (np.where(before >= 0, codes[before], -1), labels)
    units: Sequence[Units] = [
        Units(kind, codes, labels) for kind, (codes, labels) in places.items() if (codes >= 0).any()
    ]
    return Given(
        question=question.name,
        scale=context.scales[question.scale],
        score=traces.score,
        customer=traces.customer_id,
        duration_s=traces.duration_s if np.isfinite(traces.duration_s).any() else None,
        words=traces.words if traces.words.any() else None,
        units=tuple(units),
    )
