"""Runs the blocks of code in a page of the documentation, in order, in a folder of its own.

In a block `sh` each command runs as it stands (`harken` inside this process, everything else in a shell); `python`
blocks of a page share their names. A block `text` after one of these is what it printed: "…" stands for anything. A
block that begins with `sh skip` is not run: it installs something, waits for a person or needs another machine.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harken.cli.main import main
from harken.records.connection import disconnect

BLOCK = re.compile(r"^```(\w+)?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENVIRONMENT = ("HARKEN_LANGUAGE", "HARKEN_WORKSPACE")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, whether it is skipped, its text, and the line it begins at."""

    language: str
    skipped: bool
    text: str
    line: int


def blocks(path: Path) -> list[Block]:
    """Every fenced block of a page."""
    text = path.read_text(encoding="utf-8")
    return [
        Block(found[1] or "text", "skip" in found[2], found[3], text[: found.start()].count("\n") + 1)
        for found in BLOCK.finditer(text)
    ]


def run_page(path: Path, folder: Path) -> int:
    """Run a page in `folder`; the number of blocks whose output was compared. AssertionError names the line."""
    names: dict[str, Any] = {"__name__": path.stem}
    printed: str | None = None
    compared = 0
    before = {name: os.environ.pop(name, None) for name in ENVIRONMENT}
    with contextlib.chdir(folder):
        try:
            for block in blocks(path):
                if block.language == "text":
                    if printed is not None:
                        assert matches(block.text, printed), (
                            f"{path.name}, line {block.line}: it printed\n{printed}"
                        )
                        compared += 1
                    printed = None
                elif block.skipped or block.language not in ("sh", "python"):
                    printed = None
                elif block.language == "sh":
                    printed = "".join(shell(command) for command in commands(block.text))
                else:
                    printed = python(block, path, names)
        finally:
            disconnect()
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
    return compared


def matches(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed: line by line, "…" for any text, a line "…" for any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else ".*?".join(map(re.escape, line.rstrip().split("…"))) + r"[ ]*\n"
        for line in shown.strip("\n").split("\n")
    )
    return re.fullmatch(pattern, printed.strip("\n") + "\n") is not None


def commands(text: str) -> Iterator[str]:
    """The commands of a block: lines, joined where they end in a backslash or hold a here-document."""
    lines = iter(text.split("\n"))
    for line in lines:
        command = line
        while command.endswith("\\"):
            command = command[:-1] + next(lines)
        here = re.search(r"<<\s*'?(\w+)'?", command)
        while here and not command.endswith(f"\n{here[1]}"):
            command += "\n" + next(lines)
        if command.strip() and not command.lstrip().startswith("#"):
            yield command


def shell(command: str) -> str:
    """What one command printed on standard output; AssertionError where it fails."""
    words = shlex.split(command.replace("$PWD", str(Path.cwd())), comments=True)
    if words[0] == "export":
        name, value = words[1].split("=", 1)
        assert name in ENVIRONMENT, name
        os.environ[name] = value
        return ""
    if words[0] == "cd":
        os.chdir(words[1])
        return ""
    if words[0] == "harken" and not {"|", ">", "&&"} & set(words):
        return harken(words[1:])
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout


def harken(words: list[str]) -> str:
    """The command `harken` inside this process."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(words)
        except SystemExit as end:
            status = int(end.code or 0)
        finally:
            disconnect()
    assert status == 0, f"harken {' '.join(words)}\n{err.getvalue()}"
    return out.getvalue()


def python(block: Block, path: Path, names: dict[str, Any]) -> str:
    """What a block of Python printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile("\n" * block.line + block.text, path.name, "exec"), names)
    return out.getvalue()
