"""What to do about each driver family: one sentence for the person who will call."""

from __future__ import annotations

from harken.vocabulary.messages import Message, gettext_noop

PROPOSALS: dict[str, str] = {
    "waiting": gettext_noop("Call the customer, say sorry for the wait and give a direct way to reach you."),
    "repeat_contact": gettext_noop("Take the open issue over, solve it for good and tell the customer it is done."),
    "contacts": gettext_noop("Look at the last contacts, solve what is still open and check with the customer."),
    "transfers": gettext_noop("Give the customer one person to talk to who stays with the case."),
    "delivery": gettext_noop("Check the next delivery, say when it will come and make good for the late ones."),
    "billing": gettext_noop("Go through the last bill with the customer and correct it where it is wrong."),
    "price": gettext_noop("Check whether a better-fitting plan or price can be offered, and offer it."),
    "plan": gettext_noop("Check whether the plan or contract fits the use, and propose one that does."),
    "service_quality": gettext_noop("Have the faults in the service checked and say what was mended."),
    "equipment": gettext_noop("Check the equipment and offer a replacement or an upgrade where it is old."),
    "services": gettext_noop("Show the services that fit this customer and help to set them up."),
    "usage": gettext_noop("Ask what the customer uses it for and help to get more out of it."),
    "web": gettext_noop("Walk the customer through the steps online, or do them together on the phone."),
    "orders": gettext_noop("Ask what the customer is missing and suggest what fits the last orders."),
    "marketing": gettext_noop("Write less, and only about what this customer uses."),
    "loyalty": gettext_noop("Thank the customer and explain what loyalty brings."),
    "past_scores": gettext_noop("Read what the customer answered last, say what you did about it, and ask again."),
    "comfort": gettext_noop("Say sorry for the discomfort and offer the better place next time."),
    "food": gettext_noop("Ask what was wrong with food or drink and offer something the customer likes."),
    "cleanliness": gettext_noop("Say sorry, say what was cleaned or changed, and invite the customer back."),
    "convenience": gettext_noop("Ask what made it hard to get there or to get it done, and smooth the next time."),
    "experience": gettext_noop("Ask about the last visit, say sorry where it went wrong and make it good."),
    "staff": gettext_noop("Talk about the last meeting, say sorry where it went wrong and offer another contact."),
}
"""Proposed action by family id of the feature catalogue."""

ANY_LEVER = gettext_noop("Talk with the customer about this and offer to put it right: {label}.")
NO_REASON = gettext_noop("Talk with the customer: ask how things are going and what would help.")


def proposed_action(family: str | None, label: Message | None) -> Message:
    """What to do about the main reason of a customer: the family's own sentence, or a general one.

    >>> str(proposed_action("seating", Message("Seat pitch")))
    'Talk with the customer about this and offer to put it right: Seat pitch.'
    """
    if family is None or label is None:
        return Message(NO_REASON)
    if family in PROPOSALS:
        return Message(PROPOSALS[family])
    return Message(ANY_LEVER, {"label": label})
