"""One small demo company, grown once for the tests of its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harken.demo import DemoFiles, grow


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    """Two thousand customers, seed 1."""
    return grow(tmp_path_factory.mktemp("demo"), customers=2_000, seed=1)


@pytest.fixture(scope="session")
def facts(demo: DemoFiles) -> dict[str, Any]:
    """What truth.json says of them."""
    return json.loads(demo.truth.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def mood(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    """The same customers in the world in which answering depends on mood."""
    return grow(Path(tmp_path_factory.mktemp("mood")), customers=2_000, seed=1, world="mood")
