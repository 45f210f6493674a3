"""The examples for other tools run on a lake, and read from it what Harken reads."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from harken.lake.log import Lake
from made_up import DAY, MAPPING, NOW, rows_of, signals

PAGE = Path(__file__).parent.parent / "docs/reference/tables.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


def printed_by(examples: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    names: dict[str, object] = {}
    for example in examples:
        exec(example, names)
    return capsys.readouterr().out


def test_other_tools_read_what_harken_reads(
    demo_workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(demo_workspace)
    printed = printed_by(EXAMPLES, capsys)
    with Lake(demo_workspace / "lake").pin().connect() as connection:
        kinds = connection.sql("SELECT kind, count(*) FROM signals GROUP BY kind").fetchall()
        people = connection.sql("SELECT count(*) FROM people").fetchall()
    assert len(kinds) > 3
    assert all(str(kind) in printed for kind in kinds)
    assert f"{people} people" in printed


def test_corrected_and_withdrawn_rows_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    person, days = np.array([1, 2, 3]), np.array([1, 2, 3]) * DAY
    keys = {"id_space": "shop", "source": "shop", "import_id": 0, "declared": True}
    lake = Lake(tmp_path / "lake")
    for wait, withdrawn, name in ((60.0, False, "Ann"), (90.0, True, None)):
        with lake.begin_import(source="shop", files=(), mapping_toml=MAPPING, now_us=NOW) as writer:
            rows = signals("contact", person, NOW - 9 * DAY + days, wait_s=[wait, 5.0, 5.0],
                           retracted=[False, withdrawn, False])  # fmt: skip
            writer.append("signals", rows)
            people = rows_of("people", 1, person_key=[1], native_key=["C1"], name=[name], **keys)
            writer.append("people", people)
            writer.commit()
    monkeypatch.chdir(tmp_path)
    printed = printed_by(EXAMPLES[:3], capsys)
    assert "[(5,)] rows" in printed, "all versions are there"
    assert "[('contact', 2)]" in printed, "and two of them hold"
    assert "[(1,)] people" in printed
