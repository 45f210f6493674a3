"""Did handing customers over help? Those contacted against those left alone, once what came of them is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from harken.lake.facts import DAY_US
from harken.lake.log import Lake
from harken.lake.outcomes_of import order_days_of, outcomes_of
from harken.records import hand_overs
from harken.records.hand_overs import Handed, HandedList
from harken.usecases.analyzing.labels import Labels, OutcomeRows, label, label_silence
from harken.usecases.analyzing.plan import OutcomeChoice, local_midnight_us
from harken.usecases.runs import NotRun, Run
from harken.usecases.workspaces import Workspace
from harken.vocabulary.messages import Message, gettext_noop

if TYPE_CHECKING:
    from harken.learn.impact import Evaluation

POINTS_WORTH_SEEING = 10
HELD_OUT_SHARE = 0.1
ENOUGH_FOR_UPLIFT = 200


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the comparison: how many `customers` are judged, and how many of them `stayed`."""

    customers: int
    stayed: int

    @property
    def share(self) -> float:
        """The part that stayed, 0 to 1."""
        return self.stayed / self.customers if self.customers else 0.0


@dataclass(frozen=True, slots=True)
class HandedEffect:
    """What handing over did to staying, or why that is not known yet.

    `evaluation` is None while nothing can be said; `words` say the finding, or the reason. `handed` and `alone` are
    the two sides, None where nothing was counted. `meaning` is what leaving means, `horizon_days` within how long;
    `not_judged` customers were gone before or had no decision due. `hand_overs` count those put together.
    """

    words: Message
    evaluation: Evaluation | None = None
    handed: Side | None = None
    alone: Side | None = None
    meaning: Message | None = None
    horizon_days: int | None = None
    not_judged: int = 0
    hand_overs: int = 1


def handed_effect(workspace: Workspace, run: Run | None, about: HandedList) -> HandedEffect:
    """What one hand-over did, by those left alone; `run` is the newest analysis.

    Whoever was handed over counts as such, reached or not: that is what the lot decided. The chance of leaving that
    was forecast then takes noise away.
    """
    choice, until_us, reason = _known(workspace, run)
    if reason is not None or choice is None or choice.horizon_days is None:
        return HandedEffect(reason or _no_date())
    if not about.held_out:
        text = gettext_noop("Nobody of this list was left alone, so what handing over did will not be known.")
        return HandedEffect(Message(text))
    end = about.made + timedelta(days=choice.horizon_days)
    missing_us = _microseconds(end) - until_us
    if missing_us > 0:
        text = gettext_noop(
            "Not known yet: what came of these customers is known when the data reach {day}, {days} days on."
        )
        local = end.astimezone(ZoneInfo(workspace.settings.time_zone)).date()
        return HandedEffect(
            Message(text, {"day": local, "days": math.ceil(missing_us / DAY_US)}), horizon_days=choice.horizon_days
        )
    return _measured(workspace, run, choice, (about,))


def all_handed_effect(workspace: Workspace, run: Run | None, lists: Sequence[HandedList]) -> HandedEffect | None:
    """What all hand-overs with known outcome did together, each customer once, by the first; None without any."""
    choice, until_us, _ = _known(workspace, run)
    if choice is None or choice.horizon_days is None:
        return None
    horizon = timedelta(days=choice.horizon_days)
    ready = [each for each in lists if each.held_out and _microseconds(each.made + horizon) <= until_us]
    if not ready:
        return None
    return _measured(workspace, run, choice, tuple(sorted(ready, key=lambda each: each.made)))


def alone_so_far(lists: Sequence[HandedList]) -> Message | None:
    """Why the gain of a single customer is unknown: too few left alone; None where nobody was handed over."""
    alone = sum(each.held_out for each in lists)
    if not lists:
        return None
    text = gettext_noop(
        "Who gains more from a contact than others is not known: {alone} customers were left alone so far, of at "
        "least {n} that are needed to tell."
    )
    return Message(text, {"alone": alone, "n": ENOUGH_FOR_UPLIFT}) if alone < ENOUGH_FOR_UPLIFT else None


def _known(workspace: Workspace, run: Run | None) -> tuple[OutcomeChoice | None, int, Message | None]:
    """What leaving means, until when the data tell of it, or why nobody can say."""
    outcome = None if run is None else run.parts.get("outcome")
    if run is None or outcome is None or run.info.as_of is None:
        return None, 0, _no_date()
    if isinstance(outcome, NotRun):
        return None, 0, outcome.reason
    choice: OutcomeChoice = outcome.choice
    if choice.kind == "snapshot" or choice.horizon_days is None:
        return None, 0, _no_date()
    return choice, local_midnight_us(run.info.as_of, workspace.settings.time_zone), None


def _no_date() -> Message:
    return Message(
        gettext_noop("What handing over did cannot be measured: the data do not say on which day somebody left.")
    )


def _measured(
    workspace: Workspace, run: Run | None, choice: OutcomeChoice, lists: tuple[HandedList, ...]
) -> HandedEffect:
    from harken.learn.impact import Given, evaluate

    people: list[Handed] = []
    stayed: list[bool] = []
    not_judged, seen = 0, set[int]()
    chosen = hand_overs.customers_of_lists(workspace.root, [each.id for each in lists])
    for each in lists:
        mine = [one for one in chosen[each.id] if one.customer_id not in seen]
        mine.sort(key=lambda one: one.customer_id)
        seen.update(one.customer_id for one in mine)
        labels = _labels(workspace, choice, [one.customer_id for one in mine], each.made)
        people += [one for one, counted in zip(mine, labels.counted, strict=True) if counted]
        stayed += (~labels.left[labels.counted]).tolist()
        not_judged += int((~labels.counted).sum())
    treated = np.array([not one.held_out for one in people], dtype=np.bool_)
    outcome = np.array(stayed, dtype=np.float64)
    sides = [Side(int(side.sum()), int(outcome[side].sum())) for side in (treated, ~treated)]
    evaluation = evaluate(Given(outcome=outcome, treated=treated, randomised=True, before=_risk(people)))
    words = evaluation.headline
    if evaluation.refused:
        words = _too_few(sides) or words
    part = None if run is None else run.parts.get("outcome")
    return HandedEffect(
        words=words,
        evaluation=None if evaluation.refused else evaluation,
        handed=sides[0],
        alone=sides[1],
        meaning=getattr(part, "sentence", None),
        horizon_days=choice.horizon_days,
        not_judged=not_judged,
        hand_overs=len(lists),
    )


def _risk(people: list[Handed]) -> NDArray[np.float64] | None:
    """The chance of leaving that was forecast when they were handed over; None where none is known."""
    risk = np.array([np.nan if one.risk is None else one.risk for one in people], dtype=np.float64)
    known = np.isfinite(risk)
    return np.where(known, risk, risk[known].mean()) if known.any() else None


def _labels(workspace: Workspace, choice: OutcomeChoice, ids: list[int], made: datetime) -> Labels:
    """Who of ascending `ids` left within the horizon after the hand-over."""
    pinned, numbers = Lake(workspace.lake_root).pin(), np.array(ids, dtype=np.int64)
    if choice.kind == "no_order":
        assert choice.horizon_days is not None
        day = made.astimezone(ZoneInfo(workspace.settings.time_zone)).date()
        start = (day - datetime(1970, 1, 1).date()).days
        return label_silence(numbers, *order_days_of(pinned, ids), start, choice.horizon_days)
    rows = OutcomeRows(*outcomes_of(pinned, ids, choice.name))
    return label(numbers, rows, choice, _microseconds(made))


def _too_few(sides: list[Side]) -> Message | None:
    """How many customers a list needs for an effect worth seeing, where there are too few to say anything."""
    if min(side.customers for side in sides) >= 10:
        return None
    customers = sum(side.customers for side in sides)
    rate = min(max(sum(side.stayed for side in sides) / max(customers, 1), 0.05), 0.95)
    spread = rate * (1 - rate) * (1 / HELD_OUT_SHARE + 1 / (1 - HELD_OUT_SHARE))
    needed = math.ceil(spread * (2.8 / (POINTS_WORTH_SEEING / 100)) ** 2 / 10) * 10
    text = gettext_noop(
        "Too few to say: {alone} left alone and {handed} handed over are judged. A difference of {points} "
        "percentage points would be seen with about {n} customers, over several lists."
    )
    values = {"alone": sides[1].customers, "handed": sides[0].customers, "points": POINTS_WORTH_SEEING, "n": needed}
    return Message(text, values)


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
