"""What commands print: sentences and tables for people in three languages, JSON for programs, progress apart."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import click

from harken.vocabulary.errors import HarkenError
from harken.vocabulary.estimates import Estimate
from harken.vocabulary.messages import Message, Parameter
from harken.vocabulary.messages import gettext_noop as _

PROBLEMS_SHOWN = 50
Say = Callable[[Message | str], str]

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def speaker(language: str) -> Say:
    """A function that says messages, and single marked words, in `language`."""
    from harken.locale import render, translator

    translate = translator(language)

    def say(message: Message | str) -> str:
        return translate(message) if isinstance(message, str) else render(message, language)

    return say


def line(say: Say, text: str, *, indent: int = 0, error: bool = False, **values: Parameter | Message) -> None:
    """Print one marked sentence with its values filled in."""
    click.echo(" " * indent + say(Message(text, values)), err=error)


def print_json(value: Any, language: str = "en") -> None:
    """Print a result as JSON on standard output."""
    from harken.locale import translator
    from harken.usecases.encoding import plain

    click.echo(json.dumps(plain(value, translator(language)), ensure_ascii=False, indent=2))


def fail(error: HarkenError, language: str) -> NoReturn:
    """Say on the error stream what happened, where and what to do; leave with the error's exit status."""
    say = speaker(language)
    click.secho(say(error.what), fg="red", err=True)
    for problem in error.problems[:PROBLEMS_SHOWN]:
        click.echo(f"  {say(problem.message())}", err=True)
    if len(error.problems) > PROBLEMS_SHOWN:
        line(say, _("{shown} of {all} places are shown."), indent=2, error=True,
             shown=PROBLEMS_SHOWN, all=len(error.problems))  # fmt: skip
    if error.todo is not None:
        click.echo(say(error.todo), err=True)
    sys.exit(error.exit_code)


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print columns: the first to the left, the others to the right; Chinese counts double width."""
    lines = [list(headers), *[list(row) for row in rows]]
    widths = [max(_width(cells[i]) for cells in lines) for i in range(len(headers))]
    for number, texts in enumerate(lines):
        cells = [
            cell + " " * (width - _width(cell)) if i == 0 else " " * (width - _width(cell)) + cell
            for i, (cell, width) in enumerate(zip(texts, widths, strict=True))
        ]
        click.secho("  ".join(cells).rstrip(), bold=number == 0)


def _width(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def estimate(say: Say, number: Estimate | None, *, factor: float = 1.0, unit: str = "", digits: int = 1) -> str:
    """A number with its interval and n, as one prints it; below 10 answers only the count; a dash for none.

    >>> from harken.vocabulary.estimates import Interval
    >>> estimate(speaker("en"), Estimate(31.04, Interval(27.0, 35.1), 1962, "m"))
    '31.0 (27.0 to 35.1), n = 1,962'
    >>> estimate(speaker("en"), Estimate(20.0, Interval(-44.5, 69.7), 5, "m"))
    'n = 5, too few for a number'
    """
    if number is None:
        return "–"
    if number.counts_only:
        return say(Message(_("n = {n}, too few for a number"), {"n": number.n}))
    parts = (number.value, number.interval.lower, number.interval.upper)
    value, lower, upper = (f"{factor * part:,.{digits}f}{unit}" for part in parts)
    text = _("{value} ({lower} to {upper}), n = {n}")
    return say(Message(text, {"value": value, "lower": lower, "upper": upper, "n": number.n}))


@dataclass(slots=True)
class Bar:
    """Progress on the error stream: one line that grows on a terminal, one line per step elsewhere."""

    say: Say
    _last: str = field(default="", init=False)

    def __call__(self, step: Message, done: float) -> None:
        text = self.say(step)
        if sys.stderr.isatty():
            filled = round(24 * min(max(done, 0.0), 1.0))
            sys.stderr.write(f"\r\x1b[K[{'█' * filled}{'·' * (24 - filled)}] {done:4.0%} {text}")
            sys.stderr.write("\n" if done >= 1 else "")
            sys.stderr.flush()
        elif text != self._last:
            click.echo(f"{done:4.0%} {text}", err=True)
        self._last = text
