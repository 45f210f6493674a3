"""Every example in a docstring runs and prints what it says."""

import doctest
import importlib
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src"
WITH_DJANGO = ("harken.records", "harken.jobs", "harken.web", "harken.settings")


def modules() -> list[str]:
    paths = [path for path in sorted(SOURCE.rglob("*.py")) if ">>>" in path.read_text(encoding="utf-8")]
    names = [".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in paths]
    return [name.removesuffix(".__init__") for name in names]


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings_run(name, request):
    if name.startswith(WITH_DJANGO):
        request.getfixturevalue("workspace_root")
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


def test_most_topics_of_learn_show_an_example():
    topics = {name.split(".")[2] for name in modules() if name.startswith("harken.learn.")}
    assert {"scores", "whole_base", "leaks", "retention", "drivers", "value", "importance", "ratings"} <= topics
