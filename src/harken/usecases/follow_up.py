"""Silent customers drawn by lot, and their answers: the list, who was on it, and what it settles."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from math import sqrt
from pathlib import Path

import numpy as np

from harken.learn.whole_base.follow_up import (
    FollowUp,
    FollowUpPlan,
    draw_by_lot,
    estimate_follow_up,
    plan_follow_up,
)
from harken.usecases.encoding import decode, encode
from harken.usecases.held_back import predicted, read_answers
from harken.usecases.runs import Run, utc, write_json
from harken.usecases.workspaces import Workspace
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.scales import Headline, Scale

FOLDER = "follow_up"
DRAWN_AT_MOST = 20_000
REACH_EXPECTED = 0.7
WISHED = {Headline.NET: (12.0, 8.0, 5.0), Headline.TOP_SHARE: (8.0, 5.0, 3.0)}
WISHED_OF_SCALE = (0.06, 0.04, 0.025)
"""Half-widths that plans are made for: points, per cent, shares of the scale."""
NAME = re.compile(r"[0-9a-f]{16}-\d{1,5}")


@dataclass(frozen=True, slots=True)
class FollowUpAnswers:
    """What came back of a list: `rows` in the `file`, of them `not_drawn` (left out), `off_scale` and `repeated`
    (the last score of a customer counts); `found` is what the answers say."""

    file: str
    received: datetime
    customer_column: str
    score_column: str
    rows: int
    not_drawn: int
    off_scale: int
    repeated: int
    found: FollowUp


@dataclass(frozen=True, slots=True)
class Draw:
    """A list of silent customers drawn by lot, kept so that who was drawn is known when the answers come.

    `numbers` in the order of drawing and what was `expected` of each, headline units, as the run `run_id` said;
    `silent_expected` the mean over all `silent` customers it was drawn from; `answered_value` the plain score of
    the `answers` others. `came` is None until answers come back.
    """

    id: str
    run_id: str
    seed: int
    drawn_at: datetime
    scale: Scale
    answered_value: float
    answers: int
    silent: int
    silent_expected: float
    numbers: tuple[str, ...]
    expected: tuple[float, ...]
    came: FollowUpAnswers | None = None


def plans(run: Run) -> tuple[FollowUpPlan, ...]:
    """How many silent customers to draw for three widths of the range, if seven of ten can be reached."""
    whole, held = predicted(run)
    scale = held.questions[0].scale
    total = whole.total
    if total.whole_base is None or total.whole_base.n_effective is None:
        return ()
    spread = whole.standard_error * sqrt(total.whole_base.n_effective)
    wished = WISHED.get(scale.headline) or tuple(
        round(share * (scale.maximum - scale.minimum), 2) for share in WISHED_OF_SCALE
    )
    silent = total.customers - total.answers
    return tuple(plan_follow_up(spread, silent, total.customers, width, REACH_EXPECTED) for width in wished)


def draw(workspace: Workspace, run: Run, count: int, *, now_us: int) -> Draw:
    """Draw `count` customers by lot from all who had not answered when the run was made, and keep the list.

    The same run and count give the same list, and a longer list begins with a shorter one. Raises DataError for a
    count below 1 or above 20,000, NotEnoughData where the run has no whole base.
    """
    if not 0 < count <= DRAWN_AT_MOST:
        raise DataError(
            Message(
                gettext_noop("A list holds 1 to {most} customers, not {count}."),
                {"most": DRAWN_AT_MOST, "count": count},
            )
        )
    whole, held = predicted(run)
    scale = held.questions[0].scale
    if whole.total.answered_only is None:
        raise NotEnoughData(Message(gettext_noop("There are no answers with a score.")))
    table = run.customers(["customer_id", "number", "answered", "expected"])
    expected = np.asarray(table["expected"].to_numpy(), dtype=np.float64)
    quiet = ~np.asarray(table["answered"].to_numpy(zero_copy_only=False), dtype=bool) & np.isfinite(expected)
    silent = np.flatnonzero(quiet)
    seed = run.info.seed ^ int(run.info.id, 16) >> 1
    chosen = silent[draw_by_lot(table["customer_id"].to_numpy()[silent], seed, count)]
    made = Draw(
        id=f"{run.info.id}-{len(chosen)}",
        run_id=run.info.id,
        seed=seed,
        drawn_at=utc(now_us),
        scale=scale,
        answered_value=whole.total.answered_only.value,
        answers=whole.total.answers,
        silent=len(silent),
        silent_expected=float(expected[silent].mean()),
        numbers=tuple(str(number or "") for number in table["number"].take(chosen).to_pylist()),
        expected=tuple(expected[chosen].tolist()),
    )
    kept = next((one for one in draws(workspace) if one.id == made.id), None)
    if kept is not None:
        return kept
    _write(workspace, made)
    return made


def draws(workspace: Workspace) -> tuple[Draw, ...]:
    """Every list that was drawn, the newest first."""
    found = [_read(path) for path in (workspace.root / FOLDER).glob("*.json")]
    return tuple(sorted(found, key=lambda one: (one.drawn_at, len(one.numbers)), reverse=True))


def call_list(workspace: Workspace, draw_id: str, run: Run | None) -> tuple[tuple[str, str], ...]:
    """The (number, name) rows of a list in the order of drawing; names as `run` knows them, "" without it.

    Raises DataError for a list that was never drawn.
    """
    path = workspace.root / FOLDER / f"{draw_id}.json"
    if not NAME.fullmatch(draw_id) or not path.exists():
        raise DataError(Message(gettext_noop("There is no list {id}."), {"id": draw_id[:40]}))
    wanted = _read(path).numbers
    names: dict[str, str] = {}
    if run is not None:
        table = run.customers(["number", "name"])
        on_list = set(wanted)
        pairs = zip(table["number"].to_pylist(), table["name"].to_pylist(), strict=True)
        names = {str(number): str(name or "") for number, name in pairs if str(number) in on_list}
    return tuple((number, names.get(number, "")) for number in wanted)


def take_answers(
    workspace: Workspace,
    file: Path,
    *,
    now_us: int,
    customer_column: str | None = None,
    score_column: str | None = None,
) -> Draw:
    """Read the list as it came back, with a score for everybody reached, and keep what it says.

    `file` is a CSV, Excel or Parquet file; it belongs to the shortest list that holds most of its customers.
    Customers of the list without a score, or without a row, count as not reached. Raises DataError where no list
    was drawn, the file cannot be read or knows none of its customers, NotEnoughData below 30 answers.
    """
    known = draws(workspace)
    if not known:
        raise DataError(
            Message(gettext_noop("No list was drawn yet.")),
            Message(
                gettext_noop("Draw the list first: only answers of customers drawn by lot speak for the silent.")
            ),
        )
    places = [_places(one.numbers) for one in known]
    read = read_answers(file, known[0].scale, customer_column, score_column, frozenset().union(*places))
    given = set(read.numbers) - {""}
    # of lists that hold equally many, the shortest: a longer one begins with it
    best = max(range(len(known)), key=lambda at: (len(given & places[at].keys()), -len(known[at].numbers)))
    drawn, place = known[best], places[best]
    score = np.full(len(drawn.numbers), np.nan)
    seen: set[int] = set()
    repeated = off_scale = 0
    for number, value in zip(read.numbers, read.score.tolist(), strict=True):
        if number not in place:
            continue
        repeated += place[number] in seen
        seen.add(place[number])
        if drawn.scale.holds(value):
            score[place[number]] = value
        else:
            off_scale += not np.isnan(value)
    if not seen:
        raise DataError(
            Message(
                gettext_noop("None of the customers in {file} is on a list that was drawn."), {"file": file.name}
            ),
            Message(
                gettext_noop("Give back the list as it was taken from here, with a score for each one reached.")
            ),
        )
    found = estimate_follow_up(
        drawn.answered_value,
        drawn.answers,
        drawn.silent,
        score,
        drawn.scale,
        expected=np.array(drawn.expected),
        silent_expected=drawn.silent_expected,
    )
    came = FollowUpAnswers(
        file=file.name,
        received=utc(now_us),
        customer_column=read.customer_column,
        score_column=read.score_column,
        rows=len(read.numbers),
        not_drawn=sum(number not in place for number in read.numbers if number),
        off_scale=off_scale,
        repeated=repeated,
        found=found,
    )
    told = replace(drawn, came=came)
    _write(workspace, told)
    return told


def _places(numbers: tuple[str, ...]) -> dict[str, int]:
    """Where each number stands on a list, also as spreadsheets give it back: without its leading zeros, or with
    the mark that keeps it from being read as a formula."""
    place = {number: at for at, number in enumerate(numbers)}
    bare = Counter(number.lstrip("0") for number in numbers)
    for at, number in enumerate(numbers):
        place.setdefault(f"'{number}", at)
        if bare[number.lstrip("0")] == 1:
            place.setdefault(number.lstrip("0"), at)
    place.pop("", None)
    return place


def _read(path: Path) -> Draw:
    found: Draw = decode(json.loads(path.read_text(encoding="utf-8")))
    return found


def _write(workspace: Workspace, drawn: Draw) -> None:
    folder = workspace.root / FOLDER
    folder.mkdir(exist_ok=True)
    draft = folder / f".{drawn.id}.draft"
    write_json(draft, encode(drawn))
    draft.rename(folder / f"{drawn.id}.json")
