"""One customer's story: who they are in each source, and everything that was heard of them, newest first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from zoneinfo import ZoneInfo

from harken.lake.log import Lake
from harken.lake.one_customer import Fact, Person, Signal, story
from harken.usecases.runs import utc
from harken.usecases.workspaces import Workspace
from harken.vocabulary.scales import SCALES, Scale

ENTRIES_PER_PAGE = 50
ALWAYS_APART = frozenset({"answer", "contact", "order"})
"""Kinds that are told one by one however many there are: each is something a customer said, asked or bought."""
APART_PER_MONTH = 3
"""Other kinds are told as one entry a month where a month has more of them than this."""
TOUCHPOINTS_NAMED = 3
DETAILS_SHOWN = 6
OUTCOME, JOINED, LEFT, FACTS, HANDED_OVER = "outcome", "joined", "left", "facts", "hand_over"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a timeline: a signal, a month of small ones (`count` above 1), or what else happened.

    `moment` is in UTC, None where undated; `words` are the customer's own, in their language; `scale` is the id of
    the answer's scale and `scale_range` its ends where it is known; waits and durations are seconds; `amount` is in
    `currency`; `name` is an outcome's name or a table's source; `details` are further fields as they came.
    """

    kind: str
    moment: datetime | None
    day: date | None
    source: str = ""
    import_id: int | None = None
    count: int = 1
    words: str | None = None
    name: str | None = None
    value: float | None = None
    programme: str | None = None
    question: str | None = None
    score: float | None = None
    scale: str | None = None
    scale_range: tuple[float, float] | None = None
    band: int | None = None
    quantity: float | None = None
    amount: float | None = None
    currency: str | None = None
    wait_s: float | None = None
    duration_s: float | None = None
    channel: str | None = None
    touchpoints: tuple[str, ...] = ()
    issue: str | None = None
    agent: str | None = None
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """The entries of one month, `first` its first day; None holds what is undated."""

    first: date | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many signals of a kind there are in all."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """One page of a customer's timeline: `shown` signals of `signals` stand on it, in `entries` entries in all."""

    months: tuple[Month, ...]
    kinds: tuple[KindCount, ...]
    shown: int
    signals: int
    entries: int


@dataclass(frozen=True, slots=True)
class CustomerStory:
    """Who a customer is in each source, what their tables say, and a page of their timeline."""

    customer_id: int
    people: tuple[Person, ...]
    facts: tuple[Fact, ...]
    timeline: Timeline

    @property
    def name(self) -> str | None:
        """The first name that a source gives."""
        return next((person.name for person in self.people if person.name), None)

    @property
    def title(self) -> str:
        """What to call the customer on a page."""
        return self.name or self.people[0].native_key


def customer_story(
    workspace: Workspace, customer_id: int, *, kind: str = "", page: int = 1, more: Sequence[Entry] = ()
) -> CustomerStory | None:
    """What the lake holds of a customer, whether or not any run knows them; None where nobody has the id.

    `kind` limits the timeline to one kind, "" shows all; pages of 50 entries count from 1; `more` are entries from
    elsewhere, such as what was handed over.
    """
    lake = Lake(workspace.lake_root)
    held = story(lake.pin(), customer_id)
    if held is None:
        return None
    zone = ZoneInfo(workspace.settings.time_zone)
    signals = [_entry(signal) for signal in held.signals]
    if any(entry.scale is not None and entry.scale not in SCALES for entry in signals):
        own = _own_scales(lake)
        signals = [_on_scale(entry, own) for entry in signals]
    others = [
        Entry(OUTCOME, _utc(row.ts_us), row.day, row.source, row.import_id, name=row.outcome, value=row.value)
        for row in held.outcomes
    ]
    others += [entry for person in held.people for entry in _coming_and_going(person, zone)]
    others += _dated_facts(held.facts, zone)
    everything = [*signals, *others, *more]
    counts = Counter(entry.kind for entry in everything)
    often = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    wanted = [entry for entry in everything if not kind or entry.kind == kind]
    told = sorted(_condensed(wanted), key=_newest_first)
    start = (max(page, 1) - 1) * ENTRIES_PER_PAGE
    shown = told[start : start + ENTRIES_PER_PAGE]
    timeline = Timeline(
        tuple(Month(first, tuple(entries)) for first, entries in groupby(shown, key=_month)),
        tuple(KindCount(name, count) for name, count in often),
        sum(entry.count for entry in shown),
        sum(entry.count for entry in told),
        len(told),
    )
    return CustomerStory(customer_id, held.people, held.facts, timeline)


def _utc(ts_us: int | None) -> datetime | None:
    return None if ts_us is None else utc(ts_us)


def _entry(signal: Signal) -> Entry:
    amount, currency = signal.amount, signal.currency
    if amount is None:
        amount, currency = signal.amount_reporting, None
    return _on_scale(
        Entry(
            signal.kind,
            _utc(signal.ts_us),
            signal.day,
            signal.source,
            signal.import_id,
            words=signal.words,
            programme=signal.programme,
            question=signal.question,
            score=signal.score,
            scale=signal.scale,
            quantity=signal.quantity,
            amount=amount,
            currency=currency,
            wait_s=signal.wait_s,
            duration_s=signal.duration_s,
            channel=signal.channel,
            touchpoints=() if signal.touchpoint is None else (signal.touchpoint,),
            issue=signal.issue,
            agent=signal.agent,
            details=_details(signal.properties),
        ),
        SCALES,
    )


def _details(properties: str | None) -> tuple[tuple[str, str], ...]:
    if not properties:
        return ()
    try:
        fields = json.loads(properties)
    except ValueError:
        return ()
    if not isinstance(fields, dict):
        return ()
    return tuple((str(name), str(value)) for name, value in fields.items() if value is not None)[:DETAILS_SHOWN]


def _own_scales(lake: Lake) -> dict[str, Scale]:
    from harken.usecases.analyzing.context import declared_parts, scales_in

    return scales_in(declared_parts([record.mapping_toml for record in lake.imports() if not record.undone]))


def _on_scale(entry: Entry, scales: dict[str, Scale]) -> Entry:
    scale = scales.get(entry.scale or "")
    if scale is None or entry.score is None:
        return entry
    return replace(entry, scale_range=(scale.minimum, scale.maximum), band=scale.band(entry.score))


def _coming_and_going(person: Person, zone: ZoneInfo) -> Iterable[Entry]:
    for kind, ts_us in ((JOINED, person.joined_us), (LEFT, person.left_us)):
        if ts_us is not None:
            moment = utc(ts_us)
            yield Entry(kind, moment, moment.astimezone(zone).date(), person.source, person.import_id)


def _dated_facts(facts: tuple[Fact, ...], zone: ZoneInfo) -> Iterable[Entry]:
    """When a dated customer table was true; undated ones are no moment of a timeline."""
    for (source, as_of, import_id), own in groupby(facts, key=attrgetter("source", "as_of_us", "import_id")):
        if as_of is not None:
            moment = utc(as_of)
            fields = len(list(own))
            yield Entry(FACTS, moment, moment.astimezone(zone).date(), source, import_id, quantity=float(fields))


def _month(entry: Entry) -> date | None:
    return None if entry.day is None else entry.day.replace(day=1)


def _newest_first(entry: Entry) -> tuple[bool, float, str, str]:
    undated = entry.moment is None
    return undated, 0.0 if entry.moment is None else -entry.moment.timestamp(), entry.kind, repr(entry)


def _condensed(entries: Sequence[Entry]) -> list[Entry]:
    """Entries with those of busy kinds told once a month."""
    per_month = Counter((entry.kind, _month(entry)) for entry in entries)
    busy = {kind for (kind, _), count in per_month.items() if count > APART_PER_MONTH} - ALWAYS_APART
    told = [entry for entry in entries if entry.kind not in busy]
    small = sorted((entry for entry in entries if entry.kind in busy), key=_kind_and_month)
    told += [_one_of(list(own)) for _, own in groupby(small, key=_kind_and_month)]
    return told


def _kind_and_month(entry: Entry) -> tuple[str, str, str]:
    return entry.kind, str(_month(entry)), entry.currency or ""


def _one_of(entries: list[Entry]) -> Entry:
    """Many entries of one kind and month as one: sums, and the places most often touched."""
    if len(entries) == 1:
        return entries[0]
    latest = min(entries, key=_newest_first)
    touched = Counter(point for entry in entries for point in entry.touchpoints)
    often = sorted(touched.items(), key=lambda item: (-item[1], item[0]))[:TOUCHPOINTS_NAMED]
    return Entry(
        latest.kind,
        latest.moment,
        latest.day,
        latest.source,
        max(entry.import_id or 0 for entry in entries) or None,
        count=len(entries),
        quantity=_sum(entry.quantity for entry in entries),
        amount=_sum(entry.amount for entry in entries),
        currency=latest.currency,
        duration_s=_sum(entry.duration_s for entry in entries),
        touchpoints=tuple(point for point, _ in often),
    )


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
