"""What kinds of tables and uses of columns are called on the pages of imports."""

from __future__ import annotations

from harken.vocabulary.messages import Message, gettext_noop

KINDS = {
    "wide": Message(gettext_noop("customer list or customer table")),
    "panel": Message(gettext_noop("customer table, a row per period")),
    "accounts": Message(gettext_noop("list of companies")),
    "answers": Message(gettext_noop("survey answers")),
    "orders": Message(gettext_noop("orders")),
    "contacts": Message(gettext_noop("contacts: calls, tickets, chats")),
    "usage": Message(gettext_noop("usage")),
    "behaviour": Message(gettext_noop("web and app visits")),
    "signals": Message(gettext_noop("other events")),
    "leavers": Message(gettext_noop("outcomes: who left or stayed")),
    "lookup": Message(gettext_noop("leave out")),
}
ROLES = {
    "person": Message(gettext_noop("customer number")),
    "account": Message(gettext_noop("company number")),
    "native_id": Message(gettext_noop("number of the row, such as an order's")),
    "time": Message(gettext_noop("time")),
    "joined": Message(gettext_noop("customer since")),
    "left": Message(gettext_noop("left on")),
    "weight": Message(gettext_noop("survey weight")),
    "comment": Message(gettext_noop("comment")),
    "name": Message(gettext_noop("name")),
    "email": Message(gettext_noop("e-mail")),
    "phone": Message(gettext_noop("phone number")),
    "language": Message(gettext_noop("language")),
    "contact_role": Message(gettext_noop("role in the company")),
    "outcome_churn": Message(gettext_noop("outcome: left")),
    "outcome_renewal": Message(gettext_noop("outcome: renewed")),
    "outcome_bought_again": Message(gettext_noop("outcome: bought again")),
    "value_year": Message(gettext_noop("value per year")),
    "value_month": Message(gettext_noop("value per month")),
    "amount": Message(gettext_noop("amount of money")),
    "quantity": Message(gettext_noop("quantity")),
    "wait": Message(gettext_noop("wait")),
    "duration": Message(gettext_noop("duration")),
    "channel": Message(gettext_noop("channel")),
    "issue": Message(gettext_noop("issue")),
    "agent": Message(gettext_noop("agent or team")),
    "touchpoint": Message(gettext_noop("touchpoint, page or product")),
    "currency": Message(gettext_noop("currency")),
    "score": Message(gettext_noop("score")),
    "measure": Message(gettext_noop("a measure of its own")),
    "fact": Message(gettext_noop("a fact about the customer")),
    "nothing": Message(gettext_noop("leave out")),
}
PARTS = {
    "people": Message(gettext_noop("customers")),
    "accounts": Message(gettext_noop("accounts")),
    "answer": Message(gettext_noop("survey answers")),
    "order": Message(gettext_noop("orders")),
    "contact": Message(gettext_noop("contacts")),
    "usage": Message(gettext_noop("usage")),
    "behaviour": Message(gettext_noop("web and app visits")),
    "outcome": Message(gettext_noop("outcomes")),
    "outcomes": Message(gettext_noop("outcomes")),
    "snapshot": Message(gettext_noop("facts about customers")),
}
"""What the parts of a mapping bring; a kind of the company's own keeps its name."""
