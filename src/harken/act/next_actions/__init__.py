"""Whom to act on, about what, and what is known of the gain."""

from harken.act.next_actions.estimate import (
    Gain,
    GainStatus,
    NextAction,
    NextActions,
    Reason,
    held_out,
    next_actions,
)

__all__ = ["Gain", "GainStatus", "NextAction", "NextActions", "Reason", "held_out", "next_actions"]
