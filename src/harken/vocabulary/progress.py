"""Long work tells how far it is and can be stopped."""

from __future__ import annotations

from typing import Protocol

from harken.vocabulary.messages import Message


class Cancelled(Exception):
    """The person who started the work stopped it; nothing was left half-done."""


class Progress(Protocol):
    """Told by long work how far it is; may raise `Cancelled` to stop it.

    `step` names what is being done; `done` is the share from 0 to 1 of the whole work.
    """

    def __call__(self, step: Message, done: float) -> None: ...


def silent(step: Message, done: float) -> None:
    """A `Progress` that says nothing, for tests and for work under a second."""
