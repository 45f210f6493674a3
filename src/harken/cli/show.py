"""`harken show`: what a run found, part by part, for people or as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from harken.cli import lifetimes
from harken.cli.output import Say, json_option, line, print_json, speaker, table
from harken.cli.parts import PRINTERS, print_comparison, print_overview
from harken.usecases.runs import NotRun, Run
from harken.vocabulary.messages import gettext_noop as _

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
    harken show scores --from 2026-04-01 --to 2026-06-30 --segment plan:SmartHome
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


@show.command("customers")
@click.option("-n", "--count", default=20, show_default=True, help="How many rows.")
@click.option("--start", default=0, show_default=True)
@run_option
@json_option
@click.pass_obj
def customers(obj: dict[str, Any], count: int, start: int, run_id: str | None, as_json: bool) -> None:
    """Customers, highest value at stake first, with probabilities."""
    run, say = _load(obj, run_id), speaker(str(obj["language"]))
    rows = run.customers(start=start, count=count).to_pylist()
    if as_json:
        print_json({"rows": rows, "start": start, "of": run.info.customers}, str(obj["language"]))
        return
    headers = {
        "number": _("number"),
        "name": _("name"),
        "risk": _("risk"),
        "value": _("value a year"),
        "value_1y": _("expected within one year"),
        "value_3y": _("expected within three years"),
        "value_at_stake": _("value at stake"),
        "unfavourable": _("unfavourable"),
        "favourable": _("favourable"),
    }
    wanted = [name for name in headers if rows and name in rows[0]]
    table([say(headers[name]) for name in wanted], [[_cell(name, row[name]) for name in wanted] for row in rows])
    line(say, _("{count} of {total} customers"), count=len(rows), total=run.info.customers)


def _cell(name: str, value: Any) -> str:
    if value is None or value != value:
        return "–"
    if name in ("risk", "unfavourable", "favourable"):
        return f"{value:.0%}"
    return f"{value:,.0f}" if isinstance(value, float) else str(value)


@show.command("scores")
@click.option("--question", default="", help="programme/question (default: the score of the analysis).")
@click.option("--from", "first", default="", metavar="DAY", help="First day, such as 2026-01-01.")
@click.option("--to", "last", default="", metavar="DAY", help="Last day.")
@click.option("--segment", default="", help="A column and a value: plan:SmartHome.")
@click.option("--against", default="", metavar="DAY_DAY", help="Days to compare with (default: the period before).")
@run_option
@json_option
@click.pass_obj
def scores(
    obj: dict[str, Any],
    question: str,
    first: str,
    last: str,
    segment: str,
    against: str,
    run_id: str | None,
    as_json: bool,
) -> None:
    """Scores of those who answered, for any question, period and segment, and whether they changed.

    Needs no new analysis: the run keeps its answers.
    """
    from harken.usecases.scores import choice_from
    from harken.usecases.scores import scores as scores_of

    run, say = _load(obj, run_id), speaker(str(obj["language"]))
    parts = {"question": question, "from": first, "to": last, "segment": segment, "before": against}
    result = run.part("scores")
    if isinstance(result, NotRun):
        if as_json:
            print_json(result, str(obj["language"]))
        else:
            click.echo(say(result.reason))
        return
    view = scores_of(run, choice_from(parts))
    if as_json:
        overview = {field.name: getattr(view.overview, field.name) for field in dataclasses.fields(view.overview)}
        print_json({**overview, "comparison": view.comparison}, str(obj["language"]))
        return
    PRINTERS["scores"](view.overview, say)
    print_comparison(view.comparison, say)


_part_command("ratings", "ratings", "Touchpoint ratings that go with the score.", PRINTERS["ratings"])
_part_command("whole-base", "whole_base", "The score of all customers.", PRINTERS["whole_base"])
_part_command("leaks", "leaks", "Columns that know the outcome too early.", PRINTERS["leaks"])
_part_command("retention", "retention", "The forecast of who leaves, and its test.", PRINTERS["retention"])
_part_command("drivers", "drivers", "Why customers stay or leave, ranked.", PRINTERS["drivers"])
_part_command("score-drivers", "score_drivers", "What goes with the score, ranked.", PRINTERS["drivers"])
_part_command("levers", "levers", "What an owner can change: effect and break-even.", PRINTERS["levers"])
_part_command("value", "value", "Money at stake, with its interval.", PRINTERS["value"])
_part_command("survival", "survival", "How long customers stay, by group.", lifetimes.survival)
_part_command("lifetime-value", "lifetime_value", "What customers will bring.", lifetimes.lifetime_value)
_part_command("actions", "actions", "Whom to act on, about what.", PRINTERS["actions"])
_part_command("features", "inventory", "Every feature: family, lever, what it says.", PRINTERS["features"])
_part_command("inventory", "inventory", "Which data are held, and what was made of them.", PRINTERS["inventory"])


@show.command("what-if")
@click.option("--lever", help="The lever: its column or driver family (default: all, with their targets).")
@click.option("--target", help="Where the lever would be moved to (default: today's median).")
@run_option
@json_option
@click.pass_obj
def what_if(obj: dict[str, Any], lever: str | None, target: str | None, run_id: str | None, as_json: bool) -> None:
    """What would go with moving a lever to where others are already.

    \b
    harken show what-if                                the levers, and the targets that can be asked
    harken show what-if --lever waiting --target 10    one question
    """
    from harken.cli.parts import answer as print_answer
    from harken.cli.parts import scenarios as print_scenarios
    from harken.usecases.what_if import ask, choose, read_target

    language = str(obj["language"])
    found, say = _load(obj, run_id).part("what_if"), speaker(language)
    if isinstance(found, NotRun):
        click.echo(say(found.reason))
    elif lever is None and target is None:
        print_json(found, language) if as_json else print_scenarios(found, say)
    else:
        chosen = choose(found, lever)
        given = ask(found, chosen, None if target is None else read_target(chosen, target))
        if as_json:
            print_json(given, language)
        else:
            print_answer(given, say)
