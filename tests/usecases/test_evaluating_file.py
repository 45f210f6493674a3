"""An action evaluated from a file: columns as people write them, by each way; what cannot be read is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harken.learn.impact import Advice, Way
from harken.usecases.evaluating.file import Asked, evaluate_file
from harken.vocabulary.errors import DataError, SettingsError


def written(folder: Path, header: str, rows: list[str]) -> Path:
    file = folder / "action.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def mails(folder: Path, change: dict[int, str] | None = None) -> Path:
    rng = np.random.default_rng(2)
    rows = []
    for at in range(240):
        mailed, before = at % 3 == 0, rng.normal(50, 10)
        after = before + 8 * mailed + rng.normal(0, 4)
        rows.append(f"C{at},{'yes' if mailed else 'No'},{before:.2f},{after:.2f},{('north', 'south')[at % 2]}")
    for at, row in (change or {}).items():
        rows[at] = row
    return written(folder, "customer,mailed,before,spent,region", rows)


LOT = Asked(outcome="spent", treated="mailed", before="before", covariates=("region",), randomised=True)


def test_a_lot_of_customers(tmp_path: Path) -> None:
    found = evaluate_file(mails(tmp_path, {5: "C5,no,50,NA,south"}), LOT)
    assert (found.rows, found.units, found.left_out) == (240, 239, 1)
    assert found.evaluation.way is Way.LOT
    assert found.evaluation.advice is Advice.SCALE
    assert found.evaluation.effect is not None
    assert found.evaluation.effect.estimate.value == pytest.approx(8, abs=1.5)


def test_rows_of_one_unit_count_once(tmp_path: Path) -> None:
    plain = evaluate_file(mails(tmp_path), LOT)
    text = (tmp_path / "action.csv").read_text(encoding="utf-8").splitlines()
    twice = written(tmp_path, text[0], text[1:] * 2)
    by_unit = Asked(unit="customer", outcome="spent", treated="mailed", before="before", covariates=("region",),
                    randomised=True)  # fmt: skip
    again = evaluate_file(twice, by_unit)
    assert (again.rows, again.units) == (480, 240)
    assert again.evaluation.effect is not None
    assert plain.evaluation.effect is not None
    assert again.evaluation.effect.estimate.value == pytest.approx(plain.evaluation.effect.estimate.value)
    assert again.evaluation.effect.estimate.interval.half_width == pytest.approx(
        plain.evaluation.effect.estimate.interval.half_width
    )


def test_branches_that_start_on_days(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = []
    for branch in range(60):
        start = ("2026-03-01", "2026/05/01", "")[branch % 3]
        level = rng.normal(60, 5)
        for month in range(1, 7):
            treated = bool(start) and month >= int(start[5:7])
            rows.append(f"B{branch},2026-{month:02d}-01,{level + month + 5 * treated + rng.normal():.3f},{start}")
    file = written(tmp_path, "branch,month,csat,start", rows)
    asked = Asked(unit="branch", outcome="csat", period="month", treated_from="start")
    found = evaluate_file(file, asked).evaluation
    assert found.way is Way.STAGGERED
    assert found.effect is not None
    assert found.effect.estimate.value == pytest.approx(5, abs=1)
    assert [lag.lag for lag in found.lags] == list(range(-3, 4))
    rows[0] = rows[0].replace("2026-03-01", "2026-04-01")
    with pytest.raises(DataError, match="rows of 1 units say different things"):
        evaluate_file(written(tmp_path, "branch,month,csat,start", rows), asked)


def test_callbacks_in_days(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    rows = []
    for _ in range(1500):
        left, called, anger = rng.exponential(60), rng.exponential(20), rng.normal()
        rows.append(f"{left:.1f},{'' if called >= left else f'{called:.1f}'},{anger:.2f}")
    file = written(tmp_path, "left,called,anger", rows)
    asked = Asked(left_days="left", called_days="called", covariates=("anger",))
    found = evaluate_file(file, asked).evaluation
    assert found.way is Way.CALLBACKS
    assert found.effect is not None
    assert found.effect.adjusted_for == ("anger",)


@pytest.mark.parametrize(
    ("change", "asked", "word"),
    [
        ({3: "C3,perhaps,50,51,north"}, LOT, "row 5, column mailed: perhaps cannot be read here"),
        ({3: "C3,,50,51,north"}, LOT, "row 5, column mailed: the cell is blank"),
        ({3: "C3,no,50,many,north"}, LOT, "row 5, column spent: many cannot be read here"),
        ({}, Asked(outcome="spend", treated="mailed"), "column spend: there is no such column"),
        (
            {},
            Asked(outcome="spent", treated="mailed", covariates=("customer",)),
            "240 different texts are too many",
        ),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, change: dict[int, str], asked: Asked, word: str) -> None:
    with pytest.raises(DataError) as refused:
        evaluate_file(mails(tmp_path, change), asked)
    assert word in str(refused.value)


@pytest.mark.parametrize("asked", [Asked(outcome="spent"), Asked(called_days="spent"), Asked(period="before")])
def test_too_little_named_is_refused(tmp_path: Path, asked: Asked) -> None:
    with pytest.raises(SettingsError, match="Too little is named"):
        evaluate_file(mails(tmp_path), asked)
