"""The page of settings: owners change, analysts look; refusals at their fields; a new analysis is offered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from test_pages import TAGS, strict

from harken.locale import LANGUAGES
from harken.usecases.workspaces import SETTINGS_FILE, open_workspace


def filled(page: str, **changes: Any) -> dict[str, Any]:
    """What the page's form would send, with some fields changed."""
    form = page[page.index('name="read"') - 200 :]
    inputs = dict(re.findall(r'<input type="(?:text|hidden)" name="(\w+)" value="([^"]*)"', form))
    inputs.pop("csrfmiddlewaretoken", None)
    return {**inputs, **changes}


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_an_owner_changes_settings_and_a_new_analysis_is_offered(company: Path, reader: Any) -> None:
    page = reader.get("/settings/")
    strict(page.text)
    assert "made with these settings" in page.text
    for known in ("relationship/recommend", "churn", "language", "no_order"):
        assert f">{known}</option>" in page.text
    feature = '[[feature]]\nname = "per_order"\nformula = "order_amount_sum_90d / order_count_90d"'
    after = reader.post(
        "/settings/", filled(page.text, margin="0.4", segments=["language"], formulas=feature), follow=True
    )
    strict(after.text)
    assert "The settings are changed." in after.text
    assert "3 settings are not those of the newest analysis." in after.text
    assert 'action="/learn/analyses/start/"' in after.text
    settings = open_workspace(company).settings
    assert (settings.margin, settings.segments, settings.currency) == (0.4, ("language",), "CNY")
    assert settings.formulas[0].name == "per_order"


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_does_not_fit_is_said_at_every_field_in_every_language(
    company: Path, reader: Any, language: str
) -> None:
    reader.post("/preferences/", {"language": language})
    before = (company / SETTINGS_FILE).read_bytes()
    formulas = '[[feature]]\nname = "x"\nformula = "order_amount_sum_90 / 2"'
    wrong = filled(
        reader.get("/settings/").text, margin="2", horizon_days="soon", currency="USD", formulas=formulas
    )
    page = reader.post("/settings/", wrong)
    assert page.status_code == 400
    strict(page.text)
    assert f'<html lang="{TAGS[language]}"' in page.text
    for field in ("margin", "horizon_days"):
        assert f'id="id_{field}_error"' in page.text
    assert 'value="soon"' in page.text, "what was typed stays"
    assert (company / SETTINGS_FILE).read_bytes() == before
    tried = reader.post("/settings/", filled(reader.get("/settings/").text, formulas=formulas))
    assert "order_amount_sum_90d" in tried.text, "a name near the unknown one is offered"


@pytest.mark.parametrize("company", ["analysed", "small", "empty"], indirect=True)
def test_analysts_look_and_members_do_not(company: Path, reader: Any) -> None:
    from harken.records.models import User

    assert reader.get("/settings/").status_code == 200
    User.objects.update(role="analyst")
    page = reader.get("/settings/")
    strict(page.text)
    assert "Owners change the settings." in page.text
    assert "Change the settings<" not in page.text
    assert reader.post("/settings/", filled(page.text, margin="0.1")).status_code == 403
    User.objects.update(role="member")
    assert reader.get("/settings/").status_code == 403
    assert "/settings/" not in reader.get("/").text
