"""`harken show`: what a run found, part by part, for people or as JSON."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from harken.cli.output import estimate_text, json_option, print_json, speaker, table
from harken.usecases.runs import NotRun, Run
from harken.vocabulary.messages import Message

Say = Callable[[Message | str], str]
run_option = click.option("--run", "run_id", help="A run's id or its beginning (default: the newest).")


@click.group(invoke_without_command=True)
@run_option
@json_option
@click.pass_context
def show(ctx: click.Context, run_id: str | None, as_json: bool) -> None:
    """Show what the last analysis found; without a part, the overview.

    \b
    harken show                 the overview
    harken show drivers         why customers stay or leave
    harken show customers -n 20 whom to act on
    harken show whole-base --json
    """
    if ctx.invoked_subcommand is None:
        run = _load(ctx.obj, run_id)
        if as_json:
            print_json({"info": run.info, "parts": run.parts}, str(ctx.obj["language"]))
        else:
            print_overview(run, speaker(str(ctx.obj["language"])))


def _load(obj: dict[str, Any], run_id: str | None) -> Run:
    from harken.usecases.runs import load_run
    from harken.usecases.workspaces import open_workspace

    return load_run(open_workspace(Path(obj["root"])).runs_root, run_id)


def _part_command(name: str, part: str, text: str, printer: Callable[[Any, Say], None]) -> None:
    @show.command(name, help=text)
    @run_option
    @json_option
    @click.pass_obj
    def command(obj: dict[str, Any], run_id: str | None, as_json: bool) -> None:
        run = _load(obj, run_id)
        result, say = run.part(part), speaker(str(obj["language"]))
        if as_json:
            print_json(result, str(obj["language"]))
        elif isinstance(result, NotRun):
            click.echo(say(result.reason))
        else:
            printer(result, say)


def print_overview(run: Run, say: Say) -> None:
    """The few numbers that matter, and which parts could not run."""
    click.secho(f"Run {run.info.id}, as of {run.info.as_of or '–'}, {run.info.customers:,} customers", bold=True)
    for part, printer in (
        ("scores", _brief_scores),
        ("whole_base", _brief_whole_base),
        ("outcome", _brief_outcome),
        ("retention", _brief_retention),
        ("leaks", _brief_leaks),
        ("drivers", _brief_drivers),
        ("value", _brief_value),
    ):
        result = run.parts.get(part)
        if result is not None and not isinstance(result, NotRun):
            printer(result, say)
    for name, reason in run.info.not_run.items():
        click.echo(f"  not computed: {name}: {say(reason)}")


def _brief_scores(result: Any, say: Say) -> None:
    click.echo(f"  {result.question.name}: {say(result.summary.sentence)} {say(result.summary.direction)}")


def _brief_whole_base(result: Any, say: Say) -> None:
    total = result.total
    if total.whole_base is not None:
        click.echo(f"  all customers: {estimate_text(total.whole_base)}; answered only minus all: "
                   f"{estimate_text(total.difference)}")  # fmt: skip


def _brief_outcome(result: Any, say: Say) -> None:
    click.echo(f"  leaving means: {say(result.sentence)}; stayed: {estimate_text(result.rate, unit='%')}")
    if result.proposal is not None:
        click.echo(f"  {say(result.proposal)}")


def _brief_retention(result: Any, say: Say) -> None:
    click.echo(f"  forecast: AUC {estimate_text(result.validation.auc, digits=3)}, {result.validation.kind.value}")


def _brief_leaks(result: Any, say: Say) -> None:
    for leak in result.set_aside:
        click.echo(f"  set aside: {say(leak.label)}: {say(leak.messages[0])}")


def _brief_drivers(result: Any, say: Say) -> None:
    strongest = [row for row in result.families if row.shown][:5]
    if strongest:
        click.echo("  drivers: " + ", ".join(f"{say(row.family)} {row.share.value:.0%}" for row in strongest))
    else:
        click.echo("  drivers: none shown beyond chance")


def _brief_value(result: Any, say: Say) -> None:
    click.echo(f"  value at stake: {estimate_text(result.total, digits=0)}")


def _print_scores(result: Any, say: Say) -> None:
    _brief_scores(result, say)
    if result.unweighted is not None:
        click.echo(f"  unweighted: {say(result.unweighted.sentence)}")
    click.echo(f"  {say(result.summary.counts)}")
    if result.series is not None:
        for line in result.series.lines:
            rows = [
                (str(period), estimate_text(estimate) if estimate is not None else "–")
                for period, estimate in zip(result.series.periods, line.estimates, strict=True)
            ]
            table(["period", "score"], rows)
        for change in result.series.changes:
            if change.real:
                click.echo(say(change.message))
    for segment in result.segments:
        scores = segment.scores
        click.echo()
        rows = []
        for index, name in enumerate(scores.raw.labels):
            differs = "differs" if scores.against_rest.shown[index] else ""
            rows.append((name, estimate_text(scores.raw.one(index)), differs))
        table([say(segment.label), "score", "from the rest"], rows)
    if result.others:
        click.echo()
        table(["other scores", "score"], [
            (other.question.name, estimate_text(other.summary.headline) if other.summary.headline else "–")
            for other in result.others
        ])  # fmt: skip


def _print_ratings(result: Any, say: Say) -> None:
    click.echo(f"All ratings explain {estimate_text(result.r2, digits=2)} of the score's variance.")
    table(["touchpoint", "mean", "share %", "one step more"], [
        (row.question, f"{row.mean_rating:.2f}", estimate_text(row.share), estimate_text(row.slope.estimate))
        for row in result.drivers
    ])  # fmt: skip
    for question, n in result.not_ranked:
        click.echo(f"  not ranked: {question}, n = {n}")


def _print_whole_base(result: Any, say: Say) -> None:
    def row(group: Any, label: str) -> tuple[str, ...]:
        parts = [group.answered_only, group.whole_base, group.difference]
        return (label, f"{group.reply_rate:.1%}", *(estimate_text(part) if part else "–" for part in parts))

    headers = ["", "replied", "answered only", "all customers", "difference"]
    table(headers, [row(result.total, "all")])
    for segment in result.segments:
        click.echo()
        table([segment.name, *headers[1:]], [row(group, group.label or "–") for group in segment.rows])
    for note in (*result.notes, *result.overlap.warnings):
        click.echo(say(note))


def _print_leaks(result: Any, say: Say) -> None:
    click.echo(f"{len(result.set_aside)} of {result.columns} columns set aside ({result.n:,} customers looked at).")
    for title, leaks in (("set aside", result.set_aside), ("kept, worth a look", result.suspects)):
        for leak in leaks:
            reasons = "; ".join(say(message) for message in leak.messages)
            click.echo(f"  {title}: {say(leak.label)} (AUC alone {leak.auc:.2f}): {reasons}")
    for note in result.notes:
        click.echo(say(note))


def _print_retention(result: Any, say: Say) -> None:
    _brief_retention(result, say)
    table(["tenth by risk", "predicted", "actual"], [
        (str(number), f"{decile.predicted:.1%}", estimate_text(decile.actual, digits=3))
        for number, decile in enumerate(result.validation.deciles, start=1)
    ])  # fmt: skip
    for note in result.notes:
        click.echo(say(note))


def _print_drivers(result: Any, say: Say) -> None:
    click.echo(f"Together they explain {estimate_text(result.r2, digits=3)} of the outcome's variance.")
    table(["driver family", "rank", "share", "lever"], [
        (say(row.family), f"{row.rank} ({row.rank_lower}–{row.rank_upper})",
         estimate_text(row.share, digits=2) if row.shown else "not shown", "yes" if row.has_lever else "no")
        for row in result.families
    ])  # fmt: skip
    for note in result.notes:
        click.echo(say(note))


def _print_inventory(result: Any, say: Say) -> None:
    table(["source", "kind", "rows", "customers", "from", "to"], [
        (entry.source, entry.kind, f"{entry.rows:,}", f"{entry.customers:,}", str(entry.first_day or "–"),
         str(entry.last_day or "–"))
        for entry in result.sources
    ])  # fmt: skip
    families: dict[str, int] = {}
    for feature in result.features:
        families[feature.family] = families.get(feature.family, 0) + 1
    click.echo()
    table(["driver family", "features"], [(say(name), str(count)) for name, count in sorted(families.items())])
    for column in result.left_out:
        click.echo(f"  left out: {column.source} {column.label}: {say(column.reason)}")


@show.command("customers")
@click.option("-n", "--count", default=20, show_default=True, help="How many rows.")
@click.option("--start", default=0, show_default=True)
@run_option
@json_option
@click.pass_obj
def customers(obj: dict[str, Any], count: int, start: int, run_id: str | None, as_json: bool) -> None:
    """Customers, highest value at stake first, with probabilities."""
    run = _load(obj, run_id)
    rows = run.customers(start=start, count=count).to_pylist()
    if as_json:
        print_json({"rows": rows, "start": start, "of": run.info.customers}, str(obj["language"]))
        return
    wanted = [name for name in ("number", "name", "risk", "value", "value_at_stake", "unfavourable", "favourable")
              if rows and name in rows[0]]  # fmt: skip
    table(wanted, [[_cell(name, row[name]) for name in wanted] for row in rows])
    click.echo(f"{len(rows):,} of {run.info.customers:,} customers")


def _cell(name: str, value: Any) -> str:
    if value is None or value != value:
        return "–"
    if name in ("risk", "unfavourable", "favourable"):
        return f"{value:.0%}"
    return f"{value:,.0f}" if isinstance(value, float) else str(value)


def _print_levers(result: Any, say: Say) -> None:
    for lever in result.levers:
        adjusted = lever.effect.adjusted
        click.secho(f"{say(lever.family)}: {say(lever.label)}", bold=True)
        share = 100 if lever.binary else 1
        click.echo(f"  {say(lever.part.words)}: {lever.affected:,} of {lever.n:,} customers")
        click.echo(f"  plain difference ({lever.effect.raw.evidence.value}): "
                   f"{_scaled(lever.effect.raw.estimate, share)}")  # fmt: skip
        click.echo(f"  others held equal ({adjusted.evidence.value}): {_scaled(adjusted.estimate, share)}")
        if adjusted.robustness_value is not None:
            click.echo(f"  a hidden cause would have to explain {adjusted.robustness_value:.1%} of both to undo it")
        if lever.shape is not None and lever.shape.threshold is not None:
            click.echo(f"  threshold at {estimate_text(lever.shape.threshold.place, digits=1)}")
        if lever.pattern is not None:
            click.echo(f"  pattern: {lever.pattern.kind.value}")
        if lever.effect.value_each is not None:
            click.echo(f"  worth mending below {estimate_text(lever.effect.value_each, digits=0)} per customer")
    for name, reason in result.not_judged:
        click.echo(f"  not judged: {say(name)}: {say(reason)}")


def _scaled(estimate: Any, factor: float) -> str:
    low, high = estimate.interval.lower * factor, estimate.interval.upper * factor
    unit = " points" if factor == 100 else ""
    return f"{estimate.value * factor:+.1f}{unit} ({low:+.1f} to {high:+.1f}), n = {estimate.n:,}"


def _print_value(result: Any, say: Say) -> None:
    _brief_value(result, say)
    click.echo(f"  expected to leave: {estimate_text(result.leavers, digits=0)}")
    click.echo(
        f"  {result.with_value:,} of {result.customers:,} customers have a value; margin {result.margin:.0%}"
    )
    table(["driver family", "customers", "money at stake through it"], [
        (say(row.family), f"{row.affected:,}", estimate_text(row.money, digits=0)) for row in result.by_family
    ])  # fmt: skip
    for note in result.notes:
        click.echo(say(note))


def _print_actions(result: Any, say: Say) -> None:
    click.echo(f"{len(result.actions):,} of {result.customers:,} customers, most at stake first; "
               f"gain: {result.gain.status.value}")  # fmt: skip
    table(["customer", "risk", "at stake", "reason", "action"], [
        (str(row.customer_id), f"{row.risk:.0%}", f"{row.at_stake:,.0f}",
         say(row.reasons[0].label) if row.reasons else "–",
         "hold out: do not contact" if row.hold_out else say(row.action))
        for row in result.actions[:30]
    ])  # fmt: skip
    for note in result.notes:
        click.echo(say(note))


_part_command("scores", "scores", "Scores of those who answered, in time, by segment.", _print_scores)
_part_command("ratings", "ratings", "Touchpoint ratings that go with the score.", _print_ratings)
_part_command("whole-base", "whole_base", "The score of all customers, from those who answered.", _print_whole_base)
_part_command("leaks", "leaks", "Columns that know the outcome too early.", _print_leaks)
_part_command("retention", "retention", "The forecast of who leaves, and its test.", _print_retention)
_part_command("drivers", "drivers", "Why customers stay or leave, ranked.", _print_drivers)
_part_command("score-drivers", "score_drivers", "What goes with the score, ranked.", _print_drivers)
_part_command("inventory", "inventory", "Which data are held, and what was made of them.", _print_inventory)
_part_command("levers", "levers", "What an owner can change, its effect and break-even.", _print_levers)
_part_command("value", "value", "Money at stake, with its interval.", _print_value)
_part_command("actions", "actions", "Whom to act on, about what.", _print_actions)
