"""Test with my file: answers that were kept back against what a run predicted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harken.learn.whole_base.held_back import HeldBackCheck, check_held_back
from harken.learn.whole_base.result import CustomerColumns, WholeBase
from harken.usecases.runs import NotRun, Run
from harken.usecases.scores.answers import AnswersHeld, answers_of
from harken.vocabulary.errors import DataError, NotEnoughData, Problem
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import Scale

if TYPE_CHECKING:
    from harken.lake.staging.tables import StagedTable, Staging
    from harken.listen.mapping.proposal.profiles import ColumnProfile

UNMATCHED_SHOWN = 20
KINDS = ("unfavourable", "middle", "favourable")
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeldBackTest:
    """What came of a file of answers kept back.

    `rows` in the file; `blank` without a number or score, `off_scale` with a score outside the scale, `repeated`
    with a later row of the same customer, `unmatched` whose customer the run does not know (the first of them in
    `unmatched_numbers`), `known` whose customer's answer is in the data already: all of these are left out, the
    rest were `checked`. `check` is the comparison, `headline` says it in one sentence; `notes` what a reader must
    know.
    """

    run_id: str
    file: str
    customer_column: str
    score_column: str
    scale_id: str
    rows: int
    blank: int
    off_scale: int
    repeated: int
    unmatched: int
    unmatched_numbers: tuple[str, ...]
    known: int
    checked: int
    check: HeldBackCheck
    headline: Message
    notes: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class AnswerRows:
    """The rows of a file: customer `numbers` as written ("" = blank) and `score` (n,), NaN = blank."""

    customer_column: str
    score_column: str
    numbers: tuple[str, ...]
    score: Floats


def check_answers(
    run: Run, file: Path, *, customer_column: str | None = None, score_column: str | None = None
) -> HeldBackTest:
    """Compare answers that the lake does not hold with what a run predicted for their customers.

    `file` is a CSV, Excel or Parquet file of customer numbers and scores; its columns are found by their names and
    values unless named. Raises DataError where it cannot be read or its columns are not plain, NotEnoughData where
    fewer than 30 answers are left or the run has no whole base.
    """
    whole, kept = predicted(run)
    asked = kept.questions[0]
    read = read_answers(file, asked.scale, customer_column, score_column)
    columns, numbers = _customers(run)
    place = np.fromiter((numbers.get(number, -1) for number in read.numbers), np.int64, len(read.numbers))
    blank = np.isnan(read.score) | np.array([not number for number in read.numbers], dtype=bool)
    inside = (read.score >= asked.scale.minimum) & (read.score <= asked.scale.maximum)
    off_scale = ~blank & ~inside
    _refuse_other_scale(read, asked.scale, int(off_scale.sum()), int((~blank).sum()))
    usable = ~blank & ~off_scale
    unmatched, matched = usable & (place < 0), usable & (place >= 0)
    repeated = _repeated(place, matched)
    left = matched & ~repeated
    known = left & _known(kept, columns, place)
    left &= ~known
    held = np.zeros(len(columns.customer_id), dtype=bool)
    score = np.full(len(columns.customer_id), np.nan)
    held[place[left]] = True
    score[place[left]] = read.score[left]
    check = check_held_back(replace(whole, columns=columns), held, score, asked.scale)
    return HeldBackTest(
        run_id=run.info.id,
        file=file.name,
        customer_column=read.customer_column,
        score_column=read.score_column,
        scale_id=asked.scale.id,
        rows=len(read.numbers),
        blank=int(blank.sum()),
        off_scale=int(off_scale.sum()),
        repeated=int(repeated.sum()),
        unmatched=int(unmatched.sum()),
        unmatched_numbers=tuple(np.array(read.numbers)[unmatched][:UNMATCHED_SHOWN].tolist()),
        known=int(known.sum()),
        checked=int(left.sum()),
        check=check,
        headline=_headline(check),
        notes=_notes(read, asked.scale, int(known.sum()), usable),
    )


def predicted(run: Run) -> tuple[WholeBase, AnswersHeld]:
    """The run's whole base and its answers, the question of the whole base first; NotEnoughData without them."""
    whole = run.parts.get("whole_base")
    held = answers_of(run)
    if isinstance(whole, NotRun):
        raise NotEnoughData(whole.reason)
    if whole is None or held is None:
        raise NotEnoughData(Message(gettext_noop("There are no answers with a score.")))
    return whole, held


def _customers(run: Run) -> tuple[CustomerColumns, dict[str, int]]:
    """What the run predicted for each customer, ascending, and the place of each customer's number."""
    table = run.customers().sort_by("customer_id")
    count = table.num_rows

    def column(name: str) -> Floats:
        return np.asarray(table[name].to_numpy(), dtype=np.float64)

    plausible = table["plausible"].to_numpy()
    columns = CustomerColumns(
        customer_id=table["customer_id"].to_numpy(),
        answered=np.asarray(table["answered"].to_numpy(zero_copy_only=False), dtype=bool),
        answer_chance=column("answer_chance"),
        **{kind: column(kind) for kind in KINDS},
        expected=column("expected"),
        contribution=np.zeros(count),
        residual=np.zeros(count),
        weight=np.where(np.isfinite(column("expected")), 1.0, np.nan),
        **{f"plausible_{kind}": (plausible & 2**at) > 0 for at, kind in enumerate(KINDS)},
    )
    predicted = np.isfinite(columns.expected)
    numbers = table["number"].to_pylist()
    return columns, {str(number): at for at, number in enumerate(numbers) if number is not None and predicted[at]}


def _repeated(place: NDArray[np.int64], matched: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Matched rows with a later matched row of the same customer."""
    rows = np.flatnonzero(matched)
    last = dict(zip(place[rows].tolist(), rows.tolist(), strict=True))
    repeated = matched.copy()
    repeated[list(last.values())] = False
    return repeated


def _known(held: AnswersHeld, columns: CustomerColumns, place: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Rows of customers whose answer of the run's window, or after it, is in the data: no test of a prediction."""
    asked, window = held.questions[0], held.window
    rows = asked.day >= np.datetime64(window.start) if asked.day is not None and window is not None else slice(None)
    answered = columns.answered | np.isin(columns.customer_id, asked.customer[rows])
    return np.where(place >= 0, answered[place], False)


def _refuse_other_scale(read: AnswerRows, scale: Scale, off_scale: int, filled: int) -> None:
    if filled and off_scale > 0.5 * filled:
        raise DataError(
            Message(
                gettext_noop("{off} of {filled} scores in column {column} are not between {low} and {high}."),
                {"off": off_scale, "filled": filled, "column": read.score_column, "low": scale.minimum,
                 "high": scale.maximum},
            ),
            Message(gettext_noop("Give the answers on the scale of the analysis, or name the right column.")),
        )  # fmt: skip


def _notes(read: AnswerRows, scale: Scale, known: int, usable: NDArray[np.bool_]) -> tuple[Message, ...]:
    notes = []
    if known:
        notes.append(
            Message(
                gettext_noop(
                    "{n} rows are of customers whose answer is in the data already: they were left out, because an "
                    "answer that was learned from tests nothing. Keep answers back before you import."
                ),
                {"n": known},
            )
        )
    top = float(read.score[usable].max()) if usable.any() else scale.maximum
    if top <= scale.minimum + 0.55 * (scale.maximum - scale.minimum):
        notes.append(
            Message(
                gettext_noop(
                    "The highest score in the file is {top}, the scale ends at {high}: is it another scale?"
                ),
                {"top": top, "high": scale.maximum},
            )
        )
    return tuple(notes)


def _headline(check: HeldBackCheck) -> Message:
    """Passed or not, in words."""
    values = {"n": check.answers, "gap": round(abs(check.gap.value), 1)}
    if check.passed:
        return Message(
            gettext_noop("Passed: for {n} answers kept back the prediction is right within chance."), values
        )
    if check.gap.value > 0:
        return Message(
            gettext_noop("Not passed: {n} answers kept back are lower than predicted, by {gap} on average."), values
        )
    return Message(
        gettext_noop("Not passed: {n} answers kept back are higher than predicted, by {gap} on average."), values
    )


def read_answers(
    file: Path,
    scale: Scale,
    customer_column: str | None = None,
    score_column: str | None = None,
    numbers: frozenset[str] = frozenset(),
) -> AnswerRows:
    """Customer numbers and scores of a file, columns found by their names and values unless named.

    Where some of the customers' `numbers` are known beforehand, the column that holds most of them is theirs.
    Raises DataError where the file cannot be read, has no such column or leaves open which ones are meant.
    """
    from harken.lake.staging.containers import find
    from harken.lake.staging.delimited import ROW, column_id
    from harken.lake.staging.profiling import profile_table
    from harken.lake.staging.tables import Staging
    from harken.lake.staging.values import filled_sql, score_sql
    from harken.listen.mapping.model import DEFAULT_BLANK
    from harken.listen.mapping.proposal.roles import choose_person

    with Staging() as staging:
        raws, _ = find([file], staging.unpacked)
        table = staging.stage(raws[0])[0]
        profile = profile_table(staging, table)
        customer = customer_column or _column_of(staging, table, numbers) or choose_person(profile)[0]
        score = score_column or _score_column([one for one in profile.columns if one.name != customer], scale)
        _refuse_unclear(file, table.columns, customer, score)
        number, answer = (
            filled_sql(column_id(table.columns.index(str(name))), DEFAULT_BLANK) for name in (customer, score)
        )
        parsed = score_sql(answer, (), profile.decimal)
        cells = staging.sql(f"SELECT {number}, {parsed} FROM {table.table} ORDER BY {ROW}").fetchall()
    return AnswerRows(
        str(customer),
        str(score),
        tuple(number or "" for number, _ in cells),
        np.array([np.nan if value is None else value for _, value in cells], dtype=np.float64),
    )


def _column_of(staging: Staging, table: StagedTable, numbers: frozenset[str]) -> str | None:
    """The column that holds most of the given customer numbers; None where none holds any."""
    from harken.lake.staging.delimited import column_id
    from harken.lake.staging.values import filled_sql
    from harken.listen.mapping.model import DEFAULT_BLANK

    found = {}
    for at, name in enumerate(table.columns):
        cell = filled_sql(column_id(at), DEFAULT_BLANK)
        held = {value for (value,) in staging.sql(f"SELECT DISTINCT {cell} FROM {table.table}").fetchall()}
        found[name] = len(numbers & held)
    best = max(found, key=lambda name: found[name], default=None)
    return best if best is not None and found[best] else None


def _score_column(columns: list[ColumnProfile], scale: Scale) -> str | None:
    """The one column whose name says that it is a score, else the one whose values do; None where that is open."""
    from harken.listen.mapping.proposal.scores import topic_of

    numbers = [column for column in columns if column.numeric and column.time_word is None]
    fitting = [column.name for column in numbers if _fits(column, scale)]
    named = [column.name for column in numbers if topic_of(column) is not None]
    both = [name for name in named if name in fitting]
    for found in (both, named, fitting):
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _fits(column: ColumnProfile, scale: Scale) -> bool:
    """True where most values lie on the scale, few different ones; a slip of the finger does not matter."""
    counts = [(float(value), count) for value, count in column.top if value.replace(".", "", 1).isdigit()]
    inside = sum(count for value, count in counts if scale.holds(value))
    return 2 <= column.distinct <= 30 and inside > 0.5 * sum(count for _, count in counts)


def _refuse_unclear(file: Path, columns: tuple[str, ...], customer: str | None, score: str | None) -> None:
    problems = []
    if customer not in columns:
        text = gettext_noop("no column is plainly the customer's number")
        problems.append(Problem(Message(text), file=file.name, column=customer))
    if score not in columns:
        text = gettext_noop("no single column is plainly the score, on the scale of the analysis")
        problems.append(Problem(Message(text), file=file.name, column=score))
    if problems:
        raise DataError(
            Message(gettext_noop("It is not clear which columns of {file} are meant."), {"file": file.name}),
            Message(gettext_noop("Name them; the file has: {columns}."), {"columns": ", ".join(columns)}),
            problems,
        )
