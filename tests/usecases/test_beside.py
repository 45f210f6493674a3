"""Two parts of an analysis at once: what was computed ahead is handed out once, and a failure stops both sides."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from harken.usecases.analyzing.beside import Beside, tables_ahead
from harken.vocabulary.messages import Message
from harken.vocabulary.progress import Cancelled


class _Context:
    """What `beside` needs of a context: how many customers, how to tell progress, a twin for another thread."""

    def __init__(self, people: int = 10) -> None:
        self.span = SimpleNamespace(people=people)
        self.progress: Any = lambda step, done: None
        self.ahead: dict[int | None, Any] = {}
        self.computed: list[int | None] = []
        self.twin: _Context | None = None

    def beside(self, progress: Any) -> _Context:
        self.twin = _Context()
        self.twin.progress, self.twin.computed = progress, self.computed
        return self.twin

    def table(self, moment: int | None) -> str:
        self.computed.append(moment)
        return f"features as of {moment}"


def test_tables_are_computed_ahead_for_small_bases_only() -> None:
    small, large = _Context(), _Context(10_000_000)
    with tables_ahead(small, (7, 3, 7)):  # type: ignore[arg-type]
        assert small.ahead.pop(3).result() == "features as of 3"
    with tables_ahead(large, (7,)):  # type: ignore[arg-type]
        assert not large.ahead
    assert small.computed == [7, 3]
    assert large.computed == []


def test_a_failure_stops_the_work_on_the_other_side() -> None:
    context, begun, stopped = _Context(), threading.Event(), []

    def endless(own: Any) -> None:
        begun.set()
        try:
            while True:
                own.progress(Message("still at it"), 0.5)
        except Cancelled:
            stopped.append(True)
            raise

    def both() -> None:
        with Beside(context, endless):  # type: ignore[arg-type]
            begun.wait(5)
            raise ValueError("here")

    with pytest.raises(ValueError, match="here"):
        both()
    assert stopped == [True]


def test_a_failure_of_the_work_is_the_one_that_is_told() -> None:
    context = _Context()

    def failing(own: Any) -> None:
        raise ValueError("there")

    def both() -> None:
        with Beside(context, failing):  # type: ignore[arg-type]
            while True:
                context.progress(Message("still at it"), 0.5)

    with pytest.raises(ValueError, match="there"):
        both()
