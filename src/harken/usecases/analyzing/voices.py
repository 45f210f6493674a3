"""A few customers' words: what those say with whom most is at stake."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from harken.lake.facts import DAY_US
from harken.lake.words import comments_of
from harken.usecases.analyzing.context import Context
from harken.usecases.analyzing.results import Voices
from harken.vocabulary.errors import NotEnoughData
from harken.vocabulary.messages import Message, gettext_noop

LOOKED_AT = 2_000
DAYS = 90
KEPT = 6
SCRIPTS = {"han": ("[\\x{4e00}-\\x{9fff}]", 10), "other": ("^[^\\x{4e00}-\\x{9fff}]*$", 24)}
"""How words in Chinese and in other scripts are told apart, and from how many characters on they say something."""


def voices(context: Context, customers: pa.Table) -> Voices:
    """Comments of the last 90 days by the customers at the head of `customers`, in Chinese and in other scripts.

    Raises NotEnoughData where nobody among them wrote anything.
    """
    ids = np.asarray(customers["customer_id"].slice(0, LOOKED_AT), dtype=np.int64)
    before_us = context.plan.as_of_us
    since_us = None if before_us is None else before_us - DAYS * DAY_US
    found = {
        name: comments_of(
            context.connection,
            ids,
            before_us=before_us,
            since_us=since_us,
            pattern=pattern,
            least=least,
            count=KEPT,
        )
        for name, (pattern, least) in SCRIPTS.items()
    }
    if not any(found.values()):
        raise NotEnoughData(
            Message(gettext_noop("None of the customers with most at stake wrote anything in the last 90 days.")),
            Message(gettext_noop("Map a comment column of your surveys or tickets.")),
        )
    return Voices(found["han"], found["other"], len(ids))
