from datetime import date

import pytest

from harken.usecases.workspaces import create_workspace, open_workspace, read_settings
from harken.vocabulary.errors import SettingsError


def test_a_new_workspace_opens_with_its_settings(tmp_path):
    create_workspace(tmp_path / "w", company='Tea "House"', time_zone="Asia/Taipei", currency="TWD")
    settings = open_workspace(tmp_path / "w").settings
    assert (settings.company, settings.time_zone, settings.currency) == ("Tea 'House'", "Asia/Taipei", "TWD")
    with pytest.raises(SettingsError, match="already is a workspace"):
        create_workspace(tmp_path / "w", company="x")


def test_no_workspace_says_how_to_make_one(tmp_path):
    with pytest.raises(SettingsError, match="harken init"):
        open_workspace(tmp_path)


def test_every_commented_setting_of_the_template_is_valid(tmp_path):
    create_workspace(tmp_path / "w", company="c")
    lines = (tmp_path / "w" / "harken.toml").read_text().splitlines()
    active = [line.removeprefix("# ") for line in lines if not line.startswith("#") or "=" in line or "[[" in line]
    uncommented = "\n".join(active)
    settings = read_settings(uncommented)
    assert settings.as_of == date(2026, 6, 30)
    assert settings.horizon_days == 90
    assert settings.segments == ("region", "plan")
    assert settings.formulas[0].name == "order_value_mean_90d"
    assert settings.benchmarks[0].value == 31
    assert settings.margins[0].totals == (("Basic", 12000), ("Plus", 3000))


def test_all_mistakes_are_reported_at_once():
    text = '[company]\ntime_zone = "Mars/Base"\ncurrency = 3\n[analysis]\nseeds = 1\n[value]\nmargin = 4\n'
    text += "[odd]\nx = 1\n"
    with pytest.raises(SettingsError) as caught:
        read_settings(text)
    places = [problem.column for problem in caught.value.problems]
    assert places == ["[company] time_zone", "[company] currency", "[analysis] seeds", "[value] margin", "[odd] x"]
    assert "Mars/Base is not a time zone such as Asia/Shanghai" in str(caught.value)


def test_broken_toml_is_explained():
    with pytest.raises(SettingsError, match="not valid TOML"):
        read_settings("[company\nname=")
