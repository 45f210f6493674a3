"""Two stories told in a browser: five answers show no change, and answers kept back test the predictions."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from test_browser import chromium as chromium
from test_browser import serving

import score_stories
from harken.usecases import accounts
from harken.usecases.workspaces import open_workspace
from made_up import analysed

pytestmark = [pytest.mark.browser]
WORK = """
import sys
from pathlib import Path
from harken.records.connection import connect
root = Path(sys.argv[1])
connect(root)
from harken.jobs.worker import work
work(root, until_empty=True)
"""


@pytest.fixture
def told(
    request: Any, tmp_path: Path, empty_workspace: Path, connected_to: Any, chromium: Any
) -> Iterator[tuple[Any, Path, Any]]:
    """A signed-in page of an analysed company, its folder, and what filling it returned."""
    root = tmp_path / "company"
    shutil.copytree(empty_workspace, root)
    if request.param is score_stories.fill_two_waves:
        settings = (root / "harken.toml").read_text(encoding="utf-8")
        (root / "harken.toml").write_text(settings.replace("# score = ", "score = "), encoding="utf-8")
    kept = request.param(open_workspace(root))
    analysed(root)

    def entry_path() -> str:
        with connected_to(root):
            return accounts.enter_demo(root).path

    with ThreadPoolExecutor(1) as beside:
        entry = beside.submit(entry_path).result()
    with serving(root) as address:
        context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 900}, locale="en-GB")
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda note: complaints.append(note.text) if note.type == "error" else None)
        page.goto(entry)
        yield page, root, kept
        context.close()
        assert complaints == []


@pytest.mark.parametrize("told", [score_stories.fill_two_waves], indirect=True)
def test_nps_fell_by_twenty_and_nothing_is_shown(told: Any) -> None:
    page, _, _ = told
    page.goto("/learn/scores/")
    assert "No change shown: 5 answers before and 5 after are too few to tell." in page.inner_text("h1")
    page.click("details.pick:nth-of-type(2) summary")
    page.click("details.pick:nth-of-type(2) a:has-text('5'):below(:text('By wave'))")
    assert "from=" in page.url
    text = page.inner_text("main")
    assert "Why the number moved: other accounts answered (5 before, 5 others after)." in text
    assert "promoters 3, passives 1, detractors 1" in text
    assert "promoters 2, passives 2, detractors 1" in text
    assert "a change of 20 points needs about" in text
    assert page.query_selector(".num") is None, "below ten answers no score is shown"
    page.click("details.pick:first-of-type summary")
    page.click("details.pick:first-of-type a:has-text('ticket')")
    assert "question=ticket" in page.url
    page.goto("/learn/scores/?question=ticket/satisfied&from=2023-01-01")
    assert "a ranking would be chance" in page.inner_text("main")
    page.goto("/learn/scores/")
    page.click("button[value='zh-hans']")
    page.set_viewport_size({"width": 380, "height": 900})
    assert "看不出变化" in page.inner_text("h1")
    assert "其他企业客户" in page.inner_text("main")
    page.click("details.pick:nth-of-type(2) summary")
    box = page.locator("details.pick:nth-of-type(2) > div").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 380, "the menu stays within the phone"
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize("told", [score_stories.fill_kept_back], indirect=True)
def test_answers_kept_back_prove_the_whole_base(told: Any, tmp_path: Path) -> None:
    page, root, kept = told
    page.goto("/learn/whole-base/")
    assert "zh-hant flips: those who answer are satisfied" in page.inner_text("main")
    assert "This tests answerers only." in page.inner_text("#test")
    with page.expect_download() as download:
        page.click("text=The list of a random 100")
    assert len(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()) == 101
    file = score_stories.write_kept_back(tmp_path / "kept.csv", kept, ("C99999", "9"))
    page.set_input_files("#file", file)
    page.click("#test .upload .btn")
    subprocess.run([sys.executable, "-c", WORK, str(root)], check=True)
    page.wait_for_selector("#test .series")  # the page comes back by itself once the test is done
    text = page.inner_text("#test")
    assert f"Passed: for {len(kept):,} answers kept back" in text
    assert f"{len(kept):,} of {len(kept) + 1:,} rows of kept.csv were compared" in text
    assert "C99999" in text
    assert page.locator("#test .series .dot").count() >= 10
    assert list((root / "uploads").iterdir()) == [], "nothing of the file is kept"

    page.click("button[value='zh-hans']")
    page.wait_for_selector("html[lang='zh-Hans']")
    text = page.inner_text("main")
    assert "zh-hant：结论反转——受访者满意" in text
    assert "这只检验受访者。" in text
    assert f"通过：对 {len(kept):,} 份保留的答卷" in text
    page.set_viewport_size({"width": 380, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
