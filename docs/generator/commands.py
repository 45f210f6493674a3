"""Commands and options as `harken` itself lists them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click
from docs.generator.markdown import MADE, fenced, table

from harken.cli.main import COMMANDS, harken


def page() -> str:
    """Every command with its arguments, options and explanation."""
    context = click.Context(harken, info_name="harken")
    parts = [MADE, "# Commands", *prose(inspect.cleandoc(harken.help or ""))]
    parts += [options(harken, context), table(("command", "what it does"), (
        (f"[`harken {name}`](#harken-{name})", text) for name, (_, text) in COMMANDS.items()))]  # fmt: skip
    for name in COMMANDS:
        command = harken.get_command(context, name)
        assert command is not None
        for path, one in commands(command, f"harken {name}"):
            parts += section(path, one)
    return "\n\n".join(part for part in parts if part)


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """A command and those below it, each with its whole name."""
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            assert below is not None
            yield from commands(below, f"{path} {name}")


def section(path: str, command: click.Command) -> list[str]:
    """One command as a section."""
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    text = inspect.cleandoc(command.help or "")
    return [f"## {path}", fenced(usage), *prose(text), options(command, context)]


def prose(text: str) -> Iterator[str]:
    """Paragraphs as they are; those that click must not wrap as blocks of code."""
    for paragraph in text.split("\n\n"):
        if paragraph.startswith("\b"):
            yield fenced(paragraph.removeprefix("\b").strip("\n"))
        else:
            yield " ".join(paragraph.split())


def options(command: click.Command, context: click.Context) -> str:
    """The options as a table; --help is left out, every command has it."""
    records = [
        record
        for parameter in command.params
        if isinstance(parameter, click.Option) and (record := parameter.get_help_record(context)) is not None
    ]
    return table(("option", ""), ((f"`{names}`", text) for names, text in records)) if records else ""
