"""The sections of Retention that look further: figures, choice of column, files, reasons, older runs."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from harken.usecases.runs import NotRun

PAGE = "/learn/retention/"


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_how_long_customers_stay_and_what_they_bring(company: Any, reader: Any) -> None:
    text = reader.get(PAGE).content.decode()
    assert 'id="stay"' in text
    assert "How long do customers stay?" in text
    assert "joined before departures were recorded" in text
    assert 'id="lifetime-value"' in text
    chosen = reader.get(f"{PAGE}?by=language").content.decode()
    assert 'href="?by=language#stay" aria-current="true"' in chosen
    assert reader.get(f"{PAGE}?by=nonsense").status_code == 200
    table = reader.get(f"{PAGE}?take=stay-groups.csv")
    assert table.status_code == 200
    money = reader.get(f"{PAGE}?take=lifetime-value.csv")
    assert money.status_code == 200


@pytest.mark.parametrize("company", ["analysed"], indirect=True)
def test_a_run_without_these_parts_says_what_to_do(
    company: Any, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harken.usecases.runs import load_run
    from harken.web.pages import reading
    from harken.web.pages.learn import stays
    from harken.web.workspace import workspace

    run = load_run(workspace().runs_root)
    old = dataclasses.replace(
        run, parts={n: p for n, p in run.parts.items() if n not in ("survival", "lifetime_value")}
    )
    request = type("Request", (), {"GET": {}})()
    view = stays.stay_view(old, request)
    assert view.reason is stays.MISSING
    assert view.value_reason is stays.MISSING
    refused = dataclasses.replace(run, parts=dict(run.parts) | {"survival": NotRun(stays.WHOLE)})
    assert reading.part(refused, "survival")[1] is stays.WHOLE
    assert stays.stay_view(refused, request).reason is stays.WHOLE
