"""A change of a lake in a process of its own, killed at the n-th touch of the disk."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from lake_samples import NOW_US, run

from harken.lake import delta
from harken.lake.log import Lake

DAYS_US = 20 * 86_400_000_000
FIRST = (
    ("signals", [{"signal_id": i, "person_key": i, "score": 1.0, "ts_us": i * DAYS_US} for i in range(4)]),
    ("people", [{"person_key": i, "name": f"Name {i}"} for i in range(4)]),
    ("snapshots/one", [{"person_key": i, "plan": "basic"} for i in range(4)]),
)
SECOND = (
    ("signals", [{"signal_id": 0, "score": 2.0}, {"signal_id": 7, "ts_us": 5}]),
    ("people", [{"person_key": 0, "name": "Other"}, {"person_key": 9}]),
    ("snapshots/one", [{"person_key": 1, "charge": 3.0}]),
    ("snapshots/two", [{"person_key": 1, "plan": "gold"}]),
)
STARTED_FROM_CLEAN = multiprocessing.get_context("forkserver")


class Killer:
    """Kills its own process at the n-th touch of the disk (what Rust writes lies between two of them)."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.touched: list[str] = []

    def arm(self) -> None:
        sys.addaudithook(self._seen)
        synced = os.fsync

        def fsync(descriptor: int) -> None:
            self._touch("before fsync")
            synced(descriptor)
            self._touch("after fsync")

        os.fsync = fsync

    def _seen(self, event: str, given: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(given[1], str) and set(given[1]) & set("wax+")
        if writes or event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link"):
            self._touch(event)

    def _touch(self, what: str) -> None:
        self.touched.append(what)
        if len(self.touched) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def change(root: Path, what: str, at: int, done: Connection) -> None:
    """In a process of its own: one change of the lake, killed at the n-th touch; says when it is acknowledged."""
    delta.CHECKPOINT_EVERY = 2
    lake = Lake(root)
    killer = Killer(at)
    killer.arm()
    if what == "import":
        run(lake, *SECOND)
    else:
        lake.undo(1, NOW_US)
    done.send(killer.touched)


def killed(root: Path, what: str, at: int = 0) -> list[str] | None:
    """Run `change` in a process: its touches of the disk when it was acknowledged, None where it was killed."""
    mine, theirs = STARTED_FROM_CLEAN.Pipe(duplex=False)
    process = STARTED_FROM_CLEAN.Process(target=change, args=(root, what, at, theirs))
    process.start()
    theirs.close()
    try:
        touched = mine.recv()
    except EOFError:
        touched = None
    process.join()
    assert (touched is None) == (process.exitcode == -signal.SIGKILL), f"failed by itself: {process.exitcode}"
    return touched
