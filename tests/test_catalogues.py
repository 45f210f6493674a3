"""Every sentence of Harken has its words in every language, and the compiled catalogues are fresh."""

from __future__ import annotations

from pathlib import Path

import pytest

import harken
from harken.locale.catalogue import FOLDERS, LANGUAGES, catalogue_path, nearest_language, translator
from harken.locale.extraction import faults, ids, places
from harken.locale.formats import render
from harken.locale.portable_objects import compile_catalogue, parse, write
from harken.vocabulary.messages import Message

PACKAGE = Path(harken.__file__).parent


@pytest.fixture(scope="module")
def wanted() -> dict[str, list[str]]:
    return ids(PACKAGE)


def test_sentences_are_found_where_they_are_said(wanted: dict[str, list[str]]) -> None:
    assert "harken/vocabulary/errors.py" in wanted["{place}: {reason}"]
    assert any(file.endswith(".html") for files in wanted.values() for file in files)
    assert len(wanted) > 200


@pytest.mark.parametrize("language", FOLDERS)
def test_every_sentence_has_its_words(language: str, wanted: dict[str, list[str]]) -> None:
    translations = parse(catalogue_path(language, ".po").read_text(encoding="utf-8"))
    found = faults(wanted, translations)
    assert not found, "run `python -m harken.locale` and translate:\n" + "\n".join(found)


@pytest.mark.parametrize("language", FOLDERS)
def test_the_compiled_catalogue_is_the_edited_one(language: str) -> None:
    translations = parse(catalogue_path(language, ".po").read_text(encoding="utf-8"))
    compiled = compile_catalogue(language, translations)
    assert compiled == catalogue_path(language, ".mo").read_bytes(), "run `python -m harken.locale`"
    translate = translator(language)
    assert all(translate(source) == (said or source) for source, said in translations.items())


def test_the_two_chinese_catalogues_are_written_not_converted() -> None:
    """Taiwan's words, not Mainland words in other characters."""
    hans, hant = (
        parse(catalogue_path(language, ".po").read_text(encoding="utf-8")) for language in ("zh-hans", "zh-hant")
    )
    simplified = set("户对间题应还书车调说请为发动关开东经长门问图国数据览")
    assert not simplified & set("".join(hant.values()))
    for mainland in ("客户", "客戶体验", "默认", "网络", "信息", "质量", "反馈", "項目"):
        assert mainland not in "".join(hant.values()), mainland
    assert "顧客" in "".join(hant.values())
    assert "客户" in "".join(hans.values())


def test_a_missing_or_broken_translation_is_noticed() -> None:
    said = {"Hello {name}": "你好 {nom}", "old": "旧"}
    found = faults({"Hello {name}": ["a.py"], "New": ["b.py"]}, said)
    assert len(found) == 3
    assert faults({"Hello {name}": ["a.py"]}, {"Hello {name}": "{name},你好"}) == []


def test_catalogue_files_survive_a_round_trip() -> None:
    said = {'He said "no"\nand left': "他说“不”\t走了", "a\\b": "反斜杠\\"}
    text = write("zh-hans", {key: ["x.py"] for key in said}, said)
    assert parse(text) == said
    import gettext
    import io

    catalogue = gettext.GNUTranslations(io.BytesIO(compile_catalogue("zh-hans", said)))
    assert all(catalogue.gettext(source) == translation for source, translation in said.items())
    assert catalogue.gettext("unknown") == "unknown"


def test_sentences_with_places_render_in_every_language(wanted: dict[str, list[str]]) -> None:
    for language in LANGUAGES:
        for text in wanted:
            values = dict.fromkeys(places(text) - {""}, 1234.5)
            if "" in places(text) or any(name.isdigit() for name in values):
                pytest.fail(f"a place without a name: {text!r}")
            written = render(Message(text, values), language)
            assert "{" not in written or "{{" in text


def test_language_codes_of_every_style_are_understood() -> None:
    codes = {
        "zh": "zh-hans",
        "zh_CN.UTF-8": "zh-hans",
        "zh-Hant-HK": "zh-hant",
        "zh_MO": "zh-hant",
        "C": "en",
        "": "en",
    }
    assert {code: nearest_language(code) for code in codes} == codes
