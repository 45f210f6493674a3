"""Whether those who answer resemble those who do not well enough to speak for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from harken.learn.whole_base.answering import CLIP, Answering
from harken.learn.whole_base.inputs import Base
from harken.learn.whole_base.result import Overlap
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]

WITHOUT_LIKE_MOST = 0.5
"""Where more of the customers than this almost never answer, no interval can be trusted, so no score is told."""


def check_overlap(answering: Answering, answered: NDArray[np.bool_]) -> None:
    """Refuse to speak for customers who have hardly any like among those who answered.

    Their residuals would weigh over 100 times; held at that, the interval becomes far too narrow, since it sees
    only the model's agreement with itself. Raises NotEnoughData where more than half of them have a chance below
    1 in 100 and below a tenth of the average (where few answer at all, a small chance is no sign).
    """
    almost_never = answering.unclipped < min(CLIP, 0.1 * float(answered.mean()))
    if almost_never.mean() > WITHOUT_LIKE_MOST:
        raise NotEnoughData(
            Message(
                gettext_noop(
                    "{never} of {customers} customers had practically no chance to answer: the data all but tell "
                    "who does, so those who answered cannot speak for the others."
                ),
                {"never": int(almost_never.sum()), "customers": len(almost_never)},
            ),
            Message(gettext_noop("Ask customers of every kind, or a random few of those who were never asked.")),
        )


def overlap_of(base: Base, answering: Answering, weights: Floats) -> Overlap:
    """Diagnose the overlap; `weights` (answers,) are the inverse chances of answering, times the base weights."""
    rows, chance = base.answered, answering.unclipped
    clipped = chance < CLIP
    ranks = rankdata(chance)
    answers, silent_count = int(rows.sum()), int((~rows).sum())
    auc = float((ranks[rows].sum() - answers * (answers + 1) / 2) / (answers * silent_count))
    worth = float(weights.sum() ** 2 / (weights @ weights))
    largest = float(weights.max() / weights.sum())
    warnings = []
    if clipped.mean() > 0.01:
        warnings.append(
            Message(
                gettext_noop(
                    "{clipped} of {customers} customers almost never answer (less than 1 in 100); "
                    "for them the score rests on the model alone."
                ),
                {"clipped": int(clipped.sum()), "customers": len(rows)},
            )
        )
    if worth < 0.25 * answers:
        warnings.append(
            Message(
                gettext_noop(
                    "The {answers} answers are worth only {worth} evenly drawn ones, "
                    "because some groups answer so much less than others."
                ),
                {"answers": answers, "worth": round(worth)},
            )
        )
    return Overlap(
        clip=CLIP,
        clipped=int(clipped.sum()),
        clipped_answers=int((clipped & rows).sum()),
        smallest=float(chance.min()),
        median=float(np.median(chance)),
        largest=float(chance.max()),
        auc=auc,
        n_effective=worth,
        largest_weight_share=largest,
        warnings=tuple(warnings),
    )
