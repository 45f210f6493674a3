"""Models, split by noun."""

from harken.records.models.account_changes import AccountChange
from harken.records.models.hand_overs import HandedCustomer, HandOver
from harken.records.models.hypotheses import Decision, DecisionGround, Hypothesis, OutsideSource, Verdict
from harken.records.models.sign_in import LoginToken, SignInFailures
from harken.records.models.sources import ScheduledSource, SourceReading
from harken.records.models.users import User

__all__ = [
    "AccountChange",
    "Decision",
    "DecisionGround",
    "HandOver",
    "HandedCustomer",
    "Hypothesis",
    "LoginToken",
    "OutsideSource",
    "ScheduledSource",
    "SignInFailures",
    "SourceReading",
    "User",
    "Verdict",
]
