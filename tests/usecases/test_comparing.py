"""Two runs side by side: equal inputs differ in nothing, chance is not called a change, a real one is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from harken.learn.differences import difference
from harken.usecases.comparing import compare_runs, headline
from harken.usecases.runs import NotRun, Run, RunInfo, Segment, write_run
from harken.vocabulary.estimates import Estimate, Interval
from harken.vocabulary.messages import Message

INFO = RunInfo(
    "aa", datetime(2026, 7, 1, tzinfo=UTC), date(2026, 6, 30), "data one", 1, {"margin": "1.0"}, {}, 1.0, 100, {}
)  # fmt: skip


def number(value: float, half: float, n: int = 400) -> Estimate:
    return Estimate(value, Interval(value - half, value + half), n, "m")


def run_of(folder: Path, info: RunInfo, customers: range, **changes: Any) -> Run:
    """A run that holds what is compared, with some of it changed."""
    said = {"stayed": number(90.0, 2.0), "waiting": number(0.3, 0.05), "choice": "churn", **changes}
    family = SimpleNamespace(family="waiting", share=said["waiting"], rank_lower=1, rank_upper=2, shown=True)
    run = write_run(folder, info, {}, pa.table({"customer_id": pa.array(customers, pa.int64())}))
    parts = {
        "outcome": SimpleNamespace(rate=said["stayed"], choice=said["choice"]),
        "drivers": SimpleNamespace(families=(family,)),
        "value": NotRun(Message("no money")),
    }
    return Run(run.info, parts, run.folder)


def test_equal_inputs_differ_in_nothing(tmp_path: Path) -> None:
    run = run_of(tmp_path, INFO, range(100))
    found = compare_runs(run, run)
    assert found.relation == "equal inputs"
    assert found.inputs == ()
    assert found.changed == ()
    assert {item.verdict for item in (*found.figures, *found.drivers)} == {"equal", "not comparable"}
    assert str(headline(found)) == "Nothing differs: both analyses have the same inputs."


@pytest.mark.parametrize(
    ("second", "customers", "relation", "shared"),
    [
        (replace(INFO, id="bb", settings={"margin": "0.4"}), range(100), "same data", 100),
        (replace(INFO, id="bb", pointer_id="data two"), range(50, 150), "shared customers", 50),
        (replace(INFO, id="bb", segment=Segment("plan", "Plus", 100)), range(200, 220), "other customers", 0),
    ],
)
def test_how_the_customers_of_both_runs_relate_is_said(
    tmp_path: Path, second: RunInfo, customers: range, relation: str, shared: int
) -> None:
    found = compare_runs(run_of(tmp_path, INFO, range(100)), run_of(tmp_path, second, customers))
    assert (found.relation, found.shared_customers) == (relation, shared)
    assert len(found.inputs) == 1
    assert (str(shared) in str(found.can_tell)) == (relation == "shared customers")
    assert str(headline(found)) == "Nothing differs beyond chance between the two analyses."


def test_only_a_difference_beyond_chance_is_called_one(tmp_path: Path) -> None:
    other = replace(INFO, id="bb", pointer_id="data two")
    first = run_of(tmp_path, INFO, range(100))
    near = compare_runs(first, run_of(tmp_path, other, range(100), stayed=number(92.5, 2.0)))
    far = compare_runs(first, run_of(tmp_path, other, range(100), stayed=number(80.0, 2.0)))
    stayed = [next(item for item in found.figures if "stayed" in str(item.name)) for found in (near, far)]
    assert [item.verdict for item in stayed] == ["chance", "lower"]
    assert str(headline(far)) == "One figure differs beyond chance: Customers who stayed (lower)."
    driver = compare_runs(first, run_of(tmp_path, other, range(100), waiting=number(0.6, 0.05)))
    assert [item.verdict for item in driver.drivers] == ["higher"]
    assert "Waiting" in str(headline(driver))


def test_what_means_something_else_or_is_too_few_is_not_compared(tmp_path: Path) -> None:
    other = replace(INFO, id="bb", pointer_id="data two")
    first = run_of(tmp_path, INFO, range(100))
    for changes, reason in (
        ({"choice": "renewal", "stayed": number(10.0, 1.0)}, "different things"),
        ({"stayed": number(10.0, 1.0, n=9)}, "does not have it"),
    ):
        found = compare_runs(first, run_of(tmp_path, other, range(100), **changes))
        stayed = next(item for item in found.figures if "stayed" in str(item.name))
        assert stayed.verdict == "not comparable"
        assert reason in str(stayed.reason)


def test_ranges_of_differences_cover_for_all_looks_together() -> None:
    """400 worlds of 8 equal pairs: a correct method errs in at most 40 of them with probability over .999."""
    rng = np.random.default_rng(11)
    wrong = 0
    for _ in range(400):
        a, b = rng.normal(0, 1, 8), rng.normal(0, 2, 8)
        pairs = [(number(x, 1.96), number(y, 2 * 1.96)) for x, y in zip(a, b, strict=True)]
        wrong += any(difference(one, other, 8).interval.excludes(0.0) for one, other in pairs)
    assert wrong <= 35
    assert wrong >= 3, "nor is everything called chance"
    single = difference(number(0, 3), number(0, 4))
    assert single.interval.half_width == pytest.approx(5.0), "as of two independent estimates"


def test_estimates_that_share_customers_move_together_so_that_their_range_is_on_the_safe_side() -> None:
    rng = np.random.default_rng(12)
    wrong = 0
    for _ in range(400):
        shared, own = rng.normal(0, 1, 200), rng.normal(0, 1, (2, 200))
        samples = [np.concatenate([shared, part]) for part in own]
        a, b = (number(float(part.mean()), 1.96 * float(part.std()) / 20) for part in samples)
        wrong += difference(a, b).interval.excludes(0.0)
    assert wrong <= 20, "fewer than one in twenty, since half of each sample is the same"
