"""`harken evaluate`: did an action work? From a file, by the honest way for what is there, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harken.cli.output import Say, estimate, json_option, line, print_json, speaker, table
from harken.vocabulary.messages import Message
from harken.vocabulary.messages import gettext_noop as _

PASSED = {True: _("good"), False: _("fails"), None: _("note")}


@click.command("evaluate")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--unit", help="Column with the unit: what was treated as a whole, such as a customer or a branch.")
@click.option("--outcome", help="Column with the outcome: a number, or 1 and 0.")
@click.option("--treated", help="Column that says yes or no: was this unit treated?")
@click.option("--period", help="Column with the period (number or day), where a unit has a row for each.")
@click.option("--treated-from", help="Column with the unit's first treated period; blank or 0 for never.")
@click.option("--randomised", is_flag=True, help="A lot decided who was treated.")
@click.option("--before", help="Column with the outcome measured before.")
@click.option("--covariate", "covariates", multiple=True, help="Column known before (again for each).")
@click.option("--picked", is_flag=True, help="Units were treated because they were the worst (or best) before.")
@click.option("--left-days", help="Callbacks: column with days from the event to leaving; blank for never.")
@click.option("--called-days", help="Callbacks: column with days from the event to the call; blank for never.")
@click.option("--followed-days", help="Callbacks: column with the days that each was watched.")
@click.option("--landmark", type=float, default=14.0, show_default=True, help="Callbacks: day of comparison.")
@click.option("--horizon", type=float, default=90.0, show_default=True, help="Callbacks: left by this day.")
@click.option("--lower-is-better", is_flag=True, help="A lower outcome is wanted.")
@click.option("--worthwhile", type=float, default=0.0, help="The least gain that is worth it.")
@json_option
@click.pass_obj
def evaluate(obj: dict[str, Any], file: Path, landmark: float, horizon: float, as_json: bool, **named: Any) -> None:
    """Did it work? Evaluate an action from FILE (CSV, Excel or Parquet).

    Harken chooses the way: a lot, a staggered start, callbacks after events, units picked for being worst; and
    refuses, with the reason, where no honest way is there.

    \b
    harken evaluate mails.csv --outcome stayed --treated mailed --randomised --before risk
    harken evaluate branches.csv --unit branch --period month --outcome csat --treated-from start
    """
    from harken.usecases.evaluating.file import Asked, evaluate_file

    found = evaluate_file(file, Asked(landmark_days=landmark, horizon_days=horizon, **named))
    if as_json:
        print_json(found, str(obj["language"]))
    else:
        print_evaluation(found, speaker(str(obj["language"])))


def print_evaluation(found: Any, say: Say) -> None:
    """The finding first, then how it was measured, what was checked and what to do."""
    result = found.evaluation
    click.secho(say(result.headline), bold=True)
    line(say, _("{units} units from {rows} rows of {file}; {left_out} rows have no outcome."), indent=2,
         units=found.units, rows=found.rows, file=found.file, left_out=found.left_out)  # fmt: skip
    click.echo(f"  {say(result.choice)}")
    if result.effect is not None:
        line(say, _("How far it may be called a cause: {evidence}"), indent=2,
             evidence=Message(result.effect.evidence.value))  # fmt: skip
        if result.effect.robustness_value is not None:
            line(say, _("A hidden cause would have to explain {share} of what is left of both to overturn it."),
                 indent=2, share=f"{result.effect.robustness_value:.1%}")  # fmt: skip
    for check in result.checks:
        line(say, _("{verdict}: {check}"), indent=2, verdict=Message(PASSED[check.passed]), check=check.words)
    if result.lags:
        table(
            [say(_("periods since the start")), say(_("effect"))],
            [(f"{lag.lag:+d}", estimate(say, lag.estimate, digits=3)) for lag in result.lags],
        )
    click.echo(say(result.advice_words))
    if result.todo is not None:
        click.echo(say(result.todo))
