"""The register of hypotheses: written down, judged by each analysis, decided upon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from harken.learn.hypotheses import Side, Verdict, Voices, Witness, voices
from harken.records import hypotheses as records
from harken.records.hypotheses import Belief, Decided, Outside, StoredHypothesis, StoredVerdict
from harken.usecases.encoding import decode, encode
from harken.usecases.hypotheses.claims import Claim, read_claim
from harken.usecases.hypotheses.testing import Finding, judge_claims
from harken.usecases.runs import Run
from harken.usecases.workspaces import Workspace
from harken.vocabulary.errors import Problem, SettingsError
from harken.vocabulary.estimates import Estimate, Evidence, Interval
from harken.vocabulary.messages import Message, gettext_noop

STATEMENT_MOST = 500
YEARS = range(1900, 2200)
NAME_MOST = 150
METHOD = "hypotheses.judge"


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict in the history of a hypothesis.

    `claim` is what was tested then. `estimate` is in `unit`, percentages from 0 to 100; None where nothing could be
    tested, then `reason` says why. `could_show` is the size that would have been found 8 times out of 10,
    `together` counts the hypotheses tested together. `agree` and `against` name the independent sources of that
    analysis; `measured_by` the sources of the subject.
    """

    made: datetime
    run_id: str
    as_of: date | None
    claim: Claim
    verdict: Verdict
    evidence: Evidence | None
    estimate: Estimate | None
    unit: str
    what: Message | None
    p_adjusted: float | None
    could_show: float | None
    together: int
    reason: Message | None
    agree: tuple[str, ...]
    against: tuple[str, ...]
    measured_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What we believe and what came of it.

    `now` is the newest verdict on the claim as it stands, None where none was made yet; `history` holds every
    verdict, newest first (in a register the newest alone). `sources` counts the independent sources, those of the
    newest verdict and those outside together.
    """

    id: int
    statement: str
    claim: Claim
    needed: str
    asked: str
    asked_on: date | None
    due: date | None
    made: datetime
    made_by: str
    retired: datetime | None
    now: Judged | None
    history: tuple[Judged, ...]
    outside: tuple[Outside, ...]
    decisions: tuple[Decided, ...]
    sources: Voices

    @property
    def standing(self) -> str:
        """The verdict by name, "unjudged" where there is none yet."""
        return "unjudged" if self.now is None else str(self.now.verdict)


def register(workspace: Workspace, *, active: bool = False) -> tuple[Hypothesis, ...]:
    """Every hypothesis in the order they were written down, or those not retired."""
    return tuple(_hypothesis(one) for one in records.hypotheses(workspace.root, active=active))


def one_hypothesis(workspace: Workspace, number: int) -> Hypothesis | None:
    """One hypothesis with its history, None where there is none of that number."""
    found = records.hypotheses(workspace.root, number=number)
    return _hypothesis(found[0]) if found else None


def believed_of(workspace: Workspace, family: str, columns: Sequence[str] = ()) -> tuple[Hypothesis, ...]:
    """What is believed of a driver family or of one of its columns, retired ones left out."""
    named = {family, *columns}
    return tuple(one for one in register(workspace, active=True) if one.claim.kind and one.claim.subject in named)


def believe(workspace: Workspace, given: Mapping[str, str], *, by: str, now: datetime, today: date) -> int:
    """Write a hypothesis down; its number.

    `given` holds `statement`, and may hold `about` (such as leaving:waiting), `side`, `needed`, `asked` and `due`
    (a date as text). Raises SettingsError with all problems at once.
    """
    belief = _belief(given)
    return records.add_hypothesis(workspace.root, belief, by=by, now=now, asked_on=today if belief.asked else None)


def rethink(workspace: Workspace, number: int, given: Mapping[str, str], *, today: date) -> None:
    """Change the words of a hypothesis, or what it is about; verdicts on the claim before stay in its history."""
    before = _known(workspace, number)
    belief = _belief(given)
    again = (belief.asked, belief.due) != (before.asked, before.due) and bool(belief.asked)
    asked_on = today if again else before.asked_on if belief.asked else None
    records.change_hypothesis(workspace.root, number, belief, asked_on=asked_on)


def retire(workspace: Workspace, number: int, *, now: datetime | None) -> None:
    """Judge a hypothesis no more; with None, judge it again."""
    _known(workspace, number)
    records.retire_hypothesis(workspace.root, number, now)


def judge_register(workspace: Workspace, run: Run, *, now: datetime) -> int:
    """Hold every hypothesis that is not retired against an analysis of all customers; how many verdicts are new.

    A verdict that says the same of the same analysis is not written twice. An analysis of a segment judges none.
    """
    if run.info.segment is not None:
        return 0
    believed = records.hypotheses(workspace.root, active=True)
    found = judge_claims(tuple(_claim(one.belief) for one in believed), run.parts)
    return records.add_verdicts(
        workspace.root,
        {one.id: _to_store(finding, run, now) for one, finding in zip(believed, found, strict=True)},
    )


def cite(workspace: Workspace, number: int, given: Mapping[str, str], *, by: str, now: datetime) -> None:
    """Note what a source outside Harken says: `citation`, `year`, `agrees` ("yes" or "no"), and `n` where known."""
    _known(workspace, number)
    problems = []
    citation, year, n = _texts(given, "citation", "year", "n")
    if not 3 <= len(citation) <= 300:
        problems.append(Problem(Message(gettext_noop("A source is cited in 3 to 300 letters.")), column="citation"))
    if not (year.isdecimal() and len(year) == 4 and int(year) in YEARS):
        problems.append(Problem(Message(gettext_noop("A year has four digits.")), column="year", value=year[:80]))
    if n and not (n.isdecimal() and 0 < len(n) < 13):
        problems.append(Problem(Message(gettext_noop("n is a whole number.")), column="n", value=n[:80]))
    if given.get("agrees") not in ("yes", "no"):
        problems.append(Problem(Message(gettext_noop("Say whether it agrees: yes or no.")), column="agrees"))
    _refuse(problems, gettext_noop("The source cannot be kept as it is."))
    source = Outside(0, citation, int(year), int(n) if n else None, given["agrees"] == "yes")
    records.add_outside_source(workspace.root, number, source, by=by, now=now)


def forget_source(workspace: Workspace, number: int, source_id: int) -> None:
    """Take an outside source out again that was entered by mistake."""
    if not records.remove_outside_source(workspace.root, number, source_id):
        raise SettingsError(Message(gettext_noop("There is no such source.")))


def decide(
    workspace: Workspace, numbers: Sequence[int], given: Mapping[str, str], *, by: str, now: datetime, today: date
) -> int:
    """Note a decision that hypotheses informed: `text`, `decided_by`, and `decided` (a day as text, else today)."""
    known = {one.id for one in register(workspace)}
    problems = []
    text, person, day = _texts(given, "text", "decided_by", "decided")
    if not 3 <= len(text) <= STATEMENT_MOST:
        words = Message(gettext_noop("A decision is said in 3 to {most} letters."), {"most": STATEMENT_MOST})
        problems.append(Problem(words, column="text"))
    if not 0 < len(person) <= NAME_MOST:
        problems.append(Problem(Message(gettext_noop("Say who decided.")), column="decided_by"))
    decided = _day(day, "decided", problems) if day else today
    if not numbers or not set(numbers) <= known:
        problems.append(
            Problem(Message(gettext_noop("Name the hypotheses that informed it.")), column="hypothesis")
        )
    _refuse(problems, gettext_noop("The decision cannot be kept as it is."))
    return records.add_decision(
        workspace.root, tuple(dict.fromkeys(numbers)), text=text, decided=decided or today, decided_by=person,
        by=by, now=now,
    )  # fmt: skip


def _known(workspace: Workspace, number: int) -> Hypothesis:
    found = one_hypothesis(workspace, number)
    if found is None:
        raise SettingsError(
            Message(gettext_noop("There is no hypothesis {number}."), {"number": str(number)}),
            Message(gettext_noop("`harken hypotheses list` lists the numbers.")),
        )
    return found


def _belief(given: Mapping[str, str]) -> Belief:
    problems: list[Problem] = []
    statement, needed, asked, due = _texts(given, "statement", "needed", "asked", "due")
    if not 3 <= len(statement) <= STATEMENT_MOST:
        words = Message(gettext_noop("A hypothesis is said in 3 to {most} letters."), {"most": STATEMENT_MOST})
        problems.append(Problem(words, column="statement"))
    if len(needed) > STATEMENT_MOST or len(asked) > NAME_MOST:
        problems.append(Problem(Message(gettext_noop("This text is too long.")), column="needed"))
    claim = Claim()
    try:
        claim = read_claim(given.get("about", "").strip(), given.get("side", "") or Side.EITHER)
    except SettingsError as error:
        problems.append(Problem(error.what, column="about"))
    day = _day(due, "due", problems) if due else None
    _refuse(problems, gettext_noop("The hypothesis cannot be kept as it is."))
    return Belief(statement, claim.kind, claim.subject, claim.level, str(claim.side), needed, asked, day)


def _texts(given: Mapping[str, str], *names: str) -> list[str]:
    """What was written in the named fields; PostgreSQL keeps no text with a null character in it."""
    return [given.get(name, "").replace("\x00", "").strip() for name in names]


def _day(text: str, column: str, problems: list[Problem]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        words = Message(gettext_noop("Write the day as year-month-day, such as 2026-03-31."))
        problems.append(Problem(words, column=column, value=text[:80]))
        return None


def _refuse(problems: Sequence[Problem], what: str) -> None:
    if problems:
        raise SettingsError(Message(what), problems=problems)


def _claim_of(kept: Mapping[str, str]) -> Claim:
    return Claim(kept["kind"], kept["subject"], kept["level"], Side(kept["side"]))


def _claim(belief: Belief) -> Claim:
    return Claim(belief.kind, belief.subject, belief.level, Side(belief.side))


def _to_store(finding: Finding, run: Run, now: datetime) -> StoredVerdict:
    claim, one = finding.claim, finding.measured
    numbers: dict[str, Any] = {}
    if one is not None:
        interval = one.estimate.interval
        numbers = {
            "evidence": str(one.evidence),
            "value": one.estimate.value,
            "lower": interval.lower,
            "upper": interval.upper,
            "n": one.estimate.n,
            "unit": one.unit,
            "what": encode(one.what),
        }
    return StoredVerdict(
        made=now,
        run_id=run.info.id,
        as_of=run.info.as_of,
        claim={"kind": claim.kind, "subject": claim.subject, "level": claim.level, "side": str(claim.side)},
        outcome=str(finding.verdict),
        p_adjusted=finding.p_adjusted,
        could_show=finding.could_show,
        together=finding.together,
        reason=None if finding.reason is None else encode(finding.reason),
        sources={
            "agree": list(finding.agree),
            "against": list(finding.against),
            "measured_by": [] if one is None else sorted(one.measured_by),
        },
        **numbers,
    )


def _hypothesis(stored: StoredHypothesis) -> Hypothesis:
    belief, claim = stored.belief, _claim(stored.belief)
    history = tuple(_judged(one) for one in stored.verdicts)
    now = history[0] if history and history[0].claim == claim else None
    inside = () if now is None else now.agree
    against = () if now is None else now.against
    heard = voices(
        [Witness(frozenset({name}), True) for name in inside]
        + [Witness(frozenset({name}), False) for name in against]
        + [Witness(frozenset({one.citation}), one.agrees) for one in stored.outside]
    )
    return Hypothesis(
        stored.id,
        belief.statement,
        claim,
        belief.needed,
        belief.asked,
        stored.asked_on,
        belief.due,
        stored.made,
        stored.made_by,
        stored.retired,
        now,
        history,
        stored.outside,
        stored.decisions,
        heard,
    )


def _judged(stored: StoredVerdict) -> Judged:
    estimate = None
    if stored.value is not None and stored.lower is not None and stored.upper is not None:
        estimate = Estimate(stored.value, Interval(stored.lower, stored.upper), stored.n or 0, METHOD)
    named = {key: tuple(stored.sources.get(key, ())) for key in ("agree", "against", "measured_by")}
    return Judged(
        made=stored.made,
        run_id=stored.run_id,
        as_of=stored.as_of,
        claim=_claim_of(stored.claim),
        verdict=Verdict(stored.outcome),
        evidence=Evidence(stored.evidence) if stored.evidence else None,
        estimate=estimate,
        unit=stored.unit,
        what=None if stored.what is None else decode(stored.what),
        p_adjusted=stored.p_adjusted,
        could_show=stored.could_show,
        together=stored.together,
        reason=None if stored.reason is None else decode(stored.reason),
        **named,
    )
