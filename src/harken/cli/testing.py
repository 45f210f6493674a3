"""`harken test-answers`: answers kept back against the predictions of the last analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harken.cli.output import json_option, print_json, speaker
from harken.cli.parts import print_test


@click.command("test-answers")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--customer", help="Column with the customer's number (default: found by itself).")
@click.option("--score", help="Column with the score (default: found by itself).")
@click.option("--run", "run_id", help="A run's id or its beginning (default: the newest).")
@json_option
@click.pass_obj
def check_answers(
    obj: dict[str, Any], file: Path, customer: str | None, score: str | None, run_id: str | None, as_json: bool
) -> None:
    """Compare answers that were never imported with what the analysis predicted for their customers.

    FILE is CSV, Excel or Parquet with customer numbers and scores. This tests answerers only.
    """
    from harken.usecases import held_back
    from harken.usecases.runs import load_run
    from harken.usecases.workspaces import open_workspace

    run = load_run(open_workspace(Path(obj["root"])).runs_root, run_id)
    found = held_back.check_answers(run, file, customer_column=customer, score_column=score)
    if as_json:
        print_json(found, str(obj["language"]))
    else:
        print_test(found, speaker(str(obj["language"])))
