"""Serving: the web server and beside it one worker, started and stopped together."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from harken.records.connection import disconnect
from harken.usecases.accounts import prepare_records, way_in
from harken.usecases.workspaces import open_workspace
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop

APPLICATION = "harken.web.wsgi:application"
WORKER = "harken.jobs.worker"
GRACE_SECONDS = 10.0


def migrate(root: Path) -> tuple[str, ...]:
    """Make a workspace's records where it has none, else bring them up to date; the migrations applied."""
    open_workspace(root)
    return prepare_records(root)


class Worker:
    """The background worker as a child process: started again when it dies, stopped with the server."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.stopping = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.watcher = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Start the worker and watch over it."""
        self._spawn()
        self.watcher.start()

    def _spawn(self) -> None:
        # Its own session: Ctrl-C in the terminal reaches the server only, which then stops the worker in order.
        self.process = subprocess.Popen(
            [sys.executable, "-m", WORKER, str(self.root), str(os.getpid())], start_new_session=True
        )

    def _watch(self) -> None:
        pause = 1.0
        while not self.stopping.wait(pause):
            if self.process is not None and self.process.poll() is not None:
                pause = min(pause * 2, 60.0)
                self._spawn()

    def stop(self) -> None:
        """Let the present task end for a while, then end it."""
        self.stopping.set()
        if self.watcher.is_alive():
            self.watcher.join()
        if self.process is None:
            return
        for ask in (self.process.terminate, self.process.terminate, self.process.kill):
            ask()
            try:
                self.process.wait(timeout=GRACE_SECONDS)
                return
            except subprocess.TimeoutExpired:
                continue


def _check_address(host: str, port: int) -> None:
    """Fail with a sentence, not in a child process, where the address cannot be had."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise SettingsError(
            Message(
                gettext_noop("{host}:{port} cannot be served: {error}."),
                {"host": host, "port": str(port), "error": error.strerror or str(error)},
            ),
            Message(gettext_noop("Name another port with --port, or stop what uses this one.")),
        ) from None


def _own_names(host: str) -> set[str]:
    """Names under which a server that listens on every interface is reached."""
    if host not in ("0.0.0.0", "::"):
        return {host}
    names = {socket.gethostname(), socket.getfqdn()}
    with contextlib.suppress(OSError):
        names |= {str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None)}
    return names


def serve(
    root: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    threads: int = 4,
    worker: bool = True,
    announce: Callable[[Message], None] | None = None,
    entry_path: str | None = None,
) -> None:
    """Serve a workspace until Ctrl-C or SIGTERM, with a worker beside it.

    Tables are brought up to date first. `announce` is told the address to open: `entry_path` where given (the
    demo's one-time address), else the one-time address for the owner's account while there is none, or for a
    workspace where nobody has a password, else the plain one.
    Raises SettingsError where there is no workspace, or where the address is taken.
    """
    root = open_workspace(root).root
    migrate(root)
    _check_address(host, port)
    if entry_path is None:
        entry_path = way_in(root).path
    names = _own_names(host) | set(filter(None, os.environ.get("HARKEN_ALLOWED_HOSTS", "").split(",")))
    os.environ["HARKEN_ALLOWED_HOSTS"] = ",".join(sorted(names))
    os.environ["HARKEN_WORKSPACE"] = str(root)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    public = os.environ.get("HARKEN_URL") or f"http://{shown}:{port}"
    if announce is not None:
        announce(Message(gettext_noop("Harken serves {folder}."), {"folder": str(root)}))
        announce(Message(gettext_noop("Open {address}"), {"address": public.rstrip("/") + entry_path}))
        announce(Message(gettext_noop("Ctrl-C stops it.")))
    disconnect()
    background = Worker(root)
    if worker:
        background.start()
    try:
        _run_server(host, port, threads)
    finally:
        background.stop()


def _run_server(host: str, port: int, threads: int) -> None:
    import multiprocessing

    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    # A fresh interpreter for the pages: nothing that this process has loaded or opened is carried over.
    multiprocessing.set_start_method("spawn", force=True)
    Granian(
        APPLICATION,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=int(GRACE_SECONDS),
        log_level=LogLevels.warning,
    ).serve()
