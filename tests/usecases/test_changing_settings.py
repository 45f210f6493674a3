"""harken.toml changed in place: comments stay, everything wrong is said at once, nothing is written by halves."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from harken.usecases.changing_settings import (
    FIELDS,
    change_settings,
    choices,
    edited,
    formulas_in,
    needs_analysis,
    stamp,
)
from harken.usecases.workspaces import SETTINGS_FILE, Workspace, create_workspace, open_workspace, read_settings
from harken.vocabulary.errors import SettingsError

FILE = """# ours
[company]
name = "Tern # & Co"   # the name
time_zone = "Asia/Taipei"

[analysis]
segments = [
    "region",  # where
    "plan",
]
# as_of = 2026-06-30   # default: the day after

# by hand
[[feature]]
# how much an order is
name = "order_mean"
formula = "a / b"

[value]
margin = 0.4
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path / "w", company="Tern", time_zone="Asia/Taipei", currency="TWD")


def test_what_is_not_changed_stays_to_the_letter() -> None:
    present = tomllib.loads(FILE)
    same = {("company", "name"): "Tern # & Co", ("value", "margin"): 0.4, ("analysis", "as_of"): None}
    after = edited(FILE, same, formulas_in(FILE))
    assert tomllib.loads(after) == present
    for comment in ("# ours", "# the name", "# where", "# by hand", "# how much an order is", "# as_of ="):
        assert comment in after
    assert edited(after, same, formulas_in(after)) == after, "and once more changes nothing"


def test_values_are_set_where_they_stand_or_are_explained_or_belong() -> None:
    new = {
        ("company", "name"): 'A "quoted" name # 名',
        ("analysis", "as_of"): date(2026, 7, 1),
        ("analysis", "segments"): ["plan"],
        ("analysis", "score"): "relationship/recommend",
        ("retention", "horizon_days"): 60,
        ("value", "margin"): None,
    }
    after = edited(FILE, new, "")
    read = tomllib.loads(after)
    assert read["company"]["name"] == 'A "quoted" name # 名'
    assert read["analysis"] == {"as_of": date(2026, 7, 1), "segments": ["plan"], "score": "relationship/recommend"}
    assert read["retention"] == {"horizon_days": 60}
    assert read["value"] == {}
    assert "feature" not in read
    assert "# the name" in after
    assert "as_of = 2026-07-01   # default: the day after" in after
    assert "# margin = 0.4" in after


def test_every_setting_of_a_fresh_workspace_can_be_set_and_given_back(workspace: Workspace) -> None:
    values = {
        "company": "Tern", "time_zone": "Asia/Tokyo", "currency": "JPY", "as_of": date(2026, 6, 30), "score": "p/q",
        "score_window_days": 30, "segments": ["plan"], "outcome": "churn", "outcome_is_good": True,
        "horizon_days": 60, "value_column": "fee", "margin": 0.5,
    }  # fmt: skip
    assert set(values) == set(FIELDS)
    before = (workspace.root / SETTINGS_FILE).read_text(encoding="utf-8")
    set_ = change_settings(workspace, values, '[[feature]]\nname = "x"\nformula = "a + b"', read=stamp(workspace))
    assert set_ == open_workspace(workspace.root).settings
    for name, value in values.items():
        assert getattr(set_, name) == (tuple(value) if name == "segments" else value)
    assert set_.formulas[0].name == "x"
    after = (workspace.root / SETTINGS_FILE).read_text(encoding="utf-8")
    assert {line for line in before.splitlines() if line.startswith("# Harken")} <= set(after.splitlines())
    assert after.count("# default:") == before.count("# default:")
    kept = {"company": "Tern", "time_zone": "Asia/Tokyo", "currency": "JPY"}
    given_back = change_settings(
        open_workspace(workspace.root), dict.fromkeys(values) | kept, "", read=stamp(workspace)
    )
    assert given_back == read_settings('[company]\nname="Tern"\ntime_zone="Asia/Tokyo"\ncurrency="JPY"')


def test_everything_wrong_is_said_at_once_and_nothing_is_written(workspace: Workspace) -> None:
    before = (workspace.root / SETTINGS_FILE).read_bytes()
    wrong = {
        "time_zone": "Mars/Base",
        "margin": 1.5,
        "horizon_days": "soon",
        "as_of": "yesterday",
        "currency": "yen",
    }
    with pytest.raises(SettingsError) as refused:
        change_settings(workspace, wrong, '[[feature]]\nname = "two words"', read=stamp(workspace))
    assert {problem.column for problem in refused.value.problems} == {*wrong, "formulas"}
    assert (workspace.root / SETTINGS_FILE).read_bytes() == before
    assert [path.name for path in workspace.root.glob(".harken*")] == []


def test_what_is_as_it_was_leaves_the_file_as_it_is(workspace: Workspace) -> None:
    before = (workspace.root / SETTINGS_FILE).read_text(encoding="utf-8")
    same = {name: getattr(workspace.settings, name) for name in FIELDS} | {"outcome_is_good": None}
    change_settings(workspace, same, "", read=stamp(workspace))
    assert (workspace.root / SETTINGS_FILE).read_text(encoding="utf-8") == before


def test_a_change_of_somebody_else_is_not_overwritten(workspace: Workspace) -> None:
    seen = stamp(workspace)
    path = workspace.root / SETTINGS_FILE
    path.write_text(path.read_text(encoding="utf-8") + "\n# mine\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="somebody else"):
        change_settings(workspace, {"company": "Other", "currency": "TWD"}, "", read=seen)


def test_without_data_and_analysis_there_is_nothing_to_choose_from(workspace: Workspace) -> None:
    assert not choices(workspace).imported
    assert needs_analysis(workspace) == ()
