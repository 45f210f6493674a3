"""`harken serve`, `harken worker` and `harken migrate`."""

from __future__ import annotations

from pathlib import Path

import click

from harken.cli.output import line, speaker
from harken.vocabulary.messages import gettext_noop as _


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", default=8000, show_default=True)
@click.option("--threads", default=4, show_default=True)
@click.pass_obj
def serve(obj: dict[str, Path], host: str, port: int, threads: int) -> None:
    """Open the pages in your browser; a worker for background work runs beside them.

    The printed address holds a one-time key as long as nobody has an account.
    """
    from harken.usecases import serving

    say = speaker(str(obj["language"]))
    serving.serve(obj["root"], host=host, port=port, threads=threads, announce=lambda text: click.echo(say(text)))


@click.command()
@click.pass_obj
def worker(obj: dict[str, Path]) -> None:
    """Run background work until stopped; `harken serve` starts one by itself."""
    from harken.jobs.worker import work

    work(obj["root"])


@click.command()
@click.pass_obj
def migrate(obj: dict[str, Path]) -> None:
    """Bring the records' tables to this version of Harken; safe to repeat."""
    from harken.usecases.serving import migrate as bring_up_to_date

    applied = bring_up_to_date(obj["root"])
    text = _("{count} migrations are applied.") if applied else _("The records are up to date.")
    line(speaker(str(obj["language"])), text, count=len(applied))
