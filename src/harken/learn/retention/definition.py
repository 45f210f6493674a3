"""What leaving means where nobody says good-bye: no order for so many days, read from the gaps between orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

SHARE_RETURNED = 0.90
LEAST_GAPS = 30
ROUND_DAYS = (7, 14, 21, 30, 45, 60, 75, 90, 105, 120, 150, 180, 210, 240, 270, 300, 330, 365)
CURVE_POINTS = 25


@dataclass(frozen=True, slots=True)
class NoEventDefinition:
    """A proposed definition of leaving: no event for `days` days.

    Of customers who come back at all, `returned_by_then` (0 to 1) are back by then; of those silent that long,
    `late_return` (0 to 1) still come back later; `plain_quantile_days` is where the same share of the finished
    gaps lies, which is too short because gaps still open are left out. `gaps` finished and `open_gaps` unfinished
    gaps were seen, the longest `longest_days`. `curve_days` and `curve_returned` draw the share back by each day.
    `shortened` is True where the history allowed only less than wanted. `sentence` says it all.
    """

    days: int
    shortened: bool
    returned_by_then: float
    late_return: float
    plain_quantile_days: float
    gaps: int
    open_gaps: int
    longest_days: float
    curve_days: tuple[float, ...]
    curve_returned: tuple[float, ...]
    sentence: Message


def propose_no_event_definition(
    gaps_days: Floats,
    open_gaps_days: Floats,
    *,
    share_returned: float = SHARE_RETURNED,
    history_days: float | None = None,
) -> NoEventDefinition:
    """Proposes after how many silent days a customer counts as gone, from the gaps between events.

    `gaps_days` are the finished gaps (days from one event to the next of the same customer), `open_gaps_days`
    each customer's days since the last event, which may still end: without them the answer would be too short.
    The share back by each day is one minus Kaplan and Meier's (1958) estimate; `days` is where `share_returned`
    (0.90 to 0.95 are usual) of those who come back within the time seen are back, rounded up to a number people
    use. It is at most a third of `history_days` (the longest gap where None), so that a window to learn from, a
    window to test on and a past fit in.
    Raises NotEnoughData below 30 finished gaps.

    >>> rng = np.random.default_rng(2)
    >>> gaps, open_gaps = rng.exponential(20, 3000), rng.exponential(20, 300)
    >>> proposed = propose_no_event_definition(gaps, open_gaps, history_days=400)
    >>> proposed.days, round(proposed.returned_by_then, 2)
    (60, 0.94)
    """
    gaps = gaps_days[np.isfinite(gaps_days) & (gaps_days > 0)]
    still_open = open_gaps_days[np.isfinite(open_gaps_days) & (open_gaps_days >= 0)]
    if len(gaps) < LEAST_GAPS:
        raise NotEnoughData(
            Message(
                gettext_noop("Only {gaps} times did a customer order again: too few to say when one is gone."),
                {"gaps": len(gaps)},
            ),
            Message(gettext_noop("Set the number of days yourself.")),
        )
    days, returned = share_back(gaps, still_open)
    wanted = share_returned * returned[-1]
    exact = float(days[int(np.argmax(returned >= wanted - 1e-12))])
    longest = float(max(gaps.max(), still_open.max(initial=0.0)))
    limit = (longest if history_days is None else history_days) / 3
    usable = [n for n in ROUND_DAYS if n <= limit] or [ROUND_DAYS[0]]
    chosen = next((n for n in usable if n >= exact), usable[-1])
    by_then = _at(days, returned, chosen)
    late = (returned[-1] - by_then) / max(1 - by_then, 1e-12)
    points = np.unique(np.linspace(0, len(days) - 1, CURVE_POINTS).astype(int))
    share = by_then / returned[-1] if returned[-1] > 0 else 0.0
    return NoEventDefinition(
        days=int(chosen),
        shortened=chosen < exact,
        returned_by_then=float(share),
        late_return=float(late),
        plain_quantile_days=float(np.quantile(gaps, share_returned)),
        gaps=len(gaps),
        open_gaps=len(still_open),
        longest_days=longest,
        curve_days=tuple(float(day) for day in days[points]),
        curve_returned=tuple(float(part) for part in returned[points]),
        sentence=_sentence(int(chosen), share, late, shortened=chosen < exact),
    )


def share_back(gaps_days: Floats, open_gaps_days: Floats) -> tuple[Floats, Floats]:
    """Days (k,) and the share of gaps ended by each (k,), allowing for gaps that are still open.

    Kaplan and Meier 1958: an open gap counts as long as it has lasted. Days are those on which a gap ended.

    >>> share_back(np.array([1.0, 2.0]), np.array([1.5]))[1].round(3)
    array([0.333, 1.   ])
    """
    times = np.concatenate([gaps_days, open_gaps_days])
    ended = np.concatenate([np.ones(len(gaps_days)), np.zeros(len(open_gaps_days))])
    days, inverse = np.unique(times, return_inverse=True)
    ends = np.bincount(inverse, weights=ended)
    at_risk = len(times) - np.concatenate([[0.0], np.cumsum(np.bincount(inverse))[:-1]])
    staying = np.cumprod(1 - ends / at_risk)
    kept = ends > 0
    back: Floats = 1 - staying[kept]
    return days[kept], back


def _at(days: Floats, returned: Floats, day: float) -> float:
    before = int(np.searchsorted(days, day, side="right"))
    return float(returned[before - 1]) if before else 0.0


def _sentence(days: int, returned: float, late: float, *, shortened: bool) -> Message:
    text = (
        gettext_noop(
            "No order for {days} days: of customers who come back, {returned} are back by then; of those silent "
            "that long, {late} still come back later. The history is too short for more days."
        )
        if shortened
        else gettext_noop(
            "No order for {days} days: of customers who come back, {returned} are back by then; of those silent "
            "that long, {late} still come back later."
        )
    )
    return Message(text, {"days": days, "returned": f"{returned:.0%}", "late": f"{late:.0%}"})
