"""The retention report: what the page says, on paper, in three languages, in need of nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harken.locale import LANGUAGES, render
from harken.usecases.charts.drawings import Drawing
from harken.usecases.families import label as family_label
from harken.usecases.reporting.content import Grid, Report
from harken.usecases.reporting.html import as_html
from harken.usecases.reporting.retention import retention_paper, retention_report
from harken.usecases.reporting.sentences import drivers_headline
from harken.usecases.runs import NotRun, Run, load_run
from harken.usecases.workspaces import Workspace, open_workspace
from harken.vocabulary.errors import DataError, SettingsError
from harken.vocabulary.messages import Message

TODAY = date(2026, 7, 1)


@pytest.fixture
def analysed(analysed_company: Path) -> tuple[Workspace, Run]:
    """The made-up company and its run."""
    workspace = open_workspace(analysed_company)
    return workspace, load_run(workspace.runs_root)


def report_of(analysed: tuple[Workspace, Run], language: str = "en") -> Report:
    workspace, run = analysed
    return retention_report(run, workspace, language=language, today=TODAY)


def test_the_report_says_what_the_run_found(analysed: tuple[Workspace, Run]) -> None:
    _, run = analysed
    report = report_of(analysed)
    ranking, outcome = run.part("drivers"), run.part("outcome")
    assert report.headline == str(drivers_headline(ranking, family_label))
    assert report.figures[0].value == f"{outcome.rate.value:.1f}%"
    assert f"{outcome.left:,} of {outcome.customers:,} customers left" in report.figures[0].note
    charts = [block for section in report.sections for block in section.blocks if isinstance(block, Drawing)]
    assert [spot.value for spot in charts[0].spots] == [row.share.value for row in ranking.families if row.shown]
    assert all("to" in spot.text for spot in charts[0].spots), "an interval by every number"
    (money,) = (block for section in report.sections for block in section.blocks
                if isinstance(block, Grid) and "Evidence" in block.heads)  # fmt: skip
    assert [row[1] for row in money.rows] == [f"{row.affected:,}" for row in run.part("value").by_family]
    said = [
        name for section in report.sections for block in section.blocks for name, _ in getattr(block, "pairs", ())
    ]
    assert run.info.not_run
    assert {str(leak.label) for leak in run.part("leaks").set_aside} <= set(said)
    assert len(report.appendix) == 4


def test_names_are_text_never_markup(analysed: tuple[Workspace, Run]) -> None:
    html = as_html(replace(report_of(analysed), company="Tea <b>House</b>", sections=(), appendix=()))
    assert "Tea &lt;b&gt;House" in html
    assert "<b>" not in html


class Tags(HTMLParser):
    """Attributes that lead somewhere, and whether tags close in order."""

    VOID = frozenset({"meta", "br", "path", "line", "rect", "use", "image", "stop"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.leads: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "link", "img", "iframe", "object")
        self.leads += [str(value) for name, value in attrs if name in ("src", "href", "xlink:href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_needs_nothing_from_outside(analysed: tuple[Workspace, Run], language: str) -> None:
    workspace, run = analysed
    html = retention_paper(run, workspace, "html", language=language, today=TODAY).decode()
    tags = Tags(html)
    assert tags.open == []
    assert all(lead.startswith("#") for lead in tags.leads)
    assert not re.search(r"@import|url\(\s*['\"]?(?!#)", html)
    assert html.count("<svg") >= 2
    assert re.sub("<[^>]*>", "", html).count("None") == 0
    if language != "en":
        words = re.sub(r"<style.*?</style>|<svg.*?</svg>|<[^>]*>", " \n ", html, flags=re.DOTALL)
        assert re.findall(r"[A-Za-z]+(?: [a-z]+){4,}", words) == []


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_can_be_read_and_has_pages(analysed: tuple[Workspace, Run], tmp_path: Path, language: str) -> None:
    workspace, run = analysed
    path = tmp_path / "report.pdf"
    path.write_bytes(retention_paper(run, workspace, "pdf", language=language, today=TODAY))
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    flat = re.sub(r"\s", "", text)
    report = report_of(analysed, language)
    assert re.sub(r"\s", "", report.headline) in flat
    assert re.sub(r"\s", "", report.appendix_title) in flat
    pages = text.count("\f")
    last = render(Message("page {page} of {pages}", {"page": str(pages), "pages": str(pages)}), language)
    assert re.sub(r"\s", "", last) in flat
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout
    assert "NotoSansCJK" in fonts
    assert " no " not in " ".join(line[50:68] for line in fonts.splitlines()[2:]), "every font is in the file"


def test_what_cannot_be_reported_says_why(analysed: tuple[Workspace, Run]) -> None:
    workspace, run = analysed
    with pytest.raises(SettingsError, match="docx"):
        retention_paper(run, workspace, "docx", language="en", today=TODAY)
    reason = Message("There is no outcome.")
    without = Run(run.info, {**run.parts, "outcome": NotRun(reason)}, run.folder)
    with pytest.raises(DataError) as refused:
        retention_report(without, workspace, language="en", today=TODAY)
    assert refused.value.todo == reason
    some = ("drivers", "levers", "retention", "value", "leaks")
    bare = Run(run.info, {**run.parts, **dict.fromkeys(some, NotRun(reason))}, run.folder)
    assert retention_report(bare, workspace, language="en", today=TODAY).headline == "There is no outcome."
