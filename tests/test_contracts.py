"""Every import contract is proved by a change that breaks it."""

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

BREAKS = {
    "layers": ("learn/intruder.py", "from harken.act import intruder_target"),
    "door": ("cli/intruder.py", "import harken.lake"),
    "door-records": ("cli/intruder.py", "import harken.records"),
    "pure-stages": ("learn/intruder.py", "import duckdb"),
    "vocabulary-stdlib": ("vocabulary/intruder.py", "import numpy"),
    "demo": ("demo/intruder.py", "import harken.lake"),
    "engines": ("usecases/intruder.py", "import deltalake"),
    "django": ("usecases/intruder.py", "import django"),
    "shell-independent": ("records/intruder.py", "import harken.lake"),
    "acyclic": ("learn/intruder_a/one.py", "import harken.learn.intruder_b.two"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "src/harken", folder / "harken", ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / ".importlinter", folder / ".importlinter")
    return folder


def lint(folder: Path, contract: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--contract", contract]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def contracts() -> list[str]:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return [name.removeprefix("importlinter:contract:") for name in parser.sections() if ":contract:" in name]


def test_every_contract_has_a_proof():
    assert sorted(contracts()) == sorted(BREAKS)


@pytest.mark.parametrize("contract", BREAKS)
def test_a_forbidden_import_breaks_its_contract(copy, contract):
    path, statement = BREAKS[contract]
    intruder = copy / "harken" / path
    made = [intruder]
    intruder.parent.mkdir(exist_ok=True)
    if contract == "layers":
        made.append(copy / "harken/act/intruder_target.py")
    if contract == "acyclic":
        other = copy / "harken/learn/intruder_b/two.py"
        other.parent.mkdir()
        made += [other, intruder.parent / "__init__.py", other.parent / "__init__.py"]
    for file in made:
        file.write_text("")
    assert lint(copy, contract).returncode == 0, "the contract holds before the intruder comes"
    intruder.write_text(f"{statement}\n")
    if contract == "acyclic":
        made[1].write_text("import harken.learn.intruder_a.one\n")
    result = lint(copy, contract)
    for file in made:
        file.unlink()
    for folder in {file.parent for file in made if "intruder" in file.parent.name}:
        shutil.rmtree(folder)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout
