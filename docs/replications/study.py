"""What a replication is: a published result, ours, and whether the two agree to the digits that were printed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("HARKEN_KNOWN_ANSWERS", "HARKEN_REAL_DATA")


class NotHere(Exception):
    """Data that cannot be part of this repository and were not found on this machine."""


@dataclass(frozen=True, slots=True)
class Number:
    """One published number beside ours.

    `published` as it was printed, so that its digits say how closely ours must agree; `why` is said where ours is
    meant to differ.
    """

    name: str
    published: str
    ours: float
    why: str = ""

    @property
    def digits(self) -> int:
        """Decimals of the published number."""
        return len(self.published.partition(".")[2])

    @property
    def agrees(self) -> bool:
        """True where ours is the published number, give or take one unit of its last printed digit."""
        return abs(self.ours - float(self.published)) <= 1.0000001 * 10.0**-self.digits

    @property
    def verdict(self) -> str:
        """The last column of the table."""
        if self.agrees:
            return "agrees"
        return f"**differs**: {self.why}" if self.why else "**differs**"


@dataclass(frozen=True, slots=True)
class Study:
    """A published result that Harken computes again.

    `needs` names a file that is not part of the repository (empty where the data are) and `obtain` where to get it.
    """

    title: str
    source: str
    text: str
    numbers: Callable[[], list[Number]]
    needs: str = ""
    obtain: str = ""

    def section(self) -> str:
        """The study as a section of the page; raises NotHere where its data are missing."""
        rows = [
            f"| {number.name} | {number.published} | {number.ours:.{number.digits}f} | {number.verdict} |"
            for number in self.numbers()
        ]
        data = f"\n\nData: `{self.needs}`, {self.obtain}." if self.needs else ""
        head = "| | published | Harken | |\n|---|---:|---:|---|"
        return f"## {self.title}\n\n{self.text} *{self.source}*{data}\n\n{head}\n" + "\n".join(rows) + "\n"


def outside(name: str) -> Path:
    """A file of data in one of the folders that `FOLDERS` name, or in a folder below; raises NotHere."""
    for variable in FOLDERS:
        root = os.environ.get(variable, "")
        found = next(iter(sorted(Path(root).glob(f"**/{name}"))), None) if root else None
        if found is not None:
            return found
    raise NotHere(f"{name} is in none of the folders that {' and '.join(FOLDERS)} name")
