"""How long every customer stayed, read from the lake: joining, leaving, and the groups they belong to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.lake import tenures as lake_tenures
from harken.lake.facts import DAY_US, UNDATED_US, align
from harken.learn.survival import Column, Tenures, departures_by_silence, tenures
from harken.usecases.analyzing.context import Context, OutcomeSource
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_CUSTOMERS = 100
LEAST_LEFT = 30
EARLY_DAYS = 90

JOINED = Message(gettext_noop("from the day of joining"))
FIRST_SIGNAL = Message(gettext_noop("from the first known event"))
FIRST_ORDER = Message(gettext_noop("from the first order"))


@dataclass(frozen=True, slots=True)
class Stays:
    """Customers in the order of `customer_id` (n,) with their tenures in days.

    `duration`, `left`, `entry` as `learn.survival.tenures` takes them; `until` (n,) is each one's tenure today,
    left or not. `counted_from` says where tenure starts; `late` customers joined before departures were recorded.
    `notes` say who is left out.
    """

    customer_id: Ints
    duration: Floats
    left: NDArray[np.bool_]
    entry: Floats
    until: Floats
    counted_from: Message
    notes: tuple[Message, ...]

    @property
    def seen(self) -> Tenures:
        """The tenures that curves are made of."""
        return tenures(self.duration, self.left, self.entry)


def stays(context: Context, source: OutcomeSource) -> Stays:
    """Joining and leaving of every customer who ever was.

    Raises NotEnoughData where leaving has no date, or the wanted event has one and leaving is its absence, and
    where too few customers remain.
    """
    choice, now_us = source.choice, context.plan.as_of_us
    if choice.kind == "snapshot" or now_us is None:
        raise NotEnoughData(
            Message(gettext_noop("The outcome has no date: how long customers stayed is not known.")),
            Message(gettext_noop("Map the date on which customers left.")),
        )
    if choice.kind == "event" and choice.good:
        raise NotEnoughData(
            Message(gettext_noop("Leaving means that {name} does not happen: that has no date."),
                    {"name": choice.name}),
            Message(gettext_noop("Map the event by which customers leave.")),
        )  # fmt: skip
    found = _by_silence(source, now_us) if choice.kind == "no_order" else _by_event(context, source, now_us)
    left = int(found.seen.left.sum())
    if len(found.seen.duration) < LEAST_CUSTOMERS or left < LEAST_LEFT:
        raise NotEnoughData(
            Message(
                gettext_noop("{left} of {customers} customers whose joining is known left: too few for curves."),
                {"left": left, "customers": len(found.seen.duration)},
            ),
            Message(gettext_noop("Map the date on which customers joined.")),
        )
    return found


def _by_silence(source: OutcomeSource, now_us: int) -> Stays:
    assert source.order_ids is not None
    assert source.order_days is not None
    assert source.choice.horizon_days is not None
    silent, today = source.choice.horizon_days, int(now_us // DAY_US)
    people, start, seen = departures_by_silence(
        source.order_ids, source.order_days, silent_days=silent, until_day=today
    )
    kept, notes = _known_start(start - source.order_days.min(initial=today), silent, seen.left)
    return Stays(
        people[kept],
        seen.duration[kept],
        seen.left[kept],
        np.zeros(int(kept.sum())),
        (today - start[kept]).astype(np.float64),
        FIRST_ORDER,
        notes,
    )


def _by_event(context: Context, source: OutcomeSource, now_us: int) -> Stays:
    assert source.rows is not None
    rows, good = source.rows, source.choice.good
    ids, joined, first = lake_tenures.beginnings(context.connection, now_us)
    declared = joined != UNDATED_US
    start_us = np.where(declared, joined, first)
    gone = ((rows.value > 0) != good) & (rows.ts_us != UNDATED_US) & (rows.ts_us < now_us)
    who, when = rows.customer_id[gone], rows.ts_us[gone]
    earliest = np.r_[True, who[1:] != who[:-1]] if len(who) else np.zeros(0, bool)
    left_us = align(ids, who[earliest], when[earliest].astype(np.float64), np.nan)
    left = np.isfinite(left_us)
    begin_us = _recorded_from(context, when)
    kept = (start_us != UNDATED_US) & (start_us < now_us)
    notes: tuple[Message, ...] = ()
    if not declared.any() and context.span.first_us is not None:
        known, notes = _known_start((start_us - context.span.first_us) // DAY_US, EARLY_DAYS, left & kept)
        kept &= known
    backwards = left & (left_us < start_us)
    if backwards[kept].any():
        text = gettext_noop("{count} customers left before they joined, by their dates, and are left out.")
        notes = (*notes, Message(text, {"count": int(backwards[kept].sum())}))
    kept &= ~backwards
    start = start_us[kept].astype(np.float64)
    until = (now_us - start) / DAY_US
    duration = np.where(left[kept], (left_us[kept] - start) / DAY_US, until)
    counted = JOINED if 2 * int(declared[kept].sum()) >= int(kept.sum()) else FIRST_SIGNAL
    return Stays(ids[kept], duration, left[kept], (begin_us - start) / DAY_US, until, counted, notes)


def _recorded_from(context: Context, left_us: Ints) -> float:
    """Since when departures are recorded: the usual gap between two before the first, not before the data begin."""
    assert context.span.first_us is not None
    if len(left_us) < 2:
        return float(context.span.first_us)
    usual = float(left_us.max() - left_us.min()) / (len(left_us) - 1)
    return max(float(left_us.min()) - usual, float(context.span.first_us))


def _known_start(
    after_days: Ints, early_days: int, left: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], tuple[Message, ...]]:
    """Whose first event is their beginning: those right at the start of the records may be older customers."""
    known = after_days >= early_days
    early = int((~known).sum())
    if int(known.sum()) >= LEAST_CUSTOMERS and int((left & known).sum()) >= LEAST_LEFT:
        if not early:
            return known, ()
        text = gettext_noop(
            "{count} customers with their first event in the first {days} days of the records are left out: they "
            "may have been customers before."
        )
        return known, (Message(text, {"count": early, "days": early_days}),)
    text = gettext_noop("Tenure counts from the first event in the records: customers may be older than it shows.")
    return np.ones(len(known), dtype=np.bool_), (Message(text),)


def divisions(context: Context, customer_id: Ints, names: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns named, for customers who left too, in the order of `names`."""
    found: dict[str, Column] = {}
    for block in context.catalogue.blocks:
        planned = [one for one in block.planned if one.recipe.form == "category" and one.feature.name in names]
        if not planned or block.rows not in ("people", "snapshot"):
            continue
        source = None if block.rows == "people" else block.name
        levels = [(one.recipe.key, one.feature.levels) for one in planned]
        columns = lake_tenures.groups(context.connection, customer_id, source, levels, context.plan.as_of_us)
        for one, codes in zip(planned, columns, strict=True):
            label = one.feature.label
            found[one.feature.name] = Column(one.feature.name, label, codes, one.feature.levels)
    return tuple(found[name] for name in names if name in found)
