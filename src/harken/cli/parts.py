"""How each part of a run is printed for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from harken.cli.output import Say, estimate, line, table
from harken.usecases.families import label as family_label
from harken.usecases.runs import NotRun, Run
from harken.vocabulary.messages import Message
from harken.vocabulary.messages import gettext_noop as _

ACTIONS_PRINTED = 30
PATTERNS = {
    "punishes_only": _("punishes only: the bad end goes with worse, the good end with no better"),
    "rewards_only": _("rewards only: the good end goes with better, the bad end with no worse"),
    "both": _("both: the bad end goes with worse, the good end with better"),
    "neither": _("neither: no end goes with a difference"),
    "unclear": _("whether it punishes or rewards is unclear"),
}


def print_overview(run: Run, say: Say) -> None:
    """The few numbers that matter, and which parts could not run."""
    as_of = run.info.as_of or Message(_("no date"))
    title = _("Run {id}, as of {as_of}, {customers} customers")
    click.secho(
        say(Message(title, {"id": run.info.id, "as_of": as_of, "customers": run.info.customers})), bold=True
    )
    if run.info.segment is not None:
        line(say, _("only {segment}: {n} of {all} customers"), indent=2, segment=run.info.segment.text,
             n=run.info.customers, all=run.info.segment.of_customers)  # fmt: skip
    for part, printer in BRIEF.items():
        result = run.parts.get(part)
        if result is not None and not isinstance(result, NotRun):
            printer(result, say)
    for name, reason in run.info.not_run.items():
        line(say, _("not computed: {part}: {reason}"), indent=2, part=name, reason=reason)


def brief_scores(result: Any, say: Say) -> None:
    """The chosen score in one line."""
    line(say, _("{name}: {sentence} ({direction})"), indent=2, name=result.question.name,
         sentence=result.summary.sentence, direction=result.summary.direction)  # fmt: skip


def brief_whole_base(result: Any, say: Say) -> None:
    """All customers, and how far those who answered are from them."""
    total = result.total
    if total.whole_base is not None:
        line(say, _("all customers: {score}; answered only minus all: {difference}"), indent=2,
             score=estimate(say, total.whole_base), difference=estimate(say, total.difference))  # fmt: skip


def brief_outcome(result: Any, say: Say) -> None:
    """What leaving means here and how many stayed."""
    line(say, _("leaving means: {meaning}; stayed: {rate}"), indent=2, meaning=result.sentence,
         rate=estimate(say, result.rate, unit="%"))  # fmt: skip
    if result.proposal is not None:
        click.echo(f"  {say(result.proposal)}")


def brief_retention(result: Any, say: Say) -> None:
    """How good the forecast is, and how it was tested."""
    tested = {
        "out_of_time": _("tested on a later time"),
        "cross_fitted": _("tested on customers left out, of the same time"),
    }
    kind = tested.get(result.validation.kind.value, result.validation.kind.value)
    line(say, _("forecast: AUC {auc}, {tested}"), indent=2, auc=estimate(say, result.validation.auc, digits=3),
         tested=Message(kind))  # fmt: skip


def brief_leaks(result: Any, say: Say) -> None:
    """Columns set aside."""
    for leak in result.set_aside:
        line(say, _("set aside: {column}: {reason}"), indent=2, column=leak.label, reason=leak.messages[0])


def brief_drivers(result: Any, say: Say) -> None:
    """The five strongest driver families."""
    strongest = [row for row in result.families if row.shown][:5]
    if not strongest:
        line(say, _("drivers: none goes with the outcome beyond chance"), indent=2)
        return
    named = ", ".join(f"{say(family_label(row.family))} {row.share.value:.0%}" for row in strongest)
    line(say, _("drivers: {named}"), indent=2, named=named)


def brief_value(result: Any, say: Say) -> None:
    """The money at stake."""
    line(say, _("value at stake: {money}"), indent=2, money=estimate(say, result.total, digits=0))


def scores(result: Any, say: Say) -> None:
    """The score with its bands, its course in time, its segments, and the other questions."""
    brief_scores(result, say)
    if result.unweighted is not None:
        line(say, _("unweighted: {sentence}"), indent=2, sentence=result.unweighted.sentence)
    click.echo(f"  {say(result.summary.counts)}")
    if result.series is not None:
        for course in result.series.lines:
            pairs = zip(result.series.periods, course.estimates, strict=True)
            table([say(_("period")), say(_("score"))], [(str(period), estimate(say, one)) for period, one in pairs])
        for change in result.series.changes:
            if change.real:
                click.echo(say(change.message))
    for segment in result.segments:
        click.echo()
        shown = segment.scores.against_rest.shown
        table(
            [say(segment.label), say(_("score")), say(_("against the rest"))],
            [
                (name, estimate(say, segment.scores.raw.one(i)), say(_("differs")) if shown[i] else "")
                for i, name in enumerate(segment.scores.raw.labels)
            ],
        )
    if result.others:
        click.echo()
        others = [(other.question.name, estimate(say, other.summary.headline)) for other in result.others]
        table([say(_("other scores")), say(_("score"))], others)


def print_comparison(result: Any, say: Say) -> None:
    """Whether the score changed against another period, and why the number moved."""
    if result is None:
        return
    click.echo()
    line(say, _("against {period}: {finding}"), period=str(result.before_period), finding=result.finding)
    if result.why is not None:
        click.echo(f"  {say(result.why)}")
    if result.needed is not None:
        click.echo(f"  {say(result.needed.message)}")


def print_test(result: Any, say: Say) -> None:
    """What a test with answers kept back found."""
    click.secho(say(result.headline), bold=True)
    line(
        say, _("{checked} of {rows} rows of {file} were compared (columns {customer} and {score})."), indent=2,
        checked=result.checked, rows=result.rows, file=result.file, customer=result.customer_column,
        score=result.score_column,
    )  # fmt: skip
    left_out = {
        _("customer number unknown to the analysis"): result.unmatched,
        _("answer in the data already"): result.known,
        _("blank"): result.blank,
        _("score outside the scale"): result.off_scale,
        _("a later row of the same customer counts"): result.repeated,
    }
    for reason, n in left_out.items():
        if n:
            line(say, _("{n} left out: {reason}"), indent=2, n=n, reason=Message(reason))
    for note in result.notes:
        click.echo(f"  {say(note)}")
    check = result.check
    line(say, _("predicted minus observed: {gap}"), indent=2, gap=estimate(say, check.gap))
    table(
        [say(_("group")), say(_("Predicted")), say(_("Observed"))],
        [(str(at), f"{one.predicted:.1f}", estimate(say, one.observed)) for at, one in enumerate(check.groups, 1)],
    )
    line(
        say,
        _("{coverage} of the answers were of a kind called plausible for their customer; {level} were promised."),
        coverage=f"{check.coverage:.1%}",
        level=f"{check.coverage_level:.0%}",
    )
    click.echo(say(check.message))


def ratings(result: Any, say: Say) -> None:
    """Touchpoints ranked."""
    line(
        say, _("All ratings together explain {r2} of the score's variance."), r2=estimate(say, result.r2, digits=2)
    )
    table(
        [say(_("touchpoint")), say(_("mean")), say(_("share, per cent")), say(_("one step more"))],
        [
            (row.question, f"{row.mean_rating:.2f}", estimate(say, row.share), estimate(say, row.slope.estimate))
            for row in result.drivers
        ],
    )
    for question, n in result.not_ranked:
        line(say, _("not ranked: {question}, n = {n}"), indent=2, question=question, n=n)


def whole_base(result: Any, say: Say) -> None:
    """Answered only, all customers and the difference, in total and by segment."""

    def row(group: Any, label: str) -> tuple[str, ...]:
        parts = (group.answered_only, group.whole_base, group.difference)
        return (label, f"{group.reply_rate:.1%}", *(estimate(say, part) for part in parts))

    headers = [say(text) for text in (_("replied"), _("answered only"), _("all customers"), _("difference"))]
    table(["", *headers], [row(result.total, say(_("all")))])
    for segment in result.segments:
        click.echo()
        table([segment.name, *headers], [row(group, group.label or "–") for group in segment.rows])
    click.echo(say(result.sensitivity.statement))
    for note in (*result.notes, *result.overlap.warnings):
        click.echo(say(note))


def leaks(result: Any, say: Say) -> None:
    """What was set aside, what was kept but is worth a look."""
    line(say, _("{count} of {columns} columns are set aside ({n} customers looked at)."),
         count=len(result.set_aside), columns=result.columns, n=result.n)  # fmt: skip
    for title, found in ((_("set aside"), result.set_aside), (_("kept, worth a look"), result.suspects)):
        for leak in found:
            reasons = "; ".join(say(message) for message in leak.messages)
            line(say, _("{title}: {column} (AUC alone {auc}): {reasons}"), indent=2, title=Message(title),
                 column=leak.label, auc=f"{leak.auc:.2f}", reasons=reasons)  # fmt: skip
    for note in result.notes:
        click.echo(say(note))


def retention(result: Any, say: Say) -> None:
    """The forecast beside what happened, by tenth of the customers."""
    brief_retention(result, say)
    table(
        [say(_("tenth by risk")), say(_("predicted")), say(_("left"))],
        [
            (str(number), f"{decile.predicted:.1%}", estimate(say, decile.actual, factor=100, unit="%"))
            for number, decile in enumerate(result.validation.deciles, start=1)
        ],
    )
    for note in result.notes:
        click.echo(say(note))


def drivers(result: Any, say: Say) -> None:
    """Driver families ranked."""
    line(say, _("Together they explain {r2} of the outcome's variance."), r2=estimate(say, result.r2, digits=3))
    table(
        [say(_("driver family")), say(_("rank")), say(_("share")), say(_("lever"))],
        [
            (
                say(family_label(row.family)),
                f"{row.rank} ({row.rank_lower}–{row.rank_upper})",
                estimate(say, row.share, factor=100, unit="%", digits=0) if row.shown else say(_("not shown")),
                say(_("yes")) if row.has_lever else say(_("no")),
            )
            for row in result.families
        ],
    )
    for note in result.notes:
        click.echo(say(note))


def levers(result: Any, say: Say) -> None:
    """What an owner can change, how far that is a cause, and what mending it may cost."""
    for lever in result.levers:
        adjusted, factor = lever.effect.adjusted, 100 if lever.binary else 1
        title = Message(_("{family}: {measure}"), {"family": family_label(lever.family), "measure": lever.label})
        click.secho(say(title), bold=True)
        line(say, _("{part}: {affected} of {n} customers"), indent=2, part=lever.part.words,
             affected=lever.affected, n=lever.n)  # fmt: skip
        for text, effect in (
            (_("plain difference ({evidence}): {effect}"), lever.effect.raw),
            (_("others held equal ({evidence}): {effect}"), adjusted),
        ):
            line(say, text, indent=2, evidence=Message(effect.evidence.value),
                 effect=estimate(say, effect.estimate, factor=factor))  # fmt: skip
        if adjusted.robustness_value is not None:
            line(say, _("a hidden cause would have to explain {share} of both to undo it"), indent=2,
                 share=f"{adjusted.robustness_value:.1%}")  # fmt: skip
        if lever.shape is not None and lever.shape.threshold is not None:
            line(say, _("threshold at {place}"), indent=2, place=estimate(say, lever.shape.threshold.place))
        if lever.pattern is not None:
            line(say, PATTERNS[lever.pattern.kind.value], indent=2)
        if lever.effect.value_each is not None:
            line(say, _("break-even: worth doing below {money} per customer"), indent=2,
                 money=estimate(say, lever.effect.value_each, digits=0))  # fmt: skip
    for name, reason in result.not_judged:
        line(say, _("not judged: {name}: {reason}"), indent=2, name=family_label(name), reason=reason)


def scenarios(result: Any, say: Say) -> None:
    """The levers that can be asked about, and over which targets."""
    table(
        [say(_("driver family")), say(_("lever (column)")), say(_("targets"))],
        [
            (
                say(family_label(lever.family)),
                lever.column,
                ", ".join(str(target) for target in lever.targets)
                if lever.category
                else f"{lever.targets[0]:g} – {lever.targets[-1]:g}",
            )
            for lever in result.levers
        ],
    )
    for name, reason in result.not_judged:
        line(say, _("not judged: {name}: {reason}"), indent=2, name=name, reason=reason)
    line(say, _("Ask one with --lever and --target."))


def answer(given: Any, say: Say) -> None:
    """One what-if answer: who would be moved, what goes with it, what it may cost; or why it is refused."""
    title = Message(_("{label}: {target}"), {"label": given.lever.label, "target": given.target})
    click.secho(say(title), bold=True)
    if given.refused is not None:
        click.echo(f"  {say(given.refused)}")
        return
    line(say, _("{n} of {total} customers would be moved; the others are there already."), indent=2,
         n=given.moved, total=given.known)  # fmt: skip
    line(say, _("leaving, percentage points of those moved ({evidence}): {effect}"), indent=2,
         evidence=Message(given.leaving.evidence.value),
         effect=estimate(say, given.leaving.estimate, factor=100))  # fmt: skip
    line(say, _("customers kept: {kept}"), indent=2, kept=estimate(say, given.kept))
    if given.money is not None:
        line(say, _("value kept: {money}"), indent=2, money=estimate(say, given.money, digits=0))
    if given.a_year is not None:
        line(say, _("if it is the cause, worth doing below {cost} a year"), indent=2,
             cost=estimate(say, given.a_year, digits=0))  # fmt: skip
    if given.score is not None:
        line(say, _("score of those moved, points: {score}"), indent=2, score=estimate(say, given.score))
    line(say, _("Each likely range holds for one target at a time."), indent=2)


def value(result: Any, say: Say) -> None:
    """Money at stake, in all and by driver family."""
    brief_value(result, say)
    line(say, _("expected to leave: {leavers}"), indent=2, leavers=estimate(say, result.leavers, digits=0))
    line(say, _("{valued} of {customers} customers have a value; margin {margin}"), indent=2,
         valued=result.with_value, customers=result.customers, margin=f"{result.margin:.0%}")  # fmt: skip
    table(
        [say(_("driver family")), say(_("customers")), say(_("money at stake through it"))],
        [
            (say(family_label(row.family)), f"{row.affected:,}", estimate(say, row.money, digits=0))
            for row in result.by_family
        ],
    )
    for note in result.notes:
        click.echo(say(note))


def actions(result: Any, say: Say) -> None:
    """Whom to act on, most at stake first."""
    line(say, _("{count} of {customers} customers, most at stake first; gain: {gain}"), count=len(result.actions),
         customers=result.customers, gain=Message(result.gain.status.value))  # fmt: skip
    table(
        [say(text) for text in (_("customer"), _("risk"), _("at stake"), _("reason"), _("action"))],
        [
            (
                str(row.customer_id),
                f"{row.risk:.0%}",
                f"{row.at_stake:,.0f}",
                say(row.reasons[0].label) if row.reasons else "–",
                say(_("hold-out: do not contact")) if row.hold_out else say(row.action),
            )
            for row in result.actions[:ACTIONS_PRINTED]
        ],
    )
    if len(result.actions) > ACTIONS_PRINTED:
        line(say, _("{shown} of {count} are printed; --json prints all."), shown=ACTIONS_PRINTED,
             count=len(result.actions))  # fmt: skip
    for note in result.notes:
        click.echo(say(note))


def inventory(result: Any, say: Say) -> None:
    """Sources, features by family, columns left out."""
    headers = (_("source"), _("kind"), _("rows"), _("customers"), _("from"), _("to"))
    table(
        [say(text) for text in headers],
        [
            (entry.source, entry.kind, f"{entry.rows:,}", f"{entry.customers:,}", *(
                str(day or "–") for day in (entry.first_day, entry.last_day)))
            for entry in result.sources
        ],
    )  # fmt: skip
    families: dict[str, int] = {}
    for feature in result.features:
        families[feature.family] = families.get(feature.family, 0) + 1
    click.echo()
    rows = [(say(family_label(name)), str(count)) for name, count in sorted(families.items())]
    table([say(_("driver family")), say(_("features"))], rows)
    for column in result.left_out:
        line(say, _("left out: {column} of {source}: {reason}"), indent=2, column=column.label,
             source=column.source, reason=column.reason)  # fmt: skip


def features(result: Any, say: Say) -> None:
    """The catalogue: every feature, its driver family, whether it is a lever, and what it says."""
    table(
        [say(text) for text in (_("feature"), _("driver family"), _("lever"), _("what it says"))],
        [
            (
                feature.name,
                say(family_label(feature.family)),
                say(_("yes")) if feature.lever else say(_("no")),
                say(feature.label),
            )
            for feature in result.features
        ],
    )


BRIEF: dict[str, Callable[[Any, Say], None]] = {
    "scores": brief_scores,
    "whole_base": brief_whole_base,
    "outcome": brief_outcome,
    "retention": brief_retention,
    "leaks": brief_leaks,
    "drivers": brief_drivers,
    "value": brief_value,
}
PRINTERS: dict[str, Callable[[Any, Say], None]] = {
    "scores": scores,
    "ratings": ratings,
    "whole_base": whole_base,
    "leaks": leaks,
    "retention": retention,
    "drivers": drivers,
    "levers": levers,
    "value": value,
    "actions": actions,
    "inventory": inventory,
    "features": features,
}
