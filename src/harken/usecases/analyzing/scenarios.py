"""The what-if part of a run: each judged lever's answers on a grid, on leaving and, where there is one, a score."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from harken.learn.drivers import AdjustedCurve, LeverEffects, adjusted_curves
from harken.learn.what_if import Scenarios, scenarios
from harken.unify.features.catalogue import FeatureTable
from harken.usecases.analyzing.context import Context
from harken.usecases.analyzing.retention import RetentionData
from harken.usecases.analyzing.scores import Scored
from harken.vocabulary.errors import HarkenError, NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

SCORE_ANSWERS_MIN = 400


def what_if_answers(
    context: Context,
    data: RetentionData,
    levers: LeverEffects | None,
    everyone: FeatureTable,
    value: NDArray[np.float64] | None,
    answered: Scored | None,
) -> Scenarios:
    """Answers on a grid of targets for every lever of the run; raises NotEnoughData where no lever was judged."""
    if levers is None:
        raise NotEnoughData(Message(gettext_noop("Without levers there is nothing to ask what if.")))
    on_score, reason = _on_score(context, levers, answered)
    return scenarios(
        levers,
        everyone,
        value=value,
        margin=context.plan.margin,
        horizon_days=data.source.choice.horizon_days,
        on_score=on_score,
        score_reason=reason,
    )


def _on_score(
    context: Context, levers: LeverEffects, answered: Scored | None
) -> tuple[Mapping[str, AdjustedCurve] | None, Message | None]:
    """How the score of those who answered runs along the same levers, or why that cannot be told."""
    if answered is None:
        return None, Message(gettext_noop("There are no answers with a score."))
    if len(answered.points) < SCORE_ANSWERS_MIN:
        text = gettext_noop("{n} customers with a score are too few to tell; {least} are needed.")
        return None, Message(text, {"n": len(answered.points), "least": SCORE_ANSWERS_MIN})
    columns = [lever.column for lever in levers.levers]
    try:
        return adjusted_curves(answered.table, answered.points, columns, seed=context.plan.seed), None
    except HarkenError as error:
        return None, error.what
