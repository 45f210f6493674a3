"""`harken people`: who may sign in, and as what."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from harken.cli.output import json_option, line, print_json, speaker, table
from harken.vocabulary.messages import gettext_noop as _

role_choice = click.Choice(["owner", "analyst", "member"])


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def people(ctx: click.Context, as_json: bool) -> None:
    """List who may sign in; invite, change and deactivate people.

    \b
    harken people                          everybody
    harken people add li.wei --role analyst
    harken people role li.wei owner
    harken people deactivate li.wei
    """
    if ctx.invoked_subcommand is None:
        _list(ctx.obj, as_json)


@people.command("list")
@json_option
@click.pass_obj
def list_(obj: dict[str, Path], as_json: bool) -> None:
    """List everybody with role and last sign-in."""
    _list(obj, as_json)


def _list(obj: dict[str, Path], as_json: bool) -> None:
    from harken.usecases.people import list_people

    found = list_people(_root(obj))
    if as_json:
        print_json(found, str(obj["language"]))
        return
    say = speaker(str(obj["language"]))
    rows = [
        (
            person.username,
            person.name or "–",
            say(person.role),
            "–" if person.last_sign_in is None else f"{person.last_sign_in:%Y-%m-%d %H:%M}",
            say(_("active")) if person.active else say(_("deactivated")),
        )
        for person in found
    ]
    table([say(text) for text in (_("account"), _("name"), _("role"), _("last sign-in (UTC)"), _("state"))], rows)


@people.command()
@click.argument("username")
@click.option("--role", type=role_choice, default="member", show_default=True)
@click.option("--name", default="", help="Full name.")
@click.option("--email", default="")
@json_option
@click.pass_obj
def add(obj: dict[str, Path], username: str, role: str, name: str, email: str, as_json: bool) -> None:
    """Make an account and print a one-time address at which its owner chooses a password."""
    from harken.usecases.people import invite

    _print_address(obj, username, invite(_root(obj), by=None, username=username, role=role, name=name, email=email),
                   as_json)  # fmt: skip


@people.command()
@click.argument("username")
@json_option
@click.pass_obj
def address(obj: dict[str, Path], username: str, as_json: bool) -> None:
    """Print a new one-time address for somebody who forgot the password."""
    from harken.usecases.people import new_address

    _print_address(obj, username, new_address(_root(obj), username, by=None), as_json)


@people.command()
@click.argument("username")
@click.argument("role", type=role_choice)
@json_option
@click.pass_obj
def role(obj: dict[str, Path], username: str, role: str, as_json: bool) -> None:
    """Give somebody another role."""
    from harken.usecases.people import change_role

    _print_changed(obj, change_role(_root(obj), username, role, by=None), as_json)


@people.command()
@click.argument("username")
@json_option
@click.pass_obj
def deactivate(obj: dict[str, Path], username: str, as_json: bool) -> None:
    """Let somebody in no longer; the account stays, and so does what it decided."""
    from harken.usecases.people import set_active

    _print_changed(obj, set_active(_root(obj), username, False, by=None), as_json)


@people.command()
@click.argument("username")
@json_option
@click.pass_obj
def activate(obj: dict[str, Path], username: str, as_json: bool) -> None:
    """Let somebody in again."""
    from harken.usecases.people import set_active

    _print_changed(obj, set_active(_root(obj), username, True, by=None), as_json)


def _root(obj: dict[str, Path]) -> Path:
    from harken.usecases.accounts import prepare_records
    from harken.usecases.workspaces import open_workspace

    root = open_workspace(obj["root"]).root
    prepare_records(root)
    return root


def _print_address(obj: dict[str, Path], username: str, entry: Any, as_json: bool) -> None:
    server = os.environ.get("HARKEN_URL", "http://127.0.0.1:8000")
    if as_json:
        print_json({"username": username, "address": entry.at(server)}, str(obj["language"]))
        return
    say = speaker(str(obj["language"]))
    line(say, _("{name} chooses a password at this address, once, within three days:"), name=username)
    click.echo(entry.at(server))


def _print_changed(obj: dict[str, Path], person: Any, as_json: bool) -> None:
    if as_json:
        print_json(person, str(obj["language"]))
        return
    line(speaker(str(obj["language"])), _("{name} is changed."), name=person.username)
