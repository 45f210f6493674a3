"""`harken sources` as a person or a program uses it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from harken.cli.main import main

SECRET = "s3cret-of-the-house"


@pytest.fixture
def call(workspace_root: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def called(*arguments: object) -> tuple[int, str, str]:
        status = 0
        try:
            main(["-w", str(workspace_root), *(str(argument) for argument in arguments)])
        except SystemExit as end:
            status = int(end.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return called


def test_a_folder_from_set_up_to_removal(call: Any, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    rows = "\n".join(f"C{n},{n % 11},2026-05-01" for n in range(40))
    (inbox / "nps.csv").write_text(f"customer_id,nps,answered_on\n{rows}\n")
    os.utime(inbox / "nps.csv", (1.7e9, 1.7e9))
    status, out, _ = call("sources", "list")
    assert (status, out) == (0, "No source is read on a schedule yet.\n")
    given = ("--folder", inbox, "--pattern", "nps*.csv", "--every", "2 hours", "--limit", "24")
    status, out, _ = call("sources", "add", "nps", *given, "--try")
    assert "nps.csv: 40 rows" in out
    assert "customer_id" in out
    status, out, _ = call("sources", "add", "nps", *given)
    assert "nps is read every 2 hours" in out
    status, out, _ = call("sources", "read", "nps", "--json")
    assert (status, json.loads(out)["state"], json.loads(out)["rows"]) == (0, "done", 40)
    status, out, _ = call("sources", "list", "--json")
    assert json.loads(out)[0]["health"] == "fresh"
    call("sources", "pause", "nps")
    status, out, _ = call("sources", "list")
    assert "Every source is paused." in out
    call("sources", "resume", "nps")
    (inbox / "nps.csv").unlink()
    inbox.rmdir()
    status, out, err = call("sources", "read", "nps")
    assert status == 3
    assert "There is no folder" in err
    status, out, err = call("sources", "history", "nps")
    assert "2 of 2 readings" in out
    assert "Import 1" in out
    status, out, _ = call("sources", "remove", "nps", "--json")
    assert json.loads(out) == {"removed": "nps"}
    status, _, err = call("sources", "history", "nps")
    assert status == 2
    assert "There is no source nps." in err


def test_secrets_are_printed_nowhere(call: Any) -> None:
    printed = ""
    for arguments in (
        ("add", "db", "--sql", f"postgresql://cx:{SECRET}@127.0.0.1:1/x", "--read", "orders"),
        ("add", "web", "--web", f"http://127.0.0.1:1/x.csv?key={SECRET}", "--header", f"X-Key: {SECRET}"),
        ("list",), ("list", "--json"), ("read", "db"), ("read", "web", "--json"), ("history", "db"),
        ("history", "web", "--json"),
        ("add", "db", "--sql", f"postgresql://cx:{SECRET}@127.0.0.1:1/x", "--read", "orders", "--try"),
    ):  # fmt: skip
        _, out, err = call("sources", *arguments)
        printed += out + err
    assert "•••" in printed
    assert SECRET not in printed


def test_a_command_that_does_not_fit_is_refused(call: Any) -> None:
    assert call("sources", "add", "x")[0] == 2
    assert call("sources", "add", "x", "--folder", "/tmp", "--web", "http://a.example")[0] == 2
    status, _, err = call("sources", "add", "x", "--folder", "/tmp", "--every", "often")
    assert status == 2
    assert "minutes, hours or days" in err
