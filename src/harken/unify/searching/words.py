"""How a text becomes words and keys to look up: the same for what is stored and for what somebody types."""

from __future__ import annotations

import re
import unicodedata

from harken.unify.searching.characters import SIMPLIFIED

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007\U00020000-\U0003ffff"
PHONE_DIGITS_LEAST = 4
"""Fewer digits are looked for in customers' numbers only: half of all mobile numbers begin alike."""
COUNTRY_CODES = ("886", "852", "853", "86", "81", "82", "84", "60", "61", "65", "66", "44", "49", "33", "1")

_PARTS = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
_WORDS = re.compile(rf"[{HAN}]|[^\W_{HAN}]+")
_IS_HAN = re.compile(f"[{HAN}]")
_NOT_KEY = re.compile(r"[\W_]+")
_NOT_DIGIT = re.compile(r"[^0-9]+")
_MARK = "Mn"


def folded(text: str) -> str:
    """`text` in the form it is looked up in: full width as half width, lower case, no accents, simplified.

    >>> folded("\uff23\uff10\uff10\uff17 José 陳大華")
    'c007 jose 陈大华'
    """
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text).casefold()
    parted = unicodedata.normalize("NFD", text)
    if parted != text:
        kept = "".join(letter for letter in parted if unicodedata.category(letter) != _MARK)
        text = unicodedata.normalize("NFC", kept)
    return text.translate(SIMPLIFIED)


def parts(text: str) -> list[str]:
    """Runs of Chinese characters and words of other scripts, folded, in order.

    >>> parts("王小明 (Acme Ltd.)")
    ['王小明', 'acme', 'ltd']
    """
    return _PARTS.findall(folded(text))


def is_han(part: str) -> bool:
    """Whether a part is a run of Chinese characters, which is found by any of its parts."""
    return _IS_HAN.match(part) is not None


def words(text: str) -> list[str]:
    """What is stored of a text: each Chinese character, each other word.

    >>> words("王小明 Acme")
    ['王', '小', '明', 'acme']
    """
    return _WORDS.findall(folded(text))


def key(text: str) -> str:
    """A text without spaces and signs: two texts with the same key are the same to whoever types one.

    >>> key("C-000 42"), key("Li.Wei@example.com")
    ('c00042', 'liweiexamplecom')
    """
    whole = folded(text)
    return whole if whole.isalnum() else _NOT_KEY.sub("", whole)


def number_keys(number: str) -> set[str]:
    """What a customer's number is found by: itself, its digits, its digits without leading zeros.

    >>> sorted(number_keys("C-00042"))
    ['00042', '42', 'c00042']
    """
    whole = key(number)
    digits = whole if whole.isdecimal() and whole.isascii() else _NOT_DIGIT.sub("", whole)
    return {found for found in (whole, digits, digits.lstrip("0")) if found}


def phone_keys(phone: str) -> set[str]:
    """What a telephone number is found by: its digits with and without the code of the country.

    >>> sorted(phone_keys("+886 912-345-678"))
    ['0912345678', '886912345678', '912345678']
    """
    digits = _NOT_DIGIT.sub("", folded(phone))
    abroad = digits.removeprefix("00") if digits.startswith("00") else digits
    if len(digits) < PHONE_DIGITS_LEAST:
        return set()
    found = {digits, abroad}
    if phone.lstrip().startswith(("+", "＋")) or abroad != digits:
        code = next((code for code in COUNTRY_CODES if abroad.startswith(code)), "")
        if code:
            found |= {abroad.removeprefix(code), "0" + abroad.removeprefix(code)} if code != "86" else {abroad[2:]}
    return found
