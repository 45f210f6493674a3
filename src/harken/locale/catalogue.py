"""The sentences of Harken in each language: reads the compiled catalogues, standard library only."""

from __future__ import annotations

import gettext
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

LANGUAGES: dict[str, str] = {"en": "English", "zh-hans": "简体中文", "zh-hant": "繁體中文"}
"""Language codes and each language's own name for itself."""

FOLDERS: dict[str, str] = {"zh-hans": "zh_Hans", "zh-hant": "zh_Hant"}
"""Folder of each catalogue; English needs none, its sentences are the ids."""

ROOT = Path(__file__).parent

_REGIONS = {"tw": "zh-hant", "hk": "zh-hant", "mo": "zh-hant", "hant": "zh-hant"}


def catalogue_path(language: str, suffix: str) -> Path:
    """Where the catalogue of `language` lies: `suffix` is ".po" (to edit) or ".mo" (compiled)."""
    return ROOT / FOLDERS[language] / "LC_MESSAGES" / f"django{suffix}"


def nearest_language(code: str) -> str:
    """The language of Harken nearest to any language code or POSIX locale; English where none is near.

    >>> nearest_language("zh_TW.UTF-8"), nearest_language("zh-CN"), nearest_language("fr_FR")
    ('zh-hant', 'zh-hans', 'en')
    """
    parts = code.split(".")[0].replace("_", "-").lower().split("-")
    if parts[0] != "zh":
        return "en"
    return next((_REGIONS[part] for part in parts[1:] if part in _REGIONS), "zh-hans")


@lru_cache(maxsize=8)
def translator(language: str) -> Callable[[str], str]:
    """A function that says an English id in `language`; unknown ids come back as they are.

    Raises KeyError for a language that Harken does not speak.

    >>> translator("en")("Today")
    'Today'
    """
    if language == "en":
        return str
    with catalogue_path(language, ".mo").open("rb") as file:
        return gettext.GNUTranslations(file).gettext
