"""Where a log of contacts cannot say who gains: the typed answer "not estimable", with its reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.uplift.randomised import Balance
from harken.vocabulary.messages import Message, gettext_noop

FEWEST_A_SIDE = 200
FEWEST_EVENTS = 50


@dataclass(frozen=True, slots=True)
class NotEstimable:
    """Why it cannot be known who gains from a contact, and what to do so that it can."""

    reason: Message
    todo: Message


def refusal(
    contacted: NDArray[np.bool_], outcome: NDArray[np.float64], lot: Balance | None, *, randomised: bool
) -> NotEstimable | None:
    """The first reason against an estimate, None where there is none; `lot` is None where one side is empty."""
    n, reached = len(contacted), int(contacted.sum())
    go_on = Message(gettext_noop("Go on until there are enough."))
    hold_out = Message(gettext_noop("Leave some customers alone, drawn by lot, and keep them in the log."))
    if lot is None:
        text = gettext_noop("Nobody was left alone, so there is nobody to compare with.")
        none = gettext_noop("Nobody was contacted.")
        return NotEstimable(Message(text if reached else none), hold_out)
    if not randomised:
        text = gettext_noop("The contacts were not drawn by lot: those chosen would have differed anyway.")
        return NotEstimable(Message(text), hold_out)
    if not lot.holds:
        text = gettext_noop(
            "What was known before tells who was contacted (chance of that by lot: {p}), so no lot decided."
        )
        todo = gettext_noop("If the lot's chances differed between customers, give them; else draw a lot.")
        return NotEstimable(Message(text, {"p": f"{max(lot.p_value, 1e-9):.1g}"}), Message(todo))
    fewer = min(reached, n - reached)
    if fewer < FEWEST_A_SIDE:
        text = gettext_noop("{contacted} were contacted and {alone} left alone; at least {n} of each are needed.")
        values = {"contacted": reached, "alone": n - reached, "n": FEWEST_A_SIDE}
        return NotEstimable(Message(text, values), go_on)
    kinds, counts = np.unique(outcome, return_counts=True)
    if len(kinds) < 2 or (len(kinds) == 2 and int(counts.min()) < FEWEST_EVENTS):
        text = gettext_noop("The rarer outcome happened {n} times; at least {least} are needed.")
        seen = int(counts.min()) if len(kinds) == 2 else 0
        return NotEstimable(Message(text, {"n": seen, "least": FEWEST_EVENTS}), go_on)
    return None
