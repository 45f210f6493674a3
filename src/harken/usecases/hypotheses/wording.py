"""What came of a hypothesis, in words no stronger than its evidence."""

from __future__ import annotations

from collections.abc import Sequence

from harken.learn.hypotheses import Verdict
from harken.locale import formats
from harken.usecases.exports.sheets import Field, Sheet
from harken.usecases.exports.tables import number_fields, numbers
from harken.usecases.hypotheses.claims import said
from harken.usecases.hypotheses.register import Hypothesis, Judged
from harken.vocabulary.estimates import Evidence
from harken.vocabulary.messages import Message, gettext_noop

UNJUDGED = "unjudged"
STANDINGS = {
    "supported": Message(gettext_noop("supported")),
    "contradicted": Message(gettext_noop("contradicted")),
    "not_shown": Message(gettext_noop("not shown")),
    "cannot_be_tested": Message(gettext_noop("cannot be tested")),
    UNJUDGED: Message(gettext_noop("not judged yet")),
}
"""What the states of a hypothesis are called."""

UNITS = {
    "percentage points": gettext_noop("{value} percentage points ({low} to {high}), n = {n}"),
    "points": gettext_noop("{value} points ({low} to {high}), n = {n}"),
    "per cent": gettext_noop("{value} % ({low} to {high}), n = {n}"),
    "scale": gettext_noop("{value} on the scale ({low} to {high}), n = {n}"),
}
SIZES = {
    "percentage points": gettext_noop("{size} percentage points"),
    "points": gettext_noop("{size} points"),
    "per cent": gettext_noop("{size} %"),
    "scale": gettext_noop("{size} on the scale"),
}


def verdict_sentence(judged: Judged | None) -> Message:
    """What one verdict means, as one sentence."""
    if judged is None:
        return Message(gettext_noop("No analysis has judged it yet."))
    if judged.verdict is Verdict.SUPPORTED:
        return Message(_SUPPORTED[judged.evidence or Evidence.ASSOCIATIONAL])
    if judged.verdict is Verdict.CONTRADICTED:
        return Message(gettext_noop("The data point the other way."))
    if judged.verdict is Verdict.NOT_SHOWN:
        return Message(gettext_noop("Nothing is shown beyond chance, which is not to say that there is nothing."))
    return Message(gettext_noop("It cannot be tested with the data we have."))


_SUPPORTED = {
    Evidence.ASSOCIATIONAL: gettext_noop("The data agree that the two go together; no cause is shown."),
    Evidence.ADJUSTED: gettext_noop("The data agree, the other driver families held equal; a cause is not proved."),
    Evidence.EXPERIMENTAL: gettext_noop("An experiment agrees."),
}


def figure(judged: Judged) -> Message | None:
    """The estimate behind a verdict with its likely range and n; None where nothing was measured."""
    if judged.estimate is None:
        return None
    interval = judged.estimate.interval
    places = formats.decimals_for(interval.half_width, 2)
    nearest = min(abs(interval.lower), abs(interval.upper))
    if interval.excludes(0.0) and round(nearest, places) == 0:
        places += 1  # a range beyond zero must not read as if it touched it
    value, low, high = (
        formats.number(number, places) for number in (judged.estimate.value, interval.lower, interval.upper)
    )
    text = UNITS.get(judged.unit, UNITS["scale"])
    return Message(text, {"value": value, "low": low, "high": high, "n": judged.estimate.n})


def chance(judged: Judged) -> str | None:
    """The p-value after looking at all that was tested together, as one prints it; None where none was."""
    if judged.p_adjusted is None:
        return None
    return "p < 0.001" if judged.p_adjusted < 0.001 else f"p = {formats.number(judged.p_adjusted, 3)}"


def could_show(judged: Judged) -> Message | None:
    """Where nothing was shown: which size would have been."""
    if judged.verdict is not Verdict.NOT_SHOWN or judged.could_show is None:
        return None
    size = formats.number(judged.could_show, formats.decimals_for(judged.could_show / 2, 2))
    words = Message(SIZES.get(judged.unit, SIZES["scale"]), {"size": size})
    return Message(gettext_noop("{size} or more would have been found 8 times out of 10."), {"size": words})


def sources_sentence(one: Hypothesis) -> Message:
    """How many independent sources say so, and which; how many say the opposite."""
    agree, against = len(one.sources.agree), len(one.sources.against)
    names = "; ".join(one.sources.agree)
    if not agree:
        found = Message(gettext_noop("No source says so."))
    elif agree == 1:
        found = Message(gettext_noop("One source says so: {names}."), {"names": names})
    else:
        found = Message(gettext_noop("{n} independent sources say so: {names}."), {"n": agree, "names": names})
    if not against:
        return found
    text = gettext_noop("{found} The opposite: {names}.")
    return Message(text, {"found": found, "names": "; ".join(one.sources.against)})


def register_headline(found: Sequence[Hypothesis]) -> Message:
    """What came of everything we believe, as one sentence."""
    active = [one for one in found if one.retired is None]
    if not active:
        return Message(gettext_noop("Nothing is written down yet: what do we believe?"))
    counts = {name: sum(one.standing == name for one in active) for name in STANDINGS}
    names = {
        "n": len(active),
        "supported": counts["supported"],
        "contradicted": counts["contradicted"],
        "untested": counts["cannot_be_tested"] + counts[UNJUDGED],
    }
    if counts[UNJUDGED] == len(active):
        return Message(gettext_noop("Written down: {n}; no analysis has judged them yet."), names)
    if counts["contradicted"]:
        text = gettext_noop(
            "The data agree with {supported} of the {n} things we believe; {contradicted} they contradict."
        )
        return Message(text, names)
    if counts["supported"]:
        return Message(gettext_noop("The data agree with {supported} of the {n} things we believe."), names)
    text = gettext_noop("Nothing we believe is shown yet ({n} in all, of which {untested} cannot be tested).")
    return Message(text, names)


def register_sheet(found: Sequence[Hypothesis]) -> Sheet:
    """The register as a table to take away: one row for each hypothesis with its newest verdict."""
    fields = (
        Field("number", Message(gettext_noop("Number")), "id"),
        Field("statement", Message(gettext_noop("Hypothesis"))),
        Field("about", Message(gettext_noop("What is tested"))),
        Field("verdict", Message(gettext_noop("Verdict"))),
        Field("evidence", Message(gettext_noop("Evidence"))),
        *number_fields(Message(gettext_noop("Effect"))),
        Field("unit", Message(gettext_noop("Unit"))),
        Field("measure", Message(gettext_noop("Measure"))),
        Field("reason", Message(gettext_noop("Why not tested"))),
        Field("sources", Message(gettext_noop("Sources that agree")), "count"),
        Field("sources_named", Message(gettext_noop("Which sources"))),
        Field("as_of", Message(gettext_noop("As of")), "date"),
        Field("run", Message(gettext_noop("Analysis"))),
        Field("needed", Message(gettext_noop("Data that would show it"))),
        Field("asked", Message(gettext_noop("Who is asked"))),
        Field("due", Message(gettext_noop("By when")), "date"),
        Field("decisions", Message(gettext_noop("Decisions")), "count"),
        Field("retired", Message(gettext_noop("Retired")), "truth"),
    )
    return Sheet(fields, [_row(one) for one in found], Message(gettext_noop("Hypotheses")))


def _row(one: Hypothesis) -> tuple[object, ...]:
    now = one.now
    told = (None,) * 4 if now is None else numbers(now.estimate)
    return (
        one.id,
        one.statement,
        said(one.claim),
        STANDINGS[one.standing],
        None if now is None or now.evidence is None else Message(str(now.evidence)),
        *told,
        None if now is None else now.unit or None,
        None if now is None else now.what,
        None if now is None else now.reason,
        len(one.sources.agree),
        "; ".join(one.sources.agree) or None,
        None if now is None else now.as_of,
        None if now is None else now.run_id,
        one.needed or None,
        one.asked or None,
        one.due,
        len(one.decisions),
        one.retired is not None,
    )
