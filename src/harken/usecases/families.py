"""Names of driver families, for who shows results."""

from __future__ import annotations

from harken.unify.features.families import family_label
from harken.vocabulary.messages import Message


def label(family: str) -> Message:
    """What a driver family is called; one of the company's own keeps its name.

    >>> str(label("repeat_contact"))
    'Repeat contact'
    """
    return family_label(family)
