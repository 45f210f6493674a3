"""Did it work, and for whom: impact and uplift on a data frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from harken.frames.reading import Frame, reading
from harken.learn.impact import Evaluation, Given, panel
from harken.learn.impact import evaluate as choose_and_measure
from harken.learn.uplift import NotEstimable, Uplift, estimate_uplift
from harken.vocabulary.messages import gettext_noop


def evaluate(
    frame: Frame,
    outcome: str,
    *,
    treated: str | None = None,
    unit: str | None = None,
    period: str | None = None,
    treated_from: str | None = None,
    before: str | None = None,
    given: Sequence[str] = (),
    randomised: bool = False,
    picked: bool = False,
    higher_is_better: bool = True,
    worthwhile: float = 0.0,
    seed: int = 0,
) -> Evaluation:
    """Whether an action worked: chooses the honest way for what is there, says how it chose, or refuses.

    Either one row per unit with `treated` (and the outcome `before`, and what else was known, `given`), or one row
    per `unit` and `period` (both numbers) with `treated_from`, the first period treated, empty for never.
    `randomised` where a lot decided, `picked` where units were treated because they were worst. Only a lot makes an
    effect experimental. Raises DataError where columns are missing or contradict each other.

    >>> rng = np.random.default_rng(0)
    >>> treated = rng.random(600) < 0.5
    >>> base = {"score": rng.normal(size=600) + treated, "treated": treated}
    >>> evaluate(base, "score", treated="treated", randomised=True).advice.value
    'scale'
    >>> evaluate(base, "score", treated="treated").refused
    True
    """
    with reading(frame) as columns:
        y = columns.numbers(outcome)
        if treated is not None:
            covariates, names = columns.matrix(given)
            asked = Given(
                outcome=y,
                treated=columns.flags(treated),
                before=None if before is None else columns.numbers(before),
                covariates=covariates if names else None,
                names=names,
            )
        elif unit is not None and period is not None and treated_from is not None:
            start = columns.numbers(treated_from)
            started = np.where(np.isnan(start), np.inf, start)
            made = panel(columns.identities(unit), columns.numbers(period), y, started)
            if made.contradicting:
                text = gettext_noop("rows of {n} units say different things here")
                columns.problem(text, {"n": made.contradicting}, treated_from)
            asked = Given(outcome=made.outcome, started=made.started, periods=made.periods)
        else:
            columns.problem(gettext_noop("Name who was treated, or unit, period and from when on."), {})
            asked = Given()
    return choose_and_measure(
        replace(
            asked,
            randomised=randomised,
            picked=picked,
            higher_is_better=higher_is_better,
            worthwhile=worthwhile,
            seed=seed,
        )
    )


def uplift(
    frame: Frame,
    contacted: str,
    outcome: str,
    given: Sequence[str],
    *,
    randomised: bool,
    value: str | float = 1.0,
    cost: str | float = 0.0,
    seed: int = 0,
) -> Uplift | NotEstimable:
    """Who gains from being contacted, learned from contacts drawn by lot, or why that cannot be known.

    One row per customer: `contacted` true or false, `outcome` high where wanted, `given` what was known before.
    `randomised` says that a lot decided; it is tested. `value` of one unit of the outcome and `cost` of a contact
    are numbers or columns. Without a lot there is no estimate, only its reason.

    >>> rng = np.random.default_rng(1)
    >>> x, contacted = rng.normal(size=2000), rng.random(2000) < 0.5
    >>> stayed = rng.random(2000) < 0.5 + 0.4 * contacted * (x > 0)
    >>> base = {"x": x, "contacted": contacted, "stayed": stayed}
    >>> uplift(base, "contacted", "stayed", ["x"], randomised=True).told_apart
    True
    """
    with reading(frame) as columns:
        covariates, _ = columns.matrix(given)
        called, happened = columns.flags(contacted), columns.numbers(outcome)
        worth = columns.numbers(value) if isinstance(value, str) else value
        price = columns.numbers(cost) if isinstance(cost, str) else cost
    return estimate_uplift(covariates, called, happened, randomised=randomised, value=worth, cost=price, seed=seed)
