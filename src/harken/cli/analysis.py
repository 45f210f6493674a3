"""`harken analyze` and `harken runs`."""

from __future__ import annotations

import time
from pathlib import Path

import click

from harken.cli.output import Bar, estimate, json_option, line, print_json, speaker, table
from harken.vocabulary.messages import Message
from harken.vocabulary.messages import gettext_noop as _


@click.command()
@click.option("--again", is_flag=True, help="Compute anew even where nothing changed since the last run.")
@click.option("--segment", help="Only customers whose column has a value: plan=SmartHome.")
@json_option
@click.pass_obj
def analyze(obj: dict[str, Path], again: bool, segment: str | None, as_json: bool) -> None:
    """Compute scores, the whole base, drivers, retention, value and whom to act on; keep them as a run.

    Equal data, settings and versions give the run that is there already. Parts that cannot run are listed with
    the reason; the rest runs. With --segment the same questions are asked of some customers only.
    """
    from harken.usecases.analyzing.run import analyze as compute
    from harken.usecases.hypotheses import judge_register
    from harken.usecases.run_history import read_segment
    from harken.usecases.runs import utc
    from harken.usecases.serving import migrate
    from harken.usecases.workspaces import open_workspace

    say = speaker(str(obj["language"]))
    workspace = open_workspace(obj["root"])
    limit = None if segment is None else read_segment(segment)
    run = compute(workspace, now_us=time.time_ns() // 1000, progress=Bar(say), again=again, segment=limit)
    migrate(workspace.root)
    judge_register(workspace, run, now=utc(time.time_ns() // 1000))
    if as_json:
        print_json(run.info, str(obj["language"]))
        return
    from harken.cli.parts import print_overview

    print_overview(run, say)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def runs(ctx: click.Context, as_json: bool) -> None:
    """List analyses, newest first; compare two, remove an old one."""
    if ctx.invoked_subcommand is not None:
        return
    from harken.usecases.run_history import past_runs

    language = str(ctx.obj["language"])
    found = past_runs(_runs_root(ctx.obj))
    if as_json:
        print_json(found, language)
        return
    say = speaker(language)
    rows = [
        (
            past.info.id,
            say(Message(_("all"))) if past.info.segment is None else past.info.segment.text,
            f"{past.info.created:%Y-%m-%d %H:%M}",
            str(past.info.as_of or "–"),
            f"{past.info.customers:,}",
            f"{past.info.seconds:.1f}",
            str(len(past.info.not_run)),
            say(Message(_("the same"))) if past.same_data else say(Message(_("other"))),
            ", ".join(item.name for item in past.settings) or "–",
        )
        for past in found
    ]
    headers = (_("run"), _("of whom"), _("created (UTC)"), _("as of"), _("customers"), _("seconds"),
               _("parts not run"), _("data"), _("other settings"))  # fmt: skip
    table([say(text) for text in headers], rows)


def _runs_root(obj: dict[str, Path]) -> Path:
    from harken.usecases.workspaces import open_workspace

    return open_workspace(obj["root"]).runs_root


@runs.command("remove")
@click.argument("run_id")
@json_option
@click.pass_obj
def remove(obj: dict[str, Path], run_id: str, as_json: bool) -> None:
    """Remove an old analysis; the newest of all customers is kept."""
    from harken.usecases.run_history import remove_run

    removed = remove_run(_runs_root(obj), run_id)
    if as_json:
        print_json({"removed": removed.id}, str(obj["language"]))
        return
    line(speaker(str(obj["language"])), _("Analysis {id} is removed."), id=removed.id)


@runs.command("compare")
@click.argument("first")
@click.argument("second")
@json_option
@click.pass_obj
def compare(obj: dict[str, Path], first: str, second: str, as_json: bool) -> None:
    """Two analyses side by side; a difference is called one only where it is beyond chance."""
    from harken.usecases.comparing import compare_runs, headline
    from harken.usecases.families import label
    from harken.usecases.runs import load_run

    root, language = _runs_root(obj), str(obj["language"])
    found = compare_runs(load_run(root, first), load_run(root, second))
    if as_json:
        print_json({"headline": headline(found), "comparison": found}, language)
        return
    say = speaker(language)
    click.secho(say(headline(found)), bold=True)
    click.echo(say(found.can_tell))
    for item in found.inputs:
        click.echo(f"  {item.name}: {item.here or '–'} → {item.there or '–'}")
    rows = [
        (item.name, item.first, item.second, item, 1, 3 if item.unit == "number" else 1) for item in found.figures
    ]
    for pair in found.drivers:
        one, other = (None if row is None else row.share for row in (pair.first, pair.second))
        rows.append((label(pair.family), one, other, pair, 100, 0))
    headers = (_("figure"), found.first.id[:8], found.second.id[:8], _("difference"), _("verdict"))
    table(
        [say(text) for text in headers],
        [
            (
                say(name),
                *(estimate(say, number, factor=factor, digits=digits) for number in (one, other, item.difference)),
                say(VERDICTS[item.verdict]),
            )
            for name, one, other, item, factor, digits in rows
        ],
    )


VERDICTS = {
    "equal": _("the same"),
    "higher": _("higher"),
    "lower": _("lower"),
    "chance": _("within chance"),
    "not comparable": _("not compared"),
}
