"""Handing customers to a person to contact, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harken.lake.contacts import Contact, contacts
from harken.lake.log import Lake
from harken.records import hand_overs
from harken.records.accounts import list_accounts
from harken.records.hand_overs import Handed, HandedList
from harken.usecases.at_risk import AtRisk, at_risk_rows
from harken.usecases.customers import forecasts
from harken.usecases.encoding import decode, encode
from harken.usecases.runs import Run
from harken.usecases.timeline import HANDED_OVER, Entry
from harken.usecases.workspaces import Workspace
from harken.vocabulary.errors import DataError, SettingsError
from harken.vocabulary.messages import Message, gettext_noop

HANDED_AT_MOST = 1_000
OUTCOMES = ("reached", "not_reached", "not_needed")


@dataclass(frozen=True, slots=True)
class Made:
    """What a hand-over became: its number, how many customers were handed over and how many are left alone."""

    number: int
    handed: int
    held_out: int


@dataclass(frozen=True, slots=True)
class Task:
    """One handed customer as a page shows them; `action` and `reason` are what the run advised."""

    customer: Handed
    contact: Contact | None
    action: Message | None
    reason: Message | str | None

    @property
    def title(self) -> str:
        """What to call the customer; their id where no customer list names them any more."""
        if self.contact is None:
            return str(self.customer.customer_id)
        return self.contact.name or self.contact.number


@dataclass(frozen=True, slots=True)
class HandOver:
    """One hand-over with its customers; those left alone are only counted."""

    about: HandedList
    tasks: tuple[Task, ...]


def hand_over(
    workspace: Workspace, run: Run, ids: Sequence[int], *, person: str, note: str, made_by: str, now: datetime
) -> Made:
    """Hand customers of a run to a person. Who is held out stays out, but is kept, to measure the gain.

    Raises SettingsError for a person who may not sign in, DataError where nobody is left to hand over or where
    there are more than 1,000.
    """
    if person not in {account.username for account in list_accounts(workspace.root) if account.active}:
        raise SettingsError(Message(gettext_noop("There is no account {name}."), {"name": person}))
    if len(ids) > HANDED_AT_MOST:
        raise DataError(
            Message(gettext_noop("At most {n} customers are handed over at once."), {"n": HANDED_AT_MOST}),
            Message(gettext_noop("Make several hand-overs.")),
        )
    known = forecasts(run, ids)
    rows = at_risk_rows(workspace, run, [one for one in dict.fromkeys(ids) if one in known])
    handed = [_handed(row) for row in rows]
    left_alone = sum(one.held_out for one in handed)
    if len(handed) == left_alone:
        raise DataError(
            Message(gettext_noop("Nobody is left to hand over.")),
            Message(gettext_noop("Choose others of the list: those left alone to measure cannot be handed over.")),
        )
    number = hand_overs.store_hand_over(
        workspace.root,
        made_by=made_by,
        person=person,
        note=note.strip(),
        run_id=run.info.id,
        customers=handed,
        now=now,
    )
    return Made(number, len(handed) - left_alone, left_alone)


def _handed(row: AtRisk) -> Handed:
    advice = None
    if row.action is not None:
        reasons = row.action.reasons
        advice = {"action": encode(row.action.action), "reason": encode(reasons[0].label) if reasons else None}
    return Handed(row.customer_id, row.risk, row.value_at_stake, advice, row.held_out)


def list_hand_overs(workspace: Workspace, *, person: str | None = None) -> tuple[HandedList, ...]:
    """Hand-overs, newest first: all, or those to one person."""
    return hand_overs.hand_over_lists(workspace.root, person=person)


def one_hand_over(workspace: Workspace, number: int) -> HandOver | None:
    """A hand-over with its customers, None where there is none of that number."""
    found = hand_overs.hand_over_lists(workspace.root, number=number)
    if not found:
        return None
    customers = [one for one in hand_overs.handed_customers(workspace.root, number) if not one.held_out]
    people = contacts(Lake(workspace.lake_root).pin(), [one.customer_id for one in customers])
    return HandOver(found[0], tuple(_task(one, people.get(one.customer_id)) for one in customers))


def _task(customer: Handed, contact: Contact | None) -> Task:
    advice: dict[str, Any] = customer.action or {}
    action, reason = (decode(advice[name]) if advice.get(name) else None for name in ("action", "reason"))
    return Task(customer, contact, action, reason)


def mark_done(
    workspace: Workspace, number: int, customer_id: int, *, outcome: str, note: str, by: str, now: datetime
) -> bool:
    """Note what came of one handed customer; "" opens it again. False where there is no such customer."""
    if outcome and outcome not in OUTCOMES:
        raise SettingsError(Message(gettext_noop("{value} is no outcome of a hand-over."), {"value": outcome}))
    return hand_overs.mark(workspace.root, number, customer_id, outcome=outcome, note=note.strip(), by=by, now=now)


def open_for(workspace: Workspace, person: str) -> int:
    """How many customers handed to a person wait for them."""
    return hand_overs.open_for(workspace.root, person)


def handed_entries(workspace: Workspace, customer_id: int) -> tuple[Entry, ...]:
    """Hand-overs of a customer as entries of their timeline."""
    return tuple(
        Entry(
            HANDED_OVER,
            one.made,
            one.made.date(),
            name=one.person_name,
            words=one.outcome_note or None,
            issue=one.outcome or None,
        )
        for one in hand_overs.hand_overs_of(workspace.root, customer_id)
    )
