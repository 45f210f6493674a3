"""What a part of a run found, in few lines for a notebook: a sentence, its number, the likely range, n."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from harken.locale import formats, render, translator
from harken.usecases.families import label as family_label
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message, gettext_noop

FAMILIES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: a sentence and, where it is a number, its estimate.

    The estimate is shown times `factor` with `decimals` and `unit`; `evidence` says how far an effect may be read
    as a cause ("associational", "adjusted", "experimental"; empty for what is no effect).

    >>> from harken.vocabulary.estimates import Interval
    >>> recall = Estimate(0.314, Interval(0.29, 0.34), 1962, "m")
    >>> Finding(Message("stayed"), recall, factor=100, unit="%").cells("en")
    ('stayed', '31.4%', '29.0% to 34.0%', '1,962')
    """

    sentence: Message
    estimate: Estimate | None = None
    factor: float = 1.0
    unit: str = ""
    decimals: int = 1
    evidence: str = ""

    def cells(self, language: str) -> tuple[str, str, str, str]:
        """Sentence, number, likely range and n in a language; below 10 answers n alone."""
        sentence = render(self.sentence, language)
        if self.evidence:
            sentence = f"{sentence} ({translator(language)(self.evidence)})"
        if self.estimate is None:
            return sentence, "", "", ""
        n = formats.number(self.estimate.n)
        if self.estimate.counts_only:
            return sentence, "", "", n
        interval = self.estimate.interval
        ends = {"lower": self._written(interval.lower), "upper": self._written(interval.upper)}
        likely = render(Message(gettext_noop("{lower} to {upper}"), ends), language)
        return sentence, self._written(self.estimate.value), likely, n

    def _written(self, value: float) -> str:
        return formats.number(value * self.factor, self.decimals) + self.unit


def findings(part: str, result: Any) -> tuple[Finding, ...]:
    """What a part of a run found, most telling first; nothing for parts that are lists to look things up in."""
    return tuple(_TELLERS[part](result)) if part in _TELLERS else ()


def as_html(title: str, found: Mapping[str, Sequence[Finding]], language: str) -> str:
    """A plain table for a notebook, every word escaped; the part's name stands before its first line.

    >>> as_html("Run <1>", {"value": [Finding(Message("none & nothing"))]}, "en").count("&")
    3
    """
    say = translator(language)
    headers = ("", say(gettext_noop("finding")), "", say(gettext_noop("likely range")), "n")
    lines = ["".join(f"<th>{escape(text)}</th>" for text in headers)]
    for part, rows in found.items():
        for number, row in enumerate(rows):
            cells = (part if number == 0 else "", *row.cells(language))
            lines.append("".join(f"<td>{escape(text)}</td>" for text in cells))
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><caption>{escape(title)}</caption>{body}</table>"


def _scores(result: Any) -> Iterator[Finding]:
    name = Message(gettext_noop("{name}: {direction}"), {
        "name": result.question.name, "direction": result.summary.direction})  # fmt: skip
    yield Finding(name, result.summary.headline)


def _whole_base(result: Any) -> Iterator[Finding]:
    total = result.total
    if total.whole_base is None:
        if total.reason is not None:
            yield Finding(total.reason)
        return
    yield Finding(Message(gettext_noop("Score of all customers")), total.whole_base)
    yield Finding(Message(gettext_noop("Score of those who answered")), total.answered_only)
    yield Finding(Message(gettext_noop("Answered only minus all")), total.difference)


def _outcome(result: Any) -> Iterator[Finding]:
    meaning = Message(gettext_noop("Stayed; leaving means: {meaning}"), {"meaning": result.sentence})
    yield Finding(meaning, result.rate, unit="%")


def _leaks(result: Any) -> Iterator[Finding]:
    for leak in result.set_aside:
        reason = {"column": leak.label, "reason": leak.messages[0]}
        yield Finding(Message(gettext_noop("set aside: {column}: {reason}"), reason))


def _retention(result: Any) -> Iterator[Finding]:
    sentence = Message(gettext_noop("Forecast of who leaves: AUC (0.5 is chance, 1 perfect)"))
    yield Finding(sentence, result.validation.auc, decimals=3)


def _drivers(result: Any) -> Iterator[Finding]:
    strongest = [row for row in result.families if row.shown][:FAMILIES_SHOWN]
    if not strongest:
        yield Finding(Message(gettext_noop("drivers: none goes with the outcome beyond chance")))
    for row in strongest:
        family = {"family": family_label(row.family)}
        share = Message(gettext_noop("Share of {family} in what is explained"), family)
        yield Finding(share, row.share, factor=100, unit="%", decimals=0)


def _levers(result: Any) -> Iterator[Finding]:
    for lever in result.levers:
        effect, factor = lever.effect.adjusted, 100 if lever.binary else 1
        text = gettext_noop("{family}: {measure}")
        if lever.binary:
            text = gettext_noop("{family}: {measure}; percentage points more who leave where it is unfavourable")
        title = Message(text, {"family": family_label(lever.family), "measure": lever.label})
        yield Finding(title, effect.estimate, factor=factor, evidence=effect.evidence.value)


def _value(result: Any) -> Iterator[Finding]:
    yield Finding(Message(gettext_noop("Value at stake")), result.total, decimals=0)
    yield Finding(Message(gettext_noop("Customers expected to leave")), result.leavers, decimals=0)


def _survival(result: Any) -> Iterator[Finding]:
    for days, after in zip(result.marks_days, result.whole.after, strict=True):
        yield Finding(Message(gettext_noop("Still customers after {days} days"), {"days": days}), after,
                      factor=100, unit="%")  # fmt: skip
    for one in result.by_column:
        if one.differs:
            yield Finding(
                Message(gettext_noop("How long customers stay differs by {column}"), {"column": one.label})
            )


def _lifetime_value(result: Any) -> Iterator[Finding]:
    for span in result.years:
        sentence = gettext_noop("Expected of all customers within {years} years, discounted")
        if span.years == 1:
            sentence = gettext_noop("Expected of all customers within one year, discounted")
        yield Finding(Message(sentence, {"years": span.years}), span.total, decimals=0)


_TELLERS: Mapping[str, Callable[[Any], Iterator[Finding]]] = {
    "scores": _scores,
    "whole_base": _whole_base,
    "score_drivers": _drivers,
    "outcome": _outcome,
    "leaks": _leaks,
    "retention": _retention,
    "drivers": _drivers,
    "levers": _levers,
    "value": _value,
    "survival": _survival,
    "lifetime_value": _lifetime_value,
}
