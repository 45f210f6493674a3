"""A whole analysis over a small made-up lake: every part runs or says why; equal inputs give the equal run."""

import numpy as np
import pyarrow as pa
import pytest

from harken.lake.log import Lake
from harken.lake.schemas import arrow_schema
from harken.usecases.analyzing.run import analyze
from harken.usecases.runs import NotRun
from harken.usecases.workspaces import create_workspace, open_workspace
from harken.vocabulary.errors import DataError, SettingsError
from harken.vocabulary.tables import OUTCOMES, PEOPLE, SIGNALS, TABLES

DAY = 86_400_000_000
NOW = 20_000 * DAY
N = 1_500


def table(name, rows):
    """Columns laid out in the schema of a lake table; what is not named is empty."""
    schema = arrow_schema(TABLES[name])
    length = len(next(iter(rows.values())))
    return pa.table(
        {field.name: pa.array(rows.get(field.name, [None] * length), field.type) for field in schema}, schema=schema
    )


def signals(kind, person, ts_us, **columns):
    person, ts_us = np.asarray(person), np.asarray(ts_us)
    count = len(person)
    base = {
        "signal_id": [len(kind) * 10**9 + i for i in range(count)],
        "source": ["made_up"] * count,
        "import_id": [0] * count,
        "ingested_us": [NOW] * count,
        "version": [1] * count,
        "retracted": [False] * count,
        "ts_us": ts_us,
        "local_date": (ts_us // DAY).astype("datetime64[D]"),
        "kind": [kind] * count,
        "person_key": person,
    }
    return table(SIGNALS.name, base | columns)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """1,500 customers whose waits make them answer less, score lower and leave more."""
    root = tmp_path_factory.mktemp("analysis") / "w"
    create_workspace(root, company="Made up", time_zone="UTC", currency="EUR")
    rng = np.random.default_rng(5)
    person = np.arange(1, N + 1)
    waits = rng.gamma(2.0, 6.0, N)
    contacts = rng.poisson(3, N) + 1
    rows = np.repeat(person, contacts)
    contact_ts = NOW - (rng.random(len(rows)) * 360 * DAY).astype(np.int64) - DAY
    orders = np.repeat(person, 4)
    order_ts = NOW - (rng.random(len(orders)) * 360 * DAY).astype(np.int64) - DAY
    answered = person[rng.random(N) < np.where(waits > 15, 0.15, 0.5)]
    score = np.clip(np.round(9.5 - 0.25 * waits[answered - 1] + rng.normal(0, 1.5, len(answered))), 0, 10)
    gone = person[rng.random(N) < np.where(waits > 15, 0.35, 0.08)]
    gone_ts = NOW - (rng.random(len(gone)) * 180 * DAY).astype(np.int64) - 1
    people = {
        "person_key": person, "id_space": ["x"] * N, "native_key": [f"C{k}" for k in person], "source": ["x"] * N,
        "import_id": [0] * N, "declared": [True] * N, "name": [f"Customer {k}" for k in person],
        "joined_us": [NOW - 700 * DAY] * N,
    }  # fmt: skip
    wait_s = waits[rows - 1] * 60 * rng.uniform(0.8, 1.2, len(rows))
    with Lake(root / "lake").begin_import(source="made_up", files=(), mapping_toml=MAPPING, now_us=NOW) as writer:
        writer.append("people", table(PEOPLE.name, people))
        writer.append("signals", signals("contact", rows, contact_ts, wait_s=wait_s, channel=["phone"] * len(rows)))
        writer.append(
            "signals", signals("order", orders, order_ts, amount=np.full(len(orders), 25.0),
                               amount_reporting=np.full(len(orders), 25.0), currency=["EUR"] * len(orders)),
        )  # fmt: skip
        writer.append(
            "signals",
            signals(
                "answer", answered, np.full(len(answered), NOW - 20 * DAY), score=score,
                scale=["nps_0_10"] * len(answered), programme=["relationship"] * len(answered),
                question=["recommend"] * len(answered),
            ),
        )  # fmt: skip
        outcome = {
            "person_key": gone, "outcome": ["churn"] * len(gone), "ts_us": gone_ts,
            "local_date": (gone_ts // DAY).astype("datetime64[D]"), "value": np.ones(len(gone)),
            "source": ["made_up"] * len(gone), "import_id": [0] * len(gone),
        }  # fmt: skip
        writer.append("outcomes", table(OUTCOMES.name, outcome))
        writer.commit()
    return open_workspace(root)


MAPPING = """
[mapping]
version = 1
source = "made_up"
[[file]]
name = "made_up.csv"
person = "id"
[file.people]
"""


@pytest.fixture(scope="module")
def run(workspace):
    return analyze(workspace, now_us=NOW)


def test_every_part_runs_or_says_why(run):
    assert {name: str(part.reason) for name, part in run.parts.items() if isinstance(part, NotRun)} == {
        "ratings": "The programme asks no ratings beside the score. "
        "Map the touchpoint ratings of the survey as answers of the same programme.",
        "segments": "No column divides the customers into groups of 30.",
        "voices": "None of the customers with most at stake wrote anything in the last 90 days. "
        "Map a comment column of your surveys or tickets.",
    }


def test_the_silent_are_less_satisfied_and_the_whole_base_says_so(run):
    base = run.part("whole_base")
    assert base.total.difference.value > 0
    assert base.total.difference.interval.lower > 0


def test_waiting_is_the_first_driver_of_leaving_and_of_the_score(run):
    assert run.part("drivers").families[0].family == "waiting"
    assert run.part("score_drivers").families[0].family == "waiting"


def test_customers_lie_in_the_file_highest_value_at_stake_first(run):
    columns = run.customers(["customer_id", "number", "risk", "value_at_stake", "unfavourable"]).to_pydict()
    stakes = np.nan_to_num(columns["value_at_stake"], nan=-1.0)
    assert len(stakes) == run.info.customers
    assert (np.diff(stakes) <= 0).all()
    assert set(columns["number"]) <= {f"C{k}" for k in range(1, N + 1)}


def test_an_equal_analysis_is_the_run_that_is_there(workspace, run):
    assert analyze(workspace, now_us=NOW + 5).info == run.info
    again = analyze(workspace, now_us=NOW + 5, again=True)
    assert again.info.id == run.info.id
    first, second = run.part("whole_base"), again.part("whole_base")
    assert first.total == second.total
    assert run.part("drivers") == again.part("drivers")


def test_an_empty_lake_is_explained(tmp_path):
    create_workspace(tmp_path / "w", company="c")
    with pytest.raises(DataError, match="no customers yet"):
        analyze(open_workspace(tmp_path / "w"), now_us=NOW)


def test_a_setting_that_names_what_is_not_there_is_refused(workspace, tmp_path):
    import dataclasses

    wrong = dataclasses.replace(workspace, settings=dataclasses.replace(workspace.settings, score="csat"))
    with pytest.raises(SettingsError, match="relationship/recommend"):
        analyze(wrong, now_us=NOW)
