"""`harken export`: a table of a run as a file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from harken.cli.output import line, speaker
from harken.vocabulary.messages import gettext_noop as _


@click.command()
@click.argument("table")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="FILE.csv, .xlsx or .parquet.",
)
@click.option("--run", "run_id", help="A run's id or its beginning (default: the newest).")
@click.pass_obj
def export(obj: dict[str, Any], table: str, output: Path, run_id: str | None) -> None:
    """Write a TABLE of the last analysis, complete, as CSV, Excel or Parquet, by the ending of the file's name.

    \b
    harken export customers -o customers.parquet   everybody, highest value at stake first
    harken export drivers -o drivers.xlsx          why customers stay or leave
    harken export segments -o segments.csv         scores by segment

    Tables: customers, drivers, score-drivers, levers, leaks, deciles, whole-base, scores, segments, other-scores,
    ratings, value, sources, features, left-out.
    """
    from harken.usecases.exports.export import export_table
    from harken.usecases.runs import load_run
    from harken.usecases.workspaces import open_workspace

    workspace = open_workspace(Path(obj["root"]))
    run, language = load_run(workspace.runs_root, run_id), str(obj["language"])
    done = export_table(workspace, run, table, output, language=language, now_us=time.time_ns() // 1000)
    line(
        speaker(language), _("{rows} of {of} rows written to {file}."), rows=done.rows, of=done.of, file=str(output)
    )
