"""Story of a first visit in a real browser: five files are dropped, one role is corrected, preview, import."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from five_files import EFFORT, write_five_files
from test_browser import chromium  # noqa: F401  # the fixture

from harken.usecases import accounts

pytestmark = [pytest.mark.browser]
PATIENCE_MS = 120_000


@pytest.fixture
def working(tmp_path: Path, empty_workspace: Path, connected_to: Any) -> Iterator[tuple[str, Path, str]]:
    """A server and a worker for an empty company: its address, its folder, the way in."""
    root = tmp_path / "company"
    shutil.copytree(empty_workspace, root)

    def way_in() -> str:
        with connected_to(root):
            return accounts.enter_demo(root).path

    # Playwright keeps an event loop in this thread, in which Django refuses to touch a database.
    with ThreadPoolExecutor(1) as beside:
        entry = beside.submit(way_in).result()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = [
        "granian",
        "--interface",
        "wsgi",
        "--port",
        str(port),
        "--log-level",
        "error",
        "harken.web.wsgi:application",
    ]
    environment = {**os.environ, "HARKEN_WORKSPACE": str(root)}
    processes = [
        subprocess.Popen([sys.executable, "-m", *server], env=environment),
        subprocess.Popen([sys.executable, "-m", "harken.jobs.worker", str(root)], env=environment),
    ]
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{address}/sign-in/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        yield address, root, entry
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


def test_five_files_are_dropped_corrected_previewed_and_imported(
    chromium: Any,  # noqa: F811
    working: tuple[str, Path, str],
    tmp_path: Path,
) -> None:
    address, root, entry = working
    truth = write_five_files(tmp_path / "files", 1)
    context = chromium.new_context(base_url=address, locale="en-GB", accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda note: complaints.append(note.text) if note.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(entry)
    page.goto("/")
    page.set_input_files("#files", truth["files"])
    assert page.locator("[data-chosen] li").count() == 5
    page.click("text=Bring these files")
    page.wait_for_selector("text=5 of 5 tables are understood")

    row = page.locator("tr", has_text=EFFORT)
    scale = row.locator("select[name^=scale]")
    assert scale.input_value() == "ces_1_7_easy"
    scale.select_option("score_1_7_hard")
    page.click("text=Look at the preview")
    rows, bad = sum(truth["rows"].values()), sum(truth["bad_rows"].values())
    page.wait_for_selector(f"text={rows - bad:,} of {rows:,} rows can be imported, {bad} have to be repaired.")
    assert "LOWER is better" in page.inner_text("main")

    page.click("button:has-text('Import')")
    page.wait_for_url("**/listen/imports/")
    page.wait_for_selector(f"text={rows - bad:,} of {rows:,} rows came in, {bad} to repair.")
    found = 0
    for link in page.locator("a:has-text('Download, repair')").all():
        with page.expect_download() as download:
            link.click()
        text = Path(download.value.path()).read_text(encoding="utf-8-sig")
        found += len(text.strip().splitlines()) - 1
    assert found == 214
    context.close()
    assert complaints == []
    assert list((root / "uploads").iterdir()) == [], "the files are gone once they are in"
