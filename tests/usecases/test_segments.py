"""An analysis of one segment: whose it is, that it adds up, and that everybody together are the whole company."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import made_up
from harken.lake.log import Lake
from harken.usecases.analyzing.run import analyze
from harken.usecases.encoding import encode
from harken.usecases.run_history import past_runs, read_segment, remove_run, segments_of
from harken.usecases.runs import NotRun, Run, cache_key, load_run
from harken.usecases.workspaces import Workspace, create_workspace
from harken.vocabulary.errors import SettingsError
from made_up import DAY, NOW

N = 300
LANGUAGES = ("en", "zh-hans", "zh-hant")


def plan_of(number: int) -> str:
    """The plan that a customer has today."""
    return "Basic" if number % 10 == 0 else "Plus"


def add_plans(workspace: Workspace) -> None:
    """A customer table with history: everybody once had the other plan, and will have a third one next year."""
    numbers = np.arange(1, N + 1)
    rows = {"person_key": [], "as_of_us": [], "plan": [], "everyone": []}
    for day, plans in (
        (NOW - 300 * DAY, [plan_of(number + 5) for number in numbers]),
        (NOW - 30 * DAY, [plan_of(number) for number in numbers]),
        (NOW + 365 * DAY, ["Later"] * N),
    ):
        rows["person_key"] += numbers.tolist()
        rows["as_of_us"] += [day] * N
        rows["plan"] += plans
        rows["everyone"] += ["yes"] * N
    columns = {
        "source": ["crm"] * 2, "name": ["plan", "everyone"], "label": ["Plan", "Everyone"],
        "type": ["category"] * 2, "role": ["feature"] * 2,
    }  # fmt: skip
    with Lake(workspace.lake_root).begin_import(source="crm", files=(), mapping_toml="", now_us=NOW) as writer:
        writer.append("snapshots/crm", pa.table({**rows, "person_key": pa.array(rows["person_key"], pa.int64())}))
        writer.append("snapshot_columns", pa.table(columns))
        writer.commit()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """300 customers in three languages with plans; look at its lake, do not change it."""
    root = tmp_path_factory.mktemp("segments") / "company"
    workspace = create_workspace(root, company="Tern", time_zone="UTC", currency="CNY")
    made_up.fill(workspace, customers=N)
    add_plans(workspace)
    return workspace


@pytest.fixture(scope="module")
def whole(company: Workspace) -> Run:
    return analyze(company, now_us=NOW)


@pytest.fixture(scope="module")
def basic(company: Workspace, whole: Run) -> Run:
    """One customer in ten, analysed a day after the whole."""
    return analyze(company, now_us=NOW + DAY, segment=("plan", "Basic"))


def numbers_in(run: Run) -> set[int]:
    return {int(number[1:]) for number in run.customers(["number"])["number"].to_pylist()}


def test_a_segment_that_is_everybody_is_the_whole_analysis(company: Workspace, whole: Run) -> None:
    everybody = analyze(company, now_us=NOW, segment=("everyone", "yes"))
    assert everybody.info.id != whole.info.id
    assert everybody.info.segment is not None
    assert everybody.info.customers == everybody.info.segment.of_customers == whole.info.customers
    assert {name for name, part in everybody.parts.items() if not isinstance(part, NotRun)} > {
        "scores",
        "retention",
    }
    for name, part in whole.parts.items():
        assert encode(everybody.part(name)) == encode(part), name
    # as pandas: what is not known of a customer (NaN) equals itself there
    assert everybody.customers().to_pandas().equals(whole.customers().to_pandas())


def test_the_customers_of_a_segment_are_those_whose_latest_row_has_the_value(basic: Run) -> None:
    assert numbers_in(basic) == {number for number in range(1, N + 1) if plan_of(number) == "Basic"}
    entries = {entry.kind: entry.customers for entry in basic.part("inventory").sources}
    assert entries["people"] == entries["snapshot"] == N // 10
    assert entries["order"] == N // 10, "signals, too, are theirs alone"
    assert basic.info.segment is not None
    assert basic.info.segment.text == "plan=Basic"
    assert "plan" not in {feature.name for feature in basic.part("inventory").features}, "it divides nobody here"


def test_customers_and_answers_add_up_over_the_values_of_a_column(
    company: Workspace, whole: Run, basic: Run
) -> None:
    plus = analyze(company, now_us=NOW, segment=("plan", "Plus"))
    runs = (basic, plus)
    assert sum(run.info.customers for run in runs) == whole.info.customers
    assert numbers_in(basic) | numbers_in(plus) == numbers_in(whole)
    assert sum(run.part("scores").summary.n for run in runs) == whole.part("scores").summary.n
    assert sum(run.part("outcome").left for run in runs) == whole.part("outcome").left
    assert {run.part("scores").period for run in runs} == {whole.part("scores").period}, "asked of the same time"


def test_the_newest_run_of_all_customers_stays_the_one_shown(company: Workspace, whole: Run, basic: Run) -> None:
    history = past_runs(company.runs_root)
    assert history[0].info.id == basic.info.id, "it is later"
    assert load_run(company.runs_root).info.id == whole.info.id
    assert [past.info.id for past in history if past.kept] == [whole.info.id]


@pytest.mark.parametrize(
    ("segment", "known"),
    [
        (("plans", "Basic"), "language, plan, everyone"),
        (("plan", "Later"), "Plus, Basic"),
        (("plan", "x'"), "Plus"),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(
    company: Workspace, segment: tuple[str, str], known: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        analyze(company, now_us=NOW, segment=segment)
    assert known in str(refused.value.todo)
    assert segment[1] in str(refused.value) or segment[0] in str(refused.value)


def test_the_segment_is_part_of_what_identifies_a_run() -> None:
    keys = [cache_key("p", {}, 1, {}, segment) for segment in (None, ("a", "b"), ("a", "c"), ("b", "b"))]
    assert len(set(keys)) == 4
    assert read_segment("plan=a=b") == ("plan", "a=b")
    for wrong in ("plan", "=x", "plan="):
        with pytest.raises(SettingsError, match="no segment"):
            read_segment(wrong)


def test_old_runs_are_removed_and_the_newest_is_kept(tmp_path: Path, company: Workspace, whole: Run) -> None:
    import shutil

    root = tmp_path / "runs"
    shutil.copytree(company.runs_root, root)
    others = [past for past in past_runs(root) if not past.kept]
    assert all(past.same_data and not past.settings for past in others)
    with pytest.raises(SettingsError, match="is kept"):
        remove_run(root, whole.info.id)
    with pytest.raises(SettingsError, match="0 runs"):
        remove_run(root, "zz")
    for past in others:
        assert remove_run(root, past.info.id[:12]).id == past.info.id
    assert [past.info.id for past in past_runs(root)] == [whole.info.id]
    assert [path.name for path in root.iterdir() if path.is_dir()] == [whole.info.id]


def test_columns_to_divide_by_come_from_the_run(whole: Run) -> None:
    found = segments_of(whole)
    assert set(found["language"]) == set(LANGUAGES)
    assert set(found["plan"]) == {"Plus", "Basic"}
    assert "everyone" not in found, "one value divides nobody"
