"""How the parts that look beyond the horizon are printed: how long customers stay, what they will bring."""

from __future__ import annotations

from typing import Any

import click

from harken.cli.output import Say, estimate, line, table
from harken.vocabulary.messages import gettext_noop as _


def survival(result: Any, say: Say) -> None:
    """All customers, then the groups of every column."""
    line(say, _("{left} of {n} customers seen left; tenure counts {since}"), left=result.whole.left,
         n=result.whole.n, since=result.counted_from)  # fmt: skip
    marks = [f"{days} d" for days in result.marks_days]
    rows = [(say(_("all customers")), *_cells(result.whole, say))]
    table([say(_("still customers after")), *marks, say(_("times as fast, all else equal"))], rows)
    for one in result.by_column:
        verdict = _("they differ beyond chance") if one.differs else _("no difference beyond chance")
        click.secho(f"{say(one.label)}: {say(verdict)} (p {one.adjusted_p:.2g})", bold=True)
        rows = [(stay.label, *_cells(stay, say)) for stay in one.groups]
        table([say(_("group")), *marks, say(_("times as fast, all else equal"))], rows)
    for note in result.notes:
        click.echo(say(note))


def _cells(stay: Any, say: Say) -> tuple[str, ...]:
    shares = ("–" if one is None else estimate(say, one, factor=100, digits=0) for one in stay.after)
    return (*shares, "" if stay.ratio is None else estimate(say, stay.ratio, digits=2))


def lifetime_value(result: Any, say: Say) -> None:
    """All customers within one and three years, then one customer of each group."""
    for span in result.years:
        line(say, _("within {years} years: {total} in all, {mean} a customer"), years=span.years,
             total=estimate(say, span.total, digits=0), mean=estimate(say, span.mean, digits=0))  # fmt: skip
    for one in result.by_column:
        rows = [
            (group.label, f"{group.customers:,}", *(f"{mean:,.0f}" for mean in group.mean)) for group in one.groups
        ]
        heads = [say(one.label), say(_("customers")), *(f"{span.years} y" for span in result.years)]
        table(heads, rows)
    for note in result.notes:
        click.echo(say(note))
