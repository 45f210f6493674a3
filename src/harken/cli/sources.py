"""`harken sources`: list, add, read, pause, resume, remove, and the history of one."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from typing import Any

import click

from harken.cli.output import Bar, Say, json_option, line, print_json, speaker, table
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message
from harken.vocabulary.messages import gettext_noop as _

HEALTH = {
    "fresh": _("fresh"),
    "late": _("late"),
    "failing": _("failing"),
    "paused": _("paused"),
}
STATES = {
    "running": _("under way"),
    "done": _("imported"),
    "unchanged": _("nothing new"),
    "failed": _("failed"),
    "cancelled": _("cancelled"),
}
READINGS_SHOWN = 50
name_argument = click.argument("name")


def _now() -> datetime:
    return datetime.fromtimestamp(time.time_ns() / 1e9, tz=UTC)


def _opened(obj: dict[str, Any]) -> tuple[Any, Say, datetime]:
    """The workspace with its records up to date, how to speak, and the present moment."""
    from harken.usecases.serving import migrate
    from harken.usecases.workspaces import open_workspace

    workspace = open_workspace(obj["root"])
    migrate(workspace.root)
    return workspace, speaker(str(obj["language"])), _now()


@click.group()
def sources() -> None:
    """Sources that are read on a schedule: folders, databases, web addresses."""


@sources.command("list")
@json_option
@click.pass_obj
def list_(obj: dict[str, Any], as_json: bool) -> None:
    """Which sources there are, and whether they deliver."""
    from harken.usecases.sources import headline, list_sources

    workspace, say, now = _opened(obj)
    found = list_sources(workspace, now)
    if as_json:
        print_json(found, str(obj["language"]))
        return
    click.echo(say(headline(found)))
    if not found:
        return
    headers = (_("source"), _("state"), _("is read"), _("last news (UTC)"), _("next (UTC)"), _("rows"))
    table([say(text) for text in headers], [
        (one.name, say(HEALTH[one.health]), say(one.schedule), _time(one.heard), _time(one.next),
         "–" if one.rows is None else f"{one.rows:,}")
        for one in found
    ])  # fmt: skip
    for one in found:
        if one.trouble is not None:
            line(say, _("{name}: {why}"), indent=2, name=one.name, why=one.trouble.what)


@sources.command()
@name_argument
@click.option("--folder", help="A folder on this computer, such as /srv/exports.")
@click.option("--pattern", help="Which of its files, such as 'orders*.csv'.")
@click.option("--sql", "url", help="A database, such as postgresql://user:${SOURCE_PASSWORD}@host/name.")
@click.option("--read", help="A table, or a SELECT; :since in it stands for the last value of --cursor.")
@click.option("--cursor", help="The column that only grows, by which later readings take what changed.")
@click.option("--start", help="What :since is the first time.")
@click.option("--web", "addresses", multiple=True, help="A web address; may be given several times.")
@click.option("--header", "headers", multiple=True, help="A header, such as 'Authorization: Bearer ${SOURCE_KEY}'.")
@click.option("--mapping", default="", help="Name of a file in mappings/ (default: Harken proposes one).")
@click.option("--every", help="How often, such as '15 minutes' or '2 hours'.")
@click.option("--daily", default="06:00", show_default=True, help="Or at which time of the company's day.")
@click.option("--limit", default="48", show_default=True, help="Hours without news after which it is late.")
@click.option("--try", "only_try", is_flag=True, help="Show the first rows; set nothing up.")
@json_option
@click.pass_obj
def add(
    obj: dict[str, Any],
    name: str,
    every: str | None,
    daily: str,
    limit: str,
    only_try: bool,
    as_json: bool,
    url: str | None,
    addresses: tuple[str, ...],
    headers: tuple[str, ...],
    **fields: str | None,
) -> None:
    """Read a source again and again: give --folder, --sql or --web.

    \b
    harken sources add orders --folder /srv/exports --pattern 'orders*.csv' --daily 06:00
    harken sources add crm --sql postgresql://cx@db/crm --read customers --cursor changed_at --every '2 hours'
    harken sources add nps --web https://example.com/nps.csv --header 'X-Key: ${SOURCE_KEY}'

    Write passwords and keys as ${SOURCE_NAME}: the server's environment holds them.
    """
    from harken.usecases.sources import add_source, try_source

    workspace, say, now = _opened(obj)
    given = {"url": url, "addresses": "\n".join(addresses), "headers": "\n".join(headers), **fields}
    values = {field: value for field, value in given.items() if value}
    values |= {"name": name, "kind": _kind(values), "limit_hours": limit, "at": daily, "unit": "days"}
    if every is not None:
        count, blank, unit = every.strip().partition(" ")
        values |= {"every": count, "unit": f"{unit.strip().rstrip('s')}s" if blank else "?"}
    if only_try:
        trial = try_source(workspace, values, now=now)
        if as_json:
            print_json(trial, str(obj["language"]))
        else:
            _print_trial(trial, say)
        return
    added = add_source(workspace, values, now=now)
    if as_json:
        print_json(added, str(obj["language"]))
        return
    line(say, _("{name} is read {schedule}, the first time as soon as `harken serve` or `harken worker` runs."),
         name=added.name, schedule=added.schedule)  # fmt: skip


def _kind(values: dict[str, str]) -> str:
    kinds = {"folder": "folder", "url": "sql", "addresses": "web"}
    given = [kind for field, kind in kinds.items() if field in values]
    if len(given) != 1:
        raise SettingsError(Message(_("Give one of --folder, --sql and --web.")))
    return given[0]


def _print_trial(trial: Any, say: Say) -> None:
    for one in trial.tables:
        text = _("{file}: {rows} rows") if trial.whole else _("{file}: the first {rows} rows")
        click.secho(say(Message(text, {"file": one.name, "rows": one.rows})), bold=True)
        table([say(_("column")), say(_("holds"))], [(column, say(holds)) for column, holds in one.columns])
    if not trial.tables:
        line(say, _("There is nothing to read at the moment."))
    for name in trial.waiting:
        line(say, _("{file} is still being written to, and waits."), indent=2, file=name)


@sources.command()
@name_argument
@json_option
@click.pass_obj
def read(obj: dict[str, Any], name: str, as_json: bool) -> None:
    """Read one source now."""
    from harken.usecases.sources import read_source

    workspace, say, _moment = _opened(obj)
    reading = read_source(workspace, name, clock=_now, progress=Bar(say), say=say)
    if as_json:
        print_json(reading, str(obj["language"]))
    else:
        line(say, _("{name}: {state}, {rows} rows."), name=name, state=Message(STATES[reading.state]),
             rows=reading.rows)  # fmt: skip
        _print_words(reading, say)
    if reading.state == "failed":
        sys.exit(3)


@sources.command()
@name_argument
@json_option
@click.pass_obj
def history(obj: dict[str, Any], name: str, as_json: bool) -> None:
    """What the last readings of a source brought, and what was wrong."""
    from harken.usecases.sources import history as readings_of

    workspace, say, _moment = _opened(obj)
    readings, count = readings_of(workspace, name, READINGS_SHOWN)
    if as_json:
        print_json(readings, str(obj["language"]))
        return
    line(say, _("{shown} of {count} readings, newest first."), shown=len(readings), count=count)
    for one in readings:
        number = "" if one.import_id is None else say(Message(_("Import {id}"), {"id": str(one.import_id)}))
        click.echo(f"{_time(one.started)}  {say(STATES[one.state])}  {one.rows:,}  {number}".rstrip())
        _print_words(one, say)


@sources.command()
@name_argument
@click.pass_obj
def pause(obj: dict[str, Any], name: str) -> None:
    """Read a source no more until it is resumed."""
    from harken.usecases.sources import pause_source

    workspace, say, _moment = _opened(obj)
    pause_source(workspace, name)
    line(say, _("{name} is paused."), name=name)


@sources.command()
@name_argument
@click.pass_obj
def resume(obj: dict[str, Any], name: str) -> None:
    """Read a paused source again."""
    from harken.usecases.sources import resume_source

    workspace, say, _moment = _opened(obj)
    resume_source(workspace, name)
    line(say, _("{name} is read again."), name=name)


@sources.command()
@name_argument
@json_option
@click.pass_obj
def remove(obj: dict[str, Any], name: str, as_json: bool) -> None:
    """Forget a source and its history; what it brought stays."""
    from harken.usecases.sources import remove_source

    workspace, say, _moment = _opened(obj)
    remove_source(workspace, name)
    if as_json:
        print_json({"removed": name}, str(obj["language"]))
        return
    line(say, _("{name} is removed; what it brought stays."), name=name)


def _print_words(reading: Any, say: Say) -> None:
    for change in reading.changes:
        click.echo(f"  {say(change)}")
    trouble = reading.trouble
    if trouble is not None:
        for message in (trouble.what, *trouble.places, *([trouble.todo] if trouble.todo else [])):
            click.echo(f"  {say(message)}", err=True)


def _time(moment: datetime | None) -> str:
    return "–" if moment is None else f"{moment:%Y-%m-%d %H:%M}"
