"""`harken init` and `harken owner`."""

from __future__ import annotations

from pathlib import Path

import click

from harken.cli.output import json_option, line, print_json, speaker
from harken.vocabulary.messages import gettext_noop as _


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--company", help="Name of the company (default: the folder's name).")
@click.option(
    "--time-zone", default="UTC", show_default=True, help="The company's time zone, such as Asia/Shanghai."
)
@click.option("--currency", default="EUR", show_default=True, help="The reporting currency, such as CNY.")
@json_option
@click.pass_obj
def init(
    obj: dict[str, str], folder: Path, company: str | None, time_zone: str, currency: str, as_json: bool
) -> None:
    """Make FOLDER ready for your company: settings, an empty lake, records, a secret key.

    \b
    harken init mycompany --time-zone Asia/Taipei --currency TWD

    The owner's account is made in the browser at the first visit, or here with `harken owner`.
    """
    from harken.usecases.accounts import prepare_records
    from harken.usecases.workspaces import create_workspace

    workspace = create_workspace(
        folder, company=company or folder.resolve().name, time_zone=time_zone, currency=currency
    )
    prepare_records(folder)
    if as_json:
        print_json({"folder": str(folder), "settings": workspace.settings}, obj["language"])
        return
    say = speaker(obj["language"])
    line(say, _("{folder} is ready."), folder=str(folder))
    line(say, _("Next: `harken -w {folder} import FILES`, then `harken -w {folder} analyze`."), folder=str(folder))


@click.command()
@click.argument("username")
@click.option("--email", default="")
@click.password_option(envvar="HARKEN_OWNER_PASSWORD", help="Asked for where not given.")
@click.pass_obj
def owner(obj: dict[str, Path], username: str, email: str, password: str) -> None:
    """Make an owner's account in this workspace."""
    from harken.usecases.accounts import create_owner, prepare_records
    from harken.usecases.workspaces import open_workspace

    root = open_workspace(obj["root"]).root
    prepare_records(root)
    create_owner(root, username=username, password=password, email=email)
    line(speaker(str(obj["language"])), _("{name} may sign in."), name=username)
