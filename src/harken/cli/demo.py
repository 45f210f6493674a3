"""`harken demo`: from nothing to a living, populated product."""

from __future__ import annotations

import time
from pathlib import Path

import click

from harken.cli.output import Bar, json_option, line, print_json, speaker
from harken.vocabulary.messages import gettext_noop as _


@click.command()
@click.option("--customers", default=20_000, show_default=True, type=click.IntRange(1, 10_000_000))
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--world",
    type=click.Choice(["observed", "mood"]),
    default="observed",
    show_default=True,
    help="Whether answering depends on what the data show, or on mood too.",
)
@click.option("--serve", "then_serve", is_flag=True, help="Open the pages when it is ready.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@json_option
@click.pass_obj
def demo(
    obj: dict[str, Path],
    customers: int,
    seed: int,
    world: str,
    then_serve: bool,
    host: str,
    port: int,
    as_json: bool,
) -> None:
    """Grow an imaginary telecom-and-shop company, import its files, analyse it.

    The company, its customers and every effect are simulated; raw/truth.json tells what is true. Files go through
    the real import. The folder is ./demo-workspace unless --workspace names another.
    """
    from harken.usecases.accounts import enter_demo, prepare_records
    from harken.usecases.analyzing.run import analyze
    from harken.usecases.demo import prepare_demo

    language = str(obj["language"])
    say = speaker(language)
    root = Path(obj["root"]) if obj["root"] != Path() else Path("demo-workspace")
    grown = prepare_demo(
        root, customers=customers, seed=seed, world="mood" if world == "mood" else "observed",
        now_us=time.time_ns() // 1000, progress=Bar(say),
    )  # fmt: skip
    prepare_records(root)
    run = analyze(grown.workspace, now_us=time.time_ns() // 1000, progress=Bar(say))
    if as_json:
        print_json({"folder": str(root), "signals": grown.signals, "run": run.info}, language)
    else:
        from harken.cli.parts import print_overview

        print_overview(run, say)
    if then_serve:
        from harken.usecases import serving

        path = enter_demo(root, language="" if language == "en" else language).path
        serving.serve(root, host=host, port=port, announce=lambda text: click.echo(say(text)), entry_path=path)
    elif not as_json:
        line(say, _("Look at it: `harken -w {folder} serve`"), folder=str(root))
