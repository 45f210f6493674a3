"""`harken propose`, `harken import` and `harken imports`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from harken.cli.output import PROBLEMS_SHOWN, Bar, Say, json_option, line, print_json, speaker, table
from harken.vocabulary.messages import Message
from harken.vocabulary.messages import gettext_noop as _

files_argument = click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True), metavar="FILE|FOLDER..."
)


@click.command()
@files_argument
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it.")
@json_option
@click.pass_obj
def propose(obj: dict[str, Path], files: tuple[Path, ...], output: Path | None, as_json: bool) -> None:
    """Write a mapping for FILES: what each column seems to be, with samples, to look over and correct.

    Scales and their directions are proposals: check them before you import.
    """
    from harken.usecases.importing import propose as propose_mapping
    from harken.usecases.workspaces import SETTINGS_FILE, Settings, open_workspace

    settings = Settings()
    if (Path(obj["root"]) / SETTINGS_FILE).exists():
        settings = open_workspace(obj["root"]).settings
    proposal = propose_mapping(
        list(files),
        time_zone=settings.time_zone,
        currency=settings.currency,
        progress=Bar(speaker(str(obj["language"]))),
    )
    if as_json:
        print_json(proposal, str(obj["language"]))
    elif output is None:
        click.echo(proposal.text)
    else:
        output.write_text(proposal.text, encoding="utf-8")
        say = speaker(str(obj["language"]))
        line(say, _("Written to {file}. Look it over, then import with --mapping {file}."), file=str(output))


@click.command("import")
@files_argument
@click.option("-m", "--mapping", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="Mapping file.")
@click.option("--strict", is_flag=True, help="Refuse everything where one row is bad.")
@click.option("--preview", "only_preview", is_flag=True, help="Show what would happen; store nothing.")
@json_option
@click.pass_obj
def import_(
    obj: dict[str, Path],
    files: tuple[Path, ...],
    mapping: Path | None,
    strict: bool,
    only_preview: bool,
    as_json: bool,
) -> None:
    """Bring FILES in: CSV and text of any usual encoding, Excel, Parquet, zip, or folders of these.

    Without --mapping Harken proposes one, uses it and keeps it in mappings/ for you to look over. Good rows are
    imported, bad ones written to rejected/ with their problems, to repair and import again. Importing the same
    file twice changes nothing.
    """
    from harken.usecases import importing
    from harken.usecases.workspaces import open_workspace

    language = str(obj["language"])
    say = speaker(language)
    workspace = open_workspace(obj["root"])
    zone, currency = workspace.settings.time_zone, workspace.settings.currency
    now_us = time.time_ns() // 1000
    if only_preview:
        if mapping is None:
            raise click.UsageError(say(_("A preview needs --mapping; write one with `harken propose`.")))
        shown = importing.preview(list(files), mapping, now_us=now_us, time_zone=zone, currency=currency)
        if as_json:
            print_json(shown, language)
        else:
            _print_preview(shown, say)
        return
    report = importing.import_files(
        workspace.root, list(files), mapping, strict=strict, now_us=now_us, time_zone=zone, currency=currency,
        progress=Bar(say), say=say,
    )  # fmt: skip
    if as_json:
        print_json(report, language)
    else:
        _print_report(report, say)


def _print_report(report: Any, say: Say) -> None:
    counts = (_("rows"), _("added"), _("corrected"), _("already there"), _("rejected"), _("blank"))
    headers = (_("file"), _("part"), *counts)
    table([say(text) for text in headers], [
        (part.file, part.part, *(f"{count:,}" for count in (
            part.rows, part.added, part.corrected, part.already_there, part.rejected, part.skipped)))
        for part in report.parts
    ])  # fmt: skip
    for scale in report.scales:
        click.echo(f"  {say(scale)}")
    _print_problems(report, say)
    for file in report.rejected_files:
        line(say, _("rows to repair: {file}"), indent=2, file=str(file))
    if report.proposed:
        text = _("Harken proposed the mapping: look it over in {file}")
        line(say, text, indent=2, file=str(report.mapping_path))
    if report.import_id is None:
        line(say, _("Nothing was new."))
    else:
        line(say, _("Import {number} is done."), number=str(report.import_id))


def _print_problems(report: Any, say: Say) -> None:
    for problem in report.problems[:PROBLEMS_SHOWN]:
        click.echo(f"  {say(problem.message())}", err=True)
    if report.problem_count > PROBLEMS_SHOWN:
        line(say, _("{shown} of {all} problems are shown."), indent=2, error=True,
             shown=PROBLEMS_SHOWN, all=report.problem_count)  # fmt: skip
    for note in report.notes:
        click.echo(f"  {say(note.message())}")


def _print_preview(shown: Any, say: Say) -> None:
    for part in shown.parts:
        title = _("{file} · {part}: {good} of {rows} rows")
        values = {"file": part.file, "part": part.part, "good": part.good, "rows": part.rows}
        click.secho(say(Message(title, values)), bold=True)
        if part.sample:
            table(part.columns, part.sample)
    for scale in shown.scales:
        click.echo(f"  {say(scale)}")
    _print_problems(shown, say)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def imports(ctx: click.Context, as_json: bool) -> None:
    """List imports; `harken imports undo NUMBER` takes one back."""
    if ctx.invoked_subcommand is not None:
        return
    from harken.usecases.importing import list_imports
    from harken.usecases.runs import utc
    from harken.usecases.workspaces import open_workspace

    entries = list_imports(open_workspace(ctx.obj["root"]).root)
    if as_json:
        print_json(entries, str(ctx.obj["language"]))
        return
    say = speaker(str(ctx.obj["language"]))
    headers = (_("import"), _("source"), _("accepted (UTC)"), _("rows"), _("files"))
    table([*(say(text) for text in headers), ""], [
        (str(entry.import_id), entry.source, f"{utc(entry.accepted_us):%Y-%m-%d %H:%M}",
         f"{sum(entry.rows.values()):,}", str(len(entry.files)), say(_("undone")) if entry.undone_us else "")
        for entry in entries
    ])  # fmt: skip


@imports.command()
@click.argument("import_id", type=int)
@json_option
@click.pass_obj
def undo(obj: dict[str, Path], import_id: int, as_json: bool) -> None:
    """Take back everything that one import brought."""
    from harken.usecases.importing import undo_import
    from harken.usecases.workspaces import open_workspace

    report = undo_import(open_workspace(obj["root"]).root, import_id, now_us=time.time_ns() // 1000)
    if as_json:
        print_json(report, str(obj["language"]))
        return
    say = speaker(str(obj["language"]))
    table(
        [say(_("table")), say(_("rows removed"))],
        [(name, f"{count:,}") for name, count in sorted(report.removed.items())],
    )
    for number in report.import_again:
        line(say, _("Import {number} spoke of what is gone: repeat it."), indent=2, number=str(number))
