"""`harken analyze` and `harken runs`."""

from __future__ import annotations

import time
from pathlib import Path

import click

from harken.cli.output import Bar, json_option, print_json, speaker, table
from harken.vocabulary.messages import gettext_noop as _


@click.command()
@click.option("--again", is_flag=True, help="Compute anew even where nothing changed since the last run.")
@json_option
@click.pass_obj
def analyze(obj: dict[str, Path], again: bool, as_json: bool) -> None:
    """Compute scores, the whole base, drivers, retention, value and whom to act on; keep them as a run.

    Equal data, settings and versions give the run that is there already. Parts that cannot run are listed with
    the reason; the rest runs.
    """
    from harken.usecases.analyzing.run import analyze as compute
    from harken.usecases.workspaces import open_workspace

    say = speaker(str(obj["language"]))
    workspace = open_workspace(obj["root"])
    run = compute(workspace, now_us=time.time_ns() // 1000, progress=Bar(say), again=again)
    if as_json:
        print_json(run.info, str(obj["language"]))
        return
    from harken.cli.parts import print_overview

    print_overview(run, say)


@click.command()
@json_option
@click.pass_obj
def runs(obj: dict[str, Path], as_json: bool) -> None:
    """List analyses, newest first."""
    from harken.usecases.runs import list_runs
    from harken.usecases.workspaces import open_workspace

    found = list_runs(open_workspace(obj["root"]).runs_root)
    if as_json:
        print_json(found, str(obj["language"]))
        return
    rows = [
        (run.id, f"{run.created:%Y-%m-%d %H:%M}", str(run.as_of or "–"), f"{run.customers:,}", f"{run.seconds:.1f}",
         str(len(run.not_run)))
        for run in found
    ]  # fmt: skip
    say = speaker(str(obj["language"]))
    headers = (_("run"), _("created (UTC)"), _("as of"), _("customers"), _("seconds"), _("parts not run"))
    table([say(text) for text in headers], rows)
