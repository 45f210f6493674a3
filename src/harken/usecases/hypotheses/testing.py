"""Holding a claim against an analysis: which of its estimates answers it, or which data are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from harken.learn.drivers.effects import scaled
from harken.learn.hypotheses import Side, Verdict, Witness, judge, p_from_share, voices
from harken.usecases.hypotheses.claims import (
    CHANGE,
    LEAVING,
    LEVER,
    SCORE,
    SEGMENT_LEAVING,
    SEGMENT_SCORE,
    Claim,
    held,
)
from harken.usecases.runs import NotRun
from harken.vocabulary.estimates import Estimate, Evidence, Interval
from harken.vocabulary.messages import Message, gettext_noop

Parts = Mapping[str, Any]
PERCENTAGE_POINTS, POINTS, PER_CENT, SCALE = "percentage points", "points", "per cent", "scale"
"""Units of an effect; shares are told as per cent, from 0 to 100."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The estimate that answers a claim; positive means more (leaving, score) with more of the subject.

    `what` says what was measured, `undirected` that it can only tell whether, not which way. `told_by` names the
    sources of the outcome, `measured_by` those of the subject.
    """

    estimate: Estimate
    evidence: Evidence
    what: Message
    unit: str
    told_by: frozenset[str]
    measured_by: frozenset[str] = frozenset()
    p: float | None = None
    undirected: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a claim cannot be tested by an analysis."""

    reason: Message


@dataclass(frozen=True, slots=True)
class Finding:
    """What one analysis says of one claim; of a claim that could not be tested only the reason."""

    claim: Claim
    verdict: Verdict
    measured: Measured | None = None
    p_adjusted: float | None = None
    could_show: float | None = None
    together: int = 0
    reason: Message | None = None
    agree: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


def judge_claims(claims: tuple[Claim, ...], parts: Parts) -> tuple[Finding, ...]:
    """The verdict on each claim, all held against one analysis together."""
    found = [_fitting(claim, measure(claim, parts)) for claim in claims]
    nothing = float("nan")
    measured = [one if isinstance(one, Measured) else None for one in found]
    verdicts = judge(
        [nothing if one is None else one.estimate.value for one in measured],
        [nothing if one is None else one.estimate.interval.lower for one in measured],
        [nothing if one is None else one.estimate.interval.upper for one in measured],
        [claim.side for claim in claims],
        p=[nothing if one is None or one.p is None else one.p for one in measured],
    )
    together = sum(one is not None for one in measured)
    findings = []
    for claim, one, judged in zip(claims, found, verdicts, strict=True):
        if isinstance(one, Missing):
            findings.append(Finding(claim, Verdict.CANNOT_BE_TESTED, reason=one.reason))
            continue
        heard = voices(_witnesses(claim, one, judged.verdict, parts))
        could_show = None if one.undirected else judged.could_show
        findings.append(
            Finding(claim, judged.verdict, one, judged.p_adjusted, could_show, together, None,
                    heard.agree, heard.against)
        )  # fmt: skip
    return tuple(findings)


def _fitting(claim: Claim, found: Measured | Missing) -> Measured | Missing:
    if isinstance(found, Missing):
        return found
    if found.estimate.counts_only:
        return Missing(Message(gettext_noop("Only {n} customers tell: too few."), {"n": found.estimate.n}))
    if found.undirected and claim.side is not Side.EITHER:
        return Missing(
            Message(gettext_noop("The analysis can tell whether it makes a difference, not in which direction."))
        )
    return found


def measure(claim: Claim, parts: Parts) -> Measured | Missing:
    """The estimate of an analysis that answers a claim, or why there is none."""
    if not claim.kind:
        return Missing(Message(gettext_noop("It is not bound to anything that is measured.")))
    return _MEASURES[claim.kind](claim, parts)


def _leaving(claim: Claim, parts: Parts) -> Measured | Missing:
    """A family by its main lever, all other families held equal; without one by its share in the ranking."""
    levers = parts.get("levers")
    lever = None if levers is None or isinstance(levers, NotRun) else levers.family(claim.subject)
    if lever is not None and (claim.side is Side.EITHER or lever.part.high_is_unfavourable is not None):
        return _of_lever(lever, parts)
    return _share(claim, parts, "drivers", leaving_told_by(parts))


def _lever(claim: Claim, parts: Parts) -> Measured | Missing:
    found = next((one for one in held(parts, "levers", "levers") if one.column == claim.subject), None)
    if found is not None:
        return _of_lever(found, parts)
    absent = _no_part(parts, "levers")
    if absent is not None:
        return absent
    return Missing(
        Message(gettext_noop("This analysis judged no lever of that name; another measure stands for its family."))
    )


def _of_lever(lever: Any, parts: Parts) -> Measured:
    effect = lever.effect.adjusted
    low_is_bad = lever.part.high_is_unfavourable is False
    estimate = scaled(effect.estimate, 100)
    what = Message(
        gettext_noop("{measure}, {part}: leaving beside like customers"),
        {"measure": lever.label, "part": lever.part.words},
    )
    if low_is_bad:  # the effect of little of it, told as one of much of it
        estimate = _flipped(estimate)
        what = Message(
            gettext_noop("{measure}, more than that ({part}): leaving beside like customers"),
            {"measure": lever.label, "part": lever.part.words},
        )
    return Measured(
        estimate,
        effect.evidence,
        what,
        PERCENTAGE_POINTS,
        leaving_told_by(parts),
        sources_of(parts, {lever.column}),
        undirected=lever.part.high_is_unfavourable is None,
    )


def _score(claim: Claim, parts: Parts) -> Measured | Missing:
    """A family by its share in the ranking; which way, by the score along its lever, all else equal."""
    if claim.side is Side.EITHER:
        return _share(claim, parts, "score_drivers", score_told_by(parts))
    return score_along(claim.subject, parts) or _share(claim, parts, "score_drivers", score_told_by(parts))


def score_along(name: str, parts: Parts) -> Measured | None:
    """How the score differs along a family's (or column's) lever, all else equal; None where nobody told."""
    asked = parts.get("what_if")
    if asked is None or isinstance(asked, NotRun):
        return None
    lever = asked.lever(name)
    if lever is None or lever.score is None or lever.lower_is_better is None or not lever.targets:
        return None
    at = 0 if lever.lower_is_better else len(lever.targets) - 1
    middle = len(lever.targets) // 2 if len(lever.targets) > 2 else at
    change = lever.score.at(middle, lever.score_n or 0)
    estimate = _flipped(change) if lever.lower_is_better else change
    goal = lever.targets[middle]
    words = gettext_noop("{measure}: the score of those above {target}, beside what it would be at {target}")
    if not lever.lower_is_better:
        words = gettext_noop("{measure}: the score at {target}, beside that of those below")
    what = Message(words, {"measure": lever.label, "target": goal})
    evidence = lever.effect.evidence
    return Measured(
        replace(estimate, n=lever.score_n or 0),
        evidence,
        what,
        POINTS,
        score_told_by(parts),
        sources_of(parts, {lever.column}),
    )


def _share(claim: Claim, parts: Parts, part: str, told_by: frozenset[str]) -> Measured | Missing:
    absent = _no_part(parts, part)
    if absent is not None:
        return absent
    row = next((one for one in parts[part].families if one.family == claim.subject), None)
    if row is None:
        pooled = any(claim.subject in one.members for one in parts[part].families)
        weak = gettext_noop("The family is too weak to be ranked on its own: it is among the others.")
        none = gettext_noop("No data of this driver family are held.")
        return Missing(Message(weak if pooled else none))
    return Measured(
        scaled(row.r2, 100),
        Evidence.ASSOCIATIONAL,
        Message(gettext_noop("share of all variation that goes with it")),
        PER_CENT,
        told_by,
        sources_of(parts, set(row.columns)),
        p=p_from_share(row.r2.value, row.r2.interval.lower, row.r2.interval.upper),
        undirected=True,
    )


def _segment_leaving(claim: Claim, parts: Parts) -> Measured | Missing:
    absent = _no_part(parts, "segments")
    if absent is not None:
        return absent
    for division in parts["segments"].divisions:
        for level in division.levels:
            if (division.name, level.label) == (claim.subject, claim.level):
                return Measured(
                    scaled(level.leaving.difference, 100),
                    Evidence.ASSOCIATIONAL,
                    Message(gettext_noop("leaving, beside all others")),
                    PERCENTAGE_POINTS,
                    leaving_told_by(parts),
                    sources_of(parts, {claim.subject}),
                )
    return Missing(_no_segment(claim))


def _segment_score(claim: Claim, parts: Parts) -> Measured | Missing:
    absent = _no_part(parts, "scores")
    if absent is not None:
        return absent
    for division in parts["scores"].segments:
        scores = division.scores
        if division.name != claim.subject or claim.level not in scores.raw.labels:
            continue
        at, rest = scores.raw.labels.index(claim.level), scores.against_rest
        value, lower, upper = rest.values[at], rest.lower[at], rest.upper[at]
        n = int(scores.raw.n[at])
        if value is None or lower is None or upper is None:
            return Missing(Message(gettext_noop("Only {n} customers tell: too few."), {"n": n}))
        return Measured(
            Estimate(value, Interval(min(lower, value), max(upper, value)), n, "scores.against_rest"),
            Evidence.ASSOCIATIONAL,
            Message(gettext_noop("score, beside all others")),
            _score_unit(scores.unit),
            score_told_by(parts),
            sources_of(parts, {claim.subject}),
            p=rest.p[at],
        )
    return Missing(_no_segment(claim))


def _no_segment(claim: Claim) -> Message:
    text = gettext_noop("This analysis compares no customers whose {column} is {level}.")
    return Message(text, {"column": claim.subject, "level": claim.level})


def _change(claim: Claim, parts: Parts) -> Measured | Missing:
    absent = _no_part(parts, "scores")
    if absent is not None:
        return absent
    overview = parts["scores"]
    if claim.subject not in (overview.question.name, overview.question.question):
        return Missing(
            Message(
                gettext_noop("This analysis follows another question: {name}."), {"name": overview.question.name}
            )
        )
    changes = () if overview.series is None else overview.series.changes
    if not changes or changes[-1].p is None:
        return Missing(Message(gettext_noop("There are no two periods with enough answers to compare.")))
    last = changes[-1]
    interval = last.interval
    return Measured(
        Estimate(
            last.change,
            Interval(min(interval.lower, last.change), max(interval.upper, last.change)),
            last.n_before + last.n_after,
            "scores.change",
        ),
        Evidence.ASSOCIATIONAL,
        Message(
            gettext_noop("score from {before} on, beside the period from {earlier} on"),
            {"before": last.after.start, "earlier": last.before.start},
        ),
        _score_unit(last.unit),
        score_told_by(parts),
        p=last.p,
    )


_MEASURES = {
    LEAVING: _leaving,
    LEVER: _lever,
    SCORE: _score,
    SEGMENT_LEAVING: _segment_leaving,
    SEGMENT_SCORE: _segment_score,
    CHANGE: _change,
}


def _score_unit(unit: str) -> str:
    return {"points": POINTS, "per cent": PERCENTAGE_POINTS}.get(unit, SCALE)


def _flipped(estimate: Estimate) -> Estimate:
    interval = estimate.interval
    return replace(
        estimate, value=-estimate.value, interval=Interval(-interval.upper, -interval.lower, interval.level)
    )


def _no_part(parts: Parts, part: str) -> Missing | None:
    found = parts.get(part)
    if isinstance(found, NotRun):
        return Missing(found.reason)
    if found is None:
        return Missing(Message(gettext_noop("This analysis is older and does not hold what answers it.")))
    return None


def _witnesses(claim: Claim, own: Measured, verdict: Verdict, parts: Parts) -> list[Witness]:
    """The finding itself, and what the other outcome says of the same thing."""
    agrees = {Verdict.SUPPORTED: True, Verdict.CONTRADICTED: False}.get(verdict)
    found = [Witness(own.told_by, agrees)]
    other = beside(claim, parts)
    if isinstance(other, Measured) and not other.estimate.counts_only:
        found.append(Witness(other.told_by, _agrees(claim, own, other)))
    return found


def beside(claim: Claim, parts: Parts) -> Measured | Missing | None:
    """The same question put to the other outcome: leavers about a score, answers about leaving.

    Positive means what a claim of the side "more" about its own outcome would lead to expect.
    """
    if claim.kind in (LEAVING, LEVER):
        found = score_along(claim.subject, parts)
    elif claim.kind == SCORE:
        answer = _leaving(replace(claim, kind=LEAVING), parts)
        found = answer if isinstance(answer, Measured) and not answer.undirected else None
    elif claim.kind in (SEGMENT_LEAVING, SEGMENT_SCORE):
        kind = SEGMENT_SCORE if claim.kind == SEGMENT_LEAVING else SEGMENT_LEAVING
        answer = measure(replace(claim, kind=kind), parts)
        found = answer if isinstance(answer, Measured) else None
    else:
        return None
    if found is None:
        return None
    return replace(found, estimate=_flipped(found.estimate))  # what goes with leaving goes with a lower score


def _agrees(claim: Claim, own: Measured, other: Measured) -> bool | None:
    """Whether the other outcome points the expected way beyond chance; None where it does not tell."""
    if not other.estimate.interval.excludes(0.0):
        return None
    if claim.side is not Side.EITHER:
        return (other.estimate.value > 0) == (claim.side is Side.MORE)
    return own.undirected or (other.estimate.value > 0) == (own.estimate.value > 0)


def leaving_told_by(parts: Parts) -> frozenset[str]:
    """The sources that tell who left."""
    outcome = parts.get("outcome")
    if outcome is None or isinstance(outcome, NotRun):
        return frozenset()
    choice = outcome.choice
    return _sources(parts, "order" if choice.kind == "no_order" else choice.name)


def score_told_by(parts: Parts) -> frozenset[str]:
    """The sources that bring answers."""
    return _sources(parts, "answer")


def _sources(parts: Parts, kind: str) -> frozenset[str]:
    return frozenset(entry.source for entry in held(parts, "inventory", "sources") if entry.kind == kind)


def sources_of(parts: Parts, columns: set[str]) -> frozenset[str]:
    """The sources from which columns were made."""
    named = frozenset[str]()
    every = {entry.source for entry in held(parts, "inventory", "sources")}
    for feature in held(parts, "inventory", "features"):
        if feature.name in columns:
            named |= {feature.source} if feature.source in every else _sources(parts, feature.source)
    return named
