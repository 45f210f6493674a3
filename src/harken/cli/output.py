"""What commands print: sentences and tables for people, JSON for programs, progress on the error stream."""

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

PROBLEMS_SHOWN = 50

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def speaker(language: str) -> Callable[[Message | str], str]:
    """A function that says messages in `language`, numbers written for reading."""
    from harken.locale import translator

    translate = translator(language)

    def say(message: Message | str) -> str:
        return translate(message) if isinstance(message, str) else message.render(translate, write_value)

    return say


def write_value(value: Parameter) -> str:
    """A parameter of a sentence as people write it.

    >>> write_value(20417.0), write_value(0.123456), write_value("x")
    ('20,417', '0.123', 'x')
    """
    if isinstance(value, float):
        if value == int(value):
            return f"{int(value):,}"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


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
        click.echo(f"  ({PROBLEMS_SHOWN:,} of {len(error.problems):,} places shown)", err=True)
    if error.todo is not None:
        click.echo(say(error.todo), err=True)
    sys.exit(error.exit_code)


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print columns: the first to the left, the others to the right; Chinese counts double width."""
    lines = [list(headers), *[list(row) for row in rows]]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(headers))]
    for number, line in enumerate(lines):
        cells = [
            cell + " " * (width - _width(cell)) if i == 0 else " " * (width - _width(cell)) + cell
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        click.secho("  ".join(cells).rstrip(), bold=number == 0)


def _width(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def estimate_text(estimate: Estimate, *, unit: str = "", digits: int = 1) -> str:
    """A number with its interval and n, as one prints it; below 10 answers only the count.

    >>> from harken.vocabulary.estimates import Interval
    >>> estimate_text(Estimate(31.04, Interval(27.0, 35.1), 1962, "m"))
    '31.0 (27.0 to 35.1), n = 1,962'
    >>> estimate_text(Estimate(20.0, Interval(-44.5, 69.7), 5, "m"))
    'n = 5, too few for a number'
    """
    if estimate.counts_only:
        return f"n = {estimate.n}, too few for a number"
    low, high = estimate.interval.lower, estimate.interval.upper
    return f"{estimate.value:,.{digits}f}{unit} ({low:,.{digits}f} to {high:,.{digits}f}), n = {estimate.n:,}"


@dataclass(slots=True)
class Bar:
    """Progress on the error stream: one line that grows on a terminal, one line per step elsewhere."""

    say: Callable[[Message | str], str]
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
