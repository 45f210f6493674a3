"""Whether a source still delivers."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum


class Health(Enum):
    """How a source is doing, as a word and a colour of the pages."""

    FRESH = "fresh"
    LATE = "late"
    FAILING = "failing"
    PAUSED = "paused"


def health(*, active: bool, failures: int, heard: datetime, limit_hours: int, now: datetime) -> Health:
    """The state of a source that last brought something new at `heard` (or was set up then).

    Late outweighs failing: silence for too long is what the limit is there for, whatever the reason.
    """
    if not active:
        return Health.PAUSED
    if now - heard > timedelta(hours=limit_hours):
        return Health.LATE
    return Health.FAILING if failures else Health.FRESH
