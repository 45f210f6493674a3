"""`python -m harken.jobs.worker FOLDER [PARENT]` runs the background tasks of one workspace, one at a time."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harken.jobs.search_index import keep_fresh, refresh
from harken.records import commands
from harken.vocabulary.errors import Busy
from harken.vocabulary.messages import Message, gettext_noop

LOCK_FILE = "worker.lock"
TRIES = 3


@contextmanager
def only_worker(root: Path) -> Iterator[None]:
    """Hold the workspace's worker lock; raises Busy where another process has it."""
    with (root / LOCK_FILE).open("a") as file:
        for left in reversed(range(TRIES)):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if left:  # it may be a page that only looks
                    time.sleep(0.05)
                    continue
                raise Busy(
                    Message(gettext_noop("A worker already runs for {folder}."), {"folder": str(root)}),
                    Message(gettext_noop("One is enough: analyses run one after the other.")),
                ) from None
        yield


def worker_runs(root: Path) -> bool:
    """True while some process works for the workspace."""
    try:
        with (root / LOCK_FILE).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def work(root: Path, *, until_empty: bool = False) -> None:
    """Run tasks until stopped (or until none is left), and look once a minute which sources are due.

    The first SIGTERM or Ctrl-C lets the present task end, the second ends it at once; it is then marked as failed.
    """
    with only_worker(root):
        commands.fail_abandoned_tasks(root)
        commands.tidy(root)
        root = root.resolve()
        # Imported late: tasks need Django, which only now is connected.
        from harken.jobs.sources import keep_reading
        from harken.usecases.sources import close_abandoned

        close_abandoned(root)
        if not until_empty:
            keep_fresh(root)
            keep_reading(root)
        commands.work(root, until_empty=until_empty)
        refresh(root)


def _follow(parent: int) -> None:
    """End with the server that started this worker, even if that was killed."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(10)
    os.kill(os.getpid(), signal.SIGTERM)


def main(arguments: list[str]) -> int:
    """Work for the server process whose id is the second argument, or until stopped."""
    root = Path(arguments[0])
    if len(arguments) > 1:
        threading.Thread(target=_follow, args=(int(arguments[1]),), daemon=True).start()
    try:
        work(root)
    except Busy as busy:
        sys.stderr.write(f"{busy}\n")
        return busy.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
