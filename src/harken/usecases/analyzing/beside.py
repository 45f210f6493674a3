"""Two parts of an analysis at once: on small bases one core computes what the other will soon need."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from threadpoolctl import threadpool_limits

from harken.unify.features.catalogue import FeatureTable
from harken.usecases.analyzing.context import FIT_CUSTOMERS, Context
from harken.vocabulary.messages import Message
from harken.vocabulary.progress import Cancelled


class Beside:
    """Work done beside the block for small bases, before it for large ones, whose tables fill the memory.

    The work gets a context with a connection of its own. A failure on one side stops the other when it next tells
    its progress. `result` is what the work returned, after the block.
    """

    def __init__(self, context: Context, work: Callable[[Context], Any]) -> None:
        self.result: Any = None
        self._failed = threading.Event()
        self._context, self._work = context, work
        self._pool = ThreadPoolExecutor(1) if context.span.people <= FIT_CUSTOMERS else None
        self._told = context.progress

    def __enter__(self) -> None:
        own = self._context.beside(self._tell)
        if self._pool is None:
            self.result = self._work(own)
            return
        self._context.progress = self._tell
        self._future = self._pool.submit(self._guarded, own)

    def _guarded(self, own: Context) -> None:
        try:
            with threadpool_limits(1, user_api="openmp"):  # this limit holds by thread, others for all of them
                self.result = self._work(own)
        except BaseException:
            self._failed.set()
            raise

    def _tell(self, step: Message, done: float) -> None:
        if self._failed.is_set():
            raise Cancelled
        self._told(step, done)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        self._context.progress = self._told
        if self._pool is None:
            return
        if kind is not None:
            self._failed.set()
        self._pool.shutdown(wait=True)
        if kind is None or kind is Cancelled:
            self._future.result()


@contextmanager
def tables_ahead(context: Context, moments: Sequence[int | None]) -> Iterator[None]:
    """Features of all customers as of `moments`, computed beside the block and handed out by `context.table`.

    For small bases only; a moment that is not asked for within the block costs time and nothing else.
    """
    if context.span.people > FIT_CUSTOMERS:
        yield
        return
    own, told = context.beside(context.progress), context.progress
    stopped = threading.Event()

    def tell(step: Message, done: float) -> None:
        if stopped.is_set():
            raise Cancelled
        told(step, done)

    own.progress = tell
    with ThreadPoolExecutor(1) as pool:
        ahead: dict[int | None, Future[FeatureTable]] = {}
        for moment in dict.fromkeys(moments):
            ahead[moment] = pool.submit(own.table, moment)
        context.ahead = ahead
        try:
            yield
        except BaseException:
            stopped.set()
            raise
