"""`harken evaluate`: a file of units, what was done to them and what came of it, evaluated by the honest way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.learn.impact import Evaluation, Given, evaluate, means, panel
from harken.usecases.evaluating.reading import Cells, read_cells
from harken.vocabulary.errors import DataError, Problem, SettingsError
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which columns mean what: names of columns of the file, None where there is none.

    `unit` is what was treated as a whole (a customer, a branch). One row a unit with `treated` (yes or no), or one
    row a unit and `period` with `treated_from`, the first period treated (blank or 0: never). `before` is the
    outcome before, `covariates` what else was known before. For callbacks, in days from the event: `left_days`,
    `called_days` (blank: never), `followed_days`.
    """

    unit: str | None = None
    outcome: str | None = None
    period: str | None = None
    treated_from: str | None = None
    treated: str | None = None
    before: str | None = None
    covariates: tuple[str, ...] = ()
    left_days: str | None = None
    called_days: str | None = None
    followed_days: str | None = None
    randomised: bool = False
    picked: bool = False
    lower_is_better: bool = False
    worthwhile: float = 0.0
    landmark_days: float = 14.0
    horizon_days: float = 90.0


@dataclass(frozen=True, slots=True)
class FileEvaluation:
    """An evaluation of a file: `rows` in it, `units` evaluated, `left_out` rows without an outcome."""

    file: str
    rows: int
    units: int
    left_out: int
    evaluation: Evaluation


def evaluate_file(file: Path, asked: Asked) -> FileEvaluation:
    """Reads the columns that are named and evaluates them.

    Raises SettingsError where too little is named, DataError where the file or a cell cannot be read or rows of one
    unit contradict each other.
    """
    _refuse_too_little(asked)
    names = (
        asked.unit, asked.outcome, asked.period, asked.treated_from, asked.treated, asked.before, asked.left_days,
        asked.called_days, asked.followed_days, *asked.covariates,
    )  # fmt: skip
    cells = read_cells(file, tuple(name for name in names if name is not None))
    if asked.called_days is not None:
        given, units, left_out = _callbacks(cells, asked)
    elif asked.period is not None:
        given, units, left_out = _panel(cells, asked)
    else:
        given, units, left_out = _one_row_each(cells, asked)
    return FileEvaluation(file.name, cells.rows, units, left_out, evaluate(given))


def _refuse_too_little(asked: Asked) -> None:
    if asked.called_days is not None:
        ready = asked.left_days is not None
    elif asked.period is not None:
        ready = None not in (asked.unit, asked.outcome, asked.treated_from)
    else:
        ready = None not in (asked.outcome, asked.treated)
    if not ready:
        raise SettingsError(
            Message(gettext_noop("Too little is named to evaluate.")),
            Message(
                gettext_noop(
                    "Name --outcome and --treated; or --unit, --outcome, --period and --treated-from; or "
                    "--left-days and --called-days."
                )
            ),
        )


def _settings(asked: Asked) -> Given:
    """What is said of the action in general."""
    return Given(
        randomised=asked.randomised,
        picked=asked.picked,
        higher_is_better=not asked.lower_is_better,
        worthwhile=asked.worthwhile,
        landmark_days=asked.landmark_days,
        horizon_days=asked.horizon_days,
    )


def _callbacks(cells: Cells, asked: Asked) -> tuple[Given, int, int]:
    def days(column: str | None) -> Floats | None:
        return None if column is None else np.where(np.isnan(found := cells.figures(column)), np.inf, found)

    covariates, names = _covariates(cells, asked, None)
    given = replace(
        _settings(asked),
        left_days=days(asked.left_days),
        called_days=days(asked.called_days),
        followed_days=days(asked.followed_days),
        covariates=covariates,
        names=names,
    )
    return given, cells.rows, 0


def _one_row_each(cells: Cells, asked: Asked) -> tuple[Given, int, int]:
    """One value a unit: the mean of its rows that have an outcome."""
    outcome, treated = cells.figures(str(asked.outcome)), cells.flags(str(asked.treated))
    kept = np.isfinite(outcome)
    units = cells.words(asked.unit) if asked.unit is not None else [str(at) for at in range(cells.rows)]
    place = np.unique(np.array(units)[kept], return_inverse=True)[1]
    share = means(place, treated[kept].astype(np.float64))
    _refuse_contradiction(cells, str(asked.treated), int(((share > 0) & (share < 1)).sum()))
    covariates, names = _covariates(cells, asked, kept)
    given = replace(
        _settings(asked),
        outcome=means(place, outcome[kept]),
        treated=share > 0,
        before=None if asked.before is None else _filled(means(place, cells.figures(asked.before)[kept])),
        covariates=None if covariates is None else np.column_stack([means(place, one) for one in covariates.T]),
        names=names,
    )
    return given, len(share), int((~kept).sum())


def _panel(cells: Cells, asked: Asked) -> tuple[Given, int, int]:
    """Units by periods, the mean where a unit has several rows in a period; a start for each unit."""
    outcome, moment = cells.figures(str(asked.outcome)), cells.moments(str(asked.period))
    start = cells.moments(str(asked.treated_from))
    start = np.where(np.isnan(start) | (start == 0), np.inf, start)
    made = panel(np.array(cells.words(str(asked.unit))), moment, outcome, start)
    _refuse_contradiction(cells, str(asked.treated_from), made.contradicting)
    given = replace(_settings(asked), outcome=made.outcome, started=made.started, periods=made.periods)
    return given, len(made.started), int((~np.isfinite(outcome) | ~np.isfinite(moment)).sum())


def _covariates(
    cells: Cells, asked: Asked, kept: NDArray[np.bool_] | None
) -> tuple[Floats | None, tuple[str, ...]]:
    if not asked.covariates:
        return None, ()
    found = [cells.covariate(name) for name in asked.covariates]
    rows = slice(None) if kept is None else kept
    return np.column_stack([values[rows] for values, _ in found]), tuple(
        name for _, names in found for name in names
    )


def _filled(values: Floats) -> Floats:
    """Unknown values at the mean of the known ones."""
    return np.where(np.isfinite(values), values, np.nanmean(values)) if np.isfinite(values).any() else values


def _refuse_contradiction(cells: Cells, column: str, units: int) -> None:
    if units:
        reason = Message(gettext_noop("rows of {n} units say different things here"), {"n": units})
        raise DataError(
            Message(gettext_noop("{file} cannot be evaluated."), {"file": cells.file}),
            Message(gettext_noop("Each unit was treated or not, and from one period on.")),
            [Problem(reason, cells.file, column=column)],
        )
