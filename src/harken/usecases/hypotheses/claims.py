"""What a hypothesis is about: what can be chosen from an analysis, and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harken.learn.hypotheses import Side
from harken.usecases.families import label as family_label
from harken.usecases.runs import NotRun
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop

LEAVING = "leaving"
LEVER = "lever"
SCORE = "score"
SEGMENT_LEAVING = "segment-leaving"
SEGMENT_SCORE = "segment-score"
CHANGE = "change"
KINDS = (LEAVING, LEVER, SCORE, SEGMENT_LEAVING, SEGMENT_SCORE, CHANGE)
ABOUT_FAMILIES = (LEAVING, SCORE)

GROUPS = {
    LEAVING: Message(gettext_noop("A driver family and leaving")),
    SCORE: Message(gettext_noop("A driver family and the score")),
    LEVER: Message(gettext_noop("One measure and leaving")),
    SEGMENT_LEAVING: Message(gettext_noop("A segment and leaving")),
    SEGMENT_SCORE: Message(gettext_noop("A segment and the score")),
    CHANGE: Message(gettext_noop("A change of a score")),
}

SIDES = {
    Side.MORE: Message(gettext_noop("the more of it, the more (leaving, score)")),
    Side.LESS: Message(gettext_noop("the more of it, the less (leaving, score)")),
    Side.EITHER: Message(gettext_noop("it makes a difference, either way")),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """What is held against an analysis. `kind` is "" where nothing testable is named.

    `subject` is a driver family, a column or a question; `level` the segment's value of a column; `side` what is
    expected of the effect when there is more of the subject (in a segment: beside the rest; of a change: later).
    """

    kind: str = ""
    subject: str = ""
    level: str = ""
    side: Side = Side.EITHER

    @property
    def key(self) -> str:
        """How forms and commands name what it is about, without the side.

        >>> Claim("segment-score", "plan", "Gold").key
        'segment-score:plan=Gold'
        """
        if not self.kind:
            return ""
        return f"{self.kind}:{self.subject}" + (f"={self.level}" if self.kind.startswith("segment") else "")


def read_claim(key: str, side: str) -> Claim:
    """The claim that a form or a command names; raises SettingsError for one that is none.

    >>> read_claim("leaving:waiting", "more").subject
    'waiting'
    """
    if side not in set(Side):
        raise SettingsError(Message(gettext_noop("{value} is not more, less or either."), {"value": side[:80]}))
    if not key:
        return Claim()
    kind, _, subject = key.partition(":")
    level = ""
    if kind.startswith("segment"):
        subject, _, level = subject.partition("=")
    if kind not in KINDS or not subject or (kind.startswith("segment") and not level):
        raise SettingsError(
            Message(gettext_noop("{value} is nothing a hypothesis can be about."), {"value": key[:80]}),
            Message(gettext_noop("Such as leaving:waiting, score:billing or segment-leaving:plan=Gold.")),
        )
    return Claim(kind, subject[:200], level[:200], Side(side))


def said(claim: Claim, parts: Mapping[str, Any] | None = None) -> Message:
    """What a claim holds, as one sentence; measures by their labels where the analysis knows them."""
    if not claim.kind:
        return Message(gettext_noop("Not bound to anything that is measured."))
    texts = _SEGMENT_WORDS if claim.kind.startswith("segment") else _WORDS
    text = texts[(claim.kind, claim.side)]
    return Message(text, {"subject": subject_label(claim, parts), "level": claim.level})


_WORDS = {
    (LEAVING, Side.MORE): gettext_noop("{subject}: the more of it, the more customers leave."),
    (LEAVING, Side.LESS): gettext_noop("{subject}: the more of it, the fewer customers leave."),
    (LEAVING, Side.EITHER): gettext_noop("{subject}: it goes with leaving."),
    (LEVER, Side.MORE): gettext_noop("{subject}: the more of it, the more customers leave."),
    (LEVER, Side.LESS): gettext_noop("{subject}: the more of it, the fewer customers leave."),
    (LEVER, Side.EITHER): gettext_noop("{subject}: it goes with leaving."),
    (SCORE, Side.MORE): gettext_noop("{subject}: the more of it, the higher the score."),
    (SCORE, Side.LESS): gettext_noop("{subject}: the more of it, the lower the score."),
    (SCORE, Side.EITHER): gettext_noop("{subject}: it goes with the score."),
    (CHANGE, Side.MORE): gettext_noop("{subject}: the score rose from the period before to the last one."),
    (CHANGE, Side.LESS): gettext_noop("{subject}: the score fell from the period before to the last one."),
    (CHANGE, Side.EITHER): gettext_noop("{subject}: the score changed from the period before to the last one."),
}
_SEGMENT_WORDS = {
    (SEGMENT_LEAVING, Side.MORE): gettext_noop("{subject} {level}: more of them leave than of the rest."),
    (SEGMENT_LEAVING, Side.LESS): gettext_noop("{subject} {level}: fewer of them leave than of the rest."),
    (SEGMENT_LEAVING, Side.EITHER): gettext_noop("{subject} {level}: they leave more or less than the rest."),
    (SEGMENT_SCORE, Side.MORE): gettext_noop("{subject} {level}: their score is higher than that of the rest."),
    (SEGMENT_SCORE, Side.LESS): gettext_noop("{subject} {level}: their score is lower than that of the rest."),
    (SEGMENT_SCORE, Side.EITHER): gettext_noop("{subject} {level}: their score differs from that of the rest."),
}


def subject_label(claim: Claim, parts: Mapping[str, Any] | None) -> Message | str:
    """What the subject is called: families and measures by their labels, columns and questions by their names."""
    if claim.kind in ABOUT_FAMILIES:
        return family_label(claim.subject)
    features = () if parts is None else getattr(parts.get("inventory"), "features", ())
    return next((feature.label for feature in features if feature.name == claim.subject), claim.subject)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a hypothesis can be about; `key` names it in forms and commands."""

    key: str
    label: Message | str


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Things of one kind that a hypothesis can be about."""

    kind: str
    label: Message
    choices: tuple[Choice, ...]


def choices(parts: Mapping[str, Any]) -> tuple[ChoiceGroup, ...]:
    """Everything of an analysis that a hypothesis can be about, by kind; kinds without any left out."""
    found = {
        LEAVING: _families(parts, "drivers", LEAVING),
        SCORE: _families(parts, "score_drivers", SCORE),
        LEVER: [Choice(Claim(LEVER, one.column).key, one.label) for one in held(parts, "levers", "levers")],
        SEGMENT_LEAVING: [
            _segment(SEGMENT_LEAVING, one, level.label)
            for one in held(parts, "segments", "divisions")
            for level in one.levels
        ],
        SEGMENT_SCORE: [
            _segment(SEGMENT_SCORE, one, level)
            for one in held(parts, "scores", "segments")
            for level in one.scores.raw.labels
        ],
        CHANGE: _changes(parts),
    }
    return tuple(ChoiceGroup(kind, GROUPS[kind], tuple(own)) for kind, own in found.items() if own)


def held(parts: Mapping[str, Any], part: str, name: str) -> Any:
    """A list within a part of a run; empty where the part is missing or could not run."""
    found = parts.get(part)
    return () if found is None or isinstance(found, NotRun) else getattr(found, name)


def _families(parts: Mapping[str, Any], part: str, kind: str) -> list[Choice]:
    return [Choice(Claim(kind, one.family).key, family_label(one.family)) for one in held(parts, part, "families")]


def _segment(kind: str, division: Any, level: str) -> Choice:
    words = Message(gettext_noop("{subject} {level}"), {"subject": division.label, "level": level})
    return Choice(Claim(kind, division.name, level).key, words)


def _changes(parts: Mapping[str, Any]) -> list[Choice]:
    overview: Any = parts.get("scores")
    series = None if overview is None or isinstance(overview, NotRun) else overview.series
    if series is None or not series.changes:
        return []
    name = overview.question.name
    return [Choice(Claim(CHANGE, name).key, name)]
