"""The page of all replications."""

from __future__ import annotations

from pathlib import Path

from docs.replications import drivers, intervals, outcomes
from docs.replications.study import NotHere, Study

PAGE = Path(__file__).parent / "README.md"
STUDIES: tuple[Study, ...] = (*intervals.STUDIES, *drivers.STUDIES, *outcomes.STUDIES)
INTRO = """\
# Replications

Published numbers, and numbers that R computes, computed again with Harken. “Agrees” means to the digits that were
printed, give or take one unit of the last. Where Harken differs on purpose, the table says why. `make docs`
computes all of it again; the tests fail where a number or this page is out of date.

"""


def written() -> tuple[str, list[str]]:
    """The page, and why studies could not be computed here; theirs are taken over from the page as it is."""
    before = sections(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    missing, parts = [], []
    for study in STUDIES:
        try:
            parts.append(study.section())
        except NotHere as reason:
            missing.append(str(reason))
            parts.append(before.get(study.title, ""))
    return INTRO + "\n".join(part for part in parts if part), missing


def sections(text: str) -> dict[str, str]:
    """The page's sections by their titles."""
    parts = text.split("\n## ")[1:]
    return {part.partition("\n")[0]: "## " + part.rstrip("\n") + "\n" for part in parts}
