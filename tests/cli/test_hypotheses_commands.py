"""`harken hypotheses` as a person or a program uses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

Call = Callable[..., tuple[int, str, str]]


def test_written_down_decided_and_refused(call: Call, workspace_root: Path) -> None:
    def said(*arguments: object) -> tuple[int, str, str]:
        return call("-w", workspace_root, "hypotheses", *arguments)

    assert "what do we believe?" in said("list")[1]
    status, out, _ = said("add", "Long waits make customers leave", "--about", "leaving:waiting", "--side", "more")
    assert (status, "Hypothesis 1" in out) == (0, True)
    status, _, err = said("add", "x", "--about", "cause:waiting", "--due", "soon")
    assert status == 2
    assert "3 to 500 letters" in err
    assert "cause:waiting" in err
    status, out, _ = said("decide", 1, "Call back within ten minutes", "--by", "Li Wei", "--json")
    assert json.loads(out)["decision"] == 1
    assert said("decide", 9, "Call back", "--by", "Li")[0] == 2
    found = json.loads(said("list", "--json")[1])
    assert found[0]["decisions"][0]["decided_by"] == "Li Wei"
    assert "1" in said("list")[1]
    assert said("judge")[0] == 3, "there is no analysis to judge by"
