"""How texts become what is looked up: laws of folding, and cases a person would try."""

from __future__ import annotations

import random
import unicodedata

import pytest

from harken.unify.searching.characters import SIMPLIFIED
from harken.unify.searching.words import folded, key, number_keys, parts, phone_keys, words


def test_the_table_of_characters_is_one_for_one_and_settles_at_once() -> None:
    assert len(SIMPLIFIED) > 850
    for code, simple in SIMPLIFIED.items():
        assert len(simple) == 1
        assert simple != chr(code)
        assert ord(simple) not in SIMPLIFIED, f"{chr(code)} would need two steps"
        assert unicodedata.name(chr(code)).startswith("CJK UNIFIED")


def test_folding_twice_changes_nothing() -> None:
    rng = random.Random(3)
    alphabet = "aZé ß陳陈大Ａ１ｶﾞ٣-_@.한글'’İ"
    for _ in range(2_000):
        text = "".join(rng.choices(alphabet, k=rng.randint(0, 12)))
        assert folded(folded(text)) == folded(text), repr(text)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("陳大華", "陈大华"),
        ("陈大华", "陳大華"),
        ("ＪＯＳＥ", "José"),
        ("１２３", "123"),
        ("STRASSE", "straße"),
    ],
)
def test_what_looks_alike_is_looked_up_alike(typed: str, stored: str) -> None:
    assert key(typed) == key(stored)


def test_parts_keep_chinese_together_and_words_take_it_apart() -> None:
    assert parts("  王小明/Acme-Ltd 3号 ") == ["王小明", "acme", "ltd", "3", "号"]
    assert list(words("王小明 Acme")) == ["王", "小", "明", "acme"]
    assert parts("-- …") == []


def test_numbers_and_telephones_have_the_forms_people_type() -> None:
    assert number_keys("C-00042") == {"c00042", "00042", "42"}
    assert number_keys("000") == {"000"}
    assert number_keys("客户7") == {"客户7", "7"}
    assert phone_keys("+86 138 0013 8000") == {"8613800138000", "13800138000"}
    assert "0912345678" in phone_keys("00886 912 345 678")
    assert phone_keys("138-0013-8000") == {"13800138000"}
    assert phone_keys("12") == set()
