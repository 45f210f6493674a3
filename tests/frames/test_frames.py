"""The statistics on data frames: any make of frame, every problem at once, the numbers of the analysis itself."""

from __future__ import annotations

import datetime

import duckdb
import numpy as np
import pandas
import pyarrow
import pytest

import harken
from harken import frames
from harken.frames import (
    compare_periods,
    find_leaks,
    importance,
    lever_effects,
    rank_families,
    retention,
    score,
    scores_by,
    scores_over_time,
    whole_base,
)
from harken.frames.reading import reading
from harken.learn.impact import Given
from harken.learn.impact import evaluate as judge_action
from harken.learn.importance import lmg_bootstrap
from harken.learn.scores import summarize
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.scales import SCALES


@pytest.fixture(scope="module")
def base() -> pandas.DataFrame:
    """2,000 customers: who called, who waited, what they answered if at all, who left."""
    rng = np.random.default_rng(11)
    n = 2000
    calls = rng.poisson(1.2, n)
    felt = np.clip(np.round(9 - 1.5 * calls + rng.normal(0, 2, n)), 0, 10)
    return pandas.DataFrame(
        {
            "number": rng.permutation([f"K{i:05d}" for i in range(n)]),
            "calls": calls,
            "plan": pandas.Categorical(rng.choice(["basic", "plus"], n)),
            "recommend": np.where(rng.random(n) < 0.3 - 0.05 * np.minimum(calls, 4), felt, np.nan),
            "left": rng.random(n) < 0.05 + 0.08 * calls,
            "day": pandas.Timestamp("2026-01-01") + pandas.to_timedelta(rng.integers(0, 90, n), unit="D"),
        }
    )


FEATURES = ["calls", "plan"]


def test_every_make_of_frame_gives_the_same_number(base: pandas.DataFrame) -> None:
    columns = {name: base[name].tolist() for name in ("number", "recommend")}
    relation = duckdb.sql("select number, recommend from base")
    made = [base, pyarrow.Table.from_pandas(base), relation, columns]
    results = [score(frame, "recommend", customer="number") for frame in made]
    assert results[0] == summarize(base["recommend"], SCALES["nps_0_10"])
    assert all(result == results[0] for result in results)


def test_integers_with_gaps_and_decimals_are_numbers() -> None:
    answers = pyarrow.table({"whole": pyarrow.array([9, None, 3], pyarrow.int32())})
    assert score(answers, "whole").n == 2
    exact = pyarrow.table({"exact": pyarrow.array([9, 7, 3], pyarrow.decimal128(5, 2))})
    assert score(exact, "exact").favourable == 1


def test_order_of_rows_changes_nothing(base: pandas.DataFrame) -> None:
    mixed = base.sample(frac=1.0, random_state=5)
    for frame_of in (
        lambda frame: score(frame, "recommend", customer="number"),
        lambda frame: scores_by(frame, "recommend", "plan", customer="number"),
        lambda frame: rank_families(frame, "left", FEATURES, customer="number"),
        lambda frame: whole_base(frame, "recommend", FEATURES, customer="number", segments=["plan"]).total,
        lambda frame: retention(frame, "left", FEATURES, customer="number").risk.tolist(),
    ):
        assert frame_of(base) == frame_of(mixed)


def test_every_problem_of_a_frame_is_told_at_once(base: pandas.DataFrame) -> None:
    with pytest.raises(DataError) as caught:
        whole_base(base, "plan", ["calls", "wait"], customer="who", segments=["regoin"])
    text = str(caught.value)
    assert [problem.column for problem in caught.value.problems] == ["who", "wait", "plan", "regoin"]
    assert "basic" in text or "plus" in text  # the value that is no number
    assert "calls" in text  # the columns that are there


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(DataError, match="list"):
        score([9, 10, 3], "recommend")
    with pytest.raises(DataError, match="cannot be read"):
        score({"recommend": [9, 10], "who": [1]}, "recommend")
    with pytest.raises(DataError, match="nps_0_11"):
        score({"recommend": [9, 10]}, "recommend", scale="nps_0_11")


def test_a_customer_twice_or_without_a_name_is_refused(base: pandas.DataFrame) -> None:
    twice = pandas.concat([base, base.head(3)])
    with pytest.raises(DataError, match="3 of 2003 rows repeat a customer"):
        retention(twice, "left", FEATURES, customer="number")
    nameless = base.assign(number=base["number"].where(base.index > 4))
    with pytest.raises(DataError, match="5 of 2000 rows do not say whose they are"):
        retention(nameless, "left", FEATURES, customer="number")


def test_yes_or_no_is_true_false_or_one_zero(base: pandas.DataFrame) -> None:
    words = base.assign(left=np.where(base["left"], "Yes", "No"))
    with pytest.raises(DataError, match="no numbers but string"):
        find_leaks(words, "left", FEATURES)
    with pytest.raises(DataError, match="neither true nor false"):
        find_leaks(base, "calls", FEATURES)
    numbers = base.assign(left=base["left"].astype(int))
    assert find_leaks(numbers, "left", FEATURES) == find_leaks(base, "left", FEATURES)


@pytest.mark.parametrize(("every", "count"), [("day", 90), ("week", 14), ("month", 3), ("quarter", 1), ("year", 1)])
def test_periods_follow_the_calendar_and_lose_no_answer(base: pandas.DataFrame, every: str, count: int) -> None:
    series = scores_over_time(base, "recommend", "day", every=every)
    assert len(series.periods) == count
    assert sum(one.n for one in series.lines[0].estimates if one is not None) == base["recommend"].notna().sum()
    start = series.periods[0].start
    assert start <= datetime.date(2026, 1, 1)
    assert start.weekday() == 0 if every == "week" else start.day == 1


def test_an_answer_without_a_date_is_left_out_and_none_with_one_is_refused() -> None:
    days = [datetime.datetime(2026, 1, 1, 8), None]
    assert scores_over_time({"a": [9, 3], "d": days}, "a", "d").lines[0].estimates[0].n == 1
    with pytest.raises(NotEnoughData):
        scores_over_time({"a": [None, None], "d": [days[0], days[0]]}, "a", "d")
    with pytest.raises(DataError, match="no date but"):
        scores_over_time({"a": [9, 3], "d": ["1.1.2026", "2.1.2026"]}, "a", "d")


def test_two_periods_are_compared_and_the_movement_is_split(base: pandas.DataFrame) -> None:
    winter = (datetime.date(2026, 1, 1), datetime.date(2026, 2, 15))
    spring = (datetime.date(2026, 2, 15), datetime.date(2026, 4, 1))
    result = compare_periods(base, "recommend", "day", winter, spring, divisions=["plan"], customer="number")
    assert result.before.n + result.after.n == base["recommend"].notna().sum()
    assert result.movement is not None


def test_shares_are_those_of_the_arrays(base: pandas.DataFrame) -> None:
    frame = base.assign(plus=(base["plan"] == "plus"))
    ours = importance(frame, "recommend", ["calls", "plus"], replicates=50, seed=3)
    direct = lmg_bootstrap(
        np.column_stack([base["calls"], frame["plus"]]), base["recommend"], labels=["calls", "plus"],
        replicates=50, seed=3,
    )  # fmt: skip
    assert ours == direct
    assert ours.blank == base["recommend"].isna().sum()


def test_levers_name_what_was_held_equal(base: pandas.DataFrame) -> None:
    found = lever_effects(base, "left", ["calls"], ["plan"], customer="number").levers[0]
    assert found.column == "calls"
    assert found.effect.adjusted.adjusted_for == ("plan",)
    with pytest.raises(DataError, match="not among the columns given"):
        rank_families(base, "left", FEATURES, families={"contact": ["calls", "chats"]})


def test_frames_load_when_first_used() -> None:
    assert harken.frames.score is score
    assert callable(harken.frames.whole_base)  # no module of the same name hides it
    with pytest.raises(AttributeError):
        _ = harken.frames.nonsense


@pytest.mark.parametrize("name", frames.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(frames, name) is not None


def test_a_roll_out_is_the_table_of_its_cells() -> None:
    rng = np.random.default_rng(8)
    units, periods = 60, 6
    started = np.where(np.arange(units) < 30, np.where(np.arange(units) < 15, 3.0, 4.0), np.inf)
    table = rng.normal(size=(units, 1)) + rng.normal(0, 0.3, (units, periods))
    table += 2.0 * (np.arange(periods)[None, :] >= started[:, None])
    rows = {
        "branch": np.repeat([f"b{at:02d}" for at in range(units)], periods),
        "month": np.tile(np.arange(periods), units),
        "from": np.repeat(np.where(np.isinf(started), np.nan, started), periods),
        "score": table.ravel(),
    }
    direct = judge_action(Given(outcome=table, started=started, periods=np.arange(periods, dtype=float)))
    mixed = pandas.DataFrame(rows).sample(frac=1.0, random_state=3)
    ours = frames.evaluate(mixed, "score", unit="branch", period="month", treated_from="from")
    assert ours.effect.estimate.value == pytest.approx(direct.effect.estimate.value, abs=1e-12)
    assert ours.effect.evidence == direct.effect.evidence
    torn = mixed.assign(**{"from": np.arange(len(mixed), dtype=float)})
    with pytest.raises(DataError, match="60 units say different things"):
        frames.evaluate(torn, "score", unit="branch", period="month", treated_from="from")
    with pytest.raises(DataError, match="Name who was treated"):
        frames.evaluate(mixed, "score")


def test_categories_become_columns_of_zero_and_one() -> None:
    with reading({"plan": ["b", "a", None, "c"], "calls": [1, None, 3, 4]}) as columns:
        matrix, names = columns.matrix(["plan", "calls"])
    assert names == ("plan: b", "plan: c", "calls")
    assert matrix[:, :2].tolist() == [[1, 0], [0, 0], [0, 0], [0, 1]]
    assert np.isnan(matrix[1, 2])


def test_several_purchases_of_a_day_are_one() -> None:
    rng = np.random.default_rng(4)
    n = 400
    rate, usual, rows = rng.gamma(1.2, 0.02, n), 100 / rng.gamma(4, 1, n), []
    for who in range(n):
        day = int(rng.integers(0, 60))
        gone = day + rng.exponential(250)
        while day < min(gone, 360):
            rows.append((who, day, float(rng.gamma(6, usual[who] / 6))))
            day += 1 + int(rng.exponential(1 / rate[who]))
    bought = pandas.DataFrame(rows, columns=["who", "number", "money"])
    bought["day"] = pandas.Timestamp("2025-01-01") + pandas.to_timedelta(bought["number"], unit="D")
    split = pandas.concat([bought.assign(money=bought["money"] / 2)] * 2)
    until = datetime.date(2025, 12, 27)
    whole = frames.repeat_value(bought, "who", "day", "money", until=until)
    halves = frames.repeat_value(split, "who", "day", "money", until=until)
    assert whole.customers == n
    assert halves.per_customer == pytest.approx(whole.per_customer, rel=1e-5)


def test_metrics_and_links_are_those_of_the_arrays(base: pandas.DataFrame) -> None:
    asked = base.assign(effort=-base["calls"] + np.random.default_rng(1).normal(size=len(base)))
    asked["stayed"] = ~asked["left"]
    found = frames.compare_metrics(asked, "stayed", ["recommend", "effort"], customer="number")
    assert [one.n for one in found.metrics[:2]] == [int(base["recommend"].notna().sum()), len(base)]
    with pytest.raises(DataError, match="not among the metrics"):
        frames.compare_metrics(asked, "stayed", ["recommend"], lower_is_better=["wait"])
    heard = asked[asked["recommend"].notna()]
    link = frames.value_link(heard, "recommend", "left", ["plan"], customer="number", money=100.0)
    mixed = heard.sample(frac=1.0, random_state=2)
    assert frames.value_link(mixed, "recommend", "left", ["plan"], customer="number", money=100.0) == link
