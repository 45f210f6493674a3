"""Documents that can be wrong fail here: commands, names of files and examples in them are real."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from harken.cli.main import COMMANDS, harken

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "examples/README.md")]
PAGES = [*DOCUMENTS, *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def commands() -> list[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    lines = re.findall(r"`((?:\.venv/bin/)?harken [^`]+)`", text) + re.findall(
        r"^\.venv/bin/harken .*$", text, re.M
    )
    for path in PAGES:  # what the tests of pages do not run
        for block in blocks(path, "sh skip"):
            lines += re.findall(r"\bharken [^&\n]+", block.replace("\\\n", " "))
    found = re.findall(r"harken ((?:-w \S+ )?[a-z]+[^`\n]*)", "\n".join(lines))
    return sorted({re.sub(r"\s+#.*$", "", command).strip() for command in found})


@pytest.mark.parametrize("command", commands())
def test_every_command_in_the_documents_exists_with_its_options(command):
    words = [word for word in shlex.split(command.replace("…", "")) if word]
    if words[:1] == ["-w"]:
        words = words[2:]
    path = [word for word in words[:2] if re.fullmatch(r"[a-z][a-z-]*", word)]
    shown = CliRunner().invoke(harken, [*path, "--help"])
    if shown.exit_code == 2:  # the second word was an argument
        shown = CliRunner().invoke(harken, [path[0], "--help"])
    assert shown.exit_code == 0, shown.output
    for option in (word for word in words if word.startswith("-")):
        assert option in shown.output, f"{option} is no option of {path}"


def test_every_make_target_in_the_documents_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = {
        name for path in DOCUMENTS for name in re.findall(r"`?make ([a-z-]+)`?", path.read_text(encoding="utf-8"))
    }
    assert named - {"it", "sure"} <= targets
    assert {"demo", "test", "test-all", "bench", "check", "fix"} <= targets


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_named_in_a_document_is_there(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    named = re.findall(r"`((?:src|tests|docs|examples|benchmarks)/[\w./*-]+)`", text)
    named += re.findall(r"\]\(((?!http)[\w./-]+)\)", text)
    for name in named:
        where = path.parent if (path.parent / name).exists() else ROOT
        assert any(where.glob(name.rstrip("/"))), f"{path.name} names {name}"


def test_the_python_example_of_the_readme_runs(demo_workspace):
    (code,) = blocks(ROOT / "README.md", "python")
    code = code.replace('"mycompany"', repr(str(demo_workspace)))
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_help_lists_every_command_and_loads_nothing_heavy():
    script = (
        "import sys; from click.testing import CliRunner; from harken.cli.main import harken;"
        "out = CliRunner().invoke(harken, ['--help']).output; print(out);"
        "heavy = {'django', 'sklearn', 'numpy', 'duckdb', 'scipy', 'pyarrow'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    for name in COMMANDS:
        assert name in result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    result = CliRunner().invoke(harken, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) > 5
