"""Tutorials and how-tos: what they tell a reader to type runs, and prints what they show."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import harken
from harken.locale.catalogue import FOLDERS, LANGUAGES, catalogue_path
from harken.locale.portable_objects import parse
from page_blocks import blocks, matches, run_page

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
TUTORIALS = [
    pytest.param(
        path,
        id=path.relative_to(DOCS).as_posix(),
        marks=[pytest.mark.slow] if path.name != "demo.md" and path.parent.name != "en" else [],
    )
    for path in sorted(DOCS.glob("tutorials/*/*.md"))
]
"""The analyses of the Chinese pages, whose commands are those of the English page, wait for `make test-all`."""
RECIPES = sorted(DOCS.glob("how-to/*.md"))
SAMPLE = DOCS / "tutorials" / "tea-house"
EMPHASIS = {"all", "invented", "simulated", "虚构", "全量", "模拟", "虛構", "全體", "模擬"}
"""Words in bold that are no words of a page."""


@pytest.fixture(scope="module")
def tea_house(tmp_path_factory):
    """A folder with the tea house's files in `exports` and its workspace `teahouse`, imported and analysed."""
    folder = tmp_path_factory.mktemp("tea")
    shutil.copytree(SAMPLE, folder / "exports")
    workspace = harken.create_workspace(folder / "teahouse", company="Tea House", time_zone="Asia/Taipei")
    harken.import_files(workspace, [folder / "exports"])
    harken.analyze(workspace)
    return folder


@pytest.mark.parametrize("path", TUTORIALS)
def test_what_a_tutorial_says_to_type_runs_and_prints_what_it_shows(path, tmp_path, request):
    if path.name == "demo.md":
        shutil.copytree(request.getfixturevalue("demo_workspace"), tmp_path / "demo-workspace")
    shutil.copytree(SAMPLE, tmp_path / "docs" / "tutorials" / "tea-house")
    assert run_page(path, tmp_path) > 0


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_a_recipe_works_as_it_is_written(path, tmp_path, tea_house):
    shutil.copytree(tea_house, tmp_path, dirs_exist_ok=True)
    run_page(path, tmp_path)
    assert any(block.language in ("sh", "python") for block in blocks(path))


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_and_buttons_are_called_as_in_harken(language):
    if language in FOLDERS:
        known = set(parse(catalogue_path(language, ".po").read_text(encoding="utf-8")).values())
    else:
        known = set(parse(catalogue_path("zh-hans", ".po").read_text(encoding="utf-8")))
    for path in (DOCS / "tutorials" / language).glob("*.md"):
        quoted = re.findall(r"\*\*(.+?)\*\*", path.read_text(encoding="utf-8"))
        words = {word for text in quoted for word in text.split(" / ")} - EMPHASIS
        assert len(words) > 5
        assert words <= known, f"{path.name}: {words - known}"


@pytest.mark.parametrize("name", sorted(path.name for path in (DOCS / "tutorials" / "en").glob("*.md")))
def test_a_tutorial_says_the_same_to_type_in_every_language(name):
    def typed(language: str) -> list[str]:
        return [
            re.sub(r"^export HARKEN_LANGUAGE=.*\n", "", block.text, flags=re.MULTILINE)
            for block in blocks(DOCS / "tutorials" / language / name)
            if block.language in ("sh", "python")
        ]

    assert typed("en") == typed("zh-hans") == typed("zh-hant")


def test_an_output_that_is_not_what_was_printed_is_noticed():
    assert matches("a …\n…\nz", "a 1\nb\nc\nz\n")
    assert matches("a", "a\n")
    assert not matches("a", "a\nb\n")
    assert not matches("a …", "b 1\n")
