"""Pages made from the code are fresh, and every word they need is written."""

from __future__ import annotations

import pytest
from docs.generator.explanations import FOLDER
from docs.generator.mapping_words import EXAMPLE, KEYS, SECTIONS
from docs.generator.mappings import known_keys
from docs.generator.pages import DOCS, pages
from docs.generator.settings_page import VARIABLES, variables

from harken.listen.mapping.parsing import parse


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


def test_generated_pages_are_fresh(made):
    stale = [
        path for path, text in made.items()
        if not (DOCS / path).exists() or (DOCS / path).read_text(encoding="utf-8") != text
    ]  # fmt: skip
    assert not stale, "run `make docs`"
    there = {path.relative_to(DOCS).as_posix() for path in (DOCS / FOLDER).rglob("*.md")}
    assert there <= set(made), "explanations of measures that are gone: run `make docs`"


def test_every_key_of_a_mapping_is_explained_and_no_other():
    keys = known_keys()
    assert set(keys) == set(KEYS)
    assert {section for section, _ in keys} == set(SECTIONS)


def test_the_mapping_that_uses_everything_is_one():
    mapping = parse(EXAMPLE)
    assert len(mapping.files) == 4
    assert {type(part).__name__ for file in mapping.files for part in file.parts} == {
        "AccountsPart", "OutcomePart", "PeoplePart", "SignalPart", "SnapshotPart"}  # fmt: skip


def test_every_environment_variable_is_explained_and_no_other():
    assert set(variables()) == set(VARIABLES)
