"""How quick and how heavy the pages are: warm p95 per page, weight over the wire, memory of server and worker.

    python -m benchmarks.pages WORKSPACE    (measures one analysed workspace)

Bounds: p95 under 200 ms on the demo of 20,000 customers and on 1,000,000 customers; a page with its style and
script under 60 kB gzip. Beside the pages, in the same run, the sign-in page (no data at all) and the style sheet
as a plain file are asked for from the same server. Pages are asked for one after the other, as a person reads.
"""

from __future__ import annotations

import gzip
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

ROUNDS = 20
SEARCHES = ("李", "1", "伟", "Anna", "000123", "nobody of that name")
COMMAND = str(Path(sys.executable).parent / "harken")


def run(*, full: bool = False) -> dict[str, Any]:
    """The demo of 20,000 customers, and with --full a million customers with twenty million signals."""
    with tempfile.TemporaryDirectory(prefix="harken-pages-") as folder:
        demo = Path(folder) / "demo"
        subprocess.run([COMMAND, "-w", str(demo), "demo"], check=True, stdout=subprocess.DEVNULL)
        figures = {"demo": measure(demo)}
        if full:
            for step in (["grow", folder, "1000000", "20000000"], ["analyze", folder]):
                subprocess.run([sys.executable, "-m", "benchmarks.analysis", *step], check=True)
            figures["big"] = measure(Path(folder) / "company")
    return figures


def measure(root: Path) -> dict[str, Any]:
    """Serve a workspace by the command that people use, read every page, ask again and again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [COMMAND, "-w", str(root), "serve", "--port", str(port)], stdout=subprocess.PIPE, text=True
    )
    try:
        next(line for line in server.stdout or () if address in line)
        reader = build_opener(HTTPCookieProcessor(CookieJar()))
        _wait_for(f"{address}/sign-in/")
        baseline = {
            "sign_in": _timed(build_opener(), f"{address}/sign-in/"),
            "style_sheet": _timed(build_opener(), address + _assets(build_opener(), f"{address}/sign-in/")[0]),
        }
        time.sleep(3)
        idle_mb = _memory_mb(server.pid)
        _get(reader, address + _entry(root))
        weights = {path: _weight(reader, address, path) for path in _paths(reader, address)}
        pages = {path: _timed(reader, address + path) | {"gzip_kb": weights[path]} for path in weights}
        return {
            "p95_ms_worst": max(page["p95_ms"] for page in pages.values()),
            "gzip_kb_worst": max(page["gzip_kb"] for page in pages.values()),
            "idle_mb": idle_mb,
            "after_reading_mb": _memory_mb(server.pid),
            "baseline": baseline,
            "pages": pages,
        }
    finally:
        server.terminate()
        server.wait()


def _entry(root: Path) -> str:
    """A one-time address, made in a process of its own: this one stays free of Django."""
    code = (
        "import sys; from pathlib import Path; root = Path(sys.argv[1]);"
        "from harken.records.connection import connect; connect(root);"
        "from harken.usecases.accounts import enter_demo; print(enter_demo(root).path)"
    )
    made = subprocess.run([sys.executable, "-c", code, str(root)], check=True, stdout=subprocess.PIPE, text=True)
    return made.stdout.strip()


def _paths(reader: OpenerDirector, address: str) -> list[str]:
    """Every page that the navigation and the corner lead to, a few customers, searches and choices."""
    seen: list[str] = []
    waiting = ["/"]
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        try:
            html = _get(reader, address + path).decode()
        except HTTPError:
            continue
        seen.append(path)
        for part in re.findall(r"<(?:nav|div class=\"corner\")[^>]*>.*?</(?:nav|div)>", html, re.DOTALL):
            waiting += [link for link in re.findall(r'href="(/[^"#?]*)"', part) if not link.startswith("/account")]
        customers = re.findall(r'href="(/(?:unify|act)/customers/-?\d+/)', html)
        if not any(re.search(r"/customers/-?\d+/", known) for known in seen + waiting):
            waiting += customers[:3]
    finder = "/unify/customers/" if "/unify/customers/" in seen else "/act/customers/"
    return seen + [f"{finder}?q={text}" for text in map(_quoted, SEARCHES)]


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text)


def _get(reader: OpenerDirector, url: str) -> bytes:
    with reader.open(url, timeout=60) as answer:
        return bytes(answer.read())


def _timed(reader: OpenerDirector, url: str) -> dict[str, float]:
    """Median and p95 in ms of asking `ROUNDS` times, after two times to warm up."""
    took = []
    for _ in range(ROUNDS + 2):
        begin = time.perf_counter()
        _get(reader, url)
        took.append((time.perf_counter() - begin) * 1000)
    warm = sorted(took[2:])
    return {"p50_ms": round(statistics.median(warm), 1), "p95_ms": round(warm[int(0.95 * len(warm)) - 1], 1)}


def _weight(reader: OpenerDirector, address: str, path: str) -> float:
    """Kilobytes of a page with its style and script, each compressed."""
    texts = [
        _get(reader, address + path),
        *(_get(reader, address + one) for one in _assets(reader, address + path)),
    ]
    return round(sum(len(gzip.compress(text)) for text in texts) / 1000, 1)


def _assets(reader: OpenerDirector, url: str) -> list[str]:
    return re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', _get(reader, url).decode())


def _memory_mb(pid: int) -> dict[str, int]:
    """Resident memory of the server's processes and of the worker, in MB, by what they run."""
    found: dict[str, int] = {}
    for child in [pid, *_children(pid)]:
        status = Path(f"/proc/{child}/status").read_text(encoding="utf-8")
        command = Path(f"/proc/{child}/cmdline").read_text(encoding="utf-8").replace("\0", " ")
        name = "worker" if "harken.jobs.worker" in command else "server"
        found[name] = found.get(name, 0) + int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) // 1024
    return found


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    own = [int(child) for path in tasks for child in path.read_text(encoding="utf-8").split()]
    return own + [grand for child in own for grand in _children(child)]


def _wait_for(url: str) -> None:
    for _ in range(150):
        try:
            _get(build_opener(), url)
            return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"nothing answers at {url}")


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1])), indent=1, ensure_ascii=False))
