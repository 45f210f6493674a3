"""The answers that a run keeps: compact columns from which pages answer for any period and segment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harken.lake.facts import Question
from harken.learn.scores import Division
from harken.usecases.encoding import decode, encode
from harken.usecases.runs import Run
from harken.vocabulary.messages import Message
from harken.vocabulary.periods import Period
from harken.vocabulary.scales import Scale

if TYPE_CHECKING:
    import pyarrow

RUNS_HELD = 2
"""Answers of so many runs stay in the memory of a process."""
ABOUT = b"harken"


@dataclass(frozen=True, slots=True)
class QuestionAnswers:
    """All answers to one question, ascending by (customer, time).

    `customer` (n,) customer_id, `score` (n,), `weight` (n,) or None where no answer has one, `day` (n,)
    datetime64[D] or None where undated, `account` (n,) 0, 1, ... or -1, None where customers belong to none;
    `divisions` hold each answer's segment by every column that divides the customers.
    """

    question: Question
    scale: Scale
    customer: NDArray[np.int64]
    score: NDArray[np.float64]
    weight: NDArray[np.float64] | None
    day: NDArray[np.datetime64] | None
    account: NDArray[np.int64] | None
    divisions: tuple[Division, ...]

    def __len__(self) -> int:
        return len(self.customer)

    def within(self, period: Period | None) -> NDArray[np.bool_]:
        """Which answers lie in a period; all of them without one, or where they are undated."""
        if period is None or self.day is None:
            return np.ones(len(self), dtype=bool)
        return np.asarray((self.day >= np.datetime64(period.start)) & (self.day < np.datetime64(period.end)))


@dataclass(frozen=True, slots=True)
class AnswersHeld:
    """Every question's answers, the run's own score first; `window` is the period the run speaks of.

    `seed` makes the ranks those of the run.
    """

    questions: tuple[QuestionAnswers, ...]
    window: Period | None
    seed: int


def answers_table(held: AnswersHeld) -> pyarrow.Table:
    """The answers as one Arrow table; questions, scales and segments are written in its metadata."""
    import pyarrow as pa

    rows = held.questions
    labels = rows[0].divisions if rows else ()
    undated = np.datetime64("NaT", "D")

    def column(parts: list[NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate(parts) if parts else np.zeros(0)

    columns: dict[str, Any] = {
        "question": pa.array(column([np.full(len(r), i, np.int16) for i, r in enumerate(rows)]), pa.int16()),
        "customer_id": pa.array(column([r.customer for r in rows]), pa.int64()),
        "score": pa.array(column([r.score for r in rows]), pa.float64()),
        "weight": pa.array(
            column([np.full(len(r), np.nan) if r.weight is None else r.weight for r in rows]), pa.float64()
        ),
        "day": pa.array(
            column([np.full(len(r), undated) if r.day is None else r.day for r in rows]).astype("datetime64[D]"),
            pa.date32(),
        ),
        "account": pa.array(
            column([np.full(len(r), -1) if r.account is None else r.account for r in rows]), pa.int32()
        ),
    }
    for index in range(len(labels)):
        codes = column([r.divisions[index].codes for r in rows])
        columns[f"segment_{index}"] = pa.array(codes, pa.int16())
    about = {
        "questions": encode([(r.question, r.scale) for r in rows]),
        "divisions": encode([(one.name, one.label, one.levels) for one in labels]),
        "window": encode(held.window),
        "seed": held.seed,
    }
    return pa.table(columns).replace_schema_metadata({ABOUT: json.dumps(about, ensure_ascii=False).encode()})


def answers_of(run: Run) -> AnswersHeld | None:
    """The answers a run keeps, read once and held in memory; None where nobody ever answered."""
    path = run.folder / "answers.parquet"
    return _read(path, path.stat().st_mtime_ns) if path.exists() else None


@lru_cache(maxsize=RUNS_HELD)
def _read(path: Path, written_ns: int) -> AnswersHeld:
    import pyarrow.parquet

    return held_in(pyarrow.parquet.read_table(path))


def held_in(table: pyarrow.Table) -> AnswersHeld:
    """The answers of a table that `answers_table` made."""
    about = json.loads(table.schema.metadata[ABOUT])
    divisions: list[tuple[str, Message, tuple[str, ...]]] = decode(about["divisions"])
    columns = {name: table[name].to_numpy() for name in table.column_names}
    starts = np.searchsorted(columns["question"], np.arange(len(about["questions"]) + 1))
    questions = []
    for index, (question, scale) in enumerate(decode(about["questions"])):
        own = slice(int(starts[index]), int(starts[index + 1]))
        weight, account = columns["weight"][own], columns["account"][own].astype(np.int64)
        questions.append(
            QuestionAnswers(
                question=question,
                scale=scale,
                customer=columns["customer_id"][own],
                score=columns["score"][own],
                weight=weight if np.isfinite(weight).any() else None,
                day=columns["day"][own].astype("datetime64[D]") if question.dated else None,
                account=account if (account >= 0).any() else None,
                divisions=tuple(
                    Division(name, label, columns[f"segment_{at}"][own], levels)
                    for at, (name, label, levels) in enumerate(divisions)
                ),
            )
        )
    return AnswersHeld(tuple(questions), decode(about["window"]), int(about["seed"]))
