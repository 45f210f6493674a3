"""Whether those who answer resemble those who do not well enough to speak for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from harken.learn.whole_base.answering import CLIP, Answering
from harken.learn.whole_base.inputs import Base
from harken.learn.whole_base.result import Overlap
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]


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
