"""Serving: server and worker come and go together."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harken.usecases.serving import _check_address, _own_names
from harken.vocabulary.errors import SettingsError

SCRIPT = (
    "import sys; from pathlib import Path; from harken.usecases.serving import serve;"
    "serve(Path(sys.argv[1]), port=int(sys.argv[2]), announce=lambda text: print(text, flush=True))"
)
OWN_VARIABLES = ("HARKEN_", "DJANGO_", "DATABASE")


@dataclass
class Served:
    """A running server: its process, its address, the address it told its user to open."""

    process: subprocess.Popen[str]
    address: str
    opened: str

    def children(self) -> list[int]:
        """Processes started by any thread of the server."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for listed in threads for pid in listed.read_text().split()]

    def worker(self) -> int:
        """The worker's process."""
        for pid in self.children():
            if b"harken.jobs.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        raise LookupError("no worker")


def eventually(check: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if check():
                return True
        except (OSError, LookupError):
            pass
        time.sleep(0.1)
    return False


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def answers(address: str) -> bool:
    with urllib.request.urlopen(address, timeout=5) as answer:
        return answer.status == 200


@pytest.fixture
def served(tmp_path: Path, empty_workspace: Path) -> Iterator[Served]:
    if not Path("/proc").exists():
        pytest.skip("watching child processes needs /proc")
    root = tmp_path / "company"
    shutil.copytree(empty_workspace, root)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(root), str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)},
    )
    assert process.stdout is not None
    address = f"http://127.0.0.1:{port}"
    told = [process.stdout.readline() for _ in range(3)]
    server = Served(process, address, re.search(r"http\S+", told[1])[0])  # type: ignore[index]
    try:
        assert eventually(lambda: answers(f"{address}/sign-in/")), "the server did not start"
        yield server
    finally:
        for pid in server.children() if alive(process.pid) else []:
            os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait()


def test_the_printed_address_leads_in(served: Served) -> None:
    assert served.opened.startswith(f"{served.address}/set-up/")
    assert answers(served.opened)
    with pytest.raises(urllib.error.HTTPError, match="410"):
        answers(f"{served.address}/set-up/guess/")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_server_and_worker_end_together(served: Served, how: signal.Signals) -> None:
    assert eventually(lambda: served.worker() > 0)
    children = served.children()
    served.process.send_signal(how)
    assert served.process.wait(timeout=20) == 0
    assert eventually(lambda: not any(alive(pid) for pid in children))


def test_a_worker_that_dies_is_replaced(served: Served) -> None:
    assert eventually(lambda: served.worker() > 0)
    first = served.worker()
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: served.worker() != first and alive(served.worker()))
    assert answers(f"{served.address}/sign-in/")


def test_a_worker_does_not_outlive_a_killed_server(served: Served) -> None:
    assert eventually(lambda: served.worker() > 0)
    worker, others = served.worker(), served.children()
    time.sleep(2)
    served.process.kill()
    try:
        assert eventually(lambda: not alive(worker))
    finally:
        for pid in others:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)


def test_an_address_in_use_is_said_before_anything_starts() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(SettingsError, match="cannot be served"):
            _check_address("127.0.0.1", holder.getsockname()[1])
    with pytest.raises(SettingsError, match="cannot be served"):
        _check_address("no such host.invalid", 80)


def test_a_server_for_all_interfaces_knows_its_names() -> None:
    assert _own_names("127.0.0.1") == {"127.0.0.1"}
    assert socket.gethostname() in _own_names("0.0.0.0")
