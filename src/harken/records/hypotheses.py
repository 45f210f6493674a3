"""Hypotheses, verdicts, outside sources and decisions for use cases: plain values in, plain values out.

Messages are stored encoded: this module keeps them as it is given them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from harken.records.connection import connect


@dataclass(frozen=True, slots=True)
class Belief:
    """What a person decides about a hypothesis: its words, what it is about, which data it needs and from whom."""

    statement: str
    kind: str = ""
    subject: str = ""
    level: str = ""
    side: str = "either"
    needed: str = ""
    asked: str = ""
    due: date | None = None


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """One verdict as it is kept; `claim`, `what`, `reason` and `sources` encoded."""

    made: datetime
    run_id: str
    as_of: date | None
    claim: Mapping[str, str]
    outcome: str
    evidence: str = ""
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    n: int | None = None
    unit: str = ""
    p_adjusted: float | None = None
    could_show: float | None = None
    together: int = 0
    what: Any = None
    reason: Any = None
    sources: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outside:
    """A study or record outside Harken, as it is cited; `agrees` tells whether it says so or the opposite."""

    id: int
    citation: str
    year: int
    n: int | None
    agrees: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision: its words, the day, by whom, and the verdict on the hypothesis as it stood then ("" unjudged)."""

    id: int
    text: str
    decided: date
    decided_by: str
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class StoredHypothesis:
    """A hypothesis with what is known of it; verdicts and decisions newest first."""

    id: int
    belief: Belief
    asked_on: date | None
    made: datetime
    made_by: str
    retired: datetime | None
    verdicts: tuple[StoredVerdict, ...]
    outside: tuple[Outside, ...]
    decisions: tuple[Decided, ...]


def hypotheses(root: Path, *, number: int | None = None, active: bool = False) -> tuple[StoredHypothesis, ...]:
    """All hypotheses in the order they were written down, or the active ones, with their newest verdicts alone.

    The one of a number comes with its whole history. Four queries.
    """
    connect(root)
    from django.db.models import Prefetch

    from harken.records.models import DecisionGround, Hypothesis, OutsideSource, Verdict

    found = Hypothesis.objects.select_related("made_by").order_by("made", "pk")
    verdicts = Verdict.objects.order_by("-made", "-pk")
    if number is not None:
        found = found.filter(pk=number)
    else:
        verdicts = _newest()
    if active:
        found = found.filter(retired=None)
    grounds = DecisionGround.objects.select_related("decision", "verdict").order_by("-decision__decided", "-pk")
    complete = found.prefetch_related(
        Prefetch("verdicts", verdicts),
        Prefetch("outside_sources", OutsideSource.objects.order_by("year", "pk")),
        Prefetch("grounds", grounds),
    )
    return tuple(_stored(one) for one in complete)


def add_hypothesis(root: Path, belief: Belief, *, by: str, now: datetime, asked_on: date | None) -> int:
    """Keep a new hypothesis; its number."""
    connect(root)
    from harken.records.models import Hypothesis

    made = Hypothesis.objects.create(**_fields(belief), asked_on=asked_on, made=now, made_by=_user(by))
    return int(made.pk)


def change_hypothesis(root: Path, number: int, belief: Belief, *, asked_on: date | None) -> bool:
    """Replace what was decided about a hypothesis; its verdicts stay, each with the claim it is about."""
    connect(root)
    from harken.records.models import Hypothesis

    return bool(Hypothesis.objects.filter(pk=number).update(**_fields(belief), asked_on=asked_on))


def retire_hypothesis(root: Path, number: int, moment: datetime | None) -> bool:
    """Judge a hypothesis no more, or (None) again."""
    connect(root)
    from harken.records.models import Hypothesis

    return bool(Hypothesis.objects.filter(pk=number).update(retired=moment))


def add_verdicts(root: Path, verdicts: Mapping[int, StoredVerdict]) -> int:
    """Add a verdict to each hypothesis named, unless its newest one says the same of the same run; how many.

    Verdicts are only ever added: those of earlier analyses stay as they were. That more or fewer hypotheses were
    tested together is no news as long as what came of it is the same.
    """
    connect(root)
    from django.db import transaction

    from harken.records.models import Hypothesis, Verdict

    with transaction.atomic():
        known = list(Hypothesis.objects.select_for_update().filter(pk__in=list(verdicts)).order_by("pk"))
        newest = {row.hypothesis_id: _verdict(row) for row in _newest().filter(hypothesis__in=known)}
        fresh = [
            Verdict(hypothesis=one, **_columns(verdicts[one.pk]))
            for one in known
            if one.pk not in newest or not _same(newest[one.pk], verdicts[one.pk])
        ]
        Verdict.objects.bulk_create(fresh, batch_size=500)
    return len(fresh)


def _newest() -> Any:
    """The newest verdict on each hypothesis, as a query."""
    from django.db.models import OuterRef, Subquery

    from harken.records.models import Verdict

    verdicts = Verdict.objects.order_by("-made", "-pk")
    own = verdicts.filter(hypothesis=OuterRef("hypothesis")).values("pk")[:1]
    return verdicts.filter(pk=Subquery(own))


def _columns(verdict: StoredVerdict) -> dict[str, Any]:
    return {name: getattr(verdict, name) for name in StoredVerdict.__dataclass_fields__}


def _same(first: StoredVerdict, second: StoredVerdict) -> bool:
    one, other = _columns(first), _columns(second)
    return all(one[name] == other[name] for name in one if name not in ("made", "p_adjusted", "together"))


def add_outside_source(root: Path, number: int, source: Outside, *, by: str, now: datetime) -> None:
    """Keep what a source outside Harken says of a hypothesis; its `id` is given by the records."""
    connect(root)
    from harken.records.models import OutsideSource

    OutsideSource.objects.create(
        hypothesis_id=number,
        citation=source.citation,
        year=source.year,
        n=source.n,
        agrees=source.agrees,
        made=now,
        made_by=_user(by),
    )


def remove_outside_source(root: Path, number: int, source_id: int) -> bool:
    """Forget an outside source that was entered by mistake."""
    connect(root)
    from harken.records.models import OutsideSource

    removed, _ = OutsideSource.objects.filter(hypothesis_id=number, pk=source_id).delete()
    return bool(removed)


def add_decision(
    root: Path, numbers: Sequence[int], *, text: str, decided: date, decided_by: str, by: str, now: datetime
) -> int:
    """Keep a decision with the hypotheses that informed it and their newest verdicts; its number."""
    connect(root)
    from django.db import transaction

    from harken.records.models import Decision, DecisionGround

    with transaction.atomic():
        made = Decision.objects.create(
            text=text, decided=decided, decided_by=decided_by, made=now, made_by=_user(by)
        )
        newest = {row.hypothesis_id: row for row in _newest().filter(hypothesis_id__in=list(numbers))}
        DecisionGround.objects.bulk_create(
            DecisionGround(decision=made, hypothesis_id=number, verdict=newest.get(number)) for number in numbers
        )
    return int(made.pk)


def remove_since(root: Path, moment: datetime) -> None:
    """Forget every hypothesis, verdict, outside source and decision made at a moment or later."""
    connect(root)
    from harken.records.models import Decision, Hypothesis, OutsideSource, Verdict

    for model in (Decision, OutsideSource, Verdict, Hypothesis):
        model.objects.filter(made__gte=moment).delete()


def _user(username: str) -> Any:
    from harken.records.models import User

    return User.objects.filter(username=username).first() if username else None


def _fields(belief: Belief) -> dict[str, Any]:
    return {name: getattr(belief, name) for name in Belief.__dataclass_fields__}


def _stored(row: Any) -> StoredHypothesis:
    return StoredHypothesis(
        id=row.pk,
        belief=Belief(**{name: getattr(row, name) for name in Belief.__dataclass_fields__}),
        asked_on=row.asked_on,
        made=row.made,
        made_by=str(row.made_by or ""),
        retired=row.retired,
        verdicts=tuple(_verdict(one) for one in row.verdicts.all()),
        outside=tuple(
            Outside(one.pk, one.citation, one.year, one.n, one.agrees) for one in row.outside_sources.all()
        ),
        decisions=tuple(
            Decided(
                one.decision_id,
                one.decision.text,
                one.decision.decided,
                one.decision.decided_by,
                "" if one.verdict is None else one.verdict.outcome,
            )
            for one in row.grounds.all()
        ),
    )


def _verdict(row: Any) -> StoredVerdict:
    return StoredVerdict(**{name: getattr(row, name) for name in StoredVerdict.__dataclass_fields__})
