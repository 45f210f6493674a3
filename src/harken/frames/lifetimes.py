"""How long customers stay and what they will bring, on a data frame."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from harken.frames.reading import Frame, reading
from harken.learn.lifetime_value import RepeatValue
from harken.learn.lifetime_value import repeat_value as expected_of_purchases
from harken.learn.survival import Column, Survival, tenures
from harken.learn.survival import how_long as curves
from harken.vocabulary.messages import Message, gettext_noop


def how_long(
    frame: Frame, days: str, left: str, *, by: Sequence[str] = (), seen_from: str | None = None
) -> Survival:
    """How long customers stay: the share still there after so many days, for all and for the groups of columns.

    One row per customer: `days` from joining until they left or were last known, `left` true where they left,
    `seen_from` the days from joining on at which they came into the records (late, where records begin later: else
    those who left before would be missing and all would seem to stay longer). Groups are compared by the log-rank
    test over all columns together.

    >>> rng = np.random.default_rng(2)
    >>> plan = rng.choice(["monthly", "yearly"], 2000)
    >>> stay = rng.exponential(np.where(plan == "yearly", 900, 300))
    >>> base = {"days": np.minimum(stay, 500), "left": stay < 500, "plan": plan}
    >>> found = how_long(base, "days", "left", by=["plan"])
    >>> found.by_column[0].adjusted_p < 0.001
    True
    """
    with reading(frame) as columns:
        duration, gone = columns.numbers(days), columns.flags(left)
        entry = None if seen_from is None else columns.numbers(seen_from)
        cut = []
        for name in by:
            codes, levels = columns.levels(name)
            cut.append(Column(name, Message(gettext_noop("{name}"), {"name": name}), codes, levels))
    return curves(tenures(duration, gone, entry), cut, counted_from=Message(gettext_noop("joining")))


def repeat_value(
    frame: Frame,
    customer: str,
    day: str,
    amount: str,
    *,
    until: date,
    margin: float = 1.0,
    discount: float = 0.1,
) -> RepeatValue:
    """What everybody who bought will bring within one and three years, where buying follows no contract.

    One row per purchase; days before `until` count; `discount` is a year's. The last part of the records is held
    out first, and where the forecast missed it by more than half none is given. Method: BG/NBD (Fader, Hardie and
    Lee 2005) and gamma-gamma (Fader and Hardie 2013). Raises NotEnoughData where the data do not carry it.
    """
    with reading(frame) as columns:
        who, days, money = columns.identities(customer), columns.days(day), columns.numbers(amount)
    known = ~np.isnat(days) & ~np.isnan(money)
    number = days[known].astype(np.int64)
    keys, place = np.unique(np.column_stack([who[known], number]), axis=0, return_inverse=True)
    total = np.zeros(len(keys))
    np.add.at(total, place.ravel(), money[known])
    last = int(np.datetime64(until, "D").astype(np.int64))
    return expected_of_purchases(keys[:, 0], keys[:, 1], total, until_day=last, margin=margin, discount=discount)
