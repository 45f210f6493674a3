"""`harken hypotheses`: what we believe, what each analysis said of it, what was decided."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from harken.cli.output import Say, json_option, line, print_json, speaker, table
from harken.vocabulary.messages import Message
from harken.vocabulary.messages import gettext_noop as _

side_choice = click.Choice(["more", "less", "either"])


def _opened(obj: dict[str, Any]) -> tuple[Any, Say, datetime]:
    """The workspace with its records up to date, how to speak, and the present moment in the company's zone."""
    from harken.usecases.runs import utc
    from harken.usecases.serving import migrate
    from harken.usecases.workspaces import open_workspace

    workspace = open_workspace(obj["root"])
    migrate(workspace.root)
    now = utc(time.time_ns() // 1000).astimezone(ZoneInfo(workspace.settings.time_zone))
    return workspace, speaker(str(obj["language"])), now


@click.group()
def hypotheses() -> None:
    """What we believe about customers: written down, judged by each analysis, decided upon.

    \b
    harken hypotheses add "Long waits make customers leave" --about leaving:waiting --side more
    harken hypotheses list
    harken hypotheses judge
    harken hypotheses decide 1 "Call back within ten minutes" --by "Li Wei"
    """


@hypotheses.command("list")
@json_option
@click.pass_obj
def list_(obj: dict[str, Any], as_json: bool) -> None:
    """Every hypothesis with its newest verdict."""
    from harken.usecases.hypotheses import register, wording

    workspace, say, _moment = _opened(obj)
    found = register(workspace)
    if as_json:
        print_json(found, str(obj["language"]))
        return
    click.secho(say(wording.register_headline(found)), bold=True)
    headers = (_("number"), _("verdict"), _("evidence"), _("effect"), _("sources"), _("as of"), _("hypothesis"))
    table([say(text) for text in headers], [
        (
            str(one.id),
            say(Message(_("retired"))) if one.retired else say(wording.STANDINGS[one.standing]),
            "–" if one.now is None or one.now.evidence is None else say(str(one.now.evidence)),
            _said(say, None if one.now is None else wording.figure(one.now)),
            str(len(one.sources.agree)),
            "–" if one.now is None else str(one.now.as_of or "–"),
            one.statement,
        )
        for one in found
    ])  # fmt: skip
    for one in found:
        if one.now is not None and one.now.reason is not None and not one.retired:
            line(say, _("{name}: {why}"), indent=2, name=str(one.id), why=one.now.reason)


def _said(say: Say, message: Message | None) -> str:
    return "–" if message is None else say(message)


@hypotheses.command()
@click.argument("statement")
@click.option(
    "--about", default="", help="What could show it, such as leaving:waiting or segment-leaving:plan=Gold."
)
@click.option(
    "--side", type=side_choice, default="either", show_default=True, help="What you expect of the effect."
)
@click.option("--needed", default="", help="Which data would show it, where nothing that is measured can.")
@click.option("--asked", default="", help="Who is asked for such data.")
@click.option("--due", default="", help="By when, as year-month-day.")
@json_option
@click.pass_obj
def add(
    obj: dict[str, Any], statement: str, about: str, side: str, needed: str, asked: str, due: str, as_json: bool
) -> None:
    """Write a hypothesis down in your own words.

    \b
    --about names what could show it:
      leaving:FAMILY   score:FAMILY   lever:MEASURE   change:QUESTION
      segment-leaving:COLUMN=VALUE    segment-score:COLUMN=VALUE
    """
    from harken.usecases.hypotheses import believe

    workspace, say, now = _opened(obj)
    given = {"statement": statement, "about": about, "side": side, "needed": needed, "asked": asked, "due": due}
    number = believe(workspace, given, by="", now=now, today=now.date())
    if as_json:
        print_json({"number": number}, str(obj["language"]))
        return
    line(say, _("Hypothesis {number} is written down; `harken hypotheses judge` holds it against the newest "
                "analysis."), number=str(number))  # fmt: skip


@hypotheses.command()
@json_option
@click.pass_obj
def judge(obj: dict[str, Any], as_json: bool) -> None:
    """Hold every hypothesis against the newest analysis of all customers; verdicts of earlier ones stay."""
    from harken.usecases.hypotheses import judge_register
    from harken.usecases.runs import load_run

    workspace, say, now = _opened(obj)
    run = load_run(workspace.runs_root)
    made = judge_register(workspace, run, now=now)
    if as_json:
        print_json({"run": run.info.id, "new_verdicts": made}, str(obj["language"]))
        return
    line(say, _("New verdicts: {n}."), n=made)


@hypotheses.command()
@click.argument("number", type=int)
@click.argument("text")
@click.option("--by", "decided_by", required=True, help="Who decided.")
@click.option("--on", "decided", default="", help="The day, as year-month-day (default: today).")
@click.option(
    "--also", type=int, multiple=True, help="Another hypothesis that informed it; may be given several times."
)
@json_option
@click.pass_obj
def decide(
    obj: dict[str, Any],
    number: int,
    text: str,
    decided_by: str,
    decided: str,
    also: tuple[int, ...],
    as_json: bool,
) -> None:
    """Note a decision that a hypothesis informed; the verdict as it stands now is kept with it."""
    from harken.usecases.hypotheses import decide as keep

    workspace, say, now = _opened(obj)
    given = {"text": text, "decided_by": decided_by, "decided": decided}
    made = keep(workspace, (number, *also), given, by="", now=now, today=now.date())
    if as_json:
        print_json({"decision": made}, str(obj["language"]))
        return
    line(say, _("The decision is noted with the verdict as it stands now."))
