"""Companies in three states for the pages: analysed, too small to say much, and empty."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import made_up
from harken.usecases import accounts
from harken.usecases.workspaces import open_workspace


def _filled(tmp_path_factory: pytest.TempPathFactory, empty: Path, name: str, fill: Any) -> Path:
    root = tmp_path_factory.mktemp(name) / "company"
    shutil.copytree(empty, root)
    fill(open_workspace(root))
    made_up.analysed(root)
    return root


@pytest.fixture(scope="session")
def analysed_company(tmp_path_factory: pytest.TempPathFactory, empty_workspace: Path) -> Path:
    """A company of 1,200 customers with a run; copy it, do not change it."""
    return _filled(tmp_path_factory, empty_workspace, "analysed", made_up.fill)


@pytest.fixture(scope="session")
def small_company(tmp_path_factory: pytest.TempPathFactory, empty_workspace: Path) -> Path:
    """Seven customers and a run in which nearly every part says why it could not run."""
    return _filled(tmp_path_factory, empty_workspace, "small", made_up.fill_with_few)


@pytest.fixture
def company(request: pytest.FixtureRequest, tmp_path: Path, connected_to: Any) -> Iterator[Path]:
    """A connected copy of the company named by the parameter: "analysed", "small" or "empty"."""
    source = {"analysed": "analysed_company", "small": "small_company", "empty": "empty_workspace"}
    root = tmp_path / "company"
    shutil.copytree(request.getfixturevalue(source[request.param]), root)
    with connected_to(root):
        yield root


@pytest.fixture
def reader(company: Path) -> Any:
    """Somebody signed in to the company."""
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.get(accounts.enter_demo(company).path)
    return client
