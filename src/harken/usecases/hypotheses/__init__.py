"""What we believe about customers: written down, judged by each analysis, decided upon."""

from harken.usecases.hypotheses.claims import SIDES, Choice, ChoiceGroup, Claim, choices, said
from harken.usecases.hypotheses.needs import Need, Suggestion, needs, suggestions
from harken.usecases.hypotheses.register import (
    Hypothesis,
    Judged,
    believe,
    believed_of,
    cite,
    decide,
    forget_source,
    judge_register,
    one_hypothesis,
    register,
    rethink,
    retire,
)

__all__ = [
    "SIDES",
    "Choice",
    "ChoiceGroup",
    "Claim",
    "Hypothesis",
    "Judged",
    "Need",
    "Suggestion",
    "believe",
    "believed_of",
    "choices",
    "cite",
    "decide",
    "forget_source",
    "judge_register",
    "needs",
    "one_hypothesis",
    "register",
    "rethink",
    "retire",
    "said",
    "suggestions",
]
