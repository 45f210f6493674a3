"""Commands inside the process of the tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harken.cli.main import main


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """The command inside this process: exit status and what it printed on both streams."""

    def called(*arguments: object) -> tuple[int, str, str]:
        status = 0
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            status = int(end.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return called
