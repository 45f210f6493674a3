"""Margins that the user knows of all customers: read, refused by name, and the score weighed to them."""

from __future__ import annotations

import numpy as np
import pytest

import made_up
from harken.learn.scores import Margin, calibrated_score, raked
from harken.usecases.margins import KnownMargin
from harken.usecases.runs import Run
from harken.usecases.scores import Choice, scores, weighed_score
from harken.usecases.scores.answers import answers_of
from harken.usecases.workspaces import create_workspace, read_settings, settings_text
from harken.vocabulary.errors import SettingsError


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    from harken.usecases.analyzing.run import analyze

    workspace = create_workspace(tmp_path_factory.mktemp("margins") / "w", company="Made up")
    made_up.fill(workspace)
    return analyze(workspace, now_us=made_up.NOW)


def test_margins_are_read_and_mistakes_said_at_once() -> None:
    text = '[[margins]]\ncolumn = "plan"\ntotals = { Basic = 700, Plus = 300.5 }\n'
    settings = read_settings(text)
    assert settings.margins == (KnownMargin("plan", (("Basic", 700.0), ("Plus", 300.5))),)
    assert settings_text(settings) == settings_text(read_settings(""))
    wrong = (
        '[[margins]]\ncolumn = "plan"\nof = 1\ntotals = { Basic = 0, Plus = "x" }\n[[margins]]\ncolumn = "plan"\n'
    )
    with pytest.raises(SettingsError) as caught:
        read_settings(text + wrong)
    assert [problem.column for problem in caught.value.problems] == [
        "[[margins]] 2 of", "[[margins]] 2 column", "[[margins]] 2 totals Basic", "[[margins]] 2 totals Plus",
        "[[margins]] 3 column", "[[margins]] 3 totals",
    ]  # fmt: skip
    with pytest.raises(SettingsError, match="begins with"):
        read_settings("[margins]\ncolumn = 1\n")


def test_the_score_is_weighed_to_what_the_user_knows(run: Run) -> None:
    shown = scores(run).shown
    asked = answers_of(run).questions[0]  # type: ignore[union-attr]
    division = asked.divisions[0]
    inside = asked.within(shown.period) & (division.codes >= 0)
    totals = np.arange(1.0, len(division.levels) + 1) * 1000
    margin = KnownMargin(division.name, tuple(zip(division.levels, totals.tolist(), strict=True)))
    found = weighed_score(run, shown, (margin,))
    assert found is not None
    weights = raked([Margin("m", division.codes[inside].astype(np.int64), division.levels, totals)])
    own = calibrated_score(asked.score[inside], asked.scale, weights, customer_id=asked.customer[inside])
    assert found.score == own
    assert found.weights is not None
    assert found.weights.design_effect > 1
    assert found.left_out == found.answers - int(inside.sum())
    # A value without a total is left out and counted; a value without answers is refused by its name.
    part = weighed_score(run, shown, (KnownMargin(division.name, margin.totals[1:]),))
    assert part is not None
    assert part.left_out == int((asked.within(shown.period) & (division.codes < 1)).sum())
    more = weighed_score(run, shown, (KnownMargin(division.name, (*margin.totals, ("Nobody", 5.0))),))
    assert more is not None
    assert more.score is None
    assert "Nobody has customers but no answer" in str(more.refusal)
    strange = weighed_score(run, shown, (KnownMargin("colour", (("red", 1.0),)),))
    assert strange is not None
    assert "does not divide customers by colour" in str(strange.refusal)
    none = weighed_score(run, shown, (KnownMargin(division.name, (("Nobody", 1.0),)),))
    assert none is not None
    assert "No answer has a value" in str(none.refusal)
    assert weighed_score(run, shown, ()) is None
    assert weighed_score(run, Choice(segment=(division.name, division.levels[0])), (margin,)) is None
