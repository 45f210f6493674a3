"""`harken report`: the retention analysis as a report to hand on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from harken.cli.output import line, speaker
from harken.vocabulary.messages import Message
from harken.vocabulary.messages import gettext_noop as _


@click.command()
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="FILE.pdf or .html."
)
@click.option("--run", "run_id", help="A run's id or its beginning (default: the newest).")
@click.option("--language", type=click.Choice(["en", "zh-hans", "zh-hant"]), help="Language of the report.")
@click.pass_obj
def report(obj: dict[str, Any], output: Path, run_id: str | None, language: str | None) -> None:
    """Write the retention report: why customers stay or leave, what it costs, how sure that is.

    \b
    harken report -o retention.pdf                      A4, page numbers, no font needed
    harken report -o retention.html --language zh-hant  one file that needs no other
    """
    from harken.usecases.reporting.retention import retention_paper
    from harken.usecases.runs import load_run, utc
    from harken.usecases.workspaces import open_workspace

    workspace = open_workspace(Path(obj["root"]))
    run, spoken = load_run(workspace.runs_root, run_id), language or str(obj["language"])
    today = utc(time.time_ns() // 1000).astimezone(ZoneInfo(workspace.settings.time_zone)).date()
    made = retention_paper(run, workspace, output.suffix.removeprefix("."), language=spoken, today=today)
    output.write_bytes(made)
    title = Message(_("Retention report"))
    line(speaker(str(obj["language"])), _("{report} written to {file}."), report=title, file=str(output))
