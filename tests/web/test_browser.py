"""One walk through the pages in a real browser: nothing refused by the content policy, nothing out of reach."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harken.usecases import accounts, hypotheses, sources
from harken.usecases.at_risk import chosen_ids
from harken.usecases.hand_overs import hand_over
from harken.usecases.importing import drafts
from harken.usecases.runs import load_run
from harken.usecases.workspaces import open_workspace

pytestmark = [pytest.mark.browser]
PAGES = (
    "/",
    "/listen/imports/",
    "/listen/imports/drafts/{draft}/",
    "/listen/sources/",
    "/listen/sources/gone/",
    "/listen/sources/gone/change/",
    "/listen/new-source/folder/",
    "/listen/new-source/sql/",
    "/listen/new-source/web/",
    "/unify/inventory/",
    "/unify/customers/",
    "/unify/customers/?q=C0000",
    "/unify/customers/7/",
    "/learn/retention/",
    "/learn/retention/waiting/",
    "/learn/what-if/",
    "/learn/what-if/?lever=waiting&target=10",
    "/learn/whole-base/",
    "/learn/scores/",
    "/learn/scores/?segment=language:en",
    "/learn/hypotheses/",
    "/learn/hypotheses/1/",
    "/learn/analyses/",
    "/learn/analyses/{run}/",
    "/learn/analyses/compare/?a={run}&b={run}",
    "/act/customers/",
    "/act/customers/?segment=language:en&sort=risk",
    "/act/hand-overs/",
    "/act/hand-overs/1/",
    "/how/drivers/",
    "/settings/",
    "/people/",
    "/account/password/",
    "/demo/leaving/",
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, steered by Playwright."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("Chromium is not installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, analysed_company: Path, connected_to: Any
) -> Iterator[tuple[str, Path]]:
    """A server for a copy of the analysed company; its address and folder."""
    root = tmp_path_factory.mktemp("browser") / "company"
    shutil.copytree(analysed_company, root)

    def stock() -> None:
        with connected_to(root):
            stocked(root)

    with ThreadPoolExecutor(1) as beside:
        beside.submit(stock).result()
    with serving(root) as address:
        yield address, root


def stocked(root: Path) -> None:
    """A draft that was looked at, a source that fails and a hand-over: their pages have something to show."""
    accounts.enter_demo(root)
    person = accounts.list_people(root)[0].username
    workspace, now = open_workspace(root), datetime.now(UTC)
    rows = "".join(f"C{n},{n % 7 + 1},2026-05-01\n" for n in range(40))
    file = io.BytesIO(f"customer_id,effort,answered_on\n{rows}".encode())
    drafts.look_at_draft(root, drafts.receive(root, [("answers.csv", file)], now_us=time.time_ns() // 1000))
    values = {"name": "gone", "kind": "folder", "folder": str(root / "nowhere"), "at": "06:00", "unit": "days"}
    sources.add_source(workspace, values, now=now)
    sources.read_source(workspace, "gone", clock=lambda: now)
    run = load_run(workspace.runs_root)
    ids = chosen_ids(run)[:30].tolist()
    hand_over(workspace, run, ids, person=person, note="Ask about the wait", made_by=person, now=now)
    given = {"statement": "Long waits make people leave", "about": "leaving:waiting", "side": "more"}
    hypotheses.believe(workspace, given, by=person, now=now, today=now.date())
    hypotheses.judge_register(workspace, run, now=now)


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """A server for a company; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["granian", "--interface", "wsgi", "--port", str(port), "--blocking-threads", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", *command, "--log-level", "error", "harken.web.wsgi:application"],
        env={**os.environ, "HARKEN_WORKSPACE": str(root)},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{address}/sign-in/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def visitor(chromium: Any, served: tuple[str, Path], connected_to: Any, request: Any) -> Iterator[Any]:
    """A page signed in by a one-time address; whatever the console complains about fails the test."""
    address, root = served
    theme, width = request.param

    def entry_path() -> str:
        with connected_to(root):
            return accounts.enter_demo(root).path

    # Playwright keeps an event loop in this thread, in which Django refuses to touch a database.
    with ThreadPoolExecutor(1) as beside:
        entry = beside.submit(entry_path).result()
    context = chromium.new_context(
        base_url=address, color_scheme=theme, viewport={"width": width, "height": 900}, locale="en-GB"
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda note: complaints.append(note.text) if note.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(entry)
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize(
    ("visitor", "language"),
    [
        (("light", 1280), "en"),
        (("dark", 380), "zh-hans"),
        pytest.param(("dark", 1280), "en", marks=pytest.mark.slow),
        pytest.param(("light", 380), "en", marks=pytest.mark.slow),
        pytest.param(("light", 1280), "zh-hans", marks=pytest.mark.slow),
    ],
    indirect=["visitor"],
)
def test_every_page_is_within_reach_of_everybody(visitor: Any, language: str, served: tuple[str, Path]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    root = served[1]
    run = next(path.name for path in (root / "runs").iterdir() if path.is_dir())
    draft = next(path.parent.name for path in root.glob("*/*/draft.json"))
    if language != "en":
        visitor.goto("/")
        visitor.click(f"button[value='{language}']")
    faults = []
    for path in PAGES:
        answer = visitor.goto(path.format(run=run, draft=draft))
        if answer.status != 200:
            faults.append((path, answer.status))
        if path == "/learn/retention/":
            visitor.click("details.take.named summary")
        faults += [
            (path, rule["id"], [node["html"][:160] for node in rule["nodes"]][:3])
            for rule in axe.run(visitor).response["violations"]
            if rule["impact"] in SERIOUS
        ]
        if visitor.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            faults.append((path, "is wider than the window"))
    assert faults == []


@pytest.mark.parametrize("visitor", [("light", 1280)], indirect=True)
def test_the_keyboard_suffices(visitor: Any) -> None:
    visitor.goto("/")
    visitor.keyboard.press("Tab")
    assert visitor.evaluate("document.activeElement.className") == "skip"
    visitor.keyboard.press("Enter")
    assert visitor.evaluate("document.activeElement.id") == "content"
    visitor.goto("/act/customers/")
    visitor.keyboard.press("/")
    assert visitor.evaluate("document.activeElement.id") == "search"
    visitor.keyboard.type("C00007")
    visitor.keyboard.press("Enter")
    visitor.wait_for_url("**/unify/customers/7/")
    outline = visitor.evaluate("getComputedStyle(document.querySelector('.btn')).outlineStyle")
    visitor.focus(".btn")
    visitor.keyboard.press("Shift+Tab")
    visitor.keyboard.press("Tab")
    assert visitor.evaluate("getComputedStyle(document.querySelector('.btn')).outlineStyle") != outline


@pytest.mark.parametrize("visitor", [("light", 1280)], indirect=True)
def test_language_and_theme_are_one_click_away(visitor: Any) -> None:
    visitor.goto("/learn/retention/")
    visitor.click("button[value='zh-hant']")
    assert visitor.evaluate("document.documentElement.lang") == "zh-Hant"
    assert visitor.url.endswith("/learn/retention/")
    paper = "getComputedStyle(document.body).backgroundColor"
    before = visitor.evaluate(paper)
    visitor.click("button[name='theme']")
    visitor.click("button[name='theme']")
    assert visitor.evaluate("document.documentElement.dataset.theme") == "dark"
    assert visitor.evaluate(paper) != before


@pytest.mark.parametrize("visitor", [("light", 1280)], indirect=True)
def test_drawings_are_where_their_numbers_say(visitor: Any) -> None:
    """The content policy lets attributes place things; an inline style would have been dropped."""
    visitor.goto("/learn/whole-base/")
    band, dot = (
        visitor.evaluate(f"document.querySelector('.estimate {part}').getBoundingClientRect().toJSON()")
        for part in (".band", ".dot")
    )
    assert band["width"] > 5
    assert band["left"] < dot["left"] + dot["width"] / 2 < band["right"]
    colour = visitor.evaluate("getComputedStyle(document.querySelector('.estimate .dot')).fill")
    assert colour not in ("rgb(0, 0, 0)", "none")
