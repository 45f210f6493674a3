"""How complete the fields of each source are, as words and as a table to take away."""

from __future__ import annotations

from typing import Any

from harken.lake.coverage import FieldCoverage
from harken.unify.personal import is_personal
from harken.usecases.exports.sheets import Field, Sheet
from harken.vocabulary.messages import Message, gettext_noop

__all__ = ["coverage_sheet", "field_name", "is_personal"]

FIELD_NAMES = {
    "score": Message(gettext_noop("score")),
    "text_ref": Message(gettext_noop("words")),
    "wait_s": Message(gettext_noop("waiting time")),
    "duration_s": Message(gettext_noop("duration")),
    "amount": Message(gettext_noop("amount")),
    "quantity": Message(gettext_noop("quantity")),
    "issue": Message(gettext_noop("issue")),
    "channel": Message(gettext_noop("channel")),
    "touchpoint": Message(gettext_noop("touchpoint")),
    "agent": Message(gettext_noop("who served")),
    "name": Message(gettext_noop("name")),
    "email": Message(gettext_noop("e-mail")),
    "phone": Message(gettext_noop("phone")),
    "language": Message(gettext_noop("language")),
    "role": Message(gettext_noop("role")),
    "account_key": Message(gettext_noop("account")),
    "joined_us": Message(gettext_noop("joined")),
}


def field_name(one: FieldCoverage) -> Message | str:
    """What a field is called: the lake's own in words, a customer table's by its header."""
    return one.field if one.kind == "snapshot" else FIELD_NAMES.get(one.field, one.field)


def coverage_sheet(inventory: Any) -> Sheet:
    """In how many rows each field of each source is filled, and whether it is personal."""
    fields = (
        Field("source", Message(gettext_noop("Source"))),
        Field("kind", Message(gettext_noop("What it brings"))),
        Field("field", Message(gettext_noop("Field"))),
        Field("filled", Message(gettext_noop("Filled")), "count"),
        Field("rows", Message(gettext_noop("Rows")), "count"),
        Field("share", Message(gettext_noop("Share filled")), "share"),
        Field("personal", Message(gettext_noop("Personal")), "truth"),
    )
    rows = [
        (
            one.source,
            one.kind,
            field_name(one),
            one.filled,
            one.rows,
            one.filled / one.rows,
            is_personal(one.kind, one.field),
        )
        for one in inventory.coverage
    ]
    return Sheet(fields, rows, Message(gettext_noop("How complete the data are")))
