"""From five files to drivers, second half: a leak set aside unasked, a slider that answers or refuses."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from five_files import write_five_files
from test_browser import chromium, served, visitor

from harken.usecases.analyzing.run import analyze
from harken.usecases.importing import import_files
from harken.usecases.workspaces import open_workspace

__all__ = ["chromium", "served", "visitor"]
pytestmark = [pytest.mark.browser]
NOW_US = 1_751_000_000_000_000
WAIT_MS = 20_000


@pytest.fixture(scope="session")
def analysed_company(tmp_path_factory: pytest.TempPathFactory, empty_workspace: Path) -> Path:
    """The imaginary shop of the five files, imported as proposed and analysed."""
    root = tmp_path_factory.mktemp("five") / "company"
    shutil.copytree(empty_workspace, root)
    files = write_five_files(tmp_path_factory.mktemp("files"), 7, customers=2_500)["files"]
    import_files(root, files, None, strict=False, now_us=NOW_US, time_zone="Asia/Shanghai", currency="CNY")
    analyze(open_workspace(root), now_us=NOW_US)
    return root


def slide_to(page: Any, target: float) -> str:
    """Move the slider by the keyboard's own event; the headline that the server answers with."""
    before = page.inner_text("h1")
    page.evaluate(
        """value => {
            const slider = document.querySelector('input[type=range]');
            slider.value = value;
            slider.dispatchEvent(new Event('input', {bubbles: true}));
        }""",
        target,
    )
    from playwright.sync_api import expect

    expect(page.locator("h1")).not_to_have_text(before, timeout=WAIT_MS)
    return str(page.inner_text("h1"))


def answered(page: Any, words: str) -> None:
    """Wait until the headline says so; the content policy forbids waiting inside the page."""
    from playwright.sync_api import expect

    expect(page.locator("h1")).to_contain_text(words, timeout=WAIT_MS)


@pytest.mark.parametrize("visitor", [("light", 1280)], indirect=True)
def test_twenty_to_nine_clicks_and_three_refused(visitor: Any) -> None:
    visitor.goto("/learn/retention/")
    warning = visitor.inner_text(".warn")
    assert "cancel_reason" in warning
    assert "unasked" in warning
    visitor.goto("/learn/what-if/?lever=web&target=19")
    assert visitor.is_visible("input[type=range]"), (
        "the slider needs a script; without one there is the number field"
    )
    headline = slide_to(visitor, 9)
    assert re.search(r"at most 9 goes with \d+ fewer customers leaving", headline)
    assert "target=9" in visitor.url, "the address can be shared"
    assert visitor.get_attribute("input[type=range]", "aria-valuetext") == "at most 9"
    words = visitor.inner_text("#answer")
    for part in (
        "Customers kept",
        "Value kept",
        "worth doing below a cost of ¥",
        "adjusted",
        "one target at a time",
    ):
        assert part in words, part
    visitor.focus("input[type=range]")
    visitor.keyboard.press("ArrowRight")
    answered(visitor, "at most 9.5")
    visitor.fill("#target", "3")
    answered(visitor, "Nobody is at 3")
    assert "Customers kept" not in visitor.inner_text("#answer")
    visitor.reload()
    assert "Nobody is at 3" in visitor.inner_text("h1")


@pytest.mark.parametrize("visitor", [("light", 380)], indirect=True)
def test_the_same_in_chinese_on_a_phone(visitor: Any) -> None:
    visitor.goto("/learn/what-if/?lever=web&target=9")
    visitor.click("button[value='zh-hans']")
    assert visitor.evaluate("document.documentElement.lang") == "zh-Hans"
    assert "至多 9" in visitor.inner_text("h1")
    assert "盈亏" in visitor.inner_text("#answer") or "值得做" in visitor.inner_text("#answer")
    width = visitor.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
    visitor.goto("/learn/what-if/?lever=web&target=3")
    assert "没有客户达到 3" in visitor.inner_text("h1")
    visitor.goto("/learn/retention/")
    assert "cancel_reason" in visitor.inner_text(".warn")
