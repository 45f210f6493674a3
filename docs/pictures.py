"""`make pictures`: the README's pictures, taken of the demo company in a real browser.

    python docs/pictures.py [WORKSPACE]

Needs Chromium (Debian's package `chromium`) and, for Chinese, a font such as Debian's `fonts-noto-cjk`.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURES = Path(__file__).parent / "pictures"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LANGUAGES = ("en", "zh-hans", "zh-hant")
PAGES = {
    "today": "",
    "whole-base": "learn/whole-base/",
    "retention": "learn/retention/",
    "what-if": "learn/what-if/?lever=waiting&target=9",
    "at-risk": "act/customers/",
}
SHOTS = (
    *(
        (f"{page}-{language}", path, language, "light", 1280)
        for page, path in PAGES.items()
        for language in LANGUAGES
    ),
    ("retention-zh-hant-dark", "learn/retention/", "zh-hant", "dark", 1280),
    ("today-zh-hans-phone", "", "zh-hans", "light", 390),
)


def main(workspace: Path) -> None:
    """Serve the workspace on a free port, enter as the demo, take every picture."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).parent / "harken"), "-w", str(workspace), "serve", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        next(line for line in server.stdout or () if address in line)
        entry = address + way_in(workspace)
        _wait_for(address)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            page = browser.new_page()
            page.goto(entry)
            state = page.context.storage_state()
            for name, path, language, theme, width in SHOTS:
                context = browser.new_context(
                    storage_state=state, color_scheme=theme, viewport={"width": width, "height": 900}
                )
                shot = context.new_page()
                shot.goto(f"{address}/{path}")
                shot.locator(f'button[name="language"][value="{language}"]').first.click()
                shot.wait_for_load_state()
                shot.screenshot(path=PICTURES / f"{name}.png", full_page=name in ("today-en", "today-zh-hans"))
                print(PICTURES / f"{name}.png", shot.title())
    finally:
        server.terminate()
        server.wait()


def way_in(workspace: Path) -> str:
    """A one-time address into the demo."""
    from harken.records.connection import connect
    from harken.usecases.accounts import enter_demo

    connect(workspace)
    return enter_demo(workspace).path


def _wait_for(address: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(address + "/sign-in/", timeout=5)
            return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"nothing answers at {address}")


def grown() -> Path:
    """The demo company of 20,000 customers in a fresh folder."""
    root = Path(tempfile.mkdtemp()) / "demo"
    subprocess.run([str(Path(sys.executable).parent / "harken"), "-w", str(root), "demo"], check=True)
    return root


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else grown())
