"""What the parts of a run are called."""

from harken.vocabulary.messages import Message, gettext_noop

PARTS = {
    "scores": Message(gettext_noop("Scores")),
    "ratings": Message(gettext_noop("Touchpoint ratings")),
    "gaming": Message(gettext_noop("Signs that scores are pushed")),
    "whole_base": Message(gettext_noop("Whole base")),
    "score_drivers": Message(gettext_noop("Drivers of the score")),
    "outcome": Message(gettext_noop("Outcome")),
    "leaks": Message(gettext_noop("Data leaks")),
    "retention": Message(gettext_noop("Retention forecast")),
    "drivers": Message(gettext_noop("Drivers of retention")),
    "levers": Message(gettext_noop("Levers")),
    "segments": Message(gettext_noop("Where it differs")),
    "what_if": Message(gettext_noop("What if")),
    "value": Message(gettext_noop("Value at stake")),
    "survival": Message(gettext_noop("How long customers stay")),
    "lifetime_value": Message(gettext_noop("Lifetime value")),
    "actions": Message(gettext_noop("Customers to act on")),
    "inventory": Message(gettext_noop("Data inventory")),
    "voices": Message(gettext_noop("Customers' words")),
}
"""What the parts of a run are called."""
