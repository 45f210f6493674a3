"""The command `harken`: groups are loaded only when asked for, so that help is immediate."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from harken import __version__
from harken.cli.output import fail
from harken.vocabulary.errors import HarkenError
from harken.vocabulary.progress import Cancelled

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("harken.cli.workspace:init", "Make a folder ready for your company."),
    "demo": ("harken.cli.demo:demo", "Grow an imaginary company, import it, analyse it, serve it."),
    "propose": ("harken.cli.importing:propose", "Write a mapping for your files, with samples, to look over."),
    "import": ("harken.cli.importing:import_", "Bring files in."),
    "imports": ("harken.cli.importing:imports", "List imports, undo one."),
    "sources": ("harken.cli.sources:sources", "Read folders, databases and web addresses on a schedule."),
    "analyze": ("harken.cli.analysis:analyze", "Compute scores, whole base, drivers, retention, whom to act on."),
    "show": ("harken.cli.show:show", "Show what the last analysis found."),
    "export": ("harken.cli.export:export", "Write a table of the last analysis as CSV, Excel or Parquet."),
    "report": ("harken.cli.report:report", "Write the retention report as PDF or HTML."),
    "evaluate": (
        "harken.cli.evaluating:evaluate",
        "Did an action work? From a file, by the honest way, or refused.",
    ),
    "test-answers": ("harken.cli.testing:check_answers", "Test the predictions with answers kept back."),
    "hypotheses": ("harken.cli.hypotheses:hypotheses", "What we believe: write it down, judge it, decide."),
    "runs": ("harken.cli.analysis:runs", "List analyses, compare two, remove one."),
    "serve": ("harken.cli.serving:serve", "Open the pages in your browser."),
    "worker": ("harken.cli.serving:worker", "Run background work (serve starts one)."),
    "migrate": ("harken.cli.serving:migrate", "Bring the records to this version of Harken."),
    "people": ("harken.cli.people:people", "Who may sign in: invite, change, deactivate."),
    "owner": ("harken.cli.workspace:owner", "Make the owner's account."),
}

HELP = """Harken hears every customer, learns what matters and how sure we are.

\b
First steps:
  harken demo                      an imaginary company with 20,000 customers
  harken init mycompany            a folder for your own
  cd mycompany
  harken import ../exports         CSV, Excel, Parquet or zip; Harken proposes the mapping
  harken analyze                   scores, whole base, drivers, value
  harken show retention            why customers stay or leave
  harken serve                     the same in your browser

Every command explains itself with --help and prints numbers for programs with --json.
Exit status: 0 done, 2 a setting or option is wrong, 3 the data are, 4 too few data, 5 busy,
70 a fault of Harken, 130 cancelled.
"""


class Commands(click.Group):
    """Commands by name; the module of one is imported when it runs or its own help is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Commands, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-w",
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="HARKEN_WORKSPACE",
    default=Path(),
    help="Folder of the company (default: this folder, or HARKEN_WORKSPACE).",
)
@click.option(
    "--language",
    type=click.Choice(["en", "zh-hans", "zh-hant"]),
    envvar="HARKEN_LANGUAGE",
    default="en",
    help="Language of what is printed.",
)
@click.version_option(__version__)
@click.pass_context
def harken(ctx: click.Context, workspace: Path, language: str) -> None:
    ctx.obj = {"root": workspace, "language": language}


def main(args: list[str] | None = None) -> Any:
    """Run one command; problems end in a sentence and an exit status, never in a traceback."""
    language = os.environ.get("HARKEN_LANGUAGE", "en")
    arguments = sys.argv[1:] if args is None else args
    if "--language" in arguments[:-1]:
        language = arguments[arguments.index("--language") + 1]
    try:
        harken.main(args=args, prog_name="harken", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except HarkenError as error:
        fail(error, language)
    except (Cancelled, KeyboardInterrupt):
        click.echo("\nCancelled: nothing was left half-done.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        sys.exit(_fault(error))


def _fault(error: Exception) -> int:
    """A fault of Harken's own: one sentence for the user, the traceback in a file to send us."""
    if os.environ.get("HARKEN_DEBUG"):
        raise error
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="harken-fault-", suffix=".txt", delete=False) as file:
        traceback.print_exception(error, file=file)
    click.secho(f"This is a fault of Harken, not of your data: {type(error).__name__}.", fg="red", err=True)
    click.echo(f"Nothing was left half-done. Please send us {file.name}.", err=True)
    return 70
