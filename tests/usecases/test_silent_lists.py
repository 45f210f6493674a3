"""Silent customers drawn by lot: the list is kept, its answers are read as they come back, nobody is favoured."""

from __future__ import annotations

import numpy as np
import pytest

import score_stories
from harken.usecases.follow_up import _places, call_list, draw, draws, plans, take_answers
from harken.usecases.workspaces import create_workspace, open_workspace
from harken.vocabulary.errors import DataError, NotEnoughData

NOW = score_stories.NOW


@pytest.fixture
def company(kept_back_company):
    """A run over 2,000 loaded answers of 6,000 customers, and what others would say."""
    workspace, run, kept = kept_back_company
    return workspace, run, dict(kept.tolist())


def test_the_list_is_drawn_by_lot_from_the_silent_alone(company):
    workspace, run, kept = company
    drawn = draw(workspace, run, 100, now_us=NOW)
    assert draw(workspace, run, 100, now_us=NOW + 5) == drawn, "the same run and size give the same list"
    longer = draw(workspace, run, 300, now_us=NOW)
    assert longer.numbers[:100] == drawn.numbers
    assert {one.id for one in draws(workspace)} >= {drawn.id, longer.id}
    rows = run.customers(["number", "answered"]).to_pylist()
    answered = {row["number"] for row in rows if row["answered"]}
    assert len(set(longer.numbers)) == 300
    assert not answered & set(longer.numbers)
    assert longer.silent == len(rows) - len(answered)
    back = sum(number in kept for number in longer.numbers)
    expected = 300 * len(kept) / longer.silent
    assert abs(back - expected) < 4 * (expected * (1 - expected / 300)) ** 0.5, "no favour for anybody"
    assert call_list(workspace, drawn.id, run)[0] == (drawn.numbers[0], f"李{int(drawn.numbers[0][1:])}")
    assert call_list(workspace, drawn.id, None)[0] == (drawn.numbers[0], "")
    for wrong in ("../run", "0" * 16 + "-5", drawn.id + "/.."):
        with pytest.raises(DataError, match="no list"):
            call_list(workspace, wrong, run)


def test_plans_ask_for_more_where_the_range_must_be_narrower(company):
    _, run, _ = company
    found = plans(run)
    assert [plan.half_width for plan in found] == sorted((plan.half_width for plan in found), reverse=True)
    assert [plan.draw for plan in found] == sorted(plan.draw for plan in found)
    assert all(plan.reached <= plan.draw * plan.reach + 1 for plan in found)


def test_the_list_comes_back_with_what_its_customers_said(company, tmp_path):
    """Everybody on the list says 2: blanks and missing rows are the unreached, strangers and slips are left out."""
    workspace, run, _ = company
    drawn = draw(workspace, run, 200, now_us=NOW)
    lines = ["number,name,score,reached", *(f"{number},,{'' if at >= 150 else 2},yes" for at, number in
                                            enumerate(drawn.numbers[:180]))]  # fmt: skip
    lines += ["C99999,,9,yes", f"{drawn.numbers[0]},,3,yes", f"{drawn.numbers[160]},,77,yes"]
    path = tmp_path / "back.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = take_answers(workspace, path, now_us=NOW + 9)
    came = told.came
    assert came is not None
    assert told.id == drawn.id
    assert (came.rows, came.not_drawn, came.off_scale, came.repeated) == (183, 1, 1, 2)
    assert (came.found.drawn, came.found.reached) == (200, 150)
    assert came.found.silent_score.value == pytest.approx(-100)
    share = drawn.silent / run.info.customers
    assert came.found.total.value == pytest.approx((1 - share) * drawn.answered_value - 100 * share, abs=1e-6)
    assert came.found.gap.value > 50
    assert came.found.claimed.half_width > came.found.total.interval.half_width
    assert next(one for one in draws(workspace) if one.id == drawn.id) == told


def test_numbers_come_back_as_spreadsheets_leave_them():
    assert _places(("007", "12", "0012", "=9")) == {
        "007": 0, "12": 1, "0012": 2, "=9": 3, "'007": 0, "'12": 1, "'0012": 2, "'=9": 3, "7": 0,
    }  # fmt: skip


def test_the_truth_is_found(company, tmp_path):
    """The waits explain the answers here, so silent and their like agree: no gap beyond chance, a narrow range."""
    workspace, run, _ = company
    rng = np.random.default_rng(2)
    drawn = draw(workspace, run, 250, now_us=NOW)
    said = dict(zip(drawn.numbers, rng.choice([0, 8, 10], 250), strict=True))
    path = tmp_path / "all.csv"
    path.write_text("number,score\n" + "".join(f"{n},{s}\n" for n, s in said.items()), encoding="utf-8")
    found = take_answers(workspace, path, now_us=NOW).came.found
    assert found.reached == found.drawn == 250
    assert found.claimed == found.total.interval == found.bounds
    assert abs(found.silent_score.value) < 25


def test_refusals(company, tmp_path):
    workspace, run, _ = company
    drawn = draw(workspace, run, 60, now_us=NOW)
    few = tmp_path / "few.csv"
    few.write_text("number,score\n" + "".join(f"{n},5\n" for n in drawn.numbers[:29]), encoding="utf-8")
    with pytest.raises(NotEnoughData, match="29 of the"):
        take_answers(workspace, few, now_us=NOW)
    other = tmp_path / "other.csv"
    other.write_text("Customer ID,score\n" + "".join(f"Z{n},{n % 11}\n" for n in range(40)), encoding="utf-8")
    with pytest.raises(DataError, match="None of the customers"):
        take_answers(workspace, other, now_us=NOW)
    for count in (0, 20_001):
        with pytest.raises(DataError, match="A list holds"):
            draw(workspace, run, count, now_us=NOW)
    create_workspace(tmp_path / "w", company="None", time_zone="UTC", currency="EUR")
    with pytest.raises(DataError, match="No list was drawn"):
        take_answers(open_workspace(tmp_path / "w"), few, now_us=NOW)
