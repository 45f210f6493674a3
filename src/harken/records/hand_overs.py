"""Hand-overs for use cases: plain values in, plain values out, Django kept inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harken.records.connection import connect

if TYPE_CHECKING:
    from harken.records.models import HandedCustomer, HandOver


@dataclass(frozen=True, slots=True)
class Handed:
    """One customer of a hand-over: the run's forecast then, and what came of it ("" while open)."""

    customer_id: int
    risk: float | None
    value_at_stake: float | None
    action: Any
    held_out: bool
    outcome: str = ""
    note: str = ""
    done: datetime | None = None
    done_by: str = ""


@dataclass(frozen=True, slots=True)
class HandedList:
    """One hand-over: who gave it to whom and when, how many customers it has and how many are done."""

    id: int
    made: datetime
    made_by: str
    person: str
    person_name: str
    note: str
    run_id: str
    customers: int
    done: int
    held_out: int


def store_hand_over(
    root: Path, *, made_by: str, person: str, note: str, run_id: str, customers: Sequence[Handed], now: datetime
) -> int:
    """Keep a hand-over, whole or not at all; its number. Users are named by username."""
    connect(root)
    from django.db import transaction

    from harken.records.models import HandedCustomer, HandOver, User

    people = {user.username: user for user in User.objects.filter(username__in=(made_by, person))}
    with transaction.atomic():
        made = HandOver.objects.create(
            made=now, made_by=people[made_by], person=people[person], note=note, run_id=run_id
        )
        HandedCustomer.objects.bulk_create(
            (
                HandedCustomer(
                    hand_over=made,
                    place=place,
                    customer_id=one.customer_id,
                    risk=one.risk,
                    value_at_stake=one.value_at_stake,
                    action=one.action,
                    held_out=one.held_out,
                )
                for place, one in enumerate(customers)
            ),
            batch_size=500,
        )
    return int(made.pk)


def hand_over_lists(root: Path, *, person: str | None = None, number: int | None = None) -> tuple[HandedList, ...]:
    """Hand-overs, newest first: all, those of one person, or the one of a number. One query."""
    connect(root)
    from django.db.models import Count, Q

    from harken.records.models import HandOver

    found = HandOver.objects.select_related("made_by", "person")
    if person is not None:
        found = found.filter(person__username=person)
    if number is not None:
        found = found.filter(pk=number)
    mine = Q(customers__held_out=False)
    counted = found.annotate(
        handed=Count("customers", filter=mine),
        closed=Count("customers", filter=mine & ~Q(customers__outcome="")),
        left_alone=Count("customers", filter=Q(customers__held_out=True)),
    )
    return tuple(_list(each) for each in counted.order_by("-made", "-pk"))


def _list(each: Any) -> HandedList:
    given: HandOver = each
    return HandedList(
        given.pk,
        given.made,
        str(given.made_by or ""),
        "" if given.person is None else given.person.username,
        str(given.person or ""),
        given.note,
        given.run_id,
        each.handed,
        each.closed,
        each.left_alone,
    )


def handed_customers(root: Path, number: int) -> tuple[Handed, ...]:
    """The customers of a hand-over in its order, those left alone too. One query."""
    connect(root)
    from harken.records.models import HandedCustomer

    found = HandedCustomer.objects.filter(hand_over_id=number).select_related("done_by").order_by("place")
    return tuple(_handed(each) for each in found)


def customers_of_lists(root: Path, numbers: Sequence[int]) -> dict[int, list[Handed]]:
    """The customers of several hand-overs by its number, those left alone too. One query."""
    connect(root)
    from harken.records.models import HandedCustomer

    found: dict[int, list[Handed]] = {number: [] for number in numbers}
    rows = HandedCustomer.objects.filter(hand_over_id__in=numbers).select_related("done_by")
    for each in rows.order_by("hand_over_id", "place"):
        found[each.hand_over_id].append(_handed(each))
    return found


def _handed(each: HandedCustomer) -> Handed:
    return Handed(
        each.customer_id,
        each.risk,
        each.value_at_stake,
        each.action,
        each.held_out,
        each.outcome,
        each.note,
        each.done,
        str(each.done_by or ""),
    )


@dataclass(frozen=True, slots=True)
class HandedBefore:
    """That a customer was handed to somebody, and what came of it."""

    number: int
    made: datetime
    person_name: str
    note: str
    outcome: str
    outcome_note: str


def hand_overs_of(root: Path, customer_id: int) -> tuple[HandedBefore, ...]:
    """Every time a customer was handed over, newest first. One query."""
    connect(root)
    from harken.records.models import HandedCustomer

    found = HandedCustomer.objects.filter(customer_id=customer_id, held_out=False).select_related(
        "hand_over__person"
    )
    return tuple(
        HandedBefore(
            each.hand_over_id,
            each.hand_over.made,
            str(each.hand_over.person or ""),
            each.hand_over.note,
            each.outcome,
            each.note,
        )
        for each in found.order_by("-hand_over__made")
    )


def open_for(root: Path, person: str) -> int:
    """How many customers handed to a person are still open. One query."""
    connect(root)
    from harken.records.models import HandedCustomer

    return HandedCustomer.objects.filter(hand_over__person__username=person, held_out=False, outcome="").count()


def mark(root: Path, number: int, customer_id: int, *, outcome: str, note: str, by: str, now: datetime) -> bool:
    """Note what came of one customer, "" opens it again; False where the hand-over has no such customer."""
    connect(root)
    from harken.records.models import HandedCustomer, User

    changed = HandedCustomer.objects.filter(hand_over_id=number, customer_id=customer_id, held_out=False).update(
        outcome=outcome,
        note=note,
        done=now if outcome else None,
        done_by=User.objects.filter(username=by).first() if outcome else None,
    )
    return changed == 1


def remove_since(root: Path, moment: datetime) -> None:
    """Forget every hand-over made at a moment or later, with what came of it."""
    connect(root)
    from harken.records.models import HandOver

    HandOver.objects.filter(made__gte=moment).delete()
