"""`harken runs`, `harken people` and segments at the command line: text, JSON and exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_runs_are_listed_and_compared(demo_workspace: Path, call: Call, language: str) -> None:
    status, listed, _ = call("-w", demo_workspace, "runs", "--json")
    assert status == 0
    (run,) = json.loads(listed)
    assert run["kept"] is True
    own = run["info"]["id"]
    assert own in call("--language", language, "-w", demo_workspace, "runs")[1]
    status, text, _ = call("--language", language, "-w", demo_workspace, "runs", "compare", own[:6], own)
    assert status == 0
    assert ("Nothing differs: both analyses have the same inputs." in text) == (language == "en")
    found = json.loads(call("-w", demo_workspace, "runs", "compare", own, own, "--json")[1])
    assert found["comparison"]["relation"] == "equal inputs"
    assert {figure["verdict"] for figure in found["comparison"]["figures"]} <= {"equal", "not comparable"}


def test_what_cannot_be_removed_analysed_or_compared_is_a_sentence(demo_workspace: Path, call: Call) -> None:
    (run,) = json.loads(call("-w", demo_workspace, "runs", "--json")[1])
    for arguments, said in (
        (("runs", "remove", run["info"]["id"]), "is kept"),
        (("runs", "remove", "zz"), "0 runs"),
        (("runs", "compare", "zz", "zz"), "0 runs"),
        (("analyze", "--segment", "plan"), "column=value"),
        (("analyze", "--segment", "plans=Basic"), "Known are: language"),
    ):
        status, _, error = call("-w", demo_workspace, *arguments)
        assert status == 2, arguments
        assert said in error


def test_people_are_invited_listed_and_changed(workspace_root: Path, call: Call) -> None:
    from harken.usecases.accounts import create_owner

    create_owner(workspace_root, username="mei", password="quiet harbour 47")
    status, out, _ = call("-w", workspace_root, "people", "add", "li.wei", "--role", "analyst", "--name", "李伟")
    assert status == 0
    assert "/enter/" in out
    address = json.loads(call("-w", workspace_root, "people", "address", "li.wei", "--json")[1])["address"]
    assert address not in out, "a new one"
    assert call("-w", workspace_root, "people", "role", "li.wei", "member")[0] == 0
    assert call("-w", workspace_root, "people", "deactivate", "li.wei")[0] == 0
    people = {
        person["username"]: person for person in json.loads(call("-w", workspace_root, "people", "--json")[1])
    }
    assert (people["li.wei"]["role"], people["li.wei"]["active"]) == ("member", False)
    assert "李伟" in call("--language", "zh-hans", "-w", workspace_root, "people", "list")[1]
    assert call("-w", workspace_root, "people", "activate", "li.wei")[0] == 0
    status, _, error = call("-w", workspace_root, "people", "deactivate", "mei")
    assert status == 2
    assert "last owner" in error
