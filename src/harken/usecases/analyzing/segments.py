"""An analysis of one segment: the same questions as of the whole company, asked of some of its customers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from harken.lake import facts
from harken.lake.features import base_count
from harken.lake.segments import SegmentColumn, members, segment_columns
from harken.usecases.analyzing.context import Context
from harken.usecases.runs import Segment
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop


@contextmanager
def within(context: Context, column: str, value: str) -> Iterator[tuple[Context, Segment]]:
    """The analysis limited to the customers whose `column` has `value` at its moment.

    Analysis date, score, score window and outcome stay those of the whole company, so that segments can be
    compared with it and with each other. Raises SettingsError, naming what is known, for a column or value that
    no customer has.
    """
    pinned, as_of_us = context.pinned, context.plan.as_of_us
    columns = segment_columns(context.connection, pinned.snapshot_sources(), as_of_us)
    chosen = next((item for item in columns if item.name == column), None)
    if chosen is None:
        raise _unknown_column(column, columns)
    found = members(context.connection, chosen, value, as_of_us)
    if not len(found):
        raise _unknown_value(value, chosen)
    segment = Segment(column, value, of_customers=base_count(pinned, context.connection, as_of_us))
    limited = pinned.within(found)
    with limited.connect(memory_limit_bytes=context.memory_limit_bytes) as connection:
        questions = facts.questions(connection)
        score = context.plan.score
        if score is not None:
            asked = (item for item in questions if (item.name, item.scale) == (score.name, score.scale))
            score = next(asked, replace(score, answers=0, customers=0))
        narrowed = replace(
            context,
            pinned=limited,
            connection=connection,
            span=facts.span(connection),
            questions=questions,
            plan=replace(context.plan, score=score),
        )
        yield narrowed, segment


def _unknown_column(column: str, columns: tuple[SegmentColumn, ...]) -> SettingsError:
    known = ", ".join(item.name for item in columns) or "–"
    return SettingsError(
        Message(gettext_noop("No column {column} divides the customers."), {"column": column}),
        Message(gettext_noop("Known are: {known}."), {"known": known}),
    )


def _unknown_value(value: str, column: SegmentColumn) -> SettingsError:
    return SettingsError(
        Message(
            gettext_noop("No customer has {value} in the column {column}."),
            {"value": value, "column": column.name},
        ),
        Message(gettext_noop("Known are: {known}."), {"known": ", ".join(column.values) or "–"}),
    )
