"""The tables of a run: what each part found, one row for each thing, as numbers and words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harken.usecases.exports.sheets import Field, Sheet, Words
from harken.usecases.families import label as family_label
from harken.usecases.runs import NotRun, Run
from harken.vocabulary.errors import DataError
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message, gettext_noop

LOWER = Message(gettext_noop("likely from"))
UPPER = Message(gettext_noop("likely to"))
FAMILY = Field("family", Message(gettext_noop("Driver family")))
MEASURE = Field("measure", Message(gettext_noop("Measure")))
EVIDENCE = Field("evidence", Message(gettext_noop("Evidence")))
SEGMENT = Field("segment", Message(gettext_noop("Segment")))
DIVISION = Field("division", Message(gettext_noop("Divided by")))


def number_fields(words: Words, kind: str = "number", key: str = "value", *, n: bool = True) -> tuple[Field, ...]:
    """The columns of an estimate: value, likely range and, where asked for, n."""
    lower, upper = ("lower", "upper") if key == "value" else (f"{key}_lower", f"{key}_upper")
    fields = (Field(key, words, kind), Field(lower, LOWER, kind), Field(upper, UPPER, kind))
    return (*fields, Field("n", "n", "count")) if n else fields


def numbers(estimate: Estimate | None, *, n: bool = True) -> tuple[Any, ...]:
    """The cells of an estimate; below 10 answers the count alone."""
    if estimate is None:
        return (None,) * (4 if n else 3)
    count = (estimate.n,) if n else ()
    if estimate.counts_only:
        return (None, None, None, *count)
    return (estimate.value, estimate.interval.lower, estimate.interval.upper, *count)


def drivers(ranking: Any) -> Sheet:
    """Driver families, strongest first, those that are not beyond chance too."""
    fields = (
        FAMILY,
        *number_fields(Message(gettext_noop("Share of what the data explain")), "share"),
        Field("rank", Message(gettext_noop("Rank")), "count"),
        Field("rank_best", Message(gettext_noop("Best rank")), "count"),
        Field("rank_worst", Message(gettext_noop("Worst rank")), "count"),
        Field("beyond_chance", Message(gettext_noop("Beyond chance")), "truth"),
        Field("lever", Message(gettext_noop("Can be moved")), "truth"),
    )
    rows = [
        (family_label(row.family), *numbers(row.share), row.rank, row.rank_lower, row.rank_upper, row.shown,
         row.has_lever)
        for row in ranking.families
    ]  # fmt: skip
    return Sheet(fields, rows, Message(gettext_noop("Drivers")))


def levers(effects: Any) -> Sheet:
    """What an owner can change: the unfavourable part, the adjusted effect, threshold and break-even."""
    fields = (
        FAMILY,
        MEASURE,
        Field("part", Message(gettext_noop("Unfavourable part"))),
        Field("affected", Message(gettext_noop("Customers affected")), "count"),
        *number_fields(Message(gettext_noop("Effect, all else equal"))),
        EVIDENCE,
        Field("robustness", Message(gettext_noop("What a hidden cause must explain to overturn it")), "share"),
        *number_fields(Message(gettext_noop("Threshold")), key="threshold", n=False),
        *number_fields(Message(gettext_noop("Break-even a year")), "money", "break_even", n=False),
    )
    rows = []
    for lever in effects.levers:
        adjusted = lever.effect.adjusted
        found = None if lever.shape is None else lever.shape.threshold
        rows.append(
            (
                family_label(lever.family),
                lever.label,
                lever.part.words,
                lever.affected,
                *numbers(adjusted.estimate),
                Message(adjusted.evidence.value),
                adjusted.robustness_value,
                *numbers(None if found is None else found.place, n=False),
                *numbers(lever.money, n=False),
            )
        )
    return Sheet(fields, rows, Message(gettext_noop("Levers")))


def leaks(scan: Any) -> Sheet:
    """Columns set aside because they know the outcome too early, and those kept but worth a look."""
    fields = (
        Field("column", Message(gettext_noop("Column"))),
        Field("verdict", Message(gettext_noop("Verdict"))),
        Field("reason", Message(gettext_noop("Reason"))),
        Field("auc_alone", Message(gettext_noop("Area under the curve, alone")), "number"),
    )
    verdicts = (
        (Message(gettext_noop("set aside")), scan.set_aside),
        (Message(gettext_noop("kept, worth a look")), scan.suspects),
    )
    rows = [
        (leak.label, verdict, _joined(leak.messages), leak.auc) for verdict, found in verdicts for leak in found
    ]
    return Sheet(fields, rows, Message(gettext_noop("Data leaks")))


def _joined(messages: Sequence[Message]) -> Words:
    """Several reasons as one text."""
    joined: Words = messages[0] if messages else ""
    for message in messages[1:]:
        joined = Message(gettext_noop("{first} {second}"), {"first": joined, "second": message})
    return joined


def deciles(forecast: Any) -> Sheet:
    """Predicted against actual leaving, by tenth of risk."""
    fields = (
        Field("tenth", Message(gettext_noop("Tenth by risk")), "count"),
        Field("predicted", Message(gettext_noop("predicted")), "share"),
        *number_fields(Message(gettext_noop("left")), "share"),
    )
    rows = [
        (tenth, decile.predicted, *numbers(decile.actual))
        for tenth, decile in enumerate(forecast.validation.deciles, start=1)
    ]
    return Sheet(fields, rows, Message(gettext_noop("Retention forecast")))


def whole_base_segments(whole: Any) -> Sheet:
    """All customers and every segment: who answered, and what all would say."""
    fields = (
        DIVISION,
        SEGMENT,
        Field("customers", Message(gettext_noop("Customers")), "count"),
        Field("answers", Message(gettext_noop("Answers")), "count"),
        *number_fields(Message(gettext_noop("Score of all customers")), n=False),
        *number_fields(Message(gettext_noop("those who answered")), key="answered", n=False),
        *number_fields(Message(gettext_noop("Difference: answered minus all")), key="difference", n=False),
        Field("reason", Message(gettext_noop("Reason"))),
    )
    groups = [(None, Message(gettext_noop("all customers")), whole.total)]
    groups += [(part.name, row.label or Message(gettext_noop("not known")), row) for part in whole.segments
               for row in part.rows]  # fmt: skip
    rows = []
    for division, label, group in groups:
        found = (group.whole_base, group.answered_only, group.difference)
        cells = [cell for one in found for cell in numbers(one, n=False)]
        rows.append((division, label, group.customers, group.answers, *cells, group.reason))
    return Sheet(fields, rows, Message(gettext_noop("Whole base")))


def course(overview: Any) -> Sheet:
    """The score by period."""
    fields = (
        Field("start", Message(gettext_noop("First day")), "date"),
        Field("end", Message(gettext_noop("Last day")), "date"),
        *number_fields(Message(gettext_noop("Score"))),
    )
    found = overview.series
    line = None if found is None or not found.lines else found.lines[0]
    pairs = [] if line is None else zip(found.periods, line.estimates, strict=True)
    rows = [(period.start, period.last_day, *numbers(one)) for period, one in pairs]
    return Sheet(fields, rows, Message(gettext_noop("Scores")))


def score_segments(overview: Any) -> Sheet:
    """The scores of those who answered, every segment of every division."""
    fields = (
        DIVISION,
        SEGMENT,
        Field("answers", Message(gettext_noop("Answers")), "count"),
        *number_fields(Message(gettext_noop("Score"))),
        Field("as_answered", Message(gettext_noop("as answered, before weighing few answers")), "number"),
        Field("favourable", Message(gettext_noop("favourable answers")), "count"),
        Field("middle", Message(gettext_noop("answers between")), "count"),
        Field("unfavourable", Message(gettext_noop("unfavourable answers")), "count"),
        Field("differs", Message(gettext_noop("Differs from all others beyond chance")), "truth"),
    )
    rows = []
    for table in overview.segments:
        scores = table.scores
        for index, name in enumerate(scores.raw.labels):
            few = scores.counts_only[index]
            rows.append(
                (
                    table.label,
                    name,
                    scores.n_answers[index],
                    *((None, None, None, scores.raw.n[index]) if few else numbers(scores.shrunken.one(index))),
                    None if few else float(scores.raw.values[index]),
                    scores.favourable[index],
                    scores.middle[index],
                    scores.unfavourable[index],
                    scores.against_rest.shown[index],
                )
            )
    return Sheet(fields, rows, Message(gettext_noop("Segments")))


def other_scores(overview: Any) -> Sheet:
    """All other questions that were answered in the same window."""
    fields = (
        Field("programme", Message(gettext_noop("Programme"))),
        Field("question", Message(gettext_noop("Question"))),
        Field("direction", Message(gettext_noop("Direction"))),
        *number_fields(Message(gettext_noop("Score")), n=False),
        Field("answers", Message(gettext_noop("Answers")), "count"),
        Field("counts", Message(gettext_noop("Counts"))),
    )
    rows = [
        (other.question.programme, other.question.question, other.summary.direction,
         *numbers(other.summary.headline, n=False), other.summary.n, other.summary.counts)
        for other in overview.others
    ]  # fmt: skip
    return Sheet(fields, rows, Message(gettext_noop("Other questions")))


def ratings(found: Any) -> Sheet:
    """Touchpoint ratings and how much of the score each goes with."""
    fields = (
        Field("touchpoint", Message(gettext_noop("Touchpoint"))),
        Field("mean", Message(gettext_noop("Mean rating")), "number"),
        *number_fields(Message(gettext_noop("Share of what the ratings explain")), "per cent"),
        *number_fields(Message(gettext_noop("One step more goes with")), key="step", n=False),
    )
    rows = [
        (row.question, row.mean_rating, *numbers(row.share), *numbers(row.slope.estimate, n=False))
        for row in found.drivers
    ]
    return Sheet(fields, rows, Message(gettext_noop("Touchpoint ratings")))


def gaming(found: Any) -> Sheet:
    """Signs that scores are pushed: each with n, difference from the rest, range and p over all comparisons."""
    fields = (
        Field("sign", Message(gettext_noop("Sign"))),
        Field("question", Message(gettext_noop("Question"))),
        Field("kind", Message(gettext_noop("What it is about"))),
        Field("where", Message(gettext_noop("Where"))),
        Field("difference", Message(gettext_noop("Difference from all others")), "number"),
        Field("difference_lower", LOWER, "number"),
        Field("difference_upper", UPPER, "number"),
        Field("unit", Message(gettext_noop("Unit"))),
        Field("n", "n", "count"),
        Field("p_adjusted", Message(gettext_noop("p over all comparisons")), "number"),
    )
    rows = [
        (sign.message, sign.question, sign.kind, sign.unit, sign.value, sign.interval.lower, sign.interval.upper,
         sign.measure, sign.n, sign.p_adjusted)
        for sign in found.signs
    ]  # fmt: skip
    return Sheet(fields, rows, Message(gettext_noop("Signs that scores are pushed")))


def benchmarks(rows: Sequence[Mapping[str, Any]]) -> Sheet:
    """Scores of others as the user supplied them, and how ours lies to each."""
    fields = (
        Field("source", Message(gettext_noop("Source"))),
        Field("year", Message(gettext_noop("Year")), "id"),
        Field("scale", Message(gettext_noop("Scale"))),
        Field("value", Message(gettext_noop("Score")), "number"),
        Field("n", "n", "count"),
        Field("ours", Message(gettext_noop("Ours"))),
    )
    given = [(row["benchmark"], row["said"]) for row in rows]
    return Sheet(
        fields,
        [(one.source, one.year, one.scale, one.value, one.n, said) for one, said in given],
        Message(gettext_noop("Benchmarks you supplied")),
    )


def value(found: Any) -> Sheet:
    """Money at stake: in all, and through each driver family (these overlap)."""
    fields = (
        FAMILY,
        Field("customers", Message(gettext_noop("Customers")), "count"),
        *number_fields(Message(gettext_noop("At stake")), "money", n=False),
        EVIDENCE,
    )
    rows = [(Message(gettext_noop("all customers")), found.customers, *numbers(found.total, n=False), None)]
    rows += [
        (family_label(row.family), row.affected, *numbers(row.money, n=False), Message(row.evidence.evidence.value))
        for row in found.by_family
    ]
    return Sheet(fields, rows, Message(gettext_noop("Value at stake")))


def survival(found: Any) -> Sheet:
    """All customers and every group: the share still there after usual tenures, and how much faster they leave."""
    fields = (
        DIVISION,
        SEGMENT,
        Field("customers", Message(gettext_noop("Customers")), "count"),
        Field("left", Message(gettext_noop("left")), "count"),
        Field("days", Message(gettext_noop("Days as a customer")), "count"),
        *number_fields(Message(gettext_noop("Still customers")), "share", n=False),
        Field("at_risk", Message(gettext_noop("In view then")), "count"),
        *number_fields(Message(gettext_noop("Times as fast, all else equal")), key="ratio", n=False),
        Field("differs", Message(gettext_noop("Groups differ beyond chance")), "truth"),
    )
    groups = [(None, Message(gettext_noop("all customers")), found.whole, None)]
    groups += [(one.label, stay.label, stay, one.differs) for one in found.by_column for stay in one.groups]
    rows = [
        (division, label, stay.n, stay.left, days, *numbers(after, n=False), at_risk, *numbers(stay.ratio, n=False),
         differs)
        for division, label, stay, differs in groups
        for days, after, at_risk in zip(found.marks_days, stay.after, stay.at_risk, strict=True)
    ]  # fmt: skip
    return Sheet(fields, rows, Message(gettext_noop("How long customers stay")))


def lifetime_value(found: Any) -> Sheet:
    """Money expected within one and three years: of all customers with its range, and of one in each group."""
    fields = (
        DIVISION,
        SEGMENT,
        Field("customers", Message(gettext_noop("Customers")), "count"),
        Field("years", Message(gettext_noop("Years ahead")), "count"),
        *number_fields(Message(gettext_noop("Expected of all")), "money", "total", n=False),
        Field("mean", Message(gettext_noop("Expected of one customer")), "money"),
    )
    rows: list[tuple[Any, ...]] = [
        (None, Message(gettext_noop("all customers")), found.customers, span.years, *numbers(span.total, n=False),
         span.mean.value)
        for span in found.years
    ]  # fmt: skip
    rows += [
        (one.label, group.label, group.customers, span.years, None, None, None, mean)
        for one in found.by_column
        for group in one.groups
        for span, mean in zip(found.years, group.mean, strict=True)
    ]
    return Sheet(fields, rows, Message(gettext_noop("Lifetime value")))


def sources(inventory: Any) -> Sheet:
    """Which data are held, and from when to when."""
    fields = (
        Field("source", Message(gettext_noop("Source"))),
        Field("kind", Message(gettext_noop("What it brings"))),
        Field("rows", Message(gettext_noop("Rows")), "count"),
        Field("customers", Message(gettext_noop("Customers")), "count"),
        Field("from", Message(gettext_noop("From")), "date"),
        Field("to", Message(gettext_noop("To")), "date"),
    )
    rows = [
        (one.source, one.kind, one.rows, one.customers, one.first_day, one.last_day) for one in inventory.sources
    ]
    return Sheet(fields, rows, Message(gettext_noop("Sources")))


def features(inventory: Any) -> Sheet:
    """Every measure made of each customer, with its driver family."""
    fields = (
        Field("feature", Message(gettext_noop("Name"))),
        MEASURE,
        FAMILY,
        Field("lever", Message(gettext_noop("Can be moved")), "truth"),
        Field("unit", Message(gettext_noop("Unit"))),
    )
    rows = [(one.name, one.label, family_label(one.family), one.lever, one.unit) for one in inventory.features]
    return Sheet(fields, rows, Message(gettext_noop("Measures by driver family")))


def left_out(inventory: Any) -> Sheet:
    """Columns that are no measure, and why."""
    fields = (
        Field("column", Message(gettext_noop("Column"))),
        Field("source", Message(gettext_noop("Source"))),
        Field("reason", Message(gettext_noop("Reason"))),
    )
    rows = [(column.label, column.source, column.reason) for column in inventory.left_out]
    return Sheet(fields, rows, Message(gettext_noop("Columns left out, and why")))


TABLES: Mapping[str, tuple[str, Callable[[Any], Sheet]]] = {
    "drivers": ("drivers", drivers),
    "score-drivers": ("score_drivers", drivers),
    "levers": ("levers", levers),
    "leaks": ("leaks", leaks),
    "deciles": ("retention", deciles),
    "whole-base": ("whole_base", whole_base_segments),
    "scores": ("scores", course),
    "segments": ("scores", score_segments),
    "other-scores": ("scores", other_scores),
    "ratings": ("ratings", ratings),
    "value": ("value", value),
    "survival": ("survival", survival),
    "lifetime-value": ("lifetime_value", lifetime_value),
    "sources": ("inventory", sources),
    "features": ("inventory", features),
    "left-out": ("inventory", left_out),
}
"""Name of each table: the part of the run it shows, and what makes the table of it."""


def table_of(run: Run, name: str) -> Sheet:
    """A table of a run by its name (one of TABLES). Raises DataError where its part could not run."""
    part, make = TABLES[name]
    found = run.parts.get(part)
    if found is None or isinstance(found, NotRun):
        reason = found.reason if isinstance(found, NotRun) else None
        raise DataError(Message(gettext_noop("This analysis has no table {name}."), {"name": name}), reason)
    return make(found)
