"""Which folder, and which of its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harken.gateways.sources.visiting import unusable, whole, wrong
from harken.vocabulary.errors import Problem
from harken.vocabulary.messages import gettext_noop

SECRETS: Mapping[str, str] = {}
SETTLED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """Files of one folder whose names fit `pattern` and that nobody has written to for `settled_seconds`."""

    folder: Path
    pattern: str
    settled_seconds: int


def read_settings(values: Mapping[str, str]) -> FolderSettings:
    """Settings from texts; raises SettingsError naming everything that does not fit.

    >>> read_settings({"folder": "/srv/exports", "pattern": "orders*.csv"}).settled_seconds
    60
    """
    problems: list[Problem] = []
    folder = values.get("folder", "").strip()
    pattern = values.get("pattern", "").strip() or "*"
    if not folder.startswith("/"):
        problems.append(wrong("folder", gettext_noop("Name the folder from the root on, such as /srv/exports.")))
    if "/" in pattern or "\\" in pattern or pattern in (".", ".."):
        problems.append(wrong("pattern", gettext_noop("A pattern such as orders*.csv names files of this folder.")))
    seconds = whole(values, "settled_seconds", SETTLED_SECONDS, problems)
    if problems:
        raise unusable(problems)
    return FolderSettings(Path(folder), pattern, seconds)
